"""What of the sources crosses the wire."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, ClassVar, Final, Literal

from pydantic import Field

from talome.core.models import Identifier, Plain
from talome.memory.vault.models import Reference, Unrecorded, WorkspaceName

SourceKind = Literal["upload", "text", "url", "folder", "repository"]
SourceState = Literal["waiting", "reading", "ready", "failed"]
MOST_FOUND: Final = 50
SourceId = Identifier
DocumentId = Identifier
ChunkId = Identifier
UploadId = Annotated[str, Field(pattern=r"^in_[0-9a-z]{26}$")]
GivenTitle = Annotated[str, Field(min_length=1, max_length=200)]
GivenText = Annotated[str, Field(min_length=1), Unrecorded]
GivenPath = Annotated[str, Field(min_length=1, max_length=4096)]
MediaType = Annotated[str, Field(max_length=100, pattern=r"^[A-Za-z0-9.+/_-]*$")]


class NewSource(Plain):
    """What to read: exactly one of `text`, `url`, `repository` (an address that git understands), `path` (a folder or
    file of this machine) and `upload` (a file that has just arrived). `type` says what a text is, such as
    `text/markdown`. `watch`: look at a folder again now and then. `allow_private`: the address is in the own network.
    With `external_id` it is the same source each time."""

    text: GivenText | None = None
    url: Annotated[str, Field(min_length=1, max_length=2000)] | None = None
    repository: Annotated[str, Field(min_length=1, max_length=2000)] | None = None
    branch: Annotated[str, Field(max_length=200)] = ""
    path: GivenPath | None = None
    upload: UploadId | None = None
    title: GivenTitle | None = None
    type: MediaType = ""
    workspace_id: WorkspaceName | None = None
    external_source: Reference | None = None
    external_id: Reference | None = None
    watch: bool = False
    allow_private: bool = False


class ReadProblem(Plain):
    """A file of a source that could not be read."""

    path: str
    reason: str


class Source(Plain):
    """Something that was added to be found and cited. While it is read, `done` of `total` files are; `problem` says why
    it failed. `url` opens the original. `workspace_id` is null for one's own, `@house` for the household's."""

    columns: ClassVar[tuple[str, ...]] = ("id", "title", "kind", "state", "documents", "chunks", "read_at")

    id: str
    object: Literal["memory_source"] = "memory_source"
    workspace_id: str | None
    kind: SourceKind
    title: str
    origin: str
    url: str | None
    type: str
    external_source: str | None
    external_id: str | None
    state: SourceState
    stage: str | None
    done: int | None
    total: int | None
    problem: str | None
    problems: list[ReadProblem]
    documents: int
    chunks: int
    size_bytes: int
    sha256: str
    watched: bool
    job_id: str | None
    added_by: str
    created_at: datetime
    updated_at: datetime
    read_at: datetime | None


class AddedSource(Plain):
    """`deduped`: the very same was there already, so nothing is read again."""

    source: Source
    deduped: bool


class SourceList(Plain):
    object: Literal["list"] = "list"
    data: list[Source]
    total: int
    has_more: bool


class Document(Plain):
    """A file of a source, or a part of one, as it is indexed. `cut`: it is longer than what is kept of it."""

    id: str
    object: Literal["memory_document"] = "memory_document"
    source_id: str
    path: str
    title: str
    kind: str
    sha256: str
    cut: bool
    chunks: int
    created_at: datetime
    updated_at: datetime


class DocumentList(Plain):
    object: Literal["list"] = "list"
    data: list[Document]
    total: int
    has_more: bool


class DocumentChunk(Plain):
    """A piece of a document, with its place in it: its number from 0, its headings, its page or its line from 1."""

    id: str
    object: Literal["memory_chunk"] = "memory_chunk"
    document_id: str
    seq: int
    text: str
    heading: list[str]
    page: int | None
    line: int | None


class ChunkList(Plain):
    object: Literal["list"] = "list"
    data: list[DocumentChunk]
    total: int
    has_more: bool


class Citation(Plain):
    """Where a text comes from: the document with its place in it, and what opens it. `place` says it in words."""

    chunk_id: str
    document_id: str
    source_id: str
    workspace_id: str | None
    title: str
    source_title: str
    place: str
    heading: list[str]
    page: int | None
    line: int | None
    url: str | None
    text: str


class CitedChunk(Citation):
    """A citation that was found. The scores are between 0 and 1; `why` says what spoke for it."""

    score: float
    relevance_score: float
    keyword_score: float
    vector_score: float
    why: list[str]


class SourceSearch(Plain):
    object: Literal["list"] = "list"
    query: str
    data: list[CitedChunk]
    took_ms: float


@dataclass(frozen=True, slots=True)
class SourceChanged:
    """A source is new, was read, or is gone."""

    source_id: str
    space: str
