"""People, their rights and their second factors, and the log of what they did, in a real browser."""

import csv
import re
import time
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from talome.accounts.factors.totp import code_at
from tests.support.browser import DESKTOP, PHONE, check_accessibility, check_no_sideways_scroll, open_page
from tests.support.house import ADMIN, PASSWORD, House, Person

pytestmark = pytest.mark.browser
REFUSED = "status of 401"
"""The browser itself tells of every refused sign-in."""
HOSTILE = "<img src=x onerror=alert(1)>\u202eمريم 👩\u200d🚀 " + "n" * 55


async def check_forms(page: Page, what: str) -> None:
    """What stands there is accessible by day at a desk and by night on a phone; the pages themselves are looked at in
    all four forms elsewhere."""
    for size, scheme in ((DESKTOP, "light"), (PHONE, "dark")):
        await page.set_viewport_size(size)
        await page.emulate_media(color_scheme=scheme)
        await expect(page.locator("html")).to_have_attribute("data-mantine-color-scheme", scheme)
        await check_accessibility(page, f"{what} {scheme} {size['width']}")
        await check_no_sideways_scroll(page, what)


def code(secret: str, drift: int = 0) -> str:
    return code_at(secret, int(time.time() // 30) + drift)


async def set_up_totp(person: Person) -> str:
    secret: str = (await person.post("/api/auth/totp", {"password": PASSWORD})).json["secret"]
    assert (await person.post("/api/auth/totp/confirm", {"code": code(secret, -1)})).status == 200
    return secret


async def type_password(page: Page, username: str = ADMIN) -> None:
    await page.get_by_label("Username").fill(username)
    await page.get_by_label("Password", exact=True).fill(PASSWORD)
    await page.keyboard.press("Enter")


async def is_in(page: Page) -> None:
    await expect(page.get_by_role("link", name="Home", exact=True).first).to_be_visible(timeout=15_000)


async def test_signing_in_with_a_code_by_keyboard_alone(house: House, browser: Browser) -> None:
    secret = await set_up_totp(house.admin)
    codes = (await house.admin.post("/api/auth/recovery-codes", {"password": PASSWORD})).json["recoveryCodes"]
    async with open_page(browser, house, signed_in=False, expected=REFUSED) as page:
        await page.goto("/people")
        await type_password(page)
        field = page.get_by_label("Code", exact=True)
        await expect(field).to_be_focused()
        assert await field.get_attribute("autocomplete") == "one-time-code"
        await page.keyboard.type("000000")
        await expect(page.get_by_text("This code is wrong")).to_be_visible()
        await expect(field).to_have_attribute("aria-invalid", "true")
        await check_forms(page, "second step")
        await page.keyboard.type(code(secret))
        await expect(page.get_by_role("heading", name="People")).to_be_visible(timeout=15_000)
    async with open_page(browser, house, signed_in=False, expected=REFUSED) as page:
        await page.goto("/")
        await type_password(page)
        await page.get_by_role("button", name="Back to sign-in").click()
        await type_password(page)
        await page.get_by_role("button", name="Use a recovery code").click()
        await page.get_by_label("Recovery code").fill(codes[0])
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("You have 7 recovery codes left.")).to_be_visible()
        await page.get_by_role("button", name="Go to your server").click()
        await is_in(page)


async def test_setting_up_an_authenticator_app(house: House, browser: Browser) -> None:
    other = await house.sign_in(ADMIN, PASSWORD)
    async with open_page(browser, house, expected="status of 403") as page:
        await page.goto("/account")
        await page.get_by_role("button", name="Set up an authenticator app").click()
        dialog = page.get_by_role("dialog")
        await dialog.get_by_label("Password").fill("wrong one")
        await page.keyboard.press("Enter")
        await expect(dialog.get_by_text("That is not your current password.")).to_be_visible()
        await dialog.get_by_label("Password").fill(PASSWORD)
        await page.keyboard.press("Enter")
        await expect(dialog.get_by_role("img", name="QR code")).to_be_visible()
        await check_accessibility(page, "QR code")
        secret = "".join((await dialog.locator("code").inner_text()).split())
        await dialog.get_by_label("The code that the app shows now").fill(code(secret))
        await dialog.get_by_role("button", name="Confirm").click()
        await expect(page.get_by_role("button", name="Remove the authenticator app")).to_be_visible()
        await expect(page.get_by_text("Passkeys need a name")).to_be_visible()
        await check_forms(page, "account")
    assert (await other.get("/api/auth/me")).status == 401


async def add_authenticator(page: Page) -> None:
    """A key that says yes to everything, through the browser's own protocol."""
    session = await page.context.new_cdp_session(page)
    await session.send("WebAuthn.enable")
    options: dict[str, Any] = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    await session.send("WebAuthn.addVirtualAuthenticator", {"options": options})


async def test_a_passkey_is_made_used_renamed_and_removed(house: House, browser: Browser) -> None:
    there = house.base.replace("127.0.0.1", "localhost")  # an address can have no passkeys
    async with open_page(browser, house, signed_in=False, expected=REFUSED) as page:
        await add_authenticator(page)
        await page.goto(f"{there}/account")
        await type_password(page)
        await page.get_by_role("button", name="Add a passkey").click()
        dialog = page.get_by_role("dialog")
        await dialog.get_by_label("Name").fill(HOSTILE[:99])
        await dialog.get_by_label("Password").fill(PASSWORD)
        await page.keyboard.press("Enter")
        await expect(dialog).to_be_hidden(timeout=10_000)
        row = page.get_by_role("listitem").filter(has_text="for localhost")
        await expect(row).to_contain_text("not used yet")
        await row.get_by_role("button", name="Rename").click()
        await dialog.get_by_label("Name").fill("Blue key")
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("Blue key")).to_be_visible()
        await page.get_by_role("button", name=re.compile("Your account")).first.click()
        await page.get_by_role("button", name="Sign out").click()
        await expect(page.get_by_text("You are signed out.")).to_be_visible(timeout=15_000)
        await type_password(page)
        await page.get_by_role("button", name="Use a passkey").click()
        await expect(page.get_by_text("Blue key")).to_be_visible(timeout=15_000)
        await expect(row).to_contain_text("last used")
        await page.get_by_role("button", name="Remove Blue key").click()
        await dialog.get_by_label("Password").fill(PASSWORD)
        await page.keyboard.press("Enter")
        await expect(row).to_have_count(0)
    assert (await house.nobody.post("/api/auth/login", {"username": ADMIN, "password": PASSWORD})).status == 200


async def test_a_revoked_session_falls_back_to_the_sign_in(house: House, browser: Browser) -> None:
    async with (
        open_page(browser, house, expected=REFUSED) as other,
        open_page(browser, house, user_agent="Mozilla/5.0 (iPhone) Version/18 Safari/605") as page,
    ):
        await other.goto("/containers")
        await is_in(other)
        await page.goto("/account")
        section = page.get_by_role("region", name="Signed in on")
        await expect(section.get_by_role("listitem")).to_have_count(3)
        await section.get_by_role("button", name="End all others").click()
        await page.get_by_role("dialog").get_by_role("button", name="End all others").click()
        await expect(section.get_by_role("listitem")).to_have_count(1)
        await expect(other.get_by_label("Username")).to_be_visible(timeout=15_000)


@pytest.mark.whole  # a third of a minute
async def test_a_member_is_added_sees_little_and_is_looked_after(house: House, browser: Browser) -> None:
    async with open_page(browser, house, expected="status of 409") as page:
        await page.goto("/people")
        await page.get_by_role("button", name="Add a person").click()
        dialog = page.get_by_role("dialog")
        add = dialog.get_by_role("button", name="Add a person")
        await dialog.get_by_label("Username").fill(ADMIN.upper())
        await add.click()
        await expect(dialog.get_by_text("Use at least 8 characters.")).to_be_visible()
        await dialog.get_by_role("button", name="Generate one").click()
        await dialog.get_by_label("They may", exact=True).select_option(label="do exactly what I choose")
        await dialog.get_by_label("Start, stop and remove them").check()
        await check_accessibility(page, "add a person")
        await dialog.get_by_label("They may", exact=True).select_option(label="look, and start and stop things")
        await add.click()
        await expect(dialog.get_by_text("This user name is taken.")).to_be_visible()
        await dialog.get_by_label("Username").fill("teen")
        await dialog.get_by_label("Name", exact=True).fill(HOSTILE)
        await dialog.get_by_label("Password", exact=True).fill(PASSWORD)
        await add.click()
        await dialog.get_by_role("button", name="Done").click()
        teen = await house.sign_in("teen", PASSWORD)
        assert "containers:write" in (await teen.get("/api/auth/me")).json["scopes"]
        identity = (await teen.get("/api/auth/me")).json["id"]
        assert (await teen.put(f"/api/users/{identity}", {"role": "admin"})).status == 403
        await set_up_totp(teen)
        await page.reload()
        row = page.get_by_role("listitem").filter(has_text="teen")
        await expect(row).to_contain_text("Authenticator app")
        await expect(row).to_contain_text("<img src=x")
        await check_forms(page, "people")
        menu = row.get_by_role("button", name="Actions for")
        await menu.click()
        await page.get_by_role("menuitem", name="Sessions").click()
        await dialog.get_by_role("button", name="End all").click()
        await expect(dialog.get_by_text("is signed in nowhere")).to_be_visible()
        await dialog.get_by_role("button", name="Close").last.click()
        assert (await teen.get("/api/auth/me")).status == 401
        await menu.click()
        await page.get_by_role("menuitem", name="Remove second factor").click()
        await dialog.get_by_role("button", name="Remove second factor").click()
        await expect(row).to_contain_text("Password only")
        async with open_page(browser, house, username="teen") as theirs:
            await theirs.goto("/people")
            await expect(theirs.get_by_text("There is no page at this address.")).to_be_visible(timeout=15_000)
            await expect(theirs.get_by_role("link", name="People", exact=True)).to_have_count(0)
            await expect(theirs.get_by_role("link", name="Containers", exact=True)).to_have_count(1)
        await menu.click()
        await page.get_by_role("menuitem", name="Delete").click()
        await expect(dialog).to_contain_text("API keys, second factors")
        await dialog.get_by_role("button", name="Delete").click()
        await expect(row).to_have_count(0)


async def test_the_log_is_filtered_read_and_exported(house: House, browser: Browser) -> None:
    member = await house.member("ben", ["containers:read"])
    identity = (await member.get("/api/auth/me")).json["id"]
    await member.post("/api/containers/x/stop")
    await house.admin.put(f"/api/users/{identity}", {"displayName": HOSTILE, "permissions": ["jobs:read"]})
    await house.nobody.post("/api/auth/login", {"username": "=cmd()", "password": "x"})
    async with open_page(browser, house) as page:
        await page.goto("/audit?outcome=denied&since=nonsense")
        await expect(page.get_by_role("button", name=re.compile("ben tried to stop a container"))).to_be_visible(
            timeout=15_000
        )
        await expect(page.get_by_role("button", name=re.compile("=cmd.. tried to sign in"))).to_be_visible()
        await page.get_by_label("How it ended").select_option(label="Any way")
        await page.get_by_label("Person").select_option(ADMIN)
        await page.get_by_label("What", exact=True).fill("users")
        await expect(page).to_have_url(re.compile(r"operation=users"))
        await expect(page.get_by_role("listitem").filter(has_text="ada")).to_have_count(2)
        await page.get_by_role("button", name=re.compile("ada changed a person")).click()
        changed = page.get_by_role("region", name="What changed")
        await expect(changed.get_by_role("row").filter(has_text="permissions")).to_contain_text(
            "containers:readjobs:read"
        )
        await expect(changed).to_contain_text("<img src=x")
        await check_forms(page, "log")
        await page.get_by_role("button", name="Export").click()
        async with page.expect_download() as download:
            await page.get_by_role("menuitem", name=re.compile("CSV")).click()
        with open(await (await download.value).path(), newline="") as file:
            rows = list(csv.DictReader(file))
        assert [row["operation"] for row in rows] == ["users.change", "users.add"]
        await page.reload()
        await expect(page.get_by_role("listitem").filter(has_text="ada")).to_have_count(2)
        await page.get_by_role("button", name="Clear filters").click()
        await expect(page).to_have_url(re.compile(r"/audit$"))


async def test_an_administrator_who_needs_one_is_led_to_it(house: House, browser: Browser) -> None:
    await house.admin.put("/api/settings", {"accounts.second_factor_for_admins": True})
    async with open_page(browser, house, signed_in=False) as page:
        await page.goto("/containers")
        await type_password(page)
        await expect(page.get_by_text("Administrators of this server need a second factor")).to_be_visible(
            timeout=15_000
        )
        await expect(page.get_by_role("link", name="Containers", exact=True)).to_have_count(0)
        await check_accessibility(page, "second factor due")
