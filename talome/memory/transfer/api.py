"""Imports into the memory; the file itself comes by `http`, or as text."""

from typing import Annotated

from pydantic import Field

from talome.core.operations import Caller, operation
from talome.memory.transfer.models import MemoryImport, MemoryImportList
from talome.memory.transfer.service import ImportWish, MemoryImports
from talome.memory.vault.models import Unrecorded, WorkspaceName


class MemoryImportsApi:
    """Faces of `MemoryImports`."""

    def __init__(self, imports: MemoryImports) -> None:
        self._imports = imports

    @operation("GET", "/v1/memory/imports", scope="memory:read", risk="read")
    async def list_(self, caller: Caller) -> MemoryImportList:
        """List your imports with how far they are, or how they ended."""
        return MemoryImportList(data=await self._imports.list_(caller))

    @operation("GET", "/v1/memory/imports/{id}", scope="memory:read", risk="read")
    async def get(self, caller: Caller, id: str) -> MemoryImport:
        """Show an import, with what it left out and why."""
        return await self._imports.get(caller, id)

    @operation("POST", "/v1/memory/imports", scope="memory:write", risk="modify", status=202)
    async def add(
        self,
        caller: Caller,
        content: Annotated[str, Field(min_length=1), Unrecorded] | None = None,
        upload: Annotated[str, Field(max_length=100)] | None = None,
        name: Annotated[str, Field(min_length=1, max_length=200)] = "import.jsonl",
        workspace_id: WorkspaceName | None = None,
        allow_secrets: bool = False,
    ) -> MemoryImport:
        """Import a text: an export of Talome's as JSON lines, a Markdown note, or what mem0's `get_all()` says. Files,
        ZIPs and databases are posted to `/v1/memory/imports/upload`, which passes them on as `upload`."""
        wish = ImportWish(content, upload, name, workspace_id, allow_secrets)
        return await self._imports.add(caller, wish)
