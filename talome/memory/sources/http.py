"""Files in and out: the upload of a source as a form, and the file that a source was made from."""

import asyncio
import hashlib
import os
from pathlib import Path
from typing import Final

from aiohttp import BodyPartReader, web

from talome.core.errors import Invalid, TooLarge, UnsupportedMedia
from talome.core.http.connections import Connections
from talome.core.http.respond import json_response
from talome.core.http.sending import Sent, send_file
from talome.core.http.server import CALLER
from talome.core.operations import Operation, Registry, require
from talome.memory.sources.folders import SourceFolders
from talome.memory.sources.intake import Intake, Upload
from talome.memory.sources.picking import LARGEST_FILE_BYTES
from talome.memory.sources.service import Sources

_TIMEOUT_S: Final = 1800.0
_MOST_FIELDS: Final = 12
_LONGEST_FIELD_BYTES: Final = 4096
_FIELDS: Final = frozenset({"title", "type", "workspace_id", "external_source", "external_id"})


class SourceFiles:
    """Serves `POST /v1/memory/sources/upload` and `GET /v1/memory/sources/{id}/original`."""

    def __init__(
        self, registry: Registry, sources: Sources, intake: Intake, folders: SourceFolders, *, connections: Connections
    ) -> None:
        self._add: Operation = registry["sources.add"]
        self._get: Operation = registry["sources.get"]
        self._sources = sources
        self._intake = intake
        self._folders = folders
        self._connections = connections

    async def upload(self, request: web.Request) -> web.StreamResponse:
        """The file is written while it arrives; what follows is the operation, as for every other source."""
        caller = request[CALLER]
        require(caller, self._add.scope)
        if request.content_type != "multipart/form-data":
            raise UnsupportedMedia("Send the file as multipart/form-data, in a part called “file”.", field="body")
        path = await asyncio.to_thread(self._folders.incoming)
        try:
            async with asyncio.timeout(_TIMEOUT_S):
                fields, upload = await _read_form(request, path)
            held = self._intake.hold(caller, upload)
            result = await self._add.call(caller, lambda: self._add.parse_json({**fields, "upload": held}))
            return json_response(self._add, request, result)
        except TimeoutError:
            raise Invalid("The file took too long to arrive.", field="body") from None
        finally:
            self._intake.let_go(path.name)
            await asyncio.to_thread(path.unlink, missing_ok=True)

    async def original(self, request: web.Request) -> web.StreamResponse:
        """As a download: what a stranger wrote is never shown as a page of Talome's."""
        caller, source_id = request[CALLER], request.match_info["id"]
        await self._get.call(caller, lambda: self._get.parse_query({"id": source_id}))
        original = await self._sources.original(caller, source_id)
        descriptor = await asyncio.to_thread(os.open, original.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        sent = Sent(original.name, original.type or None, f'"{original.sha256}"')
        return await send_file(request, self._connections, descriptor, sent)


async def _read_form(request: web.Request, path: Path) -> tuple[dict[str, str], Upload]:
    fields: dict[str, str] = {}
    upload, parts = None, 0
    try:
        async for part in await request.multipart():
            parts += 1
            if not isinstance(part, BodyPartReader) or not part.name or parts > _MOST_FIELDS:
                raise Invalid("This form has parts that are not understood.", field="body")
            if part.name == "file" and upload is None:
                upload = await _receive(part, path)
            elif part.name in _FIELDS and part.name not in fields:
                fields[part.name] = await _read_field(part)
            else:
                raise Invalid(f"“{part.name[:40]}” is no field of this form, or comes twice.", field="body")
    except ValueError:
        raise Invalid("This is no whole form.", field="body") from None
    if upload is None:
        raise Invalid("Send the file in a part called “file”.", field="file")
    return {name: value for name, value in fields.items() if value}, upload


async def _receive(part: BodyPartReader, path: Path) -> Upload:
    digest, size = hashlib.sha256(), 0
    with await asyncio.to_thread(path.open, "wb") as file:
        while piece := await part.read_chunk(262_144):
            size += len(piece)
            if size > LARGEST_FILE_BYTES:
                raise TooLarge(f"A file may have at most {LARGEST_FILE_BYTES // 1024**2} MB.", field="file")
            digest.update(piece)
            await asyncio.to_thread(file.write, piece)
    name = (part.filename or "file").replace("\\", "/").rpartition("/")[2]
    kind = part.headers.get("Content-Type", "").partition(";")[0].strip()[:100]
    return Upload(path, name, kind, digest.hexdigest(), size)


async def _read_field(part: BodyPartReader) -> str:
    received = bytearray()
    while piece := await part.read_chunk():
        received += piece
        if len(received) > _LONGEST_FIELD_BYTES:
            raise TooLarge(f"“{part.name}” may have at most {_LONGEST_FIELD_BYTES} bytes.", field=str(part.name))
    return received.decode("utf-8", "replace")
