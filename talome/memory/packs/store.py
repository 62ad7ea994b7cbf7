"""All SQL of the packs."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Final

import orjson

from talome.core.db import Database, Transaction


@dataclass(frozen=True, slots=True)
class PackRow:
    id: str
    user_id: str
    key_id: str | None
    workspace: str | None
    query_hash: str
    mission_id: str | None
    task_id: str | None
    max_tokens: int
    tokens: int
    took_ms: float
    candidates: int
    included: str
    dropped: str
    created_at: int


_COLUMNS: Final = ", ".join(field.name for field in fields(PackRow))
_VALUES: Final = attrgetter(*(field.name for field in fields(PackRow)))
_MARKS: Final = ", ".join("?" * len(fields(PackRow)))
_INSERT: Final = f"INSERT INTO packs ({_COLUMNS}) VALUES ({_MARKS})"  # noqa: S608 - constants only
_SELECT: Final = f"SELECT {_COLUMNS} FROM packs"  # noqa: S608 - constants only


class PacksStore:
    def __init__(self, db: Database) -> None:
        self.db = db

    async def add(self, tx: Transaction, row: PackRow) -> None:
        await tx.execute(_INSERT, _VALUES(row))

    async def get(self, pack_id: str, user_id: str) -> PackRow | None:
        row = await self.db.fetch_one(_SELECT + " WHERE id = ? AND user_id = ?", (pack_id, user_id))
        return PackRow(*row) if row else None

    async def find(self, tx: Transaction, pack_id: str, user_id: str) -> PackRow | None:
        row = await tx.fetch_one(_SELECT + " WHERE id = ? AND user_id = ?", (pack_id, user_id))
        return PackRow(*row) if row else None

    async def rated(self, tx: Transaction, pack_id: str, item_id: str, user_id: str) -> int | None:
        """What this person said of it before: 1 or 0; None: nothing."""
        row = await tx.fetch_one(
            "SELECT helpful FROM pack_feedback WHERE pack_id = ? AND item_id = ? AND user_id = ?",
            (pack_id, item_id, user_id),
        )
        return row["helpful"] if row else None

    async def rate(self, tx: Transaction, said: tuple[str, str, str], helpful: int, at: int) -> None:
        """`said`: of which pack, of what in it, and by whom."""
        await tx.execute(
            "INSERT INTO pack_feedback (pack_id, item_id, user_id, helpful, at) VALUES (?, ?, ?, ?, ?) "
            "ON CONFLICT (pack_id, item_id, user_id) DO UPDATE SET helpful = excluded.helpful, at = excluded.at",
            (*said, helpful, at),
        )

    async def rate_chunk(self, tx: Transaction, item_id: str, helpful: int, unhelpful: int) -> tuple[int, int]:
        """Add to the counts of a chunk; returns them."""
        await tx.execute(
            "INSERT INTO chunk_ratings (item_id, helpful, unhelpful) VALUES (?, max(0, ?), max(0, ?)) "
            "ON CONFLICT (item_id) DO UPDATE SET helpful = max(0, helpful + ?), unhelpful = max(0, unhelpful + ?)",
            (item_id, helpful, unhelpful, helpful, unhelpful),
        )
        row = await tx.fetch_one("SELECT helpful, unhelpful FROM chunk_ratings WHERE item_id = ?", (item_id,))
        return (row[0], row[1]) if row else (0, 0)

    async def forget(self, tx: Transaction, before: int, limit: int) -> None:
        """Old packs go, some at a time."""
        await tx.execute(
            "DELETE FROM packs WHERE id IN (SELECT id FROM packs WHERE created_at < ? ORDER BY created_at LIMIT ?)",
            (before, limit),
        )

    async def unname(self, tx: Transaction, item_ids: Iterable[str]) -> None:
        """What is said of notes that are gone for good goes too."""
        await tx.execute(
            "DELETE FROM pack_feedback WHERE item_id IN (SELECT value FROM json_each(?))",
            (orjson.dumps(list(item_ids)).decode(),),
        )
