"""Scores of candidates, from nothing but what they and the shelves that may be read say.

A word counts as much as it is rare (BM25), as a share of what all words of the query would count, so a score means the
same in every search: what has all the words about once each has 1. With that goes the likeness of meaning, then what
stands beside the item, then the names in it, and last, within narrow bounds, what is known of the item itself.
Sources: Robertson and Zaragoza, “The Probabilistic Relevance Framework: BM25 and Beyond”, 2009; docs/benchmarks.md.
"""

import math
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from talome.memory.index.store import Candidate
from talome.memory.index.words import Wanted, count_in, end_of_hashes

_K1: Final = 1.2
_B: Final = 0.5
_K1_PARENT: Final = 2.0
_BESIDE: Final = 0.2
_PARENT: Final = 0.3
_NAMED: Final = 0.25
_SHARPNESS: Final = 1.8
_RECENT_MS: Final = 30 * 86_400_000
_BY_IMPORTANCE: Final = 0.10
_BY_CONFIDENCE: Final = 0.05
_BY_RECENCY: Final = 0.03
_BY_FEEDBACK: Final = 0.20
"""Times how far the share of helpful answers is from a half: a tenth up or down at most."""
_INACTIVE: Final = 0.9


@dataclass(frozen=True, slots=True)
class Corpus:
    """What the shelves of a search have together: the weight of each wanted term, and the mean length by shelf."""

    weights: tuple[float, ...]
    total: float
    mean_length: Mapping[int, float]
    size: int

    def norm(self, of: Candidate) -> float:
        """How much the length of an item takes from what a word in it counts."""
        return _K1 * (1 - _B + _B * of.length / (self.mean_length[of.shelf] or 1.0))


@dataclass(slots=True)
class Scored:
    """A candidate with what speaks for it."""

    of: Candidate
    counts: dict[int, int]
    keyword: float
    vector: float
    base: float
    beside: float = 0.0
    parent: float = 0.0
    named: bool = False
    recency: float = 0.0
    raw: float = 0.0
    weighed: float = 0.0


def corpus(having: Sequence[int], size: int, mean_length: Mapping[int, float]) -> Corpus:
    weights = tuple(weight_of(count, size) for count in having)
    return Corpus(weights, sum(weights) or 1.0, mean_length, size)


def weight_of(having: int, size: int) -> float:
    """A term that nothing has weighs as one that a single item has, for no item can be blamed for it."""
    return math.log(1 + (size - max(1, having) + 0.5) / (max(1, having) + 0.5))


def saturated(count: int, norm: float) -> float:
    """What a word counts that is there so often: each further time tells less."""
    return count * (_K1 + 1) / (count + norm)


def scored(candidate: Candidate, wanted: Sequence[Wanted], corpus: Corpus, cosine: float, by_words: float) -> Scored:
    """By the words and the meaning alone; `by_words` is the share of the words in it."""
    terms, end = candidate.terms, end_of_hashes(candidate.terms)
    norm = corpus.norm(candidate)
    counts: dict[int, int] = {}
    keyword = 0.0
    for place, (one, weight) in enumerate(zip(wanted, corpus.weights)):  # noqa: B905 - of one length, and hot
        found = terms.find(one.key, 0, end)  # as count_in does, without a call for each of thousands
        if found >= 0:
            count = count_in(terms, one.key) if found % 4 else terms[end + found // 4]
            if count:
                counts[place] = count
                keyword += weight * count * (_K1 + 1) / (count + norm)
    keyword /= corpus.total
    vector = max(0.0, cosine)
    return Scored(candidate, counts, keyword, vector, by_words * keyword + (1 - by_words) * vector)


def add_beside(pool: Mapping[int, Scored], pairs: Iterable[tuple[int, int, float]]) -> None:
    """Each gains from the best of those that stand beside it."""
    for one, other, weight in pairs:
        if one in pool and other in pool:
            pool[one].beside = max(pool[one].beside, weight * pool[other].base)
            pool[other].beside = max(pool[other].beside, weight * pool[one].base)


def add_parents(pool: Iterable[Scored], corpus: Corpus) -> None:
    """Each gains from what all candidates of its parent have of the query together."""
    members: dict[tuple[int, str], list[Scored]] = {}
    for one in pool:
        if one.of.parent is not None:
            members.setdefault((one.of.shelf, one.of.parent), []).append(one)
    for together in members.values():
        total: dict[int, int] = {}
        for one in together:
            for place, count in one.counts.items():
                total[place] = total.get(place, 0) + count
        share = sum(
            corpus.weights[place] * count * (_K1_PARENT + 1) / (count + _K1_PARENT) for place, count in total.items()
        )
        for one in together:
            one.parent = share / corpus.total


def weigh(pool: Iterable[Scored], now_ms: int, inactive: Container[int]) -> None:
    """All that speaks for each, and what is known of it, in one number of any size."""
    for one in pool:
        of = one.of
        one.raw = one.base + _BESIDE * one.beside + _PARENT * one.parent
        if one.named:
            one.raw *= 1 + _NAMED
        one.recency = math.exp(min(0, of.created_at - now_ms) / _RECENT_MS)
        known = 1 + _BY_IMPORTANCE * (of.importance - 0.5) + _BY_CONFIDENCE * (of.confidence - 0.5)
        helpful = (of.helpful + 1) / (of.helpful + of.unhelpful + 2)
        prior = (known + _BY_RECENCY * one.recency) * (1 + _BY_FEEDBACK * (helpful - 0.5))
        one.weighed = one.raw * (prior if of.shelf not in inactive else prior * _INACTIVE)


def bounded(raw: float) -> float:
    """From any size to between 0 and 1, in the same order."""
    return 1 - math.exp(-_SHARPNESS * raw)
