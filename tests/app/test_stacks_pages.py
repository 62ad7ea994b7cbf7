"""Stacks and people's own apps in a real browser. The engine is the fake: nothing installs."""

import re

import pytest
from playwright.async_api import Browser, expect

from tests.app.test_apps_page import stocked
from tests.support.browser import check_every_form, open_page
from tests.support.house import House

pytestmark = pytest.mark.browser
PASTED = """services:
  web:
    image: nginx
    ports: ["8090:80"]
    volumes: [./html:/usr/share/nginx/html]
"""


@pytest.mark.whole  # twelve seconds of a browser; the operations are tested apart
async def test_a_stack_shows_what_its_apps_are_for_and_plans(house: House, browser: Browser) -> None:
    await stocked(house)
    async with open_page(browser, house) as page:
        await page.goto("/store")
        await page.get_by_role("link", name=re.compile("All 9 stacks")).click()
        await page.get_by_role("link", name=re.compile("^AI at home")).click()
        await expect(page.get_by_text("Runs the language models.")).to_be_visible()
        await expect(page.get_by_text("Talome sets this")).to_have_count(2)
        await check_every_form(page, "stack")
        await page.get_by_role("button", name="Install 3 apps").click()
        dialog = page.get_by_role("dialog")
        await expect(dialog.get_by_text("http://host.docker.internal:11434")).to_be_visible()
        await expect(dialog.get_by_text("3 images")).to_be_visible()
        await dialog.get_by_role("checkbox", name="SearXNG").uncheck()
        await expect(dialog.get_by_text("2 images")).to_be_visible()
        await check_every_form(page, "installing a stack")


@pytest.mark.whole  # a second browser for what the tests of the operations say already
async def test_a_pasted_file_is_corrected_and_saved(house: House, browser: Browser) -> None:
    await stocked(house)
    async with open_page(browser, house, expected="400") as page:
        await page.goto("/store/-/own")
        await page.get_by_role("link", name="Make an app").click()
        await page.get_by_label("Name").fill("My pages")
        await page.get_by_label("Paste a Compose file").fill(PASTED)
        await page.get_by_role("button", name="Make an app of it").click()
        wrong = page.get_by_role("alert")
        await expect(wrong).to_contain_text("compose.yml, line 2")
        await check_every_form(page, "own app")
        await wrong.get_by_role("button", name="Show the line").click()
        compose = page.get_by_label("Containers (compose.yml)")
        await expect(compose).to_be_focused()
        await compose.fill((await compose.input_value()).replace("image: nginx", "image: nginx:1.29"))
        await page.get_by_role("button", name="Save").click()
        await expect(page).to_have_url(f"{house.base}/store/-/own/my-pages")
        await page.goto("/store/yours:my-pages")
        await expect(page.get_by_role("heading", level=1, name="My pages")).to_be_visible()
        await page.goto("/store/-/own")
        await expect(page.get_by_role("link", name="My pages")).to_be_visible()
        await check_every_form(page, "own apps")
