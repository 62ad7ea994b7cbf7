"""Every statement of the index: written through the owner's transaction, read by the thread that searches.

A shelf has a full-text table of its own. SQLite takes no parameter for the name of a table, so these statements are
made from a template and the shelf's number, which the database gave: never from anything that was sent.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, NamedTuple

import orjson

from talome.core.db import Database, Transaction
from talome.memory.index.models import Change, Item, Link, Query
from talome.memory.index.words import Terms, clean

Slot = tuple[str, str, bool]
"""What a shelf holds: space, kind, active."""
_KEPT_CHANGES: Final = 4096
_FRESH_SHELF: Final = (
    """CREATE VIEW index_texts_{0} AS SELECT number, title, body, tags FROM index_items WHERE shelf = {0}""",
    """CREATE VIRTUAL TABLE index_words_{0} USING fts5 (
        title, body, tags, content = 'index_texts_{0}', content_rowid = 'number',
        tokenize = 'porter unicode61 remove_diacritics 2')""",
    """CREATE TRIGGER index_words_{0}_came AFTER INSERT ON index_items WHEN new.shelf = {0} BEGIN
        INSERT INTO index_words_{0} (rowid, title, body, tags) VALUES (new.number, new.title, new.body, new.tags);
    END""",
    """CREATE TRIGGER index_words_{0}_went AFTER DELETE ON index_items WHEN old.shelf = {0} BEGIN
        INSERT INTO index_words_{0} (index_words_{0}, rowid, title, body, tags)
        VALUES ('delete', old.number, old.title, old.body, old.tags);
    END""",
    """CREATE TRIGGER index_words_{0}_left AFTER UPDATE OF shelf ON index_items
    WHEN old.shelf = {0} AND new.shelf <> {0} BEGIN
        INSERT INTO index_words_{0} (index_words_{0}, rowid, title, body, tags)
        VALUES ('delete', old.number, old.title, old.body, old.tags);
    END""",
    """CREATE TRIGGER index_words_{0}_joined AFTER UPDATE OF shelf ON index_items
    WHEN new.shelf = {0} AND old.shelf <> {0} BEGIN
        INSERT INTO index_words_{0} (rowid, title, body, tags) VALUES (new.number, new.title, new.body, new.tags);
    END""",
)
_MATCHING: Final = "SELECT rowid FROM index_words_{0} WHERE index_words_{0} MATCH ? ORDER BY rank, rowid"
_TIDY: Final = "INSERT INTO index_words_{0} (index_words_{0}) VALUES ('optimize')"
_PUT: Final = """INSERT INTO index_arrivals (id, space, kind, active, title, body, tags, parent, seq, entities,
    created_at, importance, confidence, helpful, unhelpful, terms, length, model, scale, codes)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""
_CANDIDATES: Final = """SELECT i.number, i.id, i.shelf, i.parent, i.seq, i.entities, i.created_at, i.importance,
    i.confidence, i.helpful, i.unhelpful, i.terms, i.length
    FROM json_each(?) AS j JOIN index_items AS i ON i.number = j.value"""
_BESIDE: Final = """SELECT a.number, b.number FROM json_each(?) AS j
    JOIN index_items AS a ON a.number = j.value
    JOIN index_items AS b ON b.parent = a.parent AND b.seq BETWEEN a.seq - 1 AND a.seq + 1 AND b.shelf = a.shelf
    WHERE b.number <> a.number"""
_LINKED: Final = """SELECT a.number, b.number, l.weight FROM json_each(?) AS j
    JOIN index_items AS a ON a.number = j.value
    JOIN index_links AS l ON l.source = a.id JOIN index_items AS b ON b.id = l.target
    UNION ALL
    SELECT a.number, b.number, l.weight FROM json_each(?) AS j
    JOIN index_items AS a ON a.number = j.value
    JOIN index_links AS l ON l.target = a.id JOIN index_items AS b ON b.id = l.source"""
_ALLOWED: Final = """SELECT number FROM index_items WHERE shelf IN (SELECT value FROM json_each(:shelves))
    AND (:since IS NULL OR created_at >= :since) AND (:until IS NULL OR created_at <= :until)
    AND (:parents IS NULL OR parent IN (SELECT value FROM json_each(:parents)))
    AND (:tags IS NULL OR EXISTS (SELECT 1 FROM json_each(index_items.tags) AS t
        WHERE t.value IN (SELECT value FROM json_each(:tags))))
    AND (:entities IS NULL OR EXISTS (SELECT 1 FROM json_each(index_items.entities) AS e
        WHERE e.value IN (SELECT value FROM json_each(:entities))))"""


@dataclass(frozen=True, slots=True)
class Vector:
    """As it is kept: a number from -127 to 127 for each dimension, and what these are multiplied with."""

    model: int
    scale: float
    codes: bytes


@dataclass(frozen=True, slots=True)
class Prepared:
    """An item, ready to be written."""

    item: Item
    terms: Terms
    vector: Vector | None


class Candidate(NamedTuple):
    """An item as it is read for its score."""

    number: int
    id: str
    shelf: int
    parent: str | None
    seq: int | None
    entities: str
    created_at: int
    importance: float
    confidence: float
    helpful: int
    unhelpful: int
    terms: bytes
    length: int


@dataclass(frozen=True, slots=True)
class ModelRow:
    number: int
    name: str
    dimensions: int


class IndexStore:
    """What writes."""

    async def shelf(self, tx: Transaction, slot: Slot) -> int:
        """Its number, made if it is not there."""
        space, kind, active = slot
        row = await tx.fetch_one(
            "SELECT number FROM index_shelves WHERE space = ? AND kind = ? AND active = ?", (space, kind, active)
        )
        if row is None:
            row = await tx.fetch_one(
                "INSERT INTO index_shelves (space, kind, active) VALUES (?, ?, ?) RETURNING number",
                (space, kind, active),
            )
            number = int(row["number"]) if row else 0
            for template in _FRESH_SHELF:
                await tx.execute(_of_shelf(template, number))
            return number
        return int(row["number"])

    async def put(self, tx: Transaction, prepared: Iterable[Prepared]) -> None:
        await tx.execute_many(_PUT, [_row(one) for one in prepared])

    async def remove(self, tx: Transaction, ids: Sequence[str]) -> int:
        wanted = _json(ids)
        await tx.execute(
            "DELETE FROM index_links WHERE source IN (SELECT value FROM json_each(?1)) "
            "OR target IN (SELECT value FROM json_each(?1))",
            (wanted,),
        )
        return await tx.execute("DELETE FROM index_items WHERE id IN (SELECT value FROM json_each(?))", (wanted,))

    async def slot_of(self, tx: Transaction, id: str) -> Slot | None:
        row = await tx.fetch_one(
            "SELECT s.space, s.kind, s.active FROM index_items AS i JOIN index_shelves AS s ON s.number = i.shelf "
            "WHERE i.id = ?",
            (id,),
        )
        return (row["space"], row["kind"], bool(row["active"])) if row else None

    async def change(self, tx: Transaction, id: str, change: Change, shelf: int | None) -> int:
        return await tx.execute(
            "UPDATE index_items SET importance = coalesce(?, importance), confidence = coalesce(?, confidence), "
            "helpful = coalesce(?, helpful), unhelpful = coalesce(?, unhelpful), shelf = coalesce(?, shelf) "
            "WHERE id = ?",
            (change.importance, change.confidence, change.helpful, change.unhelpful, shelf, id),
        )

    async def trim(self, tx: Transaction) -> None:
        """Forget old changes; whoever did not follow them reads everything again."""
        await tx.execute(
            "DELETE FROM index_changes WHERE number <= (SELECT max(number) FROM index_changes) - ?", (_KEPT_CHANGES,)
        )

    async def link(self, tx: Transaction, links: Iterable[Link]) -> None:
        await tx.execute_many(
            "INSERT INTO index_links (source, target, weight) VALUES (?, ?, ?) "
            "ON CONFLICT DO UPDATE SET weight = excluded.weight",
            [(link.source, link.target, min(1.0, max(0.0, link.weight))) for link in links],
        )

    async def unlink(self, tx: Transaction, pairs: Iterable[tuple[str, str]]) -> None:
        await tx.execute_many("DELETE FROM index_links WHERE source = ? AND target = ?", list(pairs))

    async def name(self, tx: Transaction, space: str, entity: str, names: Iterable[str]) -> None:
        await self.unname(tx, [entity])
        rows = [(entity, space, name) for name in names]
        await tx.execute_many("INSERT OR IGNORE INTO index_names (entity, space, name) VALUES (?, ?, ?)", rows)

    async def unname(self, tx: Transaction, entities: Sequence[str]) -> None:
        await tx.execute("DELETE FROM index_names WHERE entity IN (SELECT value FROM json_each(?))", (_json(entities),))

    async def names(self, db: Database | Transaction, space: str) -> list[tuple[str, str]]:
        rows = await db.fetch_all(
            "SELECT entity, name FROM index_names WHERE space = ? ORDER BY name, entity", (space,)
        )
        return [(row["entity"], row["name"]) for row in rows]

    async def tidy(self, tx: Transaction) -> None:
        """Merge the full-text tables, so that nothing of what was removed is left in them."""
        for row in await tx.fetch_all("SELECT number FROM index_shelves ORDER BY number"):
            await tx.execute(_of_shelf(_TIDY, row["number"]))


class ModelStore:
    """The models and the vectors that they make."""

    async def models(self, db: Database | Transaction) -> tuple[ModelRow | None, list[ModelRow]]:
        """The current one, and all."""
        rows = await db.fetch_all("SELECT number, name, dimensions, current FROM index_models ORDER BY number")
        every = [ModelRow(row["number"], row["name"], row["dimensions"]) for row in rows]
        current = [model for model, row in zip(every, rows, strict=True) if row["current"]]
        return (current[0] if current else None), every

    async def add_model(self, tx: Transaction, name: str, dimensions: int) -> ModelRow:
        row = await tx.fetch_one(
            "INSERT INTO index_models (name, dimensions) VALUES (?, ?) "
            "ON CONFLICT DO UPDATE SET name = excluded.name RETURNING number, name, dimensions",
            (name, dimensions),
        )
        if row is None:
            raise RuntimeError("an INSERT … RETURNING returned nothing")
        return ModelRow(row["number"], row["name"], row["dimensions"])

    async def without_vector(
        self, db: Database | Transaction, model: int, most: int
    ) -> list[tuple[int, str, str, str]]:
        """Number, space, title and body of items that this model has not seen."""
        rows = await db.fetch_all(
            "SELECT i.number, s.space, i.title, i.body FROM index_items AS i JOIN index_shelves AS s "
            "ON s.number = i.shelf WHERE NOT EXISTS "
            "(SELECT 1 FROM index_vectors AS v WHERE v.item = i.number AND v.model = ?) ORDER BY i.number LIMIT ?",
            (model, most),
        )
        return [(row["number"], row["space"], row["title"], row["body"]) for row in rows]

    async def count_without_vector(self, db: Database | Transaction, model: int) -> int:
        row = await db.fetch_one(
            "SELECT count(*) AS many FROM index_items AS i WHERE NOT EXISTS "
            "(SELECT 1 FROM index_vectors AS v WHERE v.item = i.number AND v.model = ?)",
            (model,),
        )
        return int(row["many"]) if row else 0

    async def add_vectors(self, tx: Transaction, vectors: Iterable[tuple[int, str, Vector]]) -> None:
        """Of items whose words are still those that were embedded."""
        await tx.execute_many(
            "INSERT OR REPLACE INTO index_vectors (item, model, scale, codes) "
            "SELECT number, ?, ?, ? FROM index_items WHERE number = ? AND body = ?",
            [(vector.model, vector.scale, vector.codes, number, body) for number, body, vector in vectors],
        )

    async def switch(self, tx: Transaction, model: int | None) -> None:
        """Search by this model from now on; the vectors of all others go."""
        await tx.execute("UPDATE index_models SET current = (number IS ?)", (model,))
        await tx.execute("DELETE FROM index_vectors WHERE model IS NOT ?", (model,))
        await tx.execute("DELETE FROM index_models WHERE number IS NOT ?", (model,))


class IndexReader:
    """What reads: a connection of its own in the thread that searches, so that a search is one hop to it and back."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        for pragma in ("PRAGMA query_only = ON", "PRAGMA busy_timeout = 5000", "PRAGMA cache_size = -4000"):
            self._db.execute(pragma)

    def close(self) -> None:
        self._db.close()

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """All that is read inside is of one moment."""
        self._db.execute("BEGIN")
        try:
            yield
        finally:
            self._db.execute("COMMIT")

    def shelves(self, query: Query) -> dict[int, Slot]:
        rows = self._db.execute(
            "SELECT number, space, kind, active FROM index_shelves WHERE space IN (SELECT value FROM json_each(?)) "
            "AND (? OR active) ORDER BY number",
            (_json(sorted(query.spaces)), query.include_inactive),
        )
        return {row[0]: (row[1], row[2], bool(row[3])) for row in rows if not query.kinds or row[2] in query.kinds}

    def current_model(self) -> ModelRow | None:
        row = self._db.execute("SELECT number, name, dimensions FROM index_models WHERE current").fetchone()
        return ModelRow(*row) if row else None

    def last_change(self) -> int:
        row = self._db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'index_changes'").fetchone()
        return int(row[0]) if row else 0

    def changes(self, after: int) -> list[tuple[int, int, int, int, bytes | None, int]]:
        return self._db.execute(
            "SELECT number, shelf, item, sign, terms, length FROM index_changes WHERE number > ? ORDER BY number",
            (after,),
        ).fetchall()

    def terms_on(self, shelf: int) -> Iterator[tuple[bytes, int]]:
        return self._db.execute("SELECT terms, length FROM index_items WHERE shelf = ?", (shelf,))

    def vectors_on(self, shelf: int, model: int) -> list[tuple[int, float, bytes]]:
        return self._db.execute(
            "SELECT v.item, v.scale, v.codes FROM index_items AS i CROSS JOIN index_vectors AS v "
            "ON v.item = i.number AND v.model = ? WHERE i.shelf = ? ORDER BY v.item",
            (model, shelf),
        ).fetchall()

    def vectors_of(self, items: Iterable[int], model: int) -> dict[int, tuple[int, float, bytes]]:
        """Shelf, scale and codes by item."""
        rows = self._db.execute(
            "SELECT i.number, i.shelf, v.scale, v.codes FROM json_each(?) AS j CROSS JOIN index_items AS i "
            "ON i.number = j.value CROSS JOIN index_vectors AS v ON v.item = i.number AND v.model = ?",
            (_json(sorted(items)), model),
        )
        return {row[0]: (row[1], row[2], row[3]) for row in rows}

    def matching(self, shelf: int, expression: str, most: int, allowed: "frozenset[int] | None") -> list[int]:
        """Numbers of items, best first."""
        found: list[int] = []
        for (number,) in self._db.execute(_of_shelf(_MATCHING, shelf), (expression,)):
            if allowed is None or number in allowed:
                found.append(number)
                if len(found) == most:
                    break
        return found

    def allowed(self, shelves: Iterable[int], query: Query) -> "frozenset[int] | None":
        """What the filters of a query let through; None where it has none."""
        if query.since_ms is query.until_ms is None and not (query.tags or query.parents or query.entities):
            return None
        asked: dict[str, Any] = {
            "shelves": _json(sorted(shelves)),
            "since": query.since_ms,
            "until": query.until_ms,
            "tags": _json(sorted(map(clean, query.tags))) if query.tags else None,
            "parents": _json(sorted(query.parents)) if query.parents else None,
            "entities": _json(sorted(query.entities)) if query.entities else None,
        }
        return frozenset(row[0] for row in self._db.execute(_ALLOWED, asked))

    def candidates(self, numbers: Iterable[int]) -> list[Candidate]:
        rows = self._db.execute(_CANDIDATES, (_json(sorted(numbers)),))
        return list(map(Candidate._make, rows))

    def beside(self, numbers: Iterable[int]) -> list[tuple[int, int, float]]:
        """Pairs of items that speak for each other, and how much: neighbours of one parent, and links."""
        asked = _json(sorted(numbers))
        pairs = [(row[0], row[1], 1.0) for row in self._db.execute(_BESIDE, (asked,))]
        return pairs + self._db.execute(_LINKED, (asked, asked)).fetchall()

    def names(self, space: str) -> list[tuple[str, str]]:
        return self._db.execute(
            "SELECT entity, name FROM index_names WHERE space = ? ORDER BY name, entity", (space,)
        ).fetchall()

    def numbers_of(self, ids: Iterable[str]) -> dict[str, tuple[int, int]]:
        """Number and shelf by id."""
        rows = self._db.execute(
            "SELECT i.id, i.number, i.shelf FROM json_each(?) AS j JOIN index_items AS i ON i.id = j.value",
            (_json(sorted(ids)),),
        )
        return {row[0]: (row[1], row[2]) for row in rows}


@lru_cache(maxsize=4096)
def _of_shelf(template: str, shelf: int) -> str:
    return template.format(int(shelf))


def _json(values: Iterable[Any]) -> str:
    return orjson.dumps(list(values)).decode()


def _row(prepared: Prepared) -> tuple[Any, ...]:
    item, vector = prepared.item, prepared.vector
    return (
        item.id, item.space, item.kind, item.active, item.title, item.body, _json(item.tags), item.parent, item.seq,
        _json(item.entities), item.created_at_ms, item.importance, item.confidence, item.helpful, item.unhelpful,
        prepared.terms.packed, prepared.terms.length,
        *((vector.model, vector.scale, vector.codes) if vector else (None, 0.0, None)),
    )  # fmt: skip
