"""What a reader gives: a document begins, then its pieces of text."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final

LARGEST_TEXT_BYTES: Final = 128 * 1024 * 1024
_CONTROL: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b\u202a-\u202e\u2060\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff"
    "\U000e0000-\U000e007f]"
)
_SPACES: Final = re.compile(r"[^\S\n]+")
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class Unreadable(Exception):
    """The file cannot be read; the message is a sentence for whoever added it."""


@dataclass(frozen=True, slots=True)
class Start:
    """A document begins. `part` tells several of one file apart; empty where a file is one document."""

    title: str = ""
    part: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of text as it stands together: a paragraph, a row, a page. `heading` is what it stands under, outermost
    first; `page` and `line` count from 1."""

    text: str
    heading: tuple[str, ...] = ()
    page: int | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Given:
    """A file to read. `name` is its own, without folders; `type` is what whoever sent it calls it, or empty."""

    file: BinaryIO
    name: str
    type: str = ""


Parts = Iterator[Start | Block]
Reader = Callable[[Given], Parts]


def clean(text: str) -> str:
    """Without what no text has: NUL, other control characters, halves of characters, and what nobody sees."""
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def one_line(text: str, longest: int = 300) -> str:
    """For titles, headings and cells."""
    return " ".join(clean(text[: longest * 8]).split())[:longest]


def squeeze(text: str) -> str:
    """Without runs of spaces; lines stay."""
    return "\n".join(_SPACES.sub(" ", line).strip() for line in clean(text).split("\n")).strip()


def read_bytes(given: Given, limit_bytes: int = LARGEST_TEXT_BYTES) -> bytes:
    data = given.file.read(limit_bytes + 1)
    if len(data) > limit_bytes:
        raise Unreadable(f"It is larger than {limit_bytes // 1024**2} MB.")
    return data


def decode(data: bytes) -> str:
    """UTF-8 and what begins with a mark, else the old code page of the West. Raises `Unreadable` for no text."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data.decode(encoding, errors="replace")
    if b"\0" in data[:8192]:
        raise Unreadable("It is no text, and of no other kind that Talome reads.")
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


class Headings:
    """The headings that a place stands under, kept up to date while a document is read."""

    def __init__(self) -> None:
        self._open: list[tuple[int, str]] = []

    def enter(self, level: int, text: str) -> None:
        """A heading of this level closes those of its own and of lower levels."""
        while self._open and self._open[-1][0] >= level:
            self._open.pop()
        if title := one_line(text, 200):
            self._open.append((level, title))

    @property
    def path(self) -> tuple[str, ...]:
        return tuple(text for _, text in self._open)
