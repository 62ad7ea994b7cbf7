"""Makes vectors of what has none: of new items where the model takes its time, of all when another model was chosen.

A new model is filled beside the current one, which answers until the new one has seen everything; then one transaction
switches over. So a search never compares vectors of two models, and a restart in between goes on where it was.
"""

import asyncio
import logging
from collections.abc import Iterable
from typing import Final

from talome.core.background import Background
from talome.core.db import Database
from talome.core.errors import TalomeError
from talome.core.events import Events
from talome.core.settings.service import SettingsChanged
from talome.memory.index.embedding import EMBEDDER, MODEL, REMOTE, Embedding
from talome.memory.index.naming import Name
from talome.memory.index.service import Index, text_of
from talome.memory.index.store import IndexStore, ModelRow, ModelStore

_BATCH: Final = 64
_AGAIN_S: Final = 60.0
_log = logging.getLogger(__name__)


class Growing(Background):
    def __init__(self, db: Database, events: Events, index: Index, embedding: Embedding) -> None:
        self._db = db
        self._store = ModelStore()
        self._items = IndexStore()
        self._index = index
        self._embedding = embedding
        self._target: ModelRow | None = None
        events.on(SettingsChanged, self._chosen_anew)

    async def settle(self) -> None:
        """Find out which model is wanted; what is not to be filled first is switched to at once."""
        wanted = await self._embedding.wanted()
        target: ModelRow | None
        async with self._db.write() as tx:
            current, _ = await self._store.models(tx)
            if wanted is None and self._embedding.elsewhere and current is not None:
                target = current  # who was chosen does not answer now: what is there stays until then
            elif wanted is None:
                await self._store.switch(tx, None)
                target = current = None
            elif current is not None and (current.name, current.dimensions) == wanted:
                target = current
                await self._store.switch(tx, current.number)
            else:
                target = await self._store.add_model(tx, *wanted)
        self._index.current, self._target = current, target
        await self._switch_if_complete()
        self._index.grew.set()

    async def _chosen_anew(self, event: SettingsChanged) -> None:
        if event.keys & {EMBEDDER, MODEL}:
            await self.settle()

    async def _work(self) -> None:
        while True:
            try:
                more = await self._grow()
            except TalomeError as error:
                _log.warning("The memory makes vectors later: %s", error)
                more = False
            if more:
                await asyncio.sleep(0)
                continue
            self._index.grew.clear()
            try:
                await asyncio.wait_for(self._index.grew.wait(), _AGAIN_S)
            except TimeoutError:
                if self._embedding.elsewhere:
                    await self.settle()

    async def _grow(self) -> bool:
        """One batch. Whether there may be more."""
        target = self._target
        if target is None:
            return False
        rows = await self._store.without_vector(self._db, target.number, _BATCH)
        if rows:
            vectors = await self._embedding.vectors(target, await self._texts(rows, target))
            if vectors is None:
                return False
            async with self._db.write() as tx:
                found = [(row[0], row[3], vector) for row, vector in zip(rows, vectors, strict=True)]
                await self._store.add_vectors(tx, found)
            return True
        await self._switch_if_complete()
        return False

    async def _texts(self, rows: Iterable[tuple[int, str, str, str]], target: ModelRow) -> list[str]:
        """Names are left out, but for a model elsewhere, whose queries have theirs too."""
        names: dict[str, list[Name]] = {}
        texts = []
        for _, space, title, body in rows:
            if space not in names:
                told = [] if target.name.startswith(REMOTE) else await self._items.names(self._db, space)
                names[space] = [Name(entity, name) for entity, name in told]
            texts.append(text_of(title, body, names[space]))
        return texts

    async def _switch_if_complete(self) -> None:
        target = self._target
        if target is None or target == self._index.current:
            return
        async with self._db.write() as tx:
            if await self._store.without_vector(tx, target.number, 1):
                return
            await self._store.switch(tx, target.number)
        self._index.current = target
