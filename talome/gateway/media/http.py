"""The routes of media: JSON or a form in, JSON or bytes out."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Final

import orjson
from aiohttp import BodyPartReader, web

from talome.core.errors import Invalid, TooLarge, UnsupportedMedia
from talome.core.http.arguments import parse_body, read_bounded
from talome.core.http.connections import Connections
from talome.core.http.frames import send_frames
from talome.core.http.respond import RESPONSE_HEADERS
from talome.core.http.server import CALLER, RECORDED, HttpServer
from talome.core.operations import Caller, require
from talome.engines.providers.models import AudioFile, Media
from talome.gateway.inference.models import Json, Labels, answer_headers
from talome.gateway.inference.service import labels_of, take_labels
from talome.gateway.media.requests import LARGEST_AUDIO_BYTES
from talome.gateway.media.service import GatewayMedia, Made

SCOPE: Final = "gateway:use"
_BODY_LIMIT_BYTES: Final = 32 * 1024 * 1024
_LONGEST_FIELD_BYTES: Final = 64 * 1024
_MOST_FIELDS: Final = 20
_FORM_TIMEOUT_S: Final = 120.0
_TYPE: Final = re.compile(r"[a-z]{1,40}/[A-Za-z0-9.+-]{1,80}")
_ANY_TYPE: Final = "application/octet-stream"


class MediaRoutes:
    def __init__(self, media: GatewayMedia, connections: Connections) -> None:
        self._media = media
        self._connections = connections

    def add_to(self, server: HttpServer) -> None:
        server.add_route("POST", "/v1/embeddings", self.embeddings)
        server.add_route("POST", "/v1/images/generations", self.images)
        server.add_route("POST", "/v1/audio/speech", self.speech)
        server.add_route("POST", "/v1/audio/transcriptions", self.transcriptions)
        server.add_route("POST", "/v1/videos/generations", self.begin_film)
        server.add_route("GET", "/v1/videos/generations/{id}", self.film)
        server.add_route("GET", "/v1/videos/generations/{id}/content", self.film_content)

    async def embeddings(self, request: web.Request) -> web.StreamResponse:
        return await self._made(request, self._media.embeddings)

    async def images(self, request: web.Request) -> web.StreamResponse:
        return await self._made(request, self._media.images)

    async def begin_film(self, request: web.Request) -> web.StreamResponse:
        return await self._made(request, self._media.begin_film)

    async def speech(self, request: web.Request) -> web.StreamResponse:
        caller, body, labels = await _read_json(request)
        media, answered, trace_id = await self._media.speech(caller, body, labels)
        return await self._bytes(request, media, answer_headers(answered.nano, cached=False, trace_id=trace_id))

    async def transcriptions(self, request: web.Request) -> web.StreamResponse:
        caller = request[CALLER]
        require(caller, SCOPE)
        fields, file = await _read_form(request)
        said = fields.pop("local_only", "false").lower()
        if said not in ("true", "false"):
            raise Invalid("“local_only” is true or false.", field="local_only")
        labels = labels_of(request.headers, file.data, request[RESPONSE_HEADERS]["X-Request-Id"])
        labels = take_labels(labels, {"local_only": said == "true"})
        written = await self._media.transcribe(caller, fields, file, labels)
        headers = answer_headers(written.answered.nano, cached=False, trace_id=written.trace_id)
        return web.Response(text=written.text, content_type=written.content_type, charset="utf-8", headers=headers)

    async def film(self, request: web.Request) -> web.StreamResponse:
        caller = request[CALLER]
        require(caller, SCOPE)
        return _json(await self._media.film(caller, request.match_info["id"]), {})

    async def film_content(self, request: web.Request) -> web.StreamResponse:
        caller = request[CALLER]
        require(caller, SCOPE)
        media = await self._media.film_content(caller, request.match_info["id"])
        return await self._bytes(request, media, {})

    async def _made(
        self, request: web.Request, make: Callable[[Caller, Json, Labels], Awaitable[Made]]
    ) -> web.StreamResponse:
        caller, body, labels = await _read_json(request)
        made = await make(caller, body, labels)
        return _json(made.body, answer_headers(made.answered.nano, cached=False, trace_id=made.trace_id))

    async def _bytes(self, request: web.Request, media: Media, headers: dict[str, str]) -> web.StreamResponse:
        async with AsyncExitStack() as stack:
            stack.push_async_callback(media.chunks.aclose)
            sent = {"Content-Type": media.content_type, **headers}
            return await send_frames(
                request, request[CALLER], self._connections, media.chunks, headers=sent, failure=None
            )


async def _read_json(request: web.Request) -> tuple[Caller, Json, Labels]:
    caller = request[CALLER]
    require(caller, SCOPE)
    raw = await read_bounded(request, _BODY_LIMIT_BYTES)
    body = parse_body(raw, request.content_type)
    if not isinstance(body, dict):
        raise Invalid("The body must be a JSON object.", field="body")
    request[RECORDED] = True
    return caller, body, take_labels(labels_of(request.headers, raw, request[RESPONSE_HEADERS]["X-Request-Id"]), body)


async def _read_form(request: web.Request) -> tuple[dict[str, str], AudioFile]:
    """The fields and the file of a transcription, each bounded while it comes."""
    if request.content_type != "multipart/form-data":
        raise UnsupportedMedia("Send the sound as multipart/form-data.", field="body")
    try:
        async with asyncio.timeout(_FORM_TIMEOUT_S):
            return await _read_parts(request)
    except TimeoutError:
        raise Invalid("The body took too long to arrive.", field="body") from None
    except ValueError:
        raise Invalid("This is no whole form.", field="body") from None


async def _read_parts(request: web.Request) -> tuple[dict[str, str], AudioFile]:
    fields: dict[str, str] = {}
    file, parts = None, 0
    async for part in await request.multipart():
        parts += 1
        if not isinstance(part, BodyPartReader) or not part.name or parts > _MOST_FIELDS:
            raise Invalid("This form has parts that are not understood.", field="body")
        if part.name == "file":
            if file is not None:
                raise Invalid("Send one “file” at a time.", field="file")
            data = await _read_part(part, LARGEST_AUDIO_BYTES)
            kind = part.headers.get("Content-Type", "").partition(";")[0].strip()
            file = AudioFile(_safe_name(part.filename), kind if _TYPE.fullmatch(kind) else _ANY_TYPE, data)
        else:
            fields[part.name] = (await _read_part(part, _LONGEST_FIELD_BYTES)).decode("utf-8", "replace")
    return fields, file or AudioFile("", "", b"")


async def _read_part(part: BodyPartReader, limit_bytes: int) -> bytes:
    received = bytearray()
    while piece := await part.read_chunk():
        received += piece
        if len(received) > limit_bytes:
            raise TooLarge(f"“{part.name}” may have at most {limit_bytes} bytes.", field=str(part.name))
    return bytes(received)


def _safe_name(name: str | None) -> str:
    """Only the ending tells the provider anything."""
    ending = (name or "").rpartition(".")[2].lower()
    return f"audio.{ending}" if ending.isalnum() and len(ending) <= 5 else "audio"


def _json(body: Json, headers: dict[str, str]) -> web.Response:
    return web.Response(body=orjson.dumps(body), content_type="application/json", headers=headers)
