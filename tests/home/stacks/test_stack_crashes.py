"""`kill -9` while a stack is installed: at the next start it goes on, and what was whole was not touched again."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from tests.home.apps.crashing_server import Servers
from tests.home.stacks.conftest import Trio
from tests.support.docker_engine import EngineDaemon
from tests.support.house import ADMIN, PASSWORD, Person

pytestmark = [pytest.mark.docker, pytest.mark.timeout(120)]
_EVERY = [
    pytest.param(at, marks=[] if short else [pytest.mark.whole])  # the others take as long and differ little
    for at, short in (
        ("before stacks.member started", False),
        ("after stacks.member started", False),
        ("after apps.pull started", True),
        ("before stacks.member done", False),
        ("before the end as done", False),
    )
]


class Street:
    """A server that may be killed, and a person in front of it."""

    def __init__(self, servers: Servers, home: Path, person: Person) -> None:
        self._servers = servers
        self.home = home
        self.person = person

    async def boot(self) -> None:
        self.person.base = await self._servers.start()
        answer = await self.person.post("/api/auth/login", {"username": ADMIN, "password": PASSWORD})
        assert answer.status == 200, answer.text
        self.person.token = answer.json["token"]

    async def crash_at(self, moment: str) -> None:
        (self.home.parent / "crash.json").write_text(json.dumps({"at": moment}))

    async def crashed(self) -> None:
        await self._servers.ended()
        assert (self.home.parent / "crashed.txt").exists()

    async def end_of(self, job: str) -> dict[str, object]:
        async with asyncio.timeout(60):
            while (found := (await self.person.get(f"/api/jobs/{job}")).json)["finishedAt"] is None:
                await asyncio.sleep(0.05)
        return dict(found)


@pytest.fixture
async def street(tmp_path: Path, clean_daemon: EngineDaemon, trio: Trio) -> AsyncIterator[Street]:
    home = tmp_path / "home"
    async with (
        aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http,
        Servers(home, clean_daemon.host) as servers,
    ):
        made = Street(servers, home, Person("", http))
        await made.boot()
        added = await made.person.post("/api/stores", {"url": str(trio.folder), "type": "talome"})
        assert (await made.end_of(added.json["job"]["id"]))["state"] == "done"
        yield made


@pytest.mark.parametrize("moment", _EVERY)
async def test_it_goes_on_where_it_was(street: Street, trio: Trio, moment: str) -> None:
    trio.push("one")
    trio.push("two")
    await street.crash_at(moment)
    begun = await street.person.post("/api/stacks/trio/install", {"without": ["three"]})
    assert begun.status == 200, begun.text
    await street.crashed()
    await street.boot()
    job = await street.end_of(begun.json["id"])
    assert job["state"] == "done", job
    installed = (await street.person.get("/api/apps/installed")).json
    assert sorted(app["id"] for app in installed) == ["one", "two"]
    for name in ("one", "two"):
        starts = (street.home / "apps" / name / "data" / "state" / "starts").read_text()
        assert starts == "start\n", f"{name} was started once, whenever the server was killed"
    assert [row["kind"] for row in (await street.person.get("/api/jobs")).json].count("apps.install") == 2
