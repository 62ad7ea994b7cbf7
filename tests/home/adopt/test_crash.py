"""`kill -9` while a container is made anew: at the next start there is the old one or the new one, and it answers."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.home.adopt.conftest import SERVES, Handmade
from tests.home.apps.crashing_server import Servers
from tests.support.house import ADMIN, PASSWORD, Person

pytestmark = [pytest.mark.docker, pytest.mark.timeout(280)]
HARDEST = ("before adopt.aside done", "before apps.up done")


class Machine:
    """Servers that can be killed, beside a container that somebody made by hand."""

    def __init__(self, servers: Servers, person: Person, handmade: Handmade, crash: Path) -> None:
        self.servers, self.person, self.handmade, self.crash = servers, person, handmade, crash

    async def boot(self) -> None:
        self.person.base = await self.servers.start()
        answer = await self.person.post("/api/auth/login", {"username": ADMIN, "password": PASSWORD})
        self.person.token = answer.json["token"]

    def make(self) -> str:
        """The container by hand, and nothing else."""
        api = self.handmade.daemon.api
        for row in api.containers(all=True):
            api.remove_container(row["Id"], force=True)
        host = api.create_host_config(port_bindings={8080: 18092}, binds=[f"{self.handmade.folder}/conf:/conf:ro"])
        made = api.create_container(
            "hand/web:1", ["sh", "-c", SERVES], name="page", ports=[8080], host_config=host, stop_timeout=1
        )["Id"]
        api.start(made)
        return str(made)

    async def listed(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await self.person.get("/api/adopt")).json
        return found

    async def crashed(self, at: int | str) -> bool:
        """Whether the server came to that moment and was killed there."""
        self.crash.write_text(json.dumps({"at": at}))
        gone = asyncio.create_task(self.servers.ended())
        try:
            answer = await self.person.post("/api/adopt/container:page")
            assert answer.status == 200, answer.text
            await self.settled()
        except aiohttp.ClientError:
            await gone
            return True
        gone.cancel()
        self.crash.unlink()
        return False

    async def settled(self) -> None:
        async with asyncio.timeout(60):
            while any(job["finishedAt"] is None for job in (await self.person.get("/api/jobs")).json):
                await asyncio.sleep(0.05)

    async def page(self) -> str:
        async with asyncio.timeout(10):
            while True:
                try:
                    async with self.person.http.get("http://127.0.0.1:18092/") as answer:
                        return await answer.text()
                except aiohttp.ClientError:  # it has just been started
                    await asyncio.sleep(0.05)


@pytest.fixture
async def machine(tmp_path: Path, handmade: Handmade) -> AsyncIterator[Machine]:
    handmade.compose("down", "-v")
    home = tmp_path / "home"
    async with (
        aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http,
        Servers(home, handmade.daemon.host) as servers,
    ):
        made = Machine(servers, Person("", http), handmade, home.with_name("crash.json"))
        await made.boot()
        yield made


async def survives(machine: Machine, at: int | str) -> bool:
    """False where the job ended before that moment."""
    old = machine.make()
    async with asyncio.timeout(20):
        while [one["id"] for one in await machine.listed()] != ["container:page"]:
            await asyncio.sleep(0.05)
    crashed = await machine.crashed(at)
    if crashed:
        await machine.boot()
    await machine.settled()
    assert await machine.page() == "by hand"
    containers = machine.handmade.running()
    assert containers.keys() == {"/page"}, f"one container and no leftovers, at {at}"
    installed = [app["id"] for app in (await machine.person.get("/api/apps/installed")).json]
    assert installed == ([] if containers["/page"][0] == old else ["page"])
    if installed:
        await machine.person.delete("/api/adopt/page")
        await machine.settled()
    return crashed


@pytest.mark.whole  # three starts of the server
async def test_a_crash_at_the_hardest_moments_leaves_the_old_container_or_the_new_one(machine: Machine) -> None:
    for moment in HARDEST:
        assert await survives(machine, moment), f"{moment} never came"


@pytest.mark.whole  # some forty restarts of the server
async def test_a_crash_at_any_moment_leaves_the_old_container_or_the_new_one(machine: Machine) -> None:
    moment = 1
    while await survives(machine, moment):
        moment += 1
    assert moment > 20
