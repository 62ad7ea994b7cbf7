"""The System page in a real browser: its history, cleaning up and taking it back, and what works without Docker."""

import re
import time
from pathlib import Path

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from talome.core.db import Database
from talome.core.events import Events
from talome.core.migrations import find_migrations
from talome.engines.docker.models import Mount
from talome.home.metrics.store import MetricsStore, SampleRow
from tests.fakes.docker import FakeEngine
from tests.support.browser import (
    check_accessibility,
    check_every_form,
    open_page,
)
from tests.support.house import House, open_house

pytestmark = pytest.mark.browser
TABS = ("Overview", "History", "Processes", "Services", "Networks", "Images", "Volumes", "Clean-up")
LONG = "v" * 128


@pytest.fixture
async def stocked(fake: FakeEngine) -> FakeEngine:
    """A container with a volume, volumes that nobody uses, and images with and without a name."""
    for name in ("films_data", "old_data", LONG):
        await fake.volumes.create(name)
    fake.add_container("films", mounts=(Mount("volume", "/x", "/data", False, "films_data"),))
    fake.images.add(size_bytes=400 * 2**20)
    fake.images.add("postgres:15", size_bytes=300 * 2**20)
    await fake.networks.create("lonely", internal=True)
    return fake


async def seed_history(path: Path) -> None:
    """An hour of samples, the processor at 30 %, with a gap of five minutes in the middle."""
    database = Database(path, Events(), durable=False)
    await database.open(find_migrations("talome.home.metrics"))
    store, now_s = MetricsStore(database), int(time.time()) // 15 * 15
    series = (await store.add_series(["host"], now_s))["host"]
    ages = [age for age in range(15, 3600, 15) if not 1500 <= age < 1800]
    await store.add([SampleRow(now_s - age, series, 3000, 5000, 4096, 2000, 2**20, 2**10) for age in ages])
    await database.close()


async def open_tab(page: Page, name: str) -> Locator:
    await page.get_by_role("tab", name=name, exact=True).click()
    return page.get_by_role("tabpanel", name=name, exact=True)


async def settled(page: Page) -> None:
    await expect(page.get_by_role("heading", name="System", level=1)).to_be_visible(timeout=15_000)
    await expect(page.get_by_label("Loading…")).to_have_count(0)


@pytest.mark.whole  # half a minute; what the tabs share is looked at in test_dashboard
async def test_every_tab_is_accessible_in_every_form(stocked: FakeEngine, tmp_path: Path, browser: Browser) -> None:
    (tmp_path / "home").mkdir(mode=0o700)
    await seed_history(tmp_path / "home" / "metrics.db")
    async with open_house(tmp_path / "home", stocked) as house, open_page(browser, house) as page:
        await page.goto("/system")
        for name in TABS:
            await open_tab(page, name)
            await settled(page)
            await check_every_form(page, name)
        await page.reload()
        await expect(page.get_by_role("tab", name="Clean-up")).to_have_attribute("aria-selected", "true")


async def test_the_history_is_looked_at_closely(tmp_path: Path, fake: FakeEngine, browser: Browser) -> None:
    (tmp_path / "home").mkdir(mode=0o700)
    await seed_history(tmp_path / "home" / "metrics.db")
    async with open_house(tmp_path / "home", fake) as house, open_page(browser, house) as page:
        await page.goto("/system/history")
        await page.get_by_text("1 hour", exact=True).click()
        chart = page.get_by_role("slider", name="Processor, 1 hour")
        await expect(chart).to_have_attribute("aria-valuetext", re.compile(r"Lowest .* highest \d"))

        await chart.focus()
        await page.keyboard.press("Home")
        await expect(chart).to_have_attribute("aria-valuetext", re.compile(r"\d\d:\d\d: (30 %|nothing was measured)"))
        first = await chart.get_attribute("aria-valuenow")
        for _ in range(8):
            await page.keyboard.press("PageUp")
        await expect(chart).to_have_attribute("aria-valuenow", str(int(first or 0) + 80))
        memory = page.get_by_role("slider", name="Memory, 1 hour")
        await expect(memory).to_have_attribute("aria-valuenow", str(int(first or 0) + 80))

        whole = await span(chart)
        await page.keyboard.press("+")
        await expect(page.get_by_role("button", name="Show everything")).to_be_enabled()
        assert 100 < await span(chart) <= whole / 2 + 1
        await expect(chart).to_have_attribute("aria-valuenow", str(int(first or 0) + 80))
        await page.keyboard.press("Escape")
        assert await span(chart) == whole

        box = await chart.bounding_box()
        assert box is not None
        middle = box["y"] + box["height"] / 2
        await page.mouse.move(box["x"] + box["width"] * 0.4, middle)
        await page.mouse.down()
        await page.mouse.move(box["x"] + box["width"] * 0.6, middle, steps=4)
        await page.mouse.up()
        await expect(page.get_by_role("button", name="Show everything")).to_be_enabled()
        assert await span(chart) < whole / 3
        await page.get_by_role("button", name="Earlier").click()
        await page.mouse.dblclick(box["x"] + box["width"] / 2, middle)
        assert await span(chart) == whole

        await page.get_by_text("Figures as a table").first.click()
        table = page.get_by_role("table", name="Processor")
        await expect(table.get_by_role("cell", name="30 %").first).to_be_visible()
        assert await table.get_by_role("cell", name="–").count() >= 15, "the gap is a gap"


async def span(chart: Locator) -> int:
    low, high = [await chart.get_attribute(f"aria-value{end}") for end in ("min", "max")]
    return int(high or 0) - int(low or 0)


async def test_cleaning_up_shows_what_goes_and_can_be_taken_back(
    stocked: FakeEngine, house: House, browser: Browser
) -> None:
    async with open_page(browser, house) as page:
        await page.goto("/system/cleanup")
        await expect(page.get_by_text("1 thing selected · 400 MB")).to_be_visible(timeout=15_000)
        await expect(page.get_by_text("films_data")).to_have_count(0)
        await page.get_by_label("Also those with a name that no container stands on").click()
        await expect(page.get_by_role("checkbox", name="Select postgres:15")).not_to_be_checked()
        for name in ("postgres:15", "old_data", LONG):
            await page.get_by_role("checkbox", name=f"Select {name}", exact=True).check()
        await page.get_by_role("button", name="Clean up").click()
        dialog = page.get_by_role("dialog", name="Clean up?")
        await expect(dialog.get_by_text("2 images are removed")).to_be_visible()
        await expect(dialog.get_by_text("2 volumes move to the trash")).to_be_visible()
        await expect(dialog.get_by_text("Image postgres:15 · 300 MB")).to_be_visible()
        assert set(stocked.volumes.kept) == {"films_data", "old_data", LONG}, "nothing went yet"
        await dialog.get_by_role("button", name="Clean up").click()
        await expect(page.get_by_text("2 volumes lie in the trash.")).to_be_visible(timeout=15_000)
        assert set(stocked.volumes.kept) == {"films_data"}
        assert [image.tags for image in stocked.images.kept.values()] == [("talome-test/busybox:1",)]

        await page.get_by_role("button", name="Bring the volumes back").click()
        await expect(page.get_by_text("The trash is empty.")).to_be_visible(timeout=15_000)
        assert set(stocked.volumes.kept) == {"films_data", "old_data", LONG}

        await open_tab(page, "Volumes")
        await expect(page.get_by_role("button", name="Move films_data to the trash")).to_have_count(0)
        await page.get_by_role("button", name="Move old_data to the trash").click()
        await page.get_by_role("dialog").get_by_role("button", name="Move to the trash").click()
        await open_tab(page, "Clean-up")
        await page.get_by_role("button", name="Delete old_data for good").click(timeout=15_000)
        await page.get_by_role("dialog").get_by_role("button", name="Delete for good").click()
        await expect(page.get_by_text("The trash is empty.")).to_be_visible(timeout=15_000)
        assert set(stocked.volumes.kept) == {"films_data", LONG}


async def test_processes_networks_and_an_outage(stocked: FakeEngine, house: House, browser: Browser) -> None:
    async with open_page(browser, house, expected="Failed to load resource") as page:
        await page.goto("/system/processes")
        rows = page.get_by_role("table", name="Processes").get_by_role("row")
        await expect(rows.nth(1)).to_be_visible(timeout=15_000)
        await page.get_by_role("searchbox", name="Search in Processes").fill("no such program")
        await expect(page.get_by_text("Nothing matches")).to_be_visible()
        await page.get_by_role("button", name="Clear the search").click()
        await expect(rows.nth(1)).to_be_visible()
        await page.get_by_role("button", name="Memory", exact=True).click()
        await expect(page.get_by_role("columnheader", name="Memory")).to_have_attribute("aria-sort", "descending")

        await open_tab(page, "Networks")
        await page.get_by_role("button", name="New network").click()
        dialog = page.get_by_role("dialog", name="New network")
        for name, problem in (("../films", "Use letters, digits"), ("lonely", "already exists")):
            await dialog.get_by_label("Name").fill(name)
            await dialog.get_by_role("button", name="New network").click()
            await expect(dialog.get_by_text(re.compile(problem))).to_be_visible()
        await dialog.get_by_label("Name").fill("films")
        await dialog.get_by_role("button", name="New network").click()
        await expect(page.get_by_role("rowheader", name="films")).to_be_visible()
        await page.get_by_role("button", name="Remove films").click()
        await page.get_by_role("dialog").get_by_role("button", name="Remove").click()
        await expect(page.get_by_role("rowheader", name="films")).to_have_count(0)

        stocked.outage("refused")
        await expect(page.get_by_role("alert").get_by_text("Docker does not answer")).to_be_visible(timeout=15_000)
        await expect(page.get_by_role("rowheader", name="lonely")).to_be_visible()
        await check_accessibility(page, "networks while Docker is gone")
        panel = await open_tab(page, "Services")
        await expect(panel.get_by_role("alert")).to_be_visible(timeout=15_000)
        await expect(panel.get_by_role("row", name="films")).to_be_visible()
        await open_tab(page, "Overview")
        await expect(page.get_by_role("heading", name="Memory")).to_be_visible()
        await expect(page.get_by_text(re.compile("needs? attention: Docker"))).to_be_visible()
        await open_tab(page, "Clean-up")
        await expect(page.get_by_role("button", name="Clean up")).to_be_disabled()
        stocked.outage(None)
        await expect(page.get_by_text("thing selected")).to_be_visible(timeout=30_000)


async def test_who_may_only_look_can_change_nothing(stocked: FakeEngine, house: House, browser: Browser) -> None:
    await house.member("ben", ["system:read", "containers:read", "jobs:read"])
    async with open_page(browser, house, username="ben") as page:
        await page.goto("/system/networks")
        await expect(page.get_by_text("lonely")).to_be_visible(timeout=15_000)
        await expect(page.get_by_role("button", name=re.compile("New network|Remove"))).to_have_count(0)
        await open_tab(page, "Clean-up")
        await expect(page.get_by_text("old_data")).to_be_visible()
        await expect(page.get_by_role("checkbox")).to_have_count(0)
        await expect(page.get_by_role("button", name="Clean up")).to_have_count(0)
