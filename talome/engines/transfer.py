"""Copies of files and folders between open folders, by the kernel where it can, that can be stopped at any moment.

Blocks are shared where the file system does that, holes stay holes, links are copied as links, and what is neither file
nor folder nor link is passed over and named.
"""

import ctypes
import errno
import fcntl
import os
import stat
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from talome.engines.beneath import Beneath, Found, Parts

_FICLONE: Final = 0x40049409  # linux/fs.h
_PIECE_BYTES: Final = 16 * 1024 * 1024
_NEW: Final = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_UNABLE: Final = (errno.EXDEV, errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP, errno.EBADF, errno.EPERM, errno.ETXTBSY)
_LIBC: Final = ctypes.CDLL(None, use_errno=True)


class Stopped(Exception):
    """Somebody asked for it."""


@dataclass
class Progress:
    """How far it is, seen from any thread; `stop` asks it to end."""

    total_bytes: int = 0
    done_bytes: int = 0
    left_out: list[str] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)

    def stop(self) -> None:
        self._stop.set()

    def check(self) -> None:
        if self._stop.is_set():
            raise Stopped

    def moved(self, size_bytes: int) -> None:
        self.done_bytes += size_bytes
        self.check()

    def leave_out(self, name: str) -> None:
        if len(self.left_out) < 100:
            self.left_out.append(name)


Keep = Callable[[Found], bool]


@dataclass(frozen=True, slots=True)
class Copier:
    """Copies what is `wanted`, and all below it that is. `owner`: whose the copy is; None: whose the original is, as
    far as this process may say so."""

    progress: Progress
    wanted: Keep
    owner: tuple[int, int] | None = None

    def copy(self, source: Beneath, parts: Parts, target: Beneath, new: Parts) -> None:
        """A file, a link or a folder; `new` must not be there yet."""
        known = source.stat(parts)
        if stat.S_ISDIR(known.st_mode):
            self._copy_folder(source, parts, known, target, new)
            return
        with source.above(parts) as here, target.above(new) as there:
            self._copy_one(here, Found(parts, known, here), there, new[-1])

    def _copy_folder(self, source: Beneath, parts: Parts, known: os.stat_result, target: Beneath, new: Parts) -> None:
        target.mkdir(new, 0o700)
        folders: list[tuple[Parts, os.stat_result]] = [((), known)]
        with target.folder(new) as top:
            for met in source.walk(parts, self.wanted):
                self.progress.check()
                if not self.wanted(met):
                    continue
                below = met.parts[len(parts) :]
                if stat.S_ISDIR(met.known.st_mode):
                    top.mkdir(below, 0o700)
                    folders.append((below, met.known))
                else:
                    with top.above(below) as there:
                        self._copy_one(met.folder, met, there, below[-1])
            for below, seen in reversed(folders):
                descriptor = top.open(below, os.O_RDONLY | os.O_DIRECTORY)
                try:
                    self._dress(descriptor, seen)
                finally:
                    os.close(descriptor)

    def _copy_one(self, here: int, met: Found, there: int, new: str) -> None:
        if stat.S_ISLNK(met.known.st_mode):
            os.symlink(os.readlink(met.name, dir_fd=here), new, dir_fd=there)
            return
        if not stat.S_ISREG(met.known.st_mode):
            self.progress.leave_out(met.name)
            return
        with Beneath(os.dup(here)) as folder:
            source = folder.file((met.name,))
        try:
            target = os.open(new, _NEW, 0o600, dir_fd=there)
            try:
                copy_content(source, target, self.progress)
                self._dress(target, os.fstat(source))
            finally:
                os.close(target)
        finally:
            os.close(source)

    def _dress(self, target: int, known: os.stat_result) -> None:
        """Owner, rights and times; never the bits that let a program run as somebody else."""
        uid, gid = self.owner or (known.st_uid, known.st_gid)
        with suppress(PermissionError):
            os.fchown(target, uid, gid)
        os.fchmod(target, stat.S_IMODE(known.st_mode) & 0o777)
        os.utime(target, ns=(known.st_atime_ns, known.st_mtime_ns))


def copy_content(source: int, target: int, progress: Progress) -> None:
    """All of an open file into an empty one."""
    known = os.fstat(source)
    try:
        fcntl.ioctl(target, _FICLONE, source)
        progress.moved(known.st_size)
        return
    except OSError as error:
        if error.errno not in (*_UNABLE, errno.ENOTTY):
            raise
    os.ftruncate(target, known.st_size)
    place = 0
    while place < known.st_size:
        start, end = _next_data(source, place, known.st_size)
        progress.moved(start - place)
        _copy_range(source, target, start, end, progress)
        place = end


def _next_data(source: int, place: int, size: int) -> tuple[int, int]:
    try:
        start = os.lseek(source, place, os.SEEK_DATA)
        return start, min(size, os.lseek(source, start, os.SEEK_HOLE))
    except OSError as error:
        if error.errno == errno.ENXIO:  # nothing but a hole up to the end
            return size, size
        return place, size


def _copy_range(source: int, target: int, start: int, end: int, progress: Progress) -> None:
    in_kernel = True
    while start < end:
        wanted = min(_PIECE_BYTES, end - start)
        if in_kernel:
            try:
                done = os.copy_file_range(source, target, wanted, start, start)
            except OSError as error:
                if error.errno not in _UNABLE:
                    raise
                in_kernel = False
                continue
        else:
            os.lseek(target, start, os.SEEK_SET)
            done = os.sendfile(target, source, start, wanted)
        if done == 0:  # it became shorter meanwhile
            os.ftruncate(target, start)
            return
        start += done
        progress.moved(done)


def flush(folder: Beneath) -> None:
    """Bring everything on this file system to the disk."""
    if _LIBC.syncfs(folder.descriptor) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
