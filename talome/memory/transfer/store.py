"""SQL of the imports."""

from dataclasses import asdict, dataclass

from talome.core.db import Database


@dataclass(slots=True)
class ImportRow:
    """`problems` is JSON; times are milliseconds since 1970."""

    id: str
    user_id: str
    kind: str
    key_id: str | None
    bound: str | None
    workspace: str | None
    allow_secrets: int
    name: str
    state: str
    created_at: int
    total: int | None = None
    done: int = 0
    added: int = 0
    changed: int = 0
    same: int = 0
    left_out: int = 0
    problems: str = "[]"
    problem: str | None = None
    finished_at: int | None = None


class ImportsStore:
    def __init__(self, db: Database) -> None:
        self.db = db

    async def add(self, row: ImportRow, most: int) -> None:
        """Of those that ended, the latest `most` of each person are kept."""
        async with self.db.write() as tx:
            await tx.execute(
                "INSERT INTO memory_imports (id, user_id, kind, key_id, bound, workspace, allow_secrets, name, state, "
                "created_at) VALUES (:id, :user_id, :kind, :key_id, :bound, :workspace, :allow_secrets, :name, :state, "
                ":created_at)",
                asdict(row),
            )
            await tx.execute(
                "DELETE FROM memory_imports WHERE id IN (SELECT id FROM memory_imports WHERE user_id = ? "
                "AND finished_at IS NOT NULL ORDER BY created_at DESC, id DESC LIMIT -1 OFFSET ?)",
                (row.user_id, most),
            )

    async def put(self, row: ImportRow) -> None:
        """How far it is."""
        async with self.db.write() as tx:
            await tx.execute(
                "UPDATE memory_imports SET state = :state, total = :total, done = :done, added = :added, "
                "changed = :changed, same = :same, left_out = :left_out, problems = :problems, problem = :problem, "
                "finished_at = :finished_at WHERE id = :id",
                asdict(row),
            )

    async def get(self, id: str) -> ImportRow | None:
        row = await self.db.fetch_one("SELECT * FROM memory_imports WHERE id = ?", (id,))
        return ImportRow(**dict(row)) if row else None

    async def of_user(self, user_id: str, limit: int) -> list[ImportRow]:
        """The latest first."""
        rows = await self.db.fetch_all(
            "SELECT * FROM memory_imports WHERE user_id = ? ORDER BY created_at DESC, id DESC LIMIT ?", (user_id, limit)
        )
        return [ImportRow(**dict(row)) for row in rows]
