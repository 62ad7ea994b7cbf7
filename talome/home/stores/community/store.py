"""SQL of what was given to others."""

from dataclasses import asdict, dataclass

from talome.core.db import Database


@dataclass(frozen=True, slots=True)
class SubmissionRow:
    """`at` is in milliseconds since 1970."""

    id: str
    app: str
    name: str
    version: str
    store: str | None
    how: str
    given_by: str
    at: int


class CommunityStore:
    def __init__(self, db: Database) -> None:
        self._db = db

    async def all(self, limit: int) -> list[SubmissionRow]:
        """The latest first."""
        rows = await self._db.fetch_all("SELECT * FROM submissions ORDER BY at DESC, id DESC LIMIT ?", (limit,))
        return [SubmissionRow(**dict(row)) for row in rows]

    async def add(self, row: SubmissionRow) -> None:
        """Once, however often it is told."""
        async with self._db.write() as tx:
            await tx.execute(
                "INSERT INTO submissions (id, app, name, version, store, how, given_by, at) VALUES "
                "(:id, :app, :name, :version, :store, :how, :given_by, :at) ON CONFLICT (id) DO NOTHING",
                asdict(row),
            )
