"""Copies, sizes and careful writing of folders whose content may be hostile: no link is followed out of them."""

import asyncio
import errno
import fcntl
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import Final

from talome.core.errors import Invalid, StorageFull, Unavailable
from talome.engines.child import start

_SPARE_BYTES: Final = 256 * 1024 * 1024
_DIRECTORY: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


async def copy_tree(source: Path, target: Path) -> None:
    """Copy a folder with owners, modes, times, links, holes and extended attributes; blocks are shared where the file
    system can (reflink). `target` must not exist; where the copy fails nothing of it stays. By coreutils' `cp`."""
    part = target.with_name(f"{target.name}.part")
    await asyncio.to_thread(remove_tree, part)
    await asyncio.to_thread(part.parent.mkdir, parents=True, exist_ok=True)
    try:
        process = await start(
            "cp", "--archive", "--reflink=auto", "--no-target-directory", "--", str(source), str(part),
            stderr=asyncio.subprocess.PIPE, env={"PATH": os.defpath, "LC_ALL": "C"},
        )  # fmt: skip
        try:
            _, said = await process.communicate()
        finally:
            await process.end()
        if process.returncode != 0:
            words = said.decode(errors="replace").strip().splitlines() or ["cp ended without a word"]
            kind = StorageFull if "No space left" in words[-1] else Unavailable
            raise kind(f"The folder could not be copied: {words[-1][:300]}")
        await asyncio.to_thread(part.rename, target)
    except BaseException:
        await asyncio.to_thread(remove_tree, part)
        raise


def remove_tree(path: Path) -> None:
    """Delete a folder of ours with all in it. One that is gone already is no error; links in it are not followed."""
    if path.is_symlink() or path.is_file():
        path.unlink()
    elif path.is_dir():
        shutil.rmtree(path)


def size_of_tree(path: Path) -> int:
    """Bytes on the disk of everything below, each file once."""
    total, seen, folders = 0, set(), [path]
    while folders:
        try:
            with os.scandir(folders.pop()) as entries:
                for entry in entries:
                    known = entry.stat(follow_symlinks=False)
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(Path(entry.path))
                    elif (known.st_dev, known.st_ino) not in seen:
                        if known.st_nlink > 1:
                            seen.add((known.st_dev, known.st_ino))
                        total += known.st_blocks * 512
        except (FileNotFoundError, NotADirectoryError):
            continue  # it went away while being counted
    return total


def shares_blocks(folder: Path) -> bool:
    """Whether copies within this folder cost no room (Btrfs, XFS with reflink, bcachefs, ZFS from 2.2)."""
    probe, copy = folder / ".reflink-a", folder / ".reflink-b"
    try:
        probe.write_bytes(b"x" * 4096)
        with probe.open("rb") as source, copy.open("wb") as target:
            _clone(source.fileno(), target.fileno())
        return True
    except OSError:
        return False
    finally:
        probe.unlink(missing_ok=True)
        copy.unlink(missing_ok=True)


def _clone(source: int, target: int) -> None:

    ficlone = 0x40049409  # linux/fs.h
    fcntl.ioctl(target, ficlone, source)


def require_room(folder: Path, size_bytes: int, what: str) -> None:
    """Raise `StorageFull` where so much more would leave the disk with next to nothing."""
    free = shutil.disk_usage(folder).free
    if free < size_bytes * 1.05 + _SPARE_BYTES:
        raise StorageFull(
            f"There is no room for {what}: {size_bytes // 10**6} MB are needed, {free // 10**6} MB are free."
        )


def write_beneath(root: Path, name: str, content: bytes, *, mode: int = 0o600, replace: bool = True) -> bool:
    """Write a file below `root`, making folders on the way; on no step is a link followed. Whole or not at all. False
    where it was there and is not to be replaced."""
    parts = _parts(name)
    with _folder_beneath(root, parts[:-1]) as folder:
        try:
            known = os.stat(parts[-1], dir_fd=folder, follow_symlinks=False)
            if not replace:
                return False
            if not stat.S_ISREG(known.st_mode):
                raise Invalid(f"“{name}” is no ordinary file.")
        except FileNotFoundError:
            pass
        _write_whole(folder, parts[-1], content, mode)
    return True


def _write_whole(folder: int, name: str, content: bytes, mode: int) -> None:
    part = f".{name}.part"
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, mode, dir_fd=folder)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(descriptor)
        os.replace(part, name, src_dir_fd=folder, dst_dir_fd=folder)
        os.fsync(folder)
    except OSError as error:
        with suppress(FileNotFoundError):
            os.unlink(part, dir_fd=folder)
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StorageFull("There is no room left on the disk. Make some, then try again.") from error
        raise


def make_beneath(root: Path, name: str, *, mode: int = 0o755) -> bool:
    """Make a folder below `root` with those above it, following no link. Whether the last one is new."""
    parts = _parts(name)
    with _folder_beneath(root, parts[:-1]) as above:
        try:
            os.mkdir(parts[-1], mode, dir_fd=above)
            return True
        except FileExistsError:
            return False


def own_beneath(root: Path, name: str, uid: int, gid: int) -> None:
    """Give a file or folder below `root` to somebody, following no link."""
    parts = _parts(name)
    with _folder_beneath(root, parts[:-1]) as above:
        os.chown(parts[-1], uid, gid, dir_fd=above, follow_symlinks=False)


def require_within(root: Path, path: Path) -> None:
    """Raise `Invalid` where links lead out of `root`, or it is one. What is not there yet leads nowhere."""
    real = os.path.realpath(root)
    if os.path.commonpath([real, os.path.realpath(path)]) != real:
        raise Invalid(f"“{path.name}” is a link that leads out of “{root.name}”. Take it away, then try again.")


def _parts(name: str) -> tuple[str, ...]:
    parts = PurePosixPath(name).parts
    if not parts or name.startswith("/") or ".." in parts or "\0" in name:
        raise Invalid(f"“{name}” is no path inside the folder.")
    return parts


@contextmanager
def _folder_beneath(root: Path, parts: tuple[str, ...]) -> Iterator[int]:
    try:
        folder = os.open(root, _DIRECTORY)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENOTDIR):
            raise Invalid(f"“{root.name}” is a link or a file, where a folder was expected.") from error
        raise
    try:
        for part in parts:
            try:
                below = os.open(part, _DIRECTORY, dir_fd=folder)
            except FileNotFoundError:
                os.mkdir(part, 0o755, dir_fd=folder)
                below = os.open(part, _DIRECTORY, dir_fd=folder)
            except OSError as error:
                if error.errno in (errno.ELOOP, errno.ENOTDIR):
                    raise Invalid(f"“{part}” is a link or a file, where a folder was expected.") from error
                raise
            os.close(folder)
            folder = below
        yield folder
    finally:
        os.close(folder)
