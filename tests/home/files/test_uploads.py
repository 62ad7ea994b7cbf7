"""Uploads: whole or not at all, gone on with after a cut, never over what is there, and never more than fits."""

import asyncio
import hashlib
import io
import os
import shutil
import subprocess
from base64 import b64encode
from pathlib import Path

import aiohttp
import pytest

from talome.core.clock import now_ms
from talome.engines.beneath import Beneath
from tests.home.files.rooms import ADA, Answer, Client, Rooms, open_rooms
from tests.home.unseen import written

TUS = {"Tus-Resumable": "1.0.0"}
BODY = {**TUS, "Content-Type": "application/offset+octet-stream"}


def told(**said: str) -> str:
    return ",".join(f"{name} {b64encode(value.encode()).decode()}" for name, value in said.items())


async def begin(client: Client, size: int, name: str = "film.mkv", **said: str) -> Answer:
    headers = {**TUS, "Upload-Length": str(size), "Upload-Metadata": told(folder="/pool", filename=name, **said)}
    return await client.ask("POST", "/api/files/uploads", headers=headers)


async def send(client: Client, url: str, offset: int, data: bytes, **headers: str) -> Answer:
    more = {name.replace("_", "-"): value for name, value in headers.items()}
    return await client.ask("PATCH", url, data=io.BytesIO(data), headers={**BODY, "Upload-Offset": str(offset), **more})


def parts(rooms: Rooms) -> list[str]:
    return [name for name in os.listdir(rooms.pool) if name.startswith(".")]


async def test_an_upload_is_cut_and_gone_on_with(rooms: Rooms) -> None:
    ben = rooms.client("ben")
    made = await begin(ben, 10, modifiedAt="1600000000000")
    assert made.status == 201
    url = made.headers["Location"]
    assert (await send(ben, url, 0, b"01234")).headers["Upload-Offset"] == "5"
    assert not (rooms.pool / "film.mkv").exists()
    assert (await ben.ask("HEAD", url, headers=TUS)).headers["Upload-Offset"] == "5"
    wrong = await send(ben, url, 3, b"xxxxx")
    assert (wrong.status, wrong.json["code"], wrong.json["offset"]) == (409, "wrong_offset", 5)
    assert [(item["offset"], item["path"]) for item in (await ben.get("/api/files/uploads")).json] == [
        (5, "/pool/film.mkv")
    ]
    last = await send(ben, url, 5, b"56789")
    assert (last.status, last.headers["X-Talome-Path"]) == (204, "/pool/film.mkv")
    assert (rooms.pool / "film.mkv").read_bytes() == b"0123456789"
    assert (rooms.pool / "film.mkv").stat().st_mtime == 1_600_000_000
    assert (await ben.ask("HEAD", url, headers=TUS)).status == 404
    assert parts(rooms) == []


async def test_an_upload_outlives_the_server(tmp_path: Path) -> None:
    async with open_rooms(tmp_path) as rooms:
        url = (await begin(rooms.client("ben"), 6)).headers["Location"]
        await send(rooms.client("ben"), url, 0, b"abc")
    async with open_rooms(tmp_path) as rooms:
        assert (await send(rooms.client("ben"), url, 3, b"def")).status == 204
        assert (rooms.pool / "film.mkv").read_bytes() == b"abcdef"


async def test_a_connection_that_breaks_loses_little(rooms: Rooms) -> None:
    """The client declares four megabytes, sends three and vanishes; whoever comes back goes on where it was."""
    ben, size = rooms.client("ben"), 4 * 1024 * 1024
    url = (await begin(ben, size)).headers["Location"]
    host, port = rooms.base.removeprefix("http://").split(":")
    _, writer = await asyncio.open_connection(host, int(port))
    head = f"PATCH {url} HTTP/1.1\r\nHost: {host}:{port}\r\nAuthorization: Bearer ben\r\nUpload-Offset: 0\r\n"
    head += f"Tus-Resumable: 1.0.0\r\nContent-Type: {BODY['Content-Type']}\r\nContent-Length: {size}\r\n\r\n"
    writer.write(head.encode() + b"x" * 3 * 1024 * 1024)
    await writer.drain()
    while not (rooms.pool / parts(rooms)[0]).stat().st_size:
        await asyncio.sleep(0.01)
    offset = int((await ben.ask("HEAD", url, headers=TUS)).headers["Upload-Offset"])  # while the old one still hangs
    assert 0 < offset <= 3 * 1024 * 1024
    assert (await send(ben, url, offset, b"y" * (size - offset))).status == 204
    content = (rooms.pool / "film.mkv").read_bytes()
    assert content == b"x" * offset + b"y" * (size - offset)
    writer.close()


async def test_more_than_was_declared_is_refused(rooms: Rooms) -> None:
    ben = rooms.client("ben")
    url = (await begin(ben, 3)).headers["Location"]
    assert (await send(ben, url, 0, b"abcdef")).json["code"] == "too_long"
    assert (await ben.ask("HEAD", url, headers=TUS)).headers["Upload-Offset"] == "0"
    assert (await ben.ask("DELETE", url, headers=TUS)).status == 204
    assert parts(rooms) == []


async def test_checksums(rooms: Rooms) -> None:
    ben = rooms.client("ben")
    url = (await begin(ben, 3)).headers["Location"]
    good = b64encode(hashlib.sha256(b"abc").digest()).decode()
    assert (await send(ben, url, 0, b"abd", Upload_Checksum=f"sha256 {good}")).status == 460
    assert (await send(ben, url, 0, b"abc", Upload_Checksum="crc abc")).status == 400
    assert (await send(ben, url, 0, b"abc", Upload_Checksum=f"sha256 {good}")).status == 204
    assert (rooms.pool / "film.mkv").read_bytes() == b"abc"


async def test_names_that_are_taken(rooms: Rooms) -> None:
    ben = rooms.client("ben")
    (rooms.pool / "film.mkv").write_text("old")
    refused = await begin(ben, 3)
    assert (refused.status, refused.json["code"], refused.json["conflicts"]) == (409, "exists", ["film.mkv"])
    url = (await begin(ben, 3, onConflict="keep_both")).headers["Location"]
    assert (await send(ben, url, 0, b"two")).headers["X-Talome-Path"] == "/pool/film%20%282%29.mkv"
    url = (await begin(ben, 3, onConflict="replace")).headers["Location"]
    assert (await send(ben, url, 0, b"new")).status == 204
    assert (rooms.pool / "film.mkv").read_text() == "new"
    assert [item["path"] for item in (await ben.get("/api/files/trash")).json] == ["/pool/film.mkv"]


async def test_two_writers_of_one_name(rooms: Rooms) -> None:
    """Both begin while the name is free; the second to end is told so, loses nothing, and says what is to become."""
    ben = rooms.client("ben")
    one, two = [(await begin(ben, 3)).headers["Location"] for _ in range(2)]
    assert (await send(ben, one, 0, b"one")).status == 204
    late = await send(ben, two, 0, b"two")
    assert (late.status, late.json["conflicts"]) == (409, ["film.mkv"])
    assert (rooms.pool / "film.mkv").read_text() == "one"
    again = await send(ben, two, 3, b"", Upload_Metadata=told(onConflict="keep_both"))
    assert again.status == 204
    assert (rooms.pool / "film (2).mkv").read_text() == "two"
    assert parts(rooms) == []


async def test_somebody_elses_upload_is_not_there(rooms: Rooms) -> None:
    url = (await begin(rooms.client("ben"), 3)).headers["Location"]
    for name in ("cleo", "ada"):
        assert (await send(rooms.client(name), url, 0, b"abc")).status == 404
        assert (await rooms.client(name).ask("HEAD", url, headers=TUS)).status == 404
    assert (await begin(rooms.client("cleo"), 3)).status == 404
    await rooms.open.roots.change(ADA, "pool", grants=[])
    assert (await send(rooms.client("ben"), url, 0, b"abc")).status == 404


async def test_a_name_is_one_name(rooms: Rooms) -> None:
    for name in ("../x", "a/b", "..", "", "a\\b", "a\nb", ".talome-part-x", "x" * 300, "nul\0"):
        assert (await begin(rooms.client("ben"), 3, name=name)).status in (400, 404), name
    assert os.listdir(rooms.pool) == []


async def test_what_tus_asks_for(rooms: Rooms) -> None:
    ben = rooms.client("ben")
    options = await ben.ask("OPTIONS", "/api/files/uploads")
    assert "creation" in options.headers["Tus-Extension"]
    assert (await ben.ask("POST", "/api/files/uploads", headers={"Upload-Length": "3"})).status == 412
    headers = {**BODY, "Upload-Length": "3", "Upload-Metadata": told(folder="/pool/new/deep", filename="x")}
    made = await ben.ask("POST", "/api/files/uploads", headers=headers, data=b"abc")
    assert (made.status, made.headers["Upload-Offset"]) == (201, "3")
    assert (rooms.pool / "new/deep/x").read_text() == "abc"
    assert (await begin(ben, 0, name="empty")).status == 201
    assert (rooms.pool / "empty").read_bytes() == b""
    for length in ("-1", "x", "9" * 30, ""):
        headers = {**TUS, "Upload-Length": length, "Upload-Metadata": told(folder="/pool", filename="y")}
        assert (await ben.ask("POST", "/api/files/uploads", headers=headers)).status == 400


async def test_more_than_fits_is_refused_before_it_comes(rooms: Rooms) -> None:
    refused = await begin(rooms.client("ben"), 2**59)
    assert (refused.status, parts(rooms)) == (507, [])


async def test_uploads_that_nobody_goes_on_with_are_forgotten(rooms: Rooms) -> None:
    url = (await begin(rooms.client("ben"), 3)).headers["Location"]
    await rooms.open.uploads.expire()
    assert len(parts(rooms)) == 1
    async with rooms.kernel.db.write() as tx:
        await tx.execute("UPDATE files_uploads SET expires_at = ?", (now_ms() - 1,))
    await rooms.open.uploads.expire()
    assert parts(rooms) == []
    assert (await rooms.client("ben").ask("HEAD", url, headers=TUS)).status == 404


# --- forms ---


def form(*fields: tuple[str, bytes | str, str | None]) -> aiohttp.FormData:
    made = aiohttp.FormData(quote_fields=False, default_to_multipart=True)
    for name, value, filename in fields:
        made.add_field(name, io.BytesIO(value) if isinstance(value, bytes) else value, filename=filename)
    return made


async def test_a_form_with_the_file_first(rooms: Rooms) -> None:
    """As `curl -F file=@… -F path=…` sends it."""
    fields = (("file", b"abc", "a.txt"), ("path", "/pool", None), ("file", b"def", "b.txt"))
    answer = await rooms.client("ben").ask("POST", "/api/files/upload", data=form(*fields))
    assert (answer.status, [entry["path"] for entry in answer.json["files"]]) == (200, ["/pool/b.txt", "/pool/a.txt"])
    assert (rooms.pool / "a.txt").read_text() == "abc"
    assert list((rooms.home / "cache/uploads").iterdir()) == []


async def test_a_form_that_is_wrong_leaves_nothing(rooms: Rooms) -> None:
    folder, file = ("path", "/pool", None), ("file", b"abc", "a.txt")
    for fields in (
        (folder,),
        (file,),
        (folder, ("file", b"abc", "../a.txt")),
        (folder, ("other", "abc", None)),
        (("path", "/pool" + "x" * 20_000, None), file),
        (folder, ("onConflict", "burn", None), file),
        (file, ("path", "/books", None)),
    ):
        answer = await rooms.client("ben").ask("POST", "/api/files/upload", data=form(*fields))
        assert answer.status in (400, 403), answer.body
        assert os.listdir(rooms.pool) == []
    assert list((rooms.home / "cache/uploads").iterdir()) == []


@pytest.mark.parametrize("nameless", [True, False])
async def test_a_form_that_breaks_off_leaves_nothing(
    rooms: Rooms, monkeypatch: pytest.MonkeyPatch, nameless: bool
) -> None:
    if not nameless:  # as on a network drive
        monkeypatch.setattr(Beneath, "make_nameless", lambda *_: None)
    host, port = rooms.base.removeprefix("http://").split(":")
    start = b'--x\r\nContent-Disposition: form-data; name="path"\r\n\r\n/pool\r\n'
    start += b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n' + b"y" * 2_000_000
    for length in (50_000_000, len(start)):  # longer and, as a form, shorter than it is said to be
        reader, writer = await asyncio.open_connection(host, int(port))
        head = f"POST /api/files/upload HTTP/1.1\r\nHost: {host}:{port}\r\nAuthorization: Bearer ben\r\n"
        head += f"Content-Type: multipart/form-data; boundary=x\r\nContent-Length: {length}\r\n\r\n"
        writer.write(head.encode() + start)
        await writer.drain()
        if length == len(start):
            assert (await reader.readline()).split()[1] == b"400"
        else:
            while not written(rooms.pool):
                await asyncio.sleep(0.01)
            assert bool(parts(rooms)) != nameless  # so that even a crash of the machine leaves nothing
        writer.close()
        for _ in range(300):
            if not written(rooms.pool):
                break
            await asyncio.sleep(0.01)
        assert (written(rooms.pool), os.listdir(rooms.pool)) == ([], [])


async def test_a_full_disk_is_told_and_can_be_gone_on_with(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("mounting needs root")
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=40m", "tmpfs", str(disk)], check=False)
    if made.returncode != 0:
        pytest.skip("this sandbox does not let us mount")
    try:
        async with open_rooms(tmp_path, disk) as rooms:
            ben, size = rooms.client("ben"), 20 * 1024 * 1024
            url = (await begin(ben, size)).headers["Location"]
            (disk / "other").write_bytes(b"x" * 30 * 1024 * 1024)
            assert (await send(ben, url, 0, b"y" * size)).status == 507
            offset = int((await ben.ask("HEAD", url, headers=TUS)).headers["Upload-Offset"])
            (disk / "other").unlink()
            assert (await send(ben, url, offset, b"y" * (size - offset))).status == 204
            assert (disk / "film.mkv").read_bytes() == b"y" * size
            (disk / "again").write_bytes(b"x" * 15 * 1024 * 1024)
            data = form(("path", "/pool", None), ("file", b"z" * 10 * 1024 * 1024, "z"))
            assert (await ben.ask("POST", "/api/files/upload", data=data)).status == 507
            job = await rooms.ended(await rooms.open.tasks.copy(ADA, ["/pool/film.mkv"], "/pool", "keep_both"))
            assert (job.state, "no room" in str(job.reason)) == ("failed", True)
            assert sorted(os.listdir(disk)) == ["again", "film.mkv"]
    finally:
        subprocess.run(["umount", str(disk)], check=True)
