"""Entities, links and events as one thing, for the features that use all three."""

from collections.abc import Collection
from dataclasses import dataclass

from talome.core.db import Transaction
from talome.memory.graph.entities import Entities
from talome.memory.graph.events import MemoryEvents
from talome.memory.graph.links import Links
from talome.memory.graph.store import GraphPlaces
from talome.memory.index.service import Index


@dataclass(frozen=True, slots=True)
class Graph:
    entities: Entities
    links: Links
    events: MemoryEvents
    places: GraphPlaces
    index: Index

    async def spaces(self, tx: Transaction) -> set[str]:
        """Where there is anything."""
        return await self.places.spaces(tx)

    async def leave(self, tx: Transaction, spaces: Collection[str]) -> None:
        """Those whose these spaces were are gone, and so is everything in them."""
        await self.index.unname(tx, await self.places.entities(tx, spaces))
        await self.places.delete(tx, spaces)
