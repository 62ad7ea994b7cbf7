"""Webhooks over a real file and a real receiver, with delays of milliseconds."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from talome.core.db import Database
from talome.core.events import Events
from talome.core.migrations import find_migrations
from talome.core.operations import Caller
from talome.core.secrets import Secrets
from talome.core.settings.service import Settings
from talome.core.settings.store import SettingsStore
from talome.memory.webhooks.addresses import HOSTS, SETTINGS
from talome.memory.webhooks.models import EventName, NewWebhook, OutboxFilled
from talome.memory.webhooks.outbox import Outbox
from talome.memory.webhooks.sender import Pace, WebhookSender
from talome.memory.webhooks.service import Webhooks
from talome.memory.webhooks.store import Stores
from tests.memory.webhooks.receiver import Receiver

ADA = Caller("usr_ada", "ada", "user", frozenset({"memory:*"}))
BEN = Caller("usr_ben", "ben", "user", frozenset({"memory:*"}))
QUICK = Pace((0.02, 0.03, 0.04, 0.05))


@dataclass
class Ground:
    db: Database
    settings: Settings
    outbox: Outbox
    sender: WebhookSender
    webhooks: Webhooks
    spaces: dict[str, frozenset[str]] = field(default_factory=dict)

    async def happen(self, *ids: str, event: EventName = "memory.stored", space: str = "u:usr_ada") -> None:
        async with self.db.write() as tx:
            for id in ids:
                await self.outbox.add(tx, space, event, {"memoryId": id, "tags": ["a"], "importance": "high"})

    async def add(self, url: str, *events: EventName, caller: Caller = ADA) -> NewWebhook:
        return await self.webhooks.add(caller, url, list(events) or ["memory.stored"], None)


@asynccontextmanager
async def open_ground(home: Path, pace: Pace = QUICK, hosts: str = "127.0.0.1") -> AsyncIterator[Ground]:
    events = Events()
    db = Database(home / "memory.db", events)
    await db.open(find_migrations("talome.core.settings", "talome.memory.webhooks"))
    settings = Settings(SettingsStore(db), Secrets(b"\x5e" * 32), SETTINGS)
    await settings.load()
    await settings.update({HOSTS: hosts}, by="ada")
    stores = Stores(db)
    outbox = Outbox(stores.outbox)
    await outbox.load()
    spaces = {"usr_ada": frozenset({"u:usr_ada", "house"}), "usr_ben": frozenset({"u:usr_ben", "house"})}

    async def readable(user_id: str, workspace: str | None) -> frozenset[str]:
        return frozenset({f"w:{workspace}"}) if workspace else spaces.get(user_id, frozenset())

    sender = WebhookSender(stores, Secrets(b"\x5e" * 32), settings, readable, pace)
    events.on(OutboxFilled, lambda _: sender.wake())
    webhooks = Webhooks(stores, Secrets(b"\x5e" * 32), settings, outbox, sender)
    try:
        async with sender:
            yield Ground(db, settings, outbox, sender, webhooks, spaces)
            assert sender.running
    finally:
        await events.stop()
        await db.close()


@pytest.fixture
async def ground(tmp_path: Path) -> AsyncIterator[Ground]:
    async with open_ground(tmp_path) as opened:
        yield opened


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    made = Receiver()
    yield made
    if made.hold is not None:
        made.hold.set()
    await made.stop()
