"""Links: made with one's own rights, opened without an account, ended at once."""

import io
import zipfile
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp

from tests.home.shares.drive import Drive
from tests.support.house import Answer, House, Person


async def link(person: Person, path: str, **wish: Any) -> tuple[str, dict[str, Any]]:
    answer = await person.post("/api/shares/links", {"path": path, **wish})
    assert answer.status == 201, answer.text
    return answer.json["url"], answer.json["link"]


def files(*named: tuple[str, bytes]) -> aiohttp.FormData:
    form = aiohttp.FormData(quote_fields=False)
    for name, content in named:
        form.add_field("files", io.BytesIO(content), filename=name)
    return form


async def send(house: House, url: str, *named: tuple[str, bytes]) -> Answer:
    return await house.nobody.call("POST", f"{url}/upload", data=files(*named))


async def test_a_folder_opens_without_an_account_and_nothing_beside_it(house: House, drive: Drive) -> None:
    shared = drive.folder / "holiday"
    (shared / "day <1>").mkdir(parents=True)
    (shared / "day <1>" / "beach.jpg").write_bytes(b"sand")
    (shared / "way out").symlink_to("/etc")
    (drive.folder / "diary.txt").write_text("private")
    url, _ = await link(house.admin, "/shared/holiday")
    page = await house.nobody.get(url)
    assert (page.status, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert "day &lt;1&gt;/" in page.text
    assert "way out" not in page.text
    assert "script" not in page.text
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'sha256-")
    assert page.headers["Cache-Control"] == "no-store"
    below = await house.nobody.get(f"{url}?path=day%20%3C1%3E")
    assert "beach.jpg" in below.text
    file = await house.nobody.get(f"{url}/file?path=day%20%3C1%3E/beach.jpg", headers={"Range": "bytes=1-2"})
    assert (file.status, file.text) == (206, "an")
    assert file.headers["Content-Disposition"].startswith("attachment")
    async with house.nobody.http.get(f"{house.base}{url}/zip") as answer:
        packed = zipfile.ZipFile(io.BytesIO(await answer.read()))
    assert packed.read("holiday/day <1>/beach.jpg") == b"sand"
    for path in ("../diary.txt", "%2e%2e/diary.txt", "/shared/diary.txt", "way out/passwd", "..%5Cdiary.txt", "day\0"):
        for what in ("/file", "", "/zip"):
            answer = await house.nobody.get(f"{url}{what}?path={path}")
            assert answer.status in (400, 404), (what, path, answer.status)
            assert "private" not in answer.text


async def test_the_token_is_kept_and_logged_nowhere(house: House, drive: Drive, caplog: Any) -> None:
    (drive.folder / "a.txt").write_text("a")
    url, made = await link(house.admin, "/shared/a.txt", password="open sesame")
    token = url.rpartition("/")[2]
    await house.nobody.call("POST", url, data={"password": "wrong one"})
    assert len(token) >= 22
    listed = await house.admin.get("/api/shares/links")
    assert listed.json[0]["id"] == made["id"]
    assert token not in listed.text
    assert "open sesame" not in caplog.text
    assert token not in caplog.text
    database = (house.settings.home / "talome.db").read_bytes() + (house.settings.home / "talome.db-wal").read_bytes()
    assert token.encode() not in database
    assert b"open sesame" not in database


async def test_a_password_is_asked_for_and_guessing_is_delayed(house: House, drive: Drive) -> None:
    (drive.folder / "a.txt").write_text("inside")
    url, made = await link(house.admin, "/shared/a.txt", password="open sesame")
    assert "inside" not in (await house.nobody.get(f"{url}/file")).text
    assert "a.txt" not in (await house.nobody.get(url)).text
    statuses = [(await house.nobody.call("POST", url, data={"password": "guess"})).status for _ in range(5)]
    assert statuses[:2] == [403, 403]
    assert statuses[-1] == 429
    await house.admin.call("PATCH", f"/api/shares/links/{made['id']}", {"password": "another one"})
    url, made = await link(house.admin, "/shared/a.txt", password="open sesame")
    opened = await house.nobody.call("POST", url, data={"password": "open sesame"}, allow_redirects=False)
    assert (opened.status, opened.headers["Location"]) == (303, url)
    cookie = opened.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert f"Path={url}" in cookie
    sent = {"Cookie": cookie.partition(";")[0]}
    assert (await house.nobody.get(f"{url}/file", headers=sent)).text == "inside"
    await house.admin.call("PATCH", f"/api/shares/links/{made['id']}", {"password": "another one"})
    assert (await house.nobody.get(f"{url}/file", headers=sent)).text != "inside"
    await house.admin.call("PATCH", f"/api/shares/links/{made['id']}", {"clear": ["password"]})
    assert (await house.nobody.get(f"{url}/file")).text == "inside"


async def test_a_link_ends_with_its_time_its_count_its_revocation_and_its_makers_rights(
    house: House, drive: Drive
) -> None:
    (drive.folder / "a.txt").write_text("a")
    past = (datetime.now(UTC) - timedelta(seconds=1)).isoformat()
    assert (await house.admin.post("/api/shares/links", {"path": "/shared/a.txt", "expiresAt": past})).status == 400
    url, _ = await link(house.admin, "/shared/a.txt", mostDownloads=2)
    statuses = [(await house.nobody.get(f"{url}/file")).status for _ in range(3)]
    assert statuses == [200, 200, 404]
    url, made = await link(house.admin, "/shared/a.txt")
    await house.admin.delete(f"/api/shares/links/{made['id']}")
    assert (await house.nobody.get(url)).status == 404
    ben = await house.member("ben", ["files:read", "shares:write"])
    ben_id = (await ben.get("/api/auth/me")).json["id"]
    assert (await ben.post("/api/shares/links", {"path": "/shared/a.txt"})).status == 404
    grants = [{"userId": ben_id, "access": "read"}]
    changed = await house.admin.call("PATCH", "/api/files/roots/shared", {"grants": grants})
    assert changed.status == 200, changed.text
    url, made = await link(ben, "/shared/a.txt")
    assert (await ben.post("/api/shares/links", {"path": "/shared", "kind": "drop"})).status == 403
    assert (await house.nobody.get(f"{url}/file")).text == "a"
    await house.admin.call("PATCH", "/api/files/roots/shared", {"grants": []})
    assert (await house.nobody.get(f"{url}/file")).status == 404
    [shown] = (await ben.get("/api/shares/links")).json
    assert (shown["works"], shown["id"]) == (False, made["id"])


async def test_a_drop_box_takes_files_in_and_gives_nothing_away(house: House, drive: Drive) -> None:
    box = drive.folder / "box"
    box.mkdir()
    (box / "other.txt").write_text("somebody else's")
    url, made = await link(house.admin, "/shared/box", kind="drop")
    page = await house.nobody.get(url)
    assert "other.txt" not in page.text
    for what in ("/file?path=other.txt", "/zip", "?path=other.txt"):
        assert "somebody" not in (await house.nobody.get(f"{url}{what}")).text
    big = bytes(3_000_000)
    sent = await send(house, url, ("other.txt", b"mine"), ("../../evil.txt", b"evil"), ("C:\\x\\big.bin", big))
    assert sent.status == 200, sent.text
    assert {path.name: path.stat().st_size for path in box.iterdir()} == {
        "other.txt": 15, "other (2).txt": 4, "evil.txt": 4, "big.bin": 3_000_000,
    }  # fmt: skip
    assert (await send(house, url, (".talome-trash", b"x"))).status == 404
    foreign = await house.nobody.call(
        "POST", f"{url}/upload", data=files(("a", b"a")), headers={"Origin": "http://x.y"}
    )
    assert foreign.status == 403
    [shown] = (await house.admin.get("/api/shares/links")).json
    assert (shown["uploads"], shown["id"]) == (3, made["id"])


async def test_nobody_else_sees_or_changes_a_link(house: House, drive: Drive) -> None:
    (drive.folder / "a.txt").write_text("a")
    _, made = await link(house.admin, "/shared/a.txt")
    ben = await house.member("ben", ["files:read", "shares:write"])
    assert (await ben.get("/api/shares/links")).json == []
    assert (await ben.delete(f"/api/shares/links/{made['id']}")).status == 404
    assert (await ben.call("PATCH", f"/api/shares/links/{made['id']}", {"name": "mine"})).status == 404
    reader = await house.key(["files:read", "shares:read"])
    assert (await reader.post("/api/shares/links", {"path": "/shared/a.txt"})).status == 403
