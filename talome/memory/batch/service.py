"""Several things at once, in an order in which later ones may name earlier ones."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from talome.core.db import Database
from talome.core.errors import Invalid, TalomeError
from talome.core.operations import Caller
from talome.memory.batch.models import Batch, FeedbackWish
from talome.memory.graph.models import EntityWish, EventWish, LinkWish
from talome.memory.graph.service import Graph
from talome.memory.packs.service import Packs
from talome.memory.vault.models import NoteWish
from talome.memory.vault.service import Notes


@dataclass(frozen=True, slots=True)
class Wishes:
    """What is asked for. `workspace` counts where a wish names none."""

    workspace: str | None = None
    notes: list[NoteWish] = field(default_factory=list)
    entities: list[EntityWish] = field(default_factory=list)
    links: list[LinkWish] = field(default_factory=list)
    events: list[EventWish] = field(default_factory=list)
    feedback: list[FeedbackWish] = field(default_factory=list)


class Batches:
    def __init__(self, db: Database, notes: Notes, graph: Graph, packs: Packs) -> None:
        self._db = db
        self._notes = notes
        self._graph = graph
        self._packs = packs

    async def write(self, caller: Caller, wishes: Wishes) -> Batch:
        """All of it, or nothing: the error names the one that could not be kept."""
        if not (wishes.notes or wishes.entities or wishes.links or wishes.events or wishes.feedback):
            raise Invalid("There is nothing in this batch.", field="body")
        drafts = []
        for number, note in enumerate(wishes.notes):
            with _at("notes", number):
                drafts.append(self._notes.prepare(caller, note, wishes.workspace))
        stored, entities, links, events, feedback = [], [], [], [], []
        async with self._db.write() as tx:
            for number, entity in enumerate(wishes.entities):
                with _at("entities", number):
                    entities.append(await self._graph.entities.put(tx, caller, entity, wishes.workspace))
            for number, draft in enumerate(drafts):
                with _at("notes", number):
                    stored.append(await self._notes.put(tx, draft))
            for number, link in enumerate(wishes.links):
                with _at("links", number):
                    links.append(await self._graph.links.put(tx, caller, link, wishes.workspace))
            for number, event in enumerate(wishes.events):
                with _at("events", number):
                    events.append(await self._graph.events.put(tx, caller, event, wishes.workspace))
            for number, said in enumerate(wishes.feedback):
                with _at("feedback", number):
                    taken = await self._packs.put_feedback(tx, caller, said.pack_id, said.helpful, said.unhelpful)
                    feedback.append(taken)
        return Batch(notes=stored, entities=entities, links=links, events=events, feedback=feedback)


@contextmanager
def _at(name: str, number: int) -> Iterator[None]:
    """Say which one it was."""
    try:
        yield
    except TalomeError as error:
        inner = error.details.get("field")
        error.details["field"] = f"{name}.{number}.{inner}" if inner else f"{name}.{number}"
        raise
