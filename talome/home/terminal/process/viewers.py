"""Who looks at a session: tickets to come in, and the traffic of one viewer over whatever channel it came by."""

import asyncio
import json
import secrets
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, Protocol

from talome.core.errors import Forbidden, TooMany
from talome.home.terminal.process.sessions import Session, View

TICKET_S: Final = 30.0
_LEAVING_S: Final = 2.0
_MOST_TICKETS: Final = 1000
CLOSE_NORMAL: Final = 1000
CLOSE_BAD: Final = 1008
CLOSE_RIGHTS_ENDED: Final = 4401
SMALLEST: Final = 1
LARGEST: Final = 1000


class Channel(Protocol):
    """A connection to a viewer, of whichever framing."""

    async def send_bytes(self, data: bytes) -> None:
        """Waits while the other side does not read. Raises `ConnectionError` when it is gone."""

    async def send_text(self, value: dict[str, Any]) -> None: ...
    async def receive(self) -> bytes | str | None:
        """Bytes for the terminal, text for control, None at the end."""

    async def close(self, code: int, reason: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Ticket:
    """The right to look at one session once. `caller` is who got it, as the server describes people."""

    session: str
    caller: dict[str, Any]
    origin: str | None
    host: str | None
    ends_at: float


class Tickets:
    """Tickets that were given and not yet used."""

    def __init__(self) -> None:
        self._open: dict[str, Ticket] = {}

    def give(self, session: str, caller: dict[str, Any], origin: str | None, host: str | None) -> str:
        at = time.monotonic()
        self._open = {name: ticket for name, ticket in self._open.items() if ticket.ends_at > at}
        if len(self._open) >= _MOST_TICKETS:
            raise TooMany("Too many tickets are waiting to be used.", retry_after_s=int(TICKET_S))
        name = secrets.token_urlsafe(24)
        self._open[name] = Ticket(session, caller, origin, host, at + TICKET_S)
        return name

    def take(self, name: str, *, session: str | None = None) -> Ticket:
        """Use a ticket up, whatever comes of it. `session`: the one it must be for."""
        ticket = self._open.pop(name, None)
        if ticket is None or ticket.ends_at <= time.monotonic() or session not in (None, ticket.session):
            raise Forbidden("This ticket is not valid, or no longer. Ask for a new one.", code="bad_ticket")
        return ticket

    def callers(self) -> list[dict[str, Any]]:
        return [ticket.caller for ticket in self._open.values()]

    def void(self, caller: dict[str, Any]) -> None:
        self._open = {name: ticket for name, ticket in self._open.items() if ticket.caller != caller}


class Viewers:
    """Everybody who looks at something now."""

    def __init__(self) -> None:
        self._open: set[_Viewer] = set()
        self._left = asyncio.Event()

    def __len__(self) -> int:
        return len(self._open)

    async def serve(self, session: Session, channel: Channel, caller: dict[str, Any]) -> None:
        """Carry one viewer's traffic until one of the two goes away."""
        viewer = _Viewer(session, channel, caller)
        self._open.add(viewer)
        try:
            await viewer.serve()
        finally:
            self._open.discard(viewer)
            self._left.set()

    async def all_left(self) -> None:
        """Wait for everybody to go, which they do when their terminals end; two seconds at most."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_LEAVING_S):
                while self._open:
                    self._left.clear()
                    await self._left.wait()

    def callers(self) -> list[dict[str, Any]]:
        return [viewer.caller for viewer in self._open]

    def end(self, caller: dict[str, Any]) -> None:
        """Show somebody out whose rights have ended."""
        for viewer in self._open:
            if viewer.caller == caller:
                viewer.end()


class _Viewer:
    def __init__(self, session: Session, channel: Channel, caller: dict[str, Any]) -> None:
        self.caller = caller
        self._session = session
        self._channel = channel
        self._shown_out = asyncio.Event()

    def end(self) -> None:
        self._shown_out.set()

    async def serve(self) -> None:
        view = self._session.join()
        sending = asyncio.create_task(self._send(view))
        receiving = asyncio.create_task(self._receive())
        ending = asyncio.create_task(self._shown_out.wait())
        tasks = {sending, receiving, ending}
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._session.leave(view)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        with suppress(ConnectionError, TimeoutError):
            async with asyncio.timeout(1.0):
                await self._say_goodbye()

    async def _say_goodbye(self) -> None:
        if self._shown_out.is_set():
            await self._channel.close(CLOSE_RIGHTS_ENDED, "The session has ended.")
        else:
            await self._channel.close(CLOSE_NORMAL, "")

    async def _send(self, view: View) -> None:
        session = self._session
        with suppress(ConnectionError):
            await self._channel.send_text(
                {
                    "ready": {
                        "title": session.title,
                        "kind": session.wanted.kind,
                        "readOnly": session.read_only,
                        "cols": session.columns,
                        "rows": session.rows,
                        "replayBytes": session.ring.end - view.position,
                    }
                }
            )
            while True:
                over = session.exit_code
                while view.notices:
                    await self._channel.send_text(view.notices.pop(0))
                if piece := session.next_piece(view):
                    await self._channel.send_bytes(piece)
                elif view.notices:
                    continue
                elif over is not None:
                    await self._channel.send_text({"exit": over})
                    return
                else:
                    await view.news.wait()
                    view.news.clear()

    async def _receive(self) -> None:
        with suppress(ConnectionError):
            while (message := await self._channel.receive()) is not None:
                if isinstance(message, bytes):
                    await self._session.write(message)
                elif size := _size(message):
                    await self._session.resize(*size)


def _size(text: str) -> tuple[int, int] | None:
    """The columns and rows of `{"resize": {"cols", "rows"}}`; anything else asks for nothing."""
    try:
        wanted = json.loads(text)["resize"]
        columns, rows = wanted["cols"], wanted["rows"]
    except (ValueError, KeyError, TypeError):
        return None
    if any(type(number) is not int or not SMALLEST <= number <= LARGEST for number in (columns, rows)):
        return None
    return columns, rows
