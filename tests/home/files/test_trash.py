"""The trash: nothing is lost on the way there and back, and what is too old or too much goes."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from talome.core.clock import now_ms
from talome.core.errors import Conflict, Invalid, NotFound
from talome.home.files.trash import Sweep, Trash
from tests.home.files.rooms import BEN, CLEO, Rooms, open_rooms


async def nothing() -> None:
    return None


async def test_what_is_deleted_comes_back(rooms: Rooms) -> None:
    (rooms.pool / "a/b").mkdir(parents=True)
    (rooms.pool / "a/b/x").write_text("x")
    trash = rooms.open.trash
    [gone] = await trash.put(BEN, ["/pool/a/b"])
    assert not (rooms.pool / "a/b").exists()
    assert (gone.path, gone.kind, gone.deleted_by) == ("/pool/a/b", "folder", "ben")
    assert [item.id for item in await trash.all(BEN)] == [gone.id]
    assert (rooms.pool / ".talome-trash").stat().st_mode & 0o777 == 0o700
    (rooms.pool / "a").rmdir()
    assert (await trash.restore(BEN, gone.id, "fail", None)).path == "/pool/a/b"
    assert (rooms.pool / "a/b/x").read_text() == "x"
    assert await trash.all(BEN) == []
    assert os.listdir(rooms.pool / ".talome-trash") == []


async def test_the_trash_is_reached_by_no_path(rooms: Rooms) -> None:
    (rooms.pool / "x").write_text("x")
    await rooms.open.trash.put(BEN, ["/pool/x"])
    ben = rooms.client("ben")
    listed = (await ben.get("/api/files", path="/pool")).json
    assert listed["entries"] == []
    for path in ("/pool/.talome-trash", "/pool/.talome-trash/x", "/pool/a/.talome-part-1"):
        for route in ("/api/files", "/api/files/info", "/api/files/download", "/api/files/text"):
            assert (await ben.get(route, path=path)).status == 404, (route, path)
        assert (await ben.post("/api/files/mkdir", path=path)).status == 404
        assert (await ben.ask("DELETE", f"/api/files?path={path}")).status == 404


async def test_a_name_that_is_taken_again(rooms: Rooms) -> None:
    trash = rooms.open.trash
    ids = []
    for text in ("one", "two", "three"):
        (rooms.pool / "x.txt").write_text(text)
        ids.append((await trash.put(BEN, ["/pool/x.txt"]))[0].id)
    (rooms.pool / "x.txt").write_text("now")
    with pytest.raises(Conflict) as refusal:
        await trash.restore(BEN, ids[0], "fail", None)
    assert refusal.value.details["conflicts"] == ["x.txt"]
    assert (await trash.restore(BEN, ids[0], "keep_both", None)).path == "/pool/x (2).txt"
    assert (await trash.restore(BEN, ids[1], "replace", None)).path == "/pool/x.txt"
    assert (await trash.restore(BEN, ids[2], "fail", "/pool/other/y.txt")).path == "/pool/other/y.txt"
    assert (rooms.pool / "x.txt").read_text() == "two"
    assert (rooms.pool / "other/y.txt").read_text() == "three"
    assert [item.name for item in await trash.all(BEN)] == ["x.txt"]


async def test_somebody_elses_trash_is_not_there(rooms: Rooms) -> None:
    (rooms.pool / "x").write_text("x")
    [gone] = await rooms.open.trash.put(BEN, ["/pool/x"])
    assert await rooms.open.trash.all(CLEO) == []
    with pytest.raises(NotFound):
        await rooms.open.trash.restore(CLEO, gone.id, "fail", None)
    with pytest.raises(NotFound):
        await rooms.open.trash.purge(CLEO, [gone.id])
    with pytest.raises(Invalid):
        await rooms.open.trash.put(BEN, ["/pool"])
    done = await rooms.open.trash.purge(BEN, [gone.id])
    assert (done.deleted, done.freed_bytes) == (1, 1)
    assert os.listdir(rooms.pool / ".talome-trash") == []


async def test_the_sweep_takes_what_is_old_or_too_much(rooms: Rooms, monkeypatch: pytest.MonkeyPatch) -> None:
    trash, sweep = rooms.open.trash, Sweep(rooms.open.trash, nothing)
    for name in ("old", "young"):
        (rooms.pool / name).mkdir()
        (rooms.pool / name / "x").write_bytes(b"x" * 10_000)
        await trash.put(BEN, [f"/pool/{name}"])
    await sweep.sweep()
    assert [item.size_bytes for item in await trash.all(BEN)] == [12288, 12288]
    [_, old] = await trash.all(BEN)
    row = await trash.store.get(old.id)
    assert row is not None
    await trash.store.remove(old.id)
    async with trash.store.db.write() as tx:
        await tx.execute(
            "INSERT INTO files_trash (id, folder, place, path, kind, size_bytes, deleted_at, deleted_by) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (row.id, row.folder, row.place, row.path, row.kind, row.size_bytes, now_ms() - 31 * 86_400_000, "ben"),
        )
    await sweep.sweep()
    assert [item.name for item in await trash.all(BEN)] == ["young"]
    monkeypatch.setattr(Trash, "percent", 0)
    await sweep.sweep()
    assert await trash.all(BEN) == []
    assert os.listdir(rooms.pool / ".talome-trash") == []


async def test_a_row_whose_thing_is_gone_is_forgotten_but_not_on_a_disk_that_is_away(rooms: Rooms) -> None:
    trash, sweep = rooms.open.trash, Sweep(rooms.open.trash, nothing)
    (rooms.pool / "x").write_text("x")
    (rooms.pool / "y").write_text("y")
    await trash.put(BEN, ["/pool/x", "/pool/y"])
    aside = rooms.pool.with_name("aside")
    rooms.pool.rename(aside)
    rooms.pool.mkdir()  # the empty place where a disk is mounted
    await sweep.sweep()
    assert len(await trash.all(BEN)) == 2
    rooms.pool.rmdir()
    aside.rename(rooms.pool)
    next((rooms.pool / ".talome-trash").rglob("x")).unlink()
    await sweep.sweep()
    assert [item.name for item in await trash.all(BEN)] == ["y"]


async def test_the_trash_of_a_mounted_disk_is_on_that_disk(rooms: Rooms, tmp_path: Path) -> None:
    """One rename each way, never a copy; and a disk that is mounted in there is never emptied."""
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("mounting needs root")
    disk = rooms.pool / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)], check=False, capture_output=True
    )
    if mounted.returncode != 0:
        pytest.skip("this sandbox does not let us mount")
    try:
        (disk / "x").write_text("x")
        [gone] = await rooms.open.trash.put(BEN, ["/pool/disk/x"])
        assert os.listdir(disk) == [".talome-trash"]
        await rooms.open.trash.restore(BEN, gone.id, "fail", None)
        assert (disk / "x").read_text() == "x"
        with pytest.raises(Conflict):
            await rooms.open.trash.put(BEN, ["/pool/disk"])
        assert (disk / "x").read_text() == "x"
        assert await rooms.open.trash.all(BEN) == []
    finally:
        subprocess.run(["umount", str(disk)], check=True)


async def test_what_was_marked_goes_also_after_a_crash(tmp_path: Path) -> None:
    async with open_rooms(tmp_path) as rooms:
        (rooms.pool / "x").write_text("x")
        [gone] = await rooms.open.trash.put(BEN, ["/pool/x"])
        await rooms.open.trash.store.purge_at([gone.id], now_ms() - 1)
    async with open_rooms(tmp_path) as rooms:
        with pytest.raises(NotFound):
            await rooms.open.trash.restore(BEN, gone.id, "fail", None)
        await Sweep(rooms.open.trash, nothing).sweep()
        assert os.listdir(rooms.pool / ".talome-trash") == []
