"""SQL of roots, trash, favourites, recents and unfinished uploads."""

from dataclasses import dataclass

import orjson

from talome.core.db import Database, Row, Transaction


@dataclass(frozen=True, slots=True)
class RootRow:
    """A root as it is kept. `grants` is by user: read or write."""

    id: str
    name: str
    folder: str
    everyone: str
    uid: int | None
    gid: int | None
    grants: dict[str, str]


@dataclass(frozen=True, slots=True)
class TrashRow:
    """Something in the trash. `place` and `path` are below `folder`, with names as they cross the wire."""

    id: str
    folder: str
    place: str
    path: str
    kind: str
    size_bytes: int | None
    deleted_at: int
    deleted_by: str
    purge_at: int | None = None


@dataclass(frozen=True, slots=True)
class UploadRow:
    """An upload that is not whole yet; `folder` is a path as on the wire."""

    id: str
    user_id: str
    folder: str
    name: str
    size_bytes: int
    on_conflict: str
    modified_at: int | None
    expires_at: int


class RootsStore:
    def __init__(self, db: Database) -> None:
        self.db = db

    async def all(self) -> list[RootRow]:
        rows = await self.db.fetch_all("SELECT id, name, folder, everyone, uid, gid FROM files_roots ORDER BY name, id")
        grants: dict[str, dict[str, str]] = {}
        for row in await self.db.fetch_all("SELECT root, user_id, access FROM files_grants"):
            grants.setdefault(row["root"], {})[row["user_id"]] = row["access"]
        return [RootRow(**dict(row), grants=grants.get(row["id"], {})) for row in rows]

    async def put(self, tx: Transaction, root: RootRow, at: int) -> None:
        await tx.execute(
            "INSERT INTO files_roots (id, name, folder, everyone, uid, gid, created_at) VALUES (?, ?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (id) DO UPDATE SET name = excluded.name, everyone = excluded.everyone, "
            "uid = excluded.uid, gid = excluded.gid",
            (root.id, root.name, root.folder, root.everyone, root.uid, root.gid, at),
        )
        await tx.execute("DELETE FROM files_grants WHERE root = ?", (root.id,))
        await tx.execute_many(
            "INSERT INTO files_grants (root, user_id, access) VALUES (?, ?, ?)",
            [(root.id, user, access) for user, access in root.grants.items()],
        )

    async def remove(self, tx: Transaction, root: str) -> bool:
        return await tx.execute("DELETE FROM files_roots WHERE id = ?", (root,)) > 0


class TrashStore:
    def __init__(self, db: Database) -> None:
        self.db = db

    async def of_folders(self, folders: list[str]) -> list[TrashRow]:
        """The latest first, without what is going for good."""
        rows = await self.db.fetch_all(
            "SELECT * FROM files_trash WHERE folder IN (SELECT value FROM json_each(?)) AND purge_at IS NULL "
            "ORDER BY deleted_at DESC, id DESC LIMIT 10000",
            (orjson.dumps(folders).decode(),),
        )
        return [_trash(row) for row in rows]

    async def all(self) -> list[TrashRow]:
        """The oldest first."""
        return [_trash(row) for row in await self.db.fetch_all("SELECT * FROM files_trash ORDER BY deleted_at, id")]

    async def get(self, trash_id: str) -> TrashRow | None:
        row = await self.db.fetch_one("SELECT * FROM files_trash WHERE id = ?", (trash_id,))
        return None if row is None else _trash(row)

    async def put(self, row: TrashRow) -> None:
        async with self.db.write() as tx:
            await tx.execute(
                "INSERT INTO files_trash (id, folder, place, path, kind, size_bytes, deleted_at, deleted_by) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET place = excluded.place",
                (
                    row.id, row.folder, row.place, row.path, row.kind,
                    row.size_bytes, row.deleted_at, row.deleted_by,
                ),
            )  # fmt: skip

    async def measured(self, trash_id: str, size_bytes: int) -> None:
        async with self.db.write() as tx:
            await tx.execute("UPDATE files_trash SET size_bytes = ? WHERE id = ?", (size_bytes, trash_id))

    async def purge_at(self, trash_ids: list[str], at: int | None) -> None:
        """From `at` on these go for good; None: they stay after all."""
        async with self.db.write() as tx:
            await tx.execute(
                "UPDATE files_trash SET purge_at = ? WHERE id IN (SELECT value FROM json_each(?))",
                (at, orjson.dumps(trash_ids).decode()),
            )

    async def remove(self, trash_id: str) -> bool:
        """Whether it was there: of two that take it away at once, one did."""
        async with self.db.write() as tx:
            return await tx.execute("DELETE FROM files_trash WHERE id = ?", (trash_id,)) > 0


class PersonalStore:
    def __init__(self, db: Database) -> None:
        self.db = db

    async def favourites(self, user: str) -> list[str]:
        rows = await self.db.fetch_all(
            "SELECT path FROM files_favourites WHERE user_id = ? ORDER BY created_at, path", (user,)
        )
        return [str(row["path"]) for row in rows]

    async def add_favourite(self, user: str, path: str, at: int) -> None:
        async with self.db.write() as tx:
            await tx.execute(
                "INSERT INTO files_favourites (user_id, path, created_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                (user, path, at),
            )

    async def remove_favourite(self, user: str, path: str) -> None:
        async with self.db.write() as tx:
            await tx.execute("DELETE FROM files_favourites WHERE user_id = ? AND path = ?", (user, path))

    async def recents(self, user: str, limit: int) -> list[tuple[str, str, int]]:
        rows = await self.db.fetch_all(
            "SELECT path, action, at FROM files_recents WHERE user_id = ? ORDER BY at DESC LIMIT ?", (user, limit)
        )
        return [(row["path"], row["action"], row["at"]) for row in rows]

    async def note(self, user: str, path: str, action: str, at: int, most: int) -> None:
        async with self.db.write() as tx:
            await tx.execute(
                "INSERT INTO files_recents (user_id, path, action, at) VALUES (?, ?, ?, ?) "
                "ON CONFLICT (user_id, path) DO UPDATE SET action = excluded.action, at = excluded.at",
                (user, path, action, at),
            )
            await tx.execute(
                "DELETE FROM files_recents WHERE user_id = ? AND path NOT IN "
                "(SELECT path FROM files_recents WHERE user_id = ? ORDER BY at DESC LIMIT ?)",
                (user, user, most),
            )

    async def forget_recents(self, user: str) -> None:
        async with self.db.write() as tx:
            await tx.execute("DELETE FROM files_recents WHERE user_id = ?", (user,))


class UploadsStore:
    def __init__(self, db: Database) -> None:
        self.db = db

    async def add(self, row: UploadRow) -> None:
        async with self.db.write() as tx:
            await tx.execute(
                "INSERT INTO files_uploads (id, user_id, folder, name, size_bytes, on_conflict, modified_at, "
                "expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    row.id, row.user_id, row.folder, row.name,
                    row.size_bytes, row.on_conflict, row.modified_at, row.expires_at,
                ),
            )  # fmt: skip

    async def get(self, upload_id: str) -> UploadRow | None:
        row = await self.db.fetch_one("SELECT * FROM files_uploads WHERE id = ?", (upload_id,))
        return None if row is None else UploadRow(**dict(row))

    async def of_user(self, user: str) -> list[UploadRow]:
        rows = await self.db.fetch_all("SELECT * FROM files_uploads WHERE user_id = ? ORDER BY id", (user,))
        return [UploadRow(**dict(row)) for row in rows]

    async def expired(self, before: int) -> list[UploadRow]:
        rows = await self.db.fetch_all("SELECT * FROM files_uploads WHERE expires_at < ?", (before,))
        return [UploadRow(**dict(row)) for row in rows]

    async def remove(self, upload_id: str) -> bool:
        async with self.db.write() as tx:
            return await tx.execute("DELETE FROM files_uploads WHERE id = ?", (upload_id,)) > 0


def _trash(row: Row) -> TrashRow:
    return TrashRow(**dict(row))
