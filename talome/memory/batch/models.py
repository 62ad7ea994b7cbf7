"""What a batch takes and answers."""

from typing import Annotated, Final, Literal

from pydantic import Field

from talome.core.models import Plain
from talome.memory.graph.models import EntityWish, EventWish, LinkWish, MemoryEvent, MemoryLink, StoredEntity
from talome.memory.packs.models import FeedbackTaken, ItemIds, PackId
from talome.memory.vault.models import NoteWish, StoredNote

MOST: Final = 500
"""Of each list; the body of a request has at most a mebibyte anyway."""
NoteWishes = Annotated[list[NoteWish], Field(max_length=MOST)]
EntityWishes = Annotated[list[EntityWish], Field(max_length=MOST)]
LinkWishes = Annotated[list[LinkWish], Field(max_length=MOST)]
EventWishes = Annotated[list[EventWish], Field(max_length=MOST)]


class FeedbackWish(Plain):
    """What of a context pack helped and what did not."""

    pack_id: PackId
    helpful: ItemIds = Field(default_factory=list)
    unhelpful: ItemIds = Field(default_factory=list)


FeedbackWishes = Annotated[list[FeedbackWish], Field(max_length=MOST)]


class Batch(Plain):
    """What became of each, in the order in which they were given."""

    object: Literal["memory_batch"] = "memory_batch"
    notes: list[StoredNote]
    entities: list[StoredEntity]
    links: list[MemoryLink]
    events: list[MemoryEvent]
    feedback: list[FeedbackTaken]
