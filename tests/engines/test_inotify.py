"""What the kernel tells of folders."""

import asyncio
import os
from pathlib import Path

from talome.engines import inotify
from talome.engines.inotify import FolderWatch
from talome.engines.mounts import unreal_devices


async def test_changes_are_told_by_the_number_of_the_folder(tmp_path: Path) -> None:
    told: asyncio.Queue[set[int]] = asyncio.Queue()
    folders = [tmp_path / name for name in ("one", "two", "three")]
    with FolderWatch(2, told.put_nowait, lambda: None) as watch:
        numbers = []
        for folder in folders:
            folder.mkdir()
            descriptor = os.open(folder, os.O_RDONLY)
            numbers.append(watch.add(descriptor))
            assert watch.add(descriptor) == numbers[-1]  # the same folder, the same number
            os.close(descriptor)
        assert numbers[2] is None  # no more than two
        assert len(watch) == 2
        for change in (
            lambda: (folders[1] / "file").write_text("x"),
            lambda: (folders[1] / "file").rename(folders[1] / "other"),
            (folders[1] / "other").unlink,
        ):
            change()
            assert await asyncio.wait_for(told.get(), 5) == {numbers[1]}
        assert numbers[0] is not None
        watch.remove(numbers[0])
        (folders[0] / "file").touch()
        (folders[1] / "file").touch()
        assert await asyncio.wait_for(told.get(), 5) == {numbers[1]}


async def test_a_queue_that_ran_over_is_told() -> None:
    lost = asyncio.Event()
    watch = FolderWatch(1, lambda _: None, lost.set)
    reading, writing = os.pipe2(os.O_NONBLOCK)
    watch._file = reading
    os.write(writing, inotify._EVENT.pack(-1, inotify._OVERFLOW, 0, 0))
    watch._read()
    assert lost.is_set()
    os.close(reading)
    os.close(writing)


def test_what_the_kernel_makes_up_is_known() -> None:
    unreal = unreal_devices(Path("/proc/self/mountinfo"))
    assert Path("/proc").stat().st_dev in unreal
    assert Path("/tmp").stat().st_dev not in unreal
