"""Context packs: gather, choose, write down, and learn from what was helpful."""

import asyncio
import hashlib
import time
from collections.abc import Collection, Mapping
from typing import Any, Final

import orjson

from talome.core.clock import from_ms, now_ms
from talome.core.db import Transaction
from talome.core.errors import Invalid, NotFound
from talome.core.ids import new_id
from talome.core.operations import Caller
from talome.memory.index.models import Change
from talome.memory.packs.choosing import Choice, choose
from talome.memory.packs.gathering import Asked, Gathering
from talome.memory.packs.lines import Line
from talome.memory.packs.models import (
    Context,
    ContextItem,
    ContextPack,
    Dropped,
    FeedbackTaken,
    Included,
    PackRecord,
    SectionName,
    Telemetry,
)
from talome.memory.packs.showing import TITLES, Written, cited, packed_memories, packed_sources, written
from talome.memory.packs.store import PackRow, PacksStore
from talome.memory.packs.tokens import count_tokens
from talome.memory.text import check_text
from talome.memory.vault.service import Notes

__all__ = ["Asked", "Packs"]
_SHARES: Final[Mapping[SectionName, float]] = {"pinned": 0.15, "memories": 0.45, "sources": 0.3, "related": 0.1}
_KEPT_DAYS: Final = 90
_DAY_MS: Final = 86_400_000
_FORGET_AT_ONCE: Final = 20
_MOST_DROPPED: Final = 100
_ROOM_FOR_HEADS: Final = 150
"""Below so many tokens a pack has no head line."""


class Packs:
    def __init__(self, store: PacksStore, gathering: Gathering, notes: Notes) -> None:
        self._store = store
        self._gathering = gathering
        self._notes = notes

    async def pack(
        self,
        caller: Caller,
        query: str,
        workspace: str | None = None,
        *,
        max_tokens: int = 2000,
        include_sources: bool = True,
        metadata: Mapping[str, Any] | None = None,
        min_score: float = 0.0,
    ) -> ContextPack:
        """What the memory has to say to this, in at most so many tokens."""
        started = time.perf_counter()
        check_text(query, "query", 8000)
        mission, task = _mission(metadata or {})
        spaces = self._notes.spaces.readable(caller, workspace)
        asked = Asked(query, spaces, max_tokens, include_sources, mission, task, min_score)
        gathered = await self._gathering.gather(asked)
        found = [line.id for lines in gathered.lines.values() for line in lines if line.kind in ("memory", "source")]
        closeness = await self._notes.index.closeness(found)
        choice = await asyncio.to_thread(_chosen, asked, gathered.lines, closeness)
        text = written(choice.taken, _shares(max_tokens), with_head=max_tokens >= _ROOM_FOR_HEADS)
        took_ms = round((time.perf_counter() - started) * 1000, 2)
        telemetry = Telemetry(
            took_ms=took_ms,
            candidates=gathered.candidates,
            included=[_included(line) for line in choice.taken],
            dropped=choice.dropped[:_MOST_DROPPED],
        )
        return await self._kept(caller, asked, workspace, text, telemetry)

    async def _kept(
        self, caller: Caller, asked: Asked, workspace: str | None, text: Written, telemetry: Telemetry
    ) -> ContextPack:
        lines = text.lines
        row = _row(caller, asked, workspace, text, telemetry)
        async with self._store.db.write() as tx:
            await self._store.add(tx, row)
            await self._notes.used(tx, [line.id for line in lines if line.kind == "memory"])
            await self._store.forget(tx, now_ms() - _KEPT_DAYS * _DAY_MS, _FORGET_AT_ONCE)
        return ContextPack(
            id=row.id,
            workspace_id=workspace,
            max_tokens=asked.max_tokens,
            tokens=text.tokens,
            text=text.text,
            sections=text.sections,
            memories=packed_memories(lines),
            sources=packed_sources(lines),
            entities=[line.entity for line in lines if line.entity is not None],
            links=[line.link for line in lines if line.link is not None],
            events=[line.event for line in lines if line.event is not None],
            citations=cited(lines),
            telemetry=telemetry,
            created_at=from_ms(row.created_at),
        )

    async def context(
        self, caller: Caller, query: str, workspace: str | None, *, max_tokens: int, include_sources: bool = True
    ) -> Context:
        """The plain form."""
        pack = await self.pack(caller, query, workspace, max_tokens=max_tokens, include_sources=include_sources)
        items = [ContextItem(id=one.id, kind="memory", content=one.content, score=one.score) for one in pack.memories]
        items += [
            ContextItem(id=one.chunk_ids[0], kind="source", content=one.text, score=one.score) for one in pack.sources
        ]
        return Context(context=pack.text, tokens=pack.tokens, pack_id=pack.id, items=items, citations=pack.citations)

    async def get(self, caller: Caller, pack_id: str) -> PackRecord:
        row = await self._store.get(pack_id, caller.user_id)
        if row is None or (caller.workspace is not None and row.key_id != caller.key_id):
            raise NotFound("Context pack not found.")
        return PackRecord(
            id=row.id,
            workspace_id=row.workspace,
            mission_id=row.mission_id,
            task_id=row.task_id,
            max_tokens=row.max_tokens,
            tokens=row.tokens,
            took_ms=row.took_ms,
            candidates=row.candidates,
            included=[Included(**item) for item in orjson.loads(row.included)],
            dropped=[Dropped(**item) for item in orjson.loads(row.dropped)],
            created_at=from_ms(row.created_at),
        )

    async def rate(
        self, caller: Caller, pack_id: str, helpful: Collection[str], unhelpful: Collection[str]
    ) -> FeedbackTaken:
        async with self._store.db.write() as tx:
            return await self.put_feedback(tx, caller, pack_id, helpful, unhelpful)

    async def put_feedback(
        self, tx: Transaction, caller: Caller, pack_id: str, helpful: Collection[str], unhelpful: Collection[str]
    ) -> FeedbackTaken:
        """What of a pack helped and what did not; said again, it replaces what the same person said before."""
        if set(helpful) & set(unhelpful):
            raise Invalid("An item is either helpful or unhelpful.", field="unhelpful")
        row = await self._store.find(tx, pack_id, caller.user_id)
        if row is None or (caller.workspace is not None and row.key_id != caller.key_id):
            raise NotFound("Context pack not found.")
        kinds = {item["id"]: item["kind"] for item in orjson.loads(row.included)}
        unknown = [item for item in (*helpful, *unhelpful) if item not in kinds]
        said = [(item, 1) for item in dict.fromkeys(helpful)] + [(item, 0) for item in dict.fromkeys(unhelpful)]
        rated = [(item, value) for item, value in said if item in kinds]
        for item, value in rated:
            await self._rate(tx, (pack_id, item, caller.user_id), kinds[item], value)
        return FeedbackTaken(pack_id=pack_id, rated=len(rated), unknown=unknown)

    async def _rate(self, tx: Transaction, said: tuple[str, str, str], kind: str, value: int) -> None:
        before = await self._store.rated(tx, *said)
        if before == value:
            return
        await self._store.rate(tx, said, value, now_ms())
        helpful = value - (before or 0)
        unhelpful = (1 - value) - (1 - before if before is not None else 0)
        if kind == "memory":
            await self._notes.rate(tx, said[1], helpful, unhelpful)
        elif kind == "source":
            counts = await self._store.rate_chunk(tx, said[1], helpful, unhelpful)
            await self._notes.index.change(tx, said[1], Change(helpful=counts[0], unhelpful=counts[1]))

    async def end_with(self, tx: Transaction, ids: Collection[str]) -> None:
        """Notes are gone for good."""
        await self._store.unname(tx, ids)


def _chosen(
    asked: Asked, lines: Mapping[SectionName, list[Line]], closeness: Mapping[tuple[str, str], float]
) -> Choice:
    heads = {name: count_tokens(f"\n## {title}\n") + 2 for name, title in TITLES.items()}
    choice = Choice(asked.max_tokens, heads, closeness)
    if asked.max_tokens < _ROOM_FOR_HEADS:
        choice.heads = dict.fromkeys(heads, 0)
    else:
        choice.spent = Written.head_tokens()
    shares = _shares(asked.max_tokens)
    if not asked.include_sources:
        shares = {**shares, "memories": shares["memories"] + shares["sources"], "sources": 0}
    return choose(choice, lines, shares)


def _shares(max_tokens: int) -> dict[SectionName, int]:
    return {name: int(max_tokens * share) for name, share in _SHARES.items()}


def _included(line: Line) -> Included:
    return Included(
        id=line.id,
        kind=line.kind,
        section=line.section,
        score=round(line.score, 4),
        tokens=line.tokens,
        reason=line.reason,
    )


def _mission(metadata: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """The names that the seed gives to missions and tasks; only texts count."""
    mission = metadata.get("mission_id") or metadata.get("tokaroo_mission_uuid")
    task = metadata.get("gwen_task_id") or metadata.get("task_id")
    return (
        mission[:200] if isinstance(mission, str) else None,
        task[:200] if isinstance(task, str) else None,
    )


def _row(caller: Caller, asked: Asked, workspace: str | None, text: Written, telemetry: Telemetry) -> PackRow:
    """Without the words that the question and a note have in common."""
    why = {line.id: ", ".join(part.partition(":")[0] for part in line.hit.why) for line in text.lines if line.hit}
    included = [{**item.model_dump(), "reason": why.get(item.id) or "told"} for item in telemetry.included]
    return PackRow(
        id=new_id("pack"),
        user_id=caller.user_id,
        key_id=caller.key_id,
        workspace=workspace,
        query_hash=hashlib.sha256(asked.query.encode()).hexdigest()[:32],
        mission_id=asked.mission,
        task_id=asked.task,
        max_tokens=asked.max_tokens,
        tokens=text.tokens,
        took_ms=telemetry.took_ms,
        candidates=telemetry.candidates,
        included=orjson.dumps(included).decode(),
        dropped=orjson.dumps([item.model_dump() for item in telemetry.dropped]).decode(),
        created_at=now_ms(),
    )
