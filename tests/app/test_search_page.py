"""The search in the dashboard finds what only the server knows, and goes there."""

import asyncio
import re
from pathlib import Path
from urllib.parse import unquote

import pytest
from playwright.async_api import Browser, expect

from talome.home.search import indexer
from tests.home.search.searching import put
from tests.support.browser import PHONE, check_accessibility, check_every_form, open_page
from tests.support.house import House

pytestmark = pytest.mark.browser
SLOW_MS = 15_000


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexer, "DELAY_S", 0.0)


@pytest.mark.timeout(120)
async def test_files_are_found_while_typing_and_opened(house: House, browser: Browser, tmp_path: Path) -> None:
    put(tmp_path / "stuff", "Trips/Holiday in Norway.txt", text="We saw a wolverine near the lake.")
    body = {"name": "Stuff", "folder": str(tmp_path / "stuff")}
    assert (await house.admin.post("/api/files/roots", body)).status in (200, 201)
    for _ in range(500):
        if (await house.admin.get("/api/search/index")).json["entries"] == 2:
            break
        await asyncio.sleep(0.02)
    async with open_page(browser, house, expected="status of 503") as page:
        await page.goto("/settings")
        await expect(page.get_by_role("heading", name="Settings").first).to_be_visible(timeout=SLOW_MS)
        await page.keyboard.press("Control+k")
        search = page.get_by_role("combobox", name="Search apps, files, settings, people and actions")
        await expect(search).to_be_focused(timeout=SLOW_MS)
        await page.keyboard.type("wolver")
        found = page.get_by_role("option", name=re.compile("Holiday in Norway.txt"))
        await expect(found).to_be_visible(timeout=SLOW_MS)
        await expect(found).to_contain_text("a wolverine near")
        await check_every_form(page, "what the search found")
        await search.fill("holi nor")
        await expect(found).to_have_attribute("aria-selected", "true", timeout=SLOW_MS)
        await page.keyboard.press("Enter")
        await expect(page).to_have_url(re.compile(r"/files\?"))
        assert "path=/stuff/Trips&select=Holiday in Norway.txt" in unquote(page.url).replace("+", " ")
        await page.set_viewport_size(PHONE)
        await page.get_by_role("button", name="Search").first.click(timeout=SLOW_MS)
        await search.fill("trips")
        await expect(page.get_by_role("option", name=re.compile("Trips"))).to_be_visible(timeout=SLOW_MS)
        await check_accessibility(page, "the search on a phone")
