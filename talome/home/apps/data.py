"""What an app keeps: `data/` in its folder, copies from before updates in `snapshots/<n>/`, and the trash for the rest.
All methods block."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from talome.core.errors import Invalid
from talome.engines.trees import make_beneath, own_beneath, remove_tree, require_room, require_within, write_beneath
from talome.home.apps.folders import AppFolders
from talome.home.apps.layout import Layout
from talome.home.trash import to_trash

_KEPT_REVISIONS: Final = 10


class AppData:
    """The data of all apps; what goes is moved to `trash`, by date."""

    def __init__(self, folders: AppFolders, trash: Path) -> None:
        self._folders = folders
        self._trash = trash

    def lay_out(self, app: str, layout: Layout, scaffold: Mapping[str, str]) -> None:
        """Folders and files that are to be there before the first start. What is there stays as it is; what is new
        belongs to whom the layout says."""
        data = self._folders.path(app) / "data"
        for name, owner in sorted(layout.folders.items()):
            if make_beneath(data, name) and owner is not None:
                own_beneath(data, name, *owner)
        for name in sorted({*layout.files, *scaffold}):
            mode = 0o755 if name in layout.programs else 0o644
            new = write_beneath(data, name, scaffold.get(name, "").encode(), mode=mode, replace=False)
            if new and (owner := layout.files.get(name)) is not None:
                own_beneath(data, name, *owner)
        for shared, owner in sorted(layout.shared.items()):
            folder = Path(shared)
            if not folder.exists():
                folder.mkdir(parents=True)
                if owner is not None:
                    os.chown(folder, *owner)

    def require_within(self, bounds: set[tuple[str, str]]) -> None:
        """Raise `Invalid` where an app would be given what lies outside, by a link that it planted. Of each pair, the
        second path is to stay in the first."""
        for root, path in sorted(bounds):
            require_within(Path(root), Path(path))

    def require_folder(self, app: str) -> None:
        """Raise `Invalid` where a link stands in the place of the data: a copy of it would be a copy of the link."""
        if self.of(app).is_symlink():
            raise Invalid(f"The data folder of “{app}” is a link. Put the folder itself in its place, then try again.")

    def of(self, app: str) -> Path:
        """Where it lies."""
        return self._folders.path(app) / "data"

    def snapshot(self, app: str, number: int) -> Path:
        """Where the copy lies that was made before the revision of this number came into force."""
        return self._folders.path(app) / "snapshots" / str(number)

    def snapshots(self, app: str) -> list[int]:
        folder = self._folders.path(app) / "snapshots"
        found = folder.iterdir() if folder.is_dir() else ()
        return sorted((int(path.name) for path in found if path.name.isdecimal()), reverse=True)

    def require_room(self, app: str, size_bytes: int) -> None:
        require_room(self._folders.path(app), size_bytes, "a copy of the app's data")

    def put_back(self, app: str, number: int) -> None:
        """The data of the snapshot is the app's data again; what was there goes to the trash. May be done twice."""
        copy, data = self.snapshot(app, number) / "data", self.of(app)
        if not copy.is_dir():
            return  # it was put back already, or never made
        self.set_aside(app, number)
        copy.rename(data)

    def set_aside(self, app: str, number: int) -> None:
        """The data goes to the trash, where there is any."""
        if self.of(app).exists():
            self._to_trash(app, self.of(app), f"data-before-{number}")

    def throw_away(self, app: str, *, if_only_ours: bool = False) -> str | None:
        """The whole folder goes to the trash; where it lies there. With `if_only_ours` a folder whose `data/` holds
        nothing is simply removed, since everything else in it was made by Talome."""
        folder = self._folders.path(app)
        if not folder.exists():
            return None
        if if_only_ours and not _holds_files(folder / "data"):
            shutil.rmtree(folder)
            return None
        return self._to_trash(app, folder, "app")

    def _to_trash(self, app: str, path: Path, what: str) -> str:
        return to_trash(self._trash, "apps", f"{app}-{what}", path)

    def prune(self, app: str, current: int, snapshots: int) -> None:
        """All but the latest revisions, and all but so many snapshots, go."""
        for number in self._folders.revisions(app)[_KEPT_REVISIONS:]:
            if number != current:
                remove_tree(self._folders.path(app) / "revisions" / str(number))
        for number in self.snapshots(app)[snapshots:]:
            remove_tree(self.snapshot(app, number))


def _holds_files(folder: Path) -> bool:
    return any(files for _, _, files in os.walk(folder))
