"""Entities, links and events."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from talome.core.operations import Caller, WholeBody, operation
from talome.memory.graph.entities import Entities
from talome.memory.graph.events import MemoryEvents
from talome.memory.graph.links import Links
from talome.memory.graph.models import (
    Entity,
    EntityChange,
    EntityList,
    EntityWish,
    EventList,
    EventWish,
    Gone,
    GraphId,
    LinkList,
    LinkWish,
    MemoryEvent,
    MemoryLink,
    Name,
    StoredEntity,
    TypeName,
)
from talome.memory.vault.models import Reference, WorkspaceName

Limit = Annotated[int, Field(ge=1, le=200)]
Cursor = Annotated[str, Field(min_length=1, max_length=300)]


class MemoryEntitiesApi:
    def __init__(self, entities: Entities) -> None:
        self._entities = entities

    @operation("GET", "/v1/memory/entities", scope="memory:read", risk="read")
    async def list_(
        self,
        caller: Caller,
        workspace_id: WorkspaceName | None = None,
        type: TypeName | None = None,
        query: Name | None = None,
        limit: Limit = 50,
        cursor: Cursor | None = None,
    ) -> EntityList:
        """List entities by name; `query` is how a name or an alias begins."""
        return await self._entities.list_(caller, workspace_id, kind=type, query=query, cursor=cursor, limit=limit)

    @operation("POST", "/v1/memory/entities", scope="memory:write", risk="modify", status=201)
    async def add(self, caller: Caller, entity: Annotated[EntityWish, WholeBody()]) -> StoredEntity:
        """Keep an entity, or add to the one that has this identity or this name."""
        return await self._entities.store(caller, entity)

    @operation("GET", "/v1/memory/entities/{id}", scope="memory:read", risk="read")
    async def get(self, caller: Caller, id: GraphId) -> Entity:
        """Show an entity."""
        return await self._entities.get(caller, id)

    @operation("PATCH", "/v1/memory/entities/{id}", scope="memory:write", risk="modify")
    async def change(self, caller: Caller, id: GraphId, change: Annotated[EntityChange, WholeBody()]) -> Entity:
        """Change what is named."""
        return await self._entities.change(caller, id, change)

    @operation("DELETE", "/v1/memory/entities/{id}", scope="memory:write", risk="destructive")
    async def delete(self, caller: Caller, id: GraphId) -> Gone:
        """Delete an entity and its links; the notes stay."""
        return await self._entities.delete(caller, id)


class MemoryLinksApi:
    def __init__(self, links: Links) -> None:
        self._links = links

    @operation("GET", "/v1/memory/links", scope="memory:read", risk="read")
    async def list_(
        self,
        caller: Caller,
        workspace_id: WorkspaceName | None = None,
        node_id: GraphId | None = None,
        relation: TypeName | None = None,
        limit: Limit = 50,
        cursor: Cursor | None = None,
    ) -> LinkList:
        """List links, the latest first; with `node_id` those of this note or entity."""
        return await self._links.list_(
            caller, workspace_id, node=node_id, relation=relation, cursor=cursor, limit=limit
        )

    @operation("POST", "/v1/memory/links", scope="memory:write", risk="modify", status=201)
    async def add(self, caller: Caller, link: Annotated[LinkWish, WholeBody()]) -> MemoryLink:
        """Link two notes, two entities, or one and the other; the same link again changes its weight."""
        return await self._links.store(caller, link)

    @operation("DELETE", "/v1/memory/links/{id}", scope="memory:write", risk="destructive")
    async def delete(self, caller: Caller, id: GraphId) -> Gone:
        """Delete a link; what it tied together stays."""
        return await self._links.delete(caller, id)


class MemoryEventsApi:
    def __init__(self, events: MemoryEvents) -> None:
        self._events = events

    @operation("GET", "/v1/memory/events", scope="memory:read", risk="read")
    async def list_(
        self,
        caller: Caller,
        workspace_id: WorkspaceName | None = None,
        type: TypeName | None = None,
        mission_id: Reference | None = None,
        since: datetime | None = None,
        limit: Limit = 50,
        cursor: Cursor | None = None,
    ) -> EventList:
        """List what happened, the latest first."""
        return await self._events.list_(
            caller, workspace_id, kind=type, mission=mission_id, since=since, cursor=cursor, limit=limit
        )

    @operation("POST", "/v1/memory/events", scope="memory:write", risk="modify", status=201)
    async def add(self, caller: Caller, event: Annotated[EventWish, WholeBody()]) -> MemoryEvent:
        """Record what happened; with `external_id` it is recorded once."""
        return await self._events.store(caller, event)

    @operation("DELETE", "/v1/memory/events/{id}", scope="memory:write", risk="destructive")
    async def delete(self, caller: Caller, id: GraphId) -> Gone:
        """Delete an event for good."""
        return await self._events.delete(caller, id)
