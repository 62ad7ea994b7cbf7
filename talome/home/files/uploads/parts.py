"""What of an upload touches the disk: the unfinished file, what is written to it, and its name when it is whole."""

import asyncio
import os
import stat
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from talome.core.errors import StorageFull
from talome.engines.beneath import Parts
from talome.engines.transfer import Progress, copy_content
from talome.home.files import names
from talome.home.files.ground import owner_of_new, plainly
from talome.home.files.listing import entry_of
from talome.home.files.models import Entry, OnConflict
from talome.home.files.roots import Place

_PIECE_BYTES: Final = 1024 * 1024
_SPARE_BYTES: Final = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class NewUpload:
    """What is to come. `folder` is made where it is not there; `modified_at` in milliseconds since 1970."""

    folder: str
    name: str
    size_bytes: int
    on_conflict: OnConflict = "fail"
    modified_at: int | None = None


class Behind:
    """Writes in a thread while the next piece comes, one piece behind. Leaving it, all that was put is written: a
    cancellation waits for that, so that the descriptor stays open as long as it is used."""

    def __init__(self, descriptor: int, name: str, place: int) -> None:
        self._descriptor = descriptor
        self._name = name
        self._place = place
        self._writing: asyncio.Future[None] | None = None

    async def put(self, data: bytes) -> None:
        await self._settled()
        place, self._place = self._place, self._place + len(data)
        self._writing = asyncio.ensure_future(plainly(self._name, lambda: _write_at(self._descriptor, data, place)))

    async def _settled(self) -> None:
        if self._writing is not None:
            await asyncio.shield(self._writing)
            self._writing = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        writing, cancelled = self._writing, False
        while writing is not None and not writing.done():
            try:
                await asyncio.wait({writing})
            except asyncio.CancelledError:
                cancelled = True
        if writing is not None and (error is None or writing.exception() is not None):
            writing.result()
        if cancelled:
            raise asyncio.CancelledError


async def gathered(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """In pieces that are worth a way to another thread."""
    waiting: list[bytes] = []
    size = 0
    async for piece in pieces:
        waiting.append(piece)
        size += len(piece)
        if size >= _PIECE_BYTES:
            yield b"".join(waiting)
            waiting, size = [], 0
    if waiting:
        yield b"".join(waiting)


def prepare(place: Place, new: NewUpload) -> None:
    with place.open() as root:
        owner = owner_of_new(place.root, root)
        for end in range(1, len(place.parts)):
            if not root.exists(place.parts[:end]):
                names.require_new(names.shown(place.parts[end - 1]))
                with suppress(FileExistsError):
                    root.mkdir(place.parts[:end])
                    if owner is not None:
                        root.chown(place.parts[:end], *owner)
        if root.exists(place.parts):
            is_folder = stat.S_ISDIR(root.stat(place.parts).st_mode)
            if new.on_conflict in ("fail", "skip") or (is_folder and new.on_conflict == "replace"):
                raise FileExistsError
        with root.folder(place.above.parts) as folder:
            room = os.fstatvfs(folder.descriptor)
    free, needed = room.f_bavail * room.f_frsize, new.size_bytes
    if free < needed + _SPARE_BYTES:
        raise StorageFull(
            f"There is no room for “{place.name}”: {needed // 10**6} MB are needed, {free // 10**6} MB are free."
        )


def make_part(part: Place) -> int:
    with part.open() as root:
        descriptor = root.make(part.parts)
        if (owner := owner_of_new(part.root, root)) is not None:
            os.fchown(descriptor, *owner)
        return descriptor


def make_unseen(part: Place) -> tuple[int, bool]:
    """The same without a name, where that can be; whether it has one."""
    with part.open() as root:
        if (descriptor := root.make_nameless(part.above.parts)) is None:
            return make_part(part), True
        if (owner := owner_of_new(part.root, root)) is not None:
            os.fchown(descriptor, *owner)
        return descriptor, False


def name_part(part: Place, descriptor: int) -> None:
    """What is whole gets its hidden name, on its way to the one that people see."""
    with part.open() as root:
        os.fsync(descriptor)
        root.name(descriptor, part.parts)


def copy_in(staged: Path, part: Place) -> None:
    target = make_part(part)
    try:
        with staged.open("rb") as source:
            copy_content(source.fileno(), target, Progress())
    except BaseException:
        remove_part(part)
        raise
    finally:
        os.close(target)


def open_part(part: Place) -> int:
    with part.open() as root:
        return root.open(part.parts, os.O_WRONLY)


def size_of(part: Place) -> int:
    with part.open() as root:
        return root.stat(part.parts).st_size


def remove_part(part: Place) -> None:
    with part.open() as root:
        root.remove(part.parts)


def is_taken(place: Place) -> bool:
    with place.open() as root:
        return root.exists(place.parts)


def _write_at(descriptor: int, data: bytes, place: int) -> None:
    left = memoryview(data)
    while left:
        done = os.pwrite(descriptor, left, place)
        left, place = left[done:], place + done


def give_name(place: Place, part: Parts, new: NewUpload) -> Entry:
    """On the disk first, then under its name."""
    with place.open() as root:
        descriptor = root.open(part, os.O_RDWR)
        try:
            if new.modified_at is not None:
                with suppress(OverflowError, OSError):
                    os.utime(descriptor, ns=(new.modified_at * 10**6,) * 2)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        for number in count(1):
            name = place.parts[-1] if number == 1 else names.numbered(place.parts[-1], number, folder=False)
            target = place.above.below(name)
            try:
                root.rename(part, root, target.parts)
                return entry_of(target, root.stat(target.parts))
            except FileExistsError:
                if new.on_conflict != "keep_both":
                    raise
    raise AssertionError("counting never ends")
