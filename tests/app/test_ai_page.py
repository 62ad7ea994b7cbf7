"""The AI page in a real browser: a server of models is added, asked, counted; a key is made, used and revoked."""

import pytest
from playwright.async_api import Browser, Page, expect

from tests.support.browser import DESKTOP, check_every_form, open_page
from tests.support.house import House
from tests.support.upstream import Script, Upstream, upstream

pytestmark = pytest.mark.browser
__all__ = ["upstream"]


async def test_from_the_first_server_of_models_to_the_bill(house: House, browser: Browser, upstream: Upstream) -> None:
    async with open_page(browser, house, expected="503") as page:
        await _add_a_server(page, upstream)
        await _ask(page, upstream)
        await _compare_and_stop(page, upstream)
        await _see_what_it_cost(page)


async def _add_a_server(page: Page, upstream: Upstream) -> None:
    await page.goto("/ai/providers")
    await expect(page.get_by_role("heading", name="No model on your own machines yet")).to_be_visible()
    await check_every_form(page, "providers, none yet")
    await page.get_by_role("button", name="Add a server of models").click()
    form = page.get_by_role("dialog", name="Add a server of models")
    await form.get_by_role("button", name="Ollama").click()
    await expect(form.get_by_label("Address")).to_have_value("http://127.0.0.1:11434")
    await form.get_by_label("Address").fill(upstream.openai.removesuffix("/v1"))
    await form.get_by_label("Name").fill("The box upstairs")
    await form.get_by_role("button", name="Add a server of models").click()
    await expect(page.get_by_text("It answers, and has 2 models")).to_be_visible()
    await expect(page.get_by_text("The box upstairs").first).to_be_visible()
    await check_every_form(page, "providers")


async def _ask(page: Page, upstream: Upstream) -> None:
    await page.goto("/ai/playground")
    upstream.next(Script(pieces=("Good ", "evening", "."), thoughts=("They are polite.",)))
    await page.get_by_role("textbox", name="Your question").fill("Hello")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("Good evening.")).to_be_visible()
    await expect(page.get_by_text("20 tokens in, 5 out")).to_be_visible()
    await check_every_form(page, "playground")


async def _compare_and_stop(page: Page, upstream: Upstream) -> None:
    await page.get_by_role("button", name="Compare with another").click()
    await expect(page.get_by_role("region", name="Answers of")).to_have_count(2)
    upstream.next(Script(stall_after=1), Script(status=500))
    upstream.always(Script(status=500))
    await page.get_by_role("textbox", name="Your question").fill("And now?")
    await page.get_by_role("button", name="Send").click()
    await expect(page.get_by_role("alert").first).to_be_visible()
    await page.get_by_role("button", name="Stop").click()
    await expect(page.get_by_text("Stopped here.")).to_be_visible()
    upstream.always(Script())


async def _see_what_it_cost(page: Page) -> None:
    await page.set_viewport_size(DESKTOP)
    await page.get_by_role("tab", name="Usage").click()
    await expect(page.get_by_role("heading", name="Latest calls")).to_be_visible()
    await expect(page.get_by_role("rowheader", name="auto").first).to_be_visible()
    await check_every_form(page, "usage")
    await page.set_viewport_size(DESKTOP)
    await page.get_by_role("tab", name="Models").click()
    await expect(page.get_by_role("rowheader", name="small-model")).to_be_visible()
    await check_every_form(page, "models")


async def test_a_key_is_made_shown_once_and_revoked(house: House, browser: Browser) -> None:
    async with open_page(browser, house) as page:
        await page.goto("/ai/keys")
        await page.get_by_role("button", name="New workspace").click()
        form = page.get_by_role("dialog", name="New workspace")
        await form.get_by_label("Name", exact=True).fill("Größere Arbeit")
        await form.get_by_label("Monthly budget").fill("25.50")
        await form.get_by_role("button", name="Make the workspace").click()
        await expect(page.get_by_text("grossere-arbeit")).to_be_visible()
        await page.get_by_role("button", name="New key").click()
        form = page.get_by_role("dialog", name="New key")
        await form.get_by_label("Name", exact=True).fill("Laptop")
        await form.get_by_label("Workspace").select_option(label="Größere Arbeit")
        await form.get_by_role("switch", name="Never leaves the house").click()
        await form.get_by_role("button", name="Make the key").click()
        shown = page.get_by_role("dialog", name="Your new key")
        secret = await shown.locator("code").inner_text()
        assert (await house.person(secret).get("/v1/models")).status == 200
        await shown.get_by_role("button", name="Close").last.click()
        await expect(shown).to_be_hidden()
        await expect(page.get_by_text(secret)).to_have_count(0)
        await page.get_by_role("button", name="Give credit to ada").click()
        form = page.get_by_role("dialog", name="Give credit to ada")
        await form.get_by_label("Dollars").fill("12.50")
        await form.get_by_role("button", name="Give credit").click()
        await expect(page.get_by_text("The credit of ada is changed")).to_be_visible()
        assert (await house.admin.get("/v1/balance")).json["balance_usd"] >= 12.5
        await page.evaluate("scrollTo(0, 0)")  # what is half behind the top bar would be too small a target
        await check_every_form(page, "keys")
        await page.get_by_role("button", name="Revoke Laptop").click()
        await page.get_by_role("dialog").get_by_role("button", name="Revoke", exact=True).click()
        await expect(page.get_by_text("Laptop is revoked")).to_be_visible()
        assert (await house.person(secret).get("/v1/models")).status == 401
