"""ChaozCode's memory and the memories of Talome's assistant."""

from typing import Annotated

from pydantic import Field

from talome.core.operations import Caller, operation
from talome.memory.faces.models import (
    AiMemory,
    AiMemoryGone,
    Level,
    MemoryText,
    MemoryType,
    SpineContext,
    SpineDeleted,
    SpineId,
    SpineMemory,
    SpineResults,
    SpineStats,
    SpineStored,
    SpineTags,
)
from talome.memory.faces.service import AiMemories, Spine
from talome.memory.packs.models import MaxTokens
from talome.memory.vault.models import GivenContent, GivenMetadata, NoteId, QueryText, Share


class SpineApi:
    def __init__(self, spine: Spine) -> None:
        self._spine = spine

    @operation("POST", "/v2/memory/store", scope="memory:write", risk="modify", status=201)
    async def store(
        self,
        caller: Caller,
        id: SpineId,
        content: GivenContent,
        tags: SpineTags | None = None,
        importance: Level | None = None,
        metadata: GivenMetadata | None = None,
    ) -> SpineStored:
        """Store a memory under an id of one's own; under a known id it is a new version of that memory."""
        values = {"content": content, "tags": tags, "importance": importance, "metadata": metadata}
        return await self._spine.store(caller, id, values)

    @operation("POST", "/v2/memory/search", scope="memory:read", risk="read")
    async def search(
        self,
        caller: Caller,
        query: QueryText,
        limit: Annotated[int, Field(ge=1, le=100)] = 10,
        tags: SpineTags | None = None,
        min_score: Share = 0.0,
    ) -> SpineResults:
        """Find memories by what they mean and by their words; scores are between 0 and 1."""
        return await self._spine.search(caller, query, limit, tags or [], min_score)

    @operation("GET", "/v2/memory/stats", scope="memory:read", risk="read")
    async def stats(self, caller: Caller) -> SpineStats:
        """Tell how many memories one has, how large they are, and how fast they are found."""
        return await self._spine.stats(caller)

    @operation("POST", "/v2/memory/context", scope="memory:read", risk="read")
    async def context(self, caller: Caller, query: QueryText, max_tokens: MaxTokens = 4000) -> SpineContext:
        """Build the context for a task or a question within a budget of tokens."""
        return await self._spine.context(caller, query, max_tokens)

    @operation("GET", "/v2/memory/{id}", scope="memory:read", risk="read")
    async def get(self, caller: Caller, id: SpineId) -> SpineMemory:
        """Show a memory."""
        return await self._spine.get(caller, id)

    @operation("PUT", "/v2/memory/{id}", scope="memory:write", risk="modify")
    async def change(
        self,
        caller: Caller,
        id: SpineId,
        content: GivenContent | None = None,
        tags: SpineTags | None = None,
        importance: Level | None = None,
        metadata: GivenMetadata | None = None,
    ) -> SpineMemory:
        """Change what is named, as a new version of the memory."""
        values = {"content": content, "tags": tags, "importance": importance, "metadata": metadata}
        return await self._spine.change(caller, id, values)

    @operation("DELETE", "/v2/memory/{id}", scope="memory:write", risk="destructive")
    async def delete(self, caller: Caller, id: SpineId) -> SpineDeleted:
        """Delete a memory; for 30 days it can be had back."""
        return await self._spine.delete(caller, id)


class MemoriesApi:
    def __init__(self, memories: AiMemories) -> None:
        self._memories = memories

    @operation("GET", "/api/memories", scope="memory:read", risk="read")
    async def list_(self, caller: Caller, limit: Annotated[int, Field(ge=1, le=200)] = 200) -> list[AiMemory]:
        """List what the assistant remembers, the latest change first."""
        return await self._memories.list_(caller, limit)

    @operation("POST", "/api/memories", scope="memory:write", risk="modify", status=201)
    async def add(self, caller: Caller, type: MemoryType, content: MemoryText) -> AiMemory:
        """Let the assistant remember something."""
        return await self._memories.add(caller, type, content)

    @operation("GET", "/api/memories/{id}", scope="memory:read", risk="read")
    async def get(self, caller: Caller, id: NoteId) -> AiMemory:
        """Show what the assistant remembers."""
        return await self._memories.get(caller, id)

    @operation("PUT", "/api/memories/{id}", scope="memory:write", risk="modify")
    async def change(
        self,
        caller: Caller,
        id: NoteId,
        content: MemoryText | None = None,
        type: MemoryType | None = None,
        enabled: bool | None = None,
    ) -> AiMemory:
        """Change a memory; what is not enabled is kept and not used."""
        return await self._memories.change(caller, id, content, type, enabled=enabled)

    @operation("DELETE", "/api/memories/{id}", scope="memory:write", risk="destructive")
    async def delete(self, caller: Caller, id: NoteId) -> AiMemoryGone:
        """Forget a memory; for 30 days it can be had back."""
        return await self._memories.delete(caller, id)
