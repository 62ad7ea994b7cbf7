"""SQL of Docs Studio."""

from collections.abc import Collection
from dataclasses import asdict, dataclass, replace

import orjson

from talome.core.db import Database, Transaction
from talome.core.errors import NotFound


@dataclass(frozen=True, slots=True)
class StudioRow:
    """As it is kept; times are milliseconds since 1970, `sources` and `citations` JSON."""

    id: str
    space: str
    kind: str
    title: str
    instructions: str
    model: str
    sources: str
    state: str
    stage: str | None
    done: int | None
    total: int | None
    problem: str | None
    job_id: str | None
    citations: str
    dropped: int
    size_bytes: int
    added_by: str
    created_at: int
    finished_at: int | None

    def changed(self, **values: object) -> "StudioRow":
        return replace(self, **values)  # type: ignore[arg-type]  # the names are those of the fields


class StudioStore:
    def __init__(self, db: Database) -> None:
        self.db = db

    async def add(self, tx: Transaction, row: StudioRow) -> None:
        await tx.execute(
            "INSERT INTO studio_documents (id, space, kind, title, instructions, model, sources, state, stage, done, "
            "total, problem, job_id, citations, dropped, size_bytes, added_by, created_at, finished_at) VALUES (:id, "
            ":space, :kind, :title, :instructions, :model, :sources, :state, :stage, :done, :total, :problem, :job_id, "
            ":citations, :dropped, :size_bytes, :added_by, :created_at, :finished_at)",
            asdict(row),
        )

    async def update(self, tx: Transaction, row: StudioRow) -> None:
        """Raises `NotFound` where it is gone. The job is noted by `note_job` alone."""
        changed = await tx.execute(
            "UPDATE studio_documents SET title = :title, state = :state, stage = :stage, done = :done, total = :total, "
            "problem = :problem, citations = :citations, dropped = :dropped, size_bytes = :size_bytes, "
            "finished_at = :finished_at WHERE id = :id",
            asdict(row),
        )
        if not changed:
            raise NotFound("This document was deleted.")

    async def note_job(self, tx: Transaction, document_id: str, job_id: str) -> None:
        await tx.execute("UPDATE studio_documents SET job_id = ? WHERE id = ?", (job_id, document_id))

    async def get(self, document_id: str) -> StudioRow | None:
        row = await self.db.fetch_one("SELECT * FROM studio_documents WHERE id = ?", (document_id,))
        return StudioRow(**dict(row)) if row else None

    async def list_(self, spaces: Collection[str], limit: int, offset: int) -> tuple[list[StudioRow], int]:
        """The latest first, and how many there are in all."""
        where = orjson.dumps(sorted(spaces)).decode()
        rows = await self.db.fetch_all(
            "SELECT * FROM studio_documents WHERE space IN (SELECT value FROM json_each(?)) "
            "ORDER BY created_at DESC, id DESC LIMIT ? OFFSET ?",
            (where, limit, offset),
        )
        total = await self.db.fetch_one(
            "SELECT COUNT(*) FROM studio_documents WHERE space IN (SELECT value FROM json_each(?))", (where,)
        )
        return [StudioRow(**dict(row)) for row in rows], int(total[0]) if total else 0

    async def all_states(self) -> dict[str, str]:
        return {row[0]: row[1] for row in await self.db.fetch_all("SELECT id, state FROM studio_documents")}

    async def spaces(self, tx: Transaction) -> set[str]:
        """Where there are documents."""
        return {row[0] for row in await tx.fetch_all("SELECT DISTINCT space FROM studio_documents")}

    async def leave(self, tx: Transaction, spaces: Collection[str]) -> None:
        """Delete all of these spaces; their files go at the next start."""
        await tx.execute(
            "DELETE FROM studio_documents WHERE space IN (SELECT value FROM json_each(?))",
            (orjson.dumps(sorted(spaces)).decode(),),
        )

    async def remove(self, tx: Transaction, document_id: str) -> None:
        await tx.execute("DELETE FROM studio_documents WHERE id = ?", (document_id,))
