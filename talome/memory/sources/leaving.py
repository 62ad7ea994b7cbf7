"""The end of sources: of one that is deleted, and of those whose people are gone."""

import asyncio
from collections.abc import Collection

from talome.core.db import Transaction
from talome.memory.sources.folders import SourceFolders
from talome.memory.sources.keeping import Keeping
from talome.memory.sources.store import LEAVING, SourcesStore


class Leaving:
    """A source that is leaving is seen by nobody; what is left of it goes in pieces, so that no write waits for it."""

    def __init__(self, store: SourcesStore, keeping: Keeping, folders: SourceFolders) -> None:
        self._store = store
        self._keeping = keeping
        self._folders = folders

    async def spaces(self, tx: Transaction) -> set[str]:
        """Where there are sources."""
        return await self._store.spaces(tx)

    async def leave(self, tx: Transaction, spaces: Collection[str]) -> None:
        """All sources of these spaces begin to go; `finish` ends it."""
        await self._store.leave_spaces(tx, spaces)

    async def finish(self) -> None:
        for source_id, state in (await self._store.all_states()).items():
            if state == LEAVING:
                await self.take_away(source_id)

    async def take_away(self, source_id: str) -> None:
        for document, _file in await self._keeping.documents.ids(source_id):
            await self._keeping.remove_document(document)
        async with self._store.db.write() as tx:
            await self._store.remove(tx, source_id)
        await asyncio.to_thread(self._folders.remove, source_id)
