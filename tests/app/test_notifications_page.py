"""The bell, the page of notifications, push messages in a real browser, and the dashboard without its server."""

import asyncio
import json
import re
import shutil
import socket
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Error, Page, expect

from talome.dashboard.http import STATIC, Dashboard
from tests.fakes.docker import FakeEngine
from tests.support.browser import (
    CHROMIUM,
    PHONE,
    check_accessibility,
    check_no_sideways_scroll,
    open_browser,
    open_page,
)
from tests.support.house import House, open_house

pytestmark = pytest.mark.browser
HOSTILE = "<img src=x onerror=alert(1)>" + "\u202e" + "اسم" + "💥" * 20 + "x" * 200
NETWORK = "net::ERR_"


def bell(page: Page, unread: int) -> Any:
    return page.get_by_role("button", name=f"Notifications, {unread} unread", exact=True)


async def at_work(page: Page) -> None:
    """The service worker is active and holds this page."""
    await page.evaluate(
        "navigator.serviceWorker.ready.then(() => navigator.serviceWorker.controller ? 0 : new Promise((done) =>"
        " navigator.serviceWorker.addEventListener('controllerchange', done, { once: true }))).then(() => 0)"
    )


async def becomes(page: Page, script: str, wanted: Any, timeout_s: float = 15) -> None:
    """The script is asked again until it has this value; the page may load anew meanwhile."""
    found: Any = None
    with suppress(TimeoutError):
        async with asyncio.timeout(timeout_s):
            while found != wanted:
                with suppress(Error):
                    found = await page.evaluate(script)
                await asyncio.sleep(0.05)
    assert found == wanted


async def cached(page: Page) -> list[str]:
    """The paths in all caches of the origin."""
    paths: list[str] = await page.evaluate(
        "caches.keys().then((names) => Promise.all(names.map(async (name) => (await (await caches.open(name)).keys())"
        ".map((request) => new URL(request.url).pathname)))).then((lists) => lists.flat())"
    )
    return paths


async def test_the_bell_rings_and_is_read(house: House, fake: FakeEngine, browser: Browser) -> None:
    boxes = [fake.add_container(name) for name in ("jellyfin", "immich", HOSTILE)]
    async with open_page(browser, house) as page:
        await page.goto("/")
        await expect(bell(page, 0)).to_be_visible(timeout=15_000)
        fake.end_container(boxes[0].id, 1)
        await expect(bell(page, 1)).to_be_visible()
        for _ in range(5):
            fake.end_container(boxes[1].id, 1)
            fake.run(boxes[1])
        await expect(bell(page, 2)).to_be_visible()
        fake.end_container(boxes[2].id, 1)
        await bell(page, 3).click()
        panel = page.get_by_role("dialog", name="Notifications")
        await expect(panel.get_by_text("5 times")).to_be_visible()
        await expect(panel.locator("img")).to_have_count(0)
        await expect(panel.get_by_text("<img src=x")).to_be_visible()
        await check_accessibility(page, "the bell's panel")
        await panel.get_by_role("button", name="Mark as read: immich stopped unexpectedly").click()
        await expect(bell(page, 2)).to_be_visible()
        await panel.get_by_role("link", name=re.compile("jellyfin stopped unexpectedly")).click()
        await expect(page).to_have_url(re.compile(r"/containers/\w+/logs$"))
        await expect(bell(page, 1)).to_be_visible()
        await page.keyboard.press("Escape")
        await bell(page, 1).press("Enter")
        await expect(panel.get_by_role("heading", name="Notifications")).to_be_focused()
        await panel.get_by_role("button", name="Mark all as read").press("Enter")
        await expect(bell(page, 0)).to_be_visible()
        await panel.get_by_role("link", name="All notifications").click()
        await expect(page.get_by_role("heading", name="History")).to_be_visible()
        await page.get_by_text("Unread", exact=True).click()
        await expect(page.get_by_text("You have read everything.")).to_be_visible()
        fake.announce("container", "oom", boxes[1].id, {"name": "immich"})
        await expect(page.get_by_role("link", name=re.compile("immich ran out of memory"))).to_be_visible()


@pytest.mark.whole  # twelve seconds
async def test_on_a_phone_and_where_push_is_impossible(house: House, fake: FakeEngine, browser: Browser) -> None:
    box = fake.add_container(HOSTILE)
    async with open_page(browser, house, viewport=PHONE, has_touch=True, color_scheme="dark") as page:
        await page.goto("/")
        await expect(bell(page, 0)).to_be_visible(timeout=15_000)
        fake.end_container(box.id, 1)
        await bell(page, 1).tap()
        await expect(
            page.get_by_role("dialog", name="Notifications").get_by_text("Its log may say why.")
        ).to_be_visible()
        await check_accessibility(page, "the bell on a phone")
        small = await page.evaluate(
            "[...document.querySelectorAll('[role=dialog] button, [role=dialog] a')].filter((one) =>"
            " one.getBoundingClientRect().height < 44).map((one) => one.outerHTML)"
        )
        assert small == []
        await check_no_sideways_scroll(page, "the bell on a phone")
        await page.goto("/notifications")
        await expect(page.get_by_text("Its log may say why.")).to_be_visible()
        await check_accessibility(page, "notifications on a phone")
        await check_no_sideways_scroll(page, "notifications on a phone")
        await page.get_by_text("On your devices", exact=True).first.tap()
        await expect(page.get_by_text("Turn on for this device")).to_be_visible()
        await check_accessibility(page, "devices on a phone")
        await check_no_sideways_scroll(page, "notifications on a phone")
    async with open_page(browser, house) as page:
        await page.add_init_script("Object.defineProperty(window, 'isSecureContext', { value: false })")
        await page.goto("/notifications")
        await expect(page.get_by_text("This address is not secure")).to_be_visible(timeout=15_000)
        await expect(page.get_by_text("begins with https://")).to_be_visible()
        await expect(page.get_by_role("button", name="Turn on for this device")).to_have_count(0)


async def test_a_push_message_is_shown_and_leads_to_its_page(house: House) -> None:
    options = {"service_workers": "allow", "permissions": ["notifications"]}
    async with open_browser(CHROMIUM) as browser, open_page(browser, house, **options) as page:
        await page.goto("/")
        await expect(bell(page, 0)).to_be_visible(timeout=15_000)
        session = await page.context.new_cdp_session(page)
        registrations: list[str] = []
        session.on(
            "ServiceWorker.workerRegistrationUpdated",
            lambda event: registrations.extend(item["registrationId"] for item in event["registrations"]),
        )
        await session.send("ServiceWorker.enable")
        await at_work(page)
        told = {"title": "<b>web</b> stopped", "body": "Its log may say why.", "link": "/containers", "tag": "t1"}
        shown = (
            "navigator.serviceWorker.ready.then((worker) => worker.getNotifications()).then((all) => all.map((one) => "
        )
        shown += "[one.title, one.body, one.data.link]).sort())"
        first, again = (["<b>web</b> stopped", body, "/containers"] for body in ("Its log may say why.", "again"))
        for message, found in (
            (json.dumps(told), [first]),
            (json.dumps({**told, "body": "again"}), [again]),
            ("no JSON", [again, ["Talome", "", None]]),
        ):
            push = {"origin": house.base, "registrationId": registrations[-1], "data": message}
            for _ in range(5):  # Chromium says nothing where it could not hand a message over; it replaces itself
                await session.send("ServiceWorker.deliverPushMessage", push)
                with suppress(AssertionError):
                    await becomes(page, shown, found, timeout_s=3)
                    break
            await becomes(page, shown, found, timeout_s=1)
        [worker] = page.context.service_workers
        for link, path in (("/notifications", "/notifications"), ("https://evil.example/x", "/")):
            # Without a click of a person the browser gives no focus; the way there is what counts.
            await worker.evaluate("(link) => show(link).catch(() => null)", link)
            await expect(page).to_have_url(house.base + path)


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def next_release(folder: Path) -> Path:
    """The same dashboard under another build's name."""
    shutil.copytree(STATIC, folder)
    build = json.loads((STATIC / "build.json").read_text())["build"]
    for name in ("build.json", "sw.js", "index.html"):
        file = folder / name
        file.write_text(file.read_text().replace(build, "f" * 16))
        for packed in (file.with_name(f"{name}.br"), file.with_name(f"{name}.gz")):
            packed.unlink(missing_ok=True)
    return folder


@pytest.mark.whole  # half a minute
@pytest.mark.timeout(120)  # the worker fetches the whole dashboard, twice
async def test_without_the_server_and_back_with_a_new_release(
    tmp_path: Path, fake: FakeEngine, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake.add_container("jellyfin")
    port, home = free_port(), tmp_path / "home"
    kept: dict[str, Any] = {}
    async with open_house(home, fake, port=port) as house:
        opened = open_page(browser, house, service_workers="allow", expected=NETWORK)
        page = await opened.__aenter__()
        await page.goto("/containers")
        await expect(page.get_by_text("jellyfin").first).to_be_visible(timeout=15_000)
        await at_work(page)
        kept["paths"] = await cached(page)
    assert "/" in kept["paths"]
    assert all(path == "/" or path.startswith("/assets/") for path in kept["paths"]), kept["paths"]

    # What was last known stays, and is said to be old.
    await expect(
        page.get_by_text(re.compile("connection to your server was lost|This device is offline"))
    ).to_be_visible(timeout=15_000)
    await expect(page.get_by_text("What you see is from")).to_be_visible()
    await expect(page.get_by_text("jellyfin").first).to_be_visible()

    # Opened anew there is the frame, and the reason why there is no more.
    await page.reload()
    await expect(page.get_by_role("heading", name="Your server cannot be reached")).to_be_visible(timeout=15_000)
    await expect(page.get_by_role("link", name="Containers", exact=True).first).to_be_visible()
    await check_accessibility(page, "without the server")
    await page.goto("/notifications")
    await expect(page.get_by_role("heading", name="Your server cannot be reached")).to_be_visible(timeout=15_000)

    released = next_release(tmp_path / "released")
    monkeypatch.setattr("talome.app.Dashboard", lambda: Dashboard(released))
    again = FakeEngine()
    again.add_container("jellyfin")
    async with open_house(home, again, port=port):
        await expect(page.get_by_role("heading", name="Your server cannot be reached")).to_be_hidden(timeout=20_000)
        await expect(page.get_by_text("A new version of Talome is ready.")).to_be_visible(timeout=15_000)
        await check_accessibility(page, "a new version")
        await page.get_by_role("button", name="Reload").click()
        await becomes(page, "document.querySelector('meta[name=build]')?.content", "f" * 16)
        await expect(page.get_by_role("link", name="Containers", exact=True).first).to_be_visible(timeout=15_000)
        await becomes(page, "caches.keys().then((names) => names.join())", "talome-" + "f" * 16, timeout_s=40)
        await expect(page.get_by_text("A new version of Talome is ready.")).to_have_count(0)
        await opened.__aexit__(None, None, None)
