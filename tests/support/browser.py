"""Chromium, driven by Playwright. A page that breaks the Content-Security-Policy or writes an error fails its test."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http.cookies import SimpleCookie
from typing import Any, Literal

from axe_playwright_python.base import AXE_SCRIPT
from playwright.async_api import Browser, Page, ViewportSize, async_playwright, expect

from tests.support.house import ADMIN, PASSWORD, House

CHROMIUM = "/usr/bin/chromium"
SHELL = "/usr/bin/chromium-headless-shell"
"""The same engine without a window around it, which takes half of the processor's time."""
expect.set_options(timeout=15_000)  # two suites on two cores: what is quick for a person may take a test ten seconds
_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
_SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
_EVERYTHING = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
_COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
_AXE_RUN = """
async (runOnly) => {
  const found = await axe.run(document, { runOnly, resultTypes: ["violations"] });
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes[0].html.slice(0, 200)}`);
}
"""
_WATCH_CSP = """
document.addEventListener("securitypolicyviolation", (event) =>
  console.error("CSP: " + event.violatedDirective + " " + event.blockedURI))
"""
_SHOWN_IN = """
(scheme) => document.documentElement.dataset.mantineColorScheme === scheme
  && document.getAnimations().every((each) => !(each instanceof CSSTransition))
"""
DESKTOP, PHONE = ViewportSize(width=1440, height=900), ViewportSize(width=390, height=844)


@asynccontextmanager
async def open_browser(program: str = SHELL) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=_FLAGS)
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
    # A service worker would load the whole dashboard beside the test; those that are about it allow it.
    defaults = {"viewport": DESKTOP, "service_workers": "block", "reduced_motion": "reduce"}
    context = await browser.new_context(base_url=house.base, **{**defaults, **options})
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


async def check_accessibility(page: Page, what: str, *, colours_only: bool = False) -> None:
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(AXE_SCRIPT)
    # The package's own way brings back megabytes that nobody reads.
    found = await page.evaluate(_AXE_RUN, _COLOURS if colours_only else _EVERYTHING)
    assert not found, f"{what}: {found}"


async def check_every_form(page: Page, what: str) -> None:
    """The page as it stands is accessible and fits, light and dark, on a desktop and on a telephone. A telephone shows
    light what the desktop does, so there only the other scheme is looked at; the schemes share their elements, so on a
    desktop the second can only be wrong in its colours."""
    for viewport, scheme, only_colours in ((DESKTOP, "light", False), (DESKTOP, "dark", True), (PHONE, "dark", False)):
        await page.set_viewport_size(viewport)
        await page.emulate_media(color_scheme=scheme)
        await page.wait_for_function(_SHOWN_IN, arg=scheme)
        await check_accessibility(page, f"{what} {scheme} {viewport['width']}", colours_only=only_colours)
        await check_no_sideways_scroll(page, f"{what} {viewport['width']}")


async def check_no_sideways_scroll(page: Page, what: str) -> None:
    wide = await page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    assert not wide, f"{what} scrolls sideways"
