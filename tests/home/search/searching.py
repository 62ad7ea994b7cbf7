"""An index over real folders, kept up by a real indexer."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from talome.core.db import Database
from talome.core.events import Events
from talome.core.migrations import find_migrations
from talome.core.secrets import Secrets
from talome.core.settings.service import Settings
from talome.core.settings.store import SettingsStore
from talome.home.search import indexer
from talome.home.search.index import FileIndex, FoundFile
from talome.home.search.indexer import Indexer, SearchedRoot
from talome.home.search.store import TreeStore, WordsStore
from talome.home.search.wanted import Wanted


@dataclass(frozen=True)
class Folder:
    """A root."""

    id: str
    name: str
    folder: str

    @property
    def path(self) -> Path:
        return Path(self.folder)


@dataclass
class Shelf:
    """Roots that a test may change while they are searched."""

    roots: list[SearchedRoot] = field(default_factory=list)

    def all(self) -> Sequence[SearchedRoot]:
        return self.roots


@dataclass
class Searching:
    store: TreeStore
    indexer: Indexer
    index: FileIndex
    settings: Settings
    shelf: Shelf

    async def find(self, typed: str, roots: Sequence[str] | None = None, limit: int = 50) -> list[FoundFile]:
        ids = frozenset(root.id for root in self.shelf.roots) if roots is None else frozenset(roots)
        return await self.index.find(Wanted.of(typed), self.indexer.numbers(ids), limit)

    async def names(self, typed: str, roots: Sequence[str] | None = None) -> list[str]:
        return [file.name for file in await self.find(typed, roots)]

    async def walked(self, patience_s: float = 30) -> None:
        """Until every root has been walked to its end and nothing waits."""
        await until(lambda: self.indexer.rows and not self.indexer.busy, patience_s)

    async def finds(self, typed: str, *wanted: str) -> None:
        """Until the words find just these names."""
        async with asyncio.timeout(15):
            while (found := sorted(await self.names(typed))) != sorted(wanted):
                await asyncio.sleep(0.02)
        assert found == sorted(wanted)


async def until(done: Callable[[], Any], patience_s: float = 30) -> None:
    async with asyncio.timeout(patience_s):
        while not done():
            await asyncio.sleep(0.01)


@asynccontextmanager
async def searching(home: Path, *roots: SearchedRoot, **settings: Any) -> AsyncIterator[Searching]:
    home.mkdir(exist_ok=True)
    events = Events()
    state, db = Database(home / "state.db", events), Database(home / "search.db", events, durable=False, readers=1)
    await state.open(find_migrations("talome.core.settings"))
    await db.open(find_migrations("talome.home.search"))
    chosen = Settings(SettingsStore(state), Secrets(b"x" * 32), indexer.SETTINGS)
    await chosen.load()
    await chosen.update(settings, by="test")
    shelf, store = Shelf(list(roots)), TreeStore(db)
    try:
        async with Indexer(store, shelf, chosen, home, pace=0.0) as running:
            yield Searching(store, running, FileIndex(WordsStore(db)), chosen, shelf)
            assert running.running, "the indexer broke off"
    finally:
        await db.close()
        await state.close()
        await events.stop()


def root(path: Path, id: str = "media") -> Folder:
    path.mkdir(parents=True, exist_ok=True)
    return Folder(id, id.title(), str(path))


def put(folder: Path, *names: str, text: str = "x") -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
