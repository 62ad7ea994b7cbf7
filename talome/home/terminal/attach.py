"""`talome terminal attach`: a terminal of the server on the one that the command runs in.

It comes back by itself after a loss, as the dashboard does. Ctrl-] leaves; the terminal on the server goes on.
"""

import asyncio
import fcntl
import json
import os
import signal
import struct
import sys
import termios
import tty
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

import aiohttp

from talome.core.cli.client import Request, Server
from talome.core.cli.exits import FORBIDDEN, NOT_FOUND, OK, BadUsage, CommandFailed, of_status
from talome.core.cli.login import find_server
from talome.core.cli.parser import Parser
from talome.core.cli.text import harmless
from talome.core.settings.boot import read_client_settings

_LEAVE: Final = b"\x1d"
_RIGHTS_ENDED: Final = 4401
_FIRST_PAUSE_S: Final = 0.25
_LONGEST_PAUSE_S: Final = 5.0
_FRESH: Final = b"\x1bc"
_TIDY: Final = b"\x1b[0m\x1b[?25h\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?2004l"
_OTHER_SCREEN, _OWN_SCREEN = b"\x1b[?1049h", b"\x1b[?1049l"
_SESSIONS: Final = "/api/terminal/sessions"


def attach_command(arguments: Sequence[str]) -> int:
    """The exit code of what ran there; 0 where it was left."""
    parser = Parser(prog="talome terminal attach", description="Use a terminal of the server here. Ctrl-] leaves it.")
    parser.add_argument("terminal", nargs="?", metavar="TERMINAL", help="id or title of one that is open")
    parser.add_argument("--host", action="store_true", help="open a new shell on the server's machine")
    parser.add_argument("--container", metavar="NAME", help="open a new shell in a container")
    parser.add_argument("--url", help="the server, such as http://box.local:4000")
    given = parser.parse_args(arguments)
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise BadUsage("This command needs a terminal to show the other one on.")
    server = find_server(read_client_settings(), given.url)
    if given.host or given.container:
        id = _opened(server, given.container)
    else:
        id = _chosen(server.ask(Request("GET", _SESSIONS)), given.terminal)
    with _raw(sys.stdin.fileno()):
        return asyncio.run(_Attached(server, id).run())


def _opened(server: Server, container: str | None) -> str:
    columns, rows = _size()
    what = {"kind": "host"} if container is None else {"kind": "container", "container": container}
    return str(server.ask(Request("POST", _SESSIONS, body={**what, "cols": columns, "rows": rows}))["id"])


def _chosen(sessions: list[dict[str, Any]], wanted: str | None) -> str:
    """The one that is meant; the only one where none is named."""
    found = [it for it in sessions if it["exitCode"] is None and wanted in (None, it["id"], it["title"])]
    if len(found) == 1:
        return str(found[0]["id"])
    if not found:
        raise CommandFailed("There is no such terminal. Open one with --host or --container NAME.", NOT_FOUND)
    names = ", ".join(f"{it['id']} ({harmless(it['title'])})" for it in found)
    raise BadUsage(f"Which one? {names}")


class _Attached:
    """One stay at a terminal, over as many connections as it takes."""

    def __init__(self, server: Server, id: str) -> None:
        self._url, self._headers = server.socket(f"{_SESSIONS}/{id}/socket")
        self._typed: asyncio.Queue[bytes] = asyncio.Queue()
        self._left = asyncio.Event()
        self._on_other_screen = False

    async def run(self) -> int:
        loop, keyboard = asyncio.get_running_loop(), sys.stdin.fileno()
        loop.add_reader(keyboard, self._key, keyboard)
        staying = asyncio.create_task(self._stay())
        leaving = asyncio.create_task(self._left.wait())
        try:
            await asyncio.wait({staying, leaving}, return_when=asyncio.FIRST_COMPLETED)
            return staying.result() if staying.done() else OK
        finally:
            loop.remove_reader(keyboard)
            for task in (staying, leaving):
                task.cancel()
            await asyncio.gather(staying, leaving, return_exceptions=True)
            _show(_TIDY + (_OWN_SCREEN if self._on_other_screen else b"") + b"\r\n")

    def _key(self, keyboard: int) -> None:
        data = os.read(keyboard, 65536)
        before, leave, _ = data.partition(_LEAVE)
        if before:
            self._typed.put_nowait(before)
        if leave or not data:
            self._left.set()

    async def _stay(self) -> int:
        pause_s, again = _FIRST_PAUSE_S, False
        async with aiohttp.ClientSession() as http:
            while True:
                try:
                    async with http.ws_connect(self._url, headers=self._headers, max_msg_size=0) as socket:
                        if again:
                            _show(_FRESH)  # the scroll-back comes anew
                        pause_s, again = _FIRST_PAUSE_S, True
                        if (code := await self._carry(socket)) is not None:
                            return code
                except aiohttp.WSServerHandshakeError as refused:
                    if refused.status < 500:
                        raise _refusal(refused.status) from None
                except (aiohttp.ClientError, OSError):
                    pass  # no server now; the terminal outlives it
                _show(b"\r\n\x1b[2m[The connection was lost. Trying again; Ctrl-] leaves.]\x1b[0m\r\n")
                await asyncio.sleep(pause_s)
                pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)

    async def _carry(self, socket: aiohttp.ClientWebSocketResponse) -> int | None:
        """Until the program ends (its exit code) or the connection does (None)."""
        loop = asyncio.get_running_loop()
        sizes = asyncio.Event()
        loop.add_signal_handler(signal.SIGWINCH, sizes.set)
        sizes.set()
        sending = [asyncio.create_task(self._send(socket)), asyncio.create_task(_fit(socket, sizes))]
        try:
            return await self._receive(socket)
        finally:
            loop.remove_signal_handler(signal.SIGWINCH)
            for task in sending:
                task.cancel()
            await asyncio.gather(*sending, return_exceptions=True)

    async def _receive(self, socket: aiohttp.ClientWebSocketResponse) -> int | None:
        async for message in socket:
            if message.type is aiohttp.WSMsgType.BINARY:
                self._note_screen(message.data)
                _show(message.data)
            elif message.type is aiohttp.WSMsgType.TEXT:
                said = json.loads(message.data)
                if "exit" in said:
                    return max(0, min(int(said["exit"]), 255))
                if "skipped" in said:
                    _show(_FRESH)
        if socket.close_code == _RIGHTS_ENDED:
            raise _refusal(401)
        return None

    async def _send(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        while True:
            await socket.send_bytes(await self._typed.get())

    def _note_screen(self, data: bytes) -> None:
        there, back = data.rfind(_OTHER_SCREEN), data.rfind(_OWN_SCREEN)
        if there != back:
            self._on_other_screen = there > back


async def _fit(socket: aiohttp.ClientWebSocketResponse, sizes: asyncio.Event) -> None:
    while True:
        await sizes.wait()
        sizes.clear()
        columns, rows = _size()
        await socket.send_json({"resize": {"cols": columns, "rows": rows}})


def _refusal(status: int) -> CommandFailed:
    words = {
        401: "Your session has ended. Sign in again: talome login",
        403: "You do not have the right to this terminal.",
        404: "This terminal is not there any more.",
    }
    code = FORBIDDEN if status in (401, 403) else of_status(status)
    return CommandFailed(words.get(status, f"The server refused this ({status})."), code)


def _size() -> tuple[int, int]:
    rows, columns, *_ = struct.unpack("4H", fcntl.ioctl(sys.stdout.fileno(), termios.TIOCGWINSZ, b"\0" * 8))
    return columns or 80, rows or 24


def _show(data: bytes) -> None:
    """Waits while the terminal here does not take it, and so holds up the one there."""
    while data:
        data = data[os.write(sys.stdout.fileno(), data) :]


@contextmanager
def _raw(keyboard: int) -> Iterator[None]:
    """Every key goes to the other side, Ctrl-C too."""
    before = termios.tcgetattr(keyboard)
    tty.setraw(keyboard, termios.TCSADRAIN)  # what was typed already counts
    try:
        yield
    finally:
        termios.tcsetattr(keyboard, termios.TCSADRAIN, before)
