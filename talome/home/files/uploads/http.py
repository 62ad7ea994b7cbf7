"""Uploads over HTTP: `POST /api/files/upload` as a form, and tus 1.0 at `/api/files/uploads`."""

import binascii
from base64 import b64decode
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Final, cast, get_args
from urllib.parse import quote

import orjson
from aiohttp import BodyPartReader, web

from talome.core.errors import Invalid, TalomeError, UnsupportedMedia
from talome.core.http.connections import Connections, SessionEnded
from talome.core.http.server import CALLER, HttpServer
from talome.core.operations import Caller, require
from talome.home.files.models import Entry, OnConflict, Upload
from talome.home.files.uploads.parts import NewUpload
from talome.home.files.uploads.service import CHECKSUMS, Uploads

_SCOPE: Final = "files:write"
_VERSION: Final = "1.0.0"
_FIELD_BYTES: Final = 16 * 1024
_LARGEST: Final = 2**60
_BODY_TYPE: Final = "application/offset+octet-stream"
_AHEAD_BYTES: Final = 512 * 1024
"""So much may wait to be written before the sender is asked to pause: twice what aiohttp takes, a fifth less work."""
_CHOICES: Final = get_args(OnConflict)


class FilesUpload:
    """Takes a form with `path` (a folder) and one or more `file`; `onConflict` may stand before the file."""

    def __init__(self, uploads: Uploads, connections: Connections) -> None:
        self._uploads = uploads
        self._connections = connections

    async def handle(self, request: web.Request) -> web.Response:
        caller = request[CALLER]
        require(caller, _SCOPE)
        if request.content_type != "multipart/form-data":
            raise UnsupportedMedia("Send a form (multipart/form-data) with the fields “path” and “file”.")
        self._connections.admit(caller)
        request.content.set_read_chunk_size(_AHEAD_BYTES)
        staged: list[tuple[str, Path]] = []
        try:
            with self._connections.track(caller):
                entries = await self._read(request, caller, staged)
        except SessionEnded:
            raise Invalid("The session ended while the file came.") from None
        except (ValueError, AssertionError) as error:  # aiohttp's reader on a body that is no form, or breaks off
            raise Invalid(f"The form cannot be read: {error}.") from None
        finally:
            for _, path in staged:
                path.unlink(missing_ok=True)
        return web.json_response(
            body=orjson.dumps(
                {"ok": True, "files": [entry.model_dump(mode="json", by_alias=True) for entry in entries]}
            )
        )

    async def _read(self, request: web.Request, caller: Caller, staged: list[tuple[str, Path]]) -> list[Entry]:
        fields = {name: request.query[name] for name in ("path", "onConflict") if name in request.query}
        entries: list[Entry] = []
        async for part in await request.multipart():
            if not isinstance(part, BodyPartReader):
                raise Invalid("A form within a form is not understood.")
            if part.name in ("path", "onConflict"):
                fields[part.name] = await _text(part)
            elif part.name != "file":
                raise Invalid(f"There is no field “{part.name}” here.")
            elif "path" in fields:
                new = _new(fields, part.filename, _declared(request))
                entries.append(await self._uploads.receive(caller, new, _pieces(part)))
            else:
                staged.append((part.filename or "", await self._uploads.stage(_pieces(part))))
        if not entries and not staged:
            raise Invalid("The form has no field “file”.", field="file")
        for filename, path in staged:
            new = _new(fields, filename, path.stat().st_size)
            entries.append(await self._uploads.receive_staged(caller, new, path))
        return entries


def _declared(request: web.Request) -> int:
    """About what is to come, to see early whether there is room."""
    return request.content_length or 0


def _new(fields: dict[str, str], filename: str | None, size_bytes: int) -> NewUpload:
    if "path" not in fields:
        raise Invalid("Say in “path” which folder the file goes to.", field="path")
    if not filename:
        raise Invalid("The file has no name.", field="file")
    return NewUpload(fields["path"], filename, size_bytes, _choice(fields.get("onConflict", "fail")))


def _choice(text: str) -> OnConflict:
    if text not in _CHOICES:
        raise Invalid(f"“onConflict” is one of {', '.join(_CHOICES)}.", field="onConflict")
    return cast("OnConflict", text)


async def _text(part: BodyPartReader) -> str:
    found = bytearray()
    while piece := await part.read_chunk(_FIELD_BYTES):
        found += piece
        if len(found) > _FIELD_BYTES:
            raise Invalid(f"The field “{part.name}” is too long.", field=str(part.name))
    return found.decode()


async def _pieces(part: BodyPartReader) -> AsyncIterator[bytes]:
    while piece := await part.read_chunk(256 * 1024):
        yield piece


class TusUploads:
    """tus 1.0 with creation, creation-with-upload, checksum, expiration and termination."""

    def __init__(self, uploads: Uploads, connections: Connections) -> None:
        self._uploads = uploads
        self._connections = connections

    def add_to(self, server: HttpServer) -> None:
        server.add_route("OPTIONS", "/api/files/uploads", self.options)
        server.add_route("POST", "/api/files/uploads", self.create)
        server.add_route("HEAD", "/api/files/uploads/{id}", self.head)
        server.add_route("PATCH", "/api/files/uploads/{id}", self.patch)
        server.add_route("DELETE", "/api/files/uploads/{id}", self.delete)

    async def options(self, _: web.Request) -> web.Response:
        headers = {
            "Tus-Version": _VERSION,
            "Tus-Extension": "creation,creation-with-upload,checksum,expiration,termination",
            "Tus-Checksum-Algorithm": ",".join(CHECKSUMS),
        }
        return web.Response(status=204, headers={**_base(), **headers})

    async def create(self, request: web.Request) -> web.Response:
        caller = _checked(request)
        new = _from_metadata(request)
        has_body = request.content_type == _BODY_TYPE and request.can_read_body
        upload = await self._uploads.create(caller, new)
        headers = {"Location": upload.url, **_times(upload)}
        if has_body or new.size_bytes == 0:
            upload, entry = await self._write(request, caller, upload.id, 0)
            headers |= {"Upload-Offset": str(upload.offset), **_named(entry)}
        return web.Response(status=201, headers={**_base(), **headers})

    async def head(self, request: web.Request) -> web.Response:
        upload = await self._uploads.get(_checked(request), request.match_info["id"])
        headers = {"Upload-Offset": str(upload.offset), "Upload-Length": str(upload.size_bytes), **_times(upload)}
        return web.Response(status=200, headers={**_base(), **headers, "Cache-Control": "no-store"})

    async def patch(self, request: web.Request) -> web.Response:
        caller = _checked(request)
        if request.content_type != _BODY_TYPE:
            raise UnsupportedMedia(f"Send the bytes with the header “Content-Type: {_BODY_TYPE}”.")
        offset = _number(request, "Upload-Offset")
        upload, entry = await self._write(request, caller, request.match_info["id"], offset)
        headers = {"Upload-Offset": str(upload.offset), **_times(upload), **_named(entry)}
        return web.Response(status=204, headers={**_base(), **headers})

    async def delete(self, request: web.Request) -> web.Response:
        await self._uploads.cancel(_checked(request), request.match_info["id"])
        return web.Response(status=204, headers=_base())

    async def _write(
        self, request: web.Request, caller: Caller, upload_id: str, offset: int
    ) -> tuple[Upload, Entry | None]:
        said = _metadata(request).get("onConflict")
        self._connections.admit(caller)
        request.content.set_read_chunk_size(_AHEAD_BYTES)
        try:
            with self._connections.track(caller):
                return await self._uploads.write(
                    caller, upload_id, offset, _body(request), checksum=_checksum(request),
                    on_conflict=None if said is None else _choice(said),
                )  # fmt: skip
        except SessionEnded:
            raise Invalid("The session ended while the file came.") from None


def _checked(request: web.Request) -> Caller:
    caller = request[CALLER]
    require(caller, _SCOPE)
    if request.headers.get("Tus-Resumable") != _VERSION:
        raise _Unlike(f"This speaks tus {_VERSION}; send the header “Tus-Resumable: {_VERSION}”.")
    return caller


class _Unlike(TalomeError):
    status, code = 412, "tus_version"


async def _body(request: web.Request) -> AsyncIterator[bytes]:
    while piece := await request.content.readany():
        yield piece


def _base() -> dict[str, str]:
    return {"Tus-Resumable": _VERSION}


def _times(upload: Upload) -> dict[str, str]:
    return {"Upload-Expires": upload.expires_at.strftime("%a, %d %b %Y %H:%M:%S GMT")}


def _named(entry: Entry | None) -> dict[str, str]:
    """Where the whole file lies; its name may be another than was asked for."""
    return {} if entry is None else {"X-Talome-Path": quote(entry.path)}


def _number(request: web.Request, header: str) -> int:
    text = request.headers.get(header, "")
    if not text.isdecimal() or not text.isascii() or len(text) > 20 or int(text) > _LARGEST:
        raise Invalid(f"The header “{header}” must be a number of bytes.", field=header)
    return int(text)


def _metadata(request: web.Request) -> dict[str, str]:
    """Pairs of a name and text in base64, parted by commas."""
    found: dict[str, str] = {}
    for pair in filter(None, map(str.strip, request.headers.get("Upload-Metadata", "").split(","))):
        name, _, value = pair.partition(" ")
        try:
            found[name] = b64decode(value, validate=True).decode()
        except (binascii.Error, ValueError):
            raise Invalid("“Upload-Metadata” holds what is no text in base64.", field="Upload-Metadata") from None
    return found


def _from_metadata(request: web.Request) -> NewUpload:
    said = _metadata(request)
    folder, name = said.get("folder") or said.get("path"), said.get("filename")
    if not folder or not name:
        raise Invalid("“Upload-Metadata” must name a “folder” and a “filename”.", field="Upload-Metadata")
    modified = None
    with suppress(ValueError):
        modified = min(max(int(said.get("modifiedAt", "")), 0), 253_402_300_000_000)
    return NewUpload(
        folder, name, _number(request, "Upload-Length"), _choice(said.get("onConflict", "fail")), modified
    )  # fmt: skip


def _checksum(request: web.Request) -> tuple[str, bytes] | None:
    if (text := request.headers.get("Upload-Checksum")) is None:
        return None
    kind, _, value = text.partition(" ")
    if kind not in CHECKSUMS:
        raise Invalid(f"“Upload-Checksum” is one of {', '.join(CHECKSUMS)}.", field="Upload-Checksum")
    try:
        return kind, b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raise Invalid("“Upload-Checksum” holds no base64.", field="Upload-Checksum") from None
