"""Names as the disk has them and as they cross the wire, and the paths that are made of them.

A name on the disk is any bytes. Those that are UTF-8 cross as they are: nothing is normalised, so two spellings of one
word stay two files. Each byte that is no UTF-8 crosses as U+F700 plus the byte (of Unicode's private use), and so does
each byte of a character that already looks so; what is shown therefore always leads back to the same bytes.
"""

import re
from typing import Final

from talome.core.errors import Invalid, NotFound
from talome.engines.beneath import Parts

OWN: Final = ".talome-"
"""How names begin that are Talome's own: its trash, and what is not whole yet. They are neither shown nor reached."""
TRASH: Final = f"{OWN}trash"
PART: Final = f"{OWN}part-"
_SHIFT: Final = 0xF700
_LONGEST_NAME: Final = 255
_LONGEST_PATH: Final = 4000
_ODD: Final = re.compile("[\udc80-\udcff\uf780-\uf7ff]")
_SHOWN: Final = re.compile("[\uf780-\uf7ff]")
_STEERING: Final = re.compile(r"[\x00-\x1f\x7f\\]")
_ROOT: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")


def shown(name: str) -> str:
    """The name of a file as it crosses the wire."""
    if name.isascii() or not _ODD.search(name):
        return name
    return _ODD.sub(lambda found: "".join(chr(_SHIFT + byte) for byte in _bytes(found[0])), name)


def kept(text: str) -> str:
    """The other way."""
    if text.isascii() or not _SHOWN.search(text):
        return text
    return (
        _SHOWN.sub(lambda found: chr(ord(found[0]) - _SHIFT + 0xDC00), text)
        .encode("utf-8", "surrogateescape")
        .decode("utf-8", "surrogateescape")
    )


def _bytes(character: str) -> bytes:
    return character.encode("utf-8", "surrogateescape")


def parse(path: str) -> tuple[str, Parts]:
    """The root and the names below it. Raises `Invalid` for what is no path, `NotFound` for what no path leads to."""
    if not path.startswith("/") or path == "/":
        raise Invalid("A path begins with a root, such as “/media/Films”.", field="path")
    root, *names = path[1:].removesuffix("/").split("/")
    if not _ROOT.fullmatch(root):
        raise NotFound("There is no such root. “/” lists those that are open to you.")
    return root, checked(names)


def checked(names: list[str]) -> Parts:
    """The names on the disk, if each can be one."""
    parts = tuple(kept(_encodable(name)) for name in names)
    if any(name in ("", ".", "..") or "\0" in name or "/" in name for name in parts):
        raise Invalid("A path has no empty parts and no “.” or “..”.", field="path")
    if any(len(_bytes(name)) > _LONGEST_NAME for name in parts) or sum(map(len, map(_bytes, parts))) > _LONGEST_PATH:
        raise Invalid("The path is too long: a name has up to 255 bytes, a path up to 4,000.", field="path")
    if any(name.startswith(OWN) for name in parts):
        raise NotFound("There is no such file or folder.")
    return parts


def _encodable(name: str) -> str:
    try:
        name.encode()
    except UnicodeEncodeError:
        raise Invalid("The path is not valid Unicode.", field="path") from None
    return name


def require_new(name: str) -> str:
    """A name that Talome gives to something: what other systems would take for a path is refused."""
    (part,) = checked([name])
    if _STEERING.search(part):
        raise Invalid("A new name has no line breaks, no other control characters and no “\\”.", field="path")
    return part


def path_of(root: str, parts: Parts) -> str:
    """As it crosses the wire."""
    return "/".join(("", root, *map(shown, parts)))


def numbered(name: str, number: int, *, folder: bool) -> str:
    """`film.mkv` as `film (2).mkv`, within the longest name."""
    stem, dot, ending = ("", "", "") if folder else name.rpartition(".")
    if not stem or len(ending) > 16:
        stem, dot, ending = name, "", ""
    tail = f" ({number}){dot}{ending}"
    while len(_bytes(stem + tail)) > _LONGEST_NAME:
        stem = stem[:-1]
    return stem + tail
