"""Notices rights that another process changed, which is the offline password reset."""

import asyncio
import logging
import sqlite3
from typing import Final

from talome.accounts.users.service import RightsChanged
from talome.accounts.users.store import UsersStore
from talome.core.errors import TalomeError
from talome.core.events import Events

_EVERY_S: Final = 0.5
_log = logging.getLogger(__name__)


class RightsWatch:
    """Compares the common revision twice a second and publishes `RightsChanged(None)` when it moved."""

    def __init__(self, store: UsersStore, events: Events) -> None:
        self._store = store
        self._events = events
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(self._watch(await self._store.revision()))

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _watch(self, known: int) -> None:
        while True:
            await asyncio.sleep(_EVERY_S)
            try:
                revision = await self._store.revision()
            except (TalomeError, sqlite3.Error) as error:
                _log.warning("The revision of rights cannot be read: %s", error)
                continue
            if revision != known:
                known = revision
                self._events.publish(RightsChanged(None))
