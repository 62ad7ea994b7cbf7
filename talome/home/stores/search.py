"""Finds apps by words that may be cut off or misspelt. Every word must fit somewhere; the better, the earlier."""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Sequence
from typing import Final

_WORD: Final = re.compile(r"\w+")
_LONGEST_SEARCH: Final = 100
_MOST_WORDS: Final = 8
_NAME, _CATEGORY, _TAGLINE = 8, 3, 2
"""How much a fit counts by where it is."""
_SAME, _BEGINS, _ALIKE = 10, 7, 4
"""How much it counts by how it fits."""
_WHOLE_NAME, _NAME_BEGINS, _NAME_HOLDS = 400, 200, 60


def plain(text: str) -> str:
    """Lower case and without accents, so that `Pokémon` is found by `pokemon`."""
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    return "".join(character for character in decomposed if not unicodedata.combining(character))


class SearchIndex:
    """Built once from (name, tagline, category) of each app; `find` returns positions in that list."""

    def __init__(self, texts: Sequence[tuple[str, str, str]]) -> None:
        self._names = ["".join(_WORD.findall(plain(name))) for name, _, _ in texts]
        weights: dict[str, dict[int, int]] = {}
        for number, (name, tagline, category) in enumerate(texts):
            for text, weight in ((tagline, _TAGLINE), (category, _CATEGORY), (name, _NAME)):
                for word in _WORD.findall(plain(text)):
                    weights.setdefault(word, {})[number] = weight
        self._vocabulary = sorted(weights)
        self._weights = [weights[word] for word in self._vocabulary]
        self._letters = [_letters(word) for word in self._vocabulary]

    def find(self, search: str) -> list[int]:
        """Positions, the best fit first; of equal ones the earlier."""
        words = _WORD.findall(plain(search[:_LONGEST_SEARCH]))[:_MOST_WORDS]
        scores = self._by_name("".join(words)) if words else {}
        found: dict[int, int] | None = None
        for word in words:
            fits = self._fits(word)
            found = fits if found is None else {at: found[at] + more for at, more in fits.items() if at in found}
        for number, more in (found or {}).items():
            scores[number] = scores.get(number, 0) + more
        return sorted(scores, key=lambda number: (-scores[number], number))

    def _by_name(self, joined: str) -> dict[int, int]:
        """By the whole name without its spaces: `adguard home` and `adguardhome` are the same."""
        scores = {}
        for number, name in enumerate(self._names):
            if joined in name and (len(joined) > 2 or name.startswith(joined)):
                begins = _NAME_BEGINS if name.startswith(joined) else _NAME_HOLDS
                scores[number] = _WHOLE_NAME if name == joined else begins
        return scores

    def _fits(self, word: str) -> dict[int, int]:
        """How well the word fits each app that it fits at all."""
        scores: dict[int, int] = {}
        for at, how in self._similar(word).items():
            for number, weight in self._weights[at].items():
                scores[number] = max(scores.get(number, 0), how * weight)
        return scores

    def _similar(self, word: str) -> dict[int, int]:
        """Words of the vocabulary that are the same, begin with it, or are it but for a slip or two."""
        similar: dict[int, int] = {}
        allowed = 0 if len(word) < 4 else 1 if len(word) < 8 else 2
        if allowed:
            letters, shortest, longest = _letters(word), len(word) - allowed, len(word) + allowed
            for at, other in enumerate(self._letters):
                if (letters ^ other).bit_count() <= 2 * allowed:
                    candidate = self._vocabulary[at]
                    if shortest <= len(candidate) <= longest and _near(word, candidate, allowed):
                        similar[at] = _ALIKE
        at = bisect_left(self._vocabulary, word)
        while at < len(self._vocabulary) and self._vocabulary[at].startswith(word):
            similar[at] = _SAME if self._vocabulary[at] == word else _BEGINS
            at += 1
        return similar


def _letters(word: str) -> int:
    """A set of letters as bits; words that are far apart in it are far apart."""
    bits = 0
    for character in word:
        bits |= 1 << (ord(character) % 37)
    return bits


def _near(one: str, other: str, allowed: int) -> bool:
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
