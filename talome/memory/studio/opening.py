"""Puts Docs Studio together."""

from dataclasses import dataclass

from talome.core.db import Database
from talome.core.http.server import HttpServer
from talome.core.kernel import Kernel
from talome.memory.sources.service import Sources
from talome.memory.spaces import Spaces
from talome.memory.studio.api import StudioApi
from talome.memory.studio.files import StudioFiles
from talome.memory.studio.http import StudioFile
from talome.memory.studio.models import Writer
from talome.memory.studio.service import Studio
from talome.memory.studio.store import StudioStore
from talome.memory.studio.writing import Writing


@dataclass(frozen=True, slots=True)
class OpenedStudio:
    """`store` ends what people left behind."""

    store: StudioStore
    file: StudioFile

    def add_to(self, server: HttpServer) -> None:
        server.add_route("GET", "/v1/memory/studio/{id}/file", self.file.handle)


async def open_studio(kernel: Kernel, db: Database, sources: Sources, spaces: Spaces, writer: Writer) -> OpenedStudio:
    """`writer` is the gateway."""
    store, files = StudioStore(db), StudioFiles(kernel.settings.home)
    writing = Writing(store, files, sources, kernel.jobs, writer)
    studio = Studio(store, files, writing, writer, spaces)
    await studio.start()
    kernel.registry.add(StudioApi(studio))
    return OpenedStudio(store, StudioFile(kernel.registry))
