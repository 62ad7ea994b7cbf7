"""What a household does with the dashboard, on a real Docker Engine. Moving in, the first of twelve: test_story."""

import asyncio
import re
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from talome.accounts.factors.totp import code_at
from tests.support.browser import PHONE, check_no_sideways_scroll, open_browser, open_page
from tests.support.docker_engine import EngineDaemon
from tests.support.house import PASSWORD, House, open_house

pytestmark = [pytest.mark.docker, pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]
SLOW_MS = 15_000
ORDER = "[...document.querySelectorAll('[data-handle]')].map((each) => each.ariaLabel).join()"
CHATTY = ["sh", "-c", "n=0; while true; do n=$((n+1)); echo step $n is done; sleep 0.1; done"]
IDLE = ["sh", "-c", "trap 'exit 0' TERM; sleep 600 & wait"]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def engine(docker_daemon: EngineDaemon) -> AsyncIterator[EngineDaemon]:
    docker_daemon.run(CHATTY, name="jellyfin")
    for name in ("immich", "paperless"):
        docker_daemon.run(IDLE, name=name)
    docker_daemon.api.create_volume("left_over")
    yield docker_daemon
    await asyncio.to_thread(docker_daemon.clean)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def home(tmp_path_factory: pytest.TempPathFactory, engine: EngineDaemon) -> AsyncIterator[House]:
    folder: Path = tmp_path_factory.mktemp("home")
    async with open_house(folder, None, docker_host=engine.host) as opened:
        yield opened


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with open_browser() as opened:
        yield opened


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(home: House, browser: Browser) -> AsyncIterator[Page]:
    async with open_page(browser, home) as page:
        yield page


async def state_of(home: House, name: str) -> str:
    return str((await home.admin.get(f"/api/containers/{name}")).json["state"])


async def until_state(home: House, name: str, state: str) -> None:
    async with asyncio.timeout(15):
        while await state_of(home, name) != state:
            await asyncio.sleep(0.05)


async def test_signing_in_with_a_second_factor(home: House, browser: Browser) -> None:
    mia = await home.member("mia")
    secret = (await mia.post("/api/auth/totp", {"password": PASSWORD})).json["secret"]
    now = int(time.time() // 30)
    assert (await mia.post("/api/auth/totp/confirm", {"code": code_at(secret, now - 1)})).status == 200
    async with open_page(browser, home, signed_in=False, expected="status of 401") as page:
        await page.goto("/")
        await page.get_by_label("Username").fill("mia")
        await page.get_by_label("Password", exact=True).fill(PASSWORD)
        await page.keyboard.press("Enter")
        await page.get_by_label("Code", exact=True).fill(code_at(secret, int(time.time() // 30)))
        await expect(page.get_by_role("link", name="Home", exact=True).first).to_be_visible(timeout=SLOW_MS)


async def test_stopping_several(home: House, desk: Page) -> None:
    await desk.goto("/containers")
    for name in ("immich", "paperless"):
        await desk.get_by_label(f"Select {name}").check(timeout=SLOW_MS)
    await desk.get_by_role("toolbar", name="2 selected").get_by_role("button", name="Stop").click()
    await desk.get_by_role("dialog").get_by_role("button", name="Stop").click()
    for name in ("immich", "paperless"):
        await until_state(home, name, "exited")
    await expect(desk.locator("tbody").get_by_text("Stopped", exact=True)).to_have_count(2, timeout=SLOW_MS)
    await desk.get_by_role("button", name=re.compile("^Jobs")).click()
    await expect(desk.get_by_role("dialog", name="Jobs").get_by_text("Done").first).to_be_visible(timeout=SLOW_MS)


async def test_following_and_searching_a_log(home: House, desk: Page) -> None:
    await desk.goto("/containers/jellyfin/logs")
    log = desk.get_by_role("log")
    await expect(log.get_by_text(re.compile(r"step \d+ is done")).first).to_be_visible(timeout=SLOW_MS)
    last = log.locator("[data-text]").last
    before = await last.text_content()
    await expect(last).not_to_have_text(before or "")
    await desk.keyboard.press("/")
    await desk.keyboard.type("is done")
    await expect(log.locator("mark").first).to_be_visible(timeout=SLOW_MS)
    assert await state_of(home, "jellyfin") == "running"


async def test_undoing_a_setting(home: House, desk: Page) -> None:
    await desk.goto("/settings#system.disk_warning_percent")
    limit = desk.get_by_role("textbox", name="Warn when a disk is this full", exact=True)
    await limit.fill("80", timeout=SLOW_MS)
    await limit.press("Enter")
    await expect(desk.get_by_text("Setting saved")).to_be_visible()
    await desk.get_by_role("region", name="Messages").get_by_role("button", name="Undo").click()
    await expect(limit).to_have_value("90")
    assert (await home.admin.get("/api/settings")).json["system.disk_warning_percent"] == 90


async def test_revoking_a_session_elsewhere(home: House, browser: Browser) -> None:
    await home.member("ben", ["containers:read"])
    async with (
        open_page(browser, home, username="ben", expected="status of 401") as lost,
        open_page(browser, home, username="ben", user_agent="Mozilla/5.0 (iPhone) Version/18 Safari/605") as page,
    ):
        await lost.goto("/containers")
        await expect(lost.get_by_text("jellyfin").first).to_be_visible(timeout=SLOW_MS)
        await page.goto("/account")
        section = page.get_by_role("region", name="Signed in on")
        await section.get_by_role("button", name="End all others").click(timeout=SLOW_MS)
        await page.get_by_role("dialog").get_by_role("button", name="End all others").click()
        await expect(lost.get_by_label("Username")).to_be_visible(timeout=SLOW_MS)


async def test_a_push_message_arrives(home: House, browser: Browser) -> None:
    options = {"service_workers": "allow", "permissions": ["notifications"]}
    async with open_page(browser, home, **options) as page:
        session = await page.context.new_cdp_session(page)
        registrations: list[str] = []
        session.on(
            "ServiceWorker.workerRegistrationUpdated",
            lambda event: registrations.extend(item["registrationId"] for item in event["registrations"]),
        )
        await session.send("ServiceWorker.enable")
        await page.goto("/")
        await page.evaluate("navigator.serviceWorker.ready.then(() => 0)")
        message = '{"title": "immich stopped", "body": "Its log may say why.", "link": "/containers", "tag": "t"}'
        told = {"origin": home.base, "registrationId": registrations[-1], "data": message}
        await session.send("ServiceWorker.deliverPushMessage", told)
        await page.wait_for_function(
            "navigator.serviceWorker.ready.then((worker) => worker.getNotifications())"
            ".then((shown) => shown.some(({ title }) => title === 'immich stopped'))"
        )


async def test_arranging_home_by_keyboard(desk: Page) -> None:
    await desk.goto("/")
    await desk.get_by_role("button", name="Arrange").press("Enter", timeout=SLOW_MS)
    processor = desk.get_by_role("button", name="Move Processor")
    await processor.focus(timeout=SLOW_MS)
    before = await desk.evaluate(ORDER)
    await processor.press("Enter")
    await expect(desk.locator("[data-picked]")).to_be_visible()
    await desk.keyboard.press("ArrowRight")
    await desk.wait_for_function(f"(before) => {ORDER} !== before", arg=before)
    async with desk.expect_response("**/api/widgets/layout"):
        await desk.keyboard.press("Enter")
    after = await desk.evaluate(ORDER)
    await desk.get_by_role("button", name="Done").press("Enter")
    await desk.reload()
    await desk.get_by_role("button", name="Arrange").press("Enter", timeout=SLOW_MS)
    await expect(processor).to_be_visible(timeout=SLOW_MS)
    await desk.wait_for_function(f"(after) => {ORDER} === after", arg=after)


@pytest.mark.whole  # twelve seconds of waiting
async def test_going_offline_and_coming_back(home: House, browser: Browser) -> None:
    async with open_page(browser, home, service_workers="allow", expected="net::ERR_") as page:
        await page.goto("/containers")
        await expect(page.get_by_text("jellyfin").first).to_be_visible(timeout=SLOW_MS)
        await page.evaluate("navigator.serviceWorker.ready.then(() => 0)")
        await page.wait_for_function("navigator.serviceWorker.controller !== null")
        await page.context.set_offline(True)
        await page.reload()
        await expect(page.get_by_role("heading", name="Your server cannot be reached")).to_be_visible(timeout=SLOW_MS)
        await page.context.set_offline(False)
        await expect(page.get_by_text("jellyfin").first).to_be_visible(timeout=30_000)


@pytest.mark.whole  # a quarter of a minute
async def test_on_a_phone(home: House, browser: Browser) -> None:
    async with open_page(browser, home, viewport=PHONE, has_touch=True, is_mobile=True) as page:
        await page.goto("/")
        await page.get_by_role("link", name="Containers", exact=True).last.tap(timeout=SLOW_MS)
        await page.get_by_role("button", name="Actions for jellyfin").tap(timeout=SLOW_MS)
        await page.get_by_role("menuitem", name="Restart").tap()
        await expect(page.get_by_text("jellyfin is running again")).to_be_visible(timeout=SLOW_MS)
        await check_no_sideways_scroll(page, "containers on a phone")
        assert await state_of(home, "jellyfin") == "running"


@pytest.mark.whole  # a quarter of a minute; test_search_page looks at the same box
async def test_the_search_opens_and_acts(home: House, desk: Page) -> None:
    await desk.goto("/")
    await expect(desk.get_by_role("link", name="Home", exact=True).first).to_be_visible(timeout=SLOW_MS)
    search = desk.get_by_role("combobox", name="Search apps, files, settings, people and actions")
    await desk.keyboard.press("Control+k")
    await expect(search).to_be_focused(timeout=SLOW_MS)
    await desk.keyboard.type("stop jelly")
    await expect(desk.get_by_role("option", name="Stop jellyfin")).to_be_visible(timeout=SLOW_MS)
    await desk.keyboard.press("Enter")
    await until_state(home, "jellyfin", "exited")
    await desk.get_by_role("region", name="Messages").get_by_role("button", name="Undo").click()
    await until_state(home, "jellyfin", "running")
    await desk.keyboard.press("Control+k")
    await expect(search).to_be_focused()
    await desk.keyboard.type("disk full")
    await desk.keyboard.press("Enter")
    await expect(desk).to_have_url(re.compile(r"/settings#system\.disk"))


async def test_cleaning_up_and_taking_it_back(engine: EngineDaemon, desk: Page) -> None:
    await desk.goto("/system/cleanup")
    await desk.get_by_role("checkbox", name="Select left_over", exact=True).check(timeout=SLOW_MS)
    await desk.get_by_role("button", name="Clean up").click()
    dialog = desk.get_by_role("dialog", name="Clean up?")
    await expect(dialog.get_by_text(re.compile("volume moves to the trash"))).to_be_visible()
    await dialog.get_by_role("button", name="Clean up").click()
    await expect(desk.get_by_text(re.compile("volume lies in the trash"))).to_be_visible(timeout=30_000)
    assert "left_over" not in [each["Name"] for each in engine.api.volumes()["Volumes"] or ()]
    await desk.get_by_role("button", name=re.compile("Bring the volume")).click()
    await expect(desk.get_by_text("The trash is empty.")).to_be_visible(timeout=30_000)
    assert "left_over" in [each["Name"] for each in engine.api.volumes()["Volumes"]]
