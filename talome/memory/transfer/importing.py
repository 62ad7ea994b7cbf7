"""From lines of an export to notes, entities, links and events, under the identity that they had."""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal

from pydantic import ValidationError

from talome.core.errors import NotFound, TalomeError
from talome.core.operations import Caller, explain
from talome.memory.graph.models import EntityWish, EventWish, LinkWish, Node
from talome.memory.graph.service import Graph
from talome.memory.transfer.formats.lines import Line
from talome.memory.transfer.models import MOST_PROBLEMS
from talome.memory.vault.models import NoteWish
from talome.memory.vault.service import Vault

EXPORT: Final = "talome-export"
"""The source of what comes out of a Talome and had no identity of its own: its id there is its identity here."""
End = Literal["added", "changed", "same"]
_AT_ONCE: Final = 32
_NOTE: Final = (
    *(
        "title",
        "content",
        "kind",
        "tags",
        "importance",
        "confidence",
        "metadata",
        "claim_key",
        "valid_from",
        "valid_to",
    ),
)
_ENTITY: Final = ("type", "name", "aliases", "description", "metadata")
_LINK: Final = ("relation", "weight", "confidence", "metadata")
_EVENT: Final = ("type", "summary", "outcome", "actor_ref", "mission_id", "task_id", "metadata", "occurred_at")
_STATUS: Final = {"active": "active", "pending": "pending", "archived": "archived", "superseded": "archived"}
_UNFIT: Final = re.compile(r"[^a-z0-9_.-]+")


@dataclass(slots=True)
class Count:
    """What became of the lines so far."""

    done: int = 0
    added: int = 0
    changed: int = 0
    same: int = 0
    left_out: int = 0
    problems: list[dict[str, str]] = field(default_factory=list)

    def leave_out(self, place: str, reason: str) -> None:
        self.done += 1
        self.left_out += 1
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append({"place": place[:300], "reason": reason[:500]})

    def note(self, end: End) -> None:
        self.done += 1
        setattr(self, end, getattr(self, end) + 1)


@dataclass(frozen=True, slots=True)
class Terms:
    """Where everything goes (None: where the file says), whether what looks like a secret comes along, and since when
    this import goes on."""

    workspace: str | None
    allow_secrets: bool
    begun: datetime


class Importing:
    """One import. Lines come in any order; links wait until everything else is there."""

    def __init__(self, vault: Vault, graph: Graph, caller: Caller, terms: Terms) -> None:
        self._vault = vault
        self._graph = graph
        self._caller = caller
        self._workspace = terms.workspace
        self._allow_secrets = terms.allow_secrets
        self._begun = terms.begun
        self._known: dict[str, str] = {}
        self._links: list[Line] = []
        self.count = Count()

    async def take(self, lines: list[Line]) -> None:
        """Some at a time together, so that they share a commit."""
        for start in range(0, len(lines), _AT_ONCE):
            await asyncio.gather(*(self._one(line) for line in lines[start : start + _AT_ONCE]))

    async def finish(self) -> None:
        """What ties the rest together."""
        for start in range(0, len(self._links), _AT_ONCE):
            await asyncio.gather(
                *(self._kept(line, self._link(line)) for line in self._links[start : start + _AT_ONCE])
            )

    async def _one(self, line: Line) -> None:
        match line.get("record"):
            case "note":
                await self._kept(line, self._note(line))
            case "entity":
                await self._kept(line, self._entity(line))
            case "event":
                await self._kept(line, self._event(line))
            case "link":
                self._links.append(line)
            case "problem":
                self.count.leave_out(str(line.get("path")), str(line.get("reason")))
            case _:
                self.count.note("same")  # versions tell what was; a note begins anew here

    async def _kept(self, line: Line, work: Any) -> None:
        place = f"{line.get('record')} {line.get('id') or ''}".strip()
        try:
            self.count.note(await work)
        except ValidationError as error:
            self.count.leave_out(place, explain(error).message)
        except (TalomeError, ValueError) as error:
            self.count.leave_out(place, error.message if isinstance(error, TalomeError) else "It is not understood.")

    async def _note(self, line: Line) -> End:
        id, status = str(line.get("id") or ""), str(line.get("status") or "active")
        if status not in _STATUS:
            raise NotFound("It was rejected or forgotten where it comes from.")
        if id.startswith("mem_") and await self._is_here(id):
            self._known[id] = id
            return "same"
        given = _chosen(line, _NOTE) | self._shared(line)
        if given.get("valid_from") is None and line.get("created_at"):
            given["valid_from"] = line["created_at"]
        stored = await self._vault.store(
            self._caller, NoteWish.model_validate({**given, "status": _STATUS[status], "origin": "import"})
        )
        self._known[id] = stored.id
        return "added" if stored.created else "same" if stored.deduped else "changed"

    async def _is_here(self, id: str) -> bool:
        try:
            await self._vault.get(self._caller, id)
        except NotFound:
            return False
        return True

    async def _entity(self, line: Line) -> End:
        given = _chosen(line, _ENTITY) | self._shared(line)
        given["type"] = _name(str(given.get("type") or "thing"))
        stored = await self._graph.entities.store(self._caller, EntityWish.model_validate(given))
        self._known[str(line.get("id") or "")] = stored.id
        return "added" if stored.created else "same"

    async def _event(self, line: Line) -> End:
        given = _chosen(line, _EVENT) | self._shared(line)
        stored = await self._graph.events.store(self._caller, EventWish.model_validate(given))
        return self._since(stored.created_at)

    async def _link(self, line: Line) -> End:
        ends = {}
        for name in ("source", "target"):
            id = self._known.get(str(line.get(f"{name}_id") or ""))
            if id is None:
                raise NotFound(f"Its {name} is not in this file.")
            ends[name] = Node.model_validate({"type": line.get(f"{name}_type"), "id": id})
        if ends["source"].id == ends["target"].id:
            return "same"
        given = _chosen(line, _LINK)
        given["relation"] = _name(str(given.get("relation") or "related_to"))
        stored = await self._graph.links.store(self._caller, LinkWish.model_validate({**given, **ends}))
        return self._since(stored.created_at)

    def _since(self, created_at: datetime) -> End:
        """Whether it is of this import, or was here before."""
        return "added" if created_at >= self._begun else "same"

    def _shared(self, line: Line) -> dict[str, Any]:
        """Identity and place."""
        id = line.get("external_id") or line.get("id")
        source = line.get("external_source") if line.get("external_id") else EXPORT
        identity = {"external_source": source, "external_id": str(id)[:200]} if id else {}
        place = self._workspace if self._workspace is not None else line.get("workspace_id")
        return {**identity, "workspace_id": place or None, "allow_secrets": self._allow_secrets}


def _chosen(line: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: line[name] for name in names if line.get(name) is not None}


def _name(text: str) -> str:
    """A relation or a type as the graph spells them."""
    plain = _UNFIT.sub("_", text.strip().lower()).strip("_.-")[:60]
    return plain if plain[:1].isalpha() else f"is_{plain}"[:60] if plain else "related_to"
