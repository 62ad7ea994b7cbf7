"""Which files of a folder are read: of known kinds, not hidden, not what programs make, and not too many."""

import hashlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from talome.core.errors import Invalid, TooLarge
from talome.engines.beneath import Beneath, Found
from talome.memory.sources.formats.kinds import is_known

MOST_FILES: Final = 10_000
LARGEST_FILE_BYTES: Final = 100 * 1024**2
_MOST_SEEN: Final = 500_000
_SKIPPED: Final = frozenset(
    {"node_modules", "__pycache__", "venv", "site-packages", "dist", "build", "target", "vendor", "lost+found"}
)
_GENERATED: Final = ("package-lock.json", "composer.lock", ".min.js", ".min.css", ".map")
_NEVER: Final = tuple(Path(text) for text in ("/proc", "/sys", "/dev", "/run", "/boot", "/etc", "/root/.ssh"))


@dataclass(frozen=True, slots=True)
class Picked:
    path: str
    size_bytes: int
    changed_ns: int


def pick(root: Path) -> list[Picked]:
    """In the order of their paths. A root that is a file is picked alone, and lies in the folder above. Blocks: call it
    from a worker thread."""
    found: list[Picked] = []
    if root.is_file():
        known = root.stat()
        return [Picked(root.name, known.st_size, known.st_mtime_ns)]
    with Beneath.at(root) as folder:
        for one in _wanted(folder):
            found.append(Picked("/".join(one.parts), one.known.st_size, one.known.st_mtime_ns))
            if len(found) > MOST_FILES:
                raise TooLarge(f"There are more than {MOST_FILES} files to read in this folder. Add parts of it.")
    return found


def _wanted(folder: Beneath) -> Iterator[Found]:
    for seen, one in enumerate(folder.walk((), enter=_is_entered)):
        if seen > _MOST_SEEN:
            raise TooLarge(f"There are more than {_MOST_SEEN} files in this folder. Add parts of it.")
        lower = one.name.lower()
        hidden = lower.startswith(".") or lower.endswith(_GENERATED)
        if stat.S_ISREG(one.known.st_mode) and not hidden and is_known(one.name) and one.name.isprintable():
            yield one


def _is_entered(folder: Found) -> bool:
    return not folder.name.startswith(".") and folder.name not in _SKIPPED


def fingerprint(files: list[Picked]) -> str:
    """Changes when a file is new, gone, or was written to."""
    text = "\n".join(f"{file.path}\0{file.size_bytes}\0{file.changed_ns}" for file in files)
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def check_folder(text: str, home: Path) -> Path:
    """A folder or a file of this machine that may be a source. Links in it are resolved first, and what is shown is
    where they lead. Raises `Invalid`."""
    given = Path(text)
    if not given.is_absolute() or "\0" in text:
        raise Invalid("Write the whole path of the folder, from “/” on.", field="path")
    path = Path(os.path.realpath(given))
    own = Path(os.path.realpath(home))
    if path == own or own in path.parents or path in own.parents:
        raise Invalid("Talome's own folder and those above it hold its secrets, and cannot be a source.", field="path")
    if path == Path("/") or any(path == one or one in path.parents for one in _NEVER):
        raise Invalid("This folder belongs to the system, and cannot be a source.", field="path")
    if not path.is_dir() and not path.is_file():
        raise Invalid("There is no such folder or file on this machine.", field="path")
    return path
