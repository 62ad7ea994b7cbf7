"""Links between notes and entities of one space."""

from collections.abc import Collection
from typing import Final

from talome.core import ids
from talome.core.clock import now_ms
from talome.core.db import Transaction
from talome.core.errors import Invalid, NotFound
from talome.core.operations import Caller
from talome.memory.graph.common import checked, identity, kept_map, place, shown
from talome.memory.graph.entities import Entities
from talome.memory.graph.models import Gone, LinkList, LinkWish, MemoryLink, Node
from talome.memory.graph.store import ALIKE, LinkRow, LinksStore
from talome.memory.index.models import Link
from talome.memory.vault.models import StoredNote
from talome.memory.vault.service import Author, Notes

_MOST_SHOWN: Final = 200
_OF_THE_ALIKE: Final = 0.5
"""The weight of a link that nobody drew."""


class Links:
    def __init__(self, store: LinksStore, entities: Entities, notes: Notes) -> None:
        self._store = store
        self._entities = entities
        self._notes = notes

    async def store(self, caller: Caller, wish: LinkWish) -> MemoryLink:
        async with self._store.db.write() as tx:
            return await self.put(tx, caller, wish)

    async def put(self, tx: Transaction, caller: Caller, wish: LinkWish, workspace: str | None = None) -> MemoryLink:
        author = self._notes.authors.of(caller)
        checked({"metadata": wish.metadata or {}}, author, secrets_allowed=False)
        space = await self._space(tx, caller, wish, workspace)
        source = await self._end(tx, space, wish.source, "source")
        target = await self._end(tx, space, wish.target, "target")
        if source == target:
            raise Invalid("A link needs two different ends.", field="target")
        row = await self._store.put(tx, _row(wish, space, (source, target), author))
        await self._tell_index(tx, row)
        return self._shown(row)

    async def _space(self, tx: Transaction, caller: Caller, wish: LinkWish, workspace: str | None) -> str:
        """Where its ends are: what is named, else where an end is that has an id, else where one writes."""
        named = wish.workspace_id or workspace
        spaces = self._notes.spaces
        for node in (wish.source, wish.target):
            if named is None and node.id is not None:
                space = await self.space_of(tx, node, spaces.all_of(caller))
                if space is not None:
                    spaces.check_writable(caller, space)
                    return space
        return spaces.home(caller, named)

    async def space_of(self, tx: Transaction, node: Node, spaces: frozenset[str]) -> str | None:
        """Where an end is that is told by its id, among these spaces."""
        if node.id is None:
            return None
        if node.type == "note":
            return await self._notes.space_of(tx, node.id, spaces)
        return await self._entities.space_of(tx, node.id, spaces)

    async def _end(self, tx: Transaction, space: str, node: Node, field: str) -> str:
        """The id of an end, which must be there, in this space and not forgotten."""
        named = identity(node.external_source, node.external_id)
        if (node.id is None) == (named is None):
            raise Invalid(f"“{field}” needs either an “id” or an “external_id”.", field=field)
        if node.id is not None:
            return await self._by_id(tx, space, node, field)
        find = self._notes.by_identity if node.type == "note" else self._entities.by_identity
        found = await find(tx, space, *named) if named else None
        if found is None:
            raise NotFound(f"The {node.type} of “{field}” was not found there.", field=field)
        return found

    async def _by_id(self, tx: Transaction, space: str, node: Node, field: str) -> str:
        if node.id is None or await self.space_of(tx, node, frozenset({space})) is None:
            raise NotFound(
                f"The {node.type} of “{field}” was not found there. Both ends lie in one space.", field=field
            )
        return node.id

    async def _tell_index(self, tx: Transaction, row: LinkRow) -> None:
        """Notes speak for the notes they are linked to, and are about the entities."""
        types = {row.source_type, row.target_type}
        if types == {"note"}:
            await self._notes.index.link(tx, [Link(row.source_id, row.target_id, row.weight)])
        elif types == {"note", "entity"}:
            note, entity = (row.source_id, row.target_id)[:: 1 if row.source_type == "note" else -1]
            await self._notes.add_entity(tx, note, entity)

    async def delete(self, caller: Caller, link_id: str) -> Gone:
        async with self._store.db.write() as tx:
            row = await self._store.find(tx, link_id)
            if row is None or row.space not in self._notes.spaces.all_of(caller):
                raise NotFound("Link not found.")
            self._notes.spaces.check_writable(caller, row.space)
            await self._store.delete(tx, [row.id])
            await self._untell_index(tx, row)
        return Gone(id=link_id)

    async def _untell_index(self, tx: Transaction, row: LinkRow) -> None:
        """Unless another link of the two ends says the same."""
        ends = {row.source_id, row.target_id}
        rest = [link for link in await self._store.of(tx, [row.source_id]) if {link.source_id, link.target_id} == ends]
        if rest:
            return
        types = {row.source_type, row.target_type}
        if types == {"note"}:
            await self._notes.index.unlink(tx, [(row.source_id, row.target_id)])
        elif types == {"note", "entity"}:
            note, entity = (row.source_id, row.target_id)[:: 1 if row.source_type == "note" else -1]
            await self._notes.drop_entity(tx, note, entity)

    async def liken(self, tx: Transaction, space: str, note: StoredNote) -> None:
        """Notes that say or mean nearly the same are linked, until somebody ends that."""
        for other in note.similar:
            row = await self._store.put(tx, _alike(space, note, other))
            await self._tell_index(tx, row)

    async def end_with(self, tx: Transaction, ids: Collection[str]) -> None:
        """Notes are gone for good: their links with them."""
        await self._store.delete(tx, [link.id for link in await self._store.of(tx, ids)])

    async def retell(self, tx: Transaction, ids: Collection[str]) -> None:
        """Notes are back in the search."""
        for row in await self._store.of(tx, ids):
            await self._tell_index(tx, row)

    async def list_(
        self,
        caller: Caller,
        workspace: str | None,
        *,
        node: str | None,
        relation: str | None,
        cursor: str | None,
        limit: int,
    ) -> LinkList:
        """The latest first; links of forgotten notes are left out, so a page may be short."""
        spaces = self._notes.spaces.readable(caller, workspace)
        if workspace is None and node is not None:
            spaces = self._notes.spaces.all_of(caller)
        rows = await self._store.page(spaces, node, relation, place(cursor), limit + 1)
        page, more = rows[:limit], len(rows) > limit
        following = f"{page[-1].created_at}~{page[-1].id}" if more else None
        return LinkList(
            data=[self._shown(row) for row in await self._live(page, spaces)], has_more=more, next=following
        )

    async def touching(self, ids: Collection[str], spaces: frozenset[str], limit: int) -> list[MemoryLink]:
        """The strongest links of these notes and entities of which both ends are there."""
        rows = await self._store.touching(ids, spaces, min(limit * 2, _MOST_SHOWN))
        return [self._shown(row) for row in await self._live(rows, spaces)][:limit]

    async def _live(self, rows: list[LinkRow], spaces: frozenset[str]) -> list[LinkRow]:
        ends = {
            end
            for row in rows
            for kind, end in ((row.source_type, row.source_id), (row.target_type, row.target_id))
            if kind == "note"
        }
        there = await self._notes.many(ends, spaces) if ends else {}
        gone = ends - there.keys()
        return [row for row in rows if not gone & {row.source_id, row.target_id}]

    def _shown(self, row: LinkRow) -> MemoryLink:
        name = self._notes.spaces.name_of(row.space)
        return MemoryLink(**shown(row, name, ("created_at",), ("metadata",)))


def _alike(space: str, note: StoredNote, other: str) -> LinkRow:
    return LinkRow(
        id=ids.new_id("lnk"),
        space=space,
        source_type="note",
        source_id=note.id,
        target_type="note",
        target_id=other,
        relation=ALIKE,
        weight=_OF_THE_ALIKE,
        confidence=_OF_THE_ALIKE,
        metadata="{}",
        origin=note.origin,
        author="",
        created_at=now_ms(),
    )


def _row(wish: LinkWish, space: str, ends: tuple[str, str], author: Author) -> LinkRow:
    return LinkRow(
        id=ids.new_id("lnk"),
        space=space,
        source_type=wish.source.type,
        source_id=ends[0],
        target_type=wish.target.type,
        target_id=ends[1],
        relation=wish.relation,
        weight=author.most(wish.weight),
        confidence=wish.confidence,
        metadata=kept_map(wish.metadata),
        origin=author.origin,
        author=author.user_id,
        created_at=now_ms(),
    )
