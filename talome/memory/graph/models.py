"""What of entities, links and events crosses the wire."""

from datetime import datetime
from typing import Annotated, Any, Final, Literal

from pydantic import Field

from talome.core.models import Plain
from talome.memory.vault.models import GivenMetadata, Origin, Reference, Share, Unrecorded, WorkspaceName

MOST_ALIASES: Final = 50
LONGEST_SUMMARY_BYTES: Final = 8192
NodeType = Literal["note", "entity"]
Name = Annotated[str, Field(min_length=1, max_length=200)]
TypeName = Annotated[str, Field(min_length=1, max_length=60, pattern=r"^[a-z][a-z0-9_.-]*$")]
Aliases = Annotated[list[Name], Field(max_length=MOST_ALIASES)]
Description = Annotated[str, Field(max_length=2000), Unrecorded]
Summary = Annotated[str, Field(min_length=1, max_length=LONGEST_SUMMARY_BYTES), Unrecorded]
GraphId = Annotated[str, Field(min_length=1, max_length=64)]


class EntityWish(Plain):
    """An entity to be kept. Known by `external_id`, else by its name or an alias among those of its type."""

    type: TypeName
    name: Name
    aliases: Aliases | None = None
    description: Description | None = None
    metadata: GivenMetadata | None = None
    external_source: Reference | None = None
    external_id: Reference | None = None
    workspace_id: WorkspaceName | None = None
    allow_secrets: bool = False


class EntityChange(Plain):
    """What is not named stays."""

    type: TypeName | None = None
    name: Name | None = None
    aliases: Aliases | None = None
    description: Description | None = None
    metadata: GivenMetadata | None = None
    external_source: Reference | None = None
    external_id: Reference | None = None
    allow_secrets: bool = False


class Entity(Plain):
    """Somebody or something that notes are about."""

    id: str
    object: Literal["memory_entity"] = "memory_entity"
    workspace_id: str | None
    type: str
    name: str
    aliases: list[str]
    description: str
    metadata: dict[str, Any]
    external_source: str | None
    external_id: str | None
    origin: Origin
    created_at: datetime
    updated_at: datetime


class StoredEntity(Entity):
    """`created`: it is a new one."""

    created: bool


class EntityList(Plain):
    object: Literal["list"] = "list"
    data: list[Entity]
    has_more: bool
    next: str | None


class Node(Plain):
    """One end of a link: by Talome's `id`, or by the identity that its source gave it."""

    type: NodeType
    id: GraphId | None = None
    external_source: Reference | None = None
    external_id: Reference | None = None


class LinkWish(Plain):
    """A link to be kept; the same ends with the same relation are one link, with the latest weight."""

    source: Node
    target: Node
    relation: TypeName = "related_to"
    weight: Share = 1.0
    confidence: Share = 0.8
    metadata: GivenMetadata | None = None
    workspace_id: WorkspaceName | None = None


class MemoryLink(Plain):
    """A relationship between two notes, two entities, or one and the other."""

    id: str
    object: Literal["memory_link"] = "memory_link"
    workspace_id: str | None
    source_type: NodeType
    source_id: str
    target_type: NodeType
    target_id: str
    relation: str
    weight: float
    confidence: float
    metadata: dict[str, Any]
    origin: Origin
    created_at: datetime


class LinkList(Plain):
    object: Literal["list"] = "list"
    data: list[MemoryLink]
    has_more: bool
    next: str | None


class EventWish(Plain):
    """Something that happened, in a few sentences. `occurred_at` is now unless told."""

    type: TypeName
    summary: Summary
    outcome: Name | None = None
    actor_ref: Reference | None = None
    mission_id: Reference | None = None
    task_id: Reference | None = None
    metadata: GivenMetadata | None = None
    occurred_at: datetime | None = None
    external_source: Reference | None = None
    external_id: Reference | None = None
    workspace_id: WorkspaceName | None = None
    allow_secrets: bool = False


class MemoryEvent(Plain):
    """A short record of what happened."""

    id: str
    object: Literal["memory_event"] = "memory_event"
    workspace_id: str | None
    type: str
    summary: str
    outcome: str | None
    actor_ref: str | None
    mission_id: str | None
    task_id: str | None
    metadata: dict[str, Any]
    external_source: str | None
    external_id: str | None
    origin: Origin
    occurred_at: datetime
    created_at: datetime


class EventList(Plain):
    object: Literal["list"] = "list"
    data: list[MemoryEvent]
    has_more: bool
    next: str | None


class Gone(Plain):
    """The answer to a deletion."""

    id: str
    deleted: Literal[True] = True
