"""The lines of an export, and what reading can run into."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import orjson

Line = Mapping[str, Any]
"""With `record`: note, note_version, entity, link, event; `problem` for what could not be read."""
FORMAT: Final = "talome.memory"
LONGEST_LINE_BYTES: Final = 2 * 1024 * 1024
MOST_LINES: Final = 500_000
LARGEST_JSON_BYTES: Final = 64 * 1024 * 1024
_RECORDS: Final = frozenset({"note", "note_version", "entity", "link", "event"})


class Unreadable(Exception):
    """The whole file cannot be read; the message is a sentence for a person."""


def problem(path: str, reason: str) -> Line:
    return {"record": "problem", "path": path[:300], "reason": reason}


def read_json(path: Path) -> Any:
    """Raises `Unreadable`."""
    if path.stat().st_size > LARGEST_JSON_BYTES:
        raise Unreadable(f"The file is larger than {LARGEST_JSON_BYTES // 1_000_000} MB. Export it in parts.")
    try:
        return orjson.loads(path.read_bytes())
    except orjson.JSONDecodeError as error:
        raise Unreadable(f"The file is no JSON: {error}.") from None


def read_lines(path: Path) -> Iterator[Line]:
    """An export of Talome's. A line that is none of its own is told, and the rest is read all the same."""
    with path.open("rb") as file:
        number = 0
        while raw := file.readline(LONGEST_LINE_BYTES + 1):
            number += 1
            if len(raw) > LONGEST_LINE_BYTES:
                yield problem(f"line {number}", "It is longer than any line of an export.")
                while raw and not raw.endswith(b"\n"):
                    raw = file.readline(LONGEST_LINE_BYTES)
                continue
            if raw.strip():
                yield from _line(number, raw)


def _line(number: int, raw: bytes) -> Iterator[Line]:
    try:
        line = orjson.loads(raw)
    except orjson.JSONDecodeError:
        yield problem(f"line {number}", "It is no JSON.")
        return
    kind = line.get("record") if isinstance(line, dict) else None
    if kind == FORMAT:
        if line.get("version") != 1:
            raise Unreadable("This export was written by a newer release of Talome. Update this one first.")
    elif kind in _RECORDS:
        yield line
    else:
        yield problem(f"line {number}", "It is no part of an export that Talome knows.")
