"""The Storage page in a real browser: how full the disks are, what takes room, and clearing what nobody needs."""

import re

import pytest
from playwright.async_api import Browser, expect

from tests.fakes.docker import FakeEngine
from tests.support.browser import DESKTOP, check_every_form, open_page
from tests.support.house import House

pytestmark = pytest.mark.browser


async def test_disks_and_what_takes_room_are_shown(house: House, browser: Browser) -> None:
    async with open_page(browser, house) as page:
        await page.goto("/storage")
        await expect(page.get_by_role("list", name="File systems").get_by_text("free of").first).to_be_visible()
        await check_every_form(page, "the overview")
        await page.set_viewport_size(DESKTOP)
        await page.get_by_role("tab", name="What takes room").click()
        await page.get_by_role("button", name="Measure again").click()
        table = page.get_by_role("table", name="What takes room in")
        await expect(table).to_be_visible()
        await expect(table.get_by_role("row").nth(1)).to_contain_text("%")
        await check_every_form(page, "what takes room")
        await page.set_viewport_size(DESKTOP)
        await page.get_by_role("tab", name="Mounts").click()
        await page.get_by_role("button", name="Add a network share").click()
        dialog = page.get_by_role("dialog")
        await dialog.get_by_role("button", name="Mount", exact=True).click()
        await expect(dialog.get_by_text("This is needed.").first).to_be_visible()


async def test_only_what_stays_ticked_is_cleared(house: House, fake: FakeEngine, browser: Browser) -> None:
    fake.images.add("keep:1", size_bytes=5 * 2**20)
    fake.images.add("drop:1", size_bytes=7 * 2**20)
    async with open_page(browser, house) as page:
        await page.goto("/storage/cleanup")
        await page.get_by_role("button", name="Clear Unused images").click()
        dialog = page.get_by_role("dialog")
        await expect(dialog.get_by_role("checkbox", name="drop:1")).to_be_checked()
        for box in await dialog.get_by_role("checkbox").all():
            await box.uncheck()
        await dialog.get_by_role("checkbox", name="drop:1").check()
        await expect(dialog.get_by_text("1 thing goes, 7 MB")).to_be_visible()
        await dialog.get_by_role("button", name="Clear…").click()
        await expect(dialog).to_have_count(0)
        await expect(page.get_by_text("drop:1")).to_have_count(0)
        await expect(page.get_by_text(re.compile(r"Up to 6\.9\d MB can be cleared"))).to_be_visible()
    answer = await house.admin.get("/api/images")
    assert {tag for image in answer.json for tag in image["tags"]} >= {"keep:1"}
    assert not {tag for image in answer.json for tag in image["tags"]} & {"drop:1"}
