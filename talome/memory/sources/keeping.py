"""Puts what was read into the tables and the index: a document stays, and so do those of its chunks whose words are
the same, with their ids. What changed is put beside them, and what is gone goes at the end."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from typing import Final

import orjson

from talome.core.clock import now_ms
from talome.core.db import Transaction
from talome.memory.index.models import Item
from talome.memory.index.service import Index
from talome.memory.sources.formats.parts import one_line
from talome.memory.sources.reading import ReadDocument
from talome.memory.sources.store import ChunkRow, DocumentRow, DocumentsStore, SourceRow, SourcesStore

_BATCH: Final = 200


class Keeping:
    def __init__(self, store: SourcesStore, documents: DocumentsStore, index: Index) -> None:
        self._store = store
        self.documents = documents
        self._index = index

    async def put(self, source: SourceRow, read: ReadDocument) -> str:
        """Returns the id of the document."""
        path = f"{read.file.name}#{read.part}" if read.part else read.file.name
        document = _document(source, read, path)
        rows = _rows(document.id, read)
        known = await self.documents.known_chunks(document.id)
        fresh = [row for row in rows if known.get(row.id) != (row.seq, row.heading, row.page, row.line)]
        gone = sorted(known.keys() - {row.id for row in rows})
        is_new = not known
        while len(fresh) > _BATCH:
            batch, fresh = fresh[:_BATCH], fresh[_BATCH:]
            async with self._store.db.write() as tx:
                await self._store.require(tx, source.id)
                if is_new:
                    await self.documents.put(tx, document)
                await self._put(tx, source, document, batch)
        while len(gone) > _BATCH:
            batch_gone, gone = gone[:_BATCH], gone[_BATCH:]
            async with self._store.db.write() as tx:
                await self._drop(tx, batch_gone)
        async with self._store.db.write() as tx:
            await self._store.require(tx, source.id)
            await self.documents.put(tx, document.made_whole())
            await self._put(tx, source, document, fresh)
            await self._drop(tx, gone)
        return document.id

    async def _put(self, tx: Transaction, source: SourceRow, document: DocumentRow, rows: Sequence[ChunkRow]) -> None:
        if rows:
            await self.documents.put_chunks(tx, rows)
            await self._index.put(tx, [_item(source, document, row) for row in rows])

    async def _drop(self, tx: Transaction, ids: Sequence[str]) -> None:
        if ids:
            await self._index.remove(tx, ids)
            await self.documents.remove_chunks(tx, ids)

    async def remove_document(self, document_id: str) -> None:
        """With its chunks, and what the index has of them."""
        gone = sorted(await self.documents.known_chunks(document_id))
        while len(gone) > _BATCH:
            batch, gone = gone[:_BATCH], gone[_BATCH:]
            async with self._store.db.write() as tx:
                await self._drop(tx, batch)
        async with self._store.db.write() as tx:
            await self._drop(tx, gone)
            await self.documents.remove(tx, document_id)


def _document(source: SourceRow, read: ReadDocument, path: str) -> DocumentRow:
    now = now_ms()
    alone = source.kind not in ("folder", "repository")
    title = (source.title if alone else "") or read.title or path.rpartition("/")[2]
    return DocumentRow(
        id=f"doc_{_digest(source.id, path)}", source_id=source.id, path=path, file=read.file.name,
        title=one_line(title), kind=read.kind, sha256=read.sha256, cut=int(read.cut), whole=0, created_at=now,
        updated_at=now,
    )  # fmt: skip


def _rows(document_id: str, read: ReadDocument) -> list[ChunkRow]:
    """The id of a chunk follows from its words, so a citation outlives a new reading that finds the same words."""
    seen: Counter[str] = Counter()
    rows = []
    for seq, chunk in enumerate(read.chunks):
        text = chunk["text"]
        seen[text] += 1
        identifier = f"chk_{_digest(document_id, text, str(seen[text]))}"
        heading = orjson.dumps(chunk["heading"]).decode()
        rows.append(ChunkRow(identifier, document_id, seq, text, heading, chunk["page"], chunk["line"]))
    return rows


def _item(source: SourceRow, document: DocumentRow, row: ChunkRow) -> Item:
    heading = " / ".join(orjson.loads(row.heading))
    return Item(
        id=row.id,
        kind="chunk",
        space=source.space,
        title=document.title,
        body=f"{heading}\n{row.text}" if heading else row.text,
        parent=document.id,
        seq=row.seq,
        created_at_ms=source.created_at,
    )


def _digest(*parts: str) -> str:
    return hashlib.blake2b("\0".join(parts).encode(), digest_size=16).hexdigest()
