"""What is kept of shelves in memory: how many items have a term, and their vectors. Used by one thread only.

Each search first catches up with the changes that the database noted, in the order in which they were committed, so
that what a transaction removed is gone for every search that begins after it.
"""

from collections import Counter, OrderedDict
from typing import TYPE_CHECKING, Final

from talome.memory.index.naming import Name
from talome.memory.index.store import IndexReader, ModelRow
from talome.memory.index.words import hashes_in

if TYPE_CHECKING:
    from talome.memory.index.vectors import ShelfVectors

_MOST_ITEMS: Final = 400_000
"""In memory over all shelves; the shelf that was searched longest ago goes first."""


class Shelf:
    def __init__(self) -> None:
        self.having: Counter[int] = Counter()
        self.size = 0
        self.words = 0
        self.vectors: ShelfVectors | None = None

    def count(self, packed: bytes, length: int, sign: int) -> None:
        """An item came (1) or went (-1)."""
        self.size += sign
        self.words += sign * length
        if sign > 0:
            self.having.update(hashes_in(packed))
            return
        for term in hashes_in(packed):
            self.having[term] -= 1
            if not self.having[term]:
                del self.having[term]


class Shelving:
    def __init__(self, reader: IndexReader) -> None:
        self._reader = reader
        self._shelves: OrderedDict[int, Shelf] = OrderedDict()
        self._names: dict[str, list[Name]] = {}
        self._seen = 0
        self.model: ModelRow | None = None

    def catch_up(self) -> None:
        """Inside a snapshot, before anything else is asked."""
        model = self._reader.current_model()
        if model != self.model:
            self.model = model
            self._shelves.clear()
        if not self._shelves and not self._names:
            self._seen = self._reader.last_change()
            return
        changes = self._reader.changes(self._seen)
        if not changes:
            return
        if changes[0][0] != self._seen + 1:
            self._shelves.clear()
            self._names.clear()
            self._seen = self._reader.last_change()
            return
        self._seen = changes[-1][0]
        touched: dict[int, set[int]] = {}
        for _, number, item, sign, packed, length in changes:
            if sign == 2:
                self._names.clear()
            shelf = self._shelves.get(number)
            if shelf is None:
                continue
            touched.setdefault(number, set()).add(item)
            if packed is not None:
                shelf.count(packed, length, sign)
        self._follow_vectors(touched)

    def shelf(self, number: int) -> Shelf:
        shelf = self._shelves.get(number)
        if shelf is None:
            shelf = self._shelves[number] = self._read(number)
        self._shelves.move_to_end(number)
        self._make_room(number)
        return shelf

    def names(self, space: str) -> list[Name]:
        if space not in self._names:
            self._names[space] = [Name(entity, name) for entity, name in self._reader.names(space)]
        return self._names[space]

    def _read(self, number: int) -> Shelf:
        shelf = Shelf()
        for packed, length in self._reader.terms_on(number):
            shelf.count(packed, length, 1)
        if self.model is not None:
            from talome.memory.index.vectors import ShelfVectors

            shelf.vectors = ShelfVectors(self.model.dimensions)
            shelf.vectors.put(self._reader.vectors_on(number, self.model.number))
        return shelf

    def _follow_vectors(self, touched: dict[int, set[int]]) -> None:
        if self.model is None or not touched:
            return
        now = self._reader.vectors_of(set().union(*touched.values()), self.model.number)
        for number, items in touched.items():
            vectors = self._shelves[number].vectors
            if vectors is not None:
                here = {item for item in items if item in now and now[item][0] == number}
                vectors.drop(items - here)
                vectors.put([(item, now[item][1], now[item][2]) for item in sorted(here)])

    def _make_room(self, used: int) -> None:
        total = sum(shelf.size for shelf in self._shelves.values())
        while total > _MOST_ITEMS and len(self._shelves) > 1:
            number = next(iter(self._shelves))
            if number == used:
                return
            total -= self._shelves.pop(number).size
