"""The pages of the dashboard in a real browser: accessible in every form, and honest when Docker is gone."""

import re

import pytest
import yarl
from playwright.async_api import Browser, Page, expect

from tests.fakes.docker import FakeEngine
from tests.support.browser import DESKTOP, PHONE, check_accessibility, check_every_form, open_page
from tests.support.house import ADMIN, PASSWORD, House, open_house

pytestmark = pytest.mark.browser
PAGES = (
    "/",
    "/containers",
    "/containers/jellyfin",
    "/containers/jellyfin/logs",
    "/containers/jellyfin/inspect",
    "/containers/jellyfin/environment",
    "/containers/jellyfin/events",
    "/containers/jellyfin/console",
    "/containers/-/logs?of=jellyfin,immich",
    "/account",
    "/people",
    "/audit",
    "/store/-/sources",
    "/terminal",
    "/notifications",
    "/nothing-here",
)
PARTS = 4  # so that none comes near the time limit


@pytest.fixture
def furnished(fake: FakeEngine) -> FakeEngine:
    fake.add_container("jellyfin", command=("jellyfin",))
    fake.add_container("immich", command=("immich",))
    return fake


async def settled(page: Page) -> None:
    """The frame is there, and the page shows its content and no skeleton."""
    await expect(page.get_by_role("link", name="Home", exact=True).first).to_be_visible(timeout=15_000)
    await expect(page.get_by_role("heading").first).to_be_visible(timeout=15_000)
    await page.wait_for_load_state("networkidle")


@pytest.mark.parametrize("part", range(PARTS))
async def test_every_page_is_accessible_in_every_form(
    furnished: FakeEngine, house: House, browser: Browser, part: int
) -> None:
    no_terminal_process = "status of 503"
    async with open_page(browser, house, expected=no_terminal_process) as page:
        for path in PAGES[part::PARTS]:
            await page.set_viewport_size(DESKTOP)
            await page.goto(path)
            await settled(page)
            await check_every_form(page, path)


async def test_signing_in_is_accessible_in_every_form(house: House, browser: Browser) -> None:
    async with open_page(browser, house, signed_in=False) as page:
        await page.goto("/")
        await expect(page.get_by_role("heading", level=1)).to_be_visible()
        await check_every_form(page, "sign-in")


async def test_signing_in_by_keyboard_alone(house: House, browser: Browser) -> None:
    async with open_page(browser, house, signed_in=False) as page:
        await page.goto("/")
        await expect(page.get_by_label("Username")).to_be_focused()
        await page.keyboard.type(ADMIN)
        await page.keyboard.press("Tab")
        await page.keyboard.type(PASSWORD)
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("link", name="Containers", exact=True).first).to_be_visible(timeout=15_000)
        await page.keyboard.press("Control+k")
        await expect(page.get_by_role("dialog")).to_be_visible()
        await page.keyboard.type("contain")
        await page.keyboard.press("Enter")
        await expect(page).to_have_url(re.compile("/containers"))


async def test_a_phone_keeps_the_rest_behind_more(house: House, browser: Browser) -> None:
    async with open_page(browser, house, viewport=PHONE) as page:
        await page.goto("/")
        await page.get_by_role("button", name="More").click()
        await expect(page.get_by_role("link", name="System", exact=True)).to_be_visible()
        await check_accessibility(page, "more")
        await page.get_by_role("link", name="System", exact=True).click()
        await expect(page).to_have_url(re.compile("/system"))
        await expect(page.get_by_role("link", name="System", exact=True)).to_be_hidden()


async def test_docker_gone_is_said_and_so_is_that_it_is_back(
    furnished: FakeEngine, house: House, browser: Browser
) -> None:
    async with open_page(browser, house) as page:
        await page.goto("/containers")
        await expect(page.get_by_text("jellyfin").first).to_be_visible(timeout=15_000)
        furnished.outage("refused")
        await expect(page.get_by_text(re.compile("Docker", re.IGNORECASE)).first).to_be_visible(timeout=20_000)
        await expect(page.get_by_text("jellyfin").first).to_be_visible()
        await check_accessibility(page, "containers while Docker is gone")
        furnished.outage(None)


async def test_a_session_that_ends_leads_to_the_sign_in(house: House, browser: Browser) -> None:
    async with open_page(browser, house) as page:
        await page.goto("/containers")
        await settled(page)
        body = {"currentPassword": PASSWORD, "newPassword": "another long one"}
        other = await house.sign_in(ADMIN, PASSWORD)
        assert (await other.post("/api/auth/password", body)).status == 200
        await expect(page.get_by_label("Username")).to_be_visible(timeout=15_000)


async def test_a_member_sees_only_what_a_member_may_use(house: House, browser: Browser) -> None:
    await house.member("ben", ["system:read"])
    async with open_page(browser, house, username="ben") as page:
        await page.goto("/")
        await settled(page)
        await expect(page.get_by_role("link", name="Home", exact=True).first).to_be_visible()
        await expect(page.get_by_role("link", name="Containers", exact=True)).to_have_count(0)


async def test_without_a_build_the_server_says_how_to_make_one(tmp_path, furnished: FakeEngine) -> None:
    from talome.dashboard.http import Dashboard

    assert b"scripts/build-ui" in Dashboard(tmp_path / "none")._shell
    async with open_house(tmp_path / "x", furnished) as house:
        answer = await house.nobody.get("/containers/jellyfin")
        assert answer.status == 200
        policy = answer.headers["Content-Security-Policy"]
        assert "script-src 'self';" in policy
        assert "unsafe" not in policy
        nonce = re.search(r"'nonce-([\w-]+)'", policy)
        assert nonce is not None
        assert nonce[1] in answer.text
        for path in ("/assets/..%2f..%2f..%2fetc%2fpasswd", "/%2e%2e/%2e%2e/etc/passwd.txt", "/assets//etc/passwd"):
            async with house.nobody.http.get(yarl.URL(house.base + path, encoded=True)) as response:
                assert response.status in (400, 404), path
        assert (await house.nobody.get("/assets/gone.js")).status == 404
