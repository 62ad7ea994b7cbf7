"""Puts the packs together."""

from talome.core.db import Database
from talome.core.kernel import Kernel
from talome.memory.graph.service import Graph
from talome.memory.packs.api import ContextPacksApi
from talome.memory.packs.gathering import Gathering
from talome.memory.packs.service import Packs
from talome.memory.packs.store import PacksStore
from talome.memory.sources.service import Sources
from talome.memory.vault.service import Notes


def open_packs(kernel: Kernel, db: Database, notes: Notes, graph: Graph, sources: Sources) -> Packs:
    """Answer what is asked of the packs."""
    packs = Packs(PacksStore(db), Gathering(notes.index, notes, graph, sources), notes)
    notes.ends.append(packs.end_with)
    kernel.registry.add(ContextPacksApi(packs))
    return packs
