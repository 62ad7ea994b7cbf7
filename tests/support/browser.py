"""Chromium, driven by Playwright. A page that breaks the Content-Security-Policy or writes an error fails its test."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http.cookies import SimpleCookie
from typing import Any

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, async_playwright

from tests.support.house import ADMIN, PASSWORD, House

CHROMIUM = "/usr/bin/chromium"
_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
_AXE_OPTIONS = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
_WATCH_CSP = """
document.addEventListener("securitypolicyviolation", (event) =>
  console.error("CSP: " + event.violatedDirective + " " + event.blockedURI))
"""
DESKTOP, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}


@asynccontextmanager
async def open_browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=_FLAGS)
        yield browser
        await browser.close()


@asynccontextmanager
async def open_page(
    browser: Browser,
    house: House,
    *,
    signed_in: bool = True,
    username: str = ADMIN,
    expected: str = "\0",
    **options: Any,
) -> AsyncIterator[Page]:
    """A page on the house's dashboard. On leaving it fails where the browser told of anything but the `expected`."""
    if signed_in:
        options["storage_state"] = await sign_in_browser(house, username)
    context = await browser.new_context(base_url=house.base, **{"viewport": DESKTOP, **options})
    await context.add_init_script(_WATCH_CSP)
    page = await context.new_page()
    problems: list[str] = []
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: problems.append(str(error)))
    yield page
    await context.close()
    problems = [problem for problem in problems if expected not in problem]
    assert not problems, "\n".join(problems)


async def sign_in_browser(house: House, username: str = ADMIN, password: str = PASSWORD) -> dict[str, Any]:
    """What a browser keeps after a sign-in, as Playwright's storage state: the cookie, and the proof beside it."""
    body = {"username": username, "password": password}
    answer = await house.nobody.post("/api/auth/login", body, headers={"Origin": house.base})
    assert answer.status == 200, answer.text
    cookie = {
        "name": "talome_session",
        "value": SimpleCookie(answer.headers["Set-Cookie"])["talome_session"].value,
        "domain": "127.0.0.1",
        "path": "/",
        "expires": -1,
        "httpOnly": True,
        "secure": False,
        "sameSite": "Lax",
    }
    proof = {"name": "talome.proof", "value": answer.json["proof"]}
    return {"cookies": [cookie], "origins": [{"origin": house.base, "localStorage": [proof]}]}


async def check_accessibility(page: Page, what: str) -> None:
    results = await Axe().run(page, options=_AXE_OPTIONS)
    found = [f"{item['id']}: {item['nodes'][0]['html'][:200]}" for item in results.response["violations"]]
    assert not found, f"{what}: {found}"


async def check_no_sideways_scroll(page: Page, what: str) -> None:
    wide = await page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    assert not wide, f"{what} scrolls sideways"
