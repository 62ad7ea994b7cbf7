"""Everything that a pack could be made of, as lines with their scores."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from talome.core.clock import now
from talome.core.words import WORD, plain
from talome.memory.graph.models import Entity, MemoryEvent
from talome.memory.graph.service import Graph
from talome.memory.index.models import Hit, Query
from talome.memory.index.service import Index
from talome.memory.packs.lines import Line, entity_line, event_line, link_line, note_line, source_line
from talome.memory.packs.models import SectionName
from talome.memory.sources.models import Citation
from talome.memory.sources.service import Sources
from talome.memory.vault.service import Notes

_MOST_NOTES: Final = 60
_MOST_CHUNKS: Final = 40
_MOST_PINNED: Final = 20
_MOST_RELATED: Final = 8
_ABOUT: Final = 10
"""Of how many of the best notes the entities and links are told."""
_LATEST: Final = 50
_FEW: Final = 3
_LONGEST_SHARE: Final = 0.3
"""How much of the budget one line may take."""
_SHORTEST: Final = 40


@dataclass(frozen=True, slots=True)
class Asked:
    """What a pack is to be about. `mission` is the one that events are looked for in first."""

    query: str
    spaces: frozenset[str]
    max_tokens: int
    include_sources: bool = True
    mission: str | None = None
    task: str | None = None
    min_score: float = 0.0


@dataclass(frozen=True, slots=True)
class Gathered:
    """The lines of each section, and how many results were looked at."""

    lines: Mapping[SectionName, list[Line]]
    candidates: int


class Gathering:
    def __init__(self, index: Index, notes: Notes, graph: Graph, sources: Sources) -> None:
        self._index = index
        self._notes = notes
        self._graph = graph
        self._sources = sources

    async def gather(self, asked: Asked) -> Gathered:
        longest = max(_SHORTEST, int(asked.max_tokens * _LONGEST_SHARE))
        hits = await self._hits(asked, "note", _MOST_NOTES)
        notes = await self._notes.live((hit.id for hit in hits), asked.spaces)
        pinned = await self._notes.pinned(asked.spaces, _MOST_PINNED)
        by_id = {hit.id: hit for hit in hits}
        first = {note.id for note in pinned}
        chunks = await self._hits(asked, "chunk", _MOST_CHUNKS) if asked.include_sources else []
        related = await self._related(asked, [hit.id for hit in hits if hit.id in notes][:_ABOUT])
        lines: dict[SectionName, list[Line]] = {
            "pinned": [note_line(note, by_id.get(note.id), "pinned", longest) for note in pinned],
            "memories": [
                note_line(notes[hit.id], hit, "memories", longest) for hit in hits if hit.id in notes.keys() - first
            ],
            "sources": await self._source_lines(asked, chunks, longest),
            "related": related,
        }
        return Gathered(lines, len(hits) + len(chunks) + len(pinned) + len(related))

    async def _hits(self, asked: Asked, kind: Any, limit: int) -> Sequence[Hit]:
        kinds = frozenset({kind})
        return await self._index.search(
            Query(asked.spaces, asked.query, limit=limit, kinds=kinds, min_score=asked.min_score)
        )

    async def _source_lines(self, asked: Asked, hits: Sequence[Hit], longest: int) -> list[Line]:
        cited = await self._sources.cite(asked.spaces, [hit.id for hit in hits])
        return [
            source_line([cited[hit.id] for hit in run], max(run, key=lambda hit: hit.score), longest)
            for run in runs([hit for hit in hits if hit.id in cited], cited)
        ]

    async def _related(self, asked: Asked, note_ids: list[str]) -> list[Line]:
        """Entities that are named or that the best notes are about, links of both, and what happened lately."""
        named = await self._graph.entities.in_text(asked.query, asked.spaces, _MOST_RELATED)
        touching = [*note_ids, *(entity.id for entity in named)]
        links = await self._graph.links.touching(touching, asked.spaces, _MOST_RELATED) if touching else []
        ends = {end for link in links for end in (link.source_id, link.target_id)} - {one.id for one in named}
        about = await self._graph.entities.many(ends, asked.spaces) if ends else {}
        entities: list[Entity] = [*named, *sorted(about.values(), key=lambda one: one.id)[:_MOST_RELATED]]
        names = {entity.id: entity.name for entity in entities}
        lines = [entity_line(entity, 0.9 if entity in named else 0.4) for entity in entities]
        lines += [link_line(link, names, 0.5 * link.weight * link.confidence) for link in links]
        return lines + await self._event_lines(asked)

    async def _event_lines(self, asked: Asked) -> list[Line]:
        wanted = _words(asked.query)
        latest = await self._graph.events.latest(asked.spaces, None, _LATEST)
        if asked.mission is not None:
            known = {event.id for event in latest}
            of_mission = await self._graph.events.latest(asked.spaces, asked.mission, _LATEST)
            latest += [event for event in of_mission if event.id not in known]
        scored = [(_event_score(event, wanted, asked.mission), event) for event in latest]
        best = sorted((one for one in scored if one[0] > 0), key=lambda one: (-one[0], one[1].id))[:_MOST_RELATED]
        return [
            event_line(
                event, score, "of this mission" if event.mission_id == asked.mission and asked.mission else "lately"
            )
            for score, event in best
        ]


def runs(hits: Iterable[Hit], cited: Mapping[str, Citation]) -> list[list[Hit]]:
    """Chunks that follow each other in a document, together, a few at most."""
    found: list[list[Hit]] = []
    for hit in sorted(hits, key=lambda one: (one.parent or "", one.seq or 0, one.id)):
        last = found[-1][-1] if found else None
        follows = last is not None and last.parent == hit.parent and (hit.seq or 0) == (last.seq or 0) + 1
        if follows and len(found[-1]) < _FEW and cited[hit.id].url == cited[found[-1][0].id].url:
            found[-1].append(hit)
        else:
            found.append([hit])
    return found


def _words(text: str) -> frozenset[str]:
    return frozenset(word for word in WORD.findall(plain(text)) if len(word) > 3)


def _why(event: MemoryEvent, mission: str | None) -> str:
    return "of this mission" if mission is not None and event.mission_id == mission else "lately"


def _event_score(event: MemoryEvent, wanted: frozenset[str], mission: str | None) -> float:
    """By the words in common, by the mission, and a little by how long ago it was."""
    common = len(wanted & _words(f"{event.type} {event.summary}")) / len(wanted) if wanted else 0.0
    same = 0.5 if mission is not None and event.mission_id == mission else 0.0
    days = max(0.0, (now() - event.occurred_at).total_seconds() / 86_400)
    return (common + same) * (0.7 + 0.3 / (1 + days / 7))
