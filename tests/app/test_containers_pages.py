"""Containers in a real browser: the list and what is done with several, the parts of one, and the log viewer."""

import re
from pathlib import Path

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from talome.engines.docker.models import Port
from tests.fakes.docker import FakeContainer, FakeEngine
from tests.support.browser import DESKTOP, PHONE, check_accessibility, check_no_sideways_scroll, open_page
from tests.support.house import House

pytestmark = pytest.mark.browser
SLOW_MS = 15_000
PROJECT = "com.docker.compose.project"
SERVICE = "com.docker.compose.service"
# What axe finds on a page must not depend on whether the terminal's process runs beside the house.
EXPECTED = "status of 503"


def furnish(fake: FakeEngine) -> dict[str, FakeContainer]:
    for name in ("server", "postgres"):
        fake.add_container(f"immich-{name}-1", labels={PROJECT: "immich", SERVICE: name})
    fake.add_container("pihole", ports=tuple(Port(number, "tcp", number, "0.0.0.0") for number in range(8000, 8200)))
    return {box.name: box for box in fake.box.values()}


def log_of(page: Page) -> Locator:
    return page.get_by_role("log")


async def open_log(page: Page, path: str) -> Locator:
    await page.goto(path)
    await expect(log_of(page)).to_be_visible(timeout=SLOW_MS)
    return log_of(page)


async def distance_from_end(log: Locator) -> float:
    return float(await log.evaluate("box => box.scrollHeight - box.clientHeight - box.scrollTop"))


async def first_line(log: Locator) -> str:
    """The line at the top of the view."""
    return str(
        await log.evaluate(
            """box => [...box.querySelectorAll("[data-text]")]
              .find((row) => row.getBoundingClientRect().bottom > box.getBoundingClientRect().top + 1).textContent"""
        )
    )


async def test_several_are_stopped_after_one_question_that_names_them(
    fake: FakeEngine, house: House, browser: Browser
) -> None:
    boxes = furnish(fake)
    async with open_page(browser, house) as page:
        await page.goto("/containers")
        await expect(page.get_by_role("link", name="pihole")).to_be_visible(timeout=SLOW_MS)
        await expect(page.get_by_text("197 more")).to_be_visible()
        await page.get_by_role("switch", name="Group by project").check()
        fold = page.get_by_role("button", name="immich 2 containers")
        await fold.click()
        await expect(page.get_by_role("link", name="immich-server")).to_have_count(0)
        await page.reload()
        await expect(fold).to_have_attribute("aria-expanded", "false", timeout=SLOW_MS)
        await fold.click()
        for name in ("immich-server", "immich-postgres"):
            await page.get_by_label(f"Select {name}").check()
        bar = page.get_by_role("toolbar", name="2 selected")
        await bar.get_by_role("button", name="Stop").click()
        dialog = page.get_by_role("dialog")
        await expect(dialog.get_by_text("immich-server")).to_be_visible()
        await expect(dialog.get_by_text("pihole")).to_have_count(0)
        await check_accessibility(page, "the question")
        await dialog.get_by_role("button", name="Stop").click()
        await expect(page.get_by_text("Stopped", exact=True)).to_have_count(2, timeout=SLOW_MS)
        assert [box.state for box in boxes.values()] == ["exited", "exited", "running"]


async def test_a_log_is_followed_and_stays_still_while_it_is_read(
    fake: FakeEngine, house: House, browser: Browser
) -> None:
    box = furnish(fake)["pihole"]
    for number in range(2_000):
        fake.write_log(box.id, f"query {number}")
    async with open_page(browser, house) as page:
        log = await open_log(page, "/containers/pihole/logs")
        await expect(log.get_by_text("query 1999", exact=True)).to_be_visible(timeout=SLOW_MS)
        await expect(page.get_by_text("2,000 lines", exact=True)).to_be_visible(timeout=SLOW_MS)
        fake.write_log(box.id, "query new")
        await expect(log.get_by_text("query new", exact=True)).to_be_visible()
        assert await distance_from_end(log) < 2
        await log.evaluate("box => { box.scrollTop -= 4000 }")
        await expect(page.get_by_role("button", name="Jump to the end")).to_be_visible()
        reading = await first_line(log)
        for number in range(500):
            fake.write_log(box.id, f"later {number}")
        pill = page.get_by_role("button", name="500 new lines")
        await expect(pill).to_be_visible()
        assert await first_line(log) == reading
        await page.keyboard.press("w")
        await page.keyboard.press("t")
        await expect(log.locator("time").first).to_be_visible()
        assert await first_line(log) == reading
        await page.reload()
        await expect(log.locator("time").first).to_be_visible(timeout=SLOW_MS)  # settings are remembered
        await log.evaluate("box => { box.scrollTop -= 4000 }")
        await page.get_by_role("button", name="Jump to the end").click()
        await expect(log.get_by_text("later 499", exact=True)).to_be_visible()
        fake.end_container(box.id)
        await expect(page.get_by_text("The container is not running.")).to_be_visible(timeout=SLOW_MS)


@pytest.mark.whole  # twelve seconds
async def test_a_log_is_searched_and_downloaded(
    fake: FakeEngine, house: House, browser: Browser, tmp_path: Path
) -> None:
    box = furnish(fake)["pihole"]
    for number in range(1_500):
        fake.write_log(
            box.id, f"\x1b[32mquery\x1b[0m {number} {'a' * 40}!", "stderr" if number % 100 == 0 else "stdout"
        )
    async with open_page(browser, house) as page:
        log = await open_log(page, "/containers/pihole/logs")
        await expect(page.get_by_text("1,500 lines", exact=True)).to_be_visible(timeout=SLOW_MS)
        await page.keyboard.press("/")
        await page.keyboard.type("y 7")  # across a change of colour
        status = page.get_by_role("status").filter(has_text=re.compile(r"^\d+$"))
        await expect(status).to_have_text("111", timeout=SLOW_MS)
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("111 of 111")).to_be_visible()
        await expect(log.get_by_text("799")).to_be_visible()
        await page.keyboard.press("Escape")
        await page.keyboard.press("Escape")
        await page.get_by_role("button", name="Regular expression").click()
        await page.get_by_label("Search the log").fill("query 10\\d\\b")
        await page.get_by_role("button", name="Show matching lines only").click()
        await expect(page.get_by_text("10 of 1,500 lines")).to_be_visible(timeout=SLOW_MS)
        await check_accessibility(page, "a searched log")

        await page.get_by_role("button", name="Download").click()
        async with page.expect_download() as waiting:
            await page.get_by_role("menuitem", name="The 10 lines that are shown").click()
        await (await waiting.value).save_as(tmp_path / "shown.log")
        assert (tmp_path / "shown.log").read_text().splitlines()[0] == f"query 100 {'a' * 40}!"
        await page.get_by_role("button", name="Download").click()
        async with page.expect_download() as waiting:
            await page.get_by_role("menuitem", name="The whole log").click()
        download = await waiting.value
        await download.save_as(tmp_path / "whole.log")
        assert download.suggested_filename == "pihole.log"
        assert len((tmp_path / "whole.log").read_text().splitlines()) == 1_500

        for button in ("Log settings", "Show together with other logs"):
            await page.get_by_role("button", name=button).click()
            await expect(page.get_by_role("dialog")).to_be_visible()
            await check_accessibility(page, button)
            await page.keyboard.press("Escape")
        await page.get_by_label("Search the log").fill("(a+)+$")
        await expect(page.get_by_text("This pattern takes too long.")).to_be_visible(timeout=SLOW_MS)
        await page.get_by_label("Search the log").fill("(")
        await expect(page.get_by_text("This is not a valid regular expression.")).to_be_visible()


async def test_several_logs_are_one_in_the_order_of_time(fake: FakeEngine, house: House, browser: Browser) -> None:
    boxes = furnish(fake)
    names = ("pihole", "immich-server-1")
    for number in range(30):
        fake.write_log(boxes[names[number % 2]].id, f"step {number:02}")
    async with open_page(browser, house) as page:
        await page.goto("/containers")
        for name in ("pihole", "immich-server"):
            await page.get_by_label(f"Select {name}").check(timeout=SLOW_MS)
        await page.get_by_role("toolbar", name="2 selected").get_by_role("button", name="Logs").click()
        await expect(page).to_have_url(re.compile(r"/containers/-/logs\?of=immich-server-1(,|%2C)pihole"))
        log = log_of(page)
        await expect(page.get_by_text("30 lines", exact=True)).to_be_visible(timeout=SLOW_MS)
        fake.write_log(boxes["pihole"].id, "step 30")
        await expect(log.get_by_text("step 30", exact=True)).to_be_visible()
        shown = await log.locator("[data-text]").all_text_contents()
        assert shown == sorted(shown)
        await expect(log.get_by_text("immich-server").first).to_be_visible()
        await page.get_by_role("button", name="Without pihole").click()
        await expect(log.get_by_text("step 29", exact=True)).to_be_visible(timeout=SLOW_MS)
        await expect(log.get_by_text("step 28", exact=True)).to_have_count(0)
        await page.goto("/containers/-/logs?of=nobody")
        await expect(page.get_by_text("There is no container nobody.")).to_be_visible(timeout=SLOW_MS)


async def test_hostile_lines_and_names_do_no_harm(fake: FakeEngine, house: House, browser: Browser) -> None:
    markup = "<img src=x onerror=console.error(1)>"
    long, bidi = "n" * 128, "\u202eمرحبا👩\u200d👩\u200d👧" + "ی" * 200
    fake.add_container(long, labels={PROJECT: bidi, SERVICE: markup})
    for number in range(499):
        fake.add_container(f"box-{number:03}")
    box = fake.require(long)
    hostile = (
        markup,
        "\x1b[31mred" * 9_000,
        "\x1b]8;;javascript:alert(1)\x07link\x1b]8;;\x07 \x1b[2J\x1b[1;1H\x1b[9999A",
        bytes(range(256)).decode("latin-1") * 8,
        "x" * 10_000_000,
        "the end",
    )
    for text in hostile:
        fake.write_log(box.id, text)
    async with open_page(browser, house) as page:
        await page.goto("/containers")
        await expect(page.get_by_text("500 containers")).to_be_visible(timeout=SLOW_MS)
        assert await page.locator("tbody tr").count() < 100
        await check_no_sideways_scroll(page, "500 containers")
        await page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
        await expect(page.get_by_role("link", name=long)).to_be_visible()
        await page.get_by_role("switch", name="Group by project").check()
        await check_no_sideways_scroll(page, "a project with a hostile name")
        log = await open_log(page, f"/containers/{box.id[:12]}/logs")
        await expect(log.get_by_text("the end", exact=True)).to_be_visible(timeout=SLOW_MS)
        await expect(log.get_by_text(markup, exact=True)).to_be_visible()
        await expect(log.get_by_text("The rest of this line is not kept").first).to_be_visible()
        assert await log.locator("img, a, script").count() == 0
        await check_accessibility(page, "a hostile log")
        await page.keyboard.press("w")
        await expect(log.get_by_text("the end", exact=True)).to_be_visible()
        assert await log.locator("[data-text]").count() < 60
        await check_no_sideways_scroll(page, "a wrapped hostile log")


async def test_every_part_of_a_container(fake: FakeEngine, house: House, browser: Browser) -> None:
    box = fake.add_container("web", env=("DB_PASSWORD=hunter2", "TZ=UTC"))
    fake.write_log(box.id, "hello")
    async with open_page(browser, house, expected=EXPECTED, viewport=DESKTOP) as page:
        await page.goto("/containers/web/environment")
        await expect(page.get_by_text("DB_PASSWORD")).to_be_visible(timeout=SLOW_MS)
        await expect(page.get_by_text("hunter2")).to_have_count(0)
        await page.get_by_role("button", name="Show DB_PASSWORD").click()
        await expect(page.get_by_text("hunter2")).to_be_visible()
        await page.get_by_role("tab", name="Events").click()
        await expect(page.get_by_text("Started", exact=True)).to_be_visible()
        fake.end_container(box.id, 3)
        await expect(page.get_by_text("Ended with code 3")).to_be_visible(timeout=SLOW_MS)
        await page.get_by_role("button", name="Start", exact=True).click()
        await page.get_by_role("tab", name="Console").click()
        await expect(page).to_have_url(re.compile("/console$"))
        command = page.get_by_label("Command", exact=True)
        await command.fill("echo out; echo bad >&2; exit 2", timeout=SLOW_MS)
        await page.get_by_label("Run in a shell").uncheck()
        await page.get_by_label("Run in a shell").check()
        await command.press("Enter")
        await expect(page.get_by_text("Ended with code")).to_be_visible(timeout=SLOW_MS)
        await command.fill("")
        await command.press("ArrowUp")
        await expect(command).to_have_value("echo out; echo bad >&2; exit 2")
        await check_accessibility(page, "the console with output")
        await page.get_by_role("tab", name="Inspect").click()
        await page.get_by_role("button", name="Fold Config").click()
        await expect(page.get_by_text("DB_PASSWORD")).to_have_count(0)
        for tab in ("Storage", "Networks", "Overview"):
            await page.get_by_role("tab", name=tab).click()
            await expect(page.get_by_role("heading", level=2).first).to_be_visible()
            await check_accessibility(page, tab)
        await page.get_by_text("30 d", exact=True).click()
        await expect(page.get_by_role("heading", name="Danger zone")).to_be_visible()


async def test_a_phone_has_cards_with_menus(fake: FakeEngine, house: House, browser: Browser) -> None:
    furnish(fake)
    form = {"viewport": PHONE, "has_touch": True, "is_mobile": True}
    async with open_page(browser, house, **form) as page:
        await page.goto("/containers")
        await page.get_by_role("button", name="Actions for pihole").tap(timeout=SLOW_MS)
        await page.get_by_role("menuitem", name="Select").tap()
        await expect(page.get_by_role("toolbar", name="1 selected")).to_be_visible()
        await check_no_sideways_scroll(page, "chosen on a phone")
        await page.get_by_role("toolbar").get_by_role("button", name="Logs").tap()
        await expect(page.get_by_text("Nothing has been written yet")).to_be_visible(timeout=SLOW_MS)
        await check_accessibility(page, "an empty log on a phone")
