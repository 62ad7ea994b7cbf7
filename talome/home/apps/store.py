"""SQL of the installed apps."""

import json
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
from typing import Final

from talome.core.db import Database, Transaction

_ALL_LEASES: Final = "SELECT port, protocol, app, key, wished FROM port_leases ORDER BY port, protocol"


@dataclass(frozen=True, slots=True)
class LeaseRow:
    """A host port that is an app's for good; `key` is `service/target/protocol`."""

    port: int
    protocol: str
    app: str
    key: str
    wished: int


class LeasesStore:
    def __init__(self, db: Database) -> None:
        self.db = db

    async def all(self, tx: Transaction | None = None) -> list[LeaseRow]:
        rows = await (tx or self.db).fetch_all(_ALL_LEASES)
        return [LeaseRow(*row) for row in rows]

    async def put(self, tx: Transaction, rows: Iterable[LeaseRow]) -> None:
        """The caller has made room for them: a port that another has fails the transaction."""
        await tx.execute_many(
            "INSERT INTO port_leases (port, protocol, app, key, wished) VALUES (:port, :protocol, :app, :key, :wished)",
            [asdict(row) for row in rows],
        )

    async def delete(self, tx: Transaction, app: str, keys: Collection[str] | None = None) -> None:
        """All of an app's, or those of the given keys."""
        listed = None if keys is None else json.dumps(sorted(keys))
        await tx.execute(
            "DELETE FROM port_leases WHERE app = ? AND (? IS NULL OR key IN (SELECT value FROM json_each(?)))",
            (app, listed, listed),
        )


@dataclass(frozen=True, slots=True)
class AppRow:
    """An installed app as it is kept; times are milliseconds since 1970."""

    id: str
    name: str
    source: str
    icon: str | None
    version: str
    revision: int
    state: str
    url: str | None
    newer: str | None
    policy: str
    installed_at: int
    updated_at: int


class AppsStore:
    def __init__(self, db: Database) -> None:
        self.db = db

    async def all(self) -> list[AppRow]:
        return [AppRow(**dict(row)) for row in await self.db.fetch_all("SELECT * FROM apps ORDER BY name, id")]

    async def get(self, app: str) -> AppRow | None:
        row = await self.db.fetch_one("SELECT * FROM apps WHERE id = ?", (app,))
        return AppRow(**dict(row)) if row else None

    async def save(self, row: AppRow) -> None:
        async with self.db.write() as tx:
            await tx.execute(
                "INSERT INTO apps (id, name, source, icon, version, revision, state, url, newer, policy, installed_at, "
                "updated_at) VALUES (:id, :name, :source, :icon, :version, :revision, :state, :url, :newer, :policy, "
                ":installed_at, :updated_at) ON CONFLICT (id) DO UPDATE SET name = excluded.name, "
                "source = excluded.source, icon = excluded.icon, version = excluded.version, "
                "revision = excluded.revision, state = excluded.state, url = excluded.url, newer = excluded.newer, "
                "policy = excluded.policy, updated_at = excluded.updated_at",
                asdict(row),
            )

    async def note_newer(self, app: str, newer: str | None) -> None:
        async with self.db.write() as tx:
            await tx.execute("UPDATE apps SET newer = ? WHERE id = ?", (newer, app))

    async def set_policy(self, app: str, policy: str) -> None:
        async with self.db.write() as tx:
            await tx.execute("UPDATE apps SET policy = ? WHERE id = ?", (policy, app))

    async def delete(self, app: str) -> None:
        async with self.db.write() as tx:
            await tx.execute("DELETE FROM apps WHERE id = ?", (app,))
