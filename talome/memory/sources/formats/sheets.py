"""Excel (xlsx): each row as a line of text that says what its cells are called."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import Final

from talome.memory.sources.formats.packed import Archive
from talome.memory.sources.formats.parts import Block, Given, Parts, Start, Unreadable, one_line
from talome.memory.sources.formats.tables import rows_in_words

_MOST_STRINGS: Final = 2_000_000
_LONGEST_CELL: Final = 2000
_MOST_COLUMNS: Final = 1000
_MOST_RUNS: Final = 1000
"""Pieces of a cell that are written differently; the rest of it is left out."""
_DATE_FORMATS: Final = frozenset({*range(14, 23), *range(45, 48)})
_FIRST_DAY: Final = datetime(1899, 12, 30)  # noqa: DTZ001 - a sheet's dates have no zone


def read_xlsx(given: Given) -> Parts:
    archive = Archive(given.file)
    if "xl/workbook.xml" not in archive:
        raise Unreadable("It is no whole Office file.")
    yield Start(archive.title())
    strings, dates = list(islice(_strings(archive), _MOST_STRINGS)), _date_styles(archive)
    by_id = archive.related("xl/workbook.xml")
    sheets = [
        (event.attributes.get("name", ""), by_id.get(event.attributes.get("id", ""), ""))
        for event in archive.events("xl/workbook.xml")
        if event.kind == "start" and event.name == "sheet"
    ]
    for name, member in sheets:
        rows = _rows(archive, member, strings, dates)
        for number, text in rows_in_words(rows):
            yield Block(text, (one_line(name, 200),), line=number)


def _strings(archive: Archive) -> Iterator[str]:
    kept: list[str] = []
    inside = False
    for event in archive.events("xl/sharedStrings.xml"):
        if event.kind == "text":
            if inside and len(kept) < _MOST_RUNS:
                kept.append(event.name[:_LONGEST_CELL])
        elif event.name == "t":
            inside = event.kind == "start"
        elif event.name == "si" and event.kind == "end":
            yield one_line("".join(kept), _LONGEST_CELL)
            kept = []


def _date_styles(archive: Archive) -> frozenset[int]:
    """The numbers of the cell styles that show a number as a date."""
    formats: set[int] = set(_DATE_FORMATS)
    found, inside, number = set[int](), False, 0
    for event in archive.events("xl/styles.xml"):
        if event.name == "cellXfs" and event.kind != "text":
            inside = event.kind == "start"
        elif event.kind != "start":
            continue
        elif event.name == "numFmt":
            code = event.attributes.get("formatCode", "").lower().split("]")[-1]
            if any(letter in code for letter in "ydh") and "0" not in code:
                formats.add(_whole(event.attributes.get("numFmtId", "")))
        elif event.name == "xf" and inside:
            if _whole(event.attributes.get("numFmtId", "")) in formats:
                found.add(number)
            number += 1
    return frozenset(found)


def _rows(archive: Archive, member: str, strings: list[str], dates: frozenset[int]) -> Iterator[tuple[int, list[str]]]:
    """Each row with its number; missing cells are empty."""
    row: list[str] = []
    number, column, kind, style, inside, kept = 0, 0, "", 0, False, list[str]()
    for event in archive.events(member):
        if event.kind == "text":
            if inside and len(kept) < _MOST_RUNS:
                kept.append(event.name[:_LONGEST_CELL])
        elif event.name == "row":
            if event.kind == "start":
                number, row = _whole(event.attributes.get("r", "")) or number + 1, []
            else:
                yield number, row
        elif event.name == "c" and event.kind == "start":
            column = _column(event.attributes.get("r", ""), len(row))
            kind, style, kept = event.attributes.get("t", ""), _whole(event.attributes.get("s", "")), []
        elif event.name == "c" and column < _MOST_COLUMNS:
            row.extend([""] * (column - len(row)))
            row.append(_value("".join(kept), kind, strings, is_date=style in dates))
        elif event.name in ("v", "t"):
            inside = event.kind == "start"


def _value(raw: str, kind: str, strings: list[str], *, is_date: bool) -> str:
    if kind == "s":
        place = _whole(raw)
        return strings[place] if place < len(strings) else ""
    if kind == "b":
        return "yes" if raw == "1" else "no"
    if is_date and kind in ("", "n"):
        return _as_date(raw)
    return one_line(raw, _LONGEST_CELL)


def _as_date(raw: str) -> str:
    try:
        moment = _FIRST_DAY + timedelta(days=float(raw))
    except (ValueError, OverflowError):
        return one_line(raw, _LONGEST_CELL)
    moment = (moment + timedelta(milliseconds=500)).replace(microsecond=0)
    return moment.date().isoformat() if moment.time() == datetime.min.time() else moment.isoformat(" ")


def _column(reference: str, usual: int) -> int:
    """`AB7` is column 27, counted from 0."""
    letters = reference.rstrip("0123456789")
    if not letters or len(letters) > 3 or not letters.isascii() or not letters.isupper():
        return usual
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return max(number - 1, usual)


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
