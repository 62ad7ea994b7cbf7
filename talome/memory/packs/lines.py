"""A line of a pack: what it says, what it costs, and what speaks for it.

Whatever somebody wrote is put on one line behind its id, so that no note or page can pass itself off as another line.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from talome.core.words import WORD, plain
from talome.memory.graph.models import Entity, MemoryEvent, MemoryLink
from talome.memory.index.models import Hit
from talome.memory.packs.models import ItemKind, SectionName
from talome.memory.packs.tokens import count_tokens
from talome.memory.sources.models import Citation
from talome.memory.vault.models import Note

_COMPARED: Final = 200
_CUT: Final = " …"


@dataclass(slots=True)
class Line:
    """`order` is its place in its section; `said` is what is compared with other lines."""

    id: str
    kind: ItemKind
    section: SectionName
    text: str
    score: float
    reason: str
    order: tuple[object, ...]
    said: str = ""
    note: Note | None = None
    hit: Hit | None = None
    citations: list[Citation] = field(default_factory=list)
    event: MemoryEvent | None = None
    entity: Entity | None = None
    link: MemoryLink | None = None
    tokens: int = 0
    words: frozenset[str] = frozenset()
    numbers: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        self.tokens = count_tokens(self.text) + 1
        said = WORD.findall(plain(self.said[:2000]))[:_COMPARED]
        self.words = frozenset(said)
        self.numbers = frozenset(word for word in said if not word.isalpha())

    def ids(self) -> list[str]:
        """What it is made of."""
        return [citation.chunk_id for citation in self.citations] or [self.id]


def flat(text: str) -> str:
    return " ".join(text.split())


def cut(text: str, most_tokens: int) -> str:
    """How it begins, where it is too long for the room that there may be."""
    if len(text) <= most_tokens * 2 or count_tokens(text) <= most_tokens:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if count_tokens(text[:middle]) + 1 <= most_tokens:
            low = middle
        else:
            high = middle - 1
    return text[:low].rsplit(" ", 1)[0] + _CUT


def note_line(note: Note, hit: Hit | None, section: SectionName, most_tokens: int) -> Line:
    said = flat(note.content)
    title = flat(note.title)
    body = said if not title or said.startswith(title) else f"{title}: {said}"
    by = "" if note.trusted else f", by an {note.origin}" if note.origin[0] in "aeiou" else f", by a {note.origin}"
    at = note.valid_from or note.created_at
    text = f"- [{note.id}] ({note.kind}{by}, {at:%Y-%m-%d}) {cut(body, most_tokens)}"
    why = ", ".join(hit.why) if hit is not None and hit.why else "pinned" if section == "pinned" else "found"
    score = hit.score if hit is not None else 0.0
    return Line(note.id, "memory", section, text, score, why, (at, note.id), body, note=note, hit=hit)


def source_line(citations: Sequence[Citation], hit: Hit, most_tokens: int) -> Line:
    """Pieces of one document that follow each other, as one."""
    first = citations[0]
    ids = " ".join(citation.chunk_id for citation in citations)
    said = flat(citations[0].text)
    for citation in citations[1:]:
        said = joined(said, flat(citation.text))
    where = flat(", ".join(part for part in (first.title, first.place) if part))
    text = f"- [{ids}] ({where}) {cut(said, most_tokens)}"
    why = ", ".join(hit.why) or "found"
    order = (first.document_id, hit.seq or 0, first.chunk_id)
    return Line(
        first.chunk_id, "source", "sources", text, hit.score, why, order, said, hit=hit, citations=list(citations)
    )


def joined(one: str, other: str) -> str:
    """Two neighbours, without what the second repeats of the first."""
    for size in range(min(len(one), len(other)), 15, -1):
        if one.endswith(other[:size]):
            return one + other[size:]
    return f"{one} {other}"


def entity_line(entity: Entity, score: float) -> Line:
    also = f", also {', '.join(map(flat, entity.aliases[:5]))}" if entity.aliases else ""
    about = f": {cut(flat(entity.description), 60)}" if entity.description else ""
    text = f"- [{entity.id}] {entity.type} {flat(entity.name)}{also}{about}"
    return Line(
        entity.id, "entity", "related", text, score, "named", ("0", entity.name, entity.id), entity.name, entity=entity
    )


def link_line(link: MemoryLink, names: dict[str, str], score: float) -> Line:
    ends = [names.get(end, end) for end in (link.source_id, link.target_id)]
    text = f"- [{link.id}] {ends[0]} {link.relation} {ends[1]}"
    return Line(link.id, "link", "related", text, score, "linked", ("1", link.created_at, link.id), link=link)


def event_line(event: MemoryEvent, score: float, why: str) -> Line:
    outcome = f" ({flat(event.outcome)})" if event.outcome else ""
    text = f"- [{event.id}] {event.occurred_at:%Y-%m-%d} {event.type}: {cut(flat(event.summary), 120)}{outcome}"
    return Line(
        event.id, "event", "related", text, score, why, ("2", event.occurred_at, event.id), event.summary, event=event
    )
