"""Files of a store's folder, read within limits and never through a link."""

import os
import re
import stat
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Final

from talome.home.manifest import Scaffold
from talome.home.stores.formats.found import BadManifest

LARGEST_FILE: Final = 1024 * 1024
LARGEST_SCAFFOLD: Final = 256 * 1024
MOST_SCAFFOLD_FILES: Final = 500
LARGEST_SCAFFOLD_SUM: Final = 800 * 1024
UNPRINTABLE: Final = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


def read_content(folder: Path, relative: str, *, limit: int = LARGEST_FILE) -> bytes | None:
    """What the file holds; `None` if there is none. Refuses links on the way, and what is not a plain file."""
    found = _plain(folder, relative)
    if found is None:
        return None
    path, size = found
    if size > limit:
        raise BadManifest(f"{relative} is larger than {limit // 1024} KB")
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadManifest(f"{relative} cannot be read: {error.strerror}") from None


def is_plain(folder: Path, relative: str) -> bool:
    """Whether a plain file is there, and no link on the way to it."""
    try:
        return _plain(folder, relative) is not None
    except BadManifest:
        return False


def _plain(folder: Path, relative: str) -> tuple[Path, int] | None:
    path = folder
    found = None
    for name in relative.split("/"):
        path /= name
        try:
            found = path.lstat()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise BadManifest(f"{relative} cannot be read: {error.strerror}") from None
        if stat.S_ISLNK(found.st_mode):
            raise BadManifest(f"{relative} is a link, and links are not followed")
    if found is None or not stat.S_ISREG(found.st_mode):
        raise BadManifest(f"{relative} is not a file")
    return path, found.st_size


def read_words(folder: Path, relative: str, *, limit: int = LARGEST_FILE) -> str | None:
    """The same as text."""
    content = read_content(folder, relative, limit=limit)
    try:
        return None if content is None else content.decode()
    except UnicodeDecodeError:
        raise BadManifest(f"{relative} is not UTF-8 text") from None


def folders(root: Path) -> list[Path]:
    """The folders in `root`, by name; links are none."""
    try:
        with os.scandir(root) as entries:
            names = [entry.name for entry in entries if entry.is_dir(follow_symlinks=False)]
    except OSError:
        return []
    return [root / name for name in sorted(names)]


def has(folder: Path, relative: str) -> bool:
    """Whether something of that name is there, readable or not."""
    return os.path.lexists(folder / relative)


def scaffold(folder: Path, *, below: str = "", skip: Collection[str] = ()) -> tuple[list[Scaffold], list[str]]:
    """The text files of the folder `below` as they are to lie in the app's own folder, and warnings for the others."""
    files: list[Scaffold] = []
    warnings: list[str] = []
    size = 0
    for relative, path in _walk(folder, below):
        if relative.split("/")[0] in skip or path.name in (".gitkeep", ".DS_Store"):
            continue
        text = _text(path)
        if text is None:
            shown = UNPRINTABLE.sub("?", relative)
            warnings.append(f"The file {shown} is not laid out: only text files of up to 256 KB are.")
            continue
        executable = os.access(path, os.X_OK)
        files.append(Scaffold(path=relative, text=text, executable=executable))
        size += len(text)
        if len(files) > MOST_SCAFFOLD_FILES or size > LARGEST_SCAFFOLD_SUM:
            raise BadManifest(f"it brings more than {MOST_SCAFFOLD_FILES} files, or more than 800 KB of them")
    return files, warnings[:20]


def _walk(folder: Path, below: str) -> Iterator[tuple[str, Path]]:
    top = folder / below
    if top.is_symlink():
        return
    seen = 0
    for place, names, files in os.walk(top, followlinks=False):
        names[:] = sorted(name for name in names if name != ".git")
        seen += len(names) + len(files)
        if seen > 4 * MOST_SCAFFOLD_FILES:
            raise BadManifest("its folder holds too many files")
        for name in sorted(files):
            path = Path(place) / name
            yield path.relative_to(folder).as_posix(), path


def _text(path: Path) -> str | None:
    found = path.lstat()
    if not stat.S_ISREG(found.st_mode) or found.st_size > LARGEST_SCAFFOLD or UNPRINTABLE.search(str(path)):
        return None
    try:
        content = path.read_bytes().decode()
    except (OSError, UnicodeDecodeError):
        return None
    return None if "\0" in content else content
