"""Terminals in real containers and on their logs."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from talome.engines.docker.engine import Docker
from tests.home.terminals import attach, create, start_process
from tests.support.docker_engine import EngineDaemon
from tests.support.house import House, open_house

pytestmark = pytest.mark.docker


@pytest.fixture
async def house(clean_daemon: EngineDaemon, docker_engine: Docker, tmp_path: Path) -> AsyncIterator[House]:
    process = await start_process(tmp_path / "home", clean_daemon.host)
    async with open_house(process.home, docker_engine) as opened:
        yield opened
    assert process.stop() == 0


async def test_a_shell_in_a_container(house: House, clean_daemon: EngineDaemon) -> None:
    box = clean_daemon.run(["sleep", "1000"], name="box")
    await known(house, "box")
    ben = await house.member("ben", ["terminal:read", "terminal:write", "containers:read", "containers:exec"])
    screen = await attach(ben, await create(ben, "container", container="box", cols=101, rows=33))
    await screen.type("stty -echo; echo rea''dy $TERM; stty size; hostname\n")
    await screen.shows("ready xterm-256color\r\n33 101\r\n" + box[:12])
    await screen.resize(90, 20)
    await screen.until(lambda it: it.said("size"))
    await screen.type("stty size\n")
    await screen.shows("20 90\r\n")
    await screen.type("exit 5\n")
    assert await screen.closed() == 1000
    assert screen.said("exit") == [5]
    [session] = (await ben.get("/api/terminal/sessions")).json
    assert (session["containerName"], session["exitCode"]) == ("box", 5)


async def test_a_close_ends_what_runs_in_the_container(house: House, clean_daemon: EngineDaemon) -> None:
    box = clean_daemon.run(["sleep", "1000"], name="box")
    await known(house, "box")
    id = await create(house.admin, "container", container="box", user="guest")
    screen = await attach(house.admin, id)
    await screen.type("id -un; sleep 4711 & sleep 4712\n")
    await screen.shows("guest\r\n")
    assert (await house.admin.delete(f"/api/terminal/sessions/{id}")).status == 200

    async with asyncio.timeout(10):
        while any("471" in " ".join(row) for row in clean_daemon.api.top(box)["Processes"]):
            await asyncio.sleep(0.02)


async def test_a_log_is_followed_and_takes_no_input(house: House, clean_daemon: EngineDaemon) -> None:
    clean_daemon.run(["sh", "-c", "echo first; echo second >&2; read x < /dev/zero; sleep 1000"], name="talker")
    await known(house, "talker")
    ben = await house.member("ben", ["terminal:read", "terminal:write", "containers:read"])
    assert (await ben.post("/api/terminal/sessions", {"kind": "container", "container": "talker"})).status == 403
    screen = await attach(ben, await create(ben, "logs", container="talker"))
    assert screen.ready["readOnly"]
    await screen.shows("first\r\n")
    await screen.shows("second\r\n")
    clean_daemon.api.stop("talker", timeout=0)
    assert await screen.closed() == 1000


async def test_the_logs_of_a_project_are_followed_as_one(house: House, clean_daemon: EngineDaemon) -> None:
    def start(service: str, script: str) -> str:
        labels = {"com.docker.compose.project": "shop", "com.docker.compose.service": service}
        return clean_daemon.run(["sh", "-c", script], labels=labels, name=f"shop-{service}")

    start("web", "echo from-web; sleep 1000")
    start("db", "echo from-db >&2; sleep 1000")
    clean_daemon.run(["sh", "-c", "echo stranger; sleep 1000"], name="stranger")
    await known(house, "shop-db")
    ben = await house.member("ben", ["terminal:read", "terminal:write", "containers:read"])
    for wrong, status in (({"project": "none"}, 404), ({}, 400), ({"project": "shop", "container": "stranger"}, 400)):
        assert (await ben.post("/api/terminal/sessions", {"kind": "compose", **wrong})).status == status, wrong
    assert (await ben.post("/api/terminal/sessions", {"kind": "logs", "project": "shop"})).status == 400
    screen = await attach(ben, id := await create(ben, "compose", project="shop"))
    assert screen.ready["readOnly"]
    await screen.until(lambda it: b"from-web\r\n" in it.output and b"from-db\r\n" in it.output)
    assert b"web-1" in screen.output
    start("later", "echo from-later; sleep 1000")
    await screen.shows("from-later\r\n")
    assert b"stranger" not in screen.output
    clean_daemon.api.stop("shop-web", timeout=0)
    clean_daemon.api.start("shop-web")
    await screen.until(lambda it: it.output.count(b"from-web") == 2)
    [session] = (await ben.get("/api/terminal/sessions")).json
    assert (session["project"], session["title"]) == ("shop", "shop")
    assert (await ben.delete(f"/api/terminal/sessions/{id}")).status == 200
    assert await screen.closed() == 1000


async def test_a_container_that_is_not_there_or_stands_still(house: House, clean_daemon: EngineDaemon) -> None:
    clean_daemon.run(["true"], start=False, name="still")
    await known(house, "still")
    wanted = {"kind": "container", "container": "still"}
    assert (await house.admin.post("/api/terminal/sessions", wanted)).status == 409
    assert (await house.admin.post("/api/terminal/sessions", {**wanted, "container": "none"})).status == 404
    assert (await house.admin.post("/api/terminal/sessions", {"kind": "container"})).status == 400


async def known(house: House, name: str) -> None:
    async with asyncio.timeout(10):
        while (await house.admin.get(f"/api/containers/{name}")).status != 200:
            await asyncio.sleep(0.02)
