"""What of Docs Studio crosses the wire, and what it needs of the gateway."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal, Protocol

from pydantic import Field

from talome.core.models import Identifier, Plain
from talome.core.operations import Caller
from talome.memory.sources.models import SourceId
from talome.memory.vault.models import Unrecorded, WorkspaceName

StudioKind = Literal["report", "guide", "spec"]
StudioState = Literal["writing", "ready", "failed"]
StudioId = Identifier
Instructions = Annotated[str, Field(min_length=3, max_length=4000), Unrecorded]
DocumentTitle = Annotated[str, Field(min_length=1, max_length=200)]
ModelName = Annotated[str, Field(min_length=1, max_length=200)]


class Writer(Protocol):
    """The gateway, as far as Docs Studio needs it."""

    def require_chat(self, caller: Caller, model: str) -> None:
        """Raise what a chat with this model would be refused with."""

    async def chat(self, caller: Caller, body: dict[str, Any], *, feature: str = "") -> dict[str, Any]:
        """A chat completion in OpenAI's shape."""


class NewStudioDocument(Plain):
    """What to write. `source_ids`: from these sources only. `sections`: at most so many."""

    kind: StudioKind
    instructions: Instructions
    title: DocumentTitle | None = None
    source_ids: Annotated[tuple[SourceId, ...], Field(max_length=50)] = ()
    workspace_id: WorkspaceName | None = None
    model: ModelName = "auto"
    sections: Annotated[int, Field(ge=1, le=12)] = 5


class StudioCitation(Plain):
    """`number` is how the text refers to it: `[3]`."""

    number: int
    chunk_id: str
    document_id: str
    source_id: str
    title: str
    place: str
    url: str | None


class StudioDocument(Plain):
    """Something that was written from sources, or is being written: `done` of `total` sections are. `dropped` counts
    what the model cited and had never been given; it was taken out."""

    columns: ClassVar[tuple[str, ...]] = ("id", "title", "kind", "state", "created_at")

    id: str
    object: Literal["studio_document"] = "studio_document"
    workspace_id: str | None
    kind: StudioKind
    title: str
    instructions: str
    model: str
    source_ids: list[str]
    state: StudioState
    stage: str | None
    done: int | None
    total: int | None
    problem: str | None
    job_id: str | None
    citations: list[StudioCitation]
    dropped: int
    size_bytes: int
    added_by: str
    created_at: datetime
    finished_at: datetime | None


class WrittenDocument(StudioDocument):
    """With its text: `markdown` as it is in the file, and `html`, in which everything of the text is escaped. Both are
    empty while it is being written."""

    markdown: str
    html: str


class StudioList(Plain):
    object: Literal["list"] = "list"
    data: list[StudioDocument]
    total: int
    has_more: bool


@dataclass(frozen=True, slots=True)
class StudioChanged:
    """Something in Docs Studio is new, was written, or is gone."""

    document_id: str
    space: str
