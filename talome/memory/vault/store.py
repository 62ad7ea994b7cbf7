"""All SQL of the notes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Any, Final

import orjson

from talome.core.db import Database, Row, Transaction


@dataclass(slots=True)
class NoteRow:
    """A note as it is kept: its head. Lists and maps are JSON; times are milliseconds."""

    id: str
    space: str
    title: str
    content: str
    kind: str
    status: str
    tags: str
    importance: float
    confidence: float
    metadata: str
    external_source: str | None
    external_id: str | None
    claim_key: str | None
    origin: str
    trusted: int
    author: str
    valid_from: int | None
    valid_to: int | None
    entities: str
    content_hash: str
    version: int
    superseded_by: str | None
    helpful: int
    unhelpful: int
    use_count: int
    last_used_at: int | None
    verified_at: int | None
    created_at: int
    updated_at: int
    deleted_at: int | None
    purge_at: int | None
    status_before: str | None
    bands: str
    changed_by: str
    changed_by_name: str
    changed_by_kind: str
    changed_by_key: str | None
    last_action: str


@dataclass(frozen=True, slots=True)
class NoteFilter:
    """Which notes; None: whatever it is. `before` is the place of the last note of the page before."""

    spaces: frozenset[str]
    status: str | None = None
    kind: str | None = None
    tag: str | None = None
    origin: str | None = None
    external_source: str | None = None
    before: tuple[int, str] | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A note that may be nearly the same as another, or its value of the same claim."""

    id: str
    title: str
    content: str
    kind: str
    trusted: int
    external_source: str | None


_NAMES: Final = tuple(field.name for field in fields(NoteRow))
_VALUES: Final = attrgetter(*_NAMES)
_COLUMNS: Final = ", ".join(_NAMES)
_MARKS: Final = ", ".join("?" * len(_NAMES))
_SELECT: Final = f"SELECT {_COLUMNS} FROM notes"  # noqa: S608 - constants only
_INSERT: Final = f"INSERT INTO notes ({_COLUMNS}) VALUES ({_MARKS})"  # noqa: S608 - constants only
_CHANGING: Final = tuple(name for name in _NAMES if name not in ("id", "space", "author", "created_at"))
_CHANGES: Final = ", ".join(f"{name} = ?" for name in _CHANGING)
_UPDATE: Final = f"UPDATE notes SET {_CHANGES} WHERE id = ?"  # noqa: S608 - constants only
_CHANGED_VALUES: Final = attrgetter(*_CHANGING)
_STALE: Final = (
    "coalesce(verified_at, updated_at) < (SELECT value FROM json_each(:before) WHERE key IN (kind, '*') "
    "ORDER BY key = '*' LIMIT 1)"
)
_SPACES: Final = "space IN (SELECT value FROM json_each(:spaces))"


def packed(items: Iterable[Any]) -> str:
    """A list as the one parameter that it is."""
    return orjson.dumps(list(items)).decode()


def _note(row: Row) -> NoteRow:
    return NoteRow(*row)


class NotesReader:
    """What is read of the notes outside a transaction."""

    def __init__(self, db: Database) -> None:
        self.db = db

    async def get(self, note_id: str, spaces: Iterable[str]) -> NoteRow | None:
        """A note that is not forgotten."""
        row = await self.db.fetch_one(
            f"{_SELECT} WHERE id = :id AND {_SPACES} AND deleted_at IS NULL",
            {"id": note_id, "spaces": packed(spaces)},
        )
        return _note(row) if row else None

    async def many(self, ids: Iterable[str], spaces: Iterable[str]) -> dict[str, NoteRow]:
        """The notes of these that are not forgotten, by their ids."""
        rows = await self.db.fetch_all(
            f"{_SELECT} WHERE id IN (SELECT value FROM json_each(:ids)) AND {_SPACES} AND deleted_at IS NULL",  # noqa: S608 - constants only
            {"ids": packed(ids), "spaces": packed(spaces)},
        )
        return {row["id"]: _note(row) for row in rows}

    async def by_identity(self, spaces: Iterable[str], source: str, external_id: str) -> NoteRow | None:
        """The latest that bears it, where several spaces have one."""
        row = await self.db.fetch_one(
            f"{_SELECT} WHERE {_SPACES} AND external_source = :source AND external_id = :id "
            "AND deleted_at IS NULL ORDER BY updated_at DESC, id LIMIT 1",
            {"spaces": packed(spaces), "source": source, "id": external_id},
        )
        return _note(row) if row else None

    async def page(self, chosen: NoteFilter) -> list[NoteRow]:
        """Whatever is not forgotten, the latest change first."""
        at, last = chosen.before or (2**62, "")
        rows = await self.db.fetch_all(
            f"{_SELECT} WHERE {_SPACES} AND deleted_at IS NULL "  # noqa: S608 - constants only
            "AND (updated_at, id) < (:at, :last) "
            "AND (:status IS NULL OR status = :status) AND (:kind IS NULL OR kind = :kind) "
            "AND (:origin IS NULL OR origin = :origin) AND (:source IS NULL OR external_source = :source) "
            "AND (:tag IS NULL OR EXISTS (SELECT 1 FROM json_each(tags) WHERE value = :tag)) "
            "ORDER BY updated_at DESC, id DESC LIMIT :limit",
            {
                "spaces": packed(chosen.spaces),
                "at": at,
                "last": last,
                "status": chosen.status,
                "kind": chosen.kind,
                "origin": chosen.origin,
                "source": chosen.external_source,
                "tag": chosen.tag,
                "limit": chosen.limit,
            },
        )
        return [_note(row) for row in rows]

    async def pinned(self, spaces: Iterable[str], limit: int) -> list[NoteRow]:
        """What is always to be told: tagged so, and preferences that matter much; not what nobody approved."""
        rows = await self.db.fetch_all(
            f"{_SELECT} WHERE {_SPACES} AND status = 'active' AND trusted = 1 "  # noqa: S608 - constants only
            "AND ((kind = 'preference' AND importance >= 0.7) "
            "OR EXISTS (SELECT 1 FROM json_each(tags) WHERE value = 'pinned')) "
            "ORDER BY importance DESC, updated_at DESC, id LIMIT :limit",
            {"spaces": packed(spaces), "limit": limit},
        )
        return [_note(row) for row in rows]

    async def forgotten(self, spaces: Iterable[str], limit: int) -> list[NoteRow]:
        rows = await self.db.fetch_all(
            f"{_SELECT} WHERE {_SPACES} AND deleted_at IS NOT NULL ORDER BY deleted_at DESC, id LIMIT :limit",
            {"spaces": packed(spaces), "limit": limit},
        )
        return [_note(row) for row in rows]

    async def versions(self, note_id: str) -> list[Row]:
        """The latest first."""
        return await self.db.fetch_all(
            "SELECT version, action, actor_name, actor_kind, at, snapshot FROM note_versions WHERE note_id = ? "
            "ORDER BY version DESC LIMIT 500",
            (note_id,),
        )

    async def log(self, note_id: str, spaces: Iterable[str], limit: int) -> list[Row]:
        return await self.db.fetch_all(
            "SELECT at, note_id, action, version, content_hash, actor_id, actor_kind FROM note_log "  # noqa: S608 - constants only
            f"WHERE note_id = :id AND {_SPACES} ORDER BY id DESC LIMIT :limit",
            {"id": note_id, "spaces": packed(spaces), "limit": limit},
        )

    async def settle(self) -> None:
        """Bring what is in the write-ahead log into the file, and empty it."""
        await self.db.fetch_all("PRAGMA wal_checkpoint(TRUNCATE)")

    async def counts(self, spaces: Iterable[str]) -> dict[str, int]:
        """How many notes there are of each status, and `bytes` of text."""
        rows = await self.db.fetch_all(
            "SELECT status, count(*), sum(length(CAST(content AS BLOB)) + length(CAST(title AS BLOB))) FROM notes "  # noqa: S608 - constants only
            f"WHERE {_SPACES} AND deleted_at IS NULL GROUP BY status",
            {"spaces": packed(spaces)},
        )
        return {row[0]: row[1] for row in rows} | {"bytes": sum(row[2] or 0 for row in rows)}

    async def waiting(self, spaces: Iterable[str], limit: int) -> list[NoteRow]:
        """Proposals, the oldest first."""
        rows = await self.db.fetch_all(
            f"{_SELECT} WHERE {_SPACES} AND status = 'pending' ORDER BY created_at, id LIMIT :limit",
            {"spaces": packed(spaces), "limit": limit},
        )
        return [_note(row) for row in rows]

    async def stale(self, spaces: Iterable[str], before: str, limit: int) -> list[NoteRow]:
        """Active notes that were last confirmed before the moment of their kind; `before` is a JSON map of those."""
        rows = await self.db.fetch_all(
            f"{_SELECT} WHERE {_SPACES} AND status = 'active' "
            f"AND {_STALE} "
            "ORDER BY coalesce(verified_at, updated_at), id LIMIT :limit",
            {"spaces": packed(spaces), "before": before, "limit": limit},
        )
        return [_note(row) for row in rows]

    async def totals(self, spaces: Iterable[str], before: str) -> tuple[int, int, int]:
        """How much waits: proposals, findings, and what is stale."""
        row = await self.db.fetch_one(
            f"SELECT (SELECT count(*) FROM notes WHERE {_SPACES} AND status = 'pending'), "  # noqa: S608 - constants only
            f"(SELECT count(*) FROM note_findings WHERE {_SPACES} AND state = 'open'), "
            f"(SELECT count(*) FROM notes WHERE {_SPACES} AND status = 'active' AND {_STALE})",
            {"spaces": packed(spaces), "before": before},
        )
        return (row[0], row[1], row[2]) if row else (0, 0, 0)


class VaultStore:
    """What is read and written of the notes in a transaction."""

    def __init__(self, db: Database) -> None:
        self.db = db

    async def insert(self, tx: Transaction, row: NoteRow) -> None:
        """Its first version and the line in the log follow by themselves."""
        await tx.execute(_INSERT, _VALUES(row))

    async def replace(self, tx: Transaction, row: NoteRow) -> None:
        """The new head of a note; where `version` is another than before, the version and the log follow."""
        await tx.execute(_UPDATE, (*_CHANGED_VALUES(row), row.id))

    async def find(self, tx: Transaction, note_id: str) -> NoteRow | None:
        row = await tx.fetch_one(_SELECT + " WHERE id = ?", (note_id,))
        return _note(row) if row else None

    async def with_identity(self, tx: Transaction, space: str, source: str, external_id: str) -> NoteRow | None:
        row = await tx.fetch_one(
            f"{_SELECT} WHERE space = ? AND external_source = ? AND external_id = ? AND deleted_at IS NULL",
            (space, source, external_id),
        )
        return _note(row) if row else None

    async def with_hash(self, tx: Transaction, space: str, content_hash: str) -> NoteRow | None:
        """What says exactly this: rather what counts than what was turned down."""
        row = await tx.fetch_one(
            f"{_SELECT} WHERE space = ? AND content_hash = ? "
            "AND status IN ('active', 'pending', 'rejected') ORDER BY status = 'rejected', status, id LIMIT 1",
            (space, content_hash),
        )
        return _note(row) if row else None

    async def with_claim(self, tx: Transaction, space: str, claim_key: str, but: str) -> list[NoteRow]:
        rows = await tx.fetch_all(
            f"{_SELECT} WHERE space = ? AND claim_key = ? AND status = 'active' AND id <> ?",
            (space, claim_key, but),
        )
        return [_note(row) for row in rows]

    async def neighbours(self, tx: Transaction, space: str, bands: str, but: str, limit: int) -> list[Neighbour]:
        """Notes of which a band is the same."""
        rows = await tx.fetch_all(
            "SELECT DISTINCT n.id, n.title, substr(n.content, 1, 8000), n.kind, n.trusted, n.external_source "
            "FROM note_shapes s JOIN notes n ON n.id = s.note_id WHERE s.space = ? "
            "AND s.band IN (SELECT value FROM json_each(?)) AND n.id <> ? AND n.status IN ('active', 'pending') "
            "ORDER BY n.id DESC LIMIT ?",
            (space, bands, but, limit),
        )
        return [Neighbour(*row) for row in rows]

    async def several(self, tx: Transaction, space: str, ids: Iterable[str]) -> list[Neighbour]:
        """Those of these that count or wait."""
        rows = await tx.fetch_all(
            "SELECT id, title, substr(content, 1, 8000), kind, trusted, external_source FROM notes "
            "WHERE id IN (SELECT value FROM json_each(?)) AND space = ? AND status IN ('active', 'pending') "
            "ORDER BY id",
            (packed(ids), space),
        )
        return [Neighbour(*row) for row in rows]

    async def snapshot(self, tx: Transaction, note_id: str, version: int) -> dict[str, Any] | None:
        row = await tx.fetch_one(
            "SELECT snapshot FROM note_versions WHERE note_id = ? AND version = ?", (note_id, version)
        )
        return dict(orjson.loads(row["snapshot"])) if row else None

    async def rate(self, tx: Transaction, note_id: str, helpful: int, unhelpful: int) -> NoteRow | None:
        """Add to the counts, which do not fall below nothing."""
        await tx.execute(
            "UPDATE notes SET helpful = max(0, helpful + ?), unhelpful = max(0, unhelpful + ?) WHERE id = ?",
            (helpful, unhelpful, note_id),
        )
        return await self.find(tx, note_id)

    async def used(self, tx: Transaction, ids: Iterable[str], at: int) -> None:
        await tx.execute(
            "UPDATE notes SET use_count = use_count + 1, last_used_at = ? WHERE id IN (SELECT value FROM json_each(?))",
            (at, packed(ids)),
        )

    async def verified(self, tx: Transaction, row: NoteRow, at: int, actor: tuple[str, str, str | None]) -> None:
        await tx.execute("UPDATE notes SET verified_at = ? WHERE id = ?", (at, row.id))
        await tx.execute(
            "INSERT INTO note_log (at, note_id, space, action, version, content_hash, actor_id, actor_kind, key_id) "
            "VALUES (?, ?, ?, 'verified', ?, ?, ?, ?, ?)",
            (at, row.id, row.space, row.version, row.content_hash, *actor),
        )


class PurgeStore:
    """What ends for good."""

    def __init__(self, db: Database) -> None:
        self.db = db

    async def overwrite(self, tx: Transaction) -> None:
        """From now on what is deleted is overwritten in the file, also in the tables of the other features."""
        await tx.execute("PRAGMA secure_delete=ON")

    async def spaces(self, tx: Transaction) -> set[str]:
        """Where there are notes, forgotten ones too."""
        return {row["space"] for row in await tx.fetch_all("SELECT DISTINCT space FROM notes")}

    async def left(self, tx: Transaction, spaces: Iterable[str], at: int, before: int) -> list[str]:
        """Note that nobody owns these any more, and no others; returns those that nobody owned at `before` already."""
        left = packed(spaces)
        await tx.execute("DELETE FROM left_spaces WHERE space NOT IN (SELECT value FROM json_each(?))", (left,))
        await tx.execute("INSERT OR IGNORE INTO left_spaces SELECT value, ? FROM json_each(?)", (at, left))
        rows = await tx.fetch_all("SELECT space FROM left_spaces WHERE since <= ? ORDER BY space", (before,))
        return [row["space"] for row in rows]

    async def overdue(self, tx: Transaction, at: int, left: Iterable[str], limit: int) -> Sequence[str]:
        """Forgotten notes whose time is over, and all of spaces that are left behind."""
        rows = await tx.fetch_all(
            "SELECT id FROM notes WHERE purge_at <= ? OR space IN (SELECT value FROM json_each(?)) LIMIT ?",
            (at, packed(left), limit),
        )
        return [row["id"] for row in rows]

    async def expired(self, tx: Transaction, at: int, limit: int) -> Sequence[str]:
        """Active notes whose time is over."""
        rows = await tx.fetch_all("SELECT id FROM notes WHERE valid_to <= ? AND status = 'active' LIMIT ?", (at, limit))
        return [row["id"] for row in rows]

    async def purge(self, tx: Transaction, ids: Iterable[str]) -> None:
        """Versions, shapes and findings go with it."""
        await tx.execute("DELETE FROM notes WHERE id IN (SELECT value FROM json_each(?))", (packed(ids),))
