"""No path, in no spelling and on no route, opens anything outside the roots; no swap of a folder for a link does."""

import asyncio
import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.engines.test_beneath import swapped
from tests.home.files.rooms import ADA, BEN, Rooms

SECRET = "what nobody may read"
SWAPS = 150
_EVERYTHING = 0x1 | 0x2 | 0x4 | 0x20 | 0x40 | 0x80 | 0x100 | 0x200  # ACCESS … DELETE of linux/inotify.h, without CLOSE
_LIBC = ctypes.CDLL(None, use_errno=True)


@contextmanager
def untouched(folder: Path) -> Iterator[None]:
    """Fails if anybody, by whatever call, opened, read, changed or listed the folder or what is in it: the kernel
    tells."""
    descriptor = _LIBC.inotify_init1(os.O_NONBLOCK)
    assert _LIBC.inotify_add_watch(descriptor, os.fsencode(folder), _EVERYTHING) >= 0
    try:
        yield
        with pytest.raises(BlockingIOError):
            os.read(descriptor, 4096)
    finally:
        os.close(descriptor)


def test_the_watch_sees(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("x")
    with pytest.raises(pytest.fail.Exception), untouched(tmp_path):
        (tmp_path / "x").read_text()


@pytest.fixture
def outside(rooms: Rooms) -> Path:
    folder = rooms.pool.parent / "canary"
    folder.mkdir()
    (folder / "secret").write_text(SECRET)
    (folder / "secret.zip").write_bytes(b"PK")
    (rooms.pool / "d").mkdir()
    (rooms.pool / "d/x").write_text("x")
    (rooms.pool / "out").symlink_to(folder)
    (rooms.pool / "file").symlink_to(folder / "secret")
    (rooms.pool / "relative").symlink_to("../canary/secret")
    (rooms.pool / "up").symlink_to("..")
    return folder


CLIMBS = ("d/../../canary/secret", "../canary/secret", "../../canary/secret", "./../canary/secret")


def spellings(outside: Path, climbs: tuple[str, ...]) -> Iterator[str]:
    """Ways to say `<outside>/secret` that a careless server would follow."""
    absolute = str(outside / "secret")
    for climb in climbs:
        plain = f"/pool/{climb}"
        yield plain
        yield plain.replace("..", "%2e%2e")
        yield plain.replace("/..", "/%252e%252e")
        yield plain.replace("../", "..%2f")
        yield plain.replace("/", "\\")
        yield plain.replace("../", "..\\")
        yield plain.replace("..", ".. ")
        yield plain.replace("..", "..\0")
        yield plain.replace("..", "．．")
        yield plain.replace("../", "..//")
        yield plain.replace("..", "\uf7ae\uf7ae")
        yield plain.replace("../", "..\uf7af")
        yield f"{plain}\0.txt"
        yield f"{plain}/."
        yield f"{plain}."
    yield from (absolute, f"/pool/{absolute}", f"/pool{absolute}", f"//pool/{absolute}", f"file://{absolute}")
    yield from ("/pool/out/secret", "/pool/file", "/pool/relative", "/pool/up/canary/secret", "/pool/d/../out/secret")
    yield from ("~", "/~root/secret", "/pool/~/secret", "", ".", "..", "/..", "/../", "/pool/..", "/pool/../canary")
    yield from ("/POOL/x", "/pool\0/x", "/pool/" + "a" * 300, "/pool/" + "a/" * 3000, "/pool/" + "../" * 500)
    yield from ("/pool/out", "/pool/out/", "/pool/up", "/pool/up/", "/pool/out/new", "/pool/file/x")


def requests(path: str) -> Iterator[tuple[str, str, Any]]:
    """The path as every path parameter that there is."""
    asked = quote(path, safe="")
    for route in ("", "/size", "/text", "/download", "/thumbnail", "/search"):
        query = "&query=secret" if route == "/search" else ""
        yield "GET", f"/api/files{route}?path={asked}{query}", None
    yield "DELETE", f"/api/files?path={asked}", None
    for route in ("/mkdir", "/favourites"):
        yield "POST", f"/api/files{route}", {"path": path}
    yield "POST", "/api/files/mkdir", {"path": f"{path}/new", "parents": True}
    yield "POST", "/api/files/rename", {"from": path, "to": "/pool/stolen"}
    yield "POST", "/api/files/rename", {"from": "/pool/d/x", "to": path}
    for route in ("/copy", "/move"):
        yield "POST", f"/api/files{route}", {"paths": [path], "to": "/pool/d", "onConflict": "keep_both"}
        yield "POST", f"/api/files{route}", {"paths": ["/pool/d/x"], "to": path, "onConflict": "keep_both"}
    yield "POST", "/api/files/zip", {"paths": [path], "to": "/pool/z.zip", "onConflict": "keep_both"}
    yield "POST", "/api/files/zip", {"paths": ["/pool/d"], "to": path}
    yield "POST", "/api/files/unzip", {"path": f"{path}.zip", "to": "/pool/new"}
    yield "POST", "/api/files/unzip", {"path": "/pool/z.zip", "to": path}
    yield "PUT", "/api/files/text", {"path": path, "text": "written"}
    yield "POST", "/api/files/delete", {"paths": [path]}
    yield "POST", "/api/files/tickets", {"paths": [path]}


async def test_no_spelling_leads_out(rooms: Rooms, outside: Path) -> None:
    await fuzz(rooms, outside, CLIMBS[:1])


@pytest.mark.whole  # the same again with other climbs, thousands of requests
async def test_no_further_spelling_leads_out(rooms: Rooms, outside: Path) -> None:
    await fuzz(rooms, outside, CLIMBS)


async def fuzz(rooms: Rooms, outside: Path, climbs: tuple[str, ...]) -> None:
    """By an administrator, who may write everywhere in the root."""
    ada = rooms.client("ada")
    with untouched(outside):
        for path in spellings(outside, climbs):
            for method, route, body in requests(path):
                answer = await ada.ask(method, route, json=body)
                assert answer.status < 500, (method, route, body, answer.body)
                assert SECRET.encode() not in answer.body, (method, route, body)
                if isinstance(answer.json, dict) and str(answer.json.get("id", "")).startswith("job_"):
                    await rooms.ended(answer.json)
    assert sorted(os.listdir(outside)) == ["secret", "secret.zip"]
    assert (outside / "secret").read_text() == SECRET
    for path in rooms.pool.rglob("*"):
        assert path.is_symlink() or not path.is_file() or SECRET.encode() not in path.read_bytes(), path


async def race(rooms: Rooms, outside: Path, times: int) -> None:
    """Everything that takes a while, over a folder that is swapped for a link outwards all the time."""
    files, tasks, trash = rooms.open.files, rooms.open.tasks, rooms.open.trash
    (outside / "x").write_text(SECRET)
    ben = rooms.client("ben")
    with untouched(outside), swapped(rooms.pool / "d", outside) as rounds:
        number = 0
        while rounds[0] < times:
            number += 1
            for begin in (
                lambda: tasks.copy(BEN, ["/pool/d"], "/pool", "keep_both"),
                lambda: tasks.zip(BEN, ["/pool/d"], "/pool/z.zip", "replace"),
                lambda: tasks.move(BEN, ["/pool/d/x"], "/pool", "keep_both"),
            ):
                with suppress(Exception):
                    await rooms.ended(await begin())
            await asyncio.gather(
                ben.get("/api/files/download", path="/pool/d"),
                ben.get("/api/files/thumbnail", path="/pool/d/x.png"),
                files.mkdir(BEN, f"/pool/d/new-{number}", parents=False),
                files.write_text(BEN, f"/pool/d/text-{number}", "text", None),
                trash.put(BEN, [f"/pool/d/text-{number}"]),
                return_exceptions=True,
            )
            for name in os.listdir(rooms.pool):
                if name.startswith("d ("):
                    with suppress(Exception):
                        await trash.put(ADA, [f"/pool/{name}"])
    assert sorted(os.listdir(outside)) == ["secret", "secret.zip", "x"]
    assert (outside / "x").read_text() == SECRET
    for path in rooms.pool.rglob("*"):
        assert path.is_symlink() or not path.is_file() or SECRET.encode() not in path.read_bytes(), path


async def test_a_folder_swapped_for_a_link_wins_nothing(rooms: Rooms, outside: Path) -> None:
    await race(rooms, outside, SWAPS)


@pytest.mark.whole  # ten thousand swaps take minutes
@pytest.mark.timeout(600)
async def test_a_folder_swapped_ten_thousand_times_wins_nothing(rooms: Rooms, outside: Path) -> None:
    await race(rooms, outside, 10_000)
