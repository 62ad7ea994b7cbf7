"""The Memory page in a real browser: a note from its writing to its return, a PDF as a cited answer, a context with its
reasons, and a webhook whose receiver was down at first."""

import re

import pytest
from playwright.async_api import Browser, Page, expect

from tests.memory.sources.made import pdf
from tests.memory.webhooks.receiver import Receiver
from tests.support.browser import DESKTOP, check_every_form, open_page
from tests.support.house import House

pytestmark = pytest.mark.browser
TEA = "Ada drinks her tea with milk at four."


async def test_from_a_note_to_a_context_and_a_webhook(house: House, browser: Browser) -> None:
    receiver = Receiver()
    await house.admin.call("PUT", "/api/settings", {"memory.webhook_hosts": "127.0.0.1"})
    async with open_page(browser, house, expected="400 (Bad Request)") as page:
        secret = await _add_a_webhook(page, receiver)
        await _keep_and_find(page)
        await _correct(page)
        await _forget_and_have_back(page)
        await _read_a_pdf(page)
        await _see_the_context(page)
        await _get_the_news(page, receiver, secret)


async def _add_a_webhook(page: Page, receiver: Receiver) -> str:
    await page.goto("/memory/webhooks")
    await page.get_by_role("button", name="Add a webhook").click()
    form = page.get_by_role("dialog", name="Add a webhook")
    await form.get_by_label("Address").fill("http://192.168.0.9/hook")
    await form.get_by_role("button", name="Add a webhook").click()
    await expect(form.get_by_text("The address must begin with https://, unless an administrator")).to_be_visible()
    await form.get_by_label("Address").fill(receiver.url)
    await form.get_by_role("button", name="Add a webhook").click()
    made = page.get_by_role("dialog", name="The webhook is made")
    secret = await made.locator("code").text_content()
    await made.get_by_role("button", name="Close").last.click()
    return secret or ""


async def _keep_and_find(page: Page) -> None:
    await page.goto("/memory")
    await expect(page.get_by_role("heading", name="No note yet")).to_be_visible()
    await page.get_by_role("button", name="Add a note").click()
    form = page.get_by_role("dialog", name="Add a note")
    await form.get_by_label("What to remember").fill("password: hunter2hunter2")
    await form.get_by_role("button", name="Keep it").click()
    await expect(form.get_by_text("secrets do not belong in the memory")).to_be_visible()
    await form.get_by_label("What to remember").fill(TEA)
    await form.get_by_label("Tags").fill("kitchen, #ada")
    await form.get_by_role("button", name="Keep it").click()
    await expect(form).to_be_hidden()
    await page.get_by_role("searchbox", name="Search the notes").fill("what does Ada drink")
    await expect(page.get_by_text(re.compile("1 note found"))).to_be_visible()
    await page.get_by_text("Why?").click()
    await expect(page.get_by_text("Same words")).to_be_visible()
    await check_every_form(page, "search")
    await page.set_viewport_size(DESKTOP)


async def _correct(page: Page) -> None:
    await page.get_by_role("link", name=TEA).click()
    await page.get_by_role("button", name="Correct").click()
    form = page.get_by_role("dialog")
    await form.get_by_label("What to remember").fill(TEA.replace("milk", "lemon"))
    await form.get_by_role("button", name="Save").click()
    await expect(page.locator("ins")).to_have_text("lemon")
    await expect(page.locator("del")).to_have_text("milk")


async def _forget_and_have_back(page: Page) -> None:
    note = page.get_by_role("link", name=TEA.replace("milk", "lemon"))
    await page.get_by_role("button", name="Forget").click()
    await expect(page.get_by_role("heading", name="No note yet")).to_be_visible()
    await page.get_by_role("button", name="Undo").click()
    await expect(note).to_be_visible()
    await page.get_by_role("button", name=re.compile("^Forget Ada")).click()
    await expect(note).to_be_hidden()
    await page.get_by_text("Forgotten", exact=True).click()
    await page.get_by_role("button", name=re.compile("^Have back Ada")).click()
    await expect(page.get_by_role("heading", name="Nothing was forgotten")).to_be_visible()
    await page.get_by_text("Notes", exact=True).last.click()
    await expect(note).to_be_visible()


async def _read_a_pdf(page: Page) -> None:
    await page.goto("/memory/sources")
    await page.get_by_role("button", name="Add a source").click()
    form = page.get_by_role("dialog", name="Add a source")
    pages = ["The boiler wants a service every spring.", "Error E4 means that the flame of the boiler is out."]
    manual = pdf(pages, outline=[("Service", 0), ("Errors", 1)])
    file = {"name": "boiler.pdf", "mimeType": "application/pdf", "buffer": manual}
    await form.get_by_label("Files to read").set_input_files(files=[file])  # type: ignore[list-item]
    await form.get_by_role("button", name="Add a source").click()
    await expect(page.get_by_text("Ready")).to_be_visible()
    await page.get_by_role("searchbox", name="Ask the sources").fill("what does E4 mean")
    answer = page.get_by_role("list", name="Answers").get_by_role("listitem").first
    await expect(answer.get_by_text("Error E4 means that the flame")).to_be_visible()
    await expect(answer.get_by_text("page 2")).to_be_visible()
    await answer.get_by_role("link").first.click()
    await expect(page.get_by_role("button", name="Read it again")).to_be_visible()
    await expect(page.get_by_text("Error E4 means that the flame")).to_be_visible()


async def _see_the_context(page: Page) -> None:
    await page.goto("/memory/context")
    await page.get_by_label("Question or task").fill("What does Ada drink, and what does E4 of the boiler mean?")
    await page.get_by_role("button", name="Show the context").click()
    await expect(page.get_by_text(re.compile(r"of 2,000 tokens, chosen from"))).to_be_visible()
    included = page.get_by_role("list", name="What is in it, and why")
    await expect(included.get_by_text(re.compile("words: .*drink")).first).to_be_visible()
    await included.get_by_role("button", name=re.compile("^This helped: Ada")).click()
    await expect(included.get_by_role("button", name=re.compile("^This helped: Ada"), pressed=True)).to_be_visible()
    await check_every_form(page, "context")
    await page.set_viewport_size(DESKTOP)


async def _get_the_news(page: Page, receiver: Receiver, secret: str) -> None:
    await page.goto("/memory/webhooks")
    await expect(page.get_by_text("Failing")).to_be_visible()
    await receiver.start()
    await page.get_by_role("button", name=re.compile("^Send a test to")).click()
    await expect(page.get_by_text("The test arrived in")).to_be_visible()
    arrived = await receiver.wait_for(6)
    assert {"memory.stored", "memory.updated", "memory.deleted", "webhook.test"} == {
        one.json["type"] for one in arrived
    }
    assert all(one.is_signed_with(secret) for one in arrived)
    await page.get_by_role("button", name=re.compile("^Deliveries to")).click()
    log = page.get_by_role("dialog")
    await expect(log.get_by_text("A note was stored").first).to_be_visible()
    await receiver.stop()
