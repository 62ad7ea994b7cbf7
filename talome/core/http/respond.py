"""From what an operation returned to an HTTP answer: JSON, or a stream of server-sent events."""

import asyncio
import hashlib
import logging
from collections.abc import AsyncGenerator, Callable, Mapping
from typing import Any

import orjson
from aiohttp import web

from talome.core.dialects import render_error, stream_error
from talome.core.errors import Internal, MethodNotAllowed, TalomeError, TooMany, Unauthenticated
from talome.core.http.connections import Connections, SessionEnded
from talome.core.log import request_id
from talome.core.operations import Caller, Operation

KEEP_ALIVE_S = 15.0
_COMPRESS_FROM_BYTES = 2048
RESPONSE_HEADERS = web.RequestKey("response_headers", dict[str, str])
"""What the guard sends with every answer; streams must send it themselves, before their first byte."""
_log = logging.getLogger(__name__)


def json_response(operation: Operation, request: web.Request, result: Any) -> web.Response:
    """The result as JSON; a GET carries an ETag and is answered 304 where the caller has it already.

    A result with a method `http_headers` also sets headers, such as the session cookie.
    """
    if operation.result is None:
        raise Internal(f"{operation.name} only streams.")
    body = operation.result.dump_json(result, by_alias=True)
    own_headers: Callable[[], Mapping[str, str]] | None = getattr(result, "http_headers", None)
    headers = dict(own_headers()) if own_headers is not None else {}
    if request.method == "GET":
        etag = f'W/"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
        headers["ETag"] = etag
        if request.headers.get("If-None-Match") == etag:
            return web.Response(status=304, headers=headers)
    response = web.Response(
        body=body, status=operation.status, content_type="application/json", charset="utf-8", headers=headers
    )
    if len(body) >= _COMPRESS_FROM_BYTES:
        response.enable_compression()
    return response


def error_response(error: TalomeError, request: web.Request) -> web.Response:
    """The error in the caller's dialect, with the headers that its status asks for."""
    headers = {}
    if isinstance(error, TooMany):
        headers["Retry-After"] = str(error.retry_after_s)
    if isinstance(error, Unauthenticated):
        basic = request.path.startswith("/dav")  # WebDAV clients know nothing else
        headers["WWW-Authenticate"] = 'Basic realm="Talome", charset="UTF-8"' if basic else 'Bearer realm="talome"'
    if isinstance(error, MethodNotAllowed):
        headers["Allow"] = ", ".join(error.allow)
    body = render_error(error, path=request.path, headers=request.headers, request_id=request_id.get())
    return web.Response(
        body=orjson.dumps(body, default=str),
        status=error.status,
        content_type="application/json",
        charset="utf-8",
        headers=headers,
    )


async def stream_response(
    operation: Operation,
    request: web.Request,
    caller: Caller,
    items: AsyncGenerator[Any, None],
    connections: Connections,
) -> web.StreamResponse:
    """Server-sent events: `data: <item>` each, a comment after 15 s of silence, the error object if it breaks off."""
    if operation.item is None:
        raise Internal(f"{operation.name} does not stream.")
    response = web.StreamResponse(
        headers={
            "Content-Type": "text/event-stream",
            "Cache-Control": "no-cache, no-transform",
            "X-Accel-Buffering": "no",
        }
    )
    for name, value in request[RESPONSE_HEADERS].items():
        response.headers.setdefault(name, value)
    try:
        connections.admit(caller)
    except TalomeError:
        await items.aclose()
        raise
    try:
        await response.prepare(request)
        with connections.track(caller):
            async for item in with_silences(items, KEEP_ALIVE_S):
                frame = b": keep-alive\n\n" if item is None else _frame(operation.item.dump_json(item, by_alias=True))
                await response.write(frame)
    except SessionEnded:
        ended = Unauthenticated("The session has ended. Sign in again.", code="session_ended")
        await _last_frame(response, ended)
    except TalomeError as error:
        await _last_frame(response, error)
    except (ConnectionResetError, ConnectionError):
        _log.debug("The reader of %s went away", operation.name)
    except Exception:
        _log.exception("%s broke off", operation.name)
        await _last_frame(response, Internal("The stream broke off because of a fault in Talome."))
    finally:
        await items.aclose()
    return response


async def with_silences(items: AsyncGenerator[Any, None], silence_s: float) -> AsyncGenerator[Any, None]:
    """The items, with None wherever nothing came for `silence_s`; closes the source when it is closed itself."""
    upcoming: asyncio.Task[Any] | None = None
    try:
        while True:
            upcoming = upcoming or asyncio.ensure_future(anext(items))
            done, _ = await asyncio.wait({upcoming}, timeout=silence_s)
            if not done:
                yield None
                continue
            finished, upcoming = upcoming, None
            try:
                item = finished.result()
            except StopAsyncIteration:
                return
            yield item
    finally:
        if upcoming is not None:
            upcoming.cancel()
            await asyncio.gather(upcoming, return_exceptions=True)
        await items.aclose()


def _frame(data: bytes) -> bytes:
    return b"data: " + data + b"\n\n"


async def _last_frame(response: web.StreamResponse, error: TalomeError) -> None:
    try:
        await response.write(_frame(orjson.dumps(stream_error(error), default=str)))
    except ConnectionError:
        _log.debug("The reader left before the error")
