"""The end of forgotten notes, of the time that notes were said to be valid for, and of what people left behind."""

import asyncio
import logging
import sqlite3
from collections.abc import Awaitable, Callable, Collection
from typing import Final, Protocol

from talome.core.background import Background
from talome.core.clock import now_ms
from talome.core.db import Transaction
from talome.core.errors import TalomeError
from talome.memory.vault.models import KEPT_DAYS
from talome.memory.vault.service import Notes
from talome.memory.vault.store import PurgeStore

_EVERY_S: Final = 3600.0
_AT_ONCE: Final = 200
_log = logging.getLogger(__name__)


Exists = Callable[[str], Awaitable[bool]]
"""Whether a space still has somebody whose it is."""


class Holder(Protocol):
    """What else is kept in spaces."""

    async def spaces(self, tx: Transaction) -> set[str]: ...

    async def leave(self, tx: Transaction, spaces: Collection[str]) -> None: ...


class Purge(Background):
    """Looks every hour; a note goes within the hour that its 30 days are over."""

    def __init__(self, store: PurgeStore, notes: Notes, exists: Exists) -> None:
        self._store = store
        self._notes = notes
        self._exists = exists
        self.db = store.db
        self.holders: list[Holder] = []

    async def _work(self) -> None:
        while True:
            try:
                await self.run()
            except (TalomeError, sqlite3.Error):  # such as a full disk: in an hour it may have room
                _log.exception("The purge of forgotten notes broke off")
            await asyncio.sleep(_EVERY_S)

    async def run(self) -> int:
        """Do what is due; returns how many notes went for good."""
        gone, left = 0, await self._left_behind()
        while ids := await self._some(left):
            gone += ids
        if gone:
            await self._notes.reader.settle()
        while await self._expire() == _AT_ONCE:
            pass
        return gone

    async def _left_behind(self) -> list[str]:
        """Spaces of people who are gone for 30 days: what is kept there beside notes goes at once."""
        async with self.db.write() as tx:
            known = await self._store.spaces(tx)
            for holder in self.holders:
                known |= await holder.spaces(tx)
        gone = [space for space in sorted(known) if not await self._exists(space)]
        at = now_ms()
        async with self.db.write() as tx:
            left = await self._store.left(tx, gone, at, at - KEPT_DAYS * 86_400_000)
            for holder in self.holders if left else ():
                await holder.leave(tx, left)
        return left

    async def _some(self, left: list[str]) -> int:
        async with self.db.write() as tx:
            ids = await self._store.overdue(tx, now_ms(), left, _AT_ONCE)
            if ids:
                for end in self._notes.ends:
                    await end(tx, ids)
                await self._notes.index.remove(tx, ids)
                await self._store.purge(tx, ids)
                await self._notes.index.tidy(tx)
        return len(ids)

    async def _expire(self) -> int:
        """What was valid until now counts as history."""
        async with self.db.write() as tx:
            ids = await self._store.expired(tx, now_ms(), _AT_ONCE)
            for note_id in ids:
                row = await self._notes.store.find(tx, note_id)
                if row is not None:
                    await self._notes.writing.expire(tx, row)
        return len(ids)
