"""Volumes as tar files in the dated trash: written whole or not at all, and looked through before they are trusted."""

import asyncio
import errno
import hashlib
import os
import shutil
import tarfile
from collections.abc import AsyncIterable, AsyncIterator, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import orjson

from talome.core.clock import now
from talome.core.errors import NotFound, StorageFull, Unavailable

_CHUNK_BYTES: Final = 1024 * 1024
_END: Final = bytes(1024)
_SPARE_BYTES: Final = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Kept:
    """A volume in the trash. `recipe` is what it takes to create it again; `job` is the one that removed it."""

    id: str
    place: str
    name: str
    recipe: dict[str, Any]
    job: str | None
    size_bytes: int
    at: datetime


def lives_elsewhere(options: Mapping[str, str] | None) -> bool:
    """Whether a volume only points at a folder or a share: Docker leaves that alone when the volume goes, so it may be
    newer than any copy and is never written over."""
    return bool((options or {}).get("device")) and (options or {}).get("type") != "tmpfs"


class VolumeTrash:
    """Under `folder`, by date: `<date>/volumes/<name>.tar`, and beside it, in `<name>.tar.json`, how to create the
    volume again. Files are readable by their owner only."""

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

    async def describe(self, place: str, recipe: dict[str, Any], job: str) -> None:
        """Note how to create the volume again; a copy without it comes back as an ordinary volume."""
        path = self._folder / f"{place}.json"
        try:
            await asyncio.to_thread(_write_file, path, orjson.dumps({"recipe": recipe, "job": job}))
        except OSError as error:
            raise Unavailable(f"The volume could not be kept in the trash: {error.strerror}.") from error

    async def all(self) -> list[Kept]:
        """The latest first."""
        found = await asyncio.to_thread(lambda: list(_entries(self._folder)))
        return sorted(found, key=lambda kept: kept.at, reverse=True)

    async def find(self, id: str) -> Kept:
        """Raises `NotFound`."""
        for kept in await self.all():
            if kept.id == id:
                return kept
        raise NotFound("This volume is not in the trash any more.")

    async def forget(self, place: str) -> None:
        """Delete a copy for good. One that is gone already is no error."""
        await asyncio.to_thread(_forget, self._folder, self._folder / place)

    async def read(self, place: str) -> AsyncIterator[bytes]:
        """The file in pieces of 1 MiB."""
        file = await asyncio.to_thread((self._folder / place).open, "rb")
        try:
            while chunk := await asyncio.to_thread(file.read, _CHUNK_BYTES):
                yield chunk
        finally:
            file.close()


def _entries(folder: Path) -> Iterator[Kept]:
    for path in folder.glob("*/volumes/*.tar"):
        place = str(path.relative_to(folder))
        try:
            known = path.stat()
        except OSError:  # it was deleted just now
            continue
        recipe, job = _described(path)
        yield Kept(
            id=hashlib.sha256(place.encode()).hexdigest()[:32],
            place=place,
            name=recipe["volume"],
            recipe=recipe,
            job=job,
            size_bytes=known.st_size,
            at=datetime.fromtimestamp(known.st_mtime, UTC),
        )


def _described(path: Path) -> tuple[dict[str, Any], str | None]:
    """The recipe and the job; of a copy without a readable note, what its name tells."""
    try:
        note = orjson.loads(path.with_name(f"{path.name}.json").read_bytes())
        if note["recipe"]["volume"]:
            return note["recipe"], note["job"]
    except (OSError, orjson.JSONDecodeError, KeyError, TypeError):
        pass
    return {"volume": path.name.removesuffix(".tar").partition(".job_")[0]}, None


def _forget(root: Path, path: Path) -> None:
    path.unlink(missing_ok=True)
    path.with_name(f"{path.name}.json").unlink(missing_ok=True)
    for folder in (path.parent, path.parent.parent):
        if folder != root:
            with suppress(OSError):  # something else lies in it
                folder.rmdir()


def _write_file(path: Path, data: bytes) -> None:
    _prepare(path.parent)
    part = path.with_name(f"{path.name}.part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        _write(descriptor, data)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    part.rename(path)


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
