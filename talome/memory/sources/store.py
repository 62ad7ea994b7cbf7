"""SQL of the sources, their documents and their chunks."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Final

import orjson

from talome.core.db import Database, Row, Transaction
from talome.core.errors import NotFound

LEAVING: Final = "leaving"
"""The state of a source that is being deleted: nobody sees it any more."""


@dataclass(frozen=True, slots=True)
class SourceRow:
    """As it is kept; times are milliseconds since 1970."""

    id: str
    space: str
    kind: str
    title: str
    origin: str
    branch: str
    type: str
    external_source: str | None
    external_id: str | None
    sha256: str
    reader: int
    size_bytes: int
    state: str
    stage: str | None
    done: int | None
    total: int | None
    problem: str | None
    problems: str
    job_id: str | None
    watched: int
    allow_private: int
    etag: str
    last_modified: str
    added_by: str
    created_at: int
    updated_at: int
    read_at: int | None

    def changed(self, **values: object) -> "SourceRow":
        return replace(self, **values)  # type: ignore[arg-type]  # the names are those of the fields


@dataclass(frozen=True, slots=True)
class DocumentRow:
    id: str
    source_id: str
    path: str
    file: str
    title: str
    kind: str
    sha256: str
    cut: int
    whole: int
    created_at: int
    updated_at: int

    def made_whole(self) -> "DocumentRow":
        return replace(self, whole=1)


@dataclass(frozen=True, slots=True)
class ChunkRow:
    """`heading` is JSON."""

    id: str
    document_id: str
    seq: int
    text: str
    heading: str
    page: int | None
    line: int | None


@dataclass(frozen=True, slots=True)
class CitedRow:
    """A chunk with what it is cited by."""

    chunk: ChunkRow
    title: str
    path: str
    source: SourceRow


class SourcesStore:
    """What was added."""

    def __init__(self, db: Database) -> None:
        self.db = db

    async def add(self, tx: Transaction, row: SourceRow) -> None:
        await tx.execute(
            "INSERT INTO sources (id, space, kind, title, origin, branch, type, external_source, external_id, sha256, "
            "reader, size_bytes, state, stage, done, total, problem, problems, job_id, watched, allow_private, etag, "
            "last_modified, added_by, created_at, updated_at, read_at) VALUES (:id, :space, :kind, :title, :origin, "
            ":branch, :type, :external_source, :external_id, :sha256, :reader, :size_bytes, :state, :stage, :done, "
            ":total, :problem, :problems, :job_id, :watched, :allow_private, :etag, :last_modified, :added_by, "
            ":created_at, :updated_at, :read_at)",
            asdict(row),
        )

    async def update(self, tx: Transaction, row: SourceRow) -> None:
        """Raises `NotFound` where it is gone, or going."""
        changed = await tx.execute(
            "UPDATE sources SET title = :title, origin = :origin, branch = :branch, type = :type, sha256 = :sha256, "
            "reader = :reader, size_bytes = :size_bytes, state = :state, stage = :stage, done = :done, total = :total, "
            "problem = :problem, problems = :problems, job_id = :job_id, watched = :watched, "
            "allow_private = :allow_private, etag = :etag, last_modified = :last_modified, updated_at = :updated_at, "
            "read_at = :read_at WHERE id = :id AND state <> 'leaving'",
            asdict(row),
        )
        if not changed:
            raise NotFound("There is no such source.")

    async def get(self, source_id: str) -> SourceRow | None:
        row = await self.db.fetch_one("SELECT * FROM sources WHERE id = ? AND state <> 'leaving'", (source_id,))
        return SourceRow(**dict(row)) if row else None

    async def same(self, row: SourceRow) -> SourceRow | None:
        """A source of this space that is the same thing: by its outside name, its address, or its very content."""
        found = await self.db.fetch_one(
            "SELECT * FROM sources WHERE space = :space AND state <> 'leaving' AND ((:external_id IS NOT NULL "
            "AND external_source IS :external_source AND external_id = :external_id) OR (:external_id IS NULL "
            "AND external_id IS NULL AND kind = :kind AND CASE WHEN kind IN ('upload', 'text') THEN sha256 = :sha256 "
            "ELSE origin = :origin AND branch = :branch END)) ORDER BY created_at LIMIT 1",
            asdict(row),
        )
        return SourceRow(**dict(found)) if found else None

    async def list_(
        self, spaces: Collection[str], kind: str | None, state: str | None, limit: int, offset: int
    ) -> tuple[list[SourceRow], int]:
        """The latest first, and how many there are in all."""
        where = {"spaces": _json(spaces), "kind": kind, "state": state, "limit": limit, "offset": offset}
        rows = await self.db.fetch_all(
            "SELECT * FROM sources WHERE space IN (SELECT value FROM json_each(:spaces)) AND state <> 'leaving' "
            "AND (:kind IS NULL OR kind = :kind) AND (:state IS NULL OR state = :state) "
            "ORDER BY created_at DESC, id DESC LIMIT :limit OFFSET :offset",
            where,
        )
        total = await self.db.fetch_one(
            "SELECT COUNT(*) FROM sources WHERE space IN (SELECT value FROM json_each(:spaces)) "
            "AND state <> 'leaving' AND (:kind IS NULL OR kind = :kind) AND (:state IS NULL OR state = :state)",
            where,
        )
        return [SourceRow(**dict(row)) for row in rows], int(total[0]) if total else 0

    async def watched(self) -> list[SourceRow]:
        rows = await self.db.fetch_all(
            "SELECT * FROM sources WHERE watched = 1 AND state IN ('ready', 'failed') ORDER BY id"
        )
        return [SourceRow(**dict(row)) for row in rows]

    async def all_states(self) -> dict[str, str]:
        """The state of every source, those included that are being deleted."""
        return {row[0]: row[1] for row in await self.db.fetch_all("SELECT id, state FROM sources")}

    async def counts(self, source_ids: Sequence[str]) -> dict[str, tuple[int, int]]:
        """By source, its documents and its chunks."""
        rows = await self.db.fetch_all(
            "SELECT documents.source_id, COUNT(DISTINCT documents.id), COUNT(chunks.id) FROM documents "
            "LEFT JOIN chunks ON chunks.document_id = documents.id "
            "WHERE documents.whole = 1 AND documents.source_id IN (SELECT value FROM json_each(?)) GROUP BY 1",
            (_json(source_ids),),
        )
        return {row[0]: (row[1], row[2]) for row in rows}

    async def note_job(self, tx: Transaction, source_id: str, job_id: str) -> None:
        await tx.execute("UPDATE sources SET job_id = ? WHERE id = ?", (job_id, source_id))

    async def leave(self, tx: Transaction, source_id: str) -> None:
        """From now on nobody sees it."""
        await tx.execute("UPDATE sources SET state = 'leaving', job_id = NULL WHERE id = ?", (source_id,))

    async def spaces(self, tx: Transaction) -> set[str]:
        return {row[0] for row in await tx.fetch_all("SELECT DISTINCT space FROM sources WHERE state <> 'leaving'")}

    async def leave_spaces(self, tx: Transaction, spaces: Collection[str]) -> None:
        """From now on nobody sees any source of these spaces."""
        await tx.execute(
            "UPDATE sources SET state = 'leaving', job_id = NULL WHERE space IN (SELECT value FROM json_each(?))",
            (_json(spaces),),
        )

    async def remove(self, tx: Transaction, source_id: str) -> None:
        await tx.execute("DELETE FROM sources WHERE id = ?", (source_id,))

    async def require(self, tx: Transaction, source_id: str) -> None:
        """Raise where it is gone, or going: nothing more is kept of it."""
        if not await tx.fetch_one("SELECT 1 FROM sources WHERE id = ? AND state <> 'leaving'", (source_id,)):
            raise NotFound("The source was deleted.")


class DocumentsStore:
    """What was read of it: documents and their chunks."""

    def __init__(self, db: Database) -> None:
        self.db = db

    async def put(self, tx: Transaction, row: DocumentRow) -> None:
        """New, or with other words; the time of its making stays."""
        await tx.execute(
            "INSERT INTO documents (id, source_id, path, file, title, kind, sha256, cut, whole, created_at, "
            "updated_at) VALUES (:id, :source_id, :path, :file, :title, :kind, :sha256, :cut, :whole, :created_at, "
            ":updated_at) "
            "ON CONFLICT (id) DO UPDATE SET title = :title, kind = :kind, sha256 = :sha256, cut = :cut, "
            "whole = :whole, updated_at = :updated_at",
            asdict(row),
        )

    async def files(self, source_id: str) -> dict[str, str]:
        """By file, the sha256 that it had when all its documents were made."""
        rows = await self.db.fetch_all(
            "SELECT file, MIN(sha256), MAX(sha256), MIN(whole) FROM documents WHERE source_id = ? GROUP BY file",
            (source_id,),
        )
        return {row[0]: row[1] for row in rows if row[1] == row[2] and row[3]}

    async def of_file(self, source_id: str, file: str) -> list[str]:
        rows = await self.db.fetch_all(
            "SELECT id FROM documents WHERE source_id = ? AND file = ? ORDER BY id", (source_id, file)
        )
        return [row[0] for row in rows]

    async def ids(self, source_id: str, *, only_broken: bool = False) -> list[tuple[str, str]]:
        """Each with its file. `only_broken`: those that were not brought to their end."""
        rows = await self.db.fetch_all(
            "SELECT id, file FROM documents WHERE source_id = ? AND whole <= ? ORDER BY path",
            (source_id, 0 if only_broken else 1),
        )
        return [(row[0], row[1]) for row in rows]

    async def list_(self, source_id: str, limit: int, offset: int) -> tuple[list[tuple[DocumentRow, int]], int]:
        """By path, each with the number of its chunks, and how many there are in all."""
        rows = await self.db.fetch_all(
            "SELECT *, (SELECT COUNT(*) FROM chunks WHERE document_id = documents.id) AS chunks FROM documents "
            "WHERE source_id = ? AND whole = 1 ORDER BY path LIMIT ? OFFSET ?",
            (source_id, limit, offset),
        )
        total = await self.db.fetch_one(
            "SELECT COUNT(*) FROM documents WHERE source_id = ? AND whole = 1", (source_id,)
        )
        return [_counted(row) for row in rows], int(total[0]) if total else 0

    async def get(self, document_id: str) -> tuple[DocumentRow, int] | None:
        row = await self.db.fetch_one(
            "SELECT *, (SELECT COUNT(*) FROM chunks WHERE document_id = documents.id) AS chunks FROM documents "
            "WHERE id = ? AND whole = 1",
            (document_id,),
        )
        return _counted(row) if row else None

    async def doubt(self, tx: Transaction, source_id: str, file: str) -> None:
        """What is there of a file may be old, so it is read again the next time."""
        await tx.execute("UPDATE documents SET sha256 = '' WHERE source_id = ? AND file = ?", (source_id, file))

    async def remove(self, tx: Transaction, document_id: str) -> None:
        await tx.execute("DELETE FROM documents WHERE id = ?", (document_id,))

    async def chunks(self, document_id: str, limit: int, offset: int) -> list[ChunkRow]:
        """In the order of the document."""
        rows = await self.db.fetch_all(
            "SELECT * FROM chunks WHERE document_id = ? ORDER BY seq LIMIT ? OFFSET ?", (document_id, limit, offset)
        )
        return [ChunkRow(**dict(row)) for row in rows]

    async def known_chunks(self, document_id: str) -> dict[str, tuple[int, str, int | None, int | None]]:
        """By id, the place of each."""
        rows = await self.db.fetch_all(
            "SELECT id, seq, heading, page, line FROM chunks WHERE document_id = ?", (document_id,)
        )
        return {row[0]: (row[1], row[2], row[3], row[4]) for row in rows}

    async def put_chunks(self, tx: Transaction, rows: Sequence[ChunkRow]) -> None:
        await tx.execute_many(
            "INSERT INTO chunks (id, document_id, seq, text, heading, page, line) "
            "VALUES (:id, :document_id, :seq, :text, :heading, :page, :line) "
            "ON CONFLICT (id) DO UPDATE SET seq = :seq, heading = :heading, page = :page, line = :line",
            [asdict(row) for row in rows],
        )

    async def remove_chunks(self, tx: Transaction, ids: Sequence[str]) -> None:
        await tx.execute("DELETE FROM chunks WHERE id IN (SELECT value FROM json_each(?))", (_json(ids),))

    async def cited(self, spaces: Collection[str], ids: Collection[str]) -> dict[str, CitedRow]:
        """Of these chunks, those of whole documents in these spaces."""
        rows = await self.db.fetch_all(
            "SELECT chunks.*, documents.title AS document_title, documents.path AS path, documents.source_id AS source "
            "FROM chunks JOIN documents ON documents.id = chunks.document_id JOIN sources ON sources.id = source_id "
            "WHERE chunks.id IN (SELECT value FROM json_each(?)) AND documents.whole = 1 "
            "AND sources.state <> 'leaving' AND sources.space IN (SELECT value FROM json_each(?))",
            (_json(ids), _json(spaces)),
        )
        of = await self.db.fetch_all(
            "SELECT * FROM sources WHERE id IN (SELECT value FROM json_each(?))",
            (_json({row["source"] for row in rows}),),
        )
        sources = {row["id"]: SourceRow(**dict(row)) for row in of}
        fields = ChunkRow.__dataclass_fields__
        return {
            row["id"]: CitedRow(
                ChunkRow(**{name: row[name] for name in fields}),
                row["document_title"],
                row["path"],
                sources[row["source"]],
            )
            for row in rows
            if row["source"] in sources
        }


def _counted(row: Row) -> tuple[DocumentRow, int]:
    values = dict(row)
    chunks = int(values.pop("chunks"))
    return DocumentRow(**values), chunks


def _json(values: Collection[str]) -> str:
    return orjson.dumps(sorted(values)).decode()
