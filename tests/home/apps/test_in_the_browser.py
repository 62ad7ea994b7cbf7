"""What a person does with apps of each of the four formats, on the pages, with the real engine and a real registry."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from tests.home.apps.four_formats import FORMATS, Format, Stall
from tests.home.apps.shop import ENDS, Apps
from tests.support.browser import open_page
from tests.support.docker_engine import EngineDaemon
from tests.support.house import House
from tests.support.registry import Registry

pytestmark = [pytest.mark.docker, pytest.mark.browser]
_FETCHED_MS = 60_000


@dataclass
class Visitor:
    """Somebody at the pages of one app."""

    page: Page
    apps: Apps
    stall: Stall
    store: str

    @property
    def name(self) -> str:
        return self.stall.format.name

    @property
    def app(self) -> str:
        return self.stall.format.app

    def starts(self) -> str:
        """The lines that each start wrote into the app's data."""
        [file] = (self.apps.home / "apps" / self.app / "data").rglob("starts")
        return file.read_text()

    async def release(self, version: str) -> None:
        self.stall.release(version)
        await self.apps.sync(self.store)

    async def install(self) -> None:
        await self.page.goto(f"/store/{self.store}:{self.app}")
        await self.page.get_by_role("button", name="Install").click()
        dialog = self.page.get_by_role("dialog", name=f"Install {self.name}")
        await dialog.get_by_role("button", name="Install").click()
        await _ends_with(dialog, f"{self.name} is ready")
        assert await self._opened(dialog, f"Open {self.name}") == "1.0"
        await expect(self.page.get_by_role("link", name="Manage")).not_to_have_count(0)

    async def opens(self, mark: str) -> None:
        await self.page.goto(f"/apps/{self.app}")
        assert await self._opened(self.page.get_by_role("main"), "Open") == mark

    async def _opened(self, within: Page | Locator, link: str) -> str:
        """What the app says where the link leads."""
        async with self.page.expect_popup() as waiting:
            await within.get_by_role("link", name=link, exact=True).click()
        opened = await waiting.value
        said = await opened.inner_text("body")
        await opened.close()
        return said.strip()

    async def update(self, *, to: str, ends: str) -> None:
        await self.page.goto(f"/apps/{self.app}")
        await expect(self.page.get_by_text(f"An update is there: {to}")).to_be_visible()
        await self.page.get_by_role("button", name="Show what changes").click()
        dialog = self.page.get_by_role("dialog", name=f"Update {self.name}")
        await dialog.get_by_role("button", name="Update").click()
        await _ends_with(dialog, ends)

    async def roll_back(self) -> None:
        """To the first revision, with its data."""
        await self.page.goto(f"/apps/{self.app}/versions")
        first = self.page.get_by_role("listitem").filter(has_text="Version 1.0, change 1")
        await first.get_by_role("button", name="Go back").click()
        asked = self.page.get_by_role("dialog", name="Go back to version 1.0?")
        await expect(asked.get_by_role("checkbox")).to_be_checked()
        await asked.get_by_role("button", name="Go back").click()
        now = self.page.get_by_role("listitem").filter(has_text="Version 1.0, change 3")
        await expect(now.get_by_text("Now", exact=True)).to_be_visible(timeout=_FETCHED_MS)


async def _ends_with(dialog: Locator, words: str) -> None:
    await expect(dialog.get_by_role("heading", name=words)).to_be_visible(timeout=_FETCHED_MS)


async def visit(page: Page, apps: Apps, stall: Stall) -> Visitor:
    """At a store that has the app in version 1.0."""
    await asyncio.to_thread(stall.push, "1.0")
    stall.release("1.0")
    return Visitor(page, apps, stall, await apps.add_store(stall.folder, stall.format.kind))


async def _whole_life(visitor: Visitor) -> None:
    await visitor.install()
    await asyncio.to_thread(visitor.stall.push, "1.0", mark="1.0 anew")
    await visitor.page.goto("/apps")
    await visitor.page.get_by_role("button", name="Look for updates").click()
    await expect(visitor.page.get_by_text("1 app has an update").first).to_be_visible()
    await visitor.update(to="a newer image", ends=f"{visitor.name} is up to date")
    await visitor.opens("1.0 anew")

    await asyncio.to_thread(visitor.stall.push, "3.0", command=ENDS)
    await visitor.release("3.0")
    await visitor.update(to="3.0", ends=f"{visitor.name} is as it was")
    await expect(visitor.page.get_by_text("the cellar is flooded").first).to_be_visible()
    await visitor.opens("1.0 anew")
    assert visitor.starts() == "1.0\n1.0 anew\n1.0 anew\n"

    await visitor.roll_back()
    await visitor.opens("1.0")
    assert visitor.starts() == "1.0\n1.0\n"


@pytest.mark.whole  # half a minute of a browser and real containers
@pytest.mark.slow
@pytest.mark.timeout(240)
async def test_an_app_of_each_format_is_installed_and_one_lives_its_whole_life(
    real_house: House, browser: Browser, tmp_path: Path, clean_daemon: EngineDaemon, registry: Registry
) -> None:
    apps = Apps(real_house)
    async with open_page(browser, real_house) as page:
        visitors = [
            await visit(page, apps, Stall(format, tmp_path / format.kind, clean_daemon, registry)) for format in FORMATS
        ]
        jobs = await asyncio.gather(*(apps.install(visitor.app) for visitor in visitors[1:]))
        assert [job["state"] for job in jobs] == ["done"] * 3, jobs
        assert [await apps.page(visitor.app) for visitor in visitors[1:]] == ["1.0"] * 3
        await _whole_life(visitors[0])


@pytest.mark.whole
@pytest.mark.slow
@pytest.mark.timeout(180)
@pytest.mark.parametrize("format", FORMATS, ids=lambda format: format.kind)
async def test_the_life_of_an_app_of_each_format(
    real_house: House, browser: Browser, tmp_path: Path, clean_daemon: EngineDaemon, registry: Registry, format: Format
) -> None:
    async with open_page(browser, real_house) as page:
        await _whole_life(
            await visit(page, Apps(real_house), Stall(format, tmp_path / "store", clean_daemon, registry))
        )
