"""Puts the sources together."""

from contextlib import AsyncExitStack
from dataclasses import dataclass

from talome.core.db import Database
from talome.core.http.server import HttpServer
from talome.core.kernel import Kernel
from talome.core.operations import Registry
from talome.engines.git import Git
from talome.memory.index.service import Index
from talome.memory.sources.api import SourcesApi
from talome.memory.sources.folders import SourceFolders
from talome.memory.sources.http import SourceFiles
from talome.memory.sources.ingest import Ingest
from talome.memory.sources.intake import Intake
from talome.memory.sources.keeping import Keeping
from talome.memory.sources.leaving import Leaving
from talome.memory.sources.service import Making, Sources
from talome.memory.sources.store import DocumentsStore, SourcesStore
from talome.memory.sources.watching import FolderWatch
from talome.memory.spaces import Spaces


@dataclass(frozen=True, slots=True)
class OpenedSources:
    """`service` is what other features may use; `leaving` ends what people left behind."""

    service: Sources
    watch: FolderWatch
    leaving: Leaving
    intake: Intake
    folders: SourceFolders
    registry: Registry

    def add_to(self, server: HttpServer) -> None:
        files = SourceFiles(self.registry, self.service, self.intake, self.folders, connections=server.connections)
        server.add_route("POST", "/v1/memory/sources/upload", files.upload)
        server.add_route("GET", "/v1/memory/sources/{id}/original", files.original)


async def open_sources(
    stack: AsyncExitStack, kernel: Kernel, db: Database, index: Index, spaces: Spaces
) -> OpenedSources:
    """Finish what a crash left, begin to look at watched folders, and answer what is asked of the sources."""
    store, folders = SourcesStore(db), SourceFolders(kernel.settings.home)
    documents = DocumentsStore(db)
    keeping = Keeping(store, documents, index)
    ingest = Ingest(store, keeping, folders, kernel.jobs, Git())
    intake = Intake(store, folders, ingest, spaces)
    leaving = Leaving(store, keeping, folders)
    sources = Sources(store, documents, index, spaces, Making(intake, ingest, leaving, folders))
    await sources.start()
    watch = await stack.enter_async_context(FolderWatch(store, ingest, leaving))
    kernel.registry.add(SourcesApi(sources))
    return OpenedSources(sources, watch, leaving, intake, folders, kernel.registry)
