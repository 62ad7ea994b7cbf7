"""Entities: one row for one thing, whatever it is called."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import orjson

from talome.core import ids
from talome.core.clock import now_ms
from talome.core.db import Transaction
from talome.core.errors import Conflict, Invalid, NotFound
from talome.core.operations import Caller
from talome.core.words import plain
from talome.memory.graph.common import checked, identity, kept_map, shown
from talome.memory.graph.models import MOST_ALIASES, Entity, EntityChange, EntityList, EntityWish, Gone, StoredEntity
from talome.memory.graph.store import EntitiesStore, EntityRow, LinksStore
from talome.memory.text import unique
from talome.memory.vault.service import Author, Notes

_TOLD = ("name", "aliases", "description", "metadata", "external_source", "external_id")


def folded_name(name: str) -> str:
    """One spelling for look-ups."""
    return " ".join(plain(name).split())


class Entities:
    def __init__(self, store: EntitiesStore, links: LinksStore, notes: Notes) -> None:
        self._store = store
        self._links = links
        self._notes = notes

    async def store(self, caller: Caller, wish: EntityWish) -> StoredEntity:
        async with self._store.db.write() as tx:
            return await self.put(tx, caller, wish)

    async def put(
        self, tx: Transaction, caller: Caller, wish: EntityWish, workspace: str | None = None
    ) -> StoredEntity:
        """Keep it, or add what is new to the one that it is."""
        author = self._notes.authors.of(caller)
        space = self._notes.spaces.home(caller, wish.workspace_id or workspace)
        told: dict[str, Any] = {name: value for name in _TOLD if (value := getattr(wish, name)) is not None}
        checked(told, author, secrets_allowed=wish.allow_secrets)
        known = await self._known(tx, space, wish)
        row = _new(wish, space, author) if known is None else _more(known, wish)
        if row != known:
            await self._keep(tx, row)
        return StoredEntity(**self._fields(row), created=known is None)

    async def _known(self, tx: Transaction, space: str, wish: EntityWish) -> EntityRow | None:
        named = identity(wish.external_source, wish.external_id)
        if named is not None:
            known = await self._store.with_identity(tx, space, *named)
            if known is not None:
                return known
        found = await self._store.with_name(tx, space, wish.type, [folded_name(wish.name)])
        another = named is not None and found is not None and found.external_id is not None
        return None if another else found

    async def _keep(self, tx: Transaction, row: EntityRow) -> None:
        names = [row.name, *orjson.loads(row.aliases)]
        await self._store.put(tx, row, unique([folded_name(name) for name in names if folded_name(name)]))
        await self._notes.index.name(tx, row.space, row.id, names)

    async def change(self, caller: Caller, entity_id: str, change: EntityChange) -> Entity:
        author = self._notes.authors.of(caller)
        named = {name: getattr(change, name) for name in change.model_fields_set - {"allow_secrets"}}
        given = {name: value for name, value in named.items() if _may_be(name, value)}
        checked(given, author, secrets_allowed=change.allow_secrets)
        async with self._store.db.write() as tx:
            row = await self._writable(tx, caller, entity_id)
            if not given:
                return self._shown(row)
            new = replace(row, **_columns(given), updated_at=now_ms())
            if new.external_id is None:
                new.external_source = None
            await self._check_identity(tx, new)
            await self._keep(tx, new)
        return self._shown(new)

    async def _check_identity(self, tx: Transaction, row: EntityRow) -> None:
        named = identity(row.external_source, row.external_id)
        if named is None:
            return
        row.external_source = named[0]
        other = await self._store.with_identity(tx, row.space, *named)
        if other is not None and other.id != row.id:
            raise Conflict("Another entity has this identity already.", field="external_id")

    async def delete(self, caller: Caller, entity_id: str) -> Gone:
        """With its links; the notes stay."""
        async with self._store.db.write() as tx:
            row = await self._writable(tx, caller, entity_id)
            links = await self._links.of(tx, [row.id])
            await self._links.delete(tx, [link.id for link in links])
            await self._store.delete(tx, row.id)
            await self._notes.index.unname(tx, [row.id])
            for note in {end for link in links for end in (link.source_id, link.target_id) if end.startswith("mem_")}:
                await self._notes.drop_entity(tx, note, row.id)
        return Gone(id=entity_id)

    async def get(self, caller: Caller, entity_id: str) -> Entity:
        row = await self._store.get(entity_id, self._notes.spaces.all_of(caller))
        if row is None:
            raise NotFound("Entity not found.")
        return self._shown(row)

    async def list_(
        self,
        caller: Caller,
        workspace: str | None,
        *,
        kind: str | None,
        query: str | None,
        cursor: str | None,
        limit: int,
    ) -> EntityList:
        name, _, last = (cursor or "").rpartition("~")
        spaces = self._notes.spaces.readable(caller, workspace)
        begins = folded_name(query) if query else None
        rows = await self._store.page(spaces, kind, begins, (name, last), limit + 1)
        data, more = rows[:limit], len(rows) > limit
        following = f"{data[-1].name}~{data[-1].id}" if more else None
        return EntityList(data=[self._shown(row) for row in data], has_more=more, next=following)

    async def many(self, ids: Iterable[str], spaces: Iterable[str]) -> dict[str, Entity]:
        return {key: self._shown(row) for key, row in (await self._store.many(ids, spaces)).items()}

    async def in_text(self, text: str, spaces: frozenset[str], limit: int) -> list[Entity]:
        """Entities that a text names, by runs of up to four of its words."""
        words = plain(text).split()[:200]
        bare = [word.strip(".,;:!?()[]\"'") for word in words]
        runs = {" ".join(bare[start : start + size]) for size in range(1, 5) for start in range(len(bare) - size + 1)}
        return [self._shown(row) for row in await self._store.named(sorted(runs - {""}), spaces, limit)]

    async def _writable(self, tx: Transaction, caller: Caller, entity_id: str) -> EntityRow:
        row = await self._store.find(tx, entity_id)
        if row is None or row.space not in self._notes.spaces.all_of(caller):
            raise NotFound("Entity not found.")
        self._notes.spaces.check_writable(caller, row.space)
        return row

    async def space_of(self, tx: Transaction, entity_id: str, spaces: frozenset[str]) -> str | None:
        """Where it is; None where there is none in these spaces."""
        row = await self._store.find(tx, entity_id)
        return row.space if row and row.space in spaces else None

    async def by_identity(self, tx: Transaction, space: str, source: str, external_id: str) -> str | None:
        row = await self._store.with_identity(tx, space, source, external_id)
        return row.id if row else None

    def _fields(self, row: EntityRow) -> dict[str, Any]:
        name = self._notes.spaces.name_of(row.space)
        return shown(row, name, ("created_at", "updated_at"), ("aliases", "metadata"))

    def _shown(self, row: EntityRow) -> Entity:
        return Entity(**self._fields(row))


def _new(wish: EntityWish, space: str, author: Author) -> EntityRow:
    at, named = now_ms(), identity(wish.external_source, wish.external_id)
    return EntityRow(
        id=ids.new_id("ent"),
        space=space,
        type=wish.type,
        name=wish.name.strip() or wish.name,
        aliases=orjson.dumps(unique(wish.aliases or [])).decode(),
        description=wish.description or "",
        metadata=kept_map(wish.metadata),
        external_source=named[0] if named else None,
        external_id=named[1] if named else None,
        origin=author.origin,
        author=author.user_id,
        created_at=at,
        updated_at=at,
    )


def _more(known: EntityRow, wish: EntityWish) -> EntityRow:
    """The known one, with what the wish adds: another name becomes an alias."""
    names = [known.name, *orjson.loads(known.aliases), *(wish.aliases or []), wish.name]
    spelled: dict[str, str] = {}
    for name in names:
        spelled.setdefault(folded_name(name), name)
    aliases = list(spelled.values())[1:]
    if len(aliases) > MOST_ALIASES:
        raise Invalid(f"An entity has at most {MOST_ALIASES} aliases.", field="aliases")
    named = identity(wish.external_source, wish.external_id)
    new = replace(
        known,
        aliases=orjson.dumps(aliases).decode(),
        description=known.description if wish.description is None else wish.description,
        metadata=known.metadata if wish.metadata is None else kept_map(wish.metadata),
        external_source=named[0] if named else known.external_source,
        external_id=named[1] if named else known.external_id,
    )
    return known if new == known else replace(new, updated_at=now_ms())


def _may_be(name: str, value: Any) -> bool:
    return value is not None or name in ("external_source", "external_id")


def _columns(given: dict[str, Any]) -> dict[str, Any]:
    kept = dict(given)
    if "aliases" in kept:
        kept["aliases"] = orjson.dumps(unique(kept["aliases"])).decode()
    if "metadata" in kept:
        kept["metadata"] = kept_map(kept["metadata"])
    return kept
