"""SQL of links, of properties that WebDAV clients set, and of the users of network folders."""

from dataclasses import asdict, dataclass

from talome.core.db import Database, Row, Transaction


@dataclass(frozen=True, slots=True)
class LinkRow:
    id: str
    digest: str
    user_id: str
    made_by: str
    path: str
    name: str
    kind: str
    password: str | None
    expires_at: int | None
    most_downloads: int | None
    downloads: int
    uploads: int
    created_at: int
    last_used_at: int | None


class LinksStore:
    def __init__(self, db: Database) -> None:
        self.db = db

    async def of_user(self, user_id: str) -> list[LinkRow]:
        rows = await self.db.fetch_all(
            "SELECT * FROM share_links WHERE user_id = ? ORDER BY created_at DESC, id DESC", (user_id,)
        )
        return [_link(row) for row in rows]

    async def all(self) -> list[LinkRow]:
        rows = await self.db.fetch_all("SELECT * FROM share_links ORDER BY created_at DESC, id DESC")
        return [_link(row) for row in rows]

    async def get(self, id: str) -> LinkRow | None:
        row = await self.db.fetch_one("SELECT * FROM share_links WHERE id = ?", (id,))
        return _link(row) if row else None

    async def by_digest(self, digest: str) -> LinkRow | None:
        row = await self.db.fetch_one("SELECT * FROM share_links WHERE digest = ?", (digest,))
        return _link(row) if row else None

    async def count(self, user_id: str) -> int:
        row = await self.db.fetch_one("SELECT COUNT(*) AS found FROM share_links WHERE user_id = ?", (user_id,))
        return int(row["found"]) if row else 0

    async def add(self, row: LinkRow) -> None:
        async with self.db.write() as tx:
            await tx.execute(
                "INSERT INTO share_links (id, digest, user_id, made_by, path, name, kind, password, expires_at, "
                "most_downloads, downloads, uploads, created_at, last_used_at) VALUES (:id, :digest, :user_id, "
                ":made_by, :path, :name, :kind, :password, :expires_at, :most_downloads, :downloads, :uploads, "
                ":created_at, :last_used_at)",
                asdict(row),
            )

    async def change(self, row: LinkRow) -> None:
        async with self.db.write() as tx:
            await tx.execute(
                "UPDATE share_links SET name = :name, password = :password, expires_at = :expires_at, "
                "most_downloads = :most_downloads WHERE id = :id",
                asdict(row),
            )

    async def delete(self, id: str) -> None:
        async with self.db.write() as tx:
            await tx.execute("DELETE FROM share_links WHERE id = ?", (id,))

    async def note_download(self, id: str, at: int) -> bool:
        """Count one; False where there may be no more."""
        async with self.db.write() as tx:
            counted = await tx.execute(
                "UPDATE share_links SET downloads = downloads + 1, last_used_at = ? "
                "WHERE id = ? AND (most_downloads IS NULL OR downloads < most_downloads)",
                (at, id),
            )
        return counted == 1

    async def note_uploads(self, id: str, files: int, at: int) -> None:
        async with self.db.write() as tx:
            await tx.execute(
                "UPDATE share_links SET uploads = uploads + ?, last_used_at = ? WHERE id = ?", (files, at, id)
            )


class PropertiesStore:
    """Of files and folders, by root and path; a folder's are those of everything in it too where it moves or goes."""

    def __init__(self, db: Database) -> None:
        self.db = db

    async def of(self, root: str, path: str) -> dict[str, str]:
        rows = await self.db.fetch_all(
            "SELECT name, value FROM dav_properties WHERE root = ? AND path = ? ORDER BY name", (root, path)
        )
        return {row["name"]: row["value"] for row in rows}

    async def of_folder(self, root: str, path: str) -> dict[str, dict[str, str]]:
        """By path, of what lies right in a folder and of the folder itself."""
        rows = await self.db.fetch_all(
            "SELECT path, name, value FROM dav_properties WHERE root = :root "
            "AND (path = :path OR substr(path, 1, length(:path) + 1) = :path || '/' OR :path = '') "
            "AND instr(substr(path, length(:path) + 2), '/') = 0 ORDER BY path, name LIMIT 20000",
            {"root": root, "path": path},
        )
        found: dict[str, dict[str, str]] = {}
        for row in rows:
            found.setdefault(row["path"], {})[row["name"]] = row["value"]
        return found

    async def change(self, root: str, path: str, changes: dict[str, str | None]) -> None:
        """None takes a property away."""
        async with self.db.write() as tx:
            for name, value in changes.items():
                await self._change(tx, root, path, name, value)

    async def _change(self, tx: Transaction, root: str, path: str, name: str, value: str | None) -> None:
        if value is None:
            await tx.execute("DELETE FROM dav_properties WHERE root = ? AND path = ? AND name = ?", (root, path, name))
        else:
            await tx.execute(
                "INSERT OR REPLACE INTO dav_properties (root, path, name, value) VALUES (?, ?, ?, ?)",
                (root, path, name, value),
            )

    async def forget(self, root: str, path: str) -> None:
        async with self.db.write() as tx:
            await self._forget(tx, root, path)

    async def _forget(self, tx: Transaction, root: str, path: str) -> None:
        await tx.execute(
            "DELETE FROM dav_properties WHERE root = :root "
            "AND (path = :path OR substr(path, 1, length(:path) + 1) = :path || '/' OR :path = '')",
            {"root": root, "path": path},
        )

    async def copy(self, root: str, path: str, new_root: str, new_path: str, *, deep: bool) -> None:
        """Instead of what was there before."""
        async with self.db.write() as tx:
            await self._forget(tx, new_root, new_path)
            await tx.execute(
                "INSERT OR REPLACE INTO dav_properties (root, path, name, value) SELECT :new_root, "
                ":new_path || substr(path, length(:path) + 1), name, value FROM dav_properties "
                "WHERE root = :root "
                "AND (path = :path OR (:deep AND substr(path, 1, length(:path) + 1) = :path || '/'))",
                {"root": root, "path": path, "new_root": new_root, "new_path": new_path, "deep": deep},
            )


class SmbUsersStore:
    def __init__(self, db: Database) -> None:
        self.db = db

    async def all(self) -> dict[str, str]:
        """Names in the network by user id."""
        return {row["user_id"]: row["name"] for row in await self.db.fetch_all("SELECT * FROM smb_users ORDER BY name")}

    async def put(self, user_id: str, name: str, at: int) -> None:
        async with self.db.write() as tx:
            await tx.execute(
                "INSERT OR REPLACE INTO smb_users (user_id, name, made_at) VALUES (?, ?, ?)", (user_id, name, at)
            )

    async def delete(self, user_id: str) -> None:
        async with self.db.write() as tx:
            await tx.execute("DELETE FROM smb_users WHERE user_id = ?", (user_id,))


def _link(row: Row) -> LinkRow:
    return LinkRow(**dict(row))
