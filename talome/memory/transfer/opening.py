"""Puts export and import together."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from talome.core.db import Database
from talome.core.http.server import HttpServer
from talome.core.kernel import Kernel
from talome.core.operations import Registry
from talome.memory.owners import Owners
from talome.memory.transfer.api import MemoryImportsApi
from talome.memory.transfer.exporting import Exporting
from talome.memory.transfer.http import MemoryExport, MemoryImportUpload
from talome.memory.transfer.service import Kept, MemoryImports
from talome.memory.transfer.store import ImportsStore


@dataclass(frozen=True, slots=True)
class Transfer:
    """The two routes that carry files."""

    registry: Registry
    exporting: Exporting
    imports: MemoryImports

    def add_to(self, server: HttpServer) -> None:
        export = MemoryExport(self.registry, self.exporting, self.imports, server.connections)
        server.add_route("GET", "/v1/memory/export", export.handle)
        server.add_route("POST", "/v1/memory/imports/upload", MemoryImportUpload(self.registry, self.imports).handle)


async def open_transfer(kernel: Kernel, db: Database, kept: Kept, owners: Owners) -> Transfer:
    """Answer what is asked of it; imports that a stop broke off begin again, when the jobs do."""
    folder = kernel.settings.home / "memory" / "imports"
    await asyncio.to_thread(_forget_halves, folder)
    imports = MemoryImports(ImportsStore(db), kernel.jobs, kept, folder, owners.caller)
    kernel.registry.add(MemoryImportsApi(imports))
    return Transfer(kernel.registry, Exporting(kept.vault, kept.graph, kept.versions), imports)


def _forget_halves(folder: Path) -> None:
    """What was on its way in or out when the server stopped."""
    for path in folder.glob("upl_*"):
        path.unlink(missing_ok=True)
