"""What all of files stands on: who may go where, what is told of changes, and whose new files are."""

import asyncio
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar

from talome.core.events import Events
from talome.engines.beneath import Beneath, said_plainly
from talome.home.files.models import FilesChanged
from talome.home.files.roots import Place, Roots
from talome.home.files.store import RootRow

T = TypeVar("T")
AS_ROOT: Final = os.geteuid() == 0


@dataclass(frozen=True, slots=True)
class Ground:
    roots: Roots
    events: Events

    def changed(self, *folders: Place) -> None:
        """Tell that something in these folders is not what it was."""
        for folder in {place.path: place for place in folders}.values():
            self.events.publish(FilesChanged(folder.root.id, folder.path))


async def plainly(name: str, work: Callable[[], T]) -> T:
    """Run what blocks in a thread; what the machine refuses is told in words that name the file."""

    def run() -> T:
        with said_plainly(name):
            return work()

    return await asyncio.to_thread(run)


def owner_of_new(root: RootRow, folder: Beneath) -> tuple[int, int] | None:
    """Whose a new file is: as the root says, else the root's folder's. None where Talome may not give files away."""
    if not AS_ROOT:
        return None
    known = os.fstat(folder.descriptor)
    return (known.st_uid if root.uid is None else root.uid, known.st_gid if root.gid is None else root.gid)


def etag_of(known: os.stat_result) -> str:
    """Names a state of a file: which one it is, when it was written and how long it is."""
    return f'"{known.st_ino:x}-{known.st_mtime_ns:x}-{known.st_size:x}"'
