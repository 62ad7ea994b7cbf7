"""The routes of the faces. Bodies here may be large (pictures), so they are read with a limit of their own."""

from collections.abc import Awaitable, Callable
from typing import Final

import orjson
from aiohttp import web

from talome.core.errors import Invalid
from talome.core.http.arguments import parse_body, read_bounded
from talome.core.http.connections import Connections
from talome.core.http.frames import EVENTS, send_frames
from talome.core.http.respond import RESPONSE_HEADERS
from talome.core.http.server import CALLER, RECORDED, HttpServer
from talome.core.operations import Caller, require
from talome.gateway.faces.service import Faces, Streamed, Whole
from talome.gateway.inference.models import Json, Labels, answer_headers
from talome.gateway.inference.service import labels_of, take_labels
from talome.gateway.limits.service import Limits

JSON: Final = "application/json"
SCOPE: Final = "gateway:use"
BODY_LIMIT_BYTES: Final = 32 * 1024 * 1024
_TALOCODE: Final = "tk_"
Ask = Callable[[Caller, Json, Labels], Awaitable[Whole | Streamed]]


class FaceRoutes:
    def __init__(self, faces: Faces, limits: Limits, connections: Connections) -> None:
        self._faces = faces
        self._limits = limits
        self._connections = connections

    def add_to(self, server: HttpServer) -> None:
        for path in ("/v1/chat/completions", "/v1/router/chat/completions"):
            server.add_route("POST", path, self.chat)
        server.add_route("POST", "/v1/completions", self.completions)
        server.add_route("POST", "/v1/responses", self.responses)
        server.add_route("POST", "/v1/messages", self.messages)
        server.add_route("POST", "/v1/messages/count_tokens", self.count_tokens)
        for path in ("/v2/query", "/v2/query/stream", "/v2/query/chat"):
            server.add_route("POST", path, self.query)

    async def chat(self, request: web.Request) -> web.StreamResponse:
        return await self._answer(request, self._faces.chat)

    async def completions(self, request: web.Request) -> web.StreamResponse:
        return await self._answer(request, self._faces.completions)

    async def responses(self, request: web.Request) -> web.StreamResponse:
        return await self._answer(request, self._faces.responses)

    async def messages(self, request: web.Request) -> web.StreamResponse:
        beta = request.headers.get("anthropic-beta", "")
        return await self._answer(
            request, lambda caller, body, labels: self._faces.messages(caller, body, labels, beta)
        )

    async def count_tokens(self, request: web.Request) -> web.StreamResponse:
        require(request[CALLER], SCOPE)
        body, _ = await read_request(request)
        return web.Response(body=orjson.dumps(self._faces.count_tokens(body)), content_type=JSON)

    async def query(self, request: web.Request) -> web.StreamResponse:
        chat, stream = request.path.endswith("/chat"), request.path.endswith("/stream")
        return await self._answer(
            request, lambda caller, body, labels: self._faces.query(caller, body, labels, chat=chat, stream=stream)
        )

    async def _answer(self, request: web.Request, ask: Ask) -> web.StreamResponse:
        caller = request[CALLER]
        require(caller, SCOPE)
        body, labels = await read_request(request)
        streams = body.get("stream") is True or request.path.endswith("/stream")
        if not streams:
            return await self._send(request, caller, await ask(caller, body, labels))
        with self._limits.stream(caller.key_id or caller.user_id):
            return await self._send(request, caller, await ask(caller, body, labels))

    async def _send(self, request: web.Request, caller: Caller, answer: Whole | Streamed) -> web.StreamResponse:
        if isinstance(answer, Streamed):
            return await self._stream(request, caller, answer)
        headers = answer_headers(answer.nano, cached=answer.cached, trace_id=answer.trace_id)
        return web.Response(body=orjson.dumps(answer.body), headers={"Content-Type": JSON, **headers})

    async def _stream(self, request: web.Request, caller: Caller, answer: Streamed) -> web.StreamResponse:
        headers = {**EVENTS, **answer_headers(None, cached=answer.cached, trace_id=answer.trace_id)}
        try:
            return await send_frames(
                request, caller, self._connections, answer.frames(), headers=headers, failure=answer.failure
            )
        finally:
            await answer.close()


async def read_request(request: web.Request) -> tuple[Json, Labels]:
    """The body and the labels of a call to a model."""
    raw = await read_bounded(request, BODY_LIMIT_BYTES)
    body = parse_body(raw, request.content_type)
    if not isinstance(body, dict):
        raise Invalid("The body must be a JSON object.", field="body")
    request[RECORDED] = True
    shows = request.path.startswith("/v1/router") or request[CALLER].face == _TALOCODE
    labels = labels_of(request.headers, raw, request[RESPONSE_HEADERS]["X-Request-Id"], shows_provider=shows)
    return body, take_labels(labels, body)
