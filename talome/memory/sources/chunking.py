"""Cuts what readers give into chunks of 300 to 400 tokens that overlap by 15 %, each under one heading.

Sizes are bytes of UTF-8: four are about a token of English, and of other scripts it is nearer than characters are.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from talome.memory.sources.formats.parts import Block

LARGEST_BYTES: Final = 1400
_OVERLAP_BYTES: Final = 210
_SMALL_BYTES: Final = 240
_SENTENCE: Final = re.compile(r"(?<=[.!?\u2026])\s+|(?<=[\u3002\uff01\uff1f])\s*")


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece that is found and cited. `heading` is what it stands under, outermost first."""

    text: str
    heading: tuple[str, ...]
    page: int | None
    line: int | None


@dataclass(frozen=True, slots=True)
class _Piece:
    """What is not cut further. `joint` stands between it and what was before."""

    text: str
    joint: str
    page: int | None
    line: int | None
    size: int


def chunked(blocks: Iterable[Block]) -> Iterator[Chunk]:
    """In the order of the document."""
    open_chunk = _Open()
    for block in blocks:
        if block.heading != open_chunk.heading:
            yield from open_chunk.close()
            open_chunk = _Open(block.heading)
        for piece in _pieces(block):
            if open_chunk.size + piece.size > LARGEST_BYTES and open_chunk.fresh:
                yield from open_chunk.close()
                open_chunk = open_chunk.continued()
            open_chunk.add(piece)
    yield from open_chunk.close()


class _Open:
    """A chunk that grows. `fresh` counts the pieces that were in no chunk before."""

    def __init__(self, heading: tuple[str, ...] = (), carried: list[_Piece] | None = None) -> None:
        self.heading = heading
        self._pieces = carried or []
        self.size = sum(piece.size for piece in self._pieces)
        self.fresh = 0

    def add(self, piece: _Piece) -> None:
        if self.size + piece.size > LARGEST_BYTES and not self.fresh:
            self._pieces, self.size = [], 0  # what was carried over gives way
        self._pieces.append(piece)
        self.size += piece.size
        self.fresh += 1

    def close(self) -> Iterator[Chunk]:
        if not self.fresh:
            return
        first = self._pieces[0]
        text = first.text + "".join(piece.joint + piece.text for piece in self._pieces[1:])
        yield Chunk(text, self.heading, first.page, first.line)

    def continued(self) -> "_Open":
        """The next chunk, which begins with the end of this one."""
        carried: list[_Piece] = []
        size = 0
        for piece in reversed(self._pieces):
            size += piece.size
            if size > _OVERLAP_BYTES:
                break
            carried.insert(0, piece)
        return _Open(self.heading, carried)


def _pieces(block: Block) -> Iterator[_Piece]:
    """A block that is small stays whole; a larger one is cut where it hurts least: lines, sentences, words."""
    lines = block.text.split("\n") if size_of(block.text) > _SMALL_BYTES else [block.text]
    for number, line in enumerate(lines):
        joint = "\n" if number else "\n\n"
        at = None if block.line is None else block.line + number
        for text in _sentences(line):
            if text:
                yield _Piece(text, joint, block.page, at, size_of(text))
                joint = " "


def _sentences(line: str) -> Iterator[str]:
    if size_of(line) <= _SMALL_BYTES:
        yield line
        return
    for sentence in _SENTENCE.split(line):
        if size_of(sentence) <= LARGEST_BYTES // 2:
            yield sentence
        else:
            yield from _words(sentence)


def _words(text: str) -> Iterator[str]:
    """Pieces of a text without sentences; a word without end is cut too."""
    kept: list[str] = []
    size = 0
    for word in _short_words(text):
        size += size_of(word) + 1
        if size > LARGEST_BYTES // 2 and kept:
            yield " ".join(kept)
            kept, size = [], size_of(word) + 1
        kept.append(word)
    if kept:
        yield " ".join(kept)


def _short_words(text: str) -> Iterator[str]:
    longest = LARGEST_BYTES // 8
    for word in text.split(" "):
        yield from (word[begin : begin + longest] for begin in range(0, len(word), longest))


def size_of(text: str) -> int:
    return len(text.encode())
