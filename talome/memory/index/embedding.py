"""Which model makes the vectors, and the vectors of texts by it."""

import asyncio
from collections.abc import Sequence
from typing import Final

from talome.core.errors import TalomeError
from talome.core.settings.service import Setting, Settings
from talome.engines.embeddings.local import NAMES, default_model, local_model
from talome.engines.embeddings.models import LocalModel, Vectors
from talome.memory.index.models import RemoteEmbedder
from talome.memory.index.store import ModelRow, Vector

EMBEDDER: Final = "memory.embedder"
MODEL: Final = "memory.embedding_model"
SETTINGS: Final = (
    Setting(
        key=EMBEDDER,
        kind="choice",
        default="auto",
        title="How the memory compares meanings",
        help="“auto” takes the cheapest model that is installed; “none” compares words only; “gateway” asks the "
        "embedding model of an endpoint in this house. After a change everything is read once more, and the old model "
        "answers until then.",
        feature="memory",
        choices=("auto", "none", *NAMES, "gateway"),
        people_only=True,
    ),
    Setting(
        key=MODEL,
        kind="text",
        default="",
        title="Embedding model of the gateway",
        help="Which one “gateway” means, by its name. Empty: any of an endpoint in this house.",
        feature="memory",
        maximum=200,
        people_only=True,
    ),
)
REMOTE: Final = "gateway:"
LONGEST_TEXT: Final = 8000
"""Characters of an item that count for its meaning; all of it counts for its words."""


class Embedding:
    """The models of this machine, and the one elsewhere if the household wants it."""

    def __init__(self, settings: Settings, remote: RemoteEmbedder | None) -> None:
        self._settings = settings
        self._remote = remote

    async def wanted(self) -> tuple[str, int] | None:
        """Name and dimensions of the model that was chosen; None for words alone, and where it is not there."""
        chosen = self._settings.get(EMBEDDER)
        if chosen == "gateway":
            return await self._wanted_remote()
        model = default_model() if chosen == "auto" else local_model(str(chosen))
        return (model.name, model.dimensions) if model else None

    @property
    def _model(self) -> str:
        return str(self._settings.get(MODEL)).strip()

    @property
    def elsewhere(self) -> bool:
        """Whether a model of the gateway was chosen, which may come and go."""
        return self._settings.get(EMBEDDER) == "gateway"

    async def _wanted_remote(self) -> tuple[str, int] | None:
        name = await self._remote.name(self._model) if self._remote else None
        vectors = await self._remote.embed(self._model, ["dimensions"]) if self._remote and name else None
        return (f"{REMOTE}{name}", len(vectors[0])) if vectors and name else None

    async def vectors(self, row: ModelRow, texts: Sequence[str]) -> list[Vector] | None:
        """As they are kept; None where the model is not there."""
        if not row.name.startswith(REMOTE):
            model = local_model(row.name)
            return await asyncio.to_thread(embedded, model, row, texts) if model else None
        found = await self._from_remote(row, texts)
        return await asyncio.to_thread(_packed_lists, row, found) if found else None

    async def of_query(self, row: ModelRow | None, text: str) -> Sequence[float] | None:
        """By a model elsewhere; None for those of this machine, which are asked where the search runs."""
        if row is None or not row.name.startswith(REMOTE):
            return None
        found = await self._from_remote(row, [text])
        return found[0] if found else None

    async def _from_remote(self, row: ModelRow, texts: Sequence[str]) -> list[Sequence[float]] | None:
        """Only from the very model that made the others."""
        try:
            if self._remote is None or f"{REMOTE}{await self._remote.name(self._model)}" != row.name:
                return None
            found = await self._remote.embed(self._model, [text[:LONGEST_TEXT] for text in texts])
        except TalomeError:
            return None
        fits = found is not None and len(found) == len(texts) and all(len(one) == row.dimensions for one in found)
        return found if fits else None


def at_once(row: ModelRow | None) -> LocalModel | None:
    """The model, where it is so quick that a text is embedded while it is written."""
    model = local_model(row.name) if row else None
    return model if model is not None and model.swift else None


def embed_here(row: ModelRow, text: str) -> Vectors | None:
    """A query by a model of this machine, in the thread of the search."""
    model = local_model(row.name)
    if model is None:
        return None
    vector: Vectors = model.embed([text[:LONGEST_TEXT]])[0]
    return vector if vector.any() else None


def embedded(model: LocalModel, row: ModelRow, texts: Sequence[str]) -> list[Vector]:
    from talome.memory.index.vectors import packed

    vectors = model.embed([text[:LONGEST_TEXT] for text in texts])
    return [Vector(row.number, scale, codes) for scale, codes in packed(vectors)]


def _packed_lists(row: ModelRow, found: Sequence[Sequence[float]]) -> list[Vector]:
    import numpy as np

    from talome.memory.index.vectors import packed

    table = np.array(found, np.float32)
    table = np.where(np.isfinite(table), table, 0)
    table /= np.maximum(np.linalg.norm(table, axis=1, keepdims=True), 1e-9)
    return [Vector(row.number, scale, codes) for scale, codes in packed(table)]
