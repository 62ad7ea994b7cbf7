"""SQL of the registries."""

from dataclasses import asdict, dataclass

from talome.core.db import Database


@dataclass(frozen=True, slots=True)
class RegistryRow:
    """`sealed` is the password; times are milliseconds since 1970."""

    host: str
    username: str
    sealed: str
    added_by: str
    added_at: int
    succeeded_at: int | None
    failed_at: int | None
    failure: str | None


class RegistriesStore:
    def __init__(self, db: Database) -> None:
        self.db = db

    async def all(self) -> list[RegistryRow]:
        return [RegistryRow(**dict(row)) for row in await self.db.fetch_all("SELECT * FROM registries ORDER BY host")]

    async def get(self, host: str) -> RegistryRow | None:
        row = await self.db.fetch_one("SELECT * FROM registries WHERE host = ?", (host,))
        return RegistryRow(**dict(row)) if row else None

    async def put(self, row: RegistryRow) -> None:
        async with self.db.write() as tx:
            await tx.execute(
                "INSERT OR REPLACE INTO registries (host, username, sealed, added_by, added_at, succeeded_at, "
                "failed_at, failure) VALUES (:host, :username, :sealed, :added_by, :added_at, :succeeded_at, "
                ":failed_at, :failure)",
                asdict(row),
            )

    async def note_success(self, host: str, at: int) -> None:
        async with self.db.write() as tx:
            await tx.execute("UPDATE registries SET succeeded_at = ?, failure = NULL WHERE host = ?", (at, host))

    async def note_failure(self, host: str, at: int, failure: str) -> None:
        async with self.db.write() as tx:
            await tx.execute("UPDATE registries SET failed_at = ?, failure = ? WHERE host = ?", (at, failure, host))

    async def delete(self, host: str) -> bool:
        async with self.db.write() as tx:
            return await tx.execute("DELETE FROM registries WHERE host = ?", (host,)) == 1
