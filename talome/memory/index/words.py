"""Texts as the index counts them: stems with how often they occur, and queries as what must and what may be found.

A term is the 32-bit hash of a stem: an item carries its terms as a sorted column of hashes and one of counts, which is
all that ranking needs. Nothing that somebody types is ever read as syntax of the full-text search.
"""

import re
from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from zlib import crc32

from talome.core.words import parts_of, plain
from talome.memory.index.stemming import stem

TITLE_WEIGHT: Final = 2
_LONGEST_QUERY: Final = 4000
_MOST_WORDS: Final = 64
_LONGEST_WORD: Final = 64
_MOST_OF_A_TERM: Final = 255
_BYTES_A_TERM: Final = 5
_QUOTED: Final = re.compile(r'"([^"]{1,400})"|“([^”]{1,400})”')
_COMPOUND: Final = re.compile(r"(?<![^\W_])[^\W_]++(?:[._:/@+-]++[^\W_]++)++")
_COMMON: Final = """
a about above after again against all also am an and any are aren as at be because been before being below between
both but by can cannot could couldn d did didn do does doesn doing don down during each few for from further had
hadn has hasn have haven having he her here hers herself him himself his how i if in into is isn it its itself just
let ll m me more most my myself no nor not now o of off on once only or other our ours ourselves out over own re s
same shan she should shouldn so some such t than that the their theirs them themselves then there these they this
those through to too under until up ve very was wasn we were weren what when where which while who whom why will
with won would wouldn y you your yours yourself yourselves
"""
_STOP_WORDS: Final = frozenset(_COMMON.split())


def clean(text: str) -> str:
    """What can be stored: without NUL and without halves of surrogate pairs."""
    return text.replace("\0", " ").encode("utf-8", "replace").decode("utf-8")


@lru_cache(maxsize=20_000)
def _hash(word: str) -> int:
    return crc32(stem(word).encode("utf-8", "replace"))


def _compound_hash(compound: str) -> int:
    return crc32(b"=" + compound.encode("utf-8", "replace"))


def _folded(text: str) -> str:
    return text.lower() if text.isascii() else plain(text)


def _compounds(folded: str) -> list[str]:
    """Addresses, versions, serial numbers: words with a digit that signs hold together."""
    return [found for found in _COMPOUND.findall(folded) if any(map(str.isdigit, found))]


@dataclass(frozen=True, slots=True)
class Terms:
    """Of one item: its terms with their counts, packed, and how many words it has."""

    packed: bytes
    length: int


def terms_of(title: str, body: str, tags: Iterable[str]) -> Terms:
    """A word of the title counts double."""
    counts: Counter[int] = Counter()
    length = 0
    for text, weight in ((title, TITLE_WEIGHT), (f"{body} {' '.join(tags)}", 1)):
        folded = _folded(text)
        words = parts_of(folded)
        length += len(words)
        for word, times in Counter(words).items():
            counts[_hash(word[:_LONGEST_WORD])] += times * weight
        for compound in _compounds(folded):
            counts[_compound_hash(compound)] += weight
    ordered = sorted(counts)
    many = bytes(min(counts[term], _MOST_OF_A_TERM) for term in ordered)
    return Terms(array("I", ordered).tobytes() + many, length)


def hashes_in(packed: bytes) -> "array[int]":
    """The terms of an item, without their counts."""
    found = array("I")
    found.frombytes(packed[: end_of_hashes(packed)])
    return found


def key_of(term: int) -> bytes:
    """As it stands in the packed terms of an item."""
    return array("I", (term,)).tobytes()


def end_of_hashes(packed: bytes) -> int:
    """Where the counts begin."""
    return len(packed) // _BYTES_A_TERM * 4


def count_in(packed: bytes, key: bytes) -> int:
    """How often a term occurs. Looking for its four bytes is quicker than any way that knows that they are sorted."""
    end = end_of_hashes(packed)
    place = packed.find(key, 0, end)
    while place >= 0 and place % 4:
        place = packed.find(key, place + 1, end)
    return packed[end + place // 4] if place >= 0 else 0


@dataclass(frozen=True, slots=True)
class Wanted:
    """One term of a query: its hash, the words for people, and the phrase that the full-text search finds it by."""

    term: int
    key: bytes
    word: str
    phrase: str


@dataclass(frozen=True, slots=True)
class Parsed:
    """A query. `required` are quoted phrases, which an item must have word by word; `text` is what is embedded."""

    text: str
    words: tuple[str, ...]
    wanted: tuple[Wanted, ...]
    required: tuple[str, ...]


def parse(text: str) -> Parsed:
    """Stop words go, unless there is nothing else; each term counts once."""
    text = clean(text[:_LONGEST_QUERY])
    folded = _folded(text)
    words = tuple(parts_of(folded)[: 4 * _MOST_WORDS])
    telling = [word for word in words if word not in _STOP_WORDS] or list(words)
    wanted: dict[int, Wanted] = {}
    for compound in _compounds(folded)[:_MOST_WORDS]:
        term = _compound_hash(compound)
        wanted.setdefault(term, Wanted(term, key_of(term), compound, _phrase(compound)))
    for word in telling:
        term = _hash(word[:_LONGEST_WORD])
        wanted.setdefault(term, Wanted(term, key_of(term), word, _phrase(word)))
    quoted = (_phrase(found[0] or found[1]) for found in _QUOTED.findall(text))
    required = tuple(phrase for phrase in quoted if phrase != '""')
    return Parsed(text, words, tuple(wanted.values())[:_MOST_WORDS], required)


def keys_of_name(name: str) -> tuple[bytes, ...]:
    """The terms that an item which names this entity has."""
    return tuple(key_of(_hash(word[:_LONGEST_WORD])) for word in parts_of(_folded(name)))


def words_of_name(name: str) -> tuple[str, ...]:
    return tuple(parts_of(_folded(name)))


def _phrase(text: str) -> str:
    """A string of the full-text search. Only letters and digits are left in it: there is no way out of its quotes."""
    return f'"{" ".join(parts_of(clean(text)))}"'


def any_of(phrases: Sequence[str]) -> str:
    return " OR ".join(phrases)


def all_of(phrases: Sequence[str], one_of: Sequence[str]) -> str:
    """Every one of the phrases, and one of the others if there are any."""
    parts = [*phrases, *([f"({any_of(one_of)})"] if one_of else ())]
    return " AND ".join(parts)
