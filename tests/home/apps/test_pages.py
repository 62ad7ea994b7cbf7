"""What people see of the work on apps: in any tab, after a reload, for several at once. Real engine, real browser."""

import asyncio
import re

import pytest
from playwright.async_api import Browser, expect

from tests.home.apps.shop import SERVES, Apps, Shop
from tests.support.browser import check_every_form, open_page
from tests.support.house import House
from tests.support.registry import Front

pytestmark = [pytest.mark.docker, pytest.mark.browser, pytest.mark.timeout(180)]


@pytest.mark.whole  # twenty seconds of installing and updating; what is behind the page is tested quickly elsewhere
async def test_work_is_seen_in_every_tab_and_several_are_updated_at_once(
    apps: Apps, shop: Shop, real_house: House, browser: Browser, front: Front
) -> None:
    compose = shop.folder / "apps" / "shop" / "compose.yml"
    compose.write_text(compose.read_text().replace(front.registry.address, front.address))
    await apps.sync(apps.store)
    reference = (await apps.person.get("/api/apps/shop")).json["id"]
    front.answers.clear()  # the registry does not answer, so the installation goes on until it does
    job = (await apps.person.post("/api/apps/install", {"appId": "shop", "env": {"TITLE": "good"}})).json["id"]
    async with open_page(browser, real_house) as page:
        await page.goto(f"/store/{reference}")
        await page.get_by_role("button", name="Show progress").click()
        await expect(page.get_by_role("dialog").get_by_role("progressbar", name="Install Shop")).to_be_visible()
        await page.reload()
        await expect(page.get_by_role("dialog").get_by_role("progressbar", name="Install Shop")).to_be_visible()
        front.answers.set()
        assert (await apps.end_of(job))["state"] == "done"
        await expect(page.get_by_role("dialog").get_by_role("link", name="Open Shop")).to_be_visible()

        await apps.install(nameAs="second", env={"TITLE": "bad"})
        shop.push("2.0", command="if [ $TITLE = bad ]; then echo the cellar is flooded; exit 3; fi; " + SERVES)
        shop.release("2.0")
        await apps.sync(apps.store)
        await apps.person.get("/api/apps/updates?refresh=true")
        await page.goto("/apps")
        await page.get_by_role("button", name="Update all").click()
        dialog = page.get_by_role("dialog")
        await expect(dialog.get_by_text("1.0 becomes 2.0")).to_have_count(2)
        await check_every_form(page, "updates of several apps")
        await dialog.get_by_role("button", name="Update 2 apps").click()
        await expect(dialog.get_by_text("Shop (shop) is up to date")).to_be_visible(timeout=60_000)
        await expect(dialog.get_by_text("the cellar is flooded")).to_be_visible(timeout=60_000)
        await dialog.get_by_role("button", name="Close").last.click()

        await page.goto("/apps/second")
        failed = page.get_by_role("region", name="Update Shop")
        await expect(failed).to_contain_text("the cellar is flooded")
        await check_every_form(page, "an app whose update did not work")

        await page.keyboard.press("Control+k")
        search = page.get_by_role("combobox", name=re.compile("^Search"))
        await search.fill("stop shop")
        await page.get_by_role("option", name="Stop Shop").first.click()
        async with asyncio.timeout(30):
            while all(one["state"] != "stopped" for one in (await apps.person.get("/api/apps/installed")).json):
                await asyncio.sleep(0.1)
        await page.keyboard.press("Control+k")
        await search.fill("imich")  # a slip; the server finds it
        await expect(page.get_by_role("option", name=re.compile("^Immich"))).to_be_visible()
        await page.keyboard.press("Enter")
        await expect(page).to_have_url(re.compile("/store/.*immich$"))
