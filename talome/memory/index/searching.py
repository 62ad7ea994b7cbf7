"""One search from the query to the hits, in the thread that has the reader and the shelves to itself."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from talome.core.clock import now_ms
from talome.engines.embeddings.models import Vectors
from talome.memory.index.expanding import look_again
from talome.memory.index.models import Found, Hit, Query
from talome.memory.index.naming import Name, named_in, without
from talome.memory.index.ranking import Corpus, Scored, add_beside, add_parents, bounded, corpus, scored, weigh
from talome.memory.index.shelving import Shelf, Shelving
from talome.memory.index.store import IndexReader, ModelRow, Slot
from talome.memory.index.words import Parsed, Wanted, all_of, count_in, parse, words_of_name

Embed = Callable[[ModelRow, str], Vectors | None]
"""A text by this model; None where the model is not there."""
_LEAST_CANDIDATES: Final = 64
_MOST_CANDIDATES: Final = 200
"""By their words; by their meaning half as many."""
_ASKED_FOR_NEIGHBOURS: Final = 20
_RARE: Final = 0.05
_LEAST_RARE: Final = 200
_MOST_RARE: Final = 6000
_MOST_GATES: Final = 16
_BY_WORDS: Final = {"wordllama-256": 0.43, "all-minilm-l6-v2": 0.45}
"""The share of the words against the meaning; set on the tuning half of the benchmark."""
_BY_WORDS_ELSE: Final = 0.45


@dataclass(frozen=True, slots=True)
class _Asked:
    """A query and all that it may be answered from."""

    query: Query
    parsed: Parsed
    slots: dict[int, Slot]
    shelves: dict[int, Shelf]
    allowed: "frozenset[int] | None"
    names: list[Name]
    vector: Vectors | None
    by_words: float


class Searching:
    """Used by one thread only, as are the reader and what it holds."""

    def __init__(self, reader: IndexReader, embed: Embed) -> None:
        self._reader = reader
        self._shelving = Shelving(reader)
        self._embed = embed

    def find(self, query: Query, vector: Sequence[float] | None = None) -> Found:
        """`vector` is the query's, where a model elsewhere made it."""
        start = time.perf_counter()
        parsed = parse(query.text)
        if not parsed.wanted or query.limit < 1:
            return Found((), 0, _since(start))
        with self._reader.snapshot():
            asked = self._asked(query, parsed, vector)
            pool = self._pool(asked)
        ordered = sorted(pool.values(), key=lambda one: (-one.weighed, one.of.id))
        if query.min_score > 0:
            ordered = [one for one in ordered if bounded(one.weighed) >= query.min_score]
        hits = tuple(_hit(one, asked) for one in ordered[: query.limit])
        return Found(hits, len(ordered), _since(start))

    def similar(self, space: str, text: str, least: float, limit: int) -> list[tuple[str, float]]:
        """Active notes of nearly the same meaning that name the same people and things, the closest first."""
        with self._reader.snapshot():
            self._shelving.catch_up()
            slots = self._reader.shelves(Query(frozenset({space}), "", kinds=frozenset({"note"})))
            vectors = [self._shelving.shelf(number).vectors for number in slots]
            names = self._shelving.names(space)
            named = named_in(words_of_name(text), names) if names else []
            model = self._shelving.model
            vector = self._embed(model, without(text, named)) if model is not None and any(vectors) else None
            if vector is None:
                return []
            near: dict[int, float] = {}
            for on in vectors:
                near |= on.nearest(vector, limit, None) if on is not None else {}
            close = {number: cosine for number, cosine in near.items() if cosine >= least}
            rows = self._reader.candidates(close) if close else []
        same = {name.entity for name in named}
        found = [(row.id, min(1.0, close[row.number])) for row in rows if _named(row.terms, names) == same]
        return sorted(found, key=lambda pair: (-pair[1], pair[0]))[:limit]

    def closeness(self, ids: Sequence[str]) -> dict[tuple[str, str], float]:
        """The cosine of each two of them that have vectors."""
        with self._reader.snapshot():
            self._shelving.catch_up()
            known: list[str] = []
            rows = []
            for id, (number, place) in sorted(self._reader.numbers_of(ids).items()):
                vectors = self._shelving.shelf(place).vectors
                if vectors is not None and number in vectors:
                    known.append(id)
                    rows.append(vectors.rows([number])[0])
        if not rows:
            return {}
        import numpy as np

        table = np.stack(rows)
        cosines = (table @ table.T).tolist()
        return {(one, other): cosines[i][j] for i, one in enumerate(known) for j, other in enumerate(known) if i < j}

    def _asked(self, query: Query, parsed: Parsed, remote: Sequence[float] | None) -> _Asked:
        self._shelving.catch_up()
        slots = self._reader.shelves(query)
        shelves = {number: self._shelving.shelf(number) for number in slots}
        names = [name for space in sorted(query.spaces) for name in self._shelving.names(space)]
        found = named_in(parsed.words, names)
        vector, model = None, self._shelving.model
        if model is not None and any(shelf.vectors for shelf in shelves.values()):
            vector = _unit(remote, model) if remote is not None else self._embed(model, without(parsed.text, found))
        by_words = 1.0 if vector is None or model is None else _BY_WORDS.get(model.name, _BY_WORDS_ELSE)
        return _Asked(query, parsed, slots, shelves, self._reader.allowed(slots, query), found, vector, by_words)

    def _pool(self, asked: _Asked) -> dict[int, Scored]:
        """All candidates, finished. What only its words speak for is always among them."""
        having = [sum(shelf.having[one.term] for shelf in asked.shelves.values()) for one in asked.parsed.wanted]
        size = sum(shelf.size for shelf in asked.shelves.values())
        means = {number: shelf.words / max(1, shelf.size) for number, shelf in asked.shelves.items()}
        known = corpus(having, size, means)
        near: dict[int, float] = {}
        by_words: set[int] = set()
        most = max(_LEAST_CANDIDATES, min(_MOST_CANDIDATES, 4 * asked.query.limit))
        for number, shelf in asked.shelves.items():
            expression = _expression(asked.parsed, shelf)
            if expression:
                by_words.update(self._reader.matching(number, expression, most, asked.allowed))
            if asked.vector is not None and shelf.vectors is not None and not asked.parsed.required:
                near |= shelf.vectors.nearest(asked.vector, most // 2, asked.allowed)
        pool = self._scored(asked, known, by_words | near.keys())
        pairs = self._beside(asked, known, pool)
        look_again(pool, asked.shelves, known, asked.vector, asked.by_words)
        add_beside(pool, pairs)
        add_parents(pool.values(), known)
        if asked.names:
            entities = {f'"{name.entity}"' for name in asked.names}
            for one in pool.values():
                one.named = _is_named(one, entities, asked.names)
        weigh(pool.values(), now_ms(), {number for number, slot in asked.slots.items() if not slot[2]})
        return pool

    def _scored(self, asked: _Asked, known: Corpus, numbers: Iterable[int]) -> dict[int, Scored]:
        rows = [row for row in self._reader.candidates(numbers) if row.shelf in asked.shelves]
        cosines: dict[int, float] = {}
        if asked.vector is not None:
            for shelf, on in asked.shelves.items():
                if on.vectors is not None:
                    cosines |= on.vectors.cosines(asked.vector, (row.number for row in rows if row.shelf == shelf))
        wanted: tuple[Wanted, ...] = asked.parsed.wanted
        return {row.number: scored(row, wanted, known, cosines.get(row.number, 0.0), asked.by_words) for row in rows}

    def _beside(self, asked: _Asked, known: Corpus, pool: dict[int, Scored]) -> list[tuple[int, int, float]]:
        """What stands beside the best, which joins the pool where the query lets it."""
        best = sorted(pool, key=lambda number: (-pool[number].base, number))[:_ASKED_FOR_NEIGHBOURS]
        pairs = self._reader.beside(best)
        if not asked.parsed.required:
            more = {other for _, other, _ in pairs if other not in pool}
            if asked.allowed is not None:
                more &= asked.allowed
            pool |= self._scored(asked, known, more)
        return pairs


def _expression(parsed: Parsed, shelf: Shelf) -> str:
    """Something rare of the query must be there: the rarest terms first, until together they are on too many items."""
    there = sorted((shelf.having[one.term], one.term, one.phrase) for one in parsed.wanted if shelf.having[one.term])
    budget = min(_MOST_RARE, max(_LEAST_RARE, int(_RARE * shelf.size)))
    gates: list[str] = []
    for count, _, phrase in there[:_MOST_GATES]:
        if gates and count > budget:
            break
        budget -= count
        gates.append(phrase)
    return all_of(parsed.required, gates)


def _named(terms: bytes, names: Iterable[Name]) -> set[str]:
    """Entities of which all words of a name are there."""
    return {name.entity for name in names if name.keys and all(count_in(terms, key) for key in name.keys)}


def _is_named(one: Scored, entities: set[str], names: list[Name]) -> bool:
    """By its owner's word, or because all words of a name are in it."""
    told, terms = one.of.entities, one.of.terms
    if told != "[]" and any(entity in told for entity in entities):
        return True
    return any(all(count_in(terms, key) for key in name.keys) for name in names)


def _hit(one: Scored, asked: _Asked) -> Hit:
    space, kind, _ = asked.slots[one.of.shelf]
    words = [asked.parsed.wanted[place].word for place in one.counts]
    why = [f"words: {', '.join(words[:8])}"] if words else []
    if one.vector >= 0.3:
        why.append(f"close in meaning ({one.vector:.2f})")
    if one.named:
        why.append("names what was asked about")
    if one.beside > 0.2:
        why.append("what stands beside it fits")
    if one.parent > 0.5:
        why.append("so does the whole it is part of")
    return Hit(
        id=one.of.id, kind="chunk" if kind == "chunk" else "note", space=space, parent=one.of.parent, seq=one.of.seq,
        score=bounded(one.weighed), relevance=bounded(one.raw), recency=one.recency, importance=one.of.importance,
        confidence=one.of.confidence, keyword=min(1.0, one.keyword), vector=min(1.0, one.vector), why=tuple(why),
    )  # fmt: skip


def _unit(vector: Sequence[float], model: ModelRow) -> Vectors | None:
    import numpy as np

    found: Vectors = np.array(vector, np.float32)
    length = float(np.linalg.norm(found))
    return found / length if len(found) == model.dimensions and 0 < length < float("inf") else None


def _since(start: float) -> float:
    return (time.perf_counter() - start) * 1000
