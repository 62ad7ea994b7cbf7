"""SQL of the stores and of the catalog."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any

from talome.core.db import Database, Row, Transaction


@dataclass(frozen=True, slots=True)
class StoreRow:
    """A source as it is kept; times are milliseconds since 1970."""

    id: str
    kind: str | None
    name: str
    url: str
    branch: str
    sealed: str | None
    enabled: int
    bundled: int
    position: int
    folder: str | None
    upstream: str
    reading: str
    tried_at: int | None
    synced_at: int | None
    failure: str | None
    created_at: int

    def changed(self, **values: Any) -> "StoreRow":
        return replace(self, **values)


@dataclass(frozen=True, slots=True)
class CatalogRow:
    """An app's folder and what was read from it: a manifest or a reason. `summary` and `manifest` are JSON."""

    path: str
    hash: str
    app_id: str | None
    summary: str | None
    manifest: str | None
    reason: str | None


class StoresStore:
    """The sources; `apps` is what is in them, `scripts` what the scripts of some of these said."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.apps = CatalogStore(db)
        self.scripts = ScriptsStore(db)

    async def all(self) -> list[StoreRow]:
        """In the order in which they count: the bundled one first."""
        return [StoreRow(**dict(row)) for row in await self.db.fetch_all("SELECT * FROM stores ORDER BY position, id")]

    async def get(self, id: str) -> StoreRow | None:
        row = await self.db.fetch_one("SELECT * FROM stores WHERE id = ?", (id,))
        return StoreRow(**dict(row)) if row else None

    async def get_in(self, tx: Transaction, id: str) -> StoreRow | None:
        row = await tx.fetch_one("SELECT * FROM stores WHERE id = ?", (id,))
        return StoreRow(**dict(row)) if row else None

    async def add(self, tx: Transaction, row: StoreRow) -> None:
        await tx.execute(
            "INSERT INTO stores (id, kind, name, url, branch, sealed, enabled, bundled, position, folder, upstream, "
            "reading, tried_at, synced_at, failure, created_at) VALUES (:id, :kind, :name, :url, :branch, :sealed, "
            ":enabled, :bundled, (SELECT COALESCE(MAX(position), -1) + 1 FROM stores), :folder, :upstream, :reading, "
            ":tried_at, :synced_at, :failure, :created_at)",
            asdict(row),
        )

    async def update(self, tx: Transaction, row: StoreRow) -> None:
        await tx.execute(
            "UPDATE stores SET kind = :kind, name = :name, url = :url, branch = :branch, sealed = :sealed, "
            "enabled = :enabled, folder = :folder, upstream = :upstream, reading = :reading, tried_at = :tried_at, "
            "synced_at = :synced_at, failure = :failure WHERE id = :id",
            asdict(row),
        )

    async def delete(self, tx: Transaction, id: str) -> None:
        await tx.execute("DELETE FROM stores WHERE id = ?", (id,))

    async def note_try(self, tx: Transaction, id: str, at: int, failure: str | None) -> None:
        await tx.execute("UPDATE stores SET tried_at = ?, failure = ? WHERE id = ?", (at, failure, id))


class CatalogStore:
    """The apps of the stores, as they were read."""

    def __init__(self, db: Database) -> None:
        self.db = db

    async def hashes(self, store_id: str) -> dict[str, str]:
        """Of each app's folder, as it was when it was read."""
        rows = await self.db.fetch_all("SELECT path, hash FROM catalog_apps WHERE store_id = ?", (store_id,))
        return {row["path"]: row["hash"] for row in rows}

    async def unread(self, store_id: str) -> set[str]:
        """Folders of the apps that could not be read."""
        rows = await self.db.fetch_all(
            "SELECT path FROM catalog_apps WHERE store_id = ? AND manifest IS NULL", (store_id,)
        )
        return {row["path"] for row in rows}

    async def requirements(self, store_id: str) -> dict[str, list[str]]:
        """Folders of the apps that each app needs, by its own folder."""
        rows = await self.db.fetch_all(
            "SELECT one.path AS path, other.path AS needed FROM catalog_apps AS one CROSS JOIN "
            "json_each(one.manifest, '$.requires') AS name "  # in this order: the other way it reads all for each
            "CROSS JOIN catalog_apps AS other ON other.store_id = one.store_id AND other.app_id = name.value "
            "WHERE one.store_id = ? AND one.manifest IS NOT NULL",
            (store_id,),
        )
        found: dict[str, list[str]] = {}
        for row in rows:
            found.setdefault(row["path"], []).append(row["needed"])
        return found

    async def put(self, tx: Transaction, store_id: str, rows: Iterable[CatalogRow]) -> None:
        await tx.execute_many(
            "INSERT INTO catalog_apps (store_id, path, hash, app_id, summary, manifest, reason) "
            "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (store_id, path) DO UPDATE SET hash = excluded.hash, "
            "app_id = excluded.app_id, summary = excluded.summary, manifest = excluded.manifest, "
            "reason = excluded.reason",
            [(store_id, row.path, row.hash, row.app_id, row.summary, row.manifest, row.reason) for row in rows],
        )

    async def delete(self, tx: Transaction, store_id: str, paths: Iterable[str]) -> None:
        await tx.execute_many(
            "DELETE FROM catalog_apps WHERE store_id = ? AND path = ?", [(store_id, path) for path in paths]
        )

    async def tell_doubles(self, tx: Transaction, store_id: str, reason: str) -> None:
        """Of several apps with one name in a store, only the first is offered; the others get the reason."""
        await tx.execute(
            "UPDATE catalog_apps SET reason = NULL WHERE store_id = ? AND manifest IS NOT NULL AND reason IS NOT NULL",
            (store_id,),
        )
        await tx.execute(
            "UPDATE catalog_apps SET reason = :reason WHERE store_id = :store AND manifest IS NOT NULL AND EXISTS ("
            "SELECT 1 FROM catalog_apps AS other WHERE other.store_id = :store "
            "AND other.app_id = catalog_apps.app_id AND other.path < catalog_apps.path)",
            {"store": store_id, "reason": reason},
        )

    async def summaries(self, store_id: str) -> list[str]:
        """JSON of each app that can be read, by its folder."""
        rows = await self.db.fetch_all(
            "SELECT summary FROM catalog_apps WHERE store_id = ? AND summary IS NOT NULL AND reason IS NULL "
            "ORDER BY path",
            (store_id,),
        )
        return [row["summary"] for row in rows]

    async def problems(self, store_id: str) -> list[tuple[str, str]]:
        rows = await self.db.fetch_all(
            "SELECT path, reason FROM catalog_apps WHERE store_id = ? AND reason IS NOT NULL ORDER BY path", (store_id,)
        )
        return [(row["path"], row["reason"]) for row in rows]

    async def problem_counts(self) -> dict[str, int]:
        rows = await self.db.fetch_all(
            "SELECT store_id, COUNT(*) AS number FROM catalog_apps WHERE reason IS NOT NULL GROUP BY store_id"
        )
        return {row["store_id"]: row["number"] for row in rows}

    async def manifest(self, store_id: str, app_id: str) -> tuple[str, str] | None:
        """The app's folder in the store, and its manifest as JSON."""
        row: Row | None = await self.db.fetch_one(
            "SELECT path, manifest FROM catalog_apps WHERE store_id = ? AND app_id = ? AND manifest IS NOT NULL "
            "AND reason IS NULL",
            (store_id, app_id),
        )
        return (row["path"], row["manifest"]) if row else None


@dataclass(frozen=True, slots=True)
class ScriptsRow:
    """`said` is JSON: by name, the parts of its value."""

    store_id: str
    app: str
    digest: str
    said: str
    taken_by: str
    taken_at: int


class ScriptsStore:
    """What the scripts of apps said, as far as somebody had them run and took their answer."""

    def __init__(self, db: Database) -> None:
        self.db = db

    async def told(self, store_id: str) -> dict[str, dict[str, Any]]:
        """By app: the digest of the scripts, and the parts of each value."""
        rows = await self.db.fetch_all("SELECT app, digest, said FROM store_scripts WHERE store_id = ?", (store_id,))
        return {row["app"]: {"digest": row["digest"], "values": json.loads(row["said"])} for row in rows}

    async def put(self, tx: Transaction, row: ScriptsRow) -> None:
        """The whole store is read again with it."""
        await tx.execute(
            "INSERT OR REPLACE INTO store_scripts (store_id, app, digest, said, taken_by, taken_at) "
            "VALUES (:store_id, :app, :digest, :said, :taken_by, :taken_at)",
            asdict(row),
        )
        await tx.execute("UPDATE stores SET reading = '' WHERE id = ?", (row.store_id,))
