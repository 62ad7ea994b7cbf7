"""Looks into folders for the index. All of it blocks: it runs in a worker thread."""

import os
import re
import stat
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from talome.core.errors import TalomeError
from talome.core.words import parts_of, plain
from talome.engines.beneath import Beneath, Parts
from talome.home.search.texts import may_hold_text, text_of

NOT_ENTERED: Final = frozenset(
    {"node_modules", "__pycache__", "lost+found", "@eaDir", "#recycle", "$RECYCLE.BIN", "System Volume Information"}
)
"""Folders whose content nobody looks for. What is hidden is passed over altogether."""
_CHANGES: Final = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])")
_LONGEST_WORDS: Final = 600


@dataclass(frozen=True, slots=True)
class Seen:
    """Something in a folder. `enter`: what is in it is looked for as well."""

    name: str
    is_folder: bool
    size_bytes: int
    modified_ms: int
    enter: bool


@dataclass(frozen=True, slots=True)
class Places:
    """What is never entered: Talome's own folder, and file systems that the kernel makes up."""

    own: tuple[int, int]
    unreal: frozenset[int]


def parts_below(path: bytes) -> Parts:
    return tuple(os.fsdecode(name) for name in path.split(b"/")) if path else ()


class RootAway(Exception):
    """The root is not there, or nothing is in it, as where a disk is not mounted."""


def look_into(
    root: Path, path: bytes, places: Places, watch: Callable[[int], int | None]
) -> tuple[int | None, list[Seen]]:
    """What is in a folder, and the number of its watch, which stands before the look. Raises `OSError`, `RootAway`."""
    try:
        top = Beneath.at(root)
    except (FileNotFoundError, NotADirectoryError):
        raise RootAway from None
    with top:
        try:
            folder = top.folder(parts_below(path))
        except (FileNotFoundError, NotADirectoryError):
            if not os.listdir(top.descriptor):  # noqa: PTH208 - by descriptor, which Path cannot do
                raise RootAway from None
            raise
        with folder, os.scandir(folder.descriptor) as entries:
            number = watch(folder.descriptor)
            shown = (_seen(entry, places) for entry in entries if not entry.name.startswith("."))
            return number, [seen for seen in shown if seen is not None]


def _seen(entry: os.DirEntry[str], places: Places) -> Seen | None:
    try:
        known = entry.stat(follow_symlinks=False)
    except OSError:
        return None  # it went away meanwhile
    is_folder = stat.S_ISDIR(known.st_mode)
    if not is_folder and not stat.S_ISREG(known.st_mode):
        return None
    if is_folder and ((known.st_dev, known.st_ino) == places.own or known.st_dev in places.unreal):
        return None
    modified_ms = max(0, known.st_mtime_ns // 1_000_000)
    return Seen(entry.name, is_folder, known.st_size, modified_ms, is_folder and entry.name not in NOT_ENTERED)


def read_texts(root: Path, path: bytes, wanted: Iterable[Seen], room_bytes: int) -> dict[str, str]:
    """The texts of those that are small documents, as long as there is room."""
    found: dict[str, str] = {}
    names = [seen.name for seen in wanted if not seen.is_folder and may_hold_text(seen.name, seen.size_bytes)]
    if not names:
        return found
    with Beneath.at(root) as top, top.folder(parts_below(path)) as folder:
        for name in names:
            if room_bytes <= 0:
                break
            if text := _text(folder, name):
                found[name] = text
                room_bytes -= len(text)
    return found


def _text(folder: Beneath, name: str) -> str:
    try:
        descriptor = folder.file((name,))
    except (OSError, TalomeError):
        return ""  # gone, forbidden, or something else by now
    try:
        return text_of(name, descriptor)
    except OSError:
        return ""
    finally:
        os.close(descriptor)


def words_of(name: str) -> str:
    """The words of a name, plain: `HolidayPhotos2024.jpg` is found by each of its parts too."""
    name = name[:_LONGEST_WORDS]
    own = parts_of(plain(name))
    split = parts_of(plain(_CHANGES.sub(" ", name)))
    return " ".join(own if own == split else dict.fromkeys((*own, *split)))
