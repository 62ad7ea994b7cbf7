"""The terminal process as a process of its own, and what a client of its sockets needs."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from talome.core.errors import Unavailable
from talome.home.terminal.link import TerminalLink
from tests.support.house import House, Person

ROOT = Path(__file__).parents[2]


@dataclass
class Process:
    """`talome terminal` for a data folder."""

    home: Path
    child: "subprocess.Popen[bytes]"
    port: int = 0

    def link(self) -> TerminalLink:
        return TerminalLink(self.home)

    def stop(self) -> int:
        self.child.send_signal(signal.SIGTERM)
        return self.child.wait(20)


def environment(home: Path, **more: str) -> dict[str, str]:
    found = {"PATH": os.environ["PATH"], "TALOME_HOME": str(home), "TALOME_BIND": "127.0.0.1", "HOME": str(home)}
    return {**found, "TERMINAL_DAEMON_PORT": "0", "TALOME_SECRET": "planted-secret-" * 3, **more}


async def start_process(home: Path, docker_host: str = "unix:///nowhere.sock") -> Process:
    home.mkdir(parents=True, exist_ok=True)
    child = subprocess.Popen(
        [sys.executable, "-m", "talome", "terminal"], env=environment(home, DOCKER_HOST=docker_host), cwd=ROOT
    )
    process = Process(home, child)
    process.port = (await hello(process.link()))["port"]
    return process


async def hello(link: TerminalLink) -> dict[str, Any]:
    """What the process says of itself, as soon as it is there."""
    async with asyncio.timeout(20):
        while True:
            try:
                said: dict[str, Any] = await link.call("hello")
                return said
            except Unavailable:
                await asyncio.sleep(0.01)


@dataclass
class Screen:
    """One viewer's socket and everything it got."""

    socket: aiohttp.ClientWebSocketResponse
    output: bytearray = field(default_factory=bytearray)
    control: list[dict[str, Any]] = field(default_factory=list)
    ready: dict[str, Any] = field(default_factory=dict)
    texts: int = 0

    async def take(self) -> bool:
        """One more message; False at the end."""
        message = await self.socket.receive()
        if message.type is aiohttp.WSMsgType.BINARY:
            self.output += message.data
        elif message.type is aiohttp.WSMsgType.TEXT:
            said = json.loads(message.data)
            self.control.append(said)
            self.ready = said.get("ready", self.ready)
        else:
            return False
        return True

    async def until(self, done: Callable[["Screen"], Any]) -> None:
        async with asyncio.timeout(30):
            while not done(self):
                assert await self.take(), f"closed with {self.socket.close_code} after {bytes(self.output[-300:])!r}"

    async def shows(self, text: str | bytes) -> None:
        wanted = text.encode() if isinstance(text, str) else text
        await self.until(lambda screen: wanted in screen.output)

    async def type(self, text: str | bytes) -> None:
        await self.socket.send_bytes(text.encode() if isinstance(text, str) else text)

    async def resize(self, cols: int, rows: int) -> None:
        await self.socket.send_json({"resize": {"cols": cols, "rows": rows}})

    async def closed(self) -> int | None:
        """Read to the end; the close code."""
        async with asyncio.timeout(30):
            while await self.take():
                pass
        return self.socket.close_code

    def said(self, name: str) -> list[Any]:
        return [frame[name] for frame in self.control if name in frame]


async def create(person: Person, kind: str = "host", **more: Any) -> str:
    answer = await person.post("/api/terminal/sessions", {"kind": kind, **more})
    assert answer.status == 201, answer.text
    return str(answer.json["id"])


async def attach(person: Person, id: str, **more: Any) -> Screen:
    """Through the server's own port."""
    headers = {"Authorization": f"Bearer {person.token}"}
    url = f"{person.base}/api/terminal/sessions/{id}/socket"
    screen = Screen(await person.http.ws_connect(url, headers=headers, max_msg_size=0, **more))
    await screen.until(lambda it: it.ready)
    return screen


async def make_plain(screen: Screen) -> None:
    """Wait until the login is over; no echo and a prompt without colours from here on."""
    await screen.type("PS1='> ' PROMPT_COMMAND=; stty -echo; echo rea''dy\n")
    await screen.shows("ready\r\n")
    screen.output.clear()


async def plain_shell(house: House) -> Screen:
    """A shell without colours, whose prompt is `$ ` and whose commands are not echoed."""
    screen = await attach(house.admin, await create(house.admin))
    await make_plain(screen)
    return screen


async def shell(person: Person) -> str:
    """A shell on this machine that has its login behind it."""
    id = await create(person)
    screen = await attach(person, id)
    await make_plain(screen)
    await screen.socket.close()
    return id


async def ticket(person: Person, id: str, origin: str | None = None) -> str:
    headers = {"Origin": origin} if origin else {}
    answer = await person.post(f"/api/terminal/sessions/{id}/ticket", headers=headers)
    assert answer.status == 200, answer.text
    return str(answer.json["ticket"])


async def attach_directly(
    http: aiohttp.ClientSession, port: int, id: str, given: str, origin: str | None = None
) -> Screen:
    """At the terminal process's port."""
    url = f"http://127.0.0.1:{port}/sessions/{id}?ticket={given}"
    screen = Screen(await http.ws_connect(url, origin=origin, max_msg_size=0))
    await screen.until(lambda it: it.ready)
    return screen
