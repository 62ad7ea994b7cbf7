"""Plain text, code and Markdown."""

import re
from collections.abc import Iterator
from typing import Final

from talome.memory.sources.formats.parts import (
    Block,
    Given,
    Headings,
    Parts,
    Start,
    clean,
    decode,
    one_line,
    read_bytes,
)

_HEADING: Final = re.compile(r" {0,3}(#{1,6})[ \t]+(.*?)[ \t#]*$")
_UNDERLINE: Final = re.compile(r" {0,3}(=+|-+)[ \t]*$")
_FENCE: Final = re.compile(r" {0,3}(`{3,}|~{3,})")
_TITLE: Final = re.compile(r"title:[ \t]*(.+)$")
_MARKDOWN_TITLE_LINES: Final = 60


def read_text(given: Given) -> Parts:
    yield Start()
    for number, paragraph in paragraphs(decode(read_bytes(given))):
        yield Block(paragraph, line=number)


def paragraphs(text: str) -> Iterator[tuple[int, str]]:
    """Pieces between empty lines, each with the number of its first line."""
    kept: list[str] = []
    first = 1
    for number, line in enumerate(clean(text).split("\n"), 1):
        if line.strip():
            if not kept:
                first = number
            kept.append(line.rstrip())
        elif kept:
            yield first, "\n".join(kept)
            kept = []
    if kept:
        yield first, "\n".join(kept)


def read_markdown(given: Given) -> Parts:
    lines = clean(decode(read_bytes(given))).split("\n")
    title, begin = _front_matter(lines)
    found = (_HEADING.match(line) for line in lines[begin : begin + _MARKDOWN_TITLE_LINES])
    first = next((match[2] for match in found if match is not None and match[1] == "#"), "")
    yield Start(one_line(title or first))
    yield from _Markdown(lines, begin).blocks()


def _front_matter(lines: list[str]) -> tuple[str, int]:
    """The title that the front matter gives, and the line after it."""
    if lines[0].rstrip() != "---":
        return "", 0
    title = ""
    for number, line in enumerate(lines[1:200], 1):
        if line.rstrip() in ("---", "..."):
            return title, number + 1
        if match := _TITLE.match(line):
            title = match[1].strip().strip("\"'")
    return "", 0


class _Markdown:
    """Paragraphs and fenced code, under the headings of both forms."""

    def __init__(self, lines: list[str], begin: int) -> None:
        self._lines = lines
        self._begin = begin
        self._headings = Headings()
        self._kept: list[str] = []
        self._first = begin + 1
        self._fence = ""

    def blocks(self) -> Iterator[Block]:
        for number, line in enumerate(self._lines[self._begin :], self._begin + 1):
            if self._in_code(line):
                self._keep(number, line)
            elif (match := _HEADING.match(line)) is not None:
                yield from self._flush()
                self._headings.enter(len(match[1]), match[2])
            elif len(self._kept) == 1 and (match := _UNDERLINE.match(line)) is not None:
                self._headings.enter(1 if match[1][0] == "=" else 2, self._kept.pop())
            elif line.strip():
                self._keep(number, line)
            else:
                yield from self._flush()
        yield from self._flush()

    def _in_code(self, line: str) -> bool:
        fence = _FENCE.match(line)
        if self._fence:
            if fence is not None and fence[1].startswith(self._fence) and not line.strip().strip(self._fence[0]):
                self._fence = ""
            return True
        if fence is not None:
            self._fence = fence[1]
        return bool(self._fence)

    def _keep(self, number: int, line: str) -> None:
        if not self._kept:
            self._first = number
        self._kept.append(line.rstrip())

    def _flush(self) -> Iterator[Block]:
        if self._kept:
            yield Block("\n".join(self._kept), self._headings.path, line=self._first)
            self._kept = []
