"""Volumes as tar files in the dated trash: written whole or not at all, and looked through before they are trusted."""

import asyncio
import errno
import os
import shutil
import tarfile
from collections.abc import AsyncIterable, AsyncIterator
from pathlib import Path
from typing import Final

from talome.core.clock import now
from talome.core.errors import StorageFull, Unavailable

_CHUNK_BYTES: Final = 1024 * 1024
_END: Final = bytes(1024)
_SPARE_BYTES: Final = 256 * 1024 * 1024


class VolumeTrash:
    """Under `folder`, by date: `<date>/volumes/<name>.tar`. Files are readable by their owner only."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def place(self, name: str, job_id: str) -> str:
        """Where the volume will lie, relative to the trash; never where something lies already."""
        folder = f"{now():%Y-%m-%d}/volumes"
        plain = f"{folder}/{name}.tar"
        return f"{folder}/{name}.{job_id}.tar" if (self._folder / plain).exists() else plain

    def size(self, place: str) -> int | None:
        """None where nothing lies there."""
        try:
            return (self._folder / place).stat().st_size
        except FileNotFoundError:
            return None

    async def require_room(self, size_bytes: int) -> None:
        """Raise `StorageFull` where a copy of this size would leave the disk with next to nothing."""
        await asyncio.to_thread(_prepare, self._folder)
        free = (await asyncio.to_thread(shutil.disk_usage, self._folder)).free
        if free < size_bytes * 1.05 + _SPARE_BYTES:
            raise StorageFull(
                "There is no room to keep a copy of the volume in the trash: "
                f"{size_bytes // 10**6} MB are needed, {free // 10**6} MB are free.",
            )

    async def keep(self, place: str, content: AsyncIterable[bytes]) -> int:
        """Write it, flush it to the disk, look through it, and only then give it its name. Its size in bytes."""
        path = self._folder / place
        part = path.with_name(f"{path.name}.part")
        try:
            await asyncio.to_thread(_prepare, part.parent)
            descriptor = await asyncio.to_thread(os.open, part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            try:
                written = await _written(descriptor, content)
                await asyncio.to_thread(os.fsync, descriptor)
            finally:
                os.close(descriptor)
            await asyncio.to_thread(_look_through, part, written)
            await asyncio.to_thread(_name, part, path)
        except BaseException as error:
            part.unlink(missing_ok=True)
            if isinstance(error, OSError):
                kind = StorageFull if error.errno in (errno.ENOSPC, errno.EDQUOT) else Unavailable
                raise kind(f"The volume could not be kept in the trash: {error.strerror}.") from error
            raise
        return written

    async def read(self, place: str) -> AsyncIterator[bytes]:
        """The file in pieces of 1 MiB."""
        file = await asyncio.to_thread((self._folder / place).open, "rb")
        try:
            while chunk := await asyncio.to_thread(file.read, _CHUNK_BYTES):
                yield chunk
        finally:
            file.close()


async def _written(descriptor: int, content: AsyncIterable[bytes]) -> int:
    """Gathers small pieces, so that a thread is woken once a megabyte."""
    waiting, written = bytearray(), 0
    async for piece in content:
        waiting += piece
        if len(waiting) >= _CHUNK_BYTES:
            written += await asyncio.to_thread(_write, descriptor, bytes(waiting))
            waiting.clear()
    return written + await asyncio.to_thread(_write, descriptor, bytes(waiting))


def _write(descriptor: int, data: bytes) -> int:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]
    return len(data)


def _prepare(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)


def _look_through(path: Path, written: int) -> None:
    """Raise `Unavailable` unless the file is a whole tar: every header readable, the end marked as such."""
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(0, size - len(_END)))
        ended = file.read() == _END
    try:
        with tarfile.open(path, "r:") as tar:
            while tar.next() is not None:
                tar.members.clear()  # type: ignore[attr-defined]  # a volume may hold millions of files
    except (tarfile.TarError, EOFError) as error:
        raise Unavailable(f"The copy of the volume cannot be read, so the volume stays ({error}).") from error
    if size != written or not ended:
        raise Unavailable("The copy of the volume is not whole, so the volume stays.")


def _name(part: Path, path: Path) -> None:
    part.rename(path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
