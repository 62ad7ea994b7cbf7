"""Operations on sources."""

from typing import Annotated

from pydantic import Field

from talome.core.models import Done
from talome.core.operations import Caller, operation
from talome.memory.sources.models import (
    MOST_FOUND,
    AddedSource,
    ChunkId,
    ChunkList,
    Citation,
    Document,
    DocumentId,
    DocumentList,
    GivenPath,
    GivenText,
    GivenTitle,
    MediaType,
    NewSource,
    Source,
    SourceId,
    SourceKind,
    SourceList,
    SourceSearch,
    SourceState,
    UploadId,
)
from talome.memory.sources.service import Sources
from talome.memory.vault.models import QueryText, Reference, Share, WorkspaceName

Limit = Annotated[int, Field(ge=1, le=500)]
Offset = Annotated[int, Field(ge=0, le=10_000_000)]
Address = Annotated[str, Field(min_length=1, max_length=2000)]


class SourcesApi:
    """Faces of `Sources`. Files are sent to `POST /v1/memory/sources/upload`."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources

    @operation("GET", "/v1/memory/sources", scope="memory:read", risk="read")
    async def list_(
        self,
        caller: Caller,
        workspace_id: WorkspaceName | None = None,
        kind: SourceKind | None = None,
        state: SourceState | None = None,
        limit: Limit = 50,
        offset: Offset = 0,
    ) -> SourceList:
        """The sources, the latest first, with how far their reading is. `workspace_id` is a workspace, `@house` or
        `@all`; without it one's own and the household's are shown."""
        return await self._sources.list_(
            caller, workspace_id=workspace_id, kind=kind, state=state, limit=limit, offset=offset
        )

    @operation("POST", "/v1/memory/sources", scope="memory:write", risk="modify", status=201)
    async def add(
        self,
        caller: Caller,
        text: GivenText | None = None,
        url: Address | None = None,
        repository: Address | None = None,
        branch: Annotated[str, Field(max_length=200)] = "",
        path: GivenPath | None = None,
        upload: UploadId | None = None,
        title: GivenTitle | None = None,
        type: MediaType = "",
        workspace_id: WorkspaceName | None = None,
        external_source: Reference | None = None,
        external_id: Reference | None = None,
        watch: bool = False,
        allow_private: bool = False,
    ) -> AddedSource:
        """Add a text, a page or file of the web, a git repository, or a folder of this machine (for administrators
        only), and read it in the background. What is there already with the same content is not read again. With
        `external_source` and `external_id` it is the same source each time. `watch`: look at a folder again every ten
        minutes. `allow_private`: the address is in the own network (for administrators only). `upload` is for
        `POST /v1/memory/sources/upload`, which takes a file."""
        new = NewSource(
            text=text, url=url, repository=repository, branch=branch, path=path, upload=upload, title=title, type=type,
            workspace_id=workspace_id, external_source=external_source, external_id=external_id, watch=watch,
            allow_private=allow_private,
        )  # fmt: skip
        return await self._sources.add(caller, new)

    @operation("POST", "/v1/memory/sources/search", scope="memory:read", risk="read")
    async def search(
        self,
        caller: Caller,
        query: QueryText,
        limit: Annotated[int, Field(ge=1, le=MOST_FOUND)] = 10,
        workspace_id: WorkspaceName | None = None,
        source_ids: Annotated[list[SourceId], Field(max_length=50)] | None = None,
        min_score: Share = 0.0,
    ) -> SourceSearch:
        """Find what the sources say: the best chunks, each cited with title, place, address and score."""
        return await self._sources.search(
            caller, query, limit=limit, workspace_id=workspace_id, source_ids=source_ids or (), min_score=min_score
        )

    @operation("GET", "/v1/memory/sources/{id}", scope="memory:read", risk="read")
    async def get(self, caller: Caller, id: SourceId) -> Source:
        """One source, with how far its reading is and what could not be read."""
        return await self._sources.get(caller, id)

    @operation("PATCH", "/v1/memory/sources/{id}", scope="memory:write", risk="modify")
    async def change(
        self, caller: Caller, id: SourceId, title: GivenTitle | None = None, watch: bool | None = None
    ) -> Source:
        """Rename a source, or begin or end to watch its folder."""
        return await self._sources.change(caller, id, title=title, watch=watch)

    @operation("DELETE", "/v1/memory/sources/{id}", scope="memory:write", risk="destructive")
    async def delete(self, caller: Caller, id: SourceId) -> Done:
        """Delete a source for good, with its documents, its chunks and the file that Talome kept of it. A folder of
        this machine stays as it is."""
        await self._sources.delete(caller, id)
        return Done()

    @operation("POST", "/v1/memory/sources/{id}/ingest", scope="memory:write", risk="modify")
    async def ingest(self, caller: Caller, id: SourceId) -> Source:
        """Get a source again and read what changed since. Where nothing changed, nothing is done."""
        return await self._sources.ingest(caller, id)

    @operation("GET", "/v1/memory/sources/{id}/documents", scope="memory:read", risk="read")
    async def documents(self, caller: Caller, id: SourceId, limit: Limit = 100, offset: Offset = 0) -> DocumentList:
        """The documents of a source, by path."""
        return await self._sources.documents(caller, id, limit, offset)

    @operation("GET", "/v1/memory/documents/{id}", scope="memory:read", risk="read")
    async def document(self, caller: Caller, id: DocumentId) -> Document:
        """One document."""
        return await self._sources.document(caller, id)

    @operation("GET", "/v1/memory/documents/{id}/chunks", scope="memory:read", risk="read")
    async def chunks(self, caller: Caller, id: DocumentId, limit: Limit = 100, offset: Offset = 0) -> ChunkList:
        """The chunks of a document, in its order."""
        return await self._sources.chunks(caller, id, limit, offset)

    @operation("GET", "/v1/memory/chunks/{id}", scope="memory:read", risk="read")
    async def chunk(self, caller: Caller, id: ChunkId) -> Citation:
        """What a citation points at: the chunk with its document, its place and its address."""
        return await self._sources.chunk(caller, id)
