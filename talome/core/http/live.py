"""The one WebSocket of a browser tab: any streaming operation can be subscribed, under its own authorisation.

Frames are JSON text. From the client: `{"id", "subscribe": operation, "arguments"}` and `{"id", "unsubscribe": true}`.
From the server: `{"id", "data"}`, `{"id", "end": true}`, `{"id", "error": {…}}`. Close code 4401: the session ended.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator
from typing import Any, Final

import orjson
from aiohttp import WSMsgType, web

from talome.core.errors import Conflict, Internal, Invalid, NotFound, TalomeError, TooMany
from talome.core.events import Overflow
from talome.core.http.connections import Connections, SessionEnded
from talome.core.http.respond import RESPONSE_HEADERS
from talome.core.http.server import CALLER, SUBPROTOCOL
from talome.core.operations import Caller, Operation, Registry

CLOSE_SESSION_ENDED: Final = 4401
MAX_SUBSCRIPTIONS: Final = 64
_FRAME_LIMIT_BYTES: Final = 64 * 1024
_log = logging.getLogger(__name__)


class Live:
    """Serves `GET /api/ws`."""

    def __init__(self, registry: Registry, connections: Connections) -> None:
        self._registry = registry
        self._connections = connections

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self._connections.admit(request[CALLER])
        socket = web.WebSocketResponse(
            heartbeat=20.0, max_msg_size=_FRAME_LIMIT_BYTES, compress=True, protocols=(SUBPROTOCOL,)
        )
        for name, value in request[RESPONSE_HEADERS].items():
            socket.headers.setdefault(name, value)
        await socket.prepare(request)
        tab = _Tab(self._registry, request[CALLER], socket)
        try:
            with self._connections.track(request[CALLER]):
                await tab.serve()
        except SessionEnded:
            await tab.close()
            await socket.close(code=CLOSE_SESSION_ENDED, message=b"The session has ended.")
        finally:
            await tab.close()
        return socket


class _Tab:
    """One socket and its subscriptions. A slow reader slows only its own subscriptions: sends wait for it."""

    def __init__(self, registry: Registry, caller: Caller, socket: web.WebSocketResponse) -> None:
        self._registry = registry
        self._caller = caller
        self._socket = socket
        self._tasks: dict[str, asyncio.Task[None]] = {}

    async def serve(self) -> None:
        async for message in self._socket:
            if message.type is not WSMsgType.TEXT:
                break
            identifier = ""
            try:
                frame = _parse(message.data)
                identifier = frame["id"]
                self._take(identifier, frame)
            except TalomeError as error:
                await self._send_error(identifier, error)

    def _take(self, identifier: str, frame: dict[str, Any]) -> None:
        if frame.get("unsubscribe") is True:
            if task := self._tasks.get(identifier):
                task.cancel()
            return
        operation = self._registry.find(str(frame.get("subscribe")))
        if operation is None or operation.item is None:
            raise NotFound("There is no such stream.")
        if identifier in self._tasks:
            raise Conflict("This id has a subscription already.")
        if len(self._tasks) >= MAX_SUBSCRIPTIONS:
            raise TooMany("This tab follows too many things at once.", retry_after_s=1)
        task = asyncio.create_task(self._follow(identifier, operation, frame.get("arguments") or {}))
        self._tasks[identifier] = task
        task.add_done_callback(lambda done: self._forget(identifier, done))

    def _forget(self, identifier: str, task: asyncio.Task[None]) -> None:
        if self._tasks.get(identifier) is task:
            del self._tasks[identifier]

    async def _follow(self, identifier: str, operation: Operation, arguments: dict[str, Any]) -> None:
        try:
            items = await operation.call(self._caller, lambda: operation.parse_json(arguments))
            if not isinstance(items, AsyncGenerator):
                raise Invalid("This call does not stream with these arguments.")
            await self._forward(identifier, operation, items)
        except TalomeError as error:
            await self._send_error(identifier, error)
        except Overflow:
            await self._send_error(identifier, Conflict("Too much happened at once; subscribe again.", code="overflow"))
        except ConnectionError:
            _log.debug("The socket went away")
        except Exception:
            _log.exception("%s broke off", operation.name)
            await self._send_error(identifier, Internal("The stream broke off because of a fault in Talome."))

    async def _forward(self, identifier: str, operation: Operation, items: AsyncGenerator[Any, None]) -> None:
        if operation.item is None:
            raise Invalid(f"{operation.name} does not stream.")
        head = b'{"id":' + orjson.dumps(identifier) + b',"data":'
        try:
            async for item in items:
                await self._socket.send_str((head + operation.item.dump_json(item, by_alias=True) + b"}").decode())
        finally:
            await items.aclose()
        await self._send({"id": identifier, "end": True})

    async def _send_error(self, identifier: str, error: TalomeError) -> None:
        body = {"error": error.message, "code": error.error_code, "status": error.status, **error.details}
        await self._send({"id": identifier, "error": body})

    async def _send(self, frame: dict[str, Any]) -> None:
        if not self._socket.closed:
            try:
                await self._socket.send_str(orjson.dumps(frame, default=str).decode())
            except ConnectionError:
                _log.debug("The socket went away")

    async def close(self) -> None:
        tasks = tuple(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _parse(text: str) -> dict[str, Any]:
    try:
        frame = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise Invalid("The frame is not valid JSON.") from None
    if not isinstance(frame, dict) or not isinstance(frame.get("id"), str) or len(frame["id"]) > 100:
        raise Invalid("A frame is an object with a text “id”.", field="id")
    if not isinstance(frame.get("arguments", {}), dict | None):
        raise Invalid("“arguments” must be an object.", field="arguments")
    return frame
