"""CSV, JSON and JSON Lines."""

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Any, Final

import orjson

from talome.memory.sources.formats.parts import (
    Block,
    Given,
    Parts,
    Start,
    Unreadable,
    clean,
    decode,
    one_line,
    read_bytes,
)

_LARGEST_JSON_BYTES: Final = 64 * 1024 * 1024
_LONGEST_CELL: Final = 2000
_LONGEST_VALUE: Final = 20_000
_DEEPEST: Final = 40
_DELIMITERS: Final = ",;\t|"


def read_csv(given: Given) -> Parts:
    text = clean(decode(read_bytes(given)))
    first = text.split("\n", 1)[0]
    delimiter = max(_DELIMITERS, key=first.count)
    csv.field_size_limit(1_000_000)
    yield Start()
    try:
        lines = csv.reader(io.StringIO(text), delimiter=delimiter)
        rows = ((lines.line_num, [one_line(cell, _LONGEST_CELL) for cell in row]) for row in lines)
        for number, words in rows_in_words(rows):
            yield Block(words, line=number)
    except csv.Error:
        raise Unreadable("It is no table: a cell in it never ends, or is longer than a million characters.") from None


def rows_in_words(rows: Iterable[tuple[int, list[str]]]) -> Iterator[tuple[int, str]]:
    """Each row below the first as `name: value`, so that it can be understood alone. Where the first row is no header,
    the rows are as they are."""
    header: list[str] | None = None
    for number, row in rows:
        if not any(row):
            continue
        if header is None:
            header = row if _is_header(row) else []
            yield number, " | ".join(row)
        elif header:
            pairs = [
                f"{header[place]}: {cell}" if place < len(header) and header[place] else cell
                for place, cell in enumerate(row)
                if cell
            ]
            yield number, " | ".join(pairs)
        else:
            yield number, " | ".join(row)


def _is_header(row: list[str]) -> bool:
    """Names: no numbers, no two the same, none of them long."""
    named = [cell for cell in row if cell]
    plain = all(len(cell) <= 80 and not cell[:1].isdecimal() for cell in named)
    return len(named) > 1 and plain and len(set(named)) == len(named)


def read_json(given: Given) -> Parts:
    yield Start()
    yield from in_words(parse_json(given))


def parse_json(given: Given) -> Any:
    try:
        return orjson.loads(decode(read_bytes(given, _LARGEST_JSON_BYTES)))
    except orjson.JSONDecodeError:
        raise Unreadable("It is no whole JSON.") from None


def read_json_lines(given: Given) -> Parts:
    yield Start()
    for number, line in enumerate(decode(read_bytes(given)).split("\n"), 1):
        if line.strip():
            try:
                value = orjson.loads(line)
            except orjson.JSONDecodeError:
                raise Unreadable(f"Line {number} is no whole JSON.") from None
            yield Block("\n".join(_lines(value, "", 0)), line=number)


def in_words(value: Any) -> Iterator[Block]:
    """A list gives a block for each of its items; a map one for each of its names, which is then its heading."""
    if isinstance(value, list):
        for number, item in enumerate(value, 1):
            yield Block("\n".join(_lines(item, "", 0)), line=number)
    elif isinstance(value, dict):
        for name, item in value.items():
            heading = (one_line(name, 200),)
            if isinstance(item, list) and any(isinstance(one, dict | list) for one in item):
                for one in item:
                    yield Block("\n".join(_lines(one, "", 0)), heading)
            else:
                yield Block("\n".join(_lines(item, one_line(name, 200), 0)), heading)
    else:
        yield Block("\n".join(_lines(value, "", 0)))


def _lines(value: Any, path: str, depth: int) -> Iterator[str]:
    """`a.b: 1`, a line for each value."""
    if isinstance(value, dict) and depth < _DEEPEST:
        for name, item in value.items():
            key = one_line(name, 200)
            yield from _lines(item, f"{path}.{key}"[-500:] if path else key, depth + 1)
    elif isinstance(value, list) and depth < _DEEPEST:
        for item in value:
            yield from _lines(item, path, depth + 1)
    elif value is not None and value != "":
        text = clean(value)[:_LONGEST_VALUE].strip() if isinstance(value, str) else one_line(str(value), _LONGEST_CELL)
        yield f"{path}: {text}" if path else text
