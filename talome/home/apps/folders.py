"""An app's folder: `compose.yml` and `.env` as they are in force, and below `revisions/<n>/` each rendering with what
it was made from. What the app keeps is in `data/` (see `data.py`). All methods block."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from pydantic import Field

from talome.core.errors import Invalid, NotFound
from talome.core.models import Wire
from talome.engines.trees import remove_tree, write_beneath
from talome.home.apps.overrides import Origin, Overrides
from talome.home.manifest import APP_ID, AppManifest

SOURCE: Final = "app.json"
IN_FORCE: Final = ("compose.yml", ".env", SOURCE)
_ID: Final = re.compile(APP_ID)


class Revision(Wire):
    """What a rendering was made from; `images` are the pinned ones by the manifest's names, once they are known."""

    number: int
    store: str
    manifest: AppManifest
    answers: dict[str, str] = Field(default_factory=dict)
    ports: dict[str, int] = Field(default_factory=dict)
    images: dict[str, str] = Field(default_factory=dict)
    overrides: Overrides = Overrides()
    origin: Origin | None = None
    made_at: str = ""


class AppFolders:
    """All of them, below `root`."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, app: str) -> Path:
        """Raises `Invalid` for what is no app's name: no path is ever made of one."""
        if not _ID.fullmatch(app):
            raise Invalid(f"“{app}” is no name of an app.", field="id")
        return self.root / app

    def exists(self, app: str) -> bool:
        return self.path(app).exists()

    def make(self, app: str) -> None:
        folder = self.path(app)
        if any(path.is_symlink() for path in (folder, folder / "data", folder / "revisions", folder / "snapshots")):
            raise Invalid(f"The folder of “{app}” is a link, or holds one of Talome's own as a link.")
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name in ("data", "revisions", "snapshots"):
            (folder / name).mkdir(mode=0o755, exist_ok=True)

    # --- what is to be installed, before there is a job for it ---

    def prepare(self, token: str, revision: Revision) -> None:
        """Answers may hold passwords, and a job's arguments are kept in the open, so they wait in a file."""
        folder = self.root / ".prepared"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_beneath(folder, f"{token}.json", revision.model_dump_json().encode())

    def prepared(self, token: str) -> Revision:
        return _read(self.root / ".prepared" / f"{token}.json")

    def adopt_prepared(self, app: str, token: str) -> None:
        """The prepared revision becomes one of the app's. May be done twice."""
        waiting = self.root / ".prepared" / f"{token}.json"
        if not waiting.exists():
            return
        revision = _read(waiting)
        self.save(app, revision)
        waiting.unlink()

    def drop_prepared(self, token: str) -> None:
        (self.root / ".prepared" / f"{token}.json").unlink(missing_ok=True)

    def forget_prepared(self, keep: set[str]) -> None:
        """What no job waits for any more."""
        for path in (self.root / ".prepared").glob("*.json"):
            if path.stem not in keep:
                path.unlink(missing_ok=True)

    # --- revisions ---

    def save(self, app: str, revision: Revision) -> None:
        name = f"revisions/{revision.number}/{SOURCE}"
        write_beneath(self.path(app), name, revision.model_dump_json(indent=1).encode())

    def revision(self, app: str, number: int) -> Revision:
        return _read(self.path(app) / "revisions" / str(number) / SOURCE)

    def in_force(self, app: str) -> Revision:
        return _read(self.path(app) / SOURCE)

    def revisions(self, app: str) -> list[int]:
        """Their numbers, the latest first."""
        folder = self.path(app) / "revisions"
        found = folder.iterdir() if folder.is_dir() else ()
        return sorted((int(path.name) for path in found if path.name.isdecimal()), reverse=True)

    def write(self, app: str, number: int, files: Mapping[str, str]) -> None:
        """A rendering's files into its revision."""
        for name, text in files.items():
            write_beneath(self.path(app), f"revisions/{number}/{name}", text.encode())

    def forget_revision(self, app: str, number: int) -> None:
        remove_tree(self.path(app) / "revisions" / str(number))
        remove_tree(self.path(app) / "snapshots" / str(number))

    def switch(self, app: str, number: int | None) -> None:
        """The revision that is in force from now on; with None, none is."""
        folder = self.path(app)
        for name in IN_FORCE:
            if number is None:
                (folder / name).unlink(missing_ok=True)
            else:
                write_beneath(folder, name, (folder / "revisions" / str(number) / name).read_bytes())


def _read(path: Path) -> Revision:
    try:
        return Revision.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        raise NotFound("This version of the app is not kept any more.") from None
