"""What goes into the index and what comes out of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

ItemKind = Literal["note", "chunk"]


@dataclass(frozen=True, slots=True)
class Item:
    """A note, or a chunk of a document. `space` parts the tenants: `u:<user>`, `w:<workspace>` or `house`.

    `parent` is what it is a part of (a document, a conversation) and `seq` its place there, so that it knows its
    neighbours. `entities` are ids that were given to `Index.name`. `active` is false for what is pending, superseded
    or expired: found only where `Query.include_inactive` asks for it.
    """

    id: str
    kind: ItemKind
    space: str
    body: str
    title: str = ""
    tags: Sequence[str] = ()
    parent: str | None = None
    seq: int | None = None
    entities: Sequence[str] = ()
    created_at_ms: int = 0
    importance: float = 0.5
    confidence: float = 0.5
    helpful: int = 0
    unhelpful: int = 0
    active: bool = True


@dataclass(frozen=True, slots=True)
class Change:
    """Numbers of an item that change while its words stay; None: as it was."""

    importance: float | None = None
    confidence: float | None = None
    helpful: int | None = None
    unhelpful: int | None = None
    active: bool | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """Two items of one space of which each speaks for the other; `weight` from 0 to 1."""

    source: str
    target: str
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for. `spaces` are those that the caller may read, and nothing else counts in any score."""

    spaces: frozenset[str]
    text: str
    limit: int = 10
    kinds: frozenset[ItemKind] = frozenset()
    tags: frozenset[str] = frozenset()
    since_ms: int | None = None
    until_ms: int | None = None
    parents: frozenset[str] = frozenset()
    entities: frozenset[str] = frozenset()
    min_score: float = 0.0
    include_inactive: bool = False


@dataclass(frozen=True, slots=True)
class Hit:
    """A result. `score` is absolute, between 0 and 1; so are its components. `why` says in words what spoke for it."""

    id: str
    kind: ItemKind
    space: str
    parent: str | None
    seq: int | None
    score: float
    relevance: float
    recency: float
    importance: float
    confidence: float
    keyword: float
    vector: float
    why: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """The hits, best first, and of how many candidates."""

    hits: tuple[Hit, ...]
    total: int
    took_ms: float


@dataclass(frozen=True, slots=True)
class IndexState:
    """By which model texts are compared (None: by their words alone), which one is being made ready, and for how many
    items it still has to be."""

    model: str | None
    growing: str | None
    waiting: int


class RemoteEmbedder(Protocol):
    """A model elsewhere, such as one behind the gateway."""

    async def name(self, wanted: str) -> str | None:
        """Of the model that would answer to this name, empty for any; None where there is none."""

    async def embed(self, wanted: str, texts: Sequence[str]) -> list[Sequence[float]] | None:
        """A vector for each text, always of one length; None where it does not answer."""
