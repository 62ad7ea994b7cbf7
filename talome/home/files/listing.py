"""What a folder holds, a page at a time. The order of a large folder is kept for a moment, so that the next page need
not sort it again."""

import mimetypes
import os
import re
import stat
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from talome.engines.beneath import Beneath, Parts
from talome.home.files import names
from talome.home.files.models import Entry, Kind, Listing, Sort
from talome.home.files.roots import Place

_FRESH_S: Final = 60.0
_KEPT_NAMES: Final = 500_000
_KINDS: Final[dict[int, Kind]] = {
    stat.S_IFDIR: "folder",
    stat.S_IFREG: "file",
    stat.S_IFLNK: "link",
    stat.S_IFIFO: "fifo",
    stat.S_IFSOCK: "socket",
}
_TYPES: Final = mimetypes.MimeTypes()
for _ending, _type in {
    ".md": "text/markdown", ".mkv": "video/x-matroska", ".flac": "audio/flac", ".opus": "audio/ogg",
    ".m4a": "audio/mp4", ".webp": "image/webp", ".avif": "image/avif", ".heic": "image/heic", ".epub":
    "application/epub+zip", ".yaml": "application/yaml", ".yml": "application/yaml", ".toml": "application/toml",
    ".ts": "video/mp2t", ".log": "text/plain", ".ini": "text/plain", ".conf": "text/plain", ".env": "text/plain",
}.items():  # fmt: skip
    _TYPES.add_type(_type, _ending)
_PICTURED: Final = frozenset(
    {"image/jpeg", "image/png", "image/gif", "image/webp", "image/bmp", "image/tiff", "image/avif"}
)
_DIGITS: Final = re.compile(r"(\d+)")


@dataclass(frozen=True, slots=True)
class _Order:
    """The names of a folder as they are sorted, at one state of it."""

    revision: str
    names: list[str]
    at: float


class Listings:
    """Blocking; from any thread."""

    def __init__(self) -> None:
        self._orders: OrderedDict[tuple[str, Parts, Sort, bool], _Order] = OrderedDict()
        self._lock = threading.Lock()

    def page(self, place: Place, sort: Sort, *, offset: int, limit: int, hidden: bool) -> Listing:
        with place.open() as root, root.folder(place.parts) as folder:
            revision = _revision(folder)
            order = self._order(folder, (place.root.folder, place.parts, sort, hidden), revision)
            entries = _entries(folder, place.path, order.names[offset : offset + limit])
        end = offset + limit
        return Listing.model_construct(
            path=place.path,
            entries=entries,
            total=len(order.names),
            next_offset=end if end < len(order.names) else None,
            revision=order.revision,
            access=place.access,
        )

    def _order(self, folder: Beneath, key: tuple[str, Parts, Sort, bool], revision: str) -> _Order:
        with self._lock:
            known = self._orders.get(key)
        if known is not None and known.revision == revision and time.monotonic() - known.at < _FRESH_S:
            return known
        order = _Order(revision, _sorted(folder, key[2], hidden=key[3]), time.monotonic())
        with self._lock:
            self._orders[key] = order
            self._orders.move_to_end(key)
            while len(self._orders) > 1 and sum(len(kept.names) for kept in self._orders.values()) > _KEPT_NAMES:
                self._orders.popitem(last=False)
            while len(self._orders) > 64:
                self._orders.popitem(last=False)
        return order


def _revision(folder: Beneath) -> str:
    known = os.fstat(folder.descriptor)
    return f"{known.st_ino:x}-{known.st_mtime_ns:x}"


def _sorted(folder: Beneath, sort: Sort, *, hidden: bool) -> list[str]:
    """Folders first, whichever way the rest goes."""
    wanted = sort.removeprefix("-")
    folders: list[tuple[Any, str]] = []
    others: list[tuple[Any, str]] = []
    own = names.OWN
    with os.scandir(folder.descriptor) as entries:
        for entry in entries:
            name = entry.name
            if name[0] == "." and (not hidden or name.startswith(own)):
                continue
            key = natural(name) if wanted == "name" else _key(entry, wanted)
            if key is not None:
                (folders if entry.is_dir(follow_symlinks=False) else others).append((key, name))
    for found in (folders, others):
        found.sort(reverse=sort[0] == "-")
    return [name for _, name in folders] + [name for _, name in others]


def natural(name: str) -> str:
    """Sorts `2.jpg` before `10.jpg`, and without regard to case."""
    folded = name.casefold()
    if not _DIGITS.search(folded):
        return folded
    parts = _DIGITS.split(folded)
    parts[1::2] = [digits.zfill(20) for digits in parts[1::2]]
    return "".join(parts)


def _key(entry: "os.DirEntry[str]", wanted: str) -> Any:
    try:
        known = entry.stat(follow_symlinks=False)
    except FileNotFoundError:
        return None
    if wanted == "modified":
        return known.st_mtime_ns
    if wanted == "size":
        return known.st_size
    return (entry.name.rpartition(".")[2].casefold(), entry.name.casefold())


def _entries(folder: Beneath, path: str, found: list[str]) -> list[Entry]:
    entries: list[Entry] = []
    descriptor, look = folder.descriptor, os.stat
    for name in found:
        try:
            known = look(name, dir_fd=descriptor, follow_symlinks=False)
        except FileNotFoundError:
            continue
        entries.append(_entry(name, path, known))
    return entries


def entry_of(place: Place, known: os.stat_result) -> Entry:
    """One thing by itself."""
    if not place.parts:
        return _entry(place.root.name, "", known).model_copy(update={"path": place.path})
    return _entry(place.parts[-1], place.above.path, known)


def _entry(name: str, above: str, known: os.stat_result) -> Entry:
    """Without validation, and put together by hand: of a thousand, `model_construct` alone would take 5 ms."""
    mode = known.st_mode & 0o170000
    told = name if name.isascii() else names.shown(name)
    is_file = mode == stat.S_IFREG
    kind = media_type(name) if is_file else None
    entry = Entry.__new__(Entry)
    _set(
        entry,
        "__dict__",
        {
            "name": told,
            "path": f"{above}/{told}",
            "kind": _KINDS.get(mode, "device"),
            "size_bytes": known.st_size if is_file else None,
            "modified_at": moment(known.st_mtime),
            "media_type": kind,
            "thumbnail": is_file and pictured(kind),
        },
    )
    _set(entry, "__pydantic_fields_set__", _ALL)
    _set(entry, "__pydantic_extra__", None)
    _set(entry, "__pydantic_private__", None)
    return entry


_set: Final = object.__setattr__
_moment: Final = datetime.fromtimestamp
_ALL: Final = set(Entry.model_fields)


def kind_of(known: os.stat_result) -> Kind:
    return _KINDS.get(stat.S_IFMT(known.st_mode), "device")


def moment(seconds: float) -> datetime:
    """A time of a file, which may be any number, within what calendars have."""
    try:
        return _moment(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return _moment(0, UTC)


_by_ending: dict[str, str | None] = {}


def media_type(name: str) -> str | None:
    """By the ending of the name; what is in it is not looked at."""
    dot = name.rfind(".")
    if dot < 0:
        return None
    ending = name[dot:].lower()
    try:
        return _by_ending[ending]
    except KeyError:
        found = _TYPES.guess_type(f"x{ending}", strict=False)[0] if len(ending) < 20 and "/" not in ending else None
        if len(_by_ending) < 1000:
            _by_ending[ending] = found
        return found


def pictured(kind: str | None) -> bool:
    """Whether a small picture can be made of it."""
    return kind is not None and (kind in _PICTURED or kind.startswith("video/"))
