"""SQL of the index of files; its file has nothing else in it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import orjson

from talome.core.db import Database, Row, Transaction

_MINUTE_MS: Final = 60_000
_BITS: Final = 20
_CHOSEN: Final = "(SELECT value FROM json_each(?))"
_COLUMNS: Final = "e.id, e.name, e.is_folder, e.size_bytes, e.modified_ms, f.path, f.root, found.weight"
_OF: Final = f"JOIN entries e ON e.id = found.rowid JOIN folders f ON f.id = e.folder WHERE f.root IN {_CHOSEN}"
_LATEST: Final = "MATCH ? ORDER BY rowid DESC LIMIT ?"
_NAMES: Final = f"(SELECT rowid, 0.0 AS weight FROM names WHERE names {_LATEST}) found"  # noqa: S608 - constants
_PIECES: Final = f"(SELECT rowid, 0.0 AS weight FROM pieces WHERE pieces {_LATEST}) found"  # noqa: S608 - constants
_TEXTS: Final = f"(SELECT rowid, bm25(texts) AS weight FROM texts WHERE texts {_LATEST}) found"  # noqa: S608 - constants
_BY_NAME: Final = f"SELECT {_COLUMNS} FROM {_NAMES} {_OF}"  # noqa: S608 - constants only, as in all of these
_BY_PIECES: Final = f"SELECT {_COLUMNS} FROM {_PIECES} {_OF}"  # noqa: S608 - constants
_BY_TEXT: Final = f"SELECT {_COLUMNS} FROM {_TEXTS} {_OF}"  # noqa: S608 - constants
_LINES: Final = f"FROM names WHERE rowid IN {_CHOSEN}"
_ADD_PIECES: Final = f"INSERT INTO pieces (rowid, name) SELECT rowid, name {_LINES}"
_REMOVE: Final = (
    f"INSERT INTO pieces (pieces, rowid, name) SELECT 'delete', rowid, name {_LINES}",
    f"DELETE {_LINES}",
    f"DELETE FROM texts WHERE rowid IN {_CHOSEN}",  # noqa: S608 - constants
    f"DELETE FROM entries WHERE id IN {_CHOSEN}",  # noqa: S608 - constants
)
_LAST_OF_MINUTE: Final = f"SELECT MAX(id) FROM entries WHERE id >= value AND id < value + {1 << _BITS}"  # noqa: S608 - constants
_TAKEN: Final = f"SELECT value, ({_LAST_OF_MINUTE}) FROM json_each(?)"  # noqa: S608 - constants


@dataclass(frozen=True, slots=True)
class RootRow:
    number: int
    id: str
    path: bytes
    walk: int
    begun_at: int
    ended_at: int | None


@dataclass(frozen=True, slots=True)
class FolderRow:
    id: int
    root: int
    path: bytes


@dataclass(frozen=True, slots=True)
class EntryRow:
    """What is known of something in a folder."""

    id: int
    name: bytes
    is_folder: bool
    size_bytes: int
    modified_ms: int
    text_bytes: int = 0


@dataclass(frozen=True, slots=True)
class NewEntry:
    """Something to be found: its row, its words and those of the folders above, its text, and whether it is a folder to
    be walked."""

    name: bytes
    is_folder: bool
    size_bytes: int
    modified_ms: int
    words: str
    folder_words: str
    text: str
    enter: bool


@dataclass(frozen=True, slots=True)
class FoundRow:
    entry: EntryRow
    folder: bytes
    root: int
    weight: float = 0.0


class TreeStore:
    """The roots, their folders, and what is in them, as the indexer keeps them."""

    def __init__(self, db: Database) -> None:
        self.db = db

    async def roots(self) -> list[RootRow]:
        rows = await self.db.fetch_all("SELECT number, id, path, walk, begun_at, ended_at FROM roots ORDER BY number")
        return [RootRow(*row) for row in rows]

    async def add_root(self, id: str, path: bytes) -> None:
        async with self.db.write() as tx:
            await tx.execute("INSERT INTO roots (id, path, ended_at) VALUES (?, ?, 0)", (id, path))
            await tx.execute("INSERT INTO folders (root, path) SELECT number, x'' FROM roots WHERE id = ?", (id,))

    async def remove_root(self, number: int) -> None:
        """Of a root whose folders are gone already."""
        async with self.db.write() as tx:
            await tx.execute("DELETE FROM roots WHERE number = ?", (number,))

    async def begin_walk(self, number: int, at: int) -> None:
        async with self.db.write() as tx:
            await tx.execute(
                "UPDATE roots SET walk = walk + 1, begun_at = ?, ended_at = NULL WHERE number = ?", (at, number)
            )

    async def end_walk(self, number: int, at: int) -> None:
        async with self.db.write() as tx:
            await tx.execute("UPDATE roots SET ended_at = ? WHERE number = ?", (at, number))

    async def to_walk(self, root: int, walk: int, most: int) -> list[FolderRow]:
        """Folders that this walk has not read yet, those known for longest first."""
        sql = "SELECT id, root, path FROM folders WHERE root = ? AND walk < ? ORDER BY walk DESC, id LIMIT ?"
        return [FolderRow(*row) for row in await self.db.fetch_all(sql, (root, walk, most))]

    async def folder(self, id: int) -> FolderRow | None:
        row = await self.db.fetch_one("SELECT id, root, path FROM folders WHERE id = ?", (id,))
        return FolderRow(*row) if row else None

    async def folder_at(self, root: int, path: bytes) -> FolderRow | None:
        row = await self.db.fetch_one("SELECT id, root, path FROM folders WHERE root = ? AND path = ?", (root, path))
        return FolderRow(*row) if row else None

    async def folders_below(self, folder: FolderRow, most: int) -> list[FolderRow]:
        """Those below it, and itself last."""
        first, last = (folder.path + b"/", folder.path + b"0") if folder.path else (b"", b"\xff\xff")
        sql = """SELECT id, root, path FROM folders WHERE root = ? AND path > ? AND path < ?
            ORDER BY path DESC LIMIT ?"""
        rows = await self.db.fetch_all(sql, (folder.root, first, last, most))
        return [FolderRow(*row) for row in rows] if len(rows) == most else [*(FolderRow(*row) for row in rows), folder]

    async def content(self, folder: int) -> dict[bytes, EntryRow]:
        sql = "SELECT id, name, is_folder, size_bytes, modified_ms, text_bytes FROM entries WHERE folder = ?"
        rows = await self.db.fetch_all(sql, (folder,))
        return {row[1]: EntryRow(row[0], row[1], bool(row[2]), *row[3:]) for row in rows}

    async def totals(self) -> tuple[int, int]:
        """How many entries there are, and bytes of text."""
        row = await self.db.fetch_one("SELECT COUNT(*), COALESCE(SUM(text_bytes), 0) FROM entries")
        return (row[0], row[1]) if row else (0, 0)

    async def add(self, folder: FolderRow, entries: Sequence[NewEntry], root_word: str) -> None:
        """Add what is not known. Folders among it wait to be walked."""
        async with self.db.write() as tx:
            ids = await _free_ids(tx, [entry.modified_ms for entry in entries])
            numbered = list(zip(ids, entries, strict=True))
            await tx.execute_many(
                "INSERT INTO entries (id, folder, name, is_folder, size_bytes, modified_ms, text_bytes) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                [
                    (id, folder.id, it.name, it.is_folder, it.size_bytes, it.modified_ms, len(it.text))
                    for id, it in numbered
                ],
            )
            await tx.execute_many(
                "INSERT INTO names (rowid, name, folder) VALUES (?, ?, ?)",
                [(id, f"{it.words} {root_word}", it.folder_words) for id, it in numbered],
            )
            await tx.execute(_ADD_PIECES, (_json(ids),))
            await tx.execute_many(
                "INSERT INTO texts (rowid, root, text) VALUES (?, ?, ?)",
                [(id, root_word, it.text) for id, it in numbered if it.text],
            )
            below = [
                (folder.root, folder.path + b"/" + it.name if folder.path else it.name) for it in entries if it.enter
            ]
            await tx.execute_many("INSERT OR IGNORE INTO folders (root, path) VALUES (?, ?)", below)

    async def remove(self, entries: Sequence[int]) -> None:
        """Forget entries, of which those that are folders lose what is in them by `remove_folder`."""
        async with self.db.write() as tx:
            await _remove(tx, entries)

    async def remove_folder(self, folder: int, most: int) -> int:
        """Forget up to `most` of what is in it, and when nothing is left, itself; how many entries went."""
        async with self.db.write() as tx:
            rows = await tx.fetch_all("SELECT id FROM entries WHERE folder = ? LIMIT ?", (folder, most))
            await _remove(tx, [row[0] for row in rows])
            if len(rows) < most:
                await tx.execute("DELETE FROM folders WHERE id = ?", (folder,))
        return len(rows)

    async def mark_walked(self, folders: Iterable[tuple[int, int]]) -> None:
        """Pairs of a walk and a folder that it has read."""
        async with self.db.write() as tx:
            await tx.execute_many("UPDATE folders SET walk = ? WHERE id = ?", folders)


class WordsStore:
    """What is found by which words."""

    def __init__(self, db: Database) -> None:
        self.db = db

    async def by_name(self, match: str, roots: Sequence[int], most: int) -> list[FoundRow]:
        """The newest of those whose words match."""
        return [_found(row) for row in await self.db.fetch_all(_BY_NAME, (match, most, _json(roots)))]

    async def by_pieces(self, match: str, roots: Sequence[int], most: int) -> list[FoundRow]:
        """The newest of those whose names hold all these pieces of three letters, wherever."""
        return [_found(row) for row in await self.db.fetch_all(_BY_PIECES, (match, most, _json(roots)))]

    async def by_text(self, match: str, roots: Sequence[int], most: int) -> list[FoundRow]:
        """The newest of the documents whose text matches; the smaller the weight, the better."""
        rows = await self.db.fetch_all(_BY_TEXT, (match, most, _json(roots)))
        return [_found(row) for row in rows]

    async def text(self, entry: int) -> str:
        row = await self.db.fetch_one("SELECT text FROM texts WHERE rowid = ?", (entry,))
        return str(row[0]) if row else ""

    async def terms(self, begins: str, shortest: int, longest: int) -> list[str]:
        """Words that occur in names and begin so."""
        sql = "SELECT term FROM terms WHERE term >= ? AND term < ? AND length(term) BETWEEN ? AND ?"
        rows = await self.db.fetch_all(sql, (begins, begins + "\U0010ffff", shortest, longest))
        return [row[0] for row in rows]


async def _free_ids(tx: Transaction, modified_ms: Sequence[int]) -> list[int]:
    """An id for each that is not taken, by the minute of its change."""
    bases = [(at // _MINUTE_MS) << _BITS for at in modified_ms]
    wanted = sorted(set(bases))
    taken = {row[0]: row[1] for row in await tx.fetch_all(_TAKEN, (_json(wanted),))}
    following = {base: base if taken[base] is None else taken[base] + 1 for base in wanted}
    found = []
    for base in bases:
        found.append(following[base])
        following[base] += 1
    return found


async def _remove(tx: Transaction, entries: Sequence[int]) -> None:
    ids = _json(entries)
    for statement in _REMOVE:
        await tx.execute(statement, (ids,))


def _found(row: Row) -> FoundRow:
    id, name, is_folder, size_bytes, modified_ms, path, root, weight = row
    return FoundRow(EntryRow(id, name, bool(is_folder), size_bytes, modified_ms), path, root, weight)


def _json(values: Sequence[int]) -> str:
    return orjson.dumps(values).decode()
