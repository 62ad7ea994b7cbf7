"""All SQL of entities, links and events."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Final

import orjson

from talome.core.db import Database, Transaction


@dataclass(slots=True)
class EntityRow:
    id: str
    space: str
    type: str
    name: str
    aliases: str
    description: str
    metadata: str
    external_source: str | None
    external_id: str | None
    origin: str
    author: str
    created_at: int
    updated_at: int


@dataclass(slots=True)
class LinkRow:
    id: str
    space: str
    source_type: str
    source_id: str
    target_type: str
    target_id: str
    relation: str
    weight: float
    confidence: float
    metadata: str
    origin: str
    author: str
    created_at: int


@dataclass(slots=True)
class EventRow:
    id: str
    space: str
    type: str
    summary: str
    outcome: str | None
    actor_ref: str | None
    mission_id: str | None
    task_id: str | None
    metadata: str
    external_source: str | None
    external_id: str | None
    origin: str
    author: str
    occurred_at: int
    created_at: int


_ENTITY: Final = ", ".join(field.name for field in fields(EntityRow))
_ENTITY_VALUES: Final = attrgetter(*(field.name for field in fields(EntityRow)))
_ENTITY_MARKS: Final = ", ".join("?" * len(fields(EntityRow)))
_PUT_ENTITY: Final = (
    f"INSERT INTO entities ({_ENTITY}) VALUES ({_ENTITY_MARKS}) ON CONFLICT (id) DO UPDATE SET "  # noqa: S608 - constants only
    "type = excluded.type, name = excluded.name, aliases = excluded.aliases, description = excluded.description, "
    "metadata = excluded.metadata, external_source = excluded.external_source, external_id = excluded.external_id, "
    "updated_at = excluded.updated_at"
)
_LINK: Final = ", ".join(field.name for field in fields(LinkRow))
_LINK_VALUES: Final = attrgetter(*(field.name for field in fields(LinkRow)))
_LINK_MARKS: Final = ", ".join("?" * len(fields(LinkRow)))
_PUT_LINK: Final = (
    f"INSERT INTO links ({_LINK}) VALUES ({_LINK_MARKS}) ON CONFLICT (source_id, target_id, relation) "  # noqa: S608 - constants only
    "DO UPDATE SET weight = excluded.weight, confidence = excluded.confidence, metadata = excluded.metadata"
)
_EVENT: Final = ", ".join(field.name for field in fields(EventRow))
_EVENT_VALUES: Final = attrgetter(*(field.name for field in fields(EventRow)))
_EVENT_MARKS: Final = ", ".join("?" * len(fields(EventRow)))
_PUT_EVENT: Final = (
    f"INSERT INTO memory_events ({_EVENT}) VALUES ({_EVENT_MARKS}) ON CONFLICT (id) DO UPDATE SET "  # noqa: S608 - constants only
    "type = excluded.type, summary = excluded.summary, outcome = excluded.outcome, actor_ref = excluded.actor_ref, "
    "mission_id = excluded.mission_id, task_id = excluded.task_id, metadata = excluded.metadata, "
    "occurred_at = excluded.occurred_at"
)
_SPACES: Final = "space IN (SELECT value FROM json_each(:spaces))"


def _packed(items: Iterable[str]) -> str:
    return orjson.dumps(list(items)).decode()


class EntitiesStore:
    def __init__(self, db: Database) -> None:
        self.db = db

    async def put(self, tx: Transaction, row: EntityRow, names: Collection[str]) -> None:
        """`names` are its name and aliases, folded."""
        await tx.execute(_PUT_ENTITY, _ENTITY_VALUES(row))
        await tx.execute("DELETE FROM entity_names WHERE entity_id = ?", (row.id,))
        await tx.execute(
            "INSERT OR IGNORE INTO entity_names SELECT ?, value, ? FROM json_each(?)",
            (row.space, row.id, _packed(names)),
        )

    async def find(self, tx: Transaction, entity_id: str) -> EntityRow | None:
        row = await tx.fetch_one(f"SELECT {_ENTITY} FROM entities WHERE id = ?", (entity_id,))  # noqa: S608 - constants only
        return EntityRow(*row) if row else None

    async def with_identity(self, tx: Transaction, space: str, source: str, external_id: str) -> EntityRow | None:
        row = await tx.fetch_one(
            f"SELECT {_ENTITY} FROM entities WHERE space = ? AND external_source = ? AND external_id = ?",  # noqa: S608 - constants only
            (space, source, external_id),
        )
        return EntityRow(*row) if row else None

    async def with_name(self, tx: Transaction, space: str, kind: str, names: Collection[str]) -> EntityRow | None:
        """The one of this type that any of these names means; by its first name before an alias, the older first."""
        row = await tx.fetch_one(
            f"SELECT {_ENTITY} FROM entities WHERE space = ? AND type = ? AND id IN (SELECT entity_id "  # noqa: S608 - constants only
            "FROM entity_names WHERE space = ? AND folded IN (SELECT value FROM json_each(?))) ORDER BY id LIMIT 1",
            (space, kind, space, _packed(names)),
        )
        return EntityRow(*row) if row else None

    async def get(self, entity_id: str, spaces: Iterable[str]) -> EntityRow | None:
        rows = await self.many((entity_id,), spaces)
        return rows.get(entity_id)

    async def many(self, ids: Iterable[str], spaces: Iterable[str]) -> dict[str, EntityRow]:
        rows = await self.db.fetch_all(
            f"SELECT {_ENTITY} FROM entities WHERE id IN (SELECT value FROM json_each(:ids)) AND {_SPACES}",  # noqa: S608 - constants only
            {"ids": _packed(ids), "spaces": _packed(spaces)},
        )
        return {row["id"]: EntityRow(*row) for row in rows}

    async def named(self, names: Collection[str], spaces: Iterable[str], limit: int) -> list[EntityRow]:
        """Everything that one of these folded names means."""
        rows = await self.db.fetch_all(
            f"SELECT {_ENTITY} FROM entities WHERE {_SPACES} AND id IN (SELECT entity_id FROM entity_names "  # noqa: S608 - constants only
            "WHERE space = entities.space AND folded IN (SELECT value FROM json_each(:names))) "
            "ORDER BY id LIMIT :limit",
            {"names": _packed(names), "spaces": _packed(spaces), "limit": limit},
        )
        return [EntityRow(*row) for row in rows]

    async def page(
        self, spaces: Iterable[str], kind: str | None, begins: str | None, after: tuple[str, str], limit: int
    ) -> list[EntityRow]:
        """By name. `begins`: only those of which a folded name begins so."""
        rows = await self.db.fetch_all(
            f"SELECT {_ENTITY} FROM entities WHERE {_SPACES} AND (:kind IS NULL OR type = :kind) "  # noqa: S608 - constants only
            "AND (name COLLATE NOCASE, id) > (:name, :id) AND (:begins IS NULL OR EXISTS (SELECT 1 FROM entity_names "
            "WHERE entity_id = entities.id AND substr(folded, 1, length(:begins)) = :begins)) "
            "ORDER BY name COLLATE NOCASE, id LIMIT :limit",
            {
                "spaces": _packed(spaces),
                "kind": kind,
                "begins": begins,
                "name": after[0],
                "id": after[1],
                "limit": limit,
            },
        )
        return [EntityRow(*row) for row in rows]

    async def delete(self, tx: Transaction, entity_id: str) -> None:
        await tx.execute("DELETE FROM entities WHERE id = ?", (entity_id,))


ALIKE: Final = "similar_to"
"""The relation of notes that say or mean nearly the same."""


class LinksStore:
    def __init__(self, db: Database) -> None:
        self.db = db

    async def put(self, tx: Transaction, row: LinkRow) -> LinkRow:
        """The link as it is kept: of the same ends and relation there is one."""
        await tx.execute(_PUT_LINK, _LINK_VALUES(row))
        kept = await tx.fetch_one(
            f"SELECT {_LINK} FROM links WHERE source_id = ? AND target_id = ? AND relation = ?",  # noqa: S608 - constants only
            (row.source_id, row.target_id, row.relation),
        )
        return LinkRow(*kept) if kept else row

    async def find(self, tx: Transaction, link_id: str) -> LinkRow | None:
        row = await tx.fetch_one(f"SELECT {_LINK} FROM links WHERE id = ?", (link_id,))  # noqa: S608 - constants only
        return LinkRow(*row) if row else None

    async def of(self, tx: Transaction, ids: Collection[str]) -> list[LinkRow]:
        """Every link that one of these is an end of."""
        rows = await tx.fetch_all(
            f"SELECT {_LINK} FROM links WHERE source_id IN (SELECT value FROM json_each(:ids)) "  # noqa: S608 - constants only
            "OR target_id IN (SELECT value FROM json_each(:ids))",
            {"ids": _packed(ids)},
        )
        return [LinkRow(*row) for row in rows]

    async def page(
        self, spaces: Iterable[str], node: str | None, relation: str | None, before: tuple[int, str], limit: int
    ) -> list[LinkRow]:
        rows = await self.db.fetch_all(
            f"SELECT {_LINK} FROM links WHERE {_SPACES} AND (created_at, id) < (:at, :last) "  # noqa: S608 - constants only
            "AND (:node IS NULL OR source_id = :node OR target_id = :node) "
            "AND (:relation IS NULL OR relation = :relation) ORDER BY created_at DESC, id DESC LIMIT :limit",
            {
                "spaces": _packed(spaces),
                "at": before[0],
                "last": before[1],
                "node": node,
                "relation": relation,
                "limit": limit,
            },
        )
        return [LinkRow(*row) for row in rows]

    async def touching(self, ids: Collection[str], spaces: Iterable[str], limit: int) -> list[LinkRow]:
        """The strongest links that one of these is an end of, but for those that only say that two are alike."""
        rows = await self.db.fetch_all(
            f"SELECT {_LINK} FROM links WHERE {_SPACES} AND (source_id IN (SELECT value FROM json_each(:ids)) "  # noqa: S608 - constants only
            "OR target_id IN (SELECT value FROM json_each(:ids))) AND relation <> :alike "
            "ORDER BY weight * confidence DESC, id LIMIT :limit",
            {"ids": _packed(ids), "spaces": _packed(spaces), "limit": limit, "alike": ALIKE},
        )
        return [LinkRow(*row) for row in rows]

    async def delete(self, tx: Transaction, ids: Iterable[str]) -> None:
        await tx.execute("DELETE FROM links WHERE id IN (SELECT value FROM json_each(?))", (_packed(ids),))


class EventsStore:
    def __init__(self, db: Database) -> None:
        self.db = db

    async def put(self, tx: Transaction, row: EventRow) -> None:
        await tx.execute(_PUT_EVENT, _EVENT_VALUES(row))

    async def with_identity(self, tx: Transaction, space: str, source: str, external_id: str) -> EventRow | None:
        row = await tx.fetch_one(
            f"SELECT {_EVENT} FROM memory_events WHERE space = ? AND external_source = ? AND external_id = ?",  # noqa: S608 - constants only
            (space, source, external_id),
        )
        return EventRow(*row) if row else None

    async def find(self, tx: Transaction, event_id: str) -> EventRow | None:
        row = await tx.fetch_one(f"SELECT {_EVENT} FROM memory_events WHERE id = ?", (event_id,))  # noqa: S608 - constants only
        return EventRow(*row) if row else None

    async def page(
        self, spaces: Iterable[str], kind: str | None, mission: str | None, span: tuple[int, int, str], limit: int
    ) -> list[EventRow]:
        """The latest first. `span`: not before, before, and the id that ends the page before."""
        rows = await self.db.fetch_all(
            f"SELECT {_EVENT} FROM memory_events WHERE {_SPACES} AND occurred_at >= :since "  # noqa: S608 - constants only
            "AND (occurred_at, id) < (:at, :last) AND (:kind IS NULL OR type = :kind) "
            "AND (:mission IS NULL OR mission_id = :mission) ORDER BY occurred_at DESC, id DESC LIMIT :limit",
            {
                "spaces": _packed(spaces),
                "since": span[0],
                "at": span[1],
                "last": span[2],
                "kind": kind,
                "mission": mission,
                "limit": limit,
            },
        )
        return [EventRow(*row) for row in rows]

    async def delete(self, tx: Transaction, event_id: str) -> None:
        await tx.execute("DELETE FROM memory_events WHERE id = ?", (event_id,))


class GraphPlaces:
    """Where there is anything of the three, and its end."""

    async def spaces(self, tx: Transaction) -> set[str]:
        rows = await tx.fetch_all(
            "SELECT space FROM entities UNION SELECT space FROM links UNION SELECT space FROM memory_events"
        )
        return {row["space"] for row in rows}

    async def entities(self, tx: Transaction, spaces: Iterable[str]) -> list[str]:
        rows = await tx.fetch_all(
            "SELECT id FROM entities WHERE space IN (SELECT value FROM json_each(?))", (_packed(spaces),)
        )
        return [row["id"] for row in rows]

    async def delete(self, tx: Transaction, spaces: Iterable[str]) -> None:
        gone = (_packed(spaces),)
        await tx.execute("DELETE FROM entities WHERE space IN (SELECT value FROM json_each(?))", gone)
        await tx.execute("DELETE FROM links WHERE space IN (SELECT value FROM json_each(?))", gone)
        await tx.execute("DELETE FROM memory_events WHERE space IN (SELECT value FROM json_each(?))", gone)
