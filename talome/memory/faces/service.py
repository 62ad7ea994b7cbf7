"""What the other APIs ask, put to the vault."""

import time
from collections import deque
from typing import Any, Final

from talome import __version__
from talome.core.errors import Invalid
from talome.core.operations import Caller
from talome.memory.faces.models import (
    AiMemory,
    AiMemoryGone,
    Level,
    MemoryType,
    SpineContext,
    SpineDeleted,
    SpineMemory,
    SpinePart,
    SpineResult,
    SpineResults,
    SpineStats,
    SpineStored,
)
from talome.memory.packs.service import Packs
from talome.memory.vault.models import Note, NoteChange, NoteWish
from talome.memory.vault.service import SPINE, Listed, Vault, Wanted, level_of

IMPORTANCE: Final[dict[Level, float]] = {"low": 0.25, "medium": 0.5, "high": 0.75, "critical": 1.0}
_LEVELS: Final[dict[str, Level]] = {level: level for level in IMPORTANCE}
_TAKEN: Final = frozenset({"store", "search", "stats", "context"})
"""What the paths of this API mean something else by."""
_MEASURED: Final = 200


def _spine_id(note: Note) -> str:
    return note.external_id if note.external_source == SPINE and note.external_id else note.id


class Spine:
    """ChaozCode's memory."""

    def __init__(self, vault: Vault, packs: Packs) -> None:
        self._vault = vault
        self._packs = packs
        self._took_ms: deque[float] = deque(maxlen=_MEASURED)

    async def store(self, caller: Caller, memory_id: str, values: dict[str, Any]) -> SpineStored:
        """Under the id that the client chose; again with it, as a new version."""
        if memory_id in _TAKEN:
            raise Invalid(f"“{memory_id}” is a part of this API and cannot be an id.", field="id")
        wish = NoteWish(external_source=SPINE, external_id=memory_id, **_named(values))
        stored = await self._vault.store(caller, wish)
        return SpineStored(
            id=memory_id, vector_id=f"vec_{stored.id.removeprefix('mem_')}", created_at=stored.created_at
        )

    async def search(self, caller: Caller, query: str, limit: int, tags: list[str], min_score: float) -> SpineResults:
        started = time.perf_counter()
        wanted = Wanted(query, limit=limit, tags=frozenset(tags), min_score=min_score)
        found = await self._vault.search(caller, wanted)
        took = self._measured(started)
        results = [
            SpineResult(
                id=_spine_id(note), content=note.content, score=note.score, tags=note.tags, created_at=note.created_at
            )
            for note in found.data
        ]
        return SpineResults(results=results, total=found.total, took=took)

    async def get(self, caller: Caller, memory_id: str) -> SpineMemory:
        return _memory(await self._vault.named(caller, SPINE, memory_id))

    async def change(self, caller: Caller, memory_id: str, values: dict[str, Any]) -> SpineMemory:
        known = await self._vault.named(caller, SPINE, memory_id)
        return _memory(await self._vault.change(caller, known.id, NoteChange(**_named(values))))

    async def delete(self, caller: Caller, memory_id: str) -> SpineDeleted:
        known = await self._vault.named(caller, SPINE, memory_id)
        gone = await self._vault.forget(caller, known.id)
        return SpineDeleted(id=memory_id, recoverable_until=gone.purge_at)

    async def stats(self, caller: Caller) -> SpineStats:
        counts = await self._vault.counts(caller)
        average = sum(self._took_ms) / len(self._took_ms) if self._took_ms else 0.0
        return SpineStats(
            vector_count=counts.get("active", 0),
            storage_bytes=counts["bytes"],
            version=__version__,
            avg_response_ms=round(average, 1),
        )

    async def context(self, caller: Caller, query: str, max_tokens: int) -> SpineContext:
        started = time.perf_counter()
        made = await self._packs.context(caller, query, None, max_tokens=max_tokens)
        took = self._measured(started)
        parts = [SpinePart(id=item.id, content=item.content, score=item.score) for item in made.items]
        return SpineContext(context=made.context, tokens=made.tokens, memories=parts, pack_id=made.pack_id, took=took)

    def _measured(self, started: float) -> int:
        took_ms = (time.perf_counter() - started) * 1000
        self._took_ms.append(took_ms)
        return round(took_ms)


class AiMemories:
    """Talome's own memories of the assistant."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    async def list_(self, caller: Caller, limit: int) -> list[AiMemory]:
        """Those that are used and those that are not; no proposals."""
        found = await self._vault.list_(caller, Listed(limit=limit))
        return [_ai_memory(note) for note in found.data if note.status in ("active", "archived")]

    async def get(self, caller: Caller, memory_id: str) -> AiMemory:
        return _ai_memory(await self._vault.get(caller, memory_id))

    async def add(self, caller: Caller, kind: MemoryType, content: str) -> AiMemory:
        return _ai_memory(await self._vault.store(caller, NoteWish(content=content, kind=kind)))

    async def change(
        self, caller: Caller, memory_id: str, content: str | None, kind: MemoryType | None, *, enabled: bool | None
    ) -> AiMemory:
        status = None if enabled is None else "active" if enabled else "archived"
        values = {"content": content, "kind": kind, "status": status}
        return _ai_memory(await self._vault.change(caller, memory_id, NoteChange(**_named(values))))

    async def delete(self, caller: Caller, memory_id: str) -> AiMemoryGone:
        gone = await self._vault.forget(caller, memory_id)
        return AiMemoryGone(id=gone.id)


def _named(values: dict[str, Any]) -> dict[str, Any]:
    """What was told, with a level as the number that it stands for."""
    told = {name: value for name, value in values.items() if value is not None}
    if "importance" in told:
        level: Level = told["importance"]
        told["importance"] = IMPORTANCE[level]
    return told


def _memory(note: Note) -> SpineMemory:
    return SpineMemory(
        id=_spine_id(note),
        content=note.content,
        tags=note.tags,
        importance=_LEVELS[level_of(note.importance)],
        metadata=note.metadata,
        status=note.status,
        version=note.version,
        created_at=note.created_at,
        updated_at=note.updated_at,
    )


def _ai_memory(note: Note) -> AiMemory:
    return AiMemory(
        id=note.id,
        type=note.kind,
        content=note.content,
        enabled=note.status == "active",
        source=note.origin,
        confidence=note.confidence,
        use_count=note.use_count,
        created_at=note.created_at,
        updated_at=note.updated_at,
    )
