"""`kill -9` in the middle of jobs: everything is where it was or where it goes, and nothing is half."""

import asyncio
import os
import random
import signal
import sys
import zipfile
from pathlib import Path

import pytest

from tests.home.files.rooms import BEN, Rooms, open_rooms

FILES = {f"{folder}/{number}.txt": str(number) * 1000 for folder in ("x", "y/z") for number in range(20)}


async def killed(folder: Path, kills: int) -> None:
    chance = random.Random(7)
    for _ in range(kills):
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.home.files.busy", folder, stdout=asyncio.subprocess.PIPE
        )
        assert process.stdout is not None
        for _ in range(chance.randint(1, 3)):
            assert await process.stdout.readline() == b"again\n"
        await asyncio.sleep(chance.uniform(0, 0.15))
        process.send_signal(signal.SIGKILL)
        await process.wait()


def tree_of(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}


async def check(rooms: Rooms) -> None:
    for job in await rooms.jobs.store.recent(100):
        assert (await rooms.ended(job)).state == "done", job.reason
    for item in await rooms.open.trash.all(BEN):
        if item.name == "tree":
            await rooms.open.trash.restore(BEN, item.id, "fail", None)
    found = [side for side in ("a", "b") if (rooms.pool / side / "tree").exists()]
    assert len(found) == 1
    assert tree_of(rooms.pool / found[0] / "tree") == FILES
    for copy in (rooms.pool / "c").iterdir():
        if copy.is_dir():
            assert tree_of(copy) == FILES, copy
        else:
            with zipfile.ZipFile(copy) as read:
                assert read.testzip() is None
    assert [path.name for path in rooms.pool.rglob(".talome-part-*")] == []


async def run(folder: Path, kills: int) -> None:
    for name, text in FILES.items():
        path = folder / "pool/a/tree" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    for name in ("b", "c"):
        os.mkdir(folder / "pool" / name)
    await killed(folder, kills)
    async with open_rooms(folder) as rooms:
        await check(rooms)


async def test_two_kills(tmp_path: Path) -> None:
    await run(tmp_path, 2)


@pytest.mark.whole  # fifteen starts of a process take minutes on a busy machine
@pytest.mark.timeout(600)
async def test_fifteen_kills(tmp_path: Path) -> None:
    await run(tmp_path, 15)
