"""The outbox: what a feature writes in its own transaction, so that a change and the news of it are kept together."""

from collections.abc import Mapping
from typing import Any

import orjson

from talome.core import ids
from talome.core.clock import now_ms
from talome.core.db import Transaction
from talome.memory.webhooks.models import EventName, OutboxFilled
from talome.memory.webhooks.store import EventRow, OutboxStore


class Outbox:
    """`add` costs nothing as long as no webhook wants such events."""

    def __init__(self, store: OutboxStore) -> None:
        self._store = store
        self._wanted: frozenset[str] = frozenset()

    async def load(self) -> None:
        """Learn which events are wanted; again whenever a webhook came or went."""
        self._wanted = frozenset(await self._store.wanted())

    async def add(self, tx: Transaction, space: str, event: EventName, data: Mapping[str, Any]) -> None:
        """Have this told to every webhook that wants it and whose owner may read the space, once `tx` is committed.
        `data` is what the receiver sees: ids, tags and numbers, no text of a note."""
        if event not in self._wanted:
            return
        row = EventRow(ids.new_id("evt"), space, event, orjson.dumps(data).decode(), now_ms())
        await self._store.add_event(tx, row)
        tx.emit(OutboxFilled())
