"""The store and the apps in a real browser: finding, looking, planning. The engine is the fake: nothing installs."""

import asyncio

import pytest
from playwright.async_api import Browser, Page, expect

from tests.support.browser import PHONE, check_every_form, open_page
from tests.support.house import House

pytestmark = pytest.mark.browser


async def stocked(house: House) -> None:
    """Wait until the store that ships with Talome has been read."""
    async with asyncio.timeout(20):
        while not (await house.admin.get("/api/apps?limit=1")).json["total"]:
            await asyncio.sleep(0.05)


async def reference_of(house: House, app: str) -> str:
    """As `store:app`."""
    return str((await house.admin.get(f"/api/apps/{app}")).json["id"])


async def test_the_store_finds_apps_and_shows_them(house: House, browser: Browser) -> None:
    await stocked(house)
    async with open_page(browser, house) as page:
        await page.goto("/store")
        await expect(page.get_by_role("heading", name="A good beginning")).to_be_visible()
        await check_every_form(page, "store")
        await page.set_viewport_size(PHONE)
        await _is_large_enough(page, "Photos")

        search = page.get_by_role("searchbox", name="Search the store")
        await search.fill("immich")
        card = page.get_by_role("link", name="Immich").first
        await expect(card).to_be_visible()
        await expect(page.get_by_role("heading", name="A good beginning")).to_be_hidden()
        await search.fill("imich")  # a slip; the server finds it
        await expect(card).to_be_visible()
        await search.fill("qqqqqqqq")
        await expect(page.get_by_role("heading", name="Nothing found")).to_be_visible()
        await page.get_by_role("button", name="Show all apps").click()
        await page.get_by_role("group", name="Categories").get_by_role("button", name="Photos").click()
        await expect(page).to_have_url(f"{house.base}/store?category=photos")

        await card.focus()
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", level=1, name="Immich")).to_be_visible()
        await expect(page.get_by_role("link", name="Source code")).to_have_attribute("rel", "noopener noreferrer")
        await check_every_form(page, "app of a store")
        await page.go_back()
        await expect(page.get_by_role("button", name="Photos")).to_have_attribute("aria-pressed", "true")


async def _is_large_enough(page: Page, chip: str) -> None:
    box = await page.get_by_role("group", name="Categories").get_by_role("button", name=chip).bounding_box()
    assert box is not None
    assert box["height"] >= 44


async def test_installing_asks_and_tells_before_it_begins(house: House, browser: Browser) -> None:
    await stocked(house)
    async with open_page(browser, house, expected="400") as page:
        await page.goto(f"/store/{await reference_of(house, 'immich')}")
        await page.get_by_role("button", name="Install").click()
        dialog = page.get_by_role("dialog", name="Install Immich")
        await expect(dialog.get_by_label("immich-server, port 2283")).to_have_value("2283")
        await expect(dialog.get_by_text("of 8")).to_be_visible()
        await expect(dialog.get_by_text("4 to fetch")).to_be_visible()
        await check_every_form(page, "installing")

        await page.set_viewport_size(PHONE)
        await dialog.get_by_label("immich-server, port 2283").fill("99999")
        await expect(dialog.get_by_text("A port is a number from 1 to 65535.")).to_be_visible()
        await page.keyboard.press("Escape")
        await expect(dialog).to_be_hidden()

        await page.goto(f"/store/{await reference_of(house, 'vaultwarden')}#install")
        dialog = page.get_by_role("dialog", name="Install Vaultwarden")
        address = dialog.get_by_label("Its https address")
        await address.fill("nonsense")
        await expect(dialog.get_by_text("must be an address that starts with")).to_be_visible()
        await expect(address).to_have_attribute("aria-invalid", "true")
        await address.fill("")
        await address.press("Tab")
        await expect(dialog.get_by_text("This is needed.")).to_be_visible()


@pytest.mark.whole  # twelve seconds
async def test_stores_and_apps_before_there_are_any(house: House, browser: Browser) -> None:
    await stocked(house)
    async with open_page(browser, house) as page:
        await page.goto("/store/-/sources")
        await expect(page.get_by_text("Comes with Talome")).to_be_visible()
        await page.get_by_role("button", name="Add a store").click()
        dialog = page.get_by_role("dialog", name="Add a store")
        await expect(dialog.get_by_role("button", name="Add CasaOS")).to_be_visible()
        await check_every_form(page, "adding a store")
        await page.keyboard.press("Escape")

        await page.goto("/apps")
        await expect(page.get_by_role("heading", name="No apps yet")).to_be_visible()
        await check_every_form(page, "no apps")
        await page.get_by_role("link", name="Look into the store").click()
        await expect(page.get_by_role("heading", name="A good beginning")).to_be_visible()


async def test_whoever_may_only_look_is_offered_nothing_else(house: House, browser: Browser) -> None:
    await stocked(house)
    await house.member("ben", ["apps:read"])
    async with open_page(browser, house, username="ben") as page:
        await page.goto(f"/store/{await reference_of(house, 'immich')}#install")
        await expect(page.get_by_role("heading", level=1, name="Immich")).to_be_visible()
        await expect(page.get_by_role("button", name="Install")).to_have_count(0)
        await expect(page.get_by_role("dialog")).to_have_count(0)
