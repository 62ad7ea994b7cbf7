"""ZIPs as they are written, judged by Python's reader and by Info-ZIP where it is installed."""

import os
import resource
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from talome.engines.zips import ZipWriter


def write(target: Path, files: dict[str, Path], *, deflate: bool) -> None:
    with target.open("wb") as out, ZipWriter(out.write, deflate=deflate) as zipped:  # type: ignore[arg-type]
        zipped.add_folder("folder", target.parent.stat())
        for name, path in files.items():
            descriptor = os.open(path, os.O_RDONLY)
            zipped.add_file(name, descriptor, os.fstat(descriptor))
            os.close(descriptor)
        zipped.finish()


@pytest.mark.parametrize("deflate", [False, True])
def test_readers_agree(tmp_path: Path, deflate: bool) -> None:
    contents = {"folder/grüße.txt": b"hello " * 1000, "big.bin": os.urandom(700_000) + b"a" * 700_000, "empty": b""}
    contents["done.zip"] = b"a" * 400_000
    for number, content in enumerate(contents.values()):
        (tmp_path / str(number)).write_bytes(content)
    files = {name: tmp_path / str(number) for number, name in enumerate(contents)}
    target = tmp_path / "all.zip"
    write(target, files, deflate=deflate)
    with zipfile.ZipFile(target) as read:
        assert read.testzip() is None
        assert {info.filename: read.read(info) for info in read.infolist()} == {"folder/": b"", **contents}
        assert read.getinfo("done.zip").compress_type == zipfile.ZIP_STORED
    if program := shutil.which("unzip"):
        subprocess.run([program, "-qt", str(target)], check=True, capture_output=True)


def test_a_backslash_parts_no_folders(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("x")
    write(tmp_path / "z.zip", {"..\\..\\x": tmp_path / "x"}, deflate=False)
    with zipfile.ZipFile(tmp_path / "z.zip") as read:
        assert read.namelist()[-1] == ".._.._x"


def test_a_file_that_changes_meanwhile_stays_readable(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"x" * 10)
    for size in (0, 5, 600_000):
        descriptor = os.open(path, os.O_RDONLY)
        known = os.fstat(descriptor)
        path.write_bytes(b"y" * size)
        with (tmp_path / "z.zip").open("wb") as out, ZipWriter(out.write, deflate=False) as zipped:  # type: ignore[arg-type]
            zipped.add_file("log", descriptor, known)
            zipped.finish()
        os.close(descriptor)
        with zipfile.ZipFile(tmp_path / "z.zip") as read:
            assert read.read("log") == b"y" * size


def test_memory_does_not_grow_with_the_number_of_files(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("x")
    written = [0]

    def count(piece: bytes) -> None:
        written[0] += len(piece)

    before = _largest_kb()
    _many(count, tmp_path / "x", 30_000)
    assert written[0] > 30_000 * 100
    assert _largest_kb() - before < 20_000


def _many(write_to: Callable[[bytes], None], path: Path, times: int) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    known = os.fstat(descriptor)
    with ZipWriter(write_to, deflate=False) as zipped:
        for number in range(times):
            os.lseek(descriptor, 0, os.SEEK_SET)
            zipped.add_file(f"folder/{number}", descriptor, known)
        zipped.finish()
    os.close(descriptor)


def _largest_kb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
