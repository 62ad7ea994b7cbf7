"""An index over a database of its own, as the tests want it: by words alone, or with a model that is installed."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from talome.core.db import Database
from talome.core.events import Events
from talome.core.migrations import find_migrations
from talome.core.secrets import Secrets
from talome.core.settings.service import Settings
from talome.core.settings.store import SettingsStore
from talome.memory.index.embedding import EMBEDDER, SETTINGS, Embedding
from talome.memory.index.growing import Growing
from talome.memory.index.models import Hit, Item, Query, RemoteEmbedder
from talome.memory.index.service import Index

HOUSE = frozenset({"house"})
TABLE = "wordllama-256"


@dataclass
class Ground:
    db: Database
    index: Index
    growing: Growing
    settings: Settings

    async def put(self, *items: Item) -> None:
        async with self.db.write() as tx:
            await self.index.put(tx, items)

    async def remove(self, *ids: str) -> None:
        async with self.db.write() as tx:
            await self.index.remove(tx, ids)

    async def ids(self, text: str, spaces: Iterable[str] = HOUSE, limit: int = 10) -> list[str]:
        return [hit.id for hit in await self.hits(text, spaces, limit)]

    async def hits(self, text: str, spaces: Iterable[str] = HOUSE, limit: int = 10) -> list[Hit]:
        return await self.index.search(Query(frozenset(spaces), text, limit))

    async def grow(self) -> None:
        """All vectors that are missing, as the background makes them."""
        while await self.growing._grow():
            pass


@asynccontextmanager
async def opened(folder: Path, model: str = "none", remote: RemoteEmbedder | None = None) -> AsyncIterator[Ground]:
    events = Events()
    db = Database(folder / "memory.db", events)
    await db.open(find_migrations("talome.memory.index"))
    boot = Database(folder / "settings.db", events)
    await boot.open(find_migrations("talome.core.settings"))
    settings = Settings(SettingsStore(boot), Secrets(bytes(32)), SETTINGS)
    await settings.load()
    await settings.update({EMBEDDER: model}, by="test")
    embedding = Embedding(settings, remote)
    index = Index(db, embedding)
    await index.open()
    growing = Growing(db, events, index, embedding)
    await growing.settle()
    try:
        yield Ground(db, index, growing, settings)
    finally:
        await index.close()
        await db.close()
        await boot.close()
        await events.stop()


def note(id: str, body: str, space: str = "house", **more: object) -> Item:
    return Item(id=id, kind="note", space=space, body=body, **more)  # type: ignore[arg-type]  # named as the fields are
