"""What of the packs crosses the wire."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from talome.core.models import Plain
from talome.memory.graph.models import Entity, MemoryEvent, MemoryLink

SectionName = Literal["pinned", "memories", "sources", "related"]
ItemKind = Literal["memory", "source", "entity", "link", "event"]
MaxTokens = Annotated[int, Field(ge=50, le=100_000)]
PackId = Annotated[str, Field(min_length=1, max_length=64)]
ItemIds = Annotated[list[Annotated[str, Field(min_length=1, max_length=64)]], Field(max_length=200)]
PackMetadata = dict[Annotated[str, Field(min_length=1, max_length=100)], Any]


class PackedMemory(Plain):
    """A note in a pack, with what spoke for it."""

    id: str
    title: str
    content: str
    kind: str
    tags: list[str]
    origin: str
    trusted: bool
    section: SectionName
    tokens: int
    score: float
    relevance_score: float
    recency_score: float
    importance_score: float
    confidence_score: float
    why: list[str]
    created_at: datetime


class PackedSource(Plain):
    """Neighbouring pieces of a document, as one."""

    chunk_ids: list[str]
    document_id: str
    source_id: str
    title: str
    heading: str
    page: int | None
    line: int | None
    url: str | None
    text: str
    tokens: int
    score: float
    why: list[str]


class PackCitation(Plain):
    """What may be cited as where this comes from."""

    id: str
    kind: Literal["memory", "source"]
    title: str
    place: str
    url: str | None
    score: float


class PackSection(Plain):
    """`reserved` is what it may have of the budget before others get what is left."""

    name: SectionName
    title: str
    tokens: int
    reserved: int
    text: str


class Included(Plain):
    """Something that is in the pack, and why."""

    id: str
    kind: ItemKind
    section: SectionName
    score: float
    tokens: int
    reason: str


class Dropped(Plain):
    """Something that is not in the pack although it was found, and why."""

    id: str
    kind: ItemKind
    score: float
    tokens: int
    reason: str


class Telemetry(Plain):
    """What was looked at, what was taken, and what was left out."""

    took_ms: float
    candidates: int
    included: list[Included]
    dropped: list[Dropped]


class ContextPack(Plain):
    """`text` is what to give to a model; it never has more than `max_tokens`, and `tokens` is an upper estimate."""

    id: str
    object: Literal["context_pack"] = "context_pack"
    workspace_id: str | None
    max_tokens: int
    tokens: int
    text: str
    sections: list[PackSection]
    memories: list[PackedMemory]
    sources: list[PackedSource]
    entities: list[Entity]
    links: list[MemoryLink]
    events: list[MemoryEvent]
    citations: list[PackCitation]
    telemetry: Telemetry
    created_at: datetime


class ContextItem(Plain):
    id: str
    kind: ItemKind
    content: str
    score: float


class Context(Plain):
    """The plain form of a pack."""

    object: Literal["context"] = "context"
    context: str
    tokens: int
    pack_id: str
    items: list[ContextItem]
    citations: list[PackCitation]


class PackRecord(Plain):
    """What is kept of a pack: no text, neither of the question nor of the answers."""

    id: str
    object: Literal["context_pack_record"] = "context_pack_record"
    workspace_id: str | None
    mission_id: str | None
    task_id: str | None
    max_tokens: int
    tokens: int
    took_ms: float
    candidates: int
    included: list[Included]
    dropped: list[Dropped]
    created_at: datetime


class FeedbackTaken(Plain):
    """How many items were rated; `unknown` were not in the pack."""

    pack_id: str
    rated: int
    unknown: list[str]
