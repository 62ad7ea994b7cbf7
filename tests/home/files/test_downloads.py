"""Downloads: ranges and conditions as RFC 9110 has them, folders as a ZIP, tickets, and nothing that runs as a page."""

import asyncio
import io
import os
import shutil
import subprocess
import zipfile
from collections.abc import Mapping
from pathlib import Path

import aiohttp
import pytest

from tests.home.files.rooms import ADA, BEN, Rooms

CONTENT = bytes(range(256)) * 40


async def asked(rooms: Rooms, headers: dict[str, str], method: str = "GET") -> tuple[int, bytes, Mapping[str, str]]:
    answer = await rooms.client("ben").ask(method, "/api/files/download?path=/pool/x.bin", headers=headers)
    return answer.status, answer.body, answer.headers


RANGES: dict[str, tuple[int, slice | None]] = {
    "bytes=0-9": (206, slice(0, 10)),
    "bytes=100-": (206, slice(100, None)),
    "bytes=-5": (206, slice(-5, None)),
    "bytes=-99999999": (206, slice(0, None)),
    "bytes=10000-99999999": (206, slice(10_000, None)),
    "bytes=10240-": (416, None),
    "bytes=-0": (416, None),
    "bytes=9-0": (200, slice(0, None)),
    "bytes=0-1,5-6": (200, slice(0, None)),
    "bytes=-": (200, slice(0, None)),
    "bytes=a-b": (200, slice(0, None)),
    "lines=0-1": (200, slice(0, None)),
    "bytes=0-" + "9" * 30: (200, slice(0, None)),
}


async def test_ranges(rooms: Rooms) -> None:
    (rooms.pool / "x.bin").write_bytes(CONTENT)
    for asks, (status, part) in RANGES.items():
        found, body, headers = await asked(rooms, {"Range": asks})
        assert (found, headers["Accept-Ranges"]) == (status, "bytes"), asks
        if part is None:
            assert headers["Content-Range"] == f"bytes */{len(CONTENT)}"
            continue
        assert body == CONTENT[part], asks
        start, end, _ = part.indices(len(CONTENT))
        told = f"bytes {start}-{end - 1}/{len(CONTENT)}" if status == 206 else None
        assert headers.get("Content-Range") == told


async def test_conditions(rooms: Rooms) -> None:
    (rooms.pool / "x.bin").write_bytes(CONTENT)
    os.utime(rooms.pool / "x.bin", (1_700_000_000, 1_700_000_000))
    _, _, headers = await asked(rooms, {})
    etag, modified = headers["ETag"], headers["Last-Modified"]
    assert (await asked(rooms, {"If-None-Match": etag}))[0] == 304
    assert (await asked(rooms, {"If-None-Match": f'"x", W/{etag}'}))[0] == 304
    assert (await asked(rooms, {"If-None-Match": '"x"', "If-Modified-Since": modified}))[0] == 200
    assert (await asked(rooms, {"If-Modified-Since": modified}))[0] == 304
    assert (await asked(rooms, {"If-Modified-Since": "no date"}))[0] == 200
    assert (await asked(rooms, {"If-Match": '"x"'}))[0] == 412
    assert (await asked(rooms, {"If-Match": etag}))[0] == 200
    assert (await asked(rooms, {"If-Unmodified-Since": "Tue, 14 Nov 2023 00:00:00 GMT"}))[0] == 412
    for condition, status in ((etag, 206), (modified, 206), ('"x"', 200), (f"W/{etag}", 200)):
        assert (await asked(rooms, {"Range": "bytes=0-1", "If-Range": condition}))[0] == status, condition
    status, body, headers = await asked(rooms, {}, "HEAD")
    assert (status, body, headers["Content-Length"]) == (200, b"", str(len(CONTENT)))
    (rooms.pool / "x.bin").write_bytes(b"other")
    assert (await asked(rooms, {"Range": "bytes=0-1", "If-Range": etag}))[:2] == (200, b"other")


async def test_nothing_runs_as_a_page_of_ours(rooms: Rooms) -> None:
    for name in ("x.html", "x.svg", "x.xhtml", "x.xml", "x.js", "x.mhtml", "x.epub", "x.htm", "x.md"):
        (rooms.pool / name).write_text("<script>alert(1)</script>")
        ticket = (await rooms.client("ben").post("/api/files/tickets", paths=[f"/pool/{name}"], inline=True)).json
        for answer in (
            await rooms.client(None).ask("GET", ticket["url"]),
            await rooms.client("ben").get("/api/files/download", path=f"/pool/{name}", inline="true"),
        ):
            assert answer.status == 200
            assert answer.headers["Content-Disposition"].startswith("attachment;")
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert "sandbox" in answer.headers["Content-Security-Policy"]
            assert not any(word in answer.headers["Content-Type"] for word in ("html", "xml", "svg", "script"))


async def test_pictures_and_films_are_shown_where_that_is_asked(rooms: Rooms) -> None:
    for name, kind in {"a.png": "image/png", "b.mp4": "video/mp4", "c.pdf": "application/pdf"}.items():
        (rooms.pool / name).write_bytes(CONTENT)
        ticket = (await rooms.client("ben").post("/api/files/tickets", paths=[f"/pool/{name}"], inline=True)).json
        answer = await rooms.client(None).ask("GET", ticket["url"], headers={"Range": "bytes=1-3"})
        assert (answer.status, answer.body) == (206, CONTENT[1:4])
        assert answer.headers["Content-Type"] == kind
        assert answer.headers["Content-Disposition"].startswith("inline;")


async def test_a_ticket_ends_with_the_session_and_the_rights(rooms: Rooms) -> None:
    (rooms.pool / "x").write_text("x")
    ben, nobody = rooms.client("ben"), rooms.client(None)
    assert (await nobody.ask("GET", "/api/files/download?path=/pool/x")).status == 401
    url = (await ben.post("/api/files/tickets", paths=["/pool/x"])).json["url"]
    assert (await nobody.ask("GET", url)).body == b"x"
    assert (await nobody.ask("HEAD", url)).status == 200
    assert (await nobody.ask("GET", f"{url[:-2]}y/x")).status == 404
    await rooms.open.roots.change(ADA, "pool", grants=[])
    assert (await nobody.ask("GET", url)).status == 404
    assert (await ben.post("/api/files/tickets", paths=["/pool/x"])).status == 404
    (rooms.books / "b").write_text("b")
    url = (await ben.post("/api/files/tickets", paths=["/books/b"])).json["url"]
    rooms.gone.add("ben")
    assert (await nobody.ask("GET", url)).status == 404


async def test_folders_come_as_a_zip(rooms: Rooms) -> None:
    (rooms.pool / "d/e").mkdir(parents=True)
    (rooms.pool / "d/x.txt").write_text("x")
    (rooms.pool / "d/link").symlink_to("/etc/passwd")
    (rooms.pool / "big").write_bytes(CONTENT * 100)
    await rooms.open.trash.put(BEN, ["/pool/d/e"])
    ben = rooms.client("ben")
    answer = await ben.get("/api/files/download", path="/pool/d")
    assert answer.headers["Content-Type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.body)) as read:
        assert sorted(read.namelist()) == ["d/", "d/x.txt"]
    answer = await ben.ask("GET", "/api/files/download?path=/pool/d&path=/pool/big")
    with zipfile.ZipFile(io.BytesIO(answer.body)) as read:
        assert read.testzip() is None
        assert sorted(read.namelist()) == ["big", "d/", "d/x.txt"]
    assert (await ben.ask("HEAD", "/api/files/download?path=/pool")).status == 200
    assert "trash" not in str(zipfile.ZipFile(io.BytesIO((await ben.get("/api/files/download", path="/pool")).body)))
    assert (await ben.ask("GET", "/api/files/download?path=/pool/d&path=/pool/no")).status == 404


async def test_a_reader_that_leaves_lets_the_thread_go(rooms: Rooms) -> None:
    with (rooms.pool / "big").open("wb") as file:
        file.truncate(2_000_000_000)
    before = len(os.listdir("/proc/self/fd"))
    for path in ("path=/pool", "path=/pool/big"):
        async with aiohttp.ClientSession() as http:
            headers = {"Authorization": "Bearer ben"}
            async with http.get(f"{rooms.base}/api/files/download?{path}", headers=headers) as response:
                assert await response.content.read(1000)
                response.close()
    for _ in range(200):
        if len(os.listdir("/proc/self/fd")) <= before + 2:
            break
        await asyncio.sleep(0.02)
    assert len(os.listdir("/proc/self/fd")) <= before + 2


async def test_a_thumbnail_is_made_once(rooms: Rooms, tmp_path: Path) -> None:
    if shutil.which("ffmpeg") is None:
        pytest.skip("thumbnails need ffmpeg")
    source = ("-f", "lavfi", "-i", "testsrc=size=640x360:rate=5:duration=1")
    for name in ("a.png", "b.mp4"):
        more = ("-frames:v", "1") if name == "a.png" else ()
        subprocess.run(["ffmpeg", "-loglevel", "error", *source, *more, str(rooms.pool / name)], check=True)
    (rooms.pool / "playlist.mp4").write_text("#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n")
    (rooms.pool / "concat.mp4").write_text("ffconcat version 1.0\nfile /etc/passwd\n")
    (rooms.pool / "note.txt").write_text("no picture")
    ben = rooms.client("ben")
    for name in ("a.png", "b.mp4"):
        answer = await ben.get("/api/files/thumbnail", path=f"/pool/{name}", size="256")
        assert (answer.status, answer.body[:3]) == (200, b"\xff\xd8\xff")
        again = await ben.ask(
            "GET", f"/api/files/thumbnail?path=/pool/{name}", headers={"If-None-Match": answer.headers["ETag"]}
        )
        assert again.status == 304
    for name, status in {"playlist.mp4": 204, "concat.mp4": 204, "note.txt": 404}.items():
        assert (await ben.get("/api/files/thumbnail", path=f"/pool/{name}")).status == status, name
    url = (await ben.post("/api/files/tickets", paths=["/pool/a.png"])).json["url"]
    assert (await rooms.client(None).ask("GET", f"{url}?thumbnail=256")).body[:3] == b"\xff\xd8\xff"
    assert len(list((rooms.home / "cache/thumbnails").iterdir())) == 4
