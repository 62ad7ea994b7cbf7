"""Streams whose every byte the feature decides, such as OpenAI's; for plain lists of items there is `respond`."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from typing import Any

import orjson
from aiohttp import web

from talome.core.errors import Internal, TalomeError, Unauthenticated
from talome.core.http.connections import Connections, SessionEnded
from talome.core.http.respond import KEEP_ALIVE_S, RESPONSE_HEADERS
from talome.core.operations import Caller

EVENTS: Mapping[str, str] = {
    "Content-Type": "text/event-stream",
    "Cache-Control": "no-cache, no-transform",
    "X-Accel-Buffering": "no",
}
_SILENCE = b": keep-alive\n\n"
_MOST_STUCK = 8
"""So many looks in a row, one every 15 s, may find that nothing was taken."""
_log = logging.getLogger(__name__)


def data_frames(values: Iterable[Any]) -> bytes:
    """Server-sent events that have no name."""
    return b"".join([b"data: %b\n\n" % orjson.dumps(value) for value in values])


def named_frames(values: Iterable[Mapping[str, Any]]) -> bytes:
    """Those whose name is the `type` of what they carry."""
    return b"".join([b"event: %b\ndata: %b\n\n" % (str(one["type"]).encode(), orjson.dumps(one)) for one in values])


class _Pulse:
    """A comment after 15 s without a frame, so that nobody on the way takes the line for dead; and an end for a reader
    who takes nothing of what waits for him, since what he holds open costs others."""

    def __init__(self, request: web.Request, response: web.StreamResponse, *, comments: bool) -> None:
        self._transport = request.transport
        self._response = response
        self._comments = comments
        self._waits_bytes = 0
        self._stuck = 0
        self._loop = asyncio.get_running_loop()
        self._timer = self._loop.call_later(KEEP_ALIVE_S, self._look)
        self._writing: asyncio.Task[None] | None = None
        self.last = self._loop.time()

    def beat(self) -> None:
        self.last = self._loop.time()

    def _look(self) -> None:
        silent_s = self._loop.time() - self.last
        if silent_s >= KEEP_ALIVE_S:
            self._look_at_the_reader()
            silent_s = 0.0
        else:
            self._stuck = 0
        self._timer = self._loop.call_later(KEEP_ALIVE_S - silent_s, self._look)

    def _look_at_the_reader(self) -> None:
        before, self._waits_bytes = self._waits_bytes, self._transport.get_write_buffer_size() if self._transport else 0
        self._stuck = self._stuck + 1 if self._waits_bytes and self._waits_bytes >= before else 0
        if self._stuck >= _MOST_STUCK and self._transport is not None:
            self._transport.abort()
        elif self._comments and not self._waits_bytes:
            self._writing = self._loop.create_task(self._comment())

    async def _comment(self) -> None:
        try:
            await self._response.write(_SILENCE)
        except ConnectionError:
            _log.debug("The reader left while nothing came")

    def stop(self) -> None:
        self._timer.cancel()
        if self._writing is not None:
            self._writing.cancel()


async def send_frames(
    request: web.Request,
    caller: Caller,
    connections: Connections,
    frames: AsyncIterator[bytes],
    *,
    headers: Mapping[str, str],
    failure: Callable[[TalomeError], bytes] | None,
) -> web.StreamResponse:
    """Send every piece as it comes. An error after the first byte becomes the last frame, which `failure` writes; where
    there is no such frame (sound) the connection breaks off. The caller of this closes what the frames come from."""
    response = web.StreamResponse(headers=dict(headers))
    for name, value in request[RESPONSE_HEADERS].items():
        response.headers.setdefault(name, value)
    await response.prepare(request)
    pulse = _Pulse(request, response, comments=failure is not None)
    try:
        with connections.track(caller):
            async for frame in frames:
                await response.write(frame)
                pulse.beat()
    except SessionEnded:
        await _fail(request, response, failure, Unauthenticated("The session has ended.", code="session_ended"))
    except TalomeError as error:
        await _fail(request, response, failure, error)
    except ConnectionError:
        _log.debug("The reader of %s went away", request.path)
    except Exception:  # the head is out, so that no guard can answer any more
        _log.exception("The stream of %s broke off", request.path)
        await _fail(request, response, failure, Internal("The stream broke off because of a fault in Talome."))
    finally:
        pulse.stop()
    return response


async def _fail(
    request: web.Request,
    response: web.StreamResponse,
    failure: Callable[[TalomeError], bytes] | None,
    error: TalomeError,
) -> None:
    try:
        if failure is not None:
            await response.write(failure(error))
        elif request.transport is not None:
            request.transport.abort()  # a file that ends early must not look whole
    except ConnectionError:
        _log.debug("The reader left before the error")
