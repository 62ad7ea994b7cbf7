"""All SQL of what was found about two notes."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from talome.core.db import Database, Transaction
from talome.memory.vault.store import packed

_SPACES: Final = "space IN (SELECT value FROM json_each(:spaces))"


@dataclass(frozen=True, slots=True)
class FindingRow:
    """Two notes that a person should look at."""

    id: str
    space: str
    kind: str
    reason: str
    note_id: str
    other_id: str
    found_at: int


class FindingsStore:
    """Open findings, and which pairs were decided."""

    def __init__(self, db: Database) -> None:
        self.db = db

    async def add(self, tx: Transaction, row: FindingRow) -> None:
        """Once for the two, whichever came first, and not again when it was decided."""
        await tx.execute(
            "INSERT INTO note_findings (id, space, kind, reason, note_id, other_id, state, found_at) "
            "SELECT ?, ?, ?, ?, ?, ?, 'open', ? WHERE NOT EXISTS "
            "(SELECT 1 FROM note_findings WHERE note_id = ? AND other_id = ?) ON CONFLICT DO NOTHING",
            (
                *(row.id, row.space, row.kind, row.reason, row.note_id, row.other_id, row.found_at),
                *(row.other_id, row.note_id),
            ),
        )

    async def close(self, tx: Transaction, note_ids: Iterable[str]) -> None:
        """What it was about is over."""
        await tx.execute(
            "DELETE FROM note_findings WHERE state = 'open' AND (note_id IN (SELECT value FROM json_each(:ids)) "
            "OR other_id IN (SELECT value FROM json_each(:ids)))",
            {"ids": packed(note_ids)},
        )

    async def open(self, spaces: Iterable[str], limit: int) -> list[FindingRow]:
        """Contradictions first, then the oldest."""
        rows = await self.db.fetch_all(
            "SELECT id, space, kind, reason, note_id, other_id, found_at FROM note_findings "  # noqa: S608 - constants only
            f"WHERE {_SPACES} AND state = 'open' ORDER BY kind, found_at, id LIMIT :limit",
            {"spaces": packed(spaces), "limit": limit},
        )
        return [FindingRow(*row) for row in rows]

    async def find(self, tx: Transaction, finding_id: str) -> FindingRow | None:
        row = await tx.fetch_one(
            "SELECT id, space, kind, reason, note_id, other_id, found_at FROM note_findings "
            "WHERE id = ? AND state = 'open'",
            (finding_id,),
        )
        return FindingRow(*row) if row else None

    async def settle(self, tx: Transaction, finding_id: str, decision: str, by: str, at: int) -> None:
        await tx.execute(
            "UPDATE note_findings SET state = 'settled', decision = ?, settled_by = ?, settled_at = ? WHERE id = ?",
            (decision, by, at, finding_id),
        )
