"""Puts the vault together."""

from dataclasses import dataclass

from talome.core.db import Database
from talome.core.kernel import Kernel
from talome.memory.index.service import Index
from talome.memory.spaces import Spaces
from talome.memory.vault.api import MemoryHistoryApi, MemoryNotesApi, MemoryReviewApi
from talome.memory.vault.authors import Authors
from talome.memory.vault.findings.store import FindingsStore
from talome.memory.vault.history import History
from talome.memory.vault.models import News
from talome.memory.vault.purge import Exists, Purge
from talome.memory.vault.review import Reviews
from talome.memory.vault.service import Notes, Vault
from talome.memory.vault.store import PurgeStore, VaultStore
from talome.memory.vault.writing import Writing


@dataclass(frozen=True, slots=True)
class Opened:
    """`notes` for the features that write beside the vault, `vault` for callers. `purge` begins when all that keep
    something of notes have said so."""

    notes: Notes
    vault: Vault
    history: History
    purge: Purge


async def open_vault(
    kernel: Kernel, db: Database, spaces: Spaces, index: Index, news: News, *, exists: Exists
) -> Opened:
    """Answer what is asked of the notes."""
    findings, ends = FindingsStore(db), PurgeStore(db)
    async with db.write() as tx:
        await ends.overwrite(tx)
    writing = Writing(VaultStore(db), findings, index, news)
    notes = Notes(writing, Authors(kernel.user_settings), spaces, index)
    vault, history = Vault(notes), History(notes)
    kernel.registry.add(
        MemoryNotesApi(vault), MemoryHistoryApi(history), MemoryReviewApi(vault, Reviews(notes, findings))
    )
    return Opened(notes, vault, history, Purge(ends, notes, exists))
