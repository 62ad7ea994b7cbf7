"""Looks at watched folders now and then, and has those read again that changed. A look is a walk over names, sizes and
times; nothing is opened, and where too much is in a folder it ends early. It also ends sources that are to go."""

import asyncio
import logging
from contextlib import suppress
from pathlib import Path
from typing import Final

from talome.core.background import Background
from talome.core.errors import TalomeError
from talome.memory.sources.ingest import Ingest
from talome.memory.sources.leaving import Leaving
from talome.memory.sources.picking import fingerprint, pick
from talome.memory.sources.store import SourceRow, SourcesStore

LOOK_EVERY_S: Final = 600.0
_log = logging.getLogger(__name__)


class FolderWatch(Background):
    def __init__(self, store: SourcesStore, ingest: Ingest, leaving: Leaving, every_s: float = LOOK_EVERY_S) -> None:
        self._store = store
        self._ingest = ingest
        self._leaving = leaving
        self._every_s = every_s

    async def _work(self) -> None:
        while True:
            await asyncio.sleep(self._every_s)
            await self.look()

    async def look(self) -> None:
        await self._leaving.finish()
        for source in await self._store.watched():
            try:
                if await self._changed(source):
                    async with self._ingest.changing:
                        with suppress(TalomeError):  # it went, or is being read, since the list was made
                            await self._ingest.start(source)
            except (OSError, TalomeError) as error:
                _log.info("A watched folder cannot be looked at: %s", error)

    async def _changed(self, source: SourceRow) -> bool:
        return fingerprint(await asyncio.to_thread(pick, Path(source.origin))) != source.sha256
