"""What a note said before, and what was done to it."""

from collections.abc import Mapping
from typing import Final

import orjson

from talome.core.errors import NotFound
from talome.core.operations import Caller
from talome.memory.vault.models import Note, NoteLog, NoteVersions
from talome.memory.vault.service import Notes
from talome.memory.vault.showing import log_entry, version

_MOST_LOG: Final = 500
_KEPT_IN_VERSIONS: Final = (
    *("title", "content", "kind", "importance", "confidence", "claim_key", "valid_from", "valid_to"),
)


class History:
    def __init__(self, notes: Notes) -> None:
        self._notes = notes
        self._store = notes.store

    async def versions(self, caller: Caller, note_id: str) -> NoteVersions:
        if await self._notes.reader.get(note_id, self._notes.spaces.all_of(caller)) is None:
            raise NotFound("Note not found.")
        return NoteVersions(data=[version(row) for row in await self._notes.reader.versions(note_id)])

    async def restore_version(self, caller: Caller, note_id: str, number: str) -> Note:
        """What it said then, as a new version: nothing of what came between is lost."""
        author = self._notes.authors.of(caller)
        async with self._store.db.write() as tx:
            row = await self._notes.writable(tx, caller, note_id)
            snapshot = await self._store.snapshot(tx, note_id, int(number)) if _is_number(number) else None
            if snapshot is None:
                raise NotFound("There is no such version.", field="version")
            values = {name: snapshot[name] for name in _KEPT_IN_VERSIONS} | _packed(snapshot)
            values["importance"] = author.most(values["importance"])
            outcome = await self._notes.writing.edit(tx, row, values, author, f"restored version {number}")
        return self._notes.showing.note(outcome.row)

    async def log(self, caller: Caller, note_id: str) -> NoteLog:
        """Also of a note that is gone."""
        rows = await self._notes.reader.log(note_id, self._notes.spaces.all_of(caller), _MOST_LOG)
        if not rows:
            raise NotFound("Note not found.")
        return NoteLog(data=[log_entry(row) for row in rows])


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 16


def _packed(snapshot: Mapping[str, object]) -> dict[str, str]:
    return {name: orjson.dumps(snapshot[name]).decode() for name in ("tags", "metadata")}
