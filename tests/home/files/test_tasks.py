"""Copying, moving, packing and unpacking as jobs: whole or not at all, cancelled or killed at any moment."""

import asyncio
import io
import os
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest

from talome.core.errors import Conflict, Forbidden, Invalid, NotFound
from talome.core.jobs.service import Job
from talome.home.files import tasks as tasks_module
from talome.home.files.models import RootGrant
from tests.home.files.rooms import ADA, BEN, CLEO, Rooms, cut_at, open_rooms


def tree(folder: Path) -> dict[str, str]:
    """Everything that people see there."""
    return {
        str(path.relative_to(folder)): path.read_text() if path.is_file() else "/"
        for path in sorted(folder.rglob("*"))
        if ".talome-" not in str(path)
    }


def fill(folder: Path) -> None:
    (folder / "d/e").mkdir(parents=True)
    (folder / "d/x.txt").write_text("x")
    (folder / "d/e/y.txt").write_text("y")
    (folder / "to").mkdir()


def no_parts(folder: Path) -> bool:
    return not list(folder.rglob(".talome-part-*"))


async def test_a_copy_and_a_move(rooms: Rooms) -> None:
    fill(rooms.pool)
    job = await rooms.ended(await rooms.open.tasks.copy(BEN, ["/pool/d", "/pool/d/x.txt"], "/pool/to", "fail"))
    assert (job.state, job.title) == ("done", "Copy 2 items")
    assert tree(rooms.pool / "to") == {
        "d": "/", "d/e": "/", "d/e/y.txt": "y", "d/x.txt": "x", "x.txt": "x",
    }  # fmt: skip
    job = await rooms.ended(await rooms.open.tasks.move(BEN, ["/pool/d/e"], "/pool", "fail"))
    assert (job.state, job.reason) == ("done", None)
    assert (rooms.pool / "e/y.txt").read_text() == "y"
    assert not (rooms.pool / "d/e").exists()
    assert no_parts(rooms.pool)


async def test_names_that_are_taken(rooms: Rooms) -> None:
    fill(rooms.pool)
    (rooms.pool / "to/x.txt").write_text("old")
    tasks = rooms.open.tasks
    for begin in (tasks.copy, tasks.move):
        with pytest.raises(Conflict) as refusal:
            await begin(BEN, ["/pool/d/x.txt"], "/pool/to", "fail")
        assert refusal.value.details["conflicts"] == ["x.txt"]
    await rooms.ended(await tasks.copy(BEN, ["/pool/d/x.txt"], "/pool/to", "skip"))
    assert tree(rooms.pool / "to") == {"x.txt": "old"}
    await rooms.ended(await tasks.copy(BEN, ["/pool/d/x.txt"], "/pool/to", "keep_both"))
    await rooms.ended(await tasks.copy(BEN, ["/pool/d/x.txt"], "/pool/d", "keep_both"))
    assert tree(rooms.pool / "to") == {"x.txt": "old", "x (2).txt": "x"}
    assert (rooms.pool / "d/x (2).txt").read_text() == "x"
    await rooms.ended(await tasks.move(BEN, ["/pool/d/x.txt"], "/pool/to", "replace"))
    assert tree(rooms.pool / "to") == {"x.txt": "x", "x (2).txt": "x"}
    assert [item.path for item in await rooms.open.trash.all(BEN)] == ["/pool/to/x.txt"]


async def test_what_cannot_be(rooms: Rooms) -> None:
    fill(rooms.pool)
    tasks = rooms.open.tasks
    with pytest.raises(Invalid):
        await tasks.copy(BEN, ["/pool/d"], "/pool/d/e", "fail")
    with pytest.raises(Invalid):
        await tasks.move(BEN, ["/pool"], "/pool/to", "fail")
    with pytest.raises(Forbidden):
        await tasks.copy(BEN, ["/pool/d"], "/books", "fail")
    with pytest.raises(NotFound):
        await tasks.copy(CLEO, ["/pool/d"], "/pool/to", "fail")
    with pytest.raises(NotFound):
        await tasks.copy(BEN, ["/pool/missing"], "/pool/to", "fail")
    with pytest.raises(Invalid):
        await tasks.copy(BEN, ["/pool/d"], "/pool/d/x.txt", "fail")
    (rooms.books / "b").write_text("b")
    with pytest.raises(Forbidden):
        await tasks.move(BEN, ["/books/b"], "/pool", "fail")


async def test_a_job_is_seen_by_whoever_began_it_alone(rooms: Rooms) -> None:
    fill(rooms.pool)
    job = (await rooms.client("ben").post("/api/files/copy", paths=["/pool/d"], to="/pool/to")).json
    await rooms.ended(job)
    assert (await rooms.client("ben").get(f"/api/jobs/{job['id']}")).json["state"] == "done"
    assert (await rooms.client("ada").get(f"/api/jobs/{job['id']}")).status == 200
    assert (await rooms.client("cleo").get(f"/api/jobs/{job['id']}")).status == 404
    assert (await rooms.client("cleo").get("/api/jobs")).json == []


async def test_a_cancelled_copy_leaves_no_trace(rooms: Rooms) -> None:
    fill(rooms.pool)
    with (rooms.pool / "d/large").open("wb") as file:
        for _ in range(100):
            file.write(b"x" * 1024 * 1024)
    job = await rooms.open.tasks.copy(BEN, ["/pool/d"], "/pool/to", "fail")
    while not list((rooms.pool / "to").iterdir()):
        await asyncio.sleep(0)
    await rooms.jobs.cancel(job.id)
    row = await rooms.ended(job)
    assert row.state == "cancelled"
    assert tree(rooms.pool / "to") == {}
    assert sorted(os.listdir(rooms.pool / "d")) == ["e", "large", "x.txt"]
    assert no_parts(rooms.pool)


async def test_a_move_between_disks_waits_with_the_originals(rooms: Rooms, tmp_path: Path) -> None:
    other = Path("/dev/shm") / f"talome-{os.getpid()}"
    other.mkdir()
    try:
        if other.stat().st_dev == rooms.pool.stat().st_dev:
            pytest.skip("there is one file system here")
        await _across(rooms, other)
    finally:
        import shutil

        shutil.rmtree(other)


async def _across(rooms: Rooms, other: Path) -> None:
    row = rooms.open.roots.get("books")
    assert row is not None
    link = rooms.pool.parent / "other"
    link.symlink_to(other)
    from talome.home.files.store import RootRow

    async with rooms.open.roots._store.db.write() as tx:  # a root on /dev/shm is refused, as it holds nothing of people
        await rooms.open.roots._store.put(tx, RootRow("shm", "Memory", str(link), "none", None, None, {}), 1)
    await rooms.open.roots._read()
    fill(rooms.pool)
    renamed = await rooms.client("ada").ask("POST", "/api/files/rename", json={"from": "/pool/d", "to": "/shm/d"})
    assert renamed.json["code"] == "other_disk"
    job = await rooms.ended(await rooms.open.tasks.move(ADA, ["/pool/d"], "/shm", "fail"))
    assert (job.state, job.reason) == ("done", None)
    assert tree(other) == {"d": "/", "d/e": "/", "d/e/y.txt": "y", "d/x.txt": "x"}
    assert tree(rooms.pool) == {"to": "/"}
    assert await rooms.open.trash.all(ADA) == []
    [waiting] = await rooms.open.trash.store.all()
    assert waiting.purge_at is not None


async def test_packing_and_unpacking(rooms: Rooms) -> None:
    fill(rooms.pool)
    (rooms.pool / "d/link").symlink_to("/etc/passwd")
    os.mkfifo(rooms.pool / "d/fifo")
    tasks = rooms.open.tasks
    job = await rooms.ended(await tasks.zip(BEN, ["/pool/d"], "/pool/to/all.zip", "fail"))
    assert (job.state, job.reason) == ("done", None)
    with zipfile.ZipFile(rooms.pool / "to/all.zip") as read:
        assert sorted(read.namelist()) == ["d/", "d/e/", "d/e/y.txt", "d/x.txt"]
    job = await rooms.ended(await tasks.unzip(BEN, "/pool/to/all.zip", "/pool/to/all", "fail"))
    assert (job.state, job.reason) == ("done", None)
    assert tree(rooms.pool / "to/all") == {"d": "/", "d/e": "/", "d/e/y.txt": "y", "d/x.txt": "x"}
    with pytest.raises(Conflict):
        await tasks.unzip(BEN, "/pool/to/all.zip", "/pool/to/all", "fail")
    with tarfile.open(rooms.pool / "t.tar.gz", "w:gz") as written:
        written.add(rooms.pool / "d", arcname="./d")
    job = await rooms.ended(await tasks.unzip(BEN, "/pool/t.tar.gz", "/pool/t", "fail"))
    assert (job.state, job.reason) == ("done", None)
    assert tree(rooms.pool / "t") == {"d": "/", "d/e": "/", "d/e/y.txt": "y", "d/x.txt": "x"}


def _zip(names: dict[str, bytes], link: str | None = None) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as written:
        for name, content in names.items():
            info = zipfile.ZipInfo(name)
            info.filename = name
            info.compress_type = zipfile.ZIP_DEFLATED
            if name == link:
                info.external_attr = 0o120777 << 16
            written.writestr(info, content)
    return made.getvalue()


def _tar(*members: tuple[str, bytes, bytes | None], mode: str = "w") -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode=mode) as written:  # type: ignore[call-overload]  # the mode is a value
        for name, kind, content in members:
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "/etc/passwd"
            info.size = len(content or b"")
            written.addfile(info, io.BytesIO(content or b""))
    return made.getvalue()


HOSTILE: dict[str, bytes] = {
    "dots.zip": _zip({"../out": b"x"}),
    "absolute.zip": _zip({"/out": b"x"}),
    "backslash.zip": _zip({"..\\out": b"x"}),
    "twice.zip": _zip({"a": b"x", "A": b"y"}),
    "bomb.zip": _zip({"a": bytes(100_000_000)}),
    "no.zip": b"PK\x03\x04 but nothing more",
    "dots.tar": _tar(("../out", tarfile.REGTYPE, b"x")),
    "absolute.tar": _tar(("/out", tarfile.REGTYPE, b"x")),
    "twice.tar": _tar(("a", tarfile.REGTYPE, b"x"), ("A", tarfile.REGTYPE, b"x")),
    "bomb.tar.gz": _tar(("a", tarfile.REGTYPE, bytes(100_000_000)), mode="w:gz"),
    "name.tar.gz": _tar(("a" * 3_000_000, tarfile.REGTYPE, b"x"), mode="w:gz"),
    "no.tar": b"no tar at all" * 100,
}


async def test_hostile_archives_are_refused_whole(rooms: Rooms) -> None:
    for name, content in HOSTILE.items():
        (rooms.pool / name).write_bytes(content)
        job = await rooms.ended(await rooms.open.tasks.unzip(BEN, f"/pool/{name}", "/pool/new", "fail"))
        assert job.state == "failed", name
        assert "mistake" not in str(job.reason), name
        (rooms.pool / name).unlink()
        assert os.listdir(rooms.pool) == [], name
    assert not list(rooms.pool.parent.glob("**/out"))


async def test_links_in_archives_are_left_out(rooms: Rooms) -> None:
    (rooms.pool / "l.zip").write_bytes(_zip({"link": b"/etc/passwd", "x": b"x"}, link="link"))
    kinds = {"l": tarfile.SYMTYPE, "h": tarfile.LNKTYPE, "c": tarfile.CHRTYPE, "f": tarfile.FIFOTYPE}
    content = [(name, kind, None) for name, kind in kinds.items()]
    (rooms.pool / "l.tar").write_bytes(_tar(*content, ("x", tarfile.REGTYPE, b"x")))
    for name in ("l.zip", "l.tar"):
        job = await rooms.ended(await rooms.open.tasks.unzip(BEN, f"/pool/{name}", f"/pool/{name}.d", "fail"))
        assert job.state == "done", job.reason
        assert os.listdir(rooms.pool / f"{name}.d") == ["x"]
        said = await rooms.jobs.store.log(job.id, 10)
        assert len(said) == (1 if name == "l.zip" else 4)


@pytest.mark.parametrize("verb", ["zip", "unzip", "copy", "move"])
async def test_who_loses_the_right_meanwhile_gets_nothing(
    rooms: Rooms, monkeypatch: pytest.MonkeyPatch, verb: str
) -> None:
    """The right ends while the job works: here with its first progress."""
    monkeypatch.setattr(tasks_module, "_TELL_S", 0.005)
    fill(rooms.pool)
    (rooms.pool / "to.zip").write_bytes(_zip({f"{number}.txt": b"x" for number in range(300)}))
    for number in range(300):
        (rooms.pool / f"d/{number}.txt").write_bytes(bytes(1000))
    began = asyncio.Event()
    told = Job.progress

    async def then_end(job: Job, *given: Any) -> None:
        await told(job, *given)
        if not began.is_set():
            began.set()
            grants = [RootGrant(user_id="usr_ben", access="read")]
            await rooms.open.roots.change(ADA, "pool", grants=grants)

    monkeypatch.setattr(Job, "progress", then_end)
    tasks = rooms.open.tasks
    before = set(os.listdir(rooms.pool / "to"))
    begun = {
        "zip": lambda: tasks.zip(BEN, ["/pool/d"], "/pool/to/new", "fail"),
        "unzip": lambda: tasks.unzip(BEN, "/pool/to.zip", "/pool/to/new", "fail"),
        "copy": lambda: tasks.copy(BEN, ["/pool/d"], "/pool/to", "fail"),
        "move": lambda: tasks.move(BEN, [f"/pool/d/{number}.txt" for number in range(100)], "/pool/to", "fail"),
    }
    row = await rooms.ended(await begun[verb]())
    assert (row.state, row.reason) == ("failed", "Whoever began this may not do it any more.")
    assert set(os.listdir(rooms.pool / "to")) == before
    assert len(os.listdir(rooms.pool / "d")) == 302
    assert no_parts(rooms.pool)


STEPS = (
    ("copy", "files.copy_part"),
    ("copy", "files.put_aside"),
    ("copy", "files.place"),
    ("move", "files.put_aside"),
    ("move", "files.move_one"),
)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(("verb", "step"), STEPS)
async def test_a_stop_at_any_step_ends_as_old_or_new(tmp_path: Path, verb: str, when: str, step: str) -> None:
    """The journal is cut where a crash would cut it: a step is noted as begun, and its work is not done, or done."""
    async with open_rooms(tmp_path) as rooms:
        fill(rooms.pool)
        (rooms.pool / "to/d").mkdir()
        (rooms.pool / "to/d/old").write_text("old")
        cut = cut_at(rooms, step, when)
        begin: Any = getattr(rooms.open.tasks, verb)
        job = await begin(BEN, ["/pool/d"], "/pool/to", "replace")
        assert await cut(job.id)
    async with open_rooms(tmp_path) as rooms:
        row = await rooms.ended(job)
        assert (row.state, row.reason) == ("done", None)
        assert tree(rooms.pool / "to") == {"d": "/", "d/e": "/", "d/e/y.txt": "y", "d/x.txt": "x"}
        assert (rooms.pool / "d").exists() == (verb == "copy")
        [old] = await rooms.open.trash.all(BEN)
        assert old.path == "/pool/to/d"
        assert no_parts(rooms.pool)


@pytest.mark.parametrize("verb", ["copy", "move"])
async def test_a_failure_in_the_middle_puts_everything_back(rooms: Rooms, verb: str) -> None:
    fill(rooms.pool)
    (rooms.pool / "z").write_text("z")
    (rooms.pool / "to/x.txt").write_text("old")
    before = tree(rooms.pool)
    begin: Any = getattr(rooms.open.tasks, verb)
    steps = rooms.jobs._kinds[f"files.{verb}"].steps
    name = "files.copy_part" if verb == "copy" else "files.move_one"
    original = steps[name]

    async def run(arguments: dict[str, Any]) -> Any:
        if arguments["source"] == "/pool/z":
            raise OSError(28, "No space left on device")
        return await original.run(arguments)

    from dataclasses import replace

    steps[name] = replace(original, run=run)  # type: ignore[index]  # the test's own cut
    row = await rooms.ended(await begin(BEN, ["/pool/d/x.txt", "/pool/d/e", "/pool/z"], "/pool/to", "replace"))
    assert (row.state, row.reason) == ("failed", "There is no room left on the disk. Make some, then try again.")
    assert tree(rooms.pool) == before
    assert no_parts(rooms.pool)
