"""Linux tells which folders changed (inotify), as long as there are watches left to give.

Sources: man7.org/linux/man-pages/man7/inotify.7.html.
"""

import asyncio
import ctypes
import errno
import os
import struct
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final, Self

_CLOSE_WRITE, _MOVED_FROM, _MOVED_TO, _CREATE, _DELETE = 0x8, 0x40, 0x80, 0x100, 0x200
_OVERFLOW, _IGNORED, _ONLY_DIRECTORY, _EXCLUDE_UNLINKED = 0x4000, 0x8000, 0x01000000, 0x04000000
_WANTED: Final = _CLOSE_WRITE | _MOVED_FROM | _MOVED_TO | _CREATE | _DELETE | _ONLY_DIRECTORY | _EXCLUDE_UNLINKED
_EVENT: Final = struct.Struct("iIII")
_READ_BYTES: Final = 256 * 1024
_NO_MORE: Final = (errno.ENOSPC, errno.ENOMEM)
_LIMIT: Final = Path("/proc/sys/fs/inotify/max_user_watches")


class FolderWatch:
    """Watches folders, at most `most` of them. `changed` is called with the numbers of those in which something was
    made, written, moved or deleted; `lost` where the kernel's queue ran over and nobody knows which."""

    def __init__(self, most: int, changed: Callable[[set[int]], None], lost: Callable[[], None]) -> None:
        self.most = min(most, _half_of_the_limit())
        self._changed = changed
        self._lost = lost
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._file = -1
        self._folders: set[int] = set()

    def __len__(self) -> int:
        return len(self._folders)

    def __enter__(self) -> Self:
        """Begins in the running loop. Where the kernel has nothing left to give, it watches nothing."""
        self._file = self._libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        if self._file >= 0:
            asyncio.get_running_loop().add_reader(self._file, self._read)
        return self

    def __exit__(self, *_: object) -> None:
        if self._file >= 0:
            asyncio.get_running_loop().remove_reader(self._file)
            os.close(self._file)
            self._file = -1

    def add(self, folder: int) -> int | None:
        """Watch the folder of this descriptor, which may be closed afterwards; the number of the watch. The same folder
        has one number. None where no watch is to be had, or not on this kind of file system."""
        if self._file < 0:
            return None
        number: int = self._libc.inotify_add_watch(self._file, f"/proc/self/fd/{folder}".encode(), _WANTED)
        if number < 0:
            if ctypes.get_errno() in _NO_MORE:
                self.most = len(self._folders)
            return None
        if number not in self._folders and len(self._folders) >= self.most:
            self._libc.inotify_rm_watch(self._file, number)
            return None
        self._folders.add(number)
        return number

    def remove(self, number: int) -> None:
        if number in self._folders:
            self._folders.discard(number)
            self._libc.inotify_rm_watch(self._file, number)

    def _read(self) -> None:
        data = b""
        with suppress(BlockingIOError):
            data = os.read(self._file, _READ_BYTES)
        found, at, overflow = set[int](), 0, False
        while at + _EVENT.size <= len(data):
            number, mask, _, length = _EVENT.unpack_from(data, at)
            at += _EVENT.size + length
            if mask & _OVERFLOW:
                overflow = True
            elif mask & _IGNORED:
                self._folders.discard(number)
            else:
                found.add(number)
        if found:
            self._changed(found)
        if overflow:
            self._lost()


def _half_of_the_limit() -> int:
    """The other half is for everybody else on the machine."""
    try:
        return int(_LIMIT.read_text()) // 2
    except (OSError, ValueError):
        return 4096
