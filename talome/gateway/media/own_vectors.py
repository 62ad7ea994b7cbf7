"""Embeddings by a model of this machine, in OpenAI's shape.

They take the processor of the whole house, so one request after the other gets a turn, in slices, and whoever leaves
ends his after the slice that runs.
"""

import asyncio
import base64
from collections.abc import Sequence
from typing import Any, Final

from talome.core.errors import Invalid, TooMany
from talome.engines.embeddings.local import local_model
from talome.engines.embeddings.models import LocalModel, Vectors
from talome.gateway.inference.models import Json

_PREFIX: Final = "talome/"
_MOST_CHARACTERS: Final = 200_000
_MOST_OF_A_SWIFT_ONE: Final = 2_000_000
_SLICE: Final = 16
_SLICE_OF_A_SWIFT_ONE: Final = 256
_MOST_WAITING: Final = 16


def asked_for(model: Any) -> LocalModel | None:
    """The model of this machine that has this name."""
    return local_model(model.removeprefix(_PREFIX)) if isinstance(model, str) else None


class OwnVectors:
    def __init__(self) -> None:
        self._turn = asyncio.Lock()
        self._waiting = 0

    async def embed(self, model: LocalModel, body: Json) -> tuple[list[list[float] | str], int]:
        """A vector for each input and how many tokens they have; the body was checked."""
        texts = _texts(model, body)
        size = _size(model, body)
        if self._waiting >= _MOST_WAITING:
            raise TooMany("The model of this machine has much to do. Try again in a moment.", retry_after_s=5)
        self._waiting += 1
        try:
            async with self._turn:
                return await _in_slices(model, texts, size, packed=body.get("encoding_format") == "base64")
        finally:
            self._waiting -= 1


def _texts(model: LocalModel, body: Json) -> list[str]:
    given = body["input"]
    texts = given if isinstance(given, list) else [given]
    if not all(isinstance(text, str) for text in texts):
        raise Invalid("The model of this machine embeds texts, not lists of tokens.", field="input")
    most = _MOST_OF_A_SWIFT_ONE if model.swift else _MOST_CHARACTERS
    if sum(map(len, texts)) > most:
        raise Invalid(f"“{model.name}” on this machine takes at most {most} characters at a time.", field="input")
    return [text.encode("utf-8", "replace").decode() for text in texts]


def _size(model: LocalModel, body: Json) -> int:
    size = int(body.get("dimensions") or model.dimensions)
    if size > model.dimensions or (size < model.dimensions and not model.shortens):
        raise Invalid(
            f"“{model.name}” makes vectors of {'up to ' if model.shortens else ''}{model.dimensions} numbers.",
            field="dimensions",
        )
    return size


async def _in_slices(
    model: LocalModel, texts: Sequence[str], size: int, *, packed: bool
) -> tuple[list[list[float] | str], int]:
    step = _SLICE_OF_A_SWIFT_ONE if model.swift else _SLICE
    made, tokens = list[list[float] | str](), 0
    for begin in range(0, len(texts), step):
        vectors, counted = await asyncio.to_thread(_embed, model, texts[begin : begin + step], size)
        tokens += counted
        made += [base64.b64encode(row.tobytes()).decode() if packed else row.tolist() for row in vectors]
    return made, tokens


def _embed(model: LocalModel, texts: Sequence[str], size: int) -> tuple[Vectors, int]:
    """The first numbers of a vector, brought back to length one."""
    import numpy as np

    vectors: Vectors = model.embed(texts)[:, :size]
    vectors = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    return vectors.astype("<f4"), model.count_tokens(texts)
