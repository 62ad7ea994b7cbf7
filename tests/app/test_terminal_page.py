"""The Terminal page with a real shell behind it: a lost network, a server that restarts, two side by side."""

import asyncio
import re
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from tests.fakes.docker import FakeEngine
from tests.home.terminals import start_process
from tests.support.browser import check_every_form, open_page
from tests.support.house import open_house

pytestmark = pytest.mark.browser
SLOW_MS = 15_000


class Cable:
    """What lies between the browser and the server, and can be pulled out."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._writers: set[asyncio.StreamWriter] = set()
        self.port = 0

    async def plug_in(self, to: int | None = None) -> None:
        self._to = to or self._to
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def pull_out(self) -> None:
        self._server.close()
        for writer in self._writers:
            writer.transport.abort()
        await self._server.wait_closed()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            from_server, to_server = await asyncio.open_connection("127.0.0.1", self._to)
            both = {writer, to_server}
            self._writers |= both
            try:
                await asyncio.gather(_copy(reader, to_server), _copy(from_server, writer))
            finally:
                self._writers -= both


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()


async def type_line(page: Page, text: str) -> None:
    await page.get_by_role("textbox", name="Terminal ").first.focus()
    await page.keyboard.type(text)
    await page.keyboard.press("Enter")


@pytest.mark.timeout(150)
async def test_a_shell_comes_back_after_the_network_and_the_server(browser: Browser, tmp_path: Path) -> None:
    process = await start_process(tmp_path / "home")
    cable = Cable(0)
    try:
        async with open_house(process.home, FakeEngine()) as house:
            await cable.plug_in(int(house.base.rpartition(":")[2]))
            address = f"http://127.0.0.1:{cable.port}"
            behind = replace(house, base=address, nobody=replace(house.nobody, base=address))
            context = open_page(browser, behind, expected="net::ERR_")
            page = await context.__aenter__()
            await page.goto("/terminal")
            await page.get_by_role("button", name="New terminal").click(timeout=SLOW_MS)
            await page.get_by_role("menuitem", name="This machine").click()
            screen = page.locator(".xterm-rows").first
            await type_line(page, "PS1='> '; mine=kept; echo beg''un")
            await expect(screen).to_contain_text("begun", timeout=SLOW_MS)
            await cable.pull_out()
            await expect(page.get_by_text("The connection was lost.")).to_be_visible(timeout=SLOW_MS)
            await cable.plug_in()
            await expect(page.get_by_text("The connection was lost.")).to_be_hidden(timeout=SLOW_MS)
            await expect(screen).to_contain_text("begun")
            await type_line(page, "echo still $mine")
            await expect(screen).to_contain_text("still kept", timeout=SLOW_MS)
            await type_line(page, r"printf '\033[48;2;1;2;3mtrue-colour\033[0m\n'")
            coloured = page.locator(".xterm-rows span", has_text=re.compile("^true-colour$"))
            await expect(coloured).to_have_css("background-color", "rgb(1, 2, 3)", timeout=SLOW_MS)
            await find_and_split(page)
            await check_every_form(page, "two terminals")
            await cable.pull_out()
        await expect(page.get_by_text("The connection was lost.").first).to_be_visible(timeout=SLOW_MS)
        async with open_house(process.home, FakeEngine()) as again:
            await cable.plug_in(int(again.base.rpartition(":")[2]))
            await expect(page.get_by_text("The connection was lost.")).to_have_count(0, timeout=3 * SLOW_MS)
            await type_line(page, "echo and still $mine")
            await expect(screen).to_contain_text("and still kept", timeout=SLOW_MS)
            await context.__aexit__(None, None, None)
            await cable.pull_out()
    finally:
        assert process.stop() == 0


async def find_and_split(page: Page) -> None:
    menu = page.get_by_role("button", name="settings and actions")
    await menu.click()
    await page.get_by_role("menuitem", name="Find").click()
    field = page.get_by_role("textbox", name="Find")
    await field.fill("STILL KEPT")
    await field.press("Enter")
    await expect(page.locator(".xterm-selection div").first).to_be_attached()
    await field.fill("nowhere to be seen")
    await field.press("Enter")
    await expect(page.get_by_text("Not found")).to_be_visible()
    await field.press("Escape")
    await expect(field).to_have_count(0)
    await page.get_by_role("button", name="New terminal").click()
    await page.get_by_role("menuitem", name="This machine").click()
    await expect(page.get_by_role("tab")).to_have_count(2, timeout=SLOW_MS)
    await page.get_by_role("tab").first.click()
    await menu.click()
    await page.get_by_role("menuitem", name="Show another beside it").click()
    await expect(page.get_by_role("region", name="Beside it")).to_be_visible()
    await expect(page.locator(".xterm-rows")).to_have_count(2, timeout=SLOW_MS)
