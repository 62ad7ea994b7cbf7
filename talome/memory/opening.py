"""Puts the memory together. Read top to bottom, it is the order of start."""

from contextlib import AsyncExitStack
from dataclasses import dataclass

from talome.accounts.opening import Accounts
from talome.core.db import Database
from talome.core.http.server import HttpServer
from talome.core.kernel import Kernel
from talome.core.migrations import find_migrations
from talome.core.settings.service import Setting
from talome.memory.batch.api import MemoryBatchApi
from talome.memory.batch.service import Batches
from talome.memory.faces.api import MemoriesApi, SpineApi
from talome.memory.faces.service import AiMemories, Spine
from talome.memory.graph.api import MemoryEntitiesApi, MemoryEventsApi, MemoryLinksApi
from talome.memory.graph.opening import open_graph
from talome.memory.index import service as index_service
from talome.memory.index.models import RemoteEmbedder
from talome.memory.index.opening import open_index
from talome.memory.owners import Owners
from talome.memory.packs.api import ContextPacksApi
from talome.memory.packs.opening import open_packs
from talome.memory.packs.service import Packs
from talome.memory.sources.api import SourcesApi
from talome.memory.sources.opening import OpenedSources, open_sources
from talome.memory.spaces import HOUSE, Spaces
from talome.memory.studio.api import StudioApi
from talome.memory.studio.models import Writer
from talome.memory.studio.opening import OpenedStudio, open_studio
from talome.memory.transfer.api import MemoryImportsApi
from talome.memory.transfer.opening import Transfer, open_transfer
from talome.memory.transfer.service import Kept
from talome.memory.vault import authors as vault_authors
from talome.memory.vault.api import MemoryHistoryApi, MemoryNotesApi, MemoryReviewApi
from talome.memory.vault.opening import open_vault
from talome.memory.vault.purge import Purge
from talome.memory.vault.service import Vault
from talome.memory.webhooks import addresses as webhooks_addresses
from talome.memory.webhooks.api import WebhooksApi
from talome.memory.webhooks.opening import open_webhooks

MIGRATED: tuple[str, ...] = ()
KEPT_APART: tuple[str, ...] = (
    "talome.memory.webhooks",
    "talome.memory.index",
    "talome.memory.sources",
    "talome.memory.vault",
    "talome.memory.graph",
    "talome.memory.packs",
    "talome.memory.transfer",
    "talome.memory.studio",
)
"""Whose tables are in `memory.db`, so that a note, its place in the index and the news of it are one transaction."""
SETTINGS: tuple[Setting, ...] = (*webhooks_addresses.SETTINGS, *index_service.SETTINGS, *vault_authors.SETTINGS)
APIS: tuple[type, ...] = (
    WebhooksApi,
    SourcesApi,
    StudioApi,
    MemoryNotesApi,
    MemoryHistoryApi,
    MemoryReviewApi,
    MemoryEntitiesApi,
    MemoryLinksApi,
    MemoryEventsApi,
    ContextPacksApi,
    MemoryImportsApi,
    MemoryBatchApi,
    SpineApi,
    MemoriesApi,
)


@dataclass(frozen=True, slots=True)
class Memory:
    """What the server and the agents need of it."""

    spaces: Spaces
    sources: OpenedSources
    studio: OpenedStudio
    vault: Vault
    purge: Purge
    packs: Packs
    transfer: Transfer

    def add_to(self, server: HttpServer) -> None:
        """The routes that are not JSON in, JSON out."""
        self.sources.add_to(server)
        self.studio.add_to(server)
        self.transfer.add_to(server)


async def open_memory(
    stack: AsyncExitStack, kernel: Kernel, accounts: Accounts, writer: Writer, embedder: RemoteEmbedder | None = None
) -> Memory:
    """The file of the memory, who may read what of it, and its features. `writer` and `embedder` are the gateway."""
    db = Database(kernel.settings.home / "memory.db", kernel.events)
    stack.push_async_callback(db.close)
    await db.open(find_migrations(*KEPT_APART))
    spaces = Spaces(accounts.workspaces)
    owners = Owners(accounts.users)
    outbox = await open_webhooks(stack, kernel, db, owners, spaces)
    index = await open_index(stack, kernel, db, embedder)
    sources = await open_sources(stack, kernel, db, index, spaces)
    studio = await open_studio(kernel, db, sources.service, spaces, writer)

    async def exists(space: str) -> bool:
        owner = spaces.owner_of(space)
        return space == HOUSE or (owner is not None and await owners.exists(owner))

    opened = await open_vault(kernel, db, spaces, index, outbox, exists=exists)
    graph = open_graph(kernel, db, opened.notes)
    opened.purge.holders += (graph, sources.leaving, studio.store)
    packs = open_packs(kernel, db, opened.notes, graph, sources.service)
    kept = Kept(opened.vault, graph, spaces, opened.history.versions)
    transfer = await open_transfer(kernel, db, kept, owners)
    kernel.registry.add(
        MemoryBatchApi(Batches(db, opened.notes, graph, packs)),
        SpineApi(Spine(opened.vault, packs)),
        MemoriesApi(AiMemories(opened.vault)),
    )
    await stack.enter_async_context(opened.purge)
    return Memory(spaces, sources, studio, opened.vault, opened.purge, packs, transfer)
