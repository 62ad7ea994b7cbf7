"""SQL of the catalog."""

from dataclasses import asdict, dataclass

from talome.core.db import Database


@dataclass(frozen=True, slots=True)
class OverrideRow:
    """`change` is JSON of a `ModelChange`; times are milliseconds since 1970."""

    provider: str
    id: str
    change: str
    changed_by: str
    changed_at: int


class CatalogStore:
    def __init__(self, db: Database) -> None:
        self.db = db

    async def all(self) -> list[OverrideRow]:
        rows = await self.db.fetch_all("SELECT * FROM catalog_overrides ORDER BY provider, id")
        return [OverrideRow(**dict(row)) for row in rows]

    async def put(self, row: OverrideRow) -> None:
        async with self.db.write() as tx:
            await tx.execute(
                "INSERT OR REPLACE INTO catalog_overrides (provider, id, change, changed_by, changed_at) "
                "VALUES (:provider, :id, :change, :changed_by, :changed_at)",
                asdict(row),
            )

    async def delete(self, provider: str, id: str) -> bool:
        async with self.db.write() as tx:
            return await tx.execute("DELETE FROM catalog_overrides WHERE provider = ? AND id = ?", (provider, id)) == 1
