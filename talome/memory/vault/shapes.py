"""The shape of a note: which words it is made of, beside its numbers, its dates and whether it denies something.

Notes of nearly the same words are found by MinHash in bands (Broder 1997; Leskovec, Rajaraman, Ullman, chapter 3):
of two sets, the least value of a hash function is the same with the probability of their Jaccard similarity.
"""

import re
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from talome.core.words import WORD, plain

Likeness = Literal["conflict", "duplicate", "same"]
NEARLY_SAME: Final = 0.85
COMPARABLE: Final = 0.75
"""Of how many words in common two notes are said to speak of one thing."""
OF_ONE_THING: Final = 0.6
"""The same, where their meaning is close as well."""
_BANDS, _ROWS = 4, 3
_MOST_WORDS: Final = 400
_MOST_CHARACTERS: Final = 8000
_MASK: Final = 0xFFFFFFFF
# Twelve odd factors and summands, drawn once; any would do, as long as they stay, since the bands are kept.
_FUNCTIONS: Final = tuple(
    (zlib.crc32(b"factor %d" % number) | 1, zlib.crc32(b"summand %d" % number)) for number in range(_BANDS * _ROWS)
)
_MOMENT: Final = re.compile(r"\b\d{4}-\d{2}-\d{2}\b|\b\d{1,2}[./]\d{1,2}[./]\d{2,4}\b|\b\d{1,2}:\d{2}(?::\d{2})?\b")
_NO: Final = (
    "not no never none neither nor cannot without hate hates hated dislike dislikes avoid avoids stop stopped off"
    " disabled false"
)
_YES: Final = "like likes liked love loves loved prefer prefers use uses on enabled true always"
_SMALL: Final = (
    "a an the is are was were be been am to of in at and or it its this that i we you he she they my our your for with"
    " has have had does do did will would s t"
)
_ARTICLES: Final = frozenset(("a", "an", "the"))
_AROUND: Final = ".,;:!?\"'()\u2026"
"""Marks around a word that say nothing of their own, unlike those of “-5” or “C++”."""
_DENIES, _AFFIRMS, _STOPPED = (frozenset(words.split()) for words in (_NO, _YES, _SMALL))


@dataclass(frozen=True, slots=True)
class Shape:
    """`denies`: an odd number of its words says no. `order`: all of it, but for articles and the marks around words;
    empty where that was too long to look at."""

    words: frozenset[str]
    numbers: frozenset[str]
    moments: frozenset[str]
    denies: bool
    order: tuple[str, ...]

    @property
    def bands(self) -> list[int]:
        """Two shapes that are much alike have one of these in common, nearly always."""
        if not self.words:
            return []
        hashes = [zlib.crc32(word.encode()) for word in sorted(self.words)[:_MOST_WORDS]]
        least = [min((factor * value + more) & _MASK for value in hashes) for factor, more in _FUNCTIONS]
        return [
            (band << 32) | zlib.crc32(b"%d %d %d" % tuple(least[band * _ROWS : (band + 1) * _ROWS]))
            for band in range(_BANDS)
        ]


def shape_of(title: str, content: str) -> Shape:
    """Of a note; of a very long one only how it begins."""
    text = plain(f"{title}\n{content[:_MOST_CHARACTERS]}".replace("\u2019", "'")).replace("n't", " not")
    moments = frozenset(_MOMENT.findall(text))
    found = WORD.findall(_MOMENT.sub(" ", text))
    numbers = frozenset(word for word in found if not word.isalpha())
    words = frozenset(found) - numbers - _STOPPED - _DENIES - _AFFIRMS
    order = _order(text) if len(content) <= _MOST_CHARACTERS else ()
    return Shape(words, numbers, moments, sum(word in _DENIES for word in found) % 2 == 1, order)


def _order(text: str) -> tuple[str, ...]:
    words = (word.strip(_AROUND) for word in text.split())
    return tuple(word for word in words if word and word not in _ARTICLES)


def likeness(one: Shape, other: Shape) -> Likeness | None:
    """What two notes are to each other. What is said of different times is neither."""
    if one.moments != other.moments or not one.words or not other.words:
        return None
    if one.order and one.order == other.order:
        return "same"
    common = len(one.words & other.words) / len(one.words | other.words)
    if common >= NEARLY_SAME and one.denies == other.denies and one.numbers == other.numbers:
        return "duplicate"
    if common < COMPARABLE:
        return None
    if one.denies != other.denies:
        return "conflict"
    changed = bool(one.numbers) and bool(other.numbers) and one.numbers != other.numbers
    return "conflict" if changed and len(one.words & other.words) >= 2 else None


def likeness_of_close(one: Shape, other: Shape) -> Likeness | None:
    """What two notes are to each other that mean nearly the same, by whatever words. A mean of words knows no order
    (“A beats B”), so nothing follows from closeness alone but that somebody is told."""
    if one.moments != other.moments:
        return None
    if one.denies == other.denies and one.numbers == other.numbers:
        return "duplicate"
    every = one.words | other.words
    if not every or len(one.words & other.words) / len(every) < OF_ONE_THING:
        return None
    return "conflict" if one.denies != other.denies or (one.numbers and other.numbers) else None


def reason_of(one: Shape, other: Shape) -> str:
    """Why it is a conflict, in words."""
    return "One says yes, the other says no." if one.denies != other.denies else "They name different numbers."


def packed_bands(bands: Iterable[int]) -> str:
    return f"[{','.join(map(str, bands))}]"
