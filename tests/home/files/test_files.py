"""Listing, information, folders, names, text, what is one's own, and who may do what."""

import os
import socket
import stat
from pathlib import Path

import aiohttp
import pytest

from talome.core.errors import Conflict, Forbidden, Invalid, NotFound, TooLarge
from talome.home.files import names
from talome.home.files.models import FilesChanged, RootsChanged
from tests.home.files.rooms import ADA, BEN, CLEO, Rooms


async def listed(rooms: Rooms, path: str = "/pool", **more: object) -> list[str]:
    asked = {"sort": "name", "offset": 0, "limit": 1000, "hidden": True, **more}
    return [entry.name for entry in (await rooms.open.files.list_(BEN, path, **asked)).entries]  # type: ignore[arg-type]


async def test_the_routes_of_the_seed(rooms: Rooms) -> None:
    """All seven, with their names and arguments, and what they answer."""
    (rooms.pool / "b.txt").write_text("two")
    (rooms.pool / "a").mkdir()
    ben = rooms.client("ben")
    listing = (await ben.get("/api/files", path="/pool", sort="name")).json
    assert [(entry["name"], entry["kind"], entry["path"]) for entry in listing["entries"]] == [
        ("a", "folder", "/pool/a"),
        ("b.txt", "file", "/pool/b.txt"),
    ]
    info = (await ben.get("/api/files/info", path="/pool/b.txt")).json
    assert (info["sizeBytes"], info["mediaType"], info["access"]) == (3, "text/plain", "write")
    assert (await ben.post("/api/files/mkdir", path="/pool/new")).json["kind"] == "folder"
    renamed = await ben.ask("POST", "/api/files/rename", json={"from": "/pool/b.txt", "to": "/pool/new/c.txt"})
    assert renamed.json["path"] == "/pool/new/c.txt"
    download = await ben.get("/api/files/download", path="/pool/new/c.txt")
    assert (download.status, download.body) == (200, b"two")
    form = aiohttp.FormData()
    form.add_field("path", "/pool/new")
    form.add_field("file", b"three", filename="x.bin")
    uploaded = await ben.ask("POST", "/api/files/upload", data=form)
    assert uploaded.json["files"][0]["path"] == "/pool/new/x.bin"
    assert (rooms.pool / "new/x.bin").read_bytes() == b"three"
    deleted = await ben.ask("DELETE", "/api/files?path=/pool/new/x.bin")
    assert deleted.json["path"] == "/pool/new/x.bin"
    assert not (rooms.pool / "new/x.bin").exists()


async def test_the_list_of_roots_is_the_callers_own(rooms: Rooms) -> None:
    assert await listed(rooms, "/") == ["Books", "Pool"]
    seen = {root.id: root for root in await rooms.open.roots.list_(BEN)}
    assert {id: root.access for id, root in seen.items()} == {"pool": "write", "books": "read"}
    assert seen["pool"].folder is None
    assert seen["pool"].grants is None
    assert await rooms.open.roots.list_(CLEO) == []
    everything = {root.id: root for root in await rooms.open.roots.list_(ADA)}
    assert everything["pool"].folder == str(rooms.pool)
    assert everything["shared"].everyone == "none"


async def test_what_may_not_be_read_is_not_there(rooms: Rooms) -> None:
    (rooms.pool / "x").write_text("x")
    for caller in (CLEO,):
        with pytest.raises(NotFound):
            await rooms.open.files.info(caller, "/pool/x")
        with pytest.raises(NotFound):
            await rooms.open.trash.put(caller, ["/pool/x"])
    with pytest.raises(Forbidden):
        await rooms.open.files.mkdir(BEN, "/books/new", parents=False)
    assert (await rooms.client("cleo").get("/api/files/download", path="/pool/x")).status == 404


async def test_only_an_administrator_opens_a_folder(rooms: Rooms, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    more = {"folder": str(other), "everyone": "write", "grants": [], "uid": None, "gid": None}
    with pytest.raises(Forbidden):
        await rooms.open.roots.add(BEN, None, name="Other things", **more)
    with rooms.kernel.events.subscribe(RootsChanged, size=8) as told:
        added = await rooms.open.roots.add(ADA, None, name="Other things", **more)
        assert isinstance(await anext(told), RootsChanged)
    assert (added.id, added.path) == ("other-things", "/other-things")
    await rooms.open.files.mkdir(CLEO, "/other-things/x", parents=False)
    await rooms.open.roots.change(ADA, "other-things", everyone="read")
    with pytest.raises(Forbidden):
        await rooms.open.files.mkdir(CLEO, "/other-things/y", parents=False)
    with pytest.raises(Conflict):
        await rooms.open.roots.add(ADA, "again", name="Again", **more)
    await rooms.open.roots.remove(ADA, "other-things")
    assert (other / "x").is_dir()
    with pytest.raises(NotFound):
        await rooms.open.files.info(CLEO, "/other-things/x")


async def test_talomes_own_folder_is_never_opened(rooms: Rooms, tmp_path: Path) -> None:
    (rooms.home / "apps").mkdir()
    (tmp_path / "link").symlink_to(rooms.home)
    home, near = str(rooms.home), str(tmp_path)
    for folder in (home, f"{home}/apps", near, "/", "/proc/self", "/dev", f"{near}/missing", f"{near}/link"):
        with pytest.raises(Invalid):
            await rooms.open.roots.add(
                ADA, None, name="Keys", folder=folder, everyone="read", grants=[], uid=None, gid=None
            )


async def test_a_listing_is_sorted_and_cut_into_pages(rooms: Rooms) -> None:
    for name, size in {"10.txt": 1, "9.txt": 3, "B.txt": 2, "a.jpg": 5}.items():
        (rooms.pool / name).write_bytes(b"x" * size)
    (rooms.pool / "zoo").mkdir()
    (rooms.pool / ".dot").write_text("")
    assert await listed(rooms, hidden=False) == ["zoo", "9.txt", "10.txt", "a.jpg", "B.txt"]
    assert await listed(rooms, hidden=False, sort="-name") == ["zoo", "B.txt", "a.jpg", "10.txt", "9.txt"]
    assert await listed(rooms, hidden=False, sort="-size") == ["zoo", "a.jpg", "9.txt", "B.txt", "10.txt"]
    assert await listed(rooms, hidden=False, sort="type") == ["zoo", "a.jpg", "10.txt", "9.txt", "B.txt"]
    assert ".dot" in await listed(rooms)
    page = await rooms.open.files.list_(BEN, "/pool", "name", offset=1, limit=2, hidden=False)
    assert ([entry.name for entry in page.entries], page.total, page.next_offset) == (["9.txt", "10.txt"], 5, 3)
    (rooms.pool / "new").write_text("")
    again = await rooms.open.files.list_(BEN, "/pool", "name", offset=3, limit=2, hidden=False)
    assert again.revision != page.revision
    assert again.next_offset == 5


async def test_what_is_no_file_is_shown_and_never_opened(rooms: Rooms) -> None:
    os.mkfifo(rooms.pool / "fifo")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(rooms.pool / "socket"))
    if os.geteuid() == 0:
        os.mknod(rooms.pool / "device", stat.S_IFCHR | 0o600, os.makedev(1, 3))
    (rooms.pool / "link").symlink_to("/etc/passwd")
    with (rooms.pool / "huge").open("wb") as file:
        file.truncate(5 * 10**12)
    found = (await rooms.open.files.list_(BEN, "/pool", "name", offset=0, limit=10, hidden=True)).entries
    kinds = {entry.name: (entry.kind, entry.size_bytes) for entry in found}
    assert kinds.pop("device", ("device", None)) == ("device", None)
    assert kinds == {
        "fifo": ("fifo", None),
        "socket": ("socket", None),
        "link": ("link", None),
        "huge": ("file", 5 * 10**12),
    }
    ben = rooms.client("ben")
    for name in ("fifo", "socket", "link"):
        answer = await ben.get("/api/files/download", path=f"/pool/{name}")
        assert answer.status == 400, name
        assert (await ben.get("/api/files/text", path=f"/pool/{name}")).status == 400
    assert (await rooms.open.files.info(BEN, "/pool/link")).link_target == "/etc/passwd"
    piece = await ben.ask(
        "GET", "/api/files/download?path=/pool/huge", headers={"Range": "bytes=4999999999990-4999999999993"}
    )
    assert (piece.status, piece.body) == (206, bytes(4))


async def test_names_that_are_no_text_come_and_go(rooms: Rooms) -> None:
    raw = os.fsencode(rooms.pool) + b"/caf\xe9-\xff\n.txt"
    with open(raw, "wb") as file:
        file.write(b"old")
    odd = "caf\uf7e9-\uf7ff\n.txt"
    composed, decomposed, private = "\u00e9.txt", "e\u0301.txt", "\uf780"
    for name in (composed, decomposed, private):
        (rooms.pool / name).write_text(name)
    found = (await rooms.open.files.list_(BEN, "/pool", "name", offset=0, limit=10, hidden=True)).entries
    paths = {entry.name: entry.path for entry in found}
    assert set(paths) == {odd, composed, decomposed, "\uf7ef\uf79e\uf780"}
    ben = rooms.client("ben")
    for name, path in paths.items():
        answer = await ben.get("/api/files/download", path=path)
        assert (answer.status, answer.body.decode()) == (200, "old" if name == odd else names.kept(name))
        assert "\n" not in answer.headers["Content-Disposition"]
    moved = await ben.ask("POST", "/api/files/rename", json={"from": paths[odd], "to": "/pool/plain.txt"})
    assert moved.status == 200
    assert (rooms.pool / "plain.txt").read_text() == "old"


def test_what_is_shown_leads_back() -> None:
    for raw in (b"plain", "gr\u00fc\u00dfe".encode(), b"\xff\xfe", b"a\x80b", "\uf780\uf7ff".encode(), b"\xed\xa0\x80"):
        name = raw.decode("utf-8", "surrogateescape")
        told = names.shown(name)
        told.encode()
        assert names.kept(told) == name


async def test_folders_are_made(rooms: Rooms) -> None:
    with rooms.kernel.events.subscribe(FilesChanged, size=8) as told:
        await rooms.open.files.mkdir(BEN, "/pool/a/b/c", parents=True)
        assert await anext(told) == FilesChanged("pool", "/pool/a/b")
    await rooms.open.files.mkdir(BEN, "/pool/a/b/c", parents=True)
    with pytest.raises(Conflict) as refusal:
        await rooms.open.files.mkdir(BEN, "/pool/a", parents=False)
    assert refusal.value.details["conflicts"] == ["a"]
    with pytest.raises(NotFound):
        await rooms.open.files.mkdir(BEN, "/pool/x/y", parents=False)
    for bad in ("/pool/line\nbreak", "/pool/back\\slash", "/pool/nul\0", "/pool/" + "x" * 256):
        with pytest.raises(Invalid):
            await rooms.open.files.mkdir(BEN, bad, parents=False)
    if os.geteuid() == 0:
        await rooms.open.roots.change(ADA, "pool", uid=1234, gid=4321)
        await rooms.open.files.mkdir(BEN, "/pool/theirs", parents=False)
        known = (rooms.pool / "theirs").stat()
        assert (known.st_uid, known.st_gid) == (1234, 4321)


async def test_a_rename_takes_nothing_away(rooms: Rooms) -> None:
    (rooms.pool / "a").write_text("a")
    (rooms.pool / "b").write_text("b")
    (rooms.pool / "d").mkdir()
    with pytest.raises(Conflict) as refusal:
        await rooms.open.files.rename(BEN, "/pool/a", "/pool/b")
    assert refusal.value.error_code == "exists"
    assert (rooms.pool / "b").read_text() == "b"
    with pytest.raises(Invalid):
        await rooms.open.files.rename(BEN, "/pool/d", "/pool/d/e")
    with pytest.raises(Forbidden):
        await rooms.open.files.rename(BEN, "/pool/a", "/books/a")
    with pytest.raises(Invalid):
        await rooms.open.files.rename(BEN, "/pool", "/pool/x")
    await rooms.open.files.rename(BEN, "/pool/a", "/pool/A")
    assert (rooms.pool / "A").read_text() == "a"


async def test_text_is_not_written_over(rooms: Rooms) -> None:
    files = rooms.open.files
    made = await files.write_text(BEN, "/pool/note.md", "one", None)
    read = await files.read_text(BEN, "/pool/note.md")
    assert (read.text, read.etag) == ("one", made.etag)
    (rooms.pool / "note.md").chmod(0o640)
    second = await files.write_text(BEN, "/pool/note.md", "two", made.etag)
    assert stat.S_IMODE((rooms.pool / "note.md").stat().st_mode) == 0o640
    for etag in (made.etag, None):
        with pytest.raises(Conflict):
            await files.write_text(ADA, "/pool/note.md", "mine", etag)
    assert (rooms.pool / "note.md").read_text() == "two"
    (rooms.pool / "note.md").unlink()
    with pytest.raises(Conflict) as refusal:
        await files.write_text(BEN, "/pool/note.md", "three", second.etag)
    assert refusal.value.error_code == "changed"
    (rooms.pool / "bytes").write_bytes(b"\xff\xfe")
    with pytest.raises(Invalid):
        await files.read_text(BEN, "/pool/bytes")
    (rooms.pool / "long").write_bytes(b"x" * 500_001)
    with pytest.raises(TooLarge):
        await files.read_text(BEN, "/pool/long")
    assert not [name for name in os.listdir(rooms.pool) if name.startswith(".")]


async def test_favourites_and_recents(rooms: Rooms) -> None:
    (rooms.pool / "d").mkdir()
    (rooms.pool / "d/x.txt").write_text("x")
    own = rooms.open.personal
    await own.add_favourite(BEN, "/pool/d/")
    with pytest.raises(NotFound):
        await own.add_favourite(BEN, "/pool/missing")
    assert [(item.path, item.kind) for item in await own.favourites(BEN)] == [("/pool/d", "folder")]
    assert (await rooms.open.files.info(BEN, "/pool/d")).favourite
    assert await own.favourites(CLEO) == []
    await rooms.open.files.read_text(BEN, "/pool/d/x.txt")
    assert [item.entry.path for item in await own.recents(BEN, 10)] == ["/pool/d/x.txt"]
    await rooms.open.roots.change(ADA, "pool", grants=[])
    assert [item.available for item in await own.favourites(BEN)] == [False]
    assert await own.recents(BEN, 10) == []
    await own.remove_favourite(BEN, "/pool/d")
    await own.forget_recents(BEN)
    assert await own.favourites(BEN) == []


async def test_names_are_found(rooms: Rooms) -> None:
    (rooms.pool / "Ferien").mkdir()
    (rooms.pool / "Ferien/Café.jpg").write_text("")
    (rooms.pool / ".talome-trash").mkdir()
    (rooms.pool / ".talome-trash/cafe.jpg").write_text("")
    found = await rooms.open.files.search(BEN, "cafe", "/", 10)
    assert ([entry.path for entry in found.entries], found.complete) == (["/pool/Ferien/Café.jpg"], True)
    assert (await rooms.open.files.search(CLEO, "cafe", "/", 10)).entries == []


async def test_a_folder_is_measured(rooms: Rooms) -> None:
    (rooms.pool / "d/e").mkdir(parents=True)
    (rooms.pool / "d/x").write_bytes(b"x" * 10)
    (rooms.pool / "d/e/y").write_bytes(b"y" * 5)
    size = await rooms.open.files.size(BEN, "/pool/d")
    assert (size.bytes, size.files, size.folders, size.complete) == (15, 2, 1, True)


async def test_a_disk_that_is_gone_is_said_so(rooms: Rooms) -> None:
    rooms.books.rmdir()
    answer = await rooms.client("ben").get("/api/files", path="/books")
    assert (answer.status, answer.json["code"]) == (503, "root_gone")
    assert [root.available for root in await rooms.open.roots.list_(BEN)] == [False, True]
