"""The main job on real parts: a person, a command line and a script run the same real containers."""

import asyncio
import json
import os
import re
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from playwright.async_api import expect

from talome.app import serve
from tests.support.browser import open_browser, open_page
from tests.support.docker_engine import EngineDaemon
from tests.support.house import ADMIN, PASSWORD, House, Person, boot_settings, open_house

pytestmark = pytest.mark.docker
CHATTY = ["sh", "-c", "n=0; while true; do n=$((n+1)); echo line $n of the log; sleep 0.2; done"]


@pytest.fixture
def jellyfin(clean_daemon: EngineDaemon) -> str:
    """A container that talks, with a name that a household knows."""
    return clean_daemon.run(CHATTY, name="jellyfin")


async def state_of(person: Person, name: str) -> str:
    return (await person.get(f"/api/containers/{name}")).json["state"]


async def until_state(person: Person, name: str, state: str) -> None:
    async with asyncio.timeout(15):
        while await state_of(person, name) != state:
            await asyncio.sleep(0.05)


@pytest.fixture
async def real_house(tmp_path: Path, clean_daemon: EngineDaemon, jellyfin: str) -> AsyncIterator[House]:
    async with open_house(tmp_path / "home", None, docker_host=clean_daemon.host) as house:
        await until_state(house.admin, "jellyfin", "running")
        yield house


async def test_a_script_with_a_bearer_token_stops_and_starts(real_house: House) -> None:
    script = await real_house.sign_in(ADMIN, PASSWORD)
    names = [container["name"] for container in (await script.get("/api/containers")).json]
    assert "jellyfin" in names
    stopped = await script.post("/api/containers/jellyfin/stop", {"timeoutS": 0})
    assert (stopped.status, stopped.json["state"]) == (200, "exited")
    lines = (await script.get("/api/containers/jellyfin/logs?tail=3")).json["lines"]
    assert lines[-1]["text"].endswith("of the log")
    started = await script.post("/api/containers/jellyfin/start")
    assert started.json["state"] == "running"
    log = (await script.get("/api/audit-log?operation=containers")).json["entries"]
    assert [entry["operation"] for entry in log] == ["containers.start", "containers.stop"]


async def talome(house: House, *words: str, follow_until: bytes | None = None) -> tuple[int, str, str]:
    """Run the command line as a person would, in a process of its own."""
    environment = {**os.environ, "TALOME_URL": house.base, "TALOME_TOKEN": house.admin.token or ""}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "talome", *words, env=environment,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    if follow_until is not None:
        assert process.stdout is not None
        async with asyncio.timeout(20):
            while follow_until not in await process.stdout.readline():
                pass
        process.send_signal(2)
    out, err = await asyncio.wait_for(process.communicate(), 30)
    return process.returncode or 0, out.decode(), err.decode()


async def test_the_command_line_stops_starts_and_follows(real_house: House) -> None:
    code, table, _ = await talome(real_house, "containers", "list")
    assert code == 0
    assert "jellyfin" in table
    code, printed, _ = await talome(real_house, "containers", "stop", "jellyfin", "--timeout-s", "0", "--json")
    assert (code, json.loads(printed)["state"]) == (0, "exited")
    assert await state_of(real_house.admin, "jellyfin") == "exited"
    code, _, _ = await talome(real_house, "containers", "start", "jellyfin")
    assert code == 0
    assert await state_of(real_house.admin, "jellyfin") == "running"
    code, _, _ = await talome(
        real_house, "containers", "logs", "jellyfin", "--follow", "--tail", "1", follow_until=b"of the log"
    )
    assert code == 130
    code, _, sentence = await talome(real_house, "containers", "stop", "nothing-here")
    assert code == 4
    assert "nothing-here" in sentence or "no container" in sentence.lower()


@pytest.mark.browser
async def test_a_person_opens_the_dashboard_for_the_first_time(
    tmp_path: Path, clean_daemon: EngineDaemon, jellyfin: str
) -> None:
    """Makes the administrator, sees the machine and its containers, follows a log, stops it; the command line opens it
    again, and the page shows that by itself."""
    settings = boot_settings(tmp_path / "home", docker_host=clean_daemon.host)
    async with serve(settings) as (base,), aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
        nobody = Person(base, http)
        house = House(base, settings, nobody, nobody)
        async with open_browser() as browser, open_page(browser, house, signed_in=False) as page:
            await page.goto("/")
            await page.get_by_label("Username").fill(ADMIN)
            await page.get_by_label("Password", exact=True).first.fill(PASSWORD)
            await page.keyboard.press("Enter")
            await expect(page.get_by_text("Save your recovery codes")).to_be_visible(timeout=15_000)
            await page.get_by_text("I have saved these codes").click()
            await page.get_by_role("button", name="Continue").click()
            await expect(page.get_by_role("heading", level=1)).to_contain_text("well", timeout=15_000)
            await expect(page.get_by_text("Processor")).to_be_visible()

            await page.get_by_role("link", name="Containers", exact=True).first.click()
            await page.get_by_role("link", name="jellyfin").first.click()
            await page.get_by_role("tab", name="Logs").click()
            await expect(page.get_by_text(re.compile(r"line \d+ of the log")).first).to_be_visible(timeout=15_000)

            await page.get_by_role("button", name="Stop", exact=True).click()
            await expect(page.get_by_text("Stopped").first).to_be_visible(timeout=20_000)

            house.admin = await house.sign_in(ADMIN, PASSWORD)
            assert await state_of(house.admin, "jellyfin") == "exited"
            code, _, _ = await talome(house, "containers", "start", "jellyfin")
            assert code == 0
            await expect(page.get_by_text("Running").first).to_be_visible(timeout=20_000)
