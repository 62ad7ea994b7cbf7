"""The memory as a file: JSON lines with everything, or a ZIP of Markdown."""

import asyncio
import zipfile
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, Final

import orjson

from talome.core.clock import now
from talome.core.models import Plain
from talome.core.operations import Caller
from talome.memory.graph.models import Entity
from talome.memory.graph.service import Graph
from talome.memory.spaces import HOUSEHOLD
from talome.memory.transfer.formats import markdown
from talome.memory.transfer.formats.lines import FORMAT
from talome.memory.vault.models import Note, NoteVersions
from talome.memory.vault.service import Listed, Vault

Versions = Callable[[Caller, str], Awaitable[NoteVersions]]
"""What a note said over time."""
_PAGE: Final = 200
_MINE: Final = "Mine"
_HOUSE: Final = "Household"
_ENTITIES: Final = "Entities"


class Exporting:
    def __init__(self, vault: Vault, graph: Graph, versions: Versions) -> None:
        self._vault = vault
        self._versions = versions
        self._graph = graph

    async def lines(self, caller: Caller, workspace: str | None) -> AsyncIterator[bytes]:
        """An object a line. A note that changes meanwhile comes again at the end, and the later line counts."""
        head = {"record": FORMAT, "version": 1, "exported_at": now().isoformat()}
        yield orjson.dumps(head) + b"\n"
        async for entity in self._entities(caller, workspace):
            yield _line("entity", entity)
        async for note in self.notes(caller, workspace):
            yield _line("note", note)
            if note.version > 1:
                for version in (await self._versions(caller, note.id)).data:
                    yield _line("note_version", version, note_id=note.id)
        async for link in self._links(caller, workspace):
            yield _line("link", link)
        async for event in self._events(caller, workspace):
            yield _line("event", event)

    async def notes(self, caller: Caller, workspace: str | None) -> AsyncIterator[Note]:
        """Every note that is not forgotten. They come with the latest change first, so whatever changes on the way is
        at the beginning, where a second look finds it."""
        begun, cursor = now(), None
        while True:
            page = await self._vault.list_(caller, Listed(workspace, cursor=cursor, limit=_PAGE))
            for note in page.data:
                yield note
            if (cursor := page.next) is None:
                break
        while True:
            page = await self._vault.list_(caller, Listed(workspace, cursor=cursor, limit=_PAGE))
            for note in page.data:
                if note.updated_at < begun:
                    return
                yield note
            if (cursor := page.next) is None:
                return

    async def _entities(self, caller: Caller, workspace: str | None) -> AsyncIterator[Entity]:
        cursor = None
        while True:
            page = await self._graph.entities.list_(
                caller, workspace, kind=None, query=None, cursor=cursor, limit=_PAGE
            )
            for entity in page.data:
                yield entity
            if (cursor := page.next) is None:
                return

    async def _links(self, caller: Caller, workspace: str | None) -> AsyncIterator[Any]:
        cursor = None
        while True:
            page = await self._graph.links.list_(
                caller, workspace, node=None, relation=None, cursor=cursor, limit=_PAGE
            )
            for link in page.data:
                yield link
            if (cursor := page.next) is None:
                return

    async def _events(self, caller: Caller, workspace: str | None) -> AsyncIterator[Any]:
        cursor = None
        while True:
            page = await self._graph.events.list_(
                caller, workspace, kind=None, mission=None, since=None, cursor=cursor, limit=_PAGE
            )
            for event in page.data:
                yield event
            if (cursor := page.next) is None:
                return

    async def archive(self, caller: Caller, workspace: str | None, target: Path) -> None:
        """A ZIP with a file for each note and each entity, linked by name; a folder for each part of the memory."""
        names = _Names()
        entities = [entity async for entity in self._entities(caller, workspace)]
        for entity in entities:
            names.give(entity.id, markdown.file_name(entity.name, ""))
        async for note in self.notes(caller, workspace):
            names.give(note.id, markdown.file_name(note.title, note.content))
        links: dict[str, list[tuple[str, str]]] = {}
        async for link in self._links(caller, workspace):
            if link.target_id in names.by_id:
                links.setdefault(link.source_id, []).append((link.relation, names.by_id[link.target_id]))
        with zipfile.ZipFile(target, "x", zipfile.ZIP_DEFLATED) as file:
            await asyncio.to_thread(
                _write_all, file, [_entity_file(one, names.by_id[one.id], links) for one in entities]
            )
            written: set[str] = set()
            batch: list[tuple[str, str]] = []
            async for note in self.notes(caller, workspace):
                if note.id in written or note.id not in names.by_id:
                    continue  # it changed, or came, while this was written
                written.add(note.id)
                batch.append(_note_file(note, names.by_id[note.id], links))
                if len(batch) >= _PAGE:
                    await asyncio.to_thread(_write_all, file, batch)
                    batch = []
            await asyncio.to_thread(_write_all, file, batch)


class _Names:
    """File names, each once, also where capitals do not count."""

    def __init__(self) -> None:
        self.by_id: dict[str, str] = {}
        self._given: set[str] = set()

    def give(self, id: str, wanted: str) -> None:
        if id in self.by_id:
            return
        name, number = wanted, 1
        while name.casefold() in self._given:
            number += 1
            name = f"{wanted} {number}"
        self._given.add(name.casefold())
        self.by_id[id] = name


def _line(record: str, shown: Plain, **more: str) -> bytes:
    return orjson.dumps({"record": record, **more, **shown.model_dump(mode="json")}) + b"\n"


def _place(workspace_id: str | None) -> str:
    return _MINE if workspace_id is None else _HOUSE if workspace_id == HOUSEHOLD else workspace_id


def _note_file(note: Note, name: str, links: dict[str, list[tuple[str, str]]]) -> tuple[str, str]:
    shown = note.model_dump(mode="json")
    front: dict[str, Any] = {"talome_id": note.id, "title": note.title}
    named = ("kind", "status", "tags", "importance", "confidence", "external_source", "external_id", "claim_key")
    front |= {key: shown[key] for key in (*named, "valid_from", "valid_to", "created_at", "updated_at", "workspace_id")}
    if note.metadata:
        front["metadata"] = shown["metadata"]
    return f"{_place(note.workspace_id)}/{name}.md", markdown.write(front, note.content, links.get(note.id, []))


def _entity_file(entity: Entity, name: str, links: dict[str, list[tuple[str, str]]]) -> tuple[str, str]:
    front: dict[str, Any] = {
        "talome_entity": entity.id,
        "title": entity.name,
        "type": entity.type,
        "aliases": entity.aliases,
    }
    front |= {"external_source": entity.external_source, "external_id": entity.external_id}
    front["workspace_id"] = entity.workspace_id
    text = markdown.write(front, entity.description, links.get(entity.id, []))
    return f"{_place(entity.workspace_id)}/{_ENTITIES}/{name}.md", text


def _write_all(file: zipfile.ZipFile, batch: list[tuple[str, str]]) -> None:
    for path, text in batch:
        file.writestr(path, text)
