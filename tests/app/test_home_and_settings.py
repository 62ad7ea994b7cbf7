"""Home and Settings in a real browser: arranged by keyboard and by pointer, undone, and edited in two tabs at once."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, Route, expect

from talome import app
from talome.core.settings.service import Setting
from tests.fakes.docker import FakeEngine
from tests.support.browser import PHONE, check_accessibility, check_no_sideways_scroll, open_browser, open_page
from tests.support.house import PASSWORD, House, open_house

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]
OF_EACH_KIND = (
    Setting("demo.greeting", "text", "Hello", "Greeting", "What visitors read.", "demo", maximum=40),
    Setting("demo.loud", "boolean", False, "Loud", "Whether it is said loudly.", "demo"),
    Setting("demo.colour", "choice", "red", "Colour", "What it looks like.", "demo", choices=("red", "green")),
    Setting("demo.token", "secret", None, "Token", "For the door.", "demo"),
)
"""One setting for each control, beside the ones that the features declare."""
CLEAN = {"system.disk_warning_percent": None, "demo.greeting": None, "demo.loud": None, "demo.token": None}
SETTLE = "Promise.all(document.getAnimations().map((each) => each.finished.catch(() => null)))"
"""Colours on their way from one scheme to the other are neither."""
MARKUP = "<img src=x onerror=\"document.title='run'\">"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def engine() -> FakeEngine:
    engine = FakeEngine()
    engine.add_container("jellyfin")
    engine.add_container("immich").health = "unhealthy"
    return engine


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def home(tmp_path_factory: pytest.TempPathFactory, engine: FakeEngine) -> AsyncIterator[House]:
    declared = app.SETTINGS
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(app, "SETTINGS", (*declared, *OF_EACH_KIND))
        folder: Path = tmp_path_factory.mktemp("home")
        async with open_house(folder, engine) as opened:
            yield opened


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with open_browser() as opened:
        yield opened


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(home: House, browser: Browser) -> AsyncIterator[Page]:
    async with open_page(browser, home, expected="status of 409") as page:
        yield page


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def phone(home: House, browser: Browser) -> AsyncIterator[Page]:
    async with open_page(browser, home, viewport=PHONE, has_touch=True) as page:
        yield page


@pytest_asyncio.fixture(loop_scope="module", autouse=True)
async def as_on_the_first_day(home: House) -> None:
    await home.admin.put("/api/settings", CLEAN)
    await home.admin.put("/api/widgets/layout", {"places": []})
    for widget in (await home.admin.get("/api/widgets")).json["widgets"]:
        await home.admin.delete(f"/api/widgets/{widget['id']}")


def field(page: Page, name: str) -> Any:
    return page.get_by_role("textbox", name=name, exact=True)


def row(page: Page, key: str) -> Any:
    return page.locator(f'[id="{key}"]')


async def arranging(page: Page) -> None:
    await page.goto("/")
    await page.get_by_role("button", name="Arrange").click()
    await expect(page.get_by_role("heading", name="Arrange your Home")).to_be_visible(timeout=15_000)
    await expect(page.get_by_role("button", name="Move Processor")).to_be_visible()


async def order(page: Page) -> list[str]:
    await expect(page.get_by_role("button", name="Move Processor")).to_be_visible()
    labels = await page.locator("[data-handle]").evaluate_all("found => found.map(each => each.ariaLabel)")
    return [label.removeprefix("Move ") for label in labels]


async def check_in_both_schemes(page: Page, what: str) -> None:
    for scheme in ("dark", "light"):
        await page.emulate_media(color_scheme=scheme)
        await expect(page.locator("html")).to_have_attribute("data-mantine-color-scheme", scheme)
        await page.evaluate(SETTLE)
        await check_accessibility(page, f"{what} {scheme}")
    await check_no_sideways_scroll(page, what)


@pytest.mark.parametrize("form", ["desk", "phone"])
async def test_settings_are_accessible_in_every_form(form: str, desk: Page, phone: Page) -> None:
    page = {"desk": desk, "phone": phone}[form]
    await page.goto("/settings#system.disk_warning_percent")
    await expect(row(page, "system.disk_warning_percent")).to_be_focused(timeout=15_000)
    await field(page, "Warn when a disk is this full").fill("3")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("Enter a number from 50 to 99 %.")).to_be_visible()
    await check_in_both_schemes(page, f"settings {form}")
    await page.get_by_role("button", name="Discard").click()


@pytest.mark.parametrize("form", ["desk", "phone"])
async def test_home_is_accessible_in_every_form_also_while_it_is_arranged(form: str, desk: Page, phone: Page) -> None:
    page = {"desk": desk, "phone": phone}[form]
    await arranging(page)
    await page.get_by_role("button", name="Move Processor").press("Enter")
    await page.evaluate("window.scrollTo(0, 0)")  # else the bar may stand half over a button, which counts as too small
    await check_in_both_schemes(page, f"arranging {form}")
    await page.get_by_role("button", name="Add", exact=True).click()
    await expect(page.get_by_role("button", name="A gauge")).to_be_visible()
    await check_in_both_schemes(page, f"gallery {form}")


async def test_a_setting_is_found_changed_and_undone(home: House, desk: Page) -> None:
    page = desk
    await page.goto("/settings")
    await page.get_by_role("searchbox", name="Search settings").fill("disk full")
    await expect(field(page, "Keep history for")).to_have_count(0)
    limit = field(page, "Warn when a disk is this full")
    await limit.fill("80")
    await limit.press("Enter")
    await expect(page.get_by_text("Setting saved")).to_be_visible()
    await expect(page.get_by_text("Changed from 90 %")).to_be_visible()
    await page.get_by_role("region", name="Messages").get_by_role("button", name="Undo").click()
    await expect(limit).to_have_value("90")
    await limit.fill("85")
    await page.get_by_role("button", name="Save").click()
    await page.get_by_role("button", name="History").click()
    history = page.get_by_role("list", name="Changes of")
    await expect(history.get_by_role("listitem").first).to_contain_text("85 %")
    await history.get_by_role("button", name="Undo").nth(2).click()
    await expect(page.get_by_text("Since then it became 85 %, by ada.")).to_be_visible()
    await page.get_by_role("button", name="Go back").click()
    await expect(limit).to_have_value("90")
    assert (await home.admin.get("/api/settings")).json["system.disk_warning_percent"] == 90


async def test_two_tabs_that_change_the_same_thing_lose_nothing(home: House, desk: Page) -> None:
    body = {"username": "ben", "password": PASSWORD, "role": "admin"}
    assert (await home.admin.post("/api/users", body)).status == 201
    ben = await home.sign_in("ben", PASSWORD)
    key = "system.disk_warning_percent"
    page = desk
    await page.goto("/settings")
    await field(page, "Warn when a disk is this full").fill("70")
    await page.get_by_role("switch", name="Loud").click()
    assert (await ben.put("/api/settings", {key: 60})).status == 200
    await page.get_by_role("button", name="Save").click()
    conflict = row(page, key).get_by_role("alert")
    await expect(conflict).to_contain_text("ben changed this to 60 %. Yours is 70 %.")
    await expect(field(page, "Warn when a disk is this full")).to_have_value("70")
    assert (await home.admin.get("/api/settings")).json["demo.loud"] is False, "all or none"
    await conflict.get_by_role("button", name="Keep mine").click()
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("2 settings saved")).to_be_visible()
    assert (await home.admin.get("/api/settings")).json[key] == 70


async def test_leaving_with_unsaved_settings_asks(home: House, desk: Page) -> None:
    page = desk
    await page.goto("/")
    await page.get_by_role("link", name="Settings", exact=True).first.click()
    await field(page, "Greeting").fill(MARKUP[:40])
    await page.go_back()
    question = page.get_by_role("dialog", name="Leave without saving?")
    await expect(question).to_contain_text("Greeting")
    await question.get_by_role("button", name="Cancel").click()
    await expect(field(page, "Greeting")).to_have_value(MARKUP[:40])
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("Setting saved")).to_be_visible()
    await row(page, "demo.greeting").get_by_role("button", name="History").click()
    await expect(row(page, "demo.greeting").get_by_role("list")).to_contain_text("<img src=x")


async def test_a_secret_is_replaced_and_never_shown(home: House, desk: Page) -> None:
    page = desk
    await page.goto("/settings#demo.token")
    token = row(page, "demo.token")
    await token.get_by_label("Token", exact=True).fill("open sesame")
    await page.get_by_role("button", name="Save").click()
    await expect(token.get_by_text("Set", exact=True)).to_be_visible()
    await page.reload()
    await token.get_by_role("button", name="Replace").click()
    await token.get_by_role("button", name="Keep the present one").click()
    await token.get_by_role("button", name="Remove").click()
    await expect(token.get_by_text("Will be removed")).to_be_visible()
    assert "sesame" not in await page.content()
    await page.get_by_role("button", name="Discard").click()


async def test_who_may_only_read_sees_values_and_no_controls(home: House, browser: Browser) -> None:
    async def with_fewer_rights(route: Route) -> None:
        answer = await route.fetch()
        user = {**await answer.json(), "role": "member", "scopes": ["settings:read"]}
        await route.fulfill(response=answer, json=user)

    async with open_page(browser, home) as page:
        await page.route("**/api/auth/me", with_fewer_rights)
        await page.goto("/settings")
        await expect(page.get_by_text("Warn when a disk is this full")).to_be_visible(timeout=15_000)
        await expect(row(page, "system.disk_warning_percent")).to_contain_text("90 %")
        await expect(page.locator("main").get_by_role("textbox")).to_have_count(0)
        await expect(page.locator("main").get_by_role("switch")).to_have_count(0)


async def test_cards_are_arranged_by_keyboard_and_stay_so(home: House, desk: Page) -> None:
    page = desk
    await arranging(page)
    before = await order(page)
    processor = page.get_by_role("button", name="Move Processor")
    await processor.press("Enter")
    await expect(page.get_by_text("Processor is picked up, position 3 of 8.")).to_be_attached()
    await page.keyboard.press("ArrowRight")
    await page.keyboard.press("ArrowUp")
    await expect(processor).to_be_focused()
    await page.keyboard.press("Escape")
    assert await order(page) == before
    await processor.press("Enter")
    await page.keyboard.press("Home")
    async with page.expect_response("**/api/widgets/layout"):
        await page.keyboard.press("Enter")
    await expect(page.get_by_text("Processor is dropped at position 1 of 8.")).to_be_attached()
    async with page.expect_response("**/api/widgets/layout"):
        await page.get_by_role("button", name="Make Processor wider").click()
    await page.get_by_role("button", name="Take Network off the page").click()
    await page.get_by_role("button", name="Done").click()
    await page.reload()
    await arranging(page)
    assert await order(page) == ["Processor", *(name for name in before if name not in ("Processor", "Network"))]
    await expect(page.locator('[data-card="builtin:cpu"]')).to_have_attribute("data-size", "wide")
    await page.get_by_role("button", name="Reset").click()
    await page.get_by_role("region", name="Messages").get_by_role("button", name="Undo").click()
    await expect(page.locator("[data-card]").first).to_have_attribute("data-card", "builtin:cpu")


async def test_cards_are_dragged_by_a_pointer(home: House, desk: Page) -> None:
    page = desk
    await arranging(page)
    held = await page.locator('[data-card="builtin:cpu"]').bounding_box()
    target = await page.locator('[data-card="builtin:network"]').bounding_box()
    assert held is not None
    assert target is not None
    await page.mouse.move(held["x"] + 40, held["y"] + 20)
    await page.mouse.down()
    await page.mouse.move(target["x"] + 40, target["y"] + 60, steps=6)
    await page.mouse.move(target["x"] + target["width"] - 20, target["y"] + 60, steps=6)
    async with page.expect_response("**/api/widgets/layout"):
        await page.mouse.up()
    names = await order(page)
    assert names.index("Processor") == names.index("Network") + 1
    places = (await home.admin.get("/api/widgets")).json["places"]
    assert [place["id"] for place in places][2:6] == [f"builtin:{id}" for id in ("memory", "disk", "network", "cpu")]


async def test_a_widget_is_made_from_an_operation_on_a_phone(home: House, phone: Page) -> None:
    page = phone
    await arranging(page)
    await page.get_by_role("button", name="Add", exact=True).click()
    await page.get_by_role("button", name="A list").click()
    await page.get_by_role("button", name="Put on Home").click()
    await expect(page.get_by_text("Enter a title.")).to_be_visible()
    await page.get_by_label("Title").fill("What runs")
    await page.get_by_label("Where it comes from").select_option("containers.list")
    await page.get_by_label("The words of each line").select_option("/name")
    await page.get_by_role("button", name="Put on Home").click()
    await page.get_by_role("button", name="Done").click()
    widget = page.get_by_role("region", name="What runs")
    await expect(widget.get_by_text("jellyfin")).to_be_visible()
    await check_no_sideways_scroll(page, "home with a widget")


async def test_a_hostile_manifest_is_only_text(home: House, phone: Page) -> None:
    long = ("\u202eمرحبا 👩‍👩‍👧‍👦 " * 9)[:79].strip()
    source = {"operation": "containers.list", "path": "/__proto__/constructor"}
    links = [{"title": MARKUP, "url": 'http://127.0.0.1:1/"onclick=alert(1)'}, {"title": long, "url": "/containers"}]
    for manifest in (
        {"kind": "text", "title": MARKUP, "text": f"{MARKUP}\n<script>document.title='run'</script>\n{'x' * 1500}"},
        {"kind": "links", "title": long, "links": links},
        {"kind": "stat", "title": "Nowhere", "source": source, "unit": "<b>kg</b>"},
        {"kind": "list", "title": "x" * 80, "source": {"operation": "containers.list"}, "labelPath": "/name"},
        {
            "kind": "chart",
            "title": "Odd",
            "source": {"operation": "containers.list", "path": "/0/name"},
            "unit": "</p>",
        },
    ):
        answer = await home.admin.post("/api/widgets", {"manifest": manifest})
        assert answer.status == 200, answer.text
    page = phone
    await page.goto("/")
    await expect(page.get_by_role("heading", name=MARKUP)).to_be_visible(timeout=15_000)
    await expect(page.get_by_text("<script>document.title").first).to_be_visible()
    await expect(page.get_by_role("region", name="Nowhere").get_by_text("–")).to_be_visible()
    assert await page.locator("main img, main script").count() == 0
    assert "run" not in await page.title()
    await check_accessibility(page, "hostile widgets")
    await check_no_sideways_scroll(page, "hostile widgets")


async def test_what_needs_attention_has_one_button_that_leads_there(home: House, desk: Page) -> None:
    page = desk
    await page.goto("/")
    concern = page.get_by_role("listitem").filter(has_text="immich is running but not healthy")
    await expect(concern.get_by_role("link")).to_have_count(1, timeout=15_000)
    await concern.get_by_role("link", name="See log").click()
    await page.wait_for_url("**/containers/*/logs")
