"""The index as its owners use it: written within their transactions, searched in a thread of its own."""

import asyncio
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Final, TypeVar

from talome.core.db import Database, Transaction
from talome.engines.embeddings.models import LocalModel
from talome.memory.index.embedding import LONGEST_TEXT, SETTINGS, Embedding, at_once, embed_here, embedded
from talome.memory.index.models import (
    Change,
    Found,
    Hit,
    IndexState,
    Item,
    ItemKind,
    Link,
    Query,
    RemoteEmbedder,
)
from talome.memory.index.naming import Name, named_in, without
from talome.memory.index.searching import Searching
from talome.memory.index.store import IndexReader, IndexStore, ModelRow, ModelStore, Prepared, Slot, Vector
from talome.memory.index.words import clean, terms_of, words_of_name

__all__ = [
    "SETTINGS", "Change", "Found", "Hit", "Index", "IndexState", "Item", "ItemKind", "Link", "Query", "RemoteEmbedder",
]  # fmt: skip
T = TypeVar("T")
_AT_ONCE_CHARACTERS: Final = 20_000
_TRIMMED_EVERY: Final = 512
_LONGEST_NAME: Final = 200
_MOST_WORDS_OF_A_NAME: Final = 12


class Index:
    """What was put, changed or removed is so for every search that begins after its transaction is committed."""

    def __init__(self, db: Database, embedding: Embedding) -> None:
        self._db = db
        self._store = IndexStore()
        self._models = ModelStore()
        self._embedding = embedding
        self._thread = ThreadPoolExecutor(1, "memory-search")
        self._reader: IndexReader | None = None
        self._searching: Searching | None = None
        self._slots: set[Slot] = set()
        self._names: dict[str, list[Name]] = {}
        self._arrived = 0
        self.current: ModelRow | None = None
        """By which vectors are compared now; set by the one who makes models ready."""
        self.grew = asyncio.Event()
        """Set when something may be without a vector."""

    async def open(self) -> None:
        self._reader = await self._in_thread(lambda: IndexReader(self._db.path))
        self._searching = Searching(self._reader, embed_here)

    async def close(self) -> None:
        if self._reader is not None:
            await self._in_thread(self._reader.close)
        self._thread.shutdown()

    async def put(self, tx: Transaction, items: Iterable[Item]) -> None:
        """Insert, or replace what has the same id. Links of a replaced item stay."""
        prepared = await self._prepared(tx, [_cleaned(item) for item in items])
        if not prepared:
            return
        slots = {_slot(one.item) for one in prepared}
        await self._make_shelves(tx, slots)
        try:
            await self._store.put(tx, prepared)
        except sqlite3.IntegrityError:  # a shelf that was made in a transaction that was not kept
            self._slots.clear()
            await self._make_shelves(tx, slots)
            await self._store.put(tx, prepared)
        self._arrived += len(prepared)
        if self._arrived >= _TRIMMED_EVERY:
            self._arrived = 0
            await self._store.trim(tx)
        if any(one.vector is None for one in prepared):
            self.grew.set()

    async def remove(self, tx: Transaction, ids: Sequence[str]) -> int:
        """How many were there; their links and vectors go with them."""
        return await self._store.remove(tx, ids)

    async def change(self, tx: Transaction, id: str, change: Change) -> bool:
        """Whether there is such an item."""
        shelf = None
        if change.active is not None:
            slot = await self._store.slot_of(tx, id)
            if slot is None:
                return False
            shelf = await self._store.shelf(tx, (slot[0], slot[1], change.active))
        return await self._store.change(tx, id, change, shelf) > 0

    async def link(self, tx: Transaction, links: Iterable[Link]) -> None:
        """From now on each speaks for the other, in searches that may read both."""
        await self._store.link(tx, links)

    async def unlink(self, tx: Transaction, pairs: Iterable[tuple[str, str]]) -> None:
        await self._store.unlink(tx, pairs)

    async def name(self, tx: Transaction, space: str, entity: str, names: Iterable[str]) -> None:
        """All names of an entity, in the place of those it had. What is too long to be a name is left out."""
        self._names.pop(space, None)
        cleaned = dict.fromkeys(clean(name).strip() for name in names)
        fitting = [name for name in cleaned if 0 < len(words_of_name(name[:_LONGEST_NAME])) <= _MOST_WORDS_OF_A_NAME]
        await self._store.name(tx, space, entity, [name for name in fitting if len(name) <= _LONGEST_NAME])

    async def unname(self, tx: Transaction, entities: Sequence[str]) -> None:
        self._names.clear()
        await self._store.unname(tx, entities)

    async def tidy(self, tx: Transaction) -> None:
        """After a purge: no word of what was removed stays in the file's full-text tables."""
        await self._store.tidy(tx)

    async def search(self, query: Query) -> list[Hit]:
        return list((await self.find(query)).hits)

    async def find(self, query: Query) -> Found:
        """The best first; equal ones in the order of their ids."""
        vector = await self._embedding.of_query(self.current, clean(query.text))
        return await self._in_thread(lambda: self._ready().find(query, vector))

    async def similar(self, space: str, title: str, body: str, *, least: float, limit: int) -> list[tuple[str, float]]:
        """Ids of notes that mean nearly the same and name the same, with their cosines; nothing where vectors are not
        made at once, for a writer does not wait for them."""
        if at_once(self.current) is None:
            return []
        text = clean(f"{title} {body}" if title else body)[:LONGEST_TEXT]
        return await self._in_thread(lambda: self._ready().similar(space, text, least, limit))

    async def closeness(self, ids: Sequence[str]) -> dict[tuple[str, str], float]:
        """The cosines between these items, each pair in the order of its ids."""
        return await self._in_thread(lambda: self._ready().closeness(ids))

    async def state(self) -> IndexState:
        current, every = await self._models.models(self._db)
        growing = next((model for model in every if model != current), None)
        filled = growing or current
        waiting = await self._models.count_without_vector(self._db, filled.number) if filled else 0
        return IndexState(current.name if current else None, growing.name if growing else None, waiting)

    async def _make_shelves(self, tx: Transaction, slots: Iterable[Slot]) -> None:
        for slot in sorted(set(slots) - self._slots):
            await self._store.shelf(tx, slot)
            self._slots.add(slot)

    async def _prepared(self, tx: Transaction, items: Sequence[Item]) -> list[Prepared]:
        names = {space: await self._names_of(tx, space) for space in {item.space for item in items}}
        row, model = self.current, at_once(self.current)
        size = sum(len(item.body) for item in items)
        if size <= _AT_ONCE_CHARACTERS and (model is None or model.loaded):
            return _prepare(items, names, row, model)
        return await asyncio.to_thread(_prepare, items, names, row, model)

    async def _names_of(self, tx: Transaction, space: str) -> list[Name]:
        if space not in self._names:
            self._names[space] = [Name(entity, name) for entity, name in await self._store.names(tx, space)]
        return self._names[space]

    def _ready(self) -> Searching:
        if self._searching is None:
            raise RuntimeError("the index is not open")
        return self._searching

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)


def _slot(item: Item) -> Slot:
    return item.space, item.kind, item.active


def _cleaned(item: Item) -> Item:
    return replace(
        item,
        title=clean(item.title),
        body=clean(item.body),
        tags=[clean(tag) for tag in item.tags],
        entities=[clean(entity) for entity in item.entities],
        importance=min(1.0, max(0.0, item.importance)),
        confidence=min(1.0, max(0.0, item.confidence)),
    )


def text_of(title: str, body: str, names: Sequence[Name]) -> str:
    """What is embedded of an item."""
    text = (f"{title} {body}" if title else body)[:LONGEST_TEXT]
    return without(text, named_in(words_of_name(text), names)) if names else text


def _prepare(
    items: Sequence[Item], names: dict[str, list[Name]], row: ModelRow | None, model: LocalModel | None
) -> list[Prepared]:
    vectors: Sequence[Vector | None] = [None] * len(items)
    if row is not None and model is not None:
        vectors = embedded(model, row, [text_of(item.title, item.body, names[item.space]) for item in items])
    return [
        Prepared(item, terms_of(item.title, item.body, item.tags), vector)
        for item, vector in zip(items, vectors, strict=True)
    ]
