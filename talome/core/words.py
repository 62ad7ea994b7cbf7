"""Words as people type them: without case and accents, cut off, and with slips of the finger."""

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

WORD: Final = re.compile(r"\w+")
_PART: Final = re.compile(r"[^\W_]+")
_SAME, _BEGINS, _WORDS_BEGIN, _HOLDS, _ELSEWHERE, _ALIKE = 1.0, 0.9, 0.75, 0.6, 0.45, 0.3


def plain(text: str) -> str:
    """Lower case and without accents, so that `Pokémon` is found by `pokemon`."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def parts_of(text: str) -> list[str]:
    """Its words, where an underscore, as in names of files, parts two of them as well."""
    return _PART.findall(text)


def letters(word: str) -> int:
    """A set of letters as bits; words that are far apart in it are far apart."""
    bits = 0
    for character in word:
        bits |= 1 << (ord(character) % 37)
    return bits


def slips_allowed(word: str) -> int:
    """How many wrong letters are forgiven in a word of this length."""
    return 0 if len(word) < 4 else 1 if len(word) < 8 else 2


def near(one: str, other: str, allowed: int) -> bool:
    """At most so many letters are wrong, missing, too many, or swapped with their neighbour (Damerau, Levenshtein)."""
    before: list[int] = []
    last = list(range(len(other) + 1))
    for row, left in enumerate(one, 1):
        current = [row]
        for column, right in enumerate(other, 1):
            cost = min(last[column] + 1, current[-1] + 1, last[column - 1] + (left != right))
            if row > 1 and column > 1 and left == other[column - 2] and one[row - 2] == right:
                cost = min(cost, before[column - 2] + 1)
            current.append(cost)
        if min(current) > allowed:
            return False
        before, last = last, current
    return last[-1] <= allowed


def closeness(wanted: str, words: Sequence[str], name: str, more: str = "") -> float:
    """How well a name, or what else is said of the thing, answers: 1 is the same, 0 not at all. `wanted` and its
    `words` are plain already. Every word must fit somewhere."""
    own = plain(name)
    if own == wanted:
        return _SAME
    if own.startswith(wanted):
        return _BEGINS
    parts = parts_of(own)
    if all(any(part.startswith(word) for part in parts) for word in words):
        return _WORDS_BEGIN
    if all(word in own for word in words):
        return _HOLDS
    text = f"{own} {plain(more)}"
    if all(word in text for word in words):
        return _ELSEWHERE
    return _ALIKE if all(word in text or _is_alike(word, parts) for word in words) else 0.0


def _is_alike(word: str, parts: Sequence[str]) -> bool:
    """Whether the word is one of these but for a slip or two, or begins one so."""
    allowed = slips_allowed(word)
    return bool(allowed) and any(
        near(word, candidate, allowed) for part in parts for candidate in {part, part[: len(word)]}
    )
