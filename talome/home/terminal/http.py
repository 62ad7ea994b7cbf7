"""The WebSocket of a terminal at the server's own port, so that one origin behind one certificate is enough.

Bytes are the terminal's, both ways. Text is control: `{"resize": {"cols", "rows"}}` from the browser; `{"ready": …}`,
`{"title"}`, `{"size"}`, `{"skipped": bytes}` and `{"exit": code}` from here. Close code 4401: the right to it ended.
"""

import asyncio
import json
import os
from typing import Final

from aiohttp import WSMsgType, web

from talome.core.http.connections import Connections, SessionEnded
from talome.core.http.respond import RESPONSE_HEADERS
from talome.core.http.sending import Sent, send_file
from talome.core.http.server import CALLER, SUBPROTOCOL
from talome.core.operations import Registry, require
from talome.home.terminal import wire
from talome.home.terminal.link import TerminalLink
from talome.home.terminal.recordings import Recordings

CLOSE_SESSION_ENDED: Final = 4401
_ENDED: Final = b"The session has ended."


class TerminalSocket:
    """Serves `GET /api/terminal/sessions/{id}/socket`. It lets in whom the operation `terminals.ticket` lets in."""

    def __init__(self, registry: Registry, link: TerminalLink, connections: Connections) -> None:
        self._ticket = registry["terminals.ticket"]
        self._link = link
        self._connections = connections

    async def handle(self, request: web.Request) -> web.StreamResponse:
        asked = {"id": request.match_info["id"]}
        given = await self._ticket.call(request[CALLER], lambda: self._ticket.parse_json(asked))
        reader, writer = await self._link.attach(given.ticket)
        socket = web.WebSocketResponse(
            heartbeat=20.0, max_msg_size=wire.LONGEST_BYTES, compress=False, protocols=(SUBPROTOCOL,)
        )
        try:
            for name, value in request[RESPONSE_HEADERS].items():
                socket.headers.setdefault(name, value)
            await socket.prepare(request)
            with self._connections.track(request[CALLER]):
                code, reason = await _carry(socket, reader, writer)
            await socket.close(code=code, message=reason)
        except SessionEnded:
            await socket.close(code=CLOSE_SESSION_ENDED, message=_ENDED)
        finally:
            writer.close()
        return socket


class RecordingFile:
    """Serves `GET /api/terminal/recordings/{name}`, for whom the operation `terminals.recordings` lets in."""

    def __init__(self, registry: Registry, recordings: Recordings, connections: Connections) -> None:
        self._list = registry["terminals.recordings"]
        self._recordings = recordings
        self._connections = connections

    async def handle(self, request: web.Request) -> web.StreamResponse:
        caller, name = request[CALLER], request.match_info["name"]
        require(caller, self._list.scope)
        descriptor = await self._recordings.open(caller, name)
        known = os.fstat(descriptor)
        etag = f'"{known.st_mtime_ns:x}-{known.st_size:x}"'
        return await send_file(request, self._connections, descriptor, Sent(name, "application/x-asciicast", etag))


async def _carry(
    socket: web.WebSocketResponse, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> tuple[int, bytes]:
    """Until either side ends; the close code for the browser and its reason."""
    down = asyncio.create_task(_to_browser(socket, reader))
    up = asyncio.create_task(_to_process(socket, writer))
    try:
        await asyncio.wait({down, up}, return_when=asyncio.FIRST_COMPLETED)
        return down.result() if down.done() and not down.exception() else (1000, b"")
    finally:
        for task in (down, up):
            task.cancel()
        await asyncio.gather(down, up, return_exceptions=True)


async def _to_browser(socket: web.WebSocketResponse, reader: asyncio.StreamReader) -> tuple[int, bytes]:
    while (frame := await wire.read_frame(reader)) is not None:
        kind, content = frame
        if kind == wire.BYTES:
            await socket.send_bytes(content)
        elif content.startswith(b'{"close"'):
            said = json.loads(content)["close"]
            return int(said["code"]), str(said["reason"]).encode()
        else:
            await socket.send_str(content.decode())
    return 1012, b"The terminal process went away."


async def _to_process(socket: web.WebSocketResponse, writer: asyncio.StreamWriter) -> None:
    async for message in socket:
        if message.type is WSMsgType.BINARY:
            writer.write(wire.bytes_frame(message.data))
        elif message.type is WSMsgType.TEXT:
            writer.write(wire.bytes_frame(message.data.encode(), wire.TEXT))
        else:
            return
        await writer.drain()
