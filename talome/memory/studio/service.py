"""What was written in Docs Studio: begun, listed, read and deleted."""

import asyncio
from typing import Final

import orjson

from talome.core import ids
from talome.core.clock import from_ms, now_ms
from talome.core.errors import Invalid, NotFound
from talome.core.operations import Caller, require
from talome.memory.spaces import EVERYTHING, Spaces
from talome.memory.studio.citing import plain
from talome.memory.studio.files import StudioFiles
from talome.memory.studio.models import (
    NewStudioDocument,
    StudioChanged,
    StudioCitation,
    StudioDocument,
    StudioList,
    Writer,
    WrittenDocument,
)
from talome.memory.studio.preview import as_html
from talome.memory.studio.store import StudioRow, StudioStore
from talome.memory.studio.writing import Order, Writing

_MODELS: Final = "gateway:use"
_LONGEST_TITLE: Final = 80


class Studio:
    def __init__(
        self, store: StudioStore, files: StudioFiles, writing: Writing, writer: Writer, spaces: Spaces
    ) -> None:
        self._store = store
        self._files = files
        self._writing = writing
        self._writer = writer
        self._spaces = spaces

    async def start(self) -> None:
        """Clear what a crash left."""
        states = await self._store.all_states()
        for document_id, state in states.items():
            if state == "writing":
                await self._writing.mend(document_id)
        await asyncio.to_thread(self._files.sweep, states.keys())

    async def write(self, caller: Caller, new: NewStudioDocument) -> StudioDocument:
        """Refused at once where no model could write it, or no source says anything about it."""
        require(caller, _MODELS)
        space = self._spaces.home(caller, None if new.workspace_id == EVERYTHING else new.workspace_id)
        self._writer.require_chat(caller, new.model)
        order = Order(caller, new)
        if not await self._writing.passages(order, new.instructions, 1):
            raise Invalid("The sources say nothing about this. Add sources first, or describe it in other words.")
        title = plain(new.title or new.instructions.strip().partition("\n")[0][:_LONGEST_TITLE])
        row = StudioRow(
            id=ids.new_id("std"), space=space, kind=new.kind, title=" ".join(title.split()) or "Document",
            instructions=new.instructions, model=new.model, sources=orjson.dumps(new.source_ids).decode(),
            state="writing", stage="Planning", done=None, total=None, problem=None, job_id=None, citations="[]",
            dropped=0, size_bytes=0, added_by=caller.name, created_at=now_ms(), finished_at=None,
        )  # fmt: skip
        async with self._store.db.write() as tx:
            await self._store.add(tx, row)
            tx.emit(StudioChanged(row.id, row.space))
        job = await self._writing.start(row, order)
        return self._shown(row.changed(job_id=job.id))

    async def list_(self, caller: Caller, workspace_id: str | None, limit: int, offset: int) -> StudioList:
        rows, total = await self._store.list_(self._spaces.readable(caller, workspace_id), limit, offset)
        return StudioList(data=[self._shown(row) for row in rows], total=total, has_more=offset + len(rows) < total)

    async def get(self, caller: Caller, document_id: str) -> WrittenDocument:
        row = await self._readable(caller, document_id)
        markdown = await asyncio.to_thread(self._files.read, row.id) if row.state == "ready" else ""
        return WrittenDocument(**self._shown(row).model_dump(), markdown=markdown, html=as_html(markdown))

    async def delete(self, caller: Caller, document_id: str) -> None:
        row = await self._readable(caller, document_id)
        self._spaces.check_writable(caller, row.space)
        if row.state == "writing" and row.job_id is not None:
            await self._writing.stop(row.job_id)
        async with self._store.db.write() as tx:
            await self._store.remove(tx, row.id)
            tx.emit(StudioChanged(row.id, row.space))
        await asyncio.to_thread(self._files.remove, row.id)

    async def _readable(self, caller: Caller, document_id: str) -> StudioRow:
        row = await self._store.get(document_id)
        if row is None or row.space not in self._spaces.all_of(caller):
            raise NotFound("There is no such document.")
        return row

    def _shown(self, row: StudioRow) -> StudioDocument:
        return StudioDocument.model_validate(
            {
                "id": row.id,
                "workspace_id": self._spaces.name_of(row.space),
                "kind": row.kind,
                "title": row.title,
                "instructions": row.instructions,
                "model": row.model,
                "source_ids": orjson.loads(row.sources),
                "state": row.state,
                "stage": row.stage,
                "done": row.done,
                "total": row.total,
                "problem": row.problem,
                "job_id": row.job_id,
                "citations": [StudioCitation.model_validate(one) for one in orjson.loads(row.citations)],
                "dropped": row.dropped,
                "size_bytes": row.size_bytes,
                "added_by": row.added_by,
                "created_at": from_ms(row.created_at),
                "finished_at": None if row.finished_at is None else from_ms(row.finished_at),
            }
        )
