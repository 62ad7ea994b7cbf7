"""Where the files of stores lie below Talome's data folder, and what may be swept from there."""

import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from talome.home.stores.store import StoreRow

FILES: Final = "files"


class Places:
    """`stores/<store>/<sync>/files` holds what a sync brought. The bundled store stays where it was installed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def of_sync(self, store_id: str, sync: str) -> Path:
        return self.folder / store_id / sync

    def root(self, row: StoreRow) -> Path | None:
        """Where the store that the catalog tells of begins; None before the first sync."""
        if row.folder is None:
            return None
        root = Path(row.url) / row.folder if row.bundled else self.folder / row.id / row.folder
        return root if root.is_dir() else None

    def sync_of(self, row: StoreRow) -> str | None:
        """The sync that brought the current files."""
        return None if row.bundled or row.folder is None else row.folder.partition("/")[0]

    def sweep(self, rows: Iterable[StoreRow]) -> None:
        """Remove what no store uses: leftovers of syncs that broke off, of removed stores, and the states before."""
        kept = {row.id: self.sync_of(row) for row in rows}
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for store in self.folder.iterdir():
            if store.name not in kept:
                remove(store)
                continue
            self.sweep_store(store.name, kept[store.name])

    def sweep_store(self, store_id: str, kept: str | None) -> None:
        folder = self.folder / store_id
        for sync in folder.iterdir() if folder.is_dir() else ():
            if sync.name != kept:
                remove(sync)
            else:
                for part in sync.iterdir():
                    if part.name != FILES:
                        remove(part)


def remove(path: Path) -> None:
    """Whatever it is; a link goes, not what it leads to. That it is not there is as good."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
