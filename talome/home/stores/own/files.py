"""The folders of people's own apps on the disk. All methods block; an app is there whole or not at all."""

import hashlib
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from talome.core import ids
from talome.core.errors import Invalid, NotFound
from talome.core.secrets import write_whole
from talome.home.stores.own.models import UserAppFiles
from talome.home.trash import to_trash

MANIFEST: Final = "app.yml"
COMPOSE: Final = "compose.yml"


class OwnFiles:
    """`folder` is the store: `apps/<id>/`. What is not yet, or not any more, lies beside it in `waiting/`, `aside/`."""

    def __init__(self, folder: Path, trash: Path) -> None:
        self.folder = folder
        self._apps = folder / "apps"
        self._waiting = folder / "waiting"
        self._aside = folder / "aside"
        self._trash = trash

    def load(self) -> None:
        """Once, at start: what a crash left between two states is one of them again."""
        for path in (self._apps, self._waiting, self._aside):
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
        for old in self._aside.iterdir():
            if (self._apps / old.name).exists():
                shutil.rmtree(old)
            else:
                old.rename(self._apps / old.name)
        for waiting in self._waiting.iterdir():
            shutil.rmtree(waiting)

    def all(self) -> list[str]:
        return sorted(path.name for path in self._apps.iterdir() if path.is_dir())

    def read(self, id: str) -> UserAppFiles:
        """Raises `NotFound`."""
        folder = self._apps / id
        try:
            manifest, compose = ((folder / name).read_text() for name in (MANIFEST, COMPOSE))
            at = self.changed_at(id)
        except FileNotFoundError:
            raise NotFound(f"There is no app “{id}” of yours, or one of its files is missing.") from None
        except UnicodeDecodeError:
            raise Invalid(f"The files of {id} are not UTF-8 text.") from None
        mark = hashlib.sha256(f"{len(manifest)}:{manifest}{compose}".encode()).hexdigest()[:32]
        return UserAppFiles(id=id, manifest=manifest, compose=compose, mark=mark, changed_at=at)

    def changed_at(self, id: str) -> datetime:
        return datetime.fromtimestamp((self._apps / id).stat().st_mtime, UTC)

    def prepare(self, id: str, manifest: str, compose: str) -> Path:
        """A store of its own with only this app, to be looked through before it is kept."""
        place = self._waiting / ids.new_id("own")
        app = place / "apps" / id
        app.mkdir(mode=0o700, parents=True)
        for name, text in ((MANIFEST, manifest), (COMPOSE, compose)):
            write_whole(app / name, text if text.endswith("\n") else f"{text}\n")
        return place

    def keep(self, place: Path, id: str) -> None:
        """The prepared app takes the place of the one that is there."""
        target, old = self._apps / id, self._aside / id
        if target.exists():
            shutil.rmtree(old, ignore_errors=True)
            target.rename(old)
        (place / "apps" / id).rename(target)
        for path in (old, place):
            shutil.rmtree(path, ignore_errors=True)  # what stays is cleared away at the next start

    def drop(self, place: Path) -> None:
        shutil.rmtree(place, ignore_errors=True)

    def throw_away(self, id: str) -> None:
        """To the trash, by date. Raises `NotFound`."""
        if not (self._apps / id).is_dir():
            raise NotFound(f"There is no app “{id}” of yours.")
        to_trash(self._trash, "user-apps", id, self._apps / id)
