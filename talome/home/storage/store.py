"""SQL of the mounts."""

from dataclasses import asdict, dataclass

from talome.core.db import Database, Row, Transaction


@dataclass(frozen=True, slots=True)
class MountRow:
    """`source` is the UUID of a disk's file system, `host:/export` or `//host/share`; `sealed` is the password."""

    id: str
    name: str
    kind: str
    source: str
    version: str
    username: str
    domain: str
    sealed: str
    read_only: int
    at_start: int
    added_by: str
    added_at: int


class MountsStore:
    def __init__(self, db: Database) -> None:
        self.db = db

    async def all(self) -> list[MountRow]:
        return [_row(row) for row in await self.db.fetch_all("SELECT * FROM storage_mounts ORDER BY name")]

    async def get(self, id: str) -> MountRow | None:
        row = await self.db.fetch_one("SELECT * FROM storage_mounts WHERE id = ?", (id,))
        return _row(row) if row else None

    async def by_name(self, tx: Transaction, name: str) -> MountRow | None:
        row = await tx.fetch_one("SELECT * FROM storage_mounts WHERE name = ?", (name,))
        return _row(row) if row else None

    async def add(self, tx: Transaction, row: MountRow) -> None:
        await tx.execute(
            "INSERT INTO storage_mounts (id, name, kind, source, version, username, domain, sealed, read_only, "
            "at_start, added_by, added_at) VALUES (:id, :name, :kind, :source, :version, :username, :domain, :sealed, "
            ":read_only, :at_start, :added_by, :added_at)",
            asdict(row),
        )

    async def delete(self, id: str) -> None:
        async with self.db.write() as tx:
            await tx.execute("DELETE FROM storage_mounts WHERE id = ?", (id,))


def _row(row: Row) -> MountRow:
    return MountRow(**dict(row))
