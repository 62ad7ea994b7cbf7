"""What terminals come through: the server killed, the network lost."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import aiohttp

from tests.home.terminals import ROOT, Process, attach, environment, make_plain
from tests.support.house import ADMIN, PASSWORD, SECRET, Person


async def start_server(home: Path) -> tuple["subprocess.Popen[bytes]", str]:
    """`talome serve` as a process of its own; and its address, once it answers."""
    log = home / "server.log"
    settings = environment(
        home, CORE_PORT="0", TALOME_SECRET=SECRET, TALOME_START_TERMINAL="0", DOCKER_HOST="unix:///nowhere.sock"
    )
    with log.open("wb") as file:
        child = subprocess.Popen([sys.executable, "-m", "talome", "serve"], env=settings, cwd=ROOT, stderr=file)
    async with asyncio.timeout(30):
        while b" serves http://" not in (text := log.read_bytes()):
            assert child.poll() is None, text.decode()
            await asyncio.sleep(0.02)
    return child, text.split(b" serves ")[1].split(b" as ")[0].decode()


async def sign_in(http: aiohttp.ClientSession, base: str) -> Person:
    body = {"username": ADMIN, "password": PASSWORD}
    answer = await Person(base, http).post("/api/auth/login", body)
    assert answer.status == 200, answer.text
    return Person(base, http, answer.json["token"])


async def test_a_shell_lives_on_when_the_server_is_killed(process: Process) -> None:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
        child, base = await start_server(process.home)
        try:
            ada = await sign_in(http, base)
            id = (await ada.post("/api/terminal/sessions", {"kind": "host"})).json["id"]
            screen = await attach(ada, id)
            await make_plain(screen)
            marker = process.home / "ticks"
            await screen.type(f"mine=kept; (while sleep 0.05; do echo x >> {marker}; done) & echo beg''un\n")
            await screen.shows("begun")
            os.kill(child.pid, signal.SIGKILL)
            child.wait(10)
            await screen.closed()
            before = marker.stat().st_size if marker.exists() else 0
            async with asyncio.timeout(10):
                while not marker.exists() or marker.stat().st_size <= before + 4:
                    await asyncio.sleep(0.02)
            child, base = await start_server(process.home)
            ada = await sign_in(http, base)
            assert [each["id"] for each in (await ada.get("/api/terminal/sessions")).json] == [id]
            again = await attach(ada, id)
            await again.shows("begun")
            await again.type("echo still $mine; kill %1\n")
            await again.shows("still kept")
            assert (await ada.delete(f"/api/terminal/sessions/{id}")).status == 200
        finally:
            child.kill()
            child.wait(10)
