"""Puts the search together."""

from contextlib import AsyncExitStack
from typing import Final

from talome.core.db import Database
from talome.core.kernel import Kernel
from talome.core.migrations import find_migrations
from talome.core.settings.service import Setting
from talome.home.files.models import RootsChanged
from talome.home.files.service import Roots
from talome.home.search import indexer
from talome.home.search.api import SearchApi
from talome.home.search.finders import FilesFinder, SettingsFinder
from talome.home.search.index import FileIndex
from talome.home.search.indexer import Indexer
from talome.home.search.service import Finder, Search
from talome.home.search.state import IndexState
from talome.home.search.store import TreeStore, WordsStore

SETTINGS: Final[tuple[Setting, ...]] = indexer.SETTINGS


async def open_search(stack: AsyncExitStack, kernel: Kernel, roots: Roots, *finders: Finder) -> Search:
    """The search over settings, the files of these roots, and whatever the further finders find."""
    db = Database(kernel.settings.home / "search.db", kernel.events, durable=False, readers=1)
    stack.push_async_callback(db.close)
    await db.open(find_migrations("talome.home.search"))
    kept_up = Indexer(TreeStore(db), roots, kernel.user_settings, kernel.settings.home)
    await stack.enter_async_context(kept_up)
    kernel.events.on(RootsChanged, kept_up.look_again)
    search = Search()
    search.add(*finders, SettingsFinder(kernel.user_settings), FilesFinder(FileIndex(WordsStore(db)), kept_up, roots))
    kernel.registry.add(SearchApi(search, IndexState(kept_up)))
    return search
