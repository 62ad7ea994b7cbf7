"""Every change of a note, in somebody's transaction: the head with its version and log, its place in the index, the
news of it, what it replaces and what it contradicts."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import orjson

from talome.core import ids
from talome.core.clock import now_ms
from talome.core.db import Transaction
from talome.core.errors import Conflict
from talome.memory.index.models import Item
from talome.memory.index.service import Index
from talome.memory.text import unique
from talome.memory.vault.authors import Author
from talome.memory.vault.drafts import Draft, changed
from talome.memory.vault.findings.store import FindingRow, FindingsStore
from talome.memory.vault.models import KEPT_DAYS, MOST_TAGS, News
from talome.memory.vault.shapes import Likeness, Shape, likeness, likeness_of_close, reason_of, shape_of
from talome.memory.vault.store import Neighbour, NoteRow, VaultStore

SPINE: Final = "chaozcode"
"""The source of the notes whose id their client chose: the news of them name them by it."""
_SEARCHED: Final = frozenset({"active", "pending", "superseded", "archived"})
_HAPPENS: Final = frozenset({"event", "log", "observation", "task"})
"""Kinds that tell what happened: two of them with different numbers are two things that happened."""
_MOST_NEIGHBOURS: Final = 8
_ALIKE: Final = "They say or mean nearly the same."
_DAY_MS: Final = 86_400_000


@dataclass(slots=True)
class Outcome:
    """What became of a wish."""

    row: NoteRow
    created: bool = False
    deduped: bool = False
    superseded: list[str] = field(default_factory=list)
    similar: list[str] = field(default_factory=list)
    conflicts: list[str] = field(default_factory=list)


class Writing:
    def __init__(self, store: VaultStore, findings: FindingsStore, index: Index, news: News) -> None:
        self.store = store
        self._findings = findings
        self._index = index
        self._news = news

    async def put(self, tx: Transaction, draft: Draft, close: Collection[str] = ()) -> Outcome:
        """Keep it: as a change of the note of this identity, as the same text again, or as a new one. `close` are ids
        of notes that mean nearly the same."""
        row = draft.row
        if row.external_id is not None and row.external_source is not None:
            known = await self.store.with_identity(tx, row.space, row.external_source, row.external_id)
            if known is not None:
                return await self._again(tx, known, draft)
        else:
            same = await self.store.with_hash(tx, row.space, row.content_hash)
            if same is not None and (same.status != "rejected" or not draft.author.trusted):
                return await self._same(tx, same, draft)
        outcome = Outcome(row, created=True)
        same = await self._compare(tx, outcome, draft.shape)
        if same is not None:
            return await self._same(tx, same, draft)
        await self._compare_close(tx, outcome, draft.shape, close)
        await self._wait_for_claim(tx, outcome)
        await self.store.insert(tx, outcome.row)
        await self.place(tx, outcome.row)
        await self._after(tx, outcome, draft.author)
        await self._found(tx, outcome, draft.shape)
        await self._tell(tx, outcome.row, "memory.stored")
        return outcome

    async def _again(self, tx: Transaction, known: NoteRow, draft: Draft) -> Outcome:
        values = {name: value for name, value in draft.given.items() if getattr(known, name) != value}
        if known.status == "rejected" and draft.author.trusted:
            values["status"] = draft.row.status
        if not values:
            return Outcome(known, deduped=True)
        return await self.edit(tx, known, values, draft.author)

    async def _same(self, tx: Transaction, same: NoteRow, draft: Draft) -> Outcome:
        """The same text again adds its tags, and what a person says approves what an agent proposed."""
        values: dict[str, Any] = {}
        tags = unique([*orjson.loads(same.tags), *orjson.loads(draft.row.tags)])[:MOST_TAGS]
        if tags != orjson.loads(same.tags):
            values["tags"] = orjson.dumps(tags).decode()
        if draft.row.importance > same.importance:
            values["importance"] = draft.row.importance
        if same.status == "pending" and draft.row.status == "active":
            values |= {"status": "active", "trusted": int(draft.author.trusted)}
        if draft.row.claim_key is not None and same.claim_key is None:
            values["claim_key"] = draft.row.claim_key
        if not values or (same.trusted and not draft.author.trusted):
            return Outcome(same, deduped=True)
        outcome = Outcome(await self.change(tx, same, values, draft.author, "repeated"), deduped=True)
        outcome.superseded = await self._supersede(tx, outcome.row, draft.author)
        return outcome

    async def change(
        self, tx: Transaction, row: NoteRow, values: dict[str, Any], author: Author, action: str = "changed"
    ) -> NoteRow:
        """A new head with these columns. What somebody untrusted says anew is looked at anew."""
        author.may_change(row)
        says_more = any(name in values for name in ("title", "content", "claim_key"))
        claims = "claim_key" in values and not author.trusted
        if (claims or (author.waits and says_more)) and row.status == "active":
            values = {**values, "status": "pending"}
        elif author.waits and values.get("status") == "active" and row.status != "active":
            values = {**values, "status": row.status}
        if author.trusted and says_more and not row.trusted and author.kind == "user":
            values = {**values, "trusted": 1}
        new = changed(row, values, author, action)
        await self._check_identity(tx, row, new)
        await self.store.replace(tx, new)
        await self.place(tx, new)
        if says_more:
            await self._findings.close(tx, [new.id])
        await self._tell(tx, new, "memory.updated")
        return new

    async def edit(
        self, tx: Transaction, row: NoteRow, values: dict[str, Any], author: Author, action: str = "changed"
    ) -> Outcome:
        """The same, with what follows from what it says now."""
        outcome = Outcome(await self.change(tx, row, values, author, action))
        shape = shape_of(outcome.row.title, outcome.row.content)
        if outcome.row.content_hash != row.content_hash:
            await self._compare(tx, outcome, shape)
        await self._after(tx, outcome, author)
        await self._found(tx, outcome, shape)
        return outcome

    async def _check_identity(self, tx: Transaction, old: NoteRow, new: NoteRow) -> None:
        if new.external_id is None or new.external_source is None or new.deleted_at is not None:
            return
        same = (old.external_source, old.external_id) == (new.external_source, new.external_id)
        if same and old.deleted_at is None:
            return
        if await self.store.with_identity(tx, new.space, new.external_source, new.external_id) is not None:
            raise Conflict(
                f"Another note is “{new.external_id}” of “{new.external_source}” already. Forget or change that first.",
                field="external_id",
            )

    async def decide(self, tx: Transaction, row: NoteRow, status: str, author: Author) -> Outcome:
        """Approve or reject what was proposed. An approved note counts as trusted."""
        approved = status == "active"
        values = {"status": status} | ({"trusted": 1, "verified_at": now_ms()} if approved else {})
        outcome = Outcome(await self.change(tx, row, values, author, "approved" if approved else "rejected"))
        outcome.superseded = await self._supersede(tx, outcome.row, author)
        if not approved:
            await self._findings.close(tx, [row.id])
        return outcome

    async def forget(self, tx: Transaction, row: NoteRow, author: Author) -> NoteRow:
        """It is out of everything when the transaction is written; for 30 days it can be had back."""
        author.may_change(row)
        at = now_ms()
        values = {
            "status": "deleted",
            "status_before": row.status,
            "deleted_at": at,
            "purge_at": at + KEPT_DAYS * _DAY_MS,
        }
        new = changed(row, values, author, "forgotten")
        await self.store.replace(tx, new)
        await self._index.remove(tx, [row.id])
        await self._findings.close(tx, [row.id])
        await self._tell(tx, new, "memory.deleted")
        return new

    async def restore(self, tx: Transaction, row: NoteRow, author: Author) -> NoteRow:
        """As it was, unless another value of the same claim came in between: then as what was before that."""
        values: dict[str, Any] = {"status": row.status_before, "status_before": None, "deleted_at": None}
        new = changed(row, values | {"purge_at": None}, author, "restored")
        await self._check_identity(tx, row, new)
        if new.status == "active" and new.claim_key is not None:
            newer = await self.store.with_claim(tx, new.space, new.claim_key, new.id)
            if newer:
                new = replace(new, status="superseded", superseded_by=newer[0].id)
        await self.store.replace(tx, new)
        await self.place(tx, new)
        await self._tell(tx, new, "memory.updated")
        return new

    async def expire(self, tx: Transaction, row: NoteRow) -> None:
        """Its time is over: it is history from now on."""
        house = Author("", "Talome", "automation", None, "tool", waits=False)
        new = changed(row, {"status": "superseded"}, house, "expired")
        await self.store.replace(tx, new)
        await self.place(tx, new)

    async def place(self, tx: Transaction, row: NoteRow) -> None:
        """Put it where the index has it, or take it out."""
        if row.status not in _SEARCHED:
            await self._index.remove(tx, [row.id])
            return
        await self._index.put(tx, [_item(row)])

    async def _compare(self, tx: Transaction, outcome: Outcome, shape: Shape) -> NoteRow | None:
        """Fill in what it is like and what it contradicts; returns a note that a new one is the same as."""
        row = outcome.row
        if not shape.words:
            return None
        for one in await self.store.neighbours(tx, row.space, row.bands, row.id, _MOST_NEIGHBOURS):
            kind = likeness(shape, shape_of(one.title, one.content))
            if kind == "same" and outcome.created and row.external_id is None and one.kind == row.kind:
                same = await self.store.find(tx, one.id)
                if same is not None and row.claim_key in (None, same.claim_key):
                    return same
            _add(outcome, one, "duplicate" if kind == "same" else kind)
        return None

    async def _compare_close(self, tx: Transaction, outcome: Outcome, shape: Shape, close: Collection[str]) -> None:
        """The same for what is alike by its meaning, which may have other words."""
        more = [one for one in close if one not in outcome.similar and one not in outcome.conflicts]
        for one in await self.store.several(tx, outcome.row.space, more) if more else ():
            if _comparable(outcome.row, one.kind, one.external_source):
                _add(outcome, one, likeness_of_close(shape, shape_of(one.title, one.content)))

    async def _wait_for_claim(self, tx: Transaction, outcome: Outcome) -> None:
        """Nobody untrusted takes the place of what somebody trusted keeps."""
        row = outcome.row
        if row.claim_key is None or row.status != "active" or row.trusted:
            return
        held = [one.id for one in await self.store.with_claim(tx, row.space, row.claim_key, row.id) if one.trusted]
        if held:
            outcome.row = replace(row, status="pending")
            outcome.conflicts = unique([*outcome.conflicts, *held])

    async def _after(self, tx: Transaction, outcome: Outcome, author: Author) -> None:
        outcome.superseded = await self._supersede(tx, outcome.row, author)
        outcome.conflicts = [one for one in outcome.conflicts if one not in outcome.superseded]
        outcome.similar = [one for one in outcome.similar if one not in outcome.superseded]

    async def _supersede(self, tx: Transaction, row: NoteRow, author: Author) -> list[str]:
        """What said something else of the same claim is over; it is kept, and found where history is asked for."""
        if row.claim_key is None or row.status != "active":
            return []
        older = await self.store.with_claim(tx, row.space, row.claim_key, row.id)
        for other in older:
            values = {"status": "superseded", "superseded_by": row.id, "valid_to": other.valid_to or now_ms()}
            new = changed(other, values, author, "superseded")
            await self.store.replace(tx, new)
            await self.place(tx, new)
            await self._findings.close(tx, [other.id])
            await self._tell(tx, new, "memory.updated")
        return [other.id for other in older]

    async def _found(self, tx: Transaction, outcome: Outcome, shape: Shape) -> None:
        """Put contradictions and near duplicates before a person."""
        row, at = outcome.row, now_ms()
        pairs = [("conflict", other) for other in outcome.conflicts] + [("duplicate", one) for one in outcome.similar]
        for kind, other in pairs:
            reason = _ALIKE if kind == "duplicate" else await self._reason(tx, shape, other)
            finding = FindingRow(ids.new_id("fnd"), row.space, kind, reason, row.id, other, at)
            await self._findings.add(tx, finding)

    async def _reason(self, tx: Transaction, shape: Shape, other: str) -> str:
        found = await self.store.find(tx, other)
        return reason_of(shape, shape_of(found.title, found.content)) if found else ""

    async def _tell(self, tx: Transaction, row: NoteRow, event: Any) -> None:
        named = row.external_id if row.external_source == SPINE else None
        data = {
            "memoryId": named or row.id,
            "noteId": row.id,
            "kind": row.kind,
            "status": row.status,
            "version": row.version,
            "tags": orjson.loads(row.tags),
            "importance": level_of(row.importance),
        }
        await self._news.add(tx, row.space, event, data)


def level_of(importance: float) -> str:
    """In one of four words."""
    words = ((0.9, "critical"), (0.7, "high"), (0.4, "medium"))
    return next((word for least, word in words if importance >= least), "low")


def _add(outcome: Outcome, one: Neighbour, kind: Likeness | None) -> None:
    if kind == "duplicate":
        outcome.similar.append(one.id)
    elif kind == "conflict" and _comparable(outcome.row, one.kind, one.external_source):
        outcome.conflicts.append(one.id)


def _comparable(row: NoteRow, kind: str, external_source: str | None) -> bool:
    """Records of one source are its own business, and so is what happens again and again."""
    same_source = row.external_source is not None and row.external_source == external_source
    return kind == row.kind and kind not in _HAPPENS and not same_source


def _item(row: NoteRow) -> Item:
    over = row.valid_to is not None and row.valid_to <= now_ms()
    entities: Sequence[str] = orjson.loads(row.entities)
    return Item(
        row.id,
        "note",
        row.space,
        row.content,
        title=row.title,
        tags=orjson.loads(row.tags),
        entities=entities,
        created_at_ms=row.valid_from or row.created_at,
        importance=row.importance,
        confidence=row.confidence,
        helpful=row.helpful,
        unhelpful=row.unhelpful,
        active=row.status == "active" and not over,
    )
