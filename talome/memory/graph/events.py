"""Events: what happened, in a few sentences each."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from talome.core import ids
from talome.core.clock import now_ms, to_ms
from talome.core.db import Transaction
from talome.core.errors import Invalid, NotFound
from talome.core.operations import Caller
from talome.memory.graph.common import checked, identity, kept_map, place, shown
from talome.memory.graph.models import LONGEST_SUMMARY_BYTES, EventList, EventWish, Gone, MemoryEvent
from talome.memory.graph.store import EventRow, EventsStore
from talome.memory.vault.service import Author, Notes

_TOLD = ("summary", "outcome", "actor_ref", "mission_id", "task_id", "metadata", "external_source", "external_id")


class MemoryEvents:
    def __init__(self, store: EventsStore, notes: Notes) -> None:
        self._store = store
        self._notes = notes

    async def store(self, caller: Caller, wish: EventWish) -> MemoryEvent:
        async with self._store.db.write() as tx:
            return await self.put(tx, caller, wish)

    async def put(self, tx: Transaction, caller: Caller, wish: EventWish, workspace: str | None = None) -> MemoryEvent:
        """Record it; with an identity it is recorded once, whoever tells of it again."""
        author = self._notes.authors.of(caller)
        space = self._notes.spaces.home(caller, wish.workspace_id or workspace)
        told: dict[str, Any] = {name: value for name in _TOLD if (value := getattr(wish, name)) is not None}
        checked(told, author, secrets_allowed=wish.allow_secrets, longest=LONGEST_SUMMARY_BYTES)
        row = _row(wish, space, author)
        if row.external_source is not None and row.external_id is not None:
            known = await self._store.with_identity(tx, space, row.external_source, row.external_id)
            if known is not None:
                at = known.occurred_at if wish.occurred_at is None else row.occurred_at
                row = replace(row, id=known.id, created_at=known.created_at, occurred_at=at)
        await self._store.put(tx, row)
        return self._shown(row)

    async def list_(
        self,
        caller: Caller,
        workspace: str | None,
        *,
        kind: str | None,
        mission: str | None,
        since: datetime | None,
        cursor: str | None,
        limit: int,
    ) -> EventList:
        spaces = self._notes.spaces.readable(caller, workspace)
        span = (to_ms(since) if since else 0, *place(cursor))
        rows = await self._store.page(spaces, kind, mission, span, limit + 1)
        data, more = rows[:limit], len(rows) > limit
        following = f"{data[-1].occurred_at}~{data[-1].id}" if more else None
        return EventList(data=[self._shown(row) for row in data], has_more=more, next=following)

    async def latest(self, spaces: frozenset[str], mission: str | None, limit: int) -> list[MemoryEvent]:
        """What happened last, of a mission where one is named."""
        return [self._shown(row) for row in await self._store.page(spaces, None, mission, (0, 2**62, ""), limit)]

    async def delete(self, caller: Caller, event_id: str) -> Gone:
        async with self._store.db.write() as tx:
            row = await self._store.find(tx, event_id)
            if row is None or row.space not in self._notes.spaces.all_of(caller):
                raise NotFound("Event not found.")
            self._notes.spaces.check_writable(caller, row.space)
            await self._store.delete(tx, event_id)
        return Gone(id=event_id)

    def _shown(self, row: EventRow) -> MemoryEvent:
        name = self._notes.spaces.name_of(row.space)
        return MemoryEvent(**shown(row, name, ("occurred_at", "created_at"), ("metadata",)))


def _row(wish: EventWish, space: str, author: Author) -> EventRow:
    named = identity(wish.external_source, wish.external_id)
    if wish.occurred_at is not None and wish.occurred_at.tzinfo is None:
        raise Invalid("“occurred_at” needs a time zone, such as the Z in 2026-01-30T12:00:00Z.", field="occurred_at")
    return EventRow(
        id=ids.new_id("mev"),
        space=space,
        type=wish.type,
        summary=wish.summary,
        outcome=wish.outcome,
        actor_ref=wish.actor_ref,
        mission_id=wish.mission_id,
        task_id=wish.task_id,
        metadata=kept_map(wish.metadata),
        external_source=named[0] if named else None,
        external_id=named[1] if named else None,
        origin=author.origin,
        author=author.user_id,
        occurred_at=to_ms(wish.occurred_at) if wish.occurred_at else now_ms(),
        created_at=now_ms(),
    )
