"""From a server's JSON to what people read: tables for lists, aligned lines for one thing, a log as it is."""

import json
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import TextIOWrapper
from shutil import get_terminal_size
from typing import Any, Final, TextIO

from talome.core.cli.text import NOTHING, fit, harmless, parse_time, value_text, width
from talome.core.settings.terminal import wants_colour

_GAP: Final = "  "
_NARROWEST: Final = 12
_UNSAFE_IN_JSON: Final = re.compile("[\x7f-\x9f\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


@dataclass(slots=True)
class Output:
    """Where a command writes, and how: `as_json` prints what the server said."""

    out: TextIO
    err: TextIO
    as_json: bool = False

    @classmethod
    def standard(cls) -> "Output":
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, TextIOWrapper):
                stream.reconfigure(errors="replace")  # a terminal that cannot show “…” must not stop a command
        return cls(sys.stdout, sys.stderr)

    @property
    def columns(self) -> int | None:
        """The width to keep to; None where nobody looks at it line by line, such as a file."""
        return get_terminal_size().columns if self.out.isatty() else None

    @property
    def colours(self) -> bool:
        return self.out.isatty() and wants_colour()

    def line(self, text: str = "") -> None:
        self.out.write(text + "\n")

    def error(self, text: str) -> None:
        self.err.write(text + "\n")

    def json(self, value: Any, *, indent: int | None = 2) -> None:
        self.line(safe_json(value, indent=indent))

    def bold(self, text: str) -> str:
        return f"\x1b[1m{text}\x1b[0m" if self.colours else text

    def result(self, value: Any) -> None:
        """One answer of an operation."""
        if self.as_json:
            self.json(value)
        elif _is_log(value):
            self.log(value)
        else:
            for text in lines_of(value, self.columns):
                self.line(text)

    def item(self, value: Any) -> None:
        """One item of a stream, at once, on lines of its own."""
        if self.as_json:
            self.json(value, indent=None)
        elif _is_log(value):
            self.log(value)
        elif isinstance(value, dict):
            self.line(_GAP.join(f"{harmless(key)}={value_text(key, item)}" for key, item in value.items()))
        else:
            self.line(value_text("", value))
        self.out.flush()

    def log(self, page: Mapping[str, Any]) -> None:
        """Lines as the program wrote them, its errors to standard error."""
        if page.get("dropped"):
            self.error(f"({page['dropped']} lines were lost: they came faster than they could be read)")
        for entry in page["lines"]:
            target = self.err if entry.get("stream") == "stderr" else self.out
            target.write(harmless(entry["text"], colours=self.colours) + "\n")


def safe_json(value: Any, *, indent: int | None) -> str:
    """The same JSON, with characters escaped that could steer a terminal."""
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    return _UNSAFE_IN_JSON.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def lines_of(value: Any, columns: int | None) -> Iterator[str]:
    """Any JSON value for people. `columns`: the width to keep to, or None."""
    if isinstance(value, list):
        yield from _list_lines(value, columns)
    elif value == {"ok": True}:
        yield "Done."
    elif isinstance(value, dict) and value:
        yield from _map_lines(value, columns)
    else:
        yield value_text("", value)


def table(rows: list[Mapping[str, Any]], columns: int | None) -> Iterator[str]:
    """Aligned columns under capitals; numbers to the right. Columns without any value are left out."""
    names = [name for name in dict.fromkeys(key for row in rows for key in row) if _has_values(rows, name)]
    cells = {name: [value_text(name, row.get(name)) for row in rows] for name in names}
    widths = {name: max(width(_title(name)), *map(width, cells[name])) for name in names}
    if columns is not None:
        _make_room(rows, widths, columns)
    numeric = {name for name in widths if all(_is_number(row.get(name)) for row in rows)}
    yield _row({name: _title(name).upper() for name in widths}, widths, numeric)
    for index in range(len(rows)):
        yield _row({name: cells[name][index] for name in widths}, widths, numeric)


def _list_lines(items: list[Any], columns: int | None) -> Iterator[str]:
    if not items:
        yield "Nothing to show."
    elif all(isinstance(item, dict) for item in items):
        yield from table(items, columns)
    else:
        yield from (value_text("", item) for item in items)


def _map_lines(value: dict[str, Any], columns: int | None) -> Iterator[str]:
    lists = {key: item for key, item in value.items() if _is_rows(item)}
    plain = {key: item for key, item in value.items() if key not in lists}
    label_width = max((width(_title(key)) for key in plain), default=0)
    for key, item in plain.items():  # never cut: a new key's token is shown this once
        yield f"{_pad(_title(key), label_width)}{_GAP}{_long_text(key, item)}"
    for key, rows in lists.items():
        if plain or len(lists) > 1:
            yield ""
            yield f"{_title(key)}:"
        yield from table(rows, columns)


def _long_text(name: str, value: Any) -> str:
    """Where there is a line for one value, a map is written out and a time is exact as well."""
    if isinstance(value, dict) and value:
        return ", ".join(f"{harmless(key)}={value_text(key, item)}" for key, item in value.items())
    if (moment := parse_time(value)) is not None:
        return f"{moment.astimezone():%Y-%m-%d %H:%M:%S} ({value_text(name, value)})"
    if isinstance(value, str) and value and not value.isspace():
        return harmless(value.replace("\n", " "))
    return value_text(name, value)


def _make_room(rows: list[Mapping[str, Any]], widths: dict[str, int], columns: int) -> None:
    """Nested fields go first, then wide columns are cut, then columns go from the right."""
    for name in reversed(list(widths)):
        if _total(widths) > columns and any(isinstance(row.get(name), dict | list) for row in rows):
            del widths[name]
    while _total(widths) > columns:
        widest = max(widths, key=lambda name: widths[name])
        if widths[widest] > _NARROWEST:
            widths[widest] = max(_NARROWEST, widths[widest] - (_total(widths) - columns))
        elif len(widths) > 1:
            del widths[list(widths)[-1]]
        else:
            return


def _total(widths: Mapping[str, int]) -> int:
    return sum(widths.values()) + len(_GAP) * (len(widths) - 1)


def _row(texts: Mapping[str, str], widths: Mapping[str, int], numeric: set[str]) -> str:
    cells = (_pad(fit(texts[name], size), size, right=name in numeric) for name, size in widths.items())
    return _GAP.join(cells).rstrip()


def _pad(text: str, columns: int, *, right: bool = False) -> str:
    space = " " * (columns - width(text))
    return space + text if right else text + space


def _title(name: str) -> str:
    """`createdAt` becomes `Created at`; what is no field's name, such as a setting's key, stays as it is."""
    if not name.isalnum():
        return harmless(name)
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", re.sub(r"(?<=[a-z])(?:Bytes|S)$", "", name))
    words = harmless(words).lower()
    return words[:1].upper() + words[1:]


def _has_values(rows: list[Mapping[str, Any]], name: str) -> bool:
    return any(value_text(name, row.get(name)) != NOTHING for row in rows)


def _is_number(value: Any) -> bool:
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool))


def _is_rows(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, dict) for item in value)


def _is_log(value: Any) -> bool:
    if not isinstance(value, dict) or not isinstance(value.get("lines"), list):
        return False
    return all(isinstance(entry, dict) and isinstance(entry.get("text"), str) for entry in value["lines"])
