"""The port for WebSockets: `GET /sessions/{id}?ticket=…`, for those who hold a ticket of the server.

A ticket is bound to the origin and to the name of this machine under which it was given, so neither another site nor a
name that was rebound to this address gets in.
"""

import asyncio
import json
from contextlib import suppress
from typing import Final
from urllib.parse import parse_qs, urlsplit

from talome.core.errors import Forbidden, Invalid, NotFound, TalomeError, TooMany
from talome.home.terminal.process.sessions import Session, Sessions
from talome.home.terminal.process.viewers import Ticket, Tickets, Viewers
from talome.home.terminal.process.websocket import WebSocket, accept_key

_HEAD_S: Final = 10.0
_MOST_CONNECTIONS: Final = 256
_PHRASES: Final = {400: "Bad Request", 403: "Forbidden", 404: "Not Found", 429: "Too Many Requests"}


class Direct:
    """Answers connections to the port."""

    def __init__(self, sessions: Sessions, tickets: Tickets, viewers: Viewers) -> None:
        self._sessions = sessions
        self._tickets = tickets
        self._viewers = viewers
        self._connections = 0

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._connections += 1
        try:
            await self._answer(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError):
            pass  # it went away, or never said what it wanted
        except asyncio.CancelledError:
            pass  # the process ends
        finally:
            self._connections -= 1
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with asyncio.timeout(_HEAD_S):
            head = await reader.readuntil(b"\r\n\r\n")
        try:
            if self._connections > _MOST_CONNECTIONS:
                raise TooMany("Too many connections are open.", retry_after_s=5)
            path, headers = _parsed(head)
            session, ticket = self._admitted(path, headers)
        except TalomeError as error:
            await _refuse(writer, error)
            return
        writer.write(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Accept: {accept_key(headers['sec-websocket-key'])}\r\n\r\n".encode()
        )
        socket = WebSocket(reader, writer)
        try:
            await self._viewers.serve(session, socket, ticket.caller)
        finally:
            await socket.finish()

    def _admitted(self, path: str, headers: dict[str, str]) -> tuple[Session, Ticket]:
        address = urlsplit(path)
        parts = address.path.split("/")
        if len(parts) != 3 or parts[1] != "sessions":
            raise NotFound("There is nothing at this address.")
        given = parse_qs(address.query).get("ticket", [""])[0]
        ticket = self._tickets.take(given, session=parts[2])
        if headers.get("origin") != ticket.origin:
            raise Forbidden("This request comes from another site.", code="foreign_origin")
        if ticket.host is not None and _host_name(headers.get("host", "")) != ticket.host:
            raise Forbidden("The ticket was given under another name of this machine.", code="bad_ticket")
        if headers.get("upgrade", "").lower() != "websocket" or headers.get("sec-websocket-version") != "13":
            raise Invalid("This address is for WebSockets, version 13.")
        if len(headers.get("sec-websocket-key", "")) != 24:
            raise Invalid("There is no Sec-WebSocket-Key.")
        return self._sessions.get(ticket.session), ticket


def _parsed(head: bytes) -> tuple[str, dict[str, str]]:
    try:
        request, *lines = head.decode("ascii").rstrip("\r\n").split("\r\n")
        method, path, version = request.split(" ")
        pairs = [line.split(":", 1) for line in lines]
        headers = {name.strip().lower(): value.strip() for name, value in pairs}
        urlsplit(path)
    except ValueError:
        raise Invalid("This is no request.") from None
    if method != "GET" or version != "HTTP/1.1" or len(headers) != len(pairs):
        raise Invalid("This address is for WebSockets.")
    return path, headers


def _host_name(host: str) -> str:
    try:
        return (urlsplit(f"//{host}").hostname or "").rstrip(".")
    except ValueError:
        return ""


async def _refuse(writer: asyncio.StreamWriter, error: TalomeError) -> None:
    body = json.dumps({"error": error.message, "code": error.error_code}).encode()
    writer.write(
        f"HTTP/1.1 {error.status} {_PHRASES.get(error.status, 'Error')}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n"
        "Connection: close\r\n\r\n".encode()
        + body
    )
    with suppress(ConnectionError):
        await writer.drain()
