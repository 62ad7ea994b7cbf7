"""Puts the index together."""

from contextlib import AsyncExitStack

from talome.core.db import Database
from talome.core.kernel import Kernel
from talome.memory.index.embedding import Embedding
from talome.memory.index.growing import Growing
from talome.memory.index.models import RemoteEmbedder
from talome.memory.index.service import Index


async def open_index(
    stack: AsyncExitStack, kernel: Kernel, db: Database, remote: RemoteEmbedder | None = None
) -> Index:
    """Over tables of a database that is open. `remote` answers where the household chose a model of the gateway."""
    embedding = Embedding(kernel.user_settings, remote)
    index = Index(db, embedding)
    await index.open()
    stack.push_async_callback(index.close)
    growing = Growing(db, kernel.events, index, embedding)
    await growing.settle()
    await stack.enter_async_context(growing)
    return index
