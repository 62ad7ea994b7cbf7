"""A folder, held open, and everything below it, without ever following a link: not at the end of a path, and not on the
way. So whoever swaps a folder for a link while Talome works in it wins nothing.

Paths are tuples of names. A name that is no UTF-8 is a `str` with surrogates, as Python's file functions give it. By
openat2 (Linux 5.6) a path costs one call; where the kernel or a sandbox lacks it, every name is opened by itself with
`O_NOFOLLOW`. Source: man7.org/linux/man-pages/man2/openat2.2.html. All of it blocks: call it from a worker thread.
"""

import ctypes
import errno
import os
import secrets
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from talome.core.errors import Conflict, Forbidden, Invalid, NotFound, StorageFull, TalomeError, Unavailable

Parts = tuple[str, ...]
DEEPEST: Final = 128
"""So many folders in each other are walked through."""
_OPENAT2: Final = 437
_RESOLVE: Final = 0x08 | 0x04 | 0x02  # BENEATH, NO_SYMLINKS, NO_MAGICLINKS (linux/openat2.h)
_RENAME_NOREPLACE: Final = 1
_TRIES: Final = 16
_PATH: Final = os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC
_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_READ: Final = os.O_RDONLY | os.O_CLOEXEC | os.O_NOCTTY | os.O_NONBLOCK
_LIBC: Final = ctypes.CDLL(None, use_errno=True)


class _How(ctypes.Structure):
    _fields_ = (("flags", ctypes.c_uint64), ("mode", ctypes.c_uint64), ("resolve", ctypes.c_uint64))


@dataclass(frozen=True, slots=True)
class Found:
    """Something that a walk met: where, what, and the descriptor of the folder it lies in, good until the next one."""

    parts: Parts
    known: os.stat_result
    folder: int

    @property
    def name(self) -> str:
        return self.parts[-1]


class Beneath:
    """Use it as a context; it holds one descriptor. `()` is the folder itself."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor

    @classmethod
    def at(cls, root: Path | str) -> Self:
        """Open a folder by its path on this machine, which is trusted and may be a link."""
        return cls(os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self.descriptor)

    # --- opening ---

    def open(self, parts: Parts, flags: int, mode: int = 0) -> int:
        """A descriptor of what is there. `flags` as `os.open` takes them; links are refused with ELOOP."""
        if not parts:
            return os.open(".", flags | os.O_CLOEXEC, mode, dir_fd=self.descriptor)
        flags |= os.O_NOFOLLOW | os.O_CLOEXEC
        return _open(self.descriptor, parts, flags, mode)

    def folder(self, parts: Parts) -> "Beneath":
        """A folder below as one of its own."""
        return Beneath(self.open(parts, _FOLDER))

    def file(self, parts: Parts) -> int:
        """A descriptor to read an ordinary file by. Nothing else is opened: not a FIFO, not a device."""
        held = self.open(parts, _PATH)
        try:
            mode = os.fstat(held).st_mode
            if stat.S_ISLNK(mode):  # O_PATH with O_NOFOLLOW opens the link itself
                raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
            if not stat.S_ISREG(mode):
                raise Invalid("This is no ordinary file, so it cannot be opened.", code="not_a_file")
            return os.open(f"/proc/self/fd/{held}", _READ)  # the very thing that was looked at, whatever was swapped
        finally:
            os.close(held)

    def make(self, parts: Parts, mode: int = 0o644) -> int:
        """A new file, to write and read it; FileExistsError where something is there."""
        return self.open(parts, os.O_RDWR | os.O_CREAT | os.O_EXCL, mode)

    def make_nameless(self, folder: Parts, mode: int = 0o644) -> int | None:
        """A new file in a folder that nobody sees until it is given a `name`, and that a crash leaves nothing of; None
        where the file system has no such files, as on a network drive."""
        try:
            return self.open(folder, os.O_RDWR | os.O_TMPFILE, mode)
        except OSError as error:
            if error.errno in (errno.EOPNOTSUPP, errno.EISDIR, errno.EINVAL, errno.ENOSYS):
                return None
            raise

    def name(self, descriptor: int, parts: Parts) -> None:
        """Of a file that has none yet; FileExistsError where something is there."""
        with self.above(parts) as folder:
            os.link(f"/proc/self/fd/{descriptor}", parts[-1], dst_dir_fd=folder, follow_symlinks=True)

    # --- looking ---

    def stat(self, parts: Parts) -> os.stat_result:
        """What is known of it; of a link itself, not of where it leads."""
        if not parts:
            return os.fstat(self.descriptor)
        with self.above(parts) as folder:
            return os.stat(parts[-1], dir_fd=folder, follow_symlinks=False)

    def exists(self, parts: Parts) -> bool:
        try:
            self.stat(parts)
        except (FileNotFoundError, NotADirectoryError):
            return False
        return True

    def link_target(self, parts: Parts) -> str:
        with self.above(parts) as folder:
            return os.readlink(parts[-1], dir_fd=folder)

    @contextmanager
    def scan(self, parts: Parts) -> Iterator[Iterator[os.DirEntry[str]]]:
        """The entries of a folder, in no order."""
        with self.folder(parts) as folder, os.scandir(folder.descriptor) as entries:
            yield entries

    def walk(self, parts: Parts, enter: Callable[[Found], bool] | None = None) -> Iterator[Found]:
        """Everything below a folder, folders before what is in them. Links are told of and never followed. What goes
        away meanwhile is passed over. `enter` may keep the walk out of a folder."""
        with self.folder(parts) as top:
            yield from _walk(top.descriptor, parts, enter, 0)

    # --- changing ---

    @contextmanager
    def above(self, parts: Parts) -> Iterator[int]:
        """The descriptor of the folder that the last name lies in."""
        if not parts:
            raise Invalid("The top folder itself cannot be changed.")
        if len(parts) == 1:
            yield self.descriptor
            return
        descriptor = _open(self.descriptor, parts[:-1], os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, 0)
        try:
            yield descriptor
        finally:
            os.close(descriptor)

    def mkdir(self, parts: Parts, mode: int = 0o755) -> None:
        with self.above(parts) as folder:
            os.mkdir(parts[-1], mode, dir_fd=folder)

    def rename(self, parts: Parts, to: "Beneath", new: Parts, *, replace: bool = False) -> None:
        """Rename or move; FileExistsError where something is there and is not to be replaced."""
        with self.above(parts) as source, to.above(new) as target:
            rename_at(source, parts[-1], target, new[-1], replace=replace)

    def unlink(self, parts: Parts) -> None:
        with self.above(parts) as folder:
            os.unlink(parts[-1], dir_fd=folder)

    def remove(self, parts: Parts) -> None:
        """Delete it for good with everything in it. What is gone already is no error."""
        with suppress(FileNotFoundError, NotADirectoryError), self.above(parts) as folder:
            _remove(folder, parts[-1])

    def chown(self, parts: Parts, uid: int, gid: int) -> None:
        with self.above(parts) as folder:
            os.chown(parts[-1], uid, gid, dir_fd=folder, follow_symlinks=False)


def _open(folder: int, parts: Parts, flags: int, mode: int) -> int:
    if not HAS_OPENAT2:
        return _open_by_steps(folder, parts, flags, mode)
    path = os.fsencode("/".join(parts))
    if b"\0" in path:
        raise ValueError("embedded null byte")
    how = _How(flags, mode if flags & (os.O_CREAT | os.O_TMPFILE) else 0, _RESOLVE)
    for _ in range(_TRIES):
        found = _LIBC.syscall(
            ctypes.c_long(_OPENAT2), ctypes.c_int(folder), path, ctypes.byref(how), ctypes.c_size_t(24)
        )
        if found >= 0:
            return int(found)
        number = ctypes.get_errno()
        if number == errno.EINTR:
            continue
        if number != errno.EAGAIN:  # a rename somewhere on the way; the kernel could not tell, and asks to try again
            raise OSError(number, os.strerror(number))
    return _open_by_steps(folder, parts, flags, mode)


def _open_by_steps(folder: int, parts: Parts, flags: int, mode: int) -> int:
    held = folder
    step = os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        for name in parts[:-1]:
            below = os.open(_single(name), step, dir_fd=held)
            if held != folder:
                os.close(held)
            held = below
        return os.open(_single(parts[-1]), flags, mode, dir_fd=held)
    finally:
        if held != folder:
            os.close(held)


def _single(name: str) -> str:
    if name in ("", ".", "..") or "/" in name:
        raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))
    return name


def _find_openat2() -> bool:
    """Docker's older filters refuse the call with EPERM, older kernels with ENOSYS."""
    how = _How(os.O_PATH | os.O_CLOEXEC, 0, _RESOLVE)
    found = _LIBC.syscall(ctypes.c_long(_OPENAT2), ctypes.c_int(-100), b".", ctypes.byref(how), ctypes.c_size_t(24))
    if found < 0:
        return False
    os.close(found)
    return True


HAS_OPENAT2 = _find_openat2()


def rename_at(source: int, name: str, target: int, new: str, *, replace: bool) -> None:
    """Between two open folders. Where the file system cannot refuse to replace, it is looked first."""
    if replace:
        os.rename(name, new, src_dir_fd=source, dst_dir_fd=target)
        return
    done = _LIBC.renameat2(source, os.fsencode(name), target, os.fsencode(new), _RENAME_NOREPLACE)
    if done == 0:
        return
    number = ctypes.get_errno()
    if number not in (errno.EINVAL, errno.ENOSYS):
        raise OSError(number, os.strerror(number))
    with suppress(FileNotFoundError):
        os.stat(new, dir_fd=target, follow_symlinks=False)
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
    os.rename(name, new, src_dir_fd=source, dst_dir_fd=target)


def _walk(folder: int, above: Parts, enter: Callable[[Found], bool] | None, depth: int) -> Iterator[Found]:
    with os.scandir(folder) as entries:
        names = sorted(entry.name for entry in entries)
    for name in names:
        try:
            known = os.stat(name, dir_fd=folder, follow_symlinks=False)
        except FileNotFoundError:
            continue
        found = Found((*above, name), known, folder)
        yield found
        if not stat.S_ISDIR(known.st_mode) or (enter is not None and not enter(found)):
            continue
        if depth >= DEEPEST:
            raise Invalid(f"There are more than {DEEPEST} folders in each other.")
        try:
            below = os.open(name, _FOLDER, dir_fd=folder)
        except (FileNotFoundError, NotADirectoryError):
            continue  # swapped meanwhile, also for a link, which is not entered
        except OSError as error:
            if error.errno != errno.ELOOP:
                raise
            continue
        try:
            yield from _walk(below, found.parts, enter, depth + 1)
        finally:
            os.close(below)


def _remove(folder: int, name: str) -> None:
    """Without recursion that a deep tree could exhaust: what lies too deep is first moved up. Never into a disk that is
    mounted in there."""
    try:
        os.unlink(name, dir_fd=folder)
        return
    except IsADirectoryError:
        pass
    except PermissionError:
        if not stat.S_ISDIR(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
            raise
    top = os.open(name, _FOLDER, dir_fd=folder)
    try:
        _empty(top, top, 0)
        while left := os.listdir(top):  # noqa: PTH208 - by descriptor, which Path cannot do
            for deep in left:
                _remove_one(top, deep, top, 0)
    finally:
        os.close(top)
    os.rmdir(name, dir_fd=folder)


def _empty(folder: int, top: int, depth: int) -> None:
    for name in os.listdir(folder):
        with suppress(FileNotFoundError):
            _remove_one(folder, name, top, depth)


def _remove_one(folder: int, name: str, top: int, depth: int) -> None:
    known = os.stat(name, dir_fd=folder, follow_symlinks=False)
    if not stat.S_ISDIR(known.st_mode):
        os.unlink(name, dir_fd=folder)
        return
    if known.st_dev != os.fstat(top).st_dev:
        raise OSError(errno.EBUSY, os.strerror(errno.EBUSY))
    if depth >= DEEPEST:
        os.rename(name, secrets.token_hex(8), src_dir_fd=folder, dst_dir_fd=top)
        return
    below = os.open(name, _FOLDER, dir_fd=folder)
    try:
        _empty(below, top, depth + 1)
    finally:
        os.close(below)
    os.rmdir(name, dir_fd=folder)


@contextmanager
def said_plainly(name: str = "") -> Iterator[None]:
    """Turns what the machine refuses into errors that a person can do something about. `name` as people see it."""
    what = f"“{name}”" if name else "It"
    try:
        yield
    except FileNotFoundError:
        raise NotFound(f"{what} is not there.") from None
    except FileExistsError:
        raise Conflict(f"{what} is there already.", code="exists", conflicts=[name]) from None
    except PermissionError as error:
        raise Forbidden(f"This machine does not let Talome do that with {what} ({error.strerror}).") from None
    except OSError as error:
        raise _plain(error, what) from error


_REFUSALS: Final[dict[int, tuple[type[TalomeError], str, str | None]]] = {
    errno.ELOOP: (Invalid, "{what} is a link, or lies behind one. Links are not followed.", "link"),
    errno.EXDEV: (Invalid, "{what} is a link, or lies behind one. Links are not followed.", "link"),
    errno.ENOTDIR: (Invalid, "{what} is no folder, or lies below a file.", "not_a_folder"),
    errno.EISDIR: (Invalid, "{what} is a folder.", "is_a_folder"),
    errno.ENAMETOOLONG: (Invalid, "{what} has too long a name.", None),
    errno.EINVAL: (Invalid, "The disk cannot do that with {what}; perhaps it does not take such a name.", None),
    errno.EILSEQ: (Invalid, "The disk cannot do that with {what}; perhaps it does not take such a name.", None),
    errno.ENOSPC: (StorageFull, "There is no room left on the disk. Make some, then try again.", None),
    errno.EDQUOT: (StorageFull, "There is no room left on the disk. Make some, then try again.", None),
    errno.EFBIG: (StorageFull, "{what} would be larger than this file system can hold.", None),
    errno.ENOTEMPTY: (Conflict, "{what} is not empty.", None),
    errno.EBUSY: (Conflict, "{what} is in use, for example as the place where a disk is mounted.", None),
    errno.EROFS: (Conflict, "The disk can only be read, not written.", "read_only"),
}


def _plain(error: OSError, what: str) -> TalomeError:
    if (known := _REFUSALS.get(error.errno or 0)) is None:
        return Unavailable(f"The disk did not do that with {what} ({error.strerror or error}).")
    kind, words, code = known
    return kind(words.format(what=what), code=code)
