"""Where sources lie on the disk: `memory/sources/<id>/` with the original, or the checkout of a repository."""

import os
import shutil
from collections.abc import Collection
from pathlib import Path
from typing import Final

from talome.core import ids
from talome.engines.trees import remove_tree, require_room
from talome.memory.sources.picking import LARGEST_FILE_BYTES

ORIGINAL: Final = "original"
CHECKOUT: Final = "checkout"
_INCOMING: Final = "incoming"


class SourceFolders:
    """All of it blocks: call it from a worker thread."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.root = home / "memory" / "sources"

    def of(self, source_id: str) -> Path:
        return self.root / source_id

    def original(self, source_id: str) -> Path:
        return self.of(source_id) / ORIGINAL

    def incoming(self) -> Path:
        """A new empty file that nobody else reads, for what is just arriving. Raises `StorageFull`."""
        folder = self.root / _INCOMING
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        require_room(folder, LARGEST_FILE_BYTES, "the file")
        path = folder / ids.new_id("in")
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600))
        return path

    def settle(self, arrived: Path, source_id: str) -> None:
        """What arrived becomes the original of a source, on the disk for good."""
        folder = self.of(source_id)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with arrived.open("rb") as file:
            os.fsync(file.fileno())
        arrived.chmod(0o600)
        arrived.replace(folder / ORIGINAL)

    def prepare(self, source_id: str) -> Path:
        """The folder of a source, with nothing left in it of a reading that broke off."""
        folder = self.of(source_id)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for left in folder.glob("*.part"):
            remove_tree(left)
        return folder

    def swap_checkout(self, source_id: str) -> None:
        """The new checkout takes the place of the old one."""
        folder = self.of(source_id)
        remove_tree(folder / CHECKOUT)
        (folder / f"{CHECKOUT}.part").rename(folder / CHECKOUT)

    def remove(self, source_id: str) -> None:
        remove_tree(self.of(source_id))

    def sweep(self, known: Collection[str]) -> None:
        """Delete what belongs to no source: a crash left it."""
        if not self.root.is_dir():
            return
        for entry in self.root.iterdir():
            if entry.name not in known:
                shutil.rmtree(entry, ignore_errors=True)
