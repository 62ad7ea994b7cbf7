"""Files out and in: an export as a download, and the upload of what is to be imported."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from aiohttp import web

from talome.core.clock import now
from talome.core.errors import Invalid, TooLarge
from talome.core.http.connections import Connections
from talome.core.http.export import send_export
from talome.core.http.respond import json_response
from talome.core.http.server import CALLER
from talome.core.operations import Operation, Registry, require
from talome.memory.transfer.exporting import Exporting
from talome.memory.transfer.service import LARGEST_BYTES, MemoryImports

_CHUNK_BYTES: Final = 262_144
_TIMEOUT_S: Final = 1800.0
_FORMATS: Final = {"jsonl": "application/jsonl", "markdown": "application/zip"}


class MemoryExport:
    """Serves `GET /v1/memory/export`. It lets in whom the operation `memory_notes.list` lets in."""

    def __init__(
        self, registry: Registry, exporting: Exporting, imports: MemoryImports, connections: Connections
    ) -> None:
        self._list: Operation = registry["memory_notes.list"]
        self._exporting = exporting
        self._imports = imports
        self._connections = connections

    async def handle(self, request: web.Request) -> web.StreamResponse:
        asked = dict(request.query)
        form, workspace = asked.pop("format", "jsonl"), asked.pop("workspace_id", "@all")
        if form not in _FORMATS or asked:
            raise Invalid("“format” is jsonl or markdown; beside it there is only “workspace_id”.", field="format")
        caller = request[CALLER]
        await self._list.call(caller, lambda: self._list.parse_query({"workspace_id": workspace, "limit": "1"}))
        lines = form == "jsonl"
        parts = self._exporting.lines(caller, workspace) if lines else self._zipped(caller, workspace)
        name = f"talome-memory-{now():%Y-%m-%d}.{'jsonl' if lines else 'zip'}"
        return await send_export(request, self._connections, parts, name=name, content_type=_FORMATS[form])

    async def _zipped(self, caller: Any, workspace: str) -> AsyncIterator[bytes]:
        """It is written whole first, since the list of contents of a ZIP is at its end."""
        path = await asyncio.to_thread(self._imports.place)
        try:
            await self._exporting.archive(caller, workspace, path)
            with await asyncio.to_thread(path.open, "rb") as file:
                while piece := await asyncio.to_thread(file.read, _CHUNK_BYTES):
                    yield piece
        finally:
            path.unlink(missing_ok=True)


class MemoryImportUpload:
    """Serves `POST /v1/memory/imports/upload`: the body is the file, what belongs to it is in the query."""

    def __init__(self, registry: Registry, imports: MemoryImports) -> None:
        self._add: Operation = registry["memory_imports.add"]
        self._imports = imports

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """The file is written while it arrives; what follows is the operation."""
        caller = request[CALLER]
        require(caller, self._add.scope)
        path = await asyncio.to_thread(self._imports.place)
        try:
            async with asyncio.timeout(_TIMEOUT_S):
                await _receive(request, path)
            held = self._imports.hold(caller, path)
            asked = {**request.query, "upload": held}
            result = await self._add.call(caller, lambda: self._add.parse_query(asked))
            return json_response(self._add, request, result)
        except TimeoutError:
            raise Invalid("The file took too long to arrive.", field="body") from None
        finally:
            self._imports.let_go(path.name)
            with suppress(FileNotFoundError):
                path.unlink()


async def _receive(request: web.Request, path: Path) -> None:
    size = 0
    with await asyncio.to_thread(path.open, "xb") as file:
        await asyncio.to_thread(path.chmod, 0o600)
        async for piece in request.content.iter_chunked(_CHUNK_BYTES):
            size += len(piece)
            if size > LARGEST_BYTES:
                raise TooLarge(f"A file may have at most {LARGEST_BYTES // 1024**2} MB. Export it in parts.")
            await asyncio.to_thread(file.write, piece)
    if size == 0:
        raise Invalid("The file is empty.", field="body")
