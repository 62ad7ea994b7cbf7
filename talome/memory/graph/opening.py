"""Puts entities, links and events together."""

from talome.core.db import Database
from talome.core.kernel import Kernel
from talome.memory.graph.api import MemoryEntitiesApi, MemoryEventsApi, MemoryLinksApi
from talome.memory.graph.entities import Entities
from talome.memory.graph.events import MemoryEvents
from talome.memory.graph.links import Links
from talome.memory.graph.service import Graph
from talome.memory.graph.store import EntitiesStore, EventsStore, GraphPlaces, LinksStore
from talome.memory.vault.service import Notes


def open_graph(kernel: Kernel, db: Database, notes: Notes) -> Graph:
    """Answer what is asked of them, and let links end and come back with their notes."""
    links_store = LinksStore(db)
    entities = Entities(EntitiesStore(db), links_store, notes)
    links = Links(links_store, entities, notes)
    events = MemoryEvents(EventsStore(db), notes)
    notes.ends.append(links.end_with)
    notes.returns.append(links.retell)
    notes.likens.append(links.liken)
    kernel.registry.add(MemoryEntitiesApi(entities), MemoryLinksApi(links), MemoryEventsApi(events))
    return Graph(entities, links, events, GraphPlaces(), notes.index)
