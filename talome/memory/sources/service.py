"""The sources of a caller: what is there, what was read of it, where it was found, and its end."""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import orjson

from talome.core.clock import from_ms, now_ms
from talome.core.errors import Forbidden, Invalid, NotFound
from talome.core.operations import Caller
from talome.memory.index.models import Query
from talome.memory.index.service import Index
from talome.memory.sources.citing import citation, opens
from talome.memory.sources.folders import SourceFolders
from talome.memory.sources.ingest import MANY, Ingest
from talome.memory.sources.intake import Intake
from talome.memory.sources.leaving import Leaving
from talome.memory.sources.models import (
    AddedSource,
    ChunkList,
    Citation,
    CitedChunk,
    Document,
    DocumentChunk,
    DocumentList,
    NewSource,
    ReadProblem,
    Source,
    SourceChanged,
    SourceKind,
    SourceList,
    SourceSearch,
    SourceState,
)
from talome.memory.sources.store import ChunkRow, DocumentRow, DocumentsStore, SourceRow, SourcesStore
from talome.memory.spaces import Spaces

_NOT_FOUND: Final = "There is no such source."
_SPARE: Final = 2


@dataclass(frozen=True, slots=True)
class Original:
    """The file that a source was made from."""

    path: Path
    name: str
    type: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Making:
    """What makes sources and takes them away."""

    intake: Intake
    ingest: Ingest
    leaving: Leaving
    folders: SourceFolders


class Sources:
    def __init__(
        self, store: SourcesStore, documents: DocumentsStore, index: Index, spaces: Spaces, making: Making
    ) -> None:
        self._store = store
        self._documents = documents
        self._index = index
        self._spaces = spaces
        self._making = making

    async def start(self) -> None:
        """Bring to its end what a crash left."""
        await self._making.leaving.finish()
        states = await self._store.all_states()
        for source_id, state in states.items():
            if state in ("waiting", "reading"):
                await self._making.ingest.mend(source_id)
        await asyncio.to_thread(self._making.folders.sweep, states.keys())

    # --- what is there ---

    async def list_(
        self,
        caller: Caller,
        *,
        workspace_id: str | None,
        kind: SourceKind | None,
        state: SourceState | None,
        limit: int,
        offset: int,
    ) -> SourceList:
        spaces = self._spaces.readable(caller, workspace_id)
        rows, total = await self._store.list_(spaces, kind, state, limit, offset)
        return SourceList(data=await self._shown(rows), total=total, has_more=offset + len(rows) < total)

    async def get(self, caller: Caller, source_id: str) -> Source:
        return (await self._shown([await self._readable(caller, source_id)]))[0]

    async def documents(self, caller: Caller, source_id: str, limit: int, offset: int) -> DocumentList:
        await self._readable(caller, source_id)
        rows, total = await self._documents.list_(source_id, limit, offset)
        data = [_document(row, chunks) for row, chunks in rows]
        return DocumentList(data=data, total=total, has_more=offset + len(data) < total)

    async def document(self, caller: Caller, document_id: str) -> Document:
        return _document(*await self._readable_document(caller, document_id))

    async def chunks(self, caller: Caller, document_id: str, limit: int, offset: int) -> ChunkList:
        _, total = await self._readable_document(caller, document_id)
        rows = await self._documents.chunks(document_id, limit, offset)
        return ChunkList(data=[_chunk(row) for row in rows], total=total, has_more=offset + len(rows) < total)

    async def chunk(self, caller: Caller, chunk_id: str) -> Citation:
        """A chunk as it is cited."""
        found = await self.cite(self._spaces.all_of(caller), [chunk_id])
        if chunk_id not in found:
            raise NotFound("There is no such chunk.")
        return found[chunk_id]

    async def cite(self, spaces: Collection[str], ids: Collection[str]) -> dict[str, Citation]:
        """Of these chunks, those that are in these spaces and whole."""
        rows = await self._documents.cited(spaces, ids)
        return {one: citation(row, self._spaces.name_of(row.source.space)) for one, row in rows.items()}

    async def still_there(self, caller: Caller, ids: Collection[str]) -> frozenset[str]:
        """Of these chunks, those that the caller can read at this moment."""
        return frozenset(await self.cite(self._spaces.all_of(caller), ids))

    async def search(
        self,
        caller: Caller,
        query: str,
        *,
        limit: int = 10,
        workspace_id: str | None = None,
        source_ids: Collection[str] = (),
        min_score: float = 0.0,
    ) -> SourceSearch:
        """The chunks that say most about it, each with its citation, the best first."""
        spaces, documents = self._spaces.readable(caller, workspace_id), set[str]()
        for source_id in source_ids:
            spaces |= {(await self._readable(caller, source_id)).space}
            documents |= {document for document, _file in await self._documents.ids(source_id)}
        if source_ids and not documents:
            return SourceSearch(query=query, data=[], took_ms=0.0)
        found = await self._index.find(
            Query(
                spaces,
                query,
                limit=limit * _SPARE,  # those of documents that are not whole yet are left out
                kinds=frozenset({"chunk"}),
                parents=frozenset(documents),
                min_score=min_score,
            )
        )
        cited = await self.cite(spaces, [hit.id for hit in found.hits])
        data = [
            CitedChunk(
                **cited[hit.id].model_dump(),
                score=hit.score,
                relevance_score=hit.relevance,
                keyword_score=hit.keyword,
                vector_score=hit.vector,
                why=list(hit.why),
            )
            for hit in found.hits
            if hit.id in cited
        ]
        return SourceSearch(query=query, data=data[:limit], took_ms=found.took_ms)

    async def original(self, caller: Caller, source_id: str) -> Original:
        row = await self._readable(caller, source_id)
        path = self._making.folders.original(row.id)
        if row.kind in MANY or not await asyncio.to_thread(path.is_file):
            raise NotFound("Talome keeps no single file of this source.")
        name = row.title or "original" if row.kind == "url" else row.origin
        return Original(path, name, row.type, row.sha256)

    # --- changing ---

    async def add(self, caller: Caller, new: NewSource) -> AddedSource:
        row, deduped = await self._making.intake.add(caller, new)
        return AddedSource(source=(await self._shown([row]))[0], deduped=deduped)

    async def change(self, caller: Caller, source_id: str, *, title: str | None, watch: bool | None) -> Source:
        async with self._making.ingest.changing:
            row = await self._writable(caller, source_id)
            if watch and row.kind != "folder":
                raise Invalid("Only a folder of this machine can be watched.", field="watch")
            if watch and "*" not in caller.scopes:
                raise Forbidden("Only an administrator may have a folder of this machine watched.")
            await self._making.ingest.require_rest(row)
            watched = row.watched if watch is None else int(watch)
            row = row.changed(title=title or row.title, watched=watched, updated_at=now_ms())
            async with self._store.db.write() as tx:
                await self._store.update(tx, row)
                tx.emit(SourceChanged(row.id, row.space))
        return (await self._shown([row]))[0]

    async def ingest(self, caller: Caller, source_id: str) -> Source:
        async with self._making.ingest.changing:
            row = await self._making.ingest.start(await self._writable(caller, source_id))
        return (await self._shown([row]))[0]

    async def delete(self, caller: Caller, source_id: str) -> None:
        """When this returns nobody finds anything of it any more, and nothing of it is left."""
        async with self._making.ingest.changing:
            row = await self._writable(caller, source_id)
            async with self._store.db.write() as tx:
                await self._store.leave(tx, row.id)
                tx.emit(SourceChanged(row.id, row.space))
            await self._making.ingest.stop(row)
            await self._making.leaving.take_away(row.id)

    # --- who may ---

    async def _readable(self, caller: Caller, source_id: str) -> SourceRow:
        row = await self._store.get(source_id)
        if row is None or row.space not in self._spaces.all_of(caller):
            raise NotFound(_NOT_FOUND)
        return row

    async def _writable(self, caller: Caller, source_id: str) -> SourceRow:
        row = await self._readable(caller, source_id)
        self._spaces.check_writable(caller, row.space)
        return row

    async def _readable_document(self, caller: Caller, document_id: str) -> tuple[DocumentRow, int]:
        found = await self._documents.get(document_id)
        source = None if found is None else await self._store.get(found[0].source_id)
        if found is None or source is None or source.space not in self._spaces.all_of(caller):
            raise NotFound("There is no such document.")
        return found

    # --- how it is shown ---

    async def _shown(self, rows: list[SourceRow]) -> list[Source]:
        counts = await self._store.counts([row.id for row in rows])
        return [_source(row, self._spaces.name_of(row.space), counts.get(row.id, (0, 0))) for row in rows]


def _source(row: SourceRow, workspace: str | None, counts: tuple[int, int]) -> Source:
    return Source.model_validate(
        {
            "id": row.id,
            "workspace_id": workspace,
            "kind": row.kind,
            "title": row.title or row.origin,
            "origin": row.origin,
            "url": opens(row),
            "type": row.type,
            "external_source": row.external_source,
            "external_id": row.external_id,
            "state": row.state,
            "stage": row.stage,
            "done": row.done,
            "total": row.total,
            "problem": row.problem,
            "problems": [ReadProblem(path=path, reason=reason) for path, reason in orjson.loads(row.problems)],
            "documents": counts[0],
            "chunks": counts[1],
            "size_bytes": row.size_bytes,
            "sha256": row.sha256,
            "watched": bool(row.watched),
            "job_id": row.job_id,
            "added_by": row.added_by,
            "created_at": from_ms(row.created_at),
            "updated_at": from_ms(row.updated_at),
            "read_at": None if row.read_at is None else from_ms(row.read_at),
        }
    )


def _document(row: DocumentRow, chunks: int) -> Document:
    return Document(
        id=row.id, source_id=row.source_id, path=row.path, title=row.title, kind=row.kind, sha256=row.sha256,
        cut=bool(row.cut), chunks=chunks, created_at=from_ms(row.created_at), updated_at=from_ms(row.updated_at),
    )  # fmt: skip


def _chunk(row: ChunkRow) -> DocumentChunk:
    heading = orjson.loads(row.heading)
    return DocumentChunk(
        id=row.id, document_id=row.document_id, seq=row.seq, text=row.text, heading=heading, page=row.page,
        line=row.line,
    )  # fmt: skip
