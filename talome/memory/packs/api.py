"""Context for a question, in two forms, and what was said of it."""

from typing import Annotated

from talome.core.operations import Caller, operation
from talome.memory.packs.models import (
    Context,
    ContextPack,
    FeedbackTaken,
    ItemIds,
    MaxTokens,
    PackId,
    PackMetadata,
    PackRecord,
)
from talome.memory.packs.service import Packs
from talome.memory.vault.models import QueryText, Share, Unrecorded, WorkspaceName

Question = Annotated[QueryText, Unrecorded]


class ContextPacksApi:
    def __init__(self, packs: Packs) -> None:
        self._packs = packs

    @operation("POST", "/v1/memory/context-pack", scope="memory:read", risk="read")
    async def make(
        self,
        caller: Caller,
        query: Question,
        workspace_id: WorkspaceName | None = None,
        max_tokens: MaxTokens = 2000,
        include_sources: bool = True,
        min_score: Share = 0.0,
        metadata: PackMetadata | None = None,
    ) -> ContextPack:
        """Pack what the memory has to say to a question, in at most `max_tokens`, with the reasons."""
        return await self._packs.pack(
            caller,
            query,
            workspace_id,
            max_tokens=max_tokens,
            include_sources=include_sources,
            metadata=metadata,
            min_score=min_score,
        )

    @operation("POST", "/v1/memory/context", scope="memory:read", risk="read")
    async def context(
        self,
        caller: Caller,
        query: Question,
        workspace_id: WorkspaceName | None = None,
        max_tokens: MaxTokens = 2000,
        include_sources: bool = True,
    ) -> Context:
        """The same in a plain form: one text and what it was made of."""
        return await self._packs.context(
            caller, query, workspace_id, max_tokens=max_tokens, include_sources=include_sources
        )

    @operation("GET", "/v1/memory/packs/{id}", scope="memory:read", risk="read")
    async def get(self, caller: Caller, id: PackId) -> PackRecord:
        """Show what was in a pack and what was left out, without any text."""
        return await self._packs.get(caller, id)

    @operation("POST", "/v1/memory/packs/{id}/feedback", scope="memory:write", risk="modify")
    async def rate(
        self, caller: Caller, id: PackId, helpful: ItemIds | None = None, unhelpful: ItemIds | None = None
    ) -> FeedbackTaken:
        """Say what of a pack helped and what did not; it moves later ranking a little."""
        return await self._packs.rate(caller, id, helpful or [], unhelpful or [])
