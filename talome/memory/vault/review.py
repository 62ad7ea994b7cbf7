"""What waits for a person: proposals, contradictions, near duplicates, and notes nobody confirmed for long."""

from typing import Final

import orjson

from talome.core.clock import from_ms, now_ms
from talome.core.errors import NotFound
from talome.core.operations import Caller
from talome.memory.vault.findings.store import FindingRow, FindingsStore
from talome.memory.vault.models import Decision, Finding, Review, Settled
from talome.memory.vault.service import Notes

_DAY_MS: Final = 86_400_000
_CONFIRMED_DAYS: Final = {
    "fact": 180, "preference": 365, "decision": 365, "lesson": 365, "correction": 365, "context": 30, "task": 30,
    "*": 180,
}  # fmt: skip
"""For how long a note of a kind is taken to be so."""
_NEVER: Final = ("event", "log", "observation", "reflection")
"""What happened stays so."""


class Reviews:
    def __init__(self, notes: Notes, findings: FindingsStore) -> None:
        self._notes = notes
        self._findings = findings

    async def waiting(self, caller: Caller, workspace: str | None, limit: int) -> Review:
        """The beginning of each list, and how much there is in all."""
        spaces, before = self._notes.spaces.readable(caller, workspace), _before()
        pending = await self._notes.reader.waiting(spaces, limit)
        stale = await self._notes.reader.stale(spaces, before, limit)
        found = [await self._shown(row) for row in await self._findings.open(spaces, limit)]
        totals = await self._notes.reader.totals(spaces, before)
        note = self._notes.showing.note
        return Review(
            pending=[note(row) for row in pending],
            findings=[finding for finding in found if finding is not None],
            stale=[note(row) for row in stale],
            pending_total=totals[0],
            findings_total=totals[1],
            stale_total=totals[2],
        )

    async def _shown(self, row: FindingRow) -> Finding | None:
        notes = await self._notes.many((row.note_id, row.other_id), (row.space,))
        if len(notes) < 2:
            return None
        return Finding(
            id=row.id,
            kind="conflict" if row.kind == "conflict" else "duplicate",
            reason=row.reason,
            found_at=from_ms(row.found_at),
            note=notes[row.note_id],
            other=notes[row.other_id],
        )

    async def settle(self, caller: Caller, finding_id: str, decision: Decision) -> Settled:
        """Keep one and put the other away, or keep both. What is put away is found where history is asked for."""
        author = self._notes.authors.of(caller)
        author.may_decide()
        async with self._findings.db.write() as tx:
            found = await self._findings.find(tx, finding_id)
            if found is None or found.space not in self._notes.spaces.all_of(caller):
                raise NotFound("There is nothing to decide under this id.")
            self._notes.spaces.check_writable(caller, found.space)
            await self._findings.settle(tx, found.id, decision, caller.user_id, now_ms())
            loser = {"keep_note": found.other_id, "keep_other": found.note_id}.get(decision)
            row = await self._notes.store.find(tx, loser) if loser else None
            if row is not None and row.deleted_at is None:
                winner = found.note_id if loser == found.other_id else found.other_id
                values = {"status": "superseded", "superseded_by": winner, "valid_to": row.valid_to or now_ms()}
                await self._notes.writing.change(tx, row, values, author, "superseded")
        return Settled(id=finding_id, decision=decision, archived=loser)


def _before() -> str:
    at = now_ms()
    days = {kind: at - days * _DAY_MS for kind, days in _CONFIRMED_DAYS.items()} | dict.fromkeys(_NEVER, 0)
    return orjson.dumps(days).decode()
