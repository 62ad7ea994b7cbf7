"""The vault as callers and as other features know it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

import orjson

from talome.core.clock import now_ms, to_ms
from talome.core.db import Transaction
from talome.core.errors import Conflict, Invalid, NotFound
from talome.core.operations import Caller
from talome.memory.index.models import Change, Query
from talome.memory.index.service import Index
from talome.memory.spaces import Spaces
from talome.memory.text import check_text
from talome.memory.vault.authors import Author, Authors
from talome.memory.vault.drafts import Draft, changes, draft
from talome.memory.vault.models import (
    Forgotten,
    ForgottenList,
    Note,
    NoteChange,
    NoteList,
    NoteSearch,
    NoteWish,
    Origin,
    ScoredNote,
    Status,
    StoredNote,
    Verdicts,
)
from talome.memory.vault.showing import Showing, gone
from talome.memory.vault.store import NoteFilter, NoteRow, NotesReader
from talome.memory.vault.writing import SPINE, Outcome, Writing, level_of

__all__ = ["MOST_FOUND", "SPINE", "Author", "Listed", "Notes", "Vault", "Wanted", "level_of"]
MOST_FOUND: Final = 100
_CLOSE: Final = 0.85
"""The cosine of what means nearly the same: of turns of conversations, one of fifty has another so close."""
_MOST_CLOSE: Final = 4
_DEEPER: Final = 4
"""How many times more is looked for where what was found is filtered afterwards."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for. None and empty: whatever it is."""

    query: str
    workspace: str | None = None
    limit: int = 10
    kinds: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()
    since: datetime | None = None
    min_score: float = 0.0
    include_history: bool = False


@dataclass(frozen=True, slots=True)
class Listed:
    """Which notes to list."""

    workspace: str | None = None
    status: Status | None = None
    kind: str | None = None
    tag: str | None = None
    origin: Origin | None = None
    external_source: str | None = None
    cursor: str | None = None
    limit: int = 50


class OfNotes(Protocol):
    """A feature that keeps something of notes: told when they end, or when they are back."""

    async def __call__(self, tx: Transaction, ids: Collection[str]) -> None: ...


class Likened(Protocol):
    """Told of a note that is nearly the same as others."""

    async def __call__(self, tx: Transaction, space: str, note: StoredNote) -> None: ...


class Notes:
    """The notes for the features beside the vault, in their transactions."""

    def __init__(self, writing: Writing, authors: Authors, spaces: Spaces, index: Index) -> None:
        self.writing = writing
        self.authors = authors
        self.spaces = spaces
        self.index = index
        self.showing = Showing(spaces)
        self.store = writing.store
        self.reader = NotesReader(writing.store.db)
        self.ends: list[OfNotes] = []
        self.returns: list[OfNotes] = []
        self.likens: list[Likened] = []

    def prepare(self, caller: Caller, wish: NoteWish, workspace: str | None = None) -> Draft:
        """A note that may be kept; raises where it may not. `workspace` is used where the wish names none."""
        space = self.spaces.home(caller, wish.workspace_id or workspace)
        return draft(wish, space, self.authors.of(caller, wish.origin))

    async def close_to(self, prepared: Draft) -> list[str]:
        """What is kept already and means nearly the same; asked before a transaction, which it would hold up."""
        row = prepared.row
        found = await self.index.similar(row.space, row.title, row.content, least=_CLOSE, limit=_MOST_CLOSE)
        return [note_id for note_id, _ in found]

    async def put(self, tx: Transaction, prepared: Draft, close: Collection[str] = ()) -> StoredNote:
        stored = self.showing.stored(await self.writing.put(tx, prepared, close))
        for told in self.likens if stored.similar else ():
            await told(tx, prepared.row.space, stored)
        return stored

    async def many(self, ids: Iterable[str], spaces: Iterable[str]) -> dict[str, Note]:
        """Those of these that are not forgotten and lie in the spaces."""
        return {key: self.showing.note(row) for key, row in (await self.reader.many(ids, spaces)).items()}

    async def live(self, ids: Iterable[str], spaces: Iterable[str]) -> dict[str, Note]:
        """The same, without what waits and what is over."""
        found, at = await self.reader.many(ids, spaces), now_ms()
        return {key: self.showing.note(row) for key, row in found.items() if _is_live(row, at)}

    async def pinned(self, spaces: Iterable[str], limit: int) -> list[Note]:
        """What belongs into every pack."""
        at = now_ms()
        return [self.showing.note(row) for row in await self.reader.pinned(spaces, limit) if _is_live(row, at)]

    async def space_of(self, tx: Transaction, note_id: str, spaces: Collection[str]) -> str | None:
        """Where a note is that is not forgotten; None where there is none in the spaces."""
        row = await self.store.find(tx, note_id)
        return row.space if row and row.deleted_at is None and row.space in spaces else None

    async def by_identity(self, tx: Transaction, space: str, source: str, external_id: str) -> str | None:
        row = await self.store.with_identity(tx, space, source, external_id)
        return row.id if row else None

    async def writable(self, tx: Transaction, caller: Caller, note_id: str, *, forgotten: bool = False) -> NoteRow:
        """A note that the caller may change; `NotFound` also for what is somebody else's or forgotten."""
        row = await self.store.find(tx, note_id)
        if row is None or row.space not in self.spaces.all_of(caller) or (row.deleted_at is not None and not forgotten):
            raise NotFound("Note not found.")
        self.spaces.check_writable(caller, row.space)
        return row

    async def add_entity(self, tx: Transaction, note_id: str, entity_id: str) -> None:
        """A link ties it to an entity; the search knows."""
        await self._set_entities(tx, note_id, add=entity_id)

    async def drop_entity(self, tx: Transaction, note_id: str, entity_id: str) -> None:
        await self._set_entities(tx, note_id, drop=entity_id)

    async def _set_entities(self, tx: Transaction, note_id: str, *, add: str = "", drop: str = "") -> None:
        row = await self.store.find(tx, note_id)
        if row is None:
            return
        old = orjson.loads(row.entities)
        new = [one for one in old if one != drop] + ([add] if add and add not in old else [])
        if new == old:
            return
        row.entities = orjson.dumps(new).decode()
        await self.store.replace(tx, row)
        if row.deleted_at is None:
            await self.writing.place(tx, row)

    async def tell_return(self, tx: Transaction, note_id: str) -> None:
        """It is in the search again, which forgot what it is linked to."""
        for told in self.returns:
            await told(tx, [note_id])

    async def used(self, tx: Transaction, ids: Iterable[str]) -> None:
        """They were given to somebody as context."""
        await self.store.used(tx, ids, now_ms())

    async def rate(self, tx: Transaction, note_id: str, helpful: int, unhelpful: int) -> None:
        """Add to what people and agents found of it; taken back with a number below zero."""
        row = await self.store.rate(tx, note_id, helpful, unhelpful)
        if row is not None and row.deleted_at is None:
            await self.index.change(tx, note_id, Change(helpful=row.helpful, unhelpful=row.unhelpful))


class Vault:
    """The notes for callers."""

    def __init__(self, notes: Notes) -> None:
        self._notes = notes
        self._store = notes.store
        self._reader = notes.reader
        self._writing = notes.writing
        self._spaces = notes.spaces
        self._showing = notes.showing

    async def store(self, caller: Caller, wish: NoteWish) -> StoredNote:
        prepared = self._notes.prepare(caller, wish)
        close = await self._notes.close_to(prepared)
        async with self._store.db.write() as tx:
            return await self._notes.put(tx, prepared, close)

    async def change(self, caller: Caller, note_id: str, change: NoteChange) -> StoredNote:
        author = self._notes.authors.of(caller)
        values = changes(change, author)
        async with self._store.db.write() as tx:
            row = await self._writable(tx, caller, note_id)
            if change.version is not None and change.version != row.version:
                raise Conflict(
                    f"Somebody changed this note: it has version {row.version} now. Look at it and try again.",
                    field="version",
                )
            different = {name: value for name, value in values.items() if getattr(row, name) != value}
            if not different:
                return self._showing.stored(Outcome(row, deduped=True))
            outcome = await self._writing.edit(tx, row, different, author)
        return self._showing.stored(outcome)

    async def get(self, caller: Caller, note_id: str) -> Note:
        row = await self._reader.get(note_id, self._spaces.all_of(caller))
        if row is None:
            raise NotFound("Note not found.")
        return self._showing.note(row)

    async def named(self, caller: Caller, source: str, external_id: str) -> Note:
        """By the id that its source gave it, or by Talome's own."""
        spaces = self._spaces.all_of(caller)
        row = await self._reader.by_identity(spaces, source, external_id) or await self._reader.get(external_id, spaces)
        if row is None:
            raise NotFound("Note not found.")
        return self._showing.note(row)

    async def list_(self, caller: Caller, wanted: Listed) -> NoteList:
        chosen = NoteFilter(
            self._spaces.readable(caller, wanted.workspace),
            wanted.status,
            wanted.kind,
            wanted.tag,
            wanted.origin,
            wanted.external_source,
            _place(wanted.cursor),
            wanted.limit + 1,
        )
        rows = await self._reader.page(chosen)
        shown, more = rows[: wanted.limit], len(rows) > wanted.limit
        cursor = f"{shown[-1].updated_at}~{shown[-1].id}" if more else None
        return NoteList(data=[self._showing.note(row) for row in shown], has_more=more, next=cursor)

    async def search(self, caller: Caller, wanted: Wanted) -> NoteSearch:
        """What answers, the best first. What is forgotten, waits or is over is not found."""
        check_text(wanted.query, "query", 8000)
        spaces = self._spaces.readable(caller, wanted.workspace)
        deeper = _DEEPER if wanted.kinds or wanted.include_history else 1
        query = Query(
            spaces,
            wanted.query,
            limit=min(wanted.limit * deeper, MOST_FOUND * _DEEPER),
            kinds=frozenset({"note"}),
            tags=wanted.tags,
            since_ms=to_ms(wanted.since) if wanted.since else None,
            min_score=wanted.min_score,
            include_inactive=wanted.include_history,
        )
        found = await self._notes.index.find(query)
        rows = await self._reader.many((hit.id for hit in found.hits), spaces)
        data: list[ScoredNote] = []
        for hit in found.hits:
            row = rows.get(hit.id)
            if row is not None and _fits(row, wanted):
                data.append(self._showing.scored(row, hit))
        shown = data[: wanted.limit]
        return NoteSearch(data=shown, total=max(found.total, len(shown)), took_ms=round(found.took_ms, 2))

    async def forget(self, caller: Caller, note_id: str) -> Forgotten:
        author = self._notes.authors.of(caller)
        async with self._store.db.write() as tx:
            row = await self._writing.forget(tx, await self._writable(tx, caller, note_id), author)
        return gone(row)

    async def restore(self, caller: Caller, note_id: str) -> Note:
        author = self._notes.authors.of(caller)
        author.may_decide()
        async with self._store.db.write() as tx:
            row = await self._notes.writable(tx, caller, note_id, forgotten=True)
            if row.deleted_at is None:
                return self._showing.note(row)
            row = await self._writing.restore(tx, row, author)
            await self._notes.tell_return(tx, row.id)
        return self._showing.note(row)

    async def forgotten(self, caller: Caller, workspace: str | None, limit: int) -> ForgottenList:
        rows = await self._reader.forgotten(self._spaces.readable(caller, workspace), limit)
        return ForgottenList(data=[self._showing.forgotten(row) for row in rows])

    async def decide(self, caller: Caller, ids: list[str], *, approve: bool) -> Verdicts:
        """Approve or reject proposals; what was decided already stays as it is."""
        author = self._notes.authors.of(caller)
        author.may_decide()
        done, missing = [], []
        async with self._store.db.write() as tx:
            for note_id in dict.fromkeys(ids):
                try:
                    row = await self._writable(tx, caller, note_id)
                except NotFound:
                    missing.append(note_id)
                    continue
                await self._decide(tx, row, author, approve=approve)
                done.append(note_id)
        return Verdicts(done=done, not_found=missing)

    async def _decide(self, tx: Transaction, row: NoteRow, author: Author, *, approve: bool) -> None:
        if approve and row.status in ("pending", "rejected"):
            await self._writing.decide(tx, row, "active", author)
            await self._notes.tell_return(tx, row.id)
        elif not approve and row.status == "pending":
            await self._writing.decide(tx, row, "rejected", author)
        elif not approve and row.status != "rejected":
            raise Conflict("Only what waits for approval can be rejected. Forget the note instead.")

    async def decide_one(self, caller: Caller, note_id: str, *, approve: bool) -> Note:
        verdict = await self.decide(caller, [note_id], approve=approve)
        if verdict.not_found:
            raise NotFound("Note not found.")
        return await self.get(caller, note_id)

    async def verify(self, caller: Caller, note_id: str) -> Note:
        """Somebody looked at it, and it is still so."""
        author = self._notes.authors.of(caller)
        author.may_decide()
        async with self._store.db.write() as tx:
            row = await self._writable(tx, caller, note_id)
            await self._store.verified(tx, row, now_ms(), (author.user_id, author.kind, author.key_id))
        return await self.get(caller, note_id)

    async def counts(self, caller: Caller) -> dict[str, int]:
        """How many notes the caller may read, by their status, and `bytes` of text."""
        return await self._reader.counts(self._spaces.all_of(caller))

    async def _writable(self, tx: Transaction, caller: Caller, note_id: str) -> NoteRow:
        return await self._notes.writable(tx, caller, note_id)


def _fits(row: NoteRow, wanted: Wanted) -> bool:
    if wanted.kinds and row.kind not in wanted.kinds:
        return False
    if wanted.include_history:
        return row.status in ("active", "superseded", "archived")
    return _is_live(row, now_ms())


def _is_live(row: NoteRow, at: int) -> bool:
    return row.status == "active" and (row.valid_to is None or row.valid_to > at)


def _place(cursor: str | None) -> tuple[int, str] | None:
    if cursor is None:
        return None
    at, _, last = cursor.partition("~")
    if not at.isascii() or not at.isdigit() or len(at) > 15 or not last:
        raise Invalid("This “cursor” is not from a list of notes.", field="cursor")
    return int(at), last
