"""Requests that mean the same: everything of them is equal but the words of the last message, whose vectors are close.

A close vector is no proof: “how do I turn it on” and “how do I turn it off” lie at 0.9 and more. So the threshold has a
floor that a caller can only raise, all else of the request must be equal, and so must its figures, its negations and
the order of the words that both have: some vectors do not know it, and “is A older than B” is not “is B older than A”.
"""

import math
import re
from array import array
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from operator import mul
from typing import Final, Protocol

from talome.core.words import parts_of

FLOOR: Final = 0.95
LONGEST_TEXT: Final = 4000
_MOST_PLACES: Final = 512
_MOST_OF_A_PLACE: Final = 64
_TELLING: Final = re.compile(
    r"\d+(?:[.,:]\d+)*|\b(?:not?|never|without|off|on|dis\w+|un\w+|n't)\b|n't\b", re.IGNORECASE
)


class Embedder(Protocol):
    """Turns a text into a vector; None where no model can do it now."""

    async def embed(self, text: str) -> Sequence[float] | None:
        """Of any length, always the same for the same model."""


@dataclass(frozen=True, slots=True)
class _Known:
    vector: "array[float]"
    telling: tuple[str, ...]
    words: tuple[str, ...]
    key: bytes


class SimilarQuestions:
    """Where the vectors of earlier questions lie. A place is the digest of what must be equal, partition included."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._places: OrderedDict[bytes, list[_Known]] = OrderedDict()

    async def vector(self, text: str) -> "array[float] | None":
        """Of length one; None for a text that is empty, too long, or that no model embeds."""
        if not text.strip() or len(text) > LONGEST_TEXT:
            return None
        found = await self._embedder.embed(text)
        length = math.sqrt(sum(map(mul, found, found))) if found else 0.0
        if not found or not math.isfinite(length) or length == 0.0:
            return None
        return array("f", (number / length for number in found))

    def find(self, place: bytes, text: str, vector: "array[float]", threshold: float) -> bytes | None:
        """The key of the closest earlier question that is close enough."""
        least = max(FLOOR, threshold)
        telling, words, best = _telling(text), _words(text), None
        for known in self._places.get(place, ()):
            if known.telling == telling and len(known.vector) == len(vector):
                closeness = sum(map(mul, known.vector, vector))
                if closeness >= least and _same_order(known.words, words):
                    least, best = closeness, known.key
        return best

    def add(self, place: bytes, text: str, vector: "array[float]", key: bytes) -> None:
        known = self._places.setdefault(place, [])
        self._places.move_to_end(place)
        known.append(_Known(vector, _telling(text), _words(text), key))
        del known[:-_MOST_OF_A_PLACE]
        while len(self._places) > _MOST_PLACES:
            self._places.popitem(last=False)

    def clear(self) -> None:
        self._places.clear()


def _telling(text: str) -> tuple[str, ...]:
    return tuple(sorted(found.lower() for found in _TELLING.findall(text)))


def _words(text: str) -> tuple[str, ...]:
    return tuple(parts_of(text.lower()))


def _same_order(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    common = set(one) & set(other)
    return [word for word in one if word in common] == [word for word in other if word in common]
