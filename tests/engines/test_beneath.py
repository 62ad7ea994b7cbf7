"""Nothing outside a folder is reached from it, whatever lies in it and however fast it is swapped."""

import errno
import os
import secrets
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from talome.core.errors import Conflict, Invalid, NotFound, TalomeError
from talome.engines import beneath
from talome.engines.beneath import Beneath, Found, said_plainly
from talome.engines.transfer import Copier, Progress, Stopped

SECRET = "what nobody may read"
SWAPS = 300


@pytest.fixture(params=["openat2", "steps"])
def house(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """`root` holds a folder, a file and links of all kinds; `outside` a secret. Both ways of opening are tried."""
    if request.param == "steps":
        monkeypatch.setattr(beneath, "HAS_OPENAT2", False)
    elif not beneath.HAS_OPENAT2:
        pytest.skip("this kernel has no openat2, or a sandbox forbids it")
    root, outside = tmp_path / "root", tmp_path / "outside"
    (root / "d/e").mkdir(parents=True)
    outside.mkdir()
    (outside / "secret").write_text(SECRET)
    (root / "d/f").write_text("inside")
    (root / "to-folder").symlink_to(outside)
    (root / "to-file").symlink_to(outside / "secret")
    (root / "within").symlink_to("d")
    (root / "d/up").symlink_to("../../outside")
    return tmp_path


WAYS: dict[str, Callable[[Beneath, tuple[str, ...]], object]] = {
    "file": lambda root, parts: root.file(parts),
    "open": lambda root, parts: root.open(parts, os.O_RDONLY),
    "folder": lambda root, parts: root.folder(parts),
    "make": lambda root, parts: root.make((*parts, "new")),
    "mkdir": lambda root, parts: root.mkdir((*parts, "new")),
    "stat": lambda root, parts: root.stat((*parts, "secret")),
    "unlink": lambda root, parts: root.unlink((*parts, "secret")),
    "rename out": lambda root, parts: root.rename(("d", "f"), root, (*parts, "f")),
    "rename in": lambda root, parts: root.rename((*parts, "secret"), root, ("stolen",)),
    "chown": lambda root, parts: root.chown((*parts, "secret"), 1, 1),
    "walk": lambda root, parts: list(root.walk(parts)),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "parts", [("to-folder",), ("within",), ("d", "up"), ("..", "outside"), ("d", "..", "..", "outside")]
)
def test_no_link_and_no_dots_lead_out(house: Path, way: str, parts: tuple[str, ...]) -> None:
    before = (house / "outside/secret").stat()
    with Beneath.at(house / "root") as root, pytest.raises(OSError, match=r".") as refusal:
        WAYS[way](root, parts)
    assert refusal.value.errno in (errno.ELOOP, errno.EXDEV, errno.ENOTDIR)
    assert os.listdir(house / "outside") == ["secret"]
    assert (house / "outside/secret").stat() == before
    assert (house / "root/d/f").read_text() == "inside"


def test_only_ordinary_files_are_opened(house: Path) -> None:
    os.mkfifo(house / "root/fifo")
    with Beneath.at(house / "root") as root:
        descriptor = root.file(("d", "f"))
        assert os.read(descriptor, 100) == b"inside"
        os.close(descriptor)
        for parts in (("fifo",), ("d",)):
            with pytest.raises(Invalid):
                root.file(parts)
        with pytest.raises(OSError, match=r".") as refusal:
            root.file(("to-file",))
        assert refusal.value.errno == errno.ELOOP


def test_a_rename_does_not_replace_unless_told(house: Path) -> None:
    (house / "root/g").write_text("g")
    with Beneath.at(house / "root") as root:
        with pytest.raises(FileExistsError):
            root.rename(("g",), root, ("d", "f"))
        root.rename(("g",), root, ("d", "f"), replace=True)
    assert (house / "root/d/f").read_text() == "g"


def test_a_tree_is_removed_with_its_links_but_not_where_they_lead(house: Path) -> None:
    deep = house / "root/deep"
    deep.mkdir()
    folder = os.open(deep, os.O_RDONLY)
    for _ in range(400):  # deeper than a path can be long, and than is walked
        os.mkdir("a" * 20, dir_fd=folder)
        below = os.open("a" * 20, os.O_RDONLY, dir_fd=folder)
        os.symlink(house / "outside", "link", dir_fd=below)
        os.close(folder)
        folder = below
    os.close(folder)
    with Beneath.at(house / "root") as root:
        with pytest.raises(Invalid):
            list(root.walk(("deep",)))
        for name in ("deep", "d", "to-folder", "missing"):
            root.remove((name,))
    assert sorted(os.listdir(house / "root")) == ["to-file", "within"]
    assert (house / "outside/secret").read_text() == SECRET


def test_refusals_are_told_in_words() -> None:
    for number, kind in {
        errno.ENOENT: NotFound,
        errno.EEXIST: Conflict,
        errno.ELOOP: Invalid,
        errno.EIO: TalomeError,
    }.items():
        with pytest.raises(kind) as refusal, said_plainly("film.mkv"):
            raise OSError(number, os.strerror(number))
        assert "film.mkv" in refusal.value.message


def test_a_copy_is_like_its_original(house: Path) -> None:
    source = house / "root/d"
    with (source / "holes").open("wb") as file:
        file.truncate(200_000_000)
        file.seek(100_000_000)
        file.write(b"middle")
    (source / "tool").write_text("x")
    (source / "tool").chmod(0o4755)
    os.utime(source / "tool", ns=(10**18, 10**18))
    os.mkfifo(source / "fifo")
    progress = Progress()
    with Beneath.at(house / "root") as root:
        Copier(progress, lambda met: met.name != "e").copy(root, ("d",), root, ("copy",))
    copy = house / "root/copy"
    assert sorted(os.listdir(copy)) == ["f", "holes", "tool", "up"]
    assert os.readlink(copy / "up") == "../../outside"
    assert (copy / "holes").stat().st_size == 200_000_006 - 6
    assert (copy / "holes").stat().st_blocks < 10_000
    assert (copy / "tool").stat().st_mtime_ns == 10**18
    assert stat.S_IMODE((copy / "tool").stat().st_mode) == 0o755
    assert progress.left_out == ["fifo"]
    progress.stop()
    with Beneath.at(house / "root") as root, pytest.raises(Stopped):
        Copier(progress, lambda _: True).copy(root, ("d",), root, ("again",))


@contextmanager
def swapped(folder: Path, outside: Path) -> Iterator[list[int]]:
    """The folder is a link to `outside` every other moment, for as long as the block is open."""
    ending, rounds = threading.Event(), [0]

    def swap() -> None:
        aside, link = folder.with_name(f".{secrets.token_hex(4)}"), folder.with_name(f".{secrets.token_hex(4)}")
        link.symlink_to(outside)
        while not ending.is_set():
            os.rename(folder, aside)
            os.rename(link, folder)
            os.rename(folder, link)
            os.rename(aside, folder)
            rounds[0] += 1

    thread = threading.Thread(target=swap)
    thread.start()
    try:
        yield rounds
    finally:
        ending.set()
        thread.join()


def race(house: Path, times: int) -> None:
    """Copy, read, walk, write, rename and delete below a folder that is swapped for a link all the time."""
    top, outside = house / "root", house / "outside"
    (outside / "f").write_text(SECRET)
    with Beneath.at(top) as root, swapped(top / "d", outside) as rounds:
        number = 0
        while rounds[0] < times:
            number += 1
            for work in _race_steps(root, number):
                with suppress(OSError, TalomeError):
                    work()
    assert sorted(os.listdir(outside)) == ["f", "secret"]
    assert (outside / "f").read_text() == SECRET
    for path in top.rglob("*"):
        assert path.is_symlink() or not path.is_file() or SECRET not in path.read_text(), path


def _race_steps(root: Beneath, number: int) -> Iterator[Callable[[], object]]:
    def read() -> None:
        descriptor = root.file(("d", "f"))
        try:
            assert os.read(descriptor, 100) != SECRET.encode()
        finally:
            os.close(descriptor)

    def walk() -> None:
        for met in root.walk(()):
            assert met.name != "secret"

    def copy() -> None:
        Copier(Progress(), _all).copy(root, ("d",), root, (f"copy-{number}",))

    yield read
    yield walk
    yield copy
    yield lambda: root.remove((f"copy-{number}",))
    yield lambda: os.close(root.make(("d", f"new-{number}")))
    yield lambda: root.rename(("d", f"new-{number}"), root, ("d", "e", "kept"), replace=True)
    yield lambda: root.mkdir(("d", f"folder-{number}"))
    yield lambda: root.remove(("d", f"folder-{number}"))
    yield lambda: root.remove(("d", f"new-{number}"))


def _all(_: Found) -> bool:
    return True


def test_a_folder_swapped_for_a_link_wins_nothing(house: Path) -> None:
    race(house, SWAPS)


@pytest.mark.whole  # ten thousand swaps each way take a minute
def test_a_folder_swapped_ten_thousand_times_wins_nothing(house: Path) -> None:
    race(house, 10_000)
