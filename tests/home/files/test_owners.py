"""Whose files are: changed with all below, by administrators, and put back where the job does not come to its end."""

import os
import stat
from pathlib import Path

import pytest

from talome.core.errors import Forbidden, Invalid, NotFound
from talome.home.files import owners as owners_module
from talome.home.files.owners import Wish
from tests.home.files.rooms import ADA, BEN, Rooms, cut_at, open_rooms

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")


def fill(folder: Path) -> Path:
    (folder / "d/e").mkdir(parents=True)
    for name, mode in (("d/a.txt", 0o644), ("d/e/run.sh", 0o700), ("other.txt", 0o600)):
        (folder / name).write_text(name)
        (folder / name).chmod(mode)
    (folder / "d").chmod(0o2750)
    (folder / "d/out").symlink_to(folder / "other.txt")
    os.mkfifo(folder / "d/pipe", 0o600)
    return folder / "d"


def rights(path: Path) -> tuple[int, int, str]:
    known = path.lstat()
    return known.st_uid, known.st_gid, oct(stat.S_IMODE(known.st_mode))


@as_root
async def test_owner_group_and_mode_of_all_below(rooms: Rooms) -> None:
    folder = fill(rooms.pool)
    asked = {"paths": ["/pool/d"], "uid": 1000, "gid": 1001, "mode": "664"}
    answer = await rooms.client("ada").post("/api/files/owners", **asked)
    assert answer.status == 200, answer.json
    job = await rooms.ended(answer.json)
    assert (job.state, job.title) == ("done", "Change the owner or the rights of “d”")
    assert rights(folder) == (1000, 1001, "0o2775")
    assert rights(folder / "a.txt") == (1000, 1001, "0o664")
    assert rights(folder / "e/run.sh") == (1000, 1001, "0o775")
    assert rights(folder / "out")[:2] == rights(folder / "pipe")[:2] == rights(rooms.pool / "other.txt")[:2] == (0, 0)
    assert rights(rooms.pool / "other.txt")[2] == rights(folder / "pipe")[2] == "0o600"
    assert not list((rooms.home / "undo").iterdir())


async def test_a_file_that_is_named_gets_exactly_what_was_asked_for(rooms: Rooms) -> None:
    fill(rooms.pool)
    tasks = rooms.open.owners
    await rooms.ended(await tasks.change(ADA, ["/pool/other.txt", "/pool/d"], Wish(None, None, 0o755), below=False))
    assert rights(rooms.pool / "other.txt")[2] == "0o755"
    assert rights(rooms.pool / "d/a.txt")[2] == "0o644"


async def test_a_job_that_fails_puts_back_what_was(rooms: Rooms, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = fill(rooms.pool)
    things = (folder, folder / "a.txt", folder / "e", folder / "e/run.sh")
    before = [rights(path) for path in things]
    changed: list[int] = []

    def until_the_disk_gives_up(held: str, wish: Wish, *, named: bool) -> None:
        if len(changed) == 2:
            raise OSError(5, "Input/output error")
        set_one(held, wish, named=named)
        changed.append(stat.S_IMODE(os.stat(held).st_mode))

    set_one = owners_module._set
    monkeypatch.setattr(owners_module, "_set", until_the_disk_gives_up)
    job = await rooms.ended(await rooms.open.owners.change(ADA, ["/pool/d"], Wish(None, None, 0o600), below=True))
    assert job.state == "failed"
    assert changed == [0o2700, 0o600]
    assert [rights(path) for path in things] == before
    assert not list((rooms.home / "undo").iterdir())


async def test_what_was_swapped_meanwhile_is_left_alone(rooms: Rooms, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = fill(rooms.pool)
    write = owners_module.Owners._write_notes

    def then_swap(*given: object) -> int:
        count = write(*given)  # type: ignore[arg-type]  # what it was called with
        (folder / "a.txt").unlink()
        (folder / "a.txt").symlink_to(rooms.pool / "other.txt")
        (folder / "e").rename(rooms.pool / "e")
        (folder / "e").symlink_to(rooms.pool / "e")
        return count

    monkeypatch.setattr(owners_module.Owners, "_write_notes", then_swap)
    job = await rooms.ended(await rooms.open.owners.change(ADA, ["/pool/d"], Wish(None, None, 0o666), below=True))
    assert job.state in ("done", "failed"), job.reason
    assert rights(rooms.pool / "other.txt")[2] == "0o600"
    assert rights(rooms.pool / "e/run.sh")[2] == "0o700"


async def test_who_may_and_what_is_refused(rooms: Rooms) -> None:
    fill(rooms.pool)
    tasks = rooms.open.owners
    with pytest.raises(Forbidden):
        await tasks.change(BEN, ["/pool/d"], Wish(None, None, 0o777), below=True)
    for path, wish in (
        ("/pool", Wish(None, None, 0o777)),
        ("/pool/d/pipe", Wish(0, 0, None)),
        ("/pool/d", Wish(None, None, None)),
    ):
        with pytest.raises(Invalid):
            await tasks.change(ADA, [path], wish, below=True)
    with pytest.raises(NotFound):
        await tasks.change(ADA, ["/pool/nothing"], Wish(0, 0, None), below=True)
    for mode in ("4755", "888", "", "rwx"):
        answer = await rooms.client("ada").post("/api/files/owners", paths=["/pool/d"], mode=mode)
        assert answer.status == 400, answer.json


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("step", ["files.note_owners", "files.change_owners", "files.forget_owners"])
async def test_a_stop_at_any_step_is_gone_on_with(tmp_path: Path, step: str, when: str) -> None:
    async with open_rooms(tmp_path) as rooms:
        folder = fill(rooms.pool)
        cut = cut_at(rooms, step, when)
        job = await rooms.open.owners.change(ADA, ["/pool/d"], Wish(None, None, 0o660), below=True)
        assert await cut(job.id)
    async with open_rooms(tmp_path) as rooms:
        row = await rooms.ended(job)
        assert (row.state, row.reason) == ("done", None)
        found = [rights(path)[2] for path in (folder, folder / "a.txt", folder / "e/run.sh")]
        assert found == ["0o2770", "0o660", "0o770"]
        assert not list((rooms.home / "undo").iterdir())
