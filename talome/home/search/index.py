"""Finds files in the index: by the words of their names and folders, by pieces of them, by text, and with slips."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from talome.core.clock import now_ms
from talome.core.words import near, plain, slips_allowed
from talome.home.search.indexer import root_word
from talome.home.search.reading import parts_below
from talome.home.search.store import FoundRow, WordsStore
from talome.home.search.wanted import Wanted

_CANDIDATES: Final = 120
_FEW: Final = 8
"""So few are found by whole words that it is looked further."""
_TEXTS: Final = 60
_PIECE: Final = 3
_DAY_MS: Final = 86_400_000
_RECENT: Final = 0.08
_DEEP: Final = 0.01
_BY_PIECES, _BY_SLIP, _BY_TEXT = 0.55, 0.35, 0.4
_MOST_TERMS: Final = 6
_AROUND: Final = 60


@dataclass(frozen=True, slots=True)
class FoundFile:
    """`root` is its number in the index; `name` and `folders` as the disk has them."""

    root: int
    name: str
    folders: tuple[str, ...]
    is_folder: bool
    size_bytes: int
    modified_ms: int
    score: float
    excerpt: str | None = None


class FileIndex:
    """Reads what the indexer keeps. Only roots whose numbers are given are ever looked at."""

    def __init__(self, store: WordsStore) -> None:
        self._store = store

    async def find(self, wanted: Wanted, roots: Iterable[int], limit: int) -> list[FoundFile]:
        """The best first."""
        numbers = sorted(roots)
        if not numbers or not wanted.words:
            return []
        found: dict[int, FoundFile] = {}
        await self._by_words(found, wanted, numbers)
        if len(found) < _FEW:
            await self._by_pieces(found, wanted, numbers)
        if len(wanted.text) >= _PIECE and len(found) < _CANDIDATES:
            await self._by_text(found, wanted, numbers)
        if len(found) < _FEW:
            await self._by_slips(found, wanted, numbers)
        best = sorted(found.items(), key=lambda item: (-item[1].score, -item[0]))[:limit]
        return [file for _, file in best]

    async def _by_words(self, found: dict[int, FoundFile], wanted: Wanted, roots: list[int]) -> None:
        """Whole words first, since of beginnings there may be more than are looked at."""
        within = _within(roots)
        whole = " AND ".join(f'name:"{word}"' for word in wanted.words)
        begun = " AND ".join(f'name:"{word}"*' for word in wanted.words)
        anywhere = " AND ".join(f'"{word}"*' for word in wanted.words)
        for match in (whole, begun, anywhere):
            if match is not anywhere or (len(wanted.words) > 1 and len(found) < _FEW):
                for row in await self._store.by_name(f"{within} AND {match}", roots, _CANDIDATES):
                    _take(found, row, wanted.closeness(_stem(row), _folder(row)))

    async def _by_pieces(self, found: dict[int, FoundFile], wanted: Wanted, roots: list[int]) -> None:
        """In the middle of words too, such as “rechnung” in “Stromrechnung”."""
        long = [word for word in wanted.words if len(word) >= _PIECE]
        if not long:
            return
        pieces = {word[at : at + _PIECE] for word in long for at in range(len(word) - _PIECE + 1)}
        match = " AND ".join(f'"{piece}"' for piece in sorted(pieces))
        for row in await self._store.by_pieces(f"{_within(roots, '')} AND {match}", roots, _CANDIDATES):
            name = plain(_stem(row))
            if all(word in name for word in wanted.words):
                _take(found, row, _BY_PIECES)

    async def _by_slips(self, found: dict[int, FoundFile], wanted: Wanted, roots: list[int]) -> None:
        """Words that nobody used become the nearest that somebody did."""
        chosen = [await self._nearest(word) for word in wanted.words]
        if not all(chosen) or chosen == [[word] for word in wanted.words]:
            return
        match = " AND ".join("({})".format(" OR ".join(f'"{term}"' for term in terms)) for terms in chosen)
        for row in await self._store.by_name(f"{_within(roots)} AND {match}", roots, _CANDIDATES):
            _take(found, row, _BY_SLIP)

    async def _nearest(self, word: str) -> list[str]:
        """Words of the index that are this one but for a slip; a first letter counts as meant, or as the second."""
        allowed = slips_allowed(word)
        if not allowed:
            return [word]
        terms: list[str] = []
        for first in dict.fromkeys(word[:2]):
            terms += await self._store.terms(first, len(word) - allowed, len(word) + allowed)
        own = set(word)
        alike = [term for term in terms if len(own ^ set(term)) <= 2 * allowed]  # cheap, and keeps most out
        return [term for term in alike if near(word, term, allowed)][:_MOST_TERMS]

    async def _by_text(self, found: dict[int, FoundFile], wanted: Wanted, roots: list[int]) -> None:
        *whole, last = wanted.written or wanted.words
        match = " AND ".join([*(f'text:"{word}"' for word in whole), f'text:"{last}"*'])
        rows = await self._store.by_text(f"{_within(roots, 'root:')} AND {match}", roots, _TEXTS)
        for rank, row in enumerate(sorted(rows, key=lambda row: row.weight)):
            if row.entry.id not in found:
                text = await self._store.text(row.entry.id) if rank < _FEW else ""
                _take(found, row, _BY_TEXT - rank * 0.001, excerpt=_excerpt(text, last))


def _take(found: dict[int, FoundFile], row: FoundRow, score: float, excerpt: str | None = None) -> None:
    entry = row.entry
    if entry.id in found or score <= 0:
        return
    folders = parts_below(row.folder)
    age_days = max(0, now_ms() - entry.modified_ms) / _DAY_MS
    score += _RECENT / (1 + age_days / 30) - min(len(folders), 6) * _DEEP
    name = os.fsdecode(entry.name)
    found[entry.id] = FoundFile(
        row.root, name, folders, entry.is_folder, entry.size_bytes, entry.modified_ms, score, excerpt
    )


def _within(roots: list[int], column: str = "name:") -> str:
    return "({})".format(" OR ".join(f'{column}"{root_word(number)}"' for number in roots))


def _stem(row: FoundRow) -> str:
    """The name without what tells its kind, which hardly anybody types."""
    name = os.fsdecode(row.entry.name)
    return name if row.entry.is_folder else name.rpartition(".")[0] or name


def _folder(row: FoundRow) -> str:
    return f"{os.fsdecode(row.entry.name)} {os.fsdecode(row.folder)}"


def _excerpt(text: str, word: str) -> str | None:
    """What stands around the word, cut at words."""
    at = text.lower().find(word)
    if not text or at < 0:
        return None
    start, end = max(0, at - _AROUND), min(len(text), at + len(word) + _AROUND)
    piece = text[start:end]
    if start:
        piece = "…" + piece.partition(" ")[2]
    if end < len(text):
        piece = piece.rpartition(" ")[0] + "…"
    return piece
