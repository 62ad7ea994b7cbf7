"""Looks after the endpoints: writes down what happened to them, and asks those again that were not for a while."""

import asyncio
import logging
from typing import Final

from talome.core.background import Background
from talome.core.clock import now_ms
from talome.core.errors import TalomeError
from talome.gateway.providers.breaker import Breaker
from talome.gateway.providers.keys import ProviderKeys
from talome.gateway.providers.local import LocalEndpoints
from talome.gateway.providers.store import ProvidersStore

_EVERY_S: Final = 5.0
_log = logging.getLogger(__name__)


class ProviderWatch(Background):
    """One loop for both. What was not written at the end is written on leaving."""

    def __init__(self, breaker: Breaker, store: ProvidersStore, keys: ProviderKeys, endpoints: LocalEndpoints) -> None:
        self._breaker = breaker
        self._store = store
        self._keys = keys
        self._endpoints = endpoints

    async def write_notes(self) -> None:
        """One transaction for all. What cannot be written now is kept for the next time."""
        notes = self._breaker.take_notes()
        if not notes:
            return
        try:
            await self._store.write_notes(notes)
        except TalomeError as error:
            _log.warning("The state of the providers was not written: %s", error)
            self._breaker.give_back(notes)
            return
        self._keys.note(notes)
        self._endpoints.note(notes)

    async def _work(self) -> None:
        while True:
            try:
                await self.write_notes()
                await self._endpoints.check_due(now_ms())
            except TalomeError as error:
                _log.warning("Local endpoints were not checked: %s", error)
            await asyncio.sleep(_EVERY_S)

    async def _close(self) -> None:
        await self.write_notes()
