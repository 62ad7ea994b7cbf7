"""The unix socket: what the server asks for. Whoever may open it is trusted; it is 0600 and peers are looked at."""

import asyncio
import json
import logging
import os
import socket
import struct
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, Final

from talome.core.errors import Invalid, TalomeError
from talome.home.terminal import wire
from talome.home.terminal.process.sessions import Sessions, clean_title
from talome.home.terminal.process.viewers import TICKET_S, Tickets, Viewers

_log = logging.getLogger(__name__)
_PEER: Final = struct.Struct("3i")
Request = dict[str, Any]


class Control:
    """Answers the server. `served` is how many connections of servers stay open to say that one is there."""

    def __init__(self, sessions: Sessions, tickets: Tickets, viewers: Viewers) -> None:
        self._sessions = sessions
        self._tickets = tickets
        self._viewers = viewers
        self.port: int | None = None
        self.servers = 0
        self._verbs: dict[str, Callable[[Request], Awaitable[Any]]] = {
            "hello": self._hello,
            "list": self._list,
            "create": self._create,
            "close": self._close,
            "rename": self._rename,
            "resize": self._resize,
            "record": self._record,
            "ticket": self._ticket,
            "callers": self._callers,
            "end": self._end,
        }

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if _is_ours(writer):
                await self._answer(reader, writer)
        except (ConnectionError, ValueError):
            _log.warning("A connection of the server broke off")
        except asyncio.CancelledError:
            pass  # the process ends
        finally:
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        frame = await wire.read_frame(reader)
        if frame is None:
            return
        request = json.loads(frame[1])
        try:
            if request["do"] == "attach":
                await self._attach(request, reader, writer)
                return
            if request["do"] == "watch":
                await self._watch(reader, writer)
                return
            answer = {"ok": await self._verbs[request["do"]](request)}
        except TalomeError as error:
            answer = {"error": error.message, "code": error.error_code, "status": error.status}
        writer.write(wire.text_frame(answer))
        await writer.drain()

    async def _attach(self, request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ticket = self._tickets.take(str(request["ticket"]))
        session = self._sessions.get(ticket.session)
        writer.write(wire.text_frame({"ok": {}}))
        await self._viewers.serve(session, _FrameChannel(reader, writer), ticket.caller)

    async def _watch(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.servers += 1
        try:
            writer.write(wire.text_frame({"ok": {}}))
            while await wire.read_frame(reader) is not None:
                pass
        finally:
            self.servers -= 1

    async def _hello(self, _: Request) -> Any:
        return {"version": wire.VERSION, "pid": os.getpid(), "port": self.port, "sessions": len(self._sessions)}

    async def _list(self, _: Request) -> Any:
        return [session.described() for session in self._sessions.all()]

    async def _create(self, request: Request) -> Any:
        session = await self._sessions.create({**request, "title": clean_title(request["title"])})
        return session.described()

    async def _close(self, request: Request) -> Any:
        await self._sessions.close(request["id"])
        return {}

    async def _rename(self, request: Request) -> Any:
        session = self._sessions.get(request["id"])
        title = clean_title(request["title"])
        if not title:
            raise Invalid("A title needs a letter that can be seen.", field="title")
        session.rename(title)
        return session.described()

    async def _resize(self, request: Request) -> Any:
        session = self._sessions.get(request["id"])
        await session.resize(request["cols"], request["rows"])
        return session.described()

    async def _record(self, request: Request) -> Any:
        return self._sessions.record(request["id"], on=request["on"]).described()

    async def _ticket(self, request: Request) -> Any:
        session = self._sessions.get(request["id"])
        ticket = self._tickets.give(session.id, request["caller"], request.get("origin"), request.get("host"))
        return {"ticket": ticket, "expiresInS": int(TICKET_S), "port": self.port}

    async def _callers(self, _: Request) -> Any:
        return [*self._tickets.callers(), *self._viewers.callers()]

    async def _end(self, request: Request) -> Any:
        self._tickets.void(request["caller"])
        self._viewers.end(request["caller"])
        return {}


class _FrameChannel:
    """A viewer whose socket the server holds."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def send_bytes(self, data: bytes) -> None:
        self._writer.write(wire.bytes_frame(data))
        await self._writer.drain()

    async def send_text(self, value: dict[str, Any]) -> None:
        self._writer.write(wire.text_frame(value))
        await self._writer.drain()

    async def receive(self) -> bytes | str | None:
        with suppress(ConnectionError):
            if (frame := await wire.read_frame(self._reader)) is not None:
                kind, content = frame
                return content if kind == wire.BYTES else content.decode()
        return None

    async def close(self, code: int, reason: str) -> None:
        await self.send_text({"close": {"code": code, "reason": reason}})


def _is_ours(writer: asyncio.StreamWriter) -> bool:
    """The same user as this process, or root."""
    peer = writer.get_extra_info("socket")
    _, user, _ = _PEER.unpack(peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size))
    return user in (0, os.geteuid())
