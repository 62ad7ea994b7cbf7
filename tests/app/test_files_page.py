"""The Files page in a real browser: uploads that are cut, previews, changes by keyboard, sharing, and the trash."""

import asyncio
import hashlib
import os
import re
from pathlib import Path

import pytest
from playwright.async_api import Browser, FilePayload, Locator, Page, Route, expect

from tests.support.browser import DESKTOP, check_accessibility, check_every_form, open_page
from tests.support.house import House

pytestmark = pytest.mark.browser
PIECE = 16 * 2**20
MEDIA = bytes.fromhex(  # a picture of one pixel
    "89504e470d0a1a0a0000000d49484452000000010000000108020000009077"
    "53de0000000c49444154789c63f8cfc0000003010100c9fe92ef0000000049454e44ae426082"
)
REFUSED = "Failed to load resource"  # what a browser writes of a request that was cut or answered with a conflict


async def open_root(house: House, folder: Path, everyone: str = "write") -> str:
    folder.mkdir(parents=True, exist_ok=True)
    body = {"name": "Family", "folder": str(folder), "everyone": everyone}
    answer = await house.admin.post("/api/files/roots", body)
    assert answer.status < 300, answer.text
    return str(answer.json["path"])


def row(page: Page, name: str) -> Locator:
    return page.get_by_role("row", name=re.compile(f"Select {re.escape(name)}"))


async def open_folder(page: Page, path: str) -> None:
    await page.goto(f"/files?path={path}")
    await expect(page.get_by_label("Filter this folder")).to_be_visible()


class Line:
    """The network between browser and house: while it is `down`, only the first piece of a file gets through."""

    def __init__(self) -> None:
        self.down = True
        self.offsets: list[int] = []

    async def carry(self, route: Route) -> None:
        request = route.request
        if request.method == "PATCH":
            offset = int(request.headers["upload-offset"])
            if self.down and offset > 0:
                await route.abort()
                return
            self.offsets.append(offset)
        await route.continue_()


async def test_an_upload_that_is_cut_goes_on_after_the_page_was_loaded_again(
    house: House, browser: Browser, tmp_path: Path
) -> None:
    trip = tmp_path / "trip"
    (trip / "day one").mkdir(parents=True)
    (trip / "note.txt").write_text("hello")
    film = os.urandom(PIECE + 200_000)
    (trip / "day one" / "film.bin").write_bytes(film)
    path = await open_root(house, tmp_path / "family")
    line = Line()
    async with open_page(browser, house, expected=REFUSED) as page:
        page.on("dialog", lambda dialog: dialog.accept())  # the browser asks whether to leave while something is sent
        await page.route("**/api/files/uploads/*", line.carry)
        await open_folder(page, path)
        await page.get_by_label("Upload a folder").set_input_files(trip)
        tray = page.get_by_role("region", name="Uploads", exact=True)
        await expect(row(page, "trip")).to_be_visible()
        film_row = tray.get_by_role("listitem").filter(has_text="film.bin")
        await expect(film_row).to_contain_text("16 MB of 16.2 MB")
        await tray.get_by_role("button", name="Pause film.bin").click()
        await expect(film_row).to_contain_text("Paused")
        await check_accessibility(page, "uploads")

        await page.goto("/settings")  # elsewhere: the tray is there all the same
        await expect(tray.get_by_text("1 upload was interrupted")).to_be_visible()
        line.down = False
        await tray.get_by_label("Choose again").set_input_files(trip / "day one" / "film.bin")
        await expect(tray.get_by_text("1 file uploaded")).to_be_visible()
    # Each of the two files began once; the rest of the large one went on from where it was.
    assert sorted(line.offsets) == [0, 0, PIECE]
    arrived = tmp_path / "family" / "trip" / "day one" / "film.bin"
    assert hashlib.sha256(arrived.read_bytes()).digest() == hashlib.sha256(film).digest()
    assert (tmp_path / "family" / "trip" / "note.txt").read_text() == "hello"


async def test_a_name_that_is_taken_is_asked_about(house: House, browser: Browser, tmp_path: Path) -> None:
    family = tmp_path / "family"
    path = await open_root(house, family)
    (family / "a.txt").write_text("old")
    async with open_page(browser, house, expected=REFUSED) as page:
        await open_folder(page, path)
        await page.get_by_label("Upload files").set_input_files(
            FilePayload(name="a.txt", mimeType="text/plain", buffer=b"new")
        )
        answers = page.get_by_role("group", name="What becomes of a.txt")
        await answers.get_by_role("button", name="Keep both").click()
        await expect(page.get_by_role("row", name=re.compile("Select a"))).to_have_count(2)
    assert (family / "a.txt").read_text() == "old"
    assert sorted(each.read_text() for each in family.glob("a*.txt")) == ["new", "old"]


async def test_files_are_looked_at_and_changed(house: House, browser: Browser, tmp_path: Path) -> None:
    family = tmp_path / "family"
    path = await open_root(house, family)
    (family / "dot.png").write_bytes(MEDIA)
    (family / "read.md").write_text("# Title\n\n<b onclick=alert(1)>no tag</b> and [web](https://example.org)")
    (family / "words.txt").write_text("one\n")
    async with open_page(browser, house, expected=REFUSED) as page:
        await open_folder(page, path)
        await row(page, "dot.png").dblclick()
        dialog = page.get_by_role("dialog")
        await expect(dialog.get_by_role("img", name="dot.png")).to_have_js_property("naturalWidth", 1)
        await page.keyboard.press("ArrowRight")
        await expect(dialog.get_by_role("heading", name="Title")).to_be_visible()
        await expect(dialog.get_by_text("<b onclick=alert(1)>no tag</b>")).to_be_visible()
        await expect(dialog.get_by_role("link", name="web")).to_have_attribute("rel", re.compile("noopener"))
        await check_every_form(page, "a markdown text")
        await page.keyboard.press("ArrowRight")
        text = dialog.get_by_role("textbox", name="Text of words.txt")
        await text.fill("mine\n")
        (family / "words.txt").write_text("theirs, written meanwhile\n")
        await text.press("Control+s")
        await expect(page.get_by_text("Somebody else changed it")).to_be_visible()
        await page.get_by_role("button", name="Save mine as a copy").click()
        await expect(page.get_by_text("words (mine).txt is saved")).to_be_visible()
    assert (family / "words.txt").read_text() == "theirs, written meanwhile\n"
    assert (family / "words (mine).txt").read_text() == "mine\n"


async def test_a_file_is_renamed_shared_deleted_and_restored_by_keyboard(
    house: House, browser: Browser, tmp_path: Path
) -> None:
    family = tmp_path / "family"
    path = await open_root(house, family)
    (family / "inside").mkdir()
    (family / "draft.txt").write_text("text")
    async with open_page(browser, house) as page:
        await open_folder(page, path)
        grid = page.get_by_role("grid")
        await grid.focus()
        await page.keyboard.press("End")
        await page.keyboard.press("F2")
        field = page.get_by_label("New name of draft.txt")
        await expect(field).to_be_focused()
        await page.keyboard.type("final")  # what is marked is the name without its ending
        await page.keyboard.press("Enter")
        await expect(row(page, "final.txt")).to_be_visible()
        await check_every_form(page, "the list")
        await page.set_viewport_size(DESKTOP)

        await page.get_by_role("button", name="Share by link").click()
        await page.get_by_role("button", name="Make the link").click()
        link = await page.get_by_role("textbox", name="Link").input_value()
        assert (await house.nobody.get(link.removeprefix(house.base))).status == 200
        await page.get_by_role("button", name="Done").click()

        await grid.focus()
        await page.keyboard.press("Control+x")
        await page.keyboard.press("Home")
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("This folder is empty")).to_be_visible()
        await page.get_by_role("button", name="New", exact=True).click()
        await page.get_by_role("menuitem", name="Paste 1 item").click()
        await expect(row(page, "final.txt")).to_be_visible()

        await row(page, "final.txt").click()
        await page.keyboard.press("Delete")
        await expect(page.get_by_text("final.txt is in the trash")).to_be_visible()
        await expect(row(page, "final.txt")).to_have_count(0)
        await page.get_by_role("link", name="Trash").click()
        await page.get_by_role("button", name="Restore final.txt").click()
        await expect(page.get_by_text("The trash is empty")).to_be_visible()
    assert (family / "inside" / "final.txt").read_text() == "text"


async def test_whose_a_file_is_and_who_may_change_it_is_set_by_keyboard(
    house: House, browser: Browser, tmp_path: Path
) -> None:
    family = tmp_path / "family"
    path = await open_root(house, family)
    (family / "plan.txt").write_text("text")
    async with open_page(browser, house) as page:
        await open_folder(page, path)
        await page.get_by_role("grid").focus()
        await page.keyboard.press("End")
        await page.keyboard.press("Alt+Enter")
        await page.get_by_role("button", name="Change owner and rights").press("Enter")
        dialog = page.get_by_role("dialog", name="Owner and rights of “plan.txt”")
        await expect(dialog.get_by_role("button", name="Change", exact=True)).to_be_disabled()
        await dialog.get_by_label("Group (group id)").fill("1234")
        await dialog.get_by_label("Rights").press("Enter")
        await page.get_by_role("option", name="Owner and group change, everybody reads").click()
        await check_accessibility(page, "owner and rights")
        await dialog.get_by_role("button", name="Change", exact=True).click()
        await expect(dialog).to_have_count(0)
        async with asyncio.timeout(15):
            while (known := (family / "plan.txt").stat()).st_gid != 1234 or known.st_mode & 0o777 != 0o664:
                await asyncio.sleep(0.05)
    assert known.st_uid == os.getuid()


async def test_a_large_folder_draws_only_what_is_seen(house: House, browser: Browser, tmp_path: Path) -> None:
    family = tmp_path / "family"
    path = await open_root(house, family, everyone="read")
    for number in range(1, 2501):
        os.close(os.open(family / f"file {number}", os.O_CREAT | os.O_WRONLY))
    await house.member("ben", ["files:read"])
    async with open_page(browser, house, username="ben") as page:
        await open_folder(page, path)
        grid = page.get_by_role("grid", name="Family, 2,500 items")
        await expect(page.get_by_text("2,500 items", exact=True)).to_be_visible()
        await expect(page.get_by_role("button", name="New", exact=True)).to_have_count(0)  # who may look adds nothing
        await grid.focus()
        await page.keyboard.press("End")
        await expect(row(page, "file 2500")).to_be_in_viewport()
        await page.keyboard.press("Control+a")
        await expect(page.get_by_text("2,500 selected")).to_be_visible()
        assert await page.get_by_role("row").count() < 80
        await page.get_by_label("Show as tiles").click()
        await page.get_by_label("Filter this folder").fill("file 2477")
        await expect(page.get_by_text("1 item found")).to_be_visible()
        await check_accessibility(page, "tiles")
