"""Operations of Docs Studio."""

from typing import Annotated

from pydantic import Field

from talome.core.models import Done
from talome.core.operations import Caller, operation
from talome.memory.sources.models import SourceId
from talome.memory.studio.models import (
    DocumentTitle,
    Instructions,
    ModelName,
    NewStudioDocument,
    StudioDocument,
    StudioId,
    StudioKind,
    StudioList,
    WrittenDocument,
)
from talome.memory.studio.service import Studio
from talome.memory.vault.models import WorkspaceName


class StudioApi:
    """Faces of `Studio`."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio

    @operation("GET", "/v1/memory/studio", scope="memory:read", risk="read")
    async def list_(
        self,
        caller: Caller,
        workspace_id: WorkspaceName | None = None,
        limit: Annotated[int, Field(ge=1, le=200)] = 50,
        offset: Annotated[int, Field(ge=0, le=1_000_000)] = 0,
    ) -> StudioList:
        """What was written from sources, or is being written, the latest first, without the texts."""
        return await self._studio.list_(caller, workspace_id, limit, offset)

    @operation("POST", "/v1/memory/studio", scope="memory:write", risk="modify", status=201)
    async def write(
        self,
        caller: Caller,
        kind: StudioKind,
        instructions: Instructions,
        title: DocumentTitle | None = None,
        source_ids: Annotated[list[SourceId], Field(max_length=50)] | None = None,
        workspace_id: WorkspaceName | None = None,
        model: ModelName = "auto",
        sections: Annotated[int, Field(ge=1, le=12)] = 5,
    ) -> StudioDocument:
        """Have a model write a report, a guide or a specification from what the sources say, with citations, in the
        background. It costs what its chats cost: one for the outline and one for each section. Needs the right
        `gateway:use` too."""
        new = NewStudioDocument(
            kind=kind, instructions=instructions, title=title, source_ids=tuple(source_ids or ()),
            workspace_id=workspace_id, model=model, sections=sections,
        )  # fmt: skip
        return await self._studio.write(caller, new)

    @operation("GET", "/v1/memory/studio/{id}", scope="memory:read", risk="read")
    async def get(self, caller: Caller, id: StudioId) -> WrittenDocument:
        """One document with its text, as Markdown and as HTML in which everything is escaped."""
        return await self._studio.get(caller, id)

    @operation("DELETE", "/v1/memory/studio/{id}", scope="memory:write", risk="destructive")
    async def delete(self, caller: Caller, id: StudioId) -> Done:
        """Delete a document and its file for good; while it is being written, that ends."""
        await self._studio.delete(caller, id)
        return Done()
