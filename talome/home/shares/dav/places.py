"""The blocking parts of WebDAV's verbs, each in a worker thread, on open folders that no link leads out of."""

import asyncio
import os
import stat
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, TypeVar

from talome.core.errors import NotFound, TalomeError
from talome.engines.beneath import said_plainly
from talome.engines.transfer import Copier, Progress
from talome.home.files.service import OWN, Place, is_theirs, owner_of_new, require_new, shown
from talome.home.shares.dav.locks import Where

_BATCH: Final = 200
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Met:
    """Something to tell of; `known` is None for the list of roots."""

    place: Place | None
    known: os.stat_result | None
    properties: dict[str, str]

    @property
    def is_folder(self) -> bool:
        return self.known is None or stat.S_ISDIR(self.known.st_mode)


def where_of(path: str) -> Where:
    """Root and names of a path as on the wire."""
    return tuple(name for name in path.split("/") if name)


def kept_path(place: Place) -> str:
    """Below the root, as properties are kept."""
    return "/".join(map(shown, place.parts))


async def plainly(place: Place, work: Callable[[], T]) -> T:
    def run() -> T:
        with said_plainly(place.name):
            return work()

    return await asyncio.to_thread(run)


async def look(place: Place) -> os.stat_result:
    return await plainly(place, lambda: stat_of(place))


async def look_for(place: Place) -> os.stat_result | None:
    try:
        return await look(place)
    except NotFound:
        return None


def stat_of(place: Place) -> os.stat_result:
    with place.open() as root:
        known = root.stat(place.parts)
    if not stat.S_ISDIR(known.st_mode) and not stat.S_ISREG(known.st_mode):
        raise FileNotFoundError  # links, FIFOs and devices are not part of the drive
    return known


def available(places: Sequence[Place]) -> list[Met]:
    found = []
    for place in places:
        with suppress(TalomeError), place.open() as root:
            found.append(Met(place, root.stat(()), {}))
    return found


def inside(place: Place, properties: dict[str, dict[str, str]]) -> Iterator[list[Met]]:
    """Names first, then what is known of them in batches, so that a huge folder takes little memory."""
    above = kept_path(place)
    with said_plainly(place.name), place.open() as root, root.folder(place.parts) as folder:
        found = os.listdir(folder.descriptor)  # noqa: PTH208 - by descriptor
        names = sorted(name for name in found if not name.startswith(OWN))
        for start in range(0, len(names), _BATCH):
            batch = []
            for name in names[start : start + _BATCH]:
                with suppress(FileNotFoundError):
                    known = folder.stat((name,))
                    if stat.S_ISDIR(known.st_mode) or stat.S_ISREG(known.st_mode):
                        kept = f"{above}/{shown(name)}" if above else shown(name)
                        batch.append(Met(place.below(name), known, properties.get(kept, {})))
            yield batch


def mkdir(place: Place) -> None:
    require_new(place.name)
    with place.open() as root:
        root.mkdir(place.parts)
        if (owner := owner_of_new(place.root, root)) is not None:
            root.chown(place.parts, *owner)


def one_disk(source: Place, target: Place) -> bool:
    with source.open() as from_, target.open() as to, to.folder(target.above.parts) as folder:
        return from_.stat(source.parts).st_dev == os.fstat(folder.descriptor).st_dev


def copy(source: Place, part: Place, progress: Progress, *, shallow: bool) -> None:
    with source.open() as from_, part.open() as to:
        if shallow:
            to.mkdir(part.parts)
            return
        Copier(progress, is_theirs, owner_of_new(part.root, to)).copy(from_, source.parts, to, part.parts)


def rename(part: Place, target: Place) -> None:
    with part.open() as from_, target.open() as to:
        from_.rename(part.parts, to, target.parts)


async def stoppable(work: Callable[[Progress], None], part: Place) -> None:
    """In a thread that is told to stop, and waited for, when the client goes away; then nothing of it stays."""
    progress = Progress()
    task = asyncio.ensure_future(plainly(part, lambda: work(progress)))
    try:
        await asyncio.shield(task)
    except BaseException:
        progress.stop()
        await asyncio.wait({task})
        with suppress(Exception):  # that it was stopped is known; what it met besides changes nothing
            task.result()
        await asyncio.to_thread(remove, part)
        raise


def remove(part: Place) -> None:
    with part.open() as root:
        root.remove(part.parts)


async def nothing() -> AsyncIterator[bytes]:
    yield b""
