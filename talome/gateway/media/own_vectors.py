"""Embeddings by a model of this machine, in OpenAI's shape."""

import asyncio
import base64
from collections.abc import Sequence
from typing import Any

from talome.core.errors import Invalid
from talome.engines.embeddings.local import local_model
from talome.engines.embeddings.models import LocalModel, Vectors
from talome.gateway.inference.models import Json

_PREFIX = "talome/"


def asked_for(model: Any) -> LocalModel | None:
    """The model of this machine that has this name."""
    return local_model(model.removeprefix(_PREFIX)) if isinstance(model, str) else None


async def embed(model: LocalModel, body: Json) -> tuple[list[list[float] | str], int]:
    """A vector for each input and how many tokens they have; the body was checked."""
    given = body["input"]
    texts = given if isinstance(given, list) else [given]
    if not all(isinstance(text, str) for text in texts):
        raise Invalid("The model of this machine embeds texts, not lists of tokens.", field="input")
    size = body.get("dimensions") or model.dimensions
    if size > model.dimensions or (size < model.dimensions and not model.shortens):
        raise Invalid(
            f"“{model.name}” makes vectors of {'up to ' if model.shortens else ''}{model.dimensions} numbers.",
            field="dimensions",
        )
    cleaned = [text.encode("utf-8", "replace").decode() for text in texts]
    vectors, tokens = await asyncio.to_thread(_embed, model, cleaned, size)
    packed = body.get("encoding_format") == "base64"
    return [base64.b64encode(row.tobytes()).decode() if packed else row.tolist() for row in vectors], tokens


def _embed(model: LocalModel, texts: Sequence[str], size: int) -> tuple[Vectors, int]:
    """The first numbers of a vector, brought back to length one."""
    import numpy as np

    vectors: Vectors = model.embed(texts)[:, :size]
    vectors = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    return vectors.astype("<f4"), model.count_tokens(texts)
