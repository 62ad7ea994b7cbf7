"""Where in an app's files a complaint belongs, as far as its words tell."""

import re
from typing import Final

from talome.home.stores.own.files import COMPOSE, MANIFEST
from talome.home.stores.own.models import Complaint

_LINE: Final = re.compile(r"(app\.yml|compose\.yml)\b.*, line (\d+)")
_KEYS: Final = re.compile(r"app\.yml: ([\w.]+): ")
_SERVICE: Final = re.compile(r"service (\S+?)(?::| |$)(?: ?(\w+))?|(?:image|volume) of (\S+)")


def complaint(message: str, manifest: str, compose: str) -> Complaint:
    if found := _LINE.search(message):
        return Complaint(message=message, file=COMPOSE if found[1] == COMPOSE else MANIFEST, line=int(found[2]))
    if found := _KEYS.match(message):
        keys = [key for key in found[1].split(".") if not key.isdecimal()]
        return Complaint(message=message, file=MANIFEST, line=_line(manifest, keys))
    if found := _SERVICE.search(message):
        keys = [key for key in (found[1] or found[3], found[2]) if key]
        line = _line(compose, keys) or _line(compose, keys[:1])
        return Complaint(message=message, file=COMPOSE, line=line)
    return Complaint(message=message, file=MANIFEST if manifest and "app.yml" in message else None, line=None)


def _line(text: str, keys: list[str]) -> int | None:
    """Of the last key, where the keys follow one another, each below the one before."""
    lines, at = text.splitlines(), 0
    for key in keys:
        mark = re.compile(rf"\s*(- )?[\"']?{re.escape(key)}[\"']?\s*:")
        at = next((number for number, line in enumerate(lines[at:], at + 1) if mark.match(line)), 0)
        if not at:
            return None
    return at or None
