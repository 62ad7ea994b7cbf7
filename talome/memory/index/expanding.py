"""A second look at what stands alone: the query once more, drawn towards what the best of the first look say and mean.

What belongs to a parent has its other items to speak for it; a note or a text by itself has only its own words, which
may be others than those of the query. Source: Rocchio's relevance feedback; for words as in Lavrenko and Croft,
“Relevance based language models”, 2001 (RM3), with the best of the first look taken as relevant.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from talome.engines.embeddings.models import Vectors
from talome.memory.index.ranking import Corpus, Scored, saturated, weight_of
from talome.memory.index.shelving import Shelf
from talome.memory.index.words import end_of_hashes, hashes_in, key_of

_LOOKED_AT_MEANING: Final = 5
_LOOKED_AT_WORDS: Final = 8
_DRAWN_WORDS: Final = 10
_BY_DRAWN: Final = 0.3
"""The share of the words that were drawn in against those that were asked for."""


def look_again(
    pool: Mapping[int, Scored],
    shelves: Mapping[int, Shelf],
    known: Corpus,
    wanted: Vectors | None,
    by_words: float,
) -> None:
    """Change the base of those that have no parent."""
    alone = [one for one in pool.values() if one.of.parent is None]
    if not alone:
        return
    best = sorted(pool.values(), key=lambda one: (-one.base, one.of.id))[:_LOOKED_AT_WORDS]
    words = _drawn_words([one for one in best if one.of.parent is None], shelves, known)
    meaning = _drawn_meaning(best[:_LOOKED_AT_MEANING], alone, shelves, wanted) if wanted is not None else {}
    for one in alone:
        keyword = (1 - _BY_DRAWN) * one.keyword + _BY_DRAWN * _having(one, words, known) if words else one.keyword
        vector = max(0.0, meaning.get(one.of.number, 0.0))
        one.base = by_words * keyword + (1 - by_words) * vector


def _drawn_words(best: Sequence[Scored], shelves: Mapping[int, Shelf], known: Corpus) -> list[tuple[bytes, float]]:
    """The words that tell most of the best, each with its share of what all of them tell."""
    told: dict[int, float] = {}
    for one in best:
        terms, end, norm = one.of.terms, end_of_hashes(one.of.terms), known.norm(one.of)
        for term, count in zip(hashes_in(terms), terms[end:], strict=True):
            told[term] = told.get(term, 0.0) + one.base * saturated(count, norm)
    having = [shelf.having for shelf in shelves.values()]
    rare = ((told[term] * weight_of(sum(one[term] for one in having), known.size), term) for term in told)
    most = sorted(rare, reverse=True)[:_DRAWN_WORDS]
    total = sum(share for share, _ in most) or 1.0
    return [(key_of(term), share / total) for share, term in most]


def _having(one: Scored, words: Iterable[tuple[bytes, float]], known: Corpus) -> float:
    terms, end, norm = one.of.terms, end_of_hashes(one.of.terms), known.norm(one.of)
    total = 0.0
    for key, share in words:
        place = terms.find(key, 0, end)  # as count_in does, without a call for each of thousands
        while place > 0 and place % 4:
            place = terms.find(key, place + 1, end)
        if place >= 0:
            total += share * saturated(terms[end + place // 4], norm)
    return total


def _drawn_meaning(
    best: Sequence[Scored], alone: Sequence[Scored], shelves: Mapping[int, Shelf], asked: Vectors
) -> dict[int, float]:
    """How close each is to the query with the middle of the best."""
    import numpy as np

    centre, weight = np.zeros_like(asked), 0.0
    for one in best:
        vectors = shelves[one.of.shelf].vectors
        if vectors is not None and one.of.number in vectors:
            centre += one.base * vectors.rows([one.of.number])[0]
            weight += one.base
    wanted = asked + centre / max(weight, 1e-9)
    wanted /= max(float(np.linalg.norm(wanted)), 1e-9)
    close: dict[int, float] = {}
    for number, shelf in shelves.items():
        if shelf.vectors is not None:
            close |= shelf.vectors.cosines(wanted, (one.of.number for one in alone if one.of.shelf == number))
    return close
