"""Finds apps by words that may be cut off or misspelt. Every word must fit somewhere; the better, the earlier."""

from bisect import bisect_left
from collections.abc import Sequence
from typing import Final

from talome.core.words import WORD, letters, near, plain, slips_allowed

_LONGEST_SEARCH: Final = 100
_MOST_WORDS: Final = 8
_NAME, _CATEGORY, _TAGLINE = 8, 3, 2
"""How much a fit counts by where it is."""
_SAME, _BEGINS, _ALIKE = 10, 7, 4
"""How much it counts by how it fits."""
_WHOLE_NAME, _NAME_BEGINS, _NAME_HOLDS = 400, 200, 60


class SearchIndex:
    """Built once from (name, tagline, category) of each app; `find` returns positions in that list."""

    def __init__(self, texts: Sequence[tuple[str, str, str]]) -> None:
        self._names = ["".join(WORD.findall(plain(name))) for name, _, _ in texts]
        weights: dict[str, dict[int, int]] = {}
        for number, (name, tagline, category) in enumerate(texts):
            for text, weight in ((tagline, _TAGLINE), (category, _CATEGORY), (name, _NAME)):
                for word in WORD.findall(plain(text)):
                    weights.setdefault(word, {})[number] = weight
        self._vocabulary = sorted(weights)
        self._weights = [weights[word] for word in self._vocabulary]
        self._letters = [letters(word) for word in self._vocabulary]

    def find(self, search: str) -> list[int]:
        """Positions, the best fit first; of equal ones the earlier."""
        words = WORD.findall(plain(search[:_LONGEST_SEARCH]))[:_MOST_WORDS]
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
        allowed = slips_allowed(word)
        if allowed:
            own, shortest, longest = letters(word), len(word) - allowed, len(word) + allowed
            for at, other in enumerate(self._letters):
                if (own ^ other).bit_count() <= 2 * allowed:
                    candidate = self._vocabulary[at]
                    if shortest <= len(candidate) <= longest and near(word, candidate, allowed):
                        similar[at] = _ALIKE
        at = bisect_left(self._vocabulary, word)
        while at < len(self._vocabulary) and self._vocabulary[at].startswith(word):
            similar[at] = _SAME if self._vocabulary[at] == word else _BEGINS
            at += 1
        return similar
