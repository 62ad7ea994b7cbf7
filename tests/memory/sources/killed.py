"""A process that reads a folder as a source until it is killed: `python -m tests.memory.sources.killed HOME FOLDER`.
Only what reads is opened, so that it starts quickly."""

import asyncio
import sys
from contextlib import AsyncExitStack
from pathlib import Path

from talome.core.clock import now_ms
from talome.core.db import Database
from talome.core.events import Events
from talome.core.jobs.service import Jobs
from talome.core.jobs.store import JobsStore
from talome.core.migrations import find_migrations
from talome.core.secrets import Secrets
from talome.core.settings.service import Settings
from talome.core.settings.store import SettingsStore
from talome.engines.git import Git
from talome.memory.index import service as index_service
from talome.memory.index.embedding import Embedding
from talome.memory.index.service import Index
from talome.memory.sources.folders import SourceFolders
from talome.memory.sources.ingest import Ingest
from talome.memory.sources.keeping import Keeping
from talome.memory.sources.store import DocumentsStore, SourceRow, SourcesStore

WHOLE_DOCUMENTS = 20


async def main(home: Path, folder: str) -> None:
    events = Events()
    async with AsyncExitStack() as stack:
        db, memory = Database(home / "talome.db", events), Database(home / "memory.db", events)
        for one, packages in (
            (db, ("talome.core.settings", "talome.core.jobs")),
            (memory, ("talome.memory.index", "talome.memory.sources")),
        ):
            stack.push_async_callback(one.close)
            await one.open(find_migrations(*packages))
        settings = Settings(SettingsStore(db), Secrets(b"\x5e" * 32), index_service.SETTINGS)
        await settings.load()
        index = Index(memory, Embedding(settings, None))
        await index.open()
        stack.push_async_callback(index.close)
        jobs, store = Jobs(JobsStore(db)), SourcesStore(memory)
        stack.push_async_callback(jobs.stop)
        keeping = Keeping(store, DocumentsStore(memory), index)
        ingest = Ingest(store, keeping, SourceFolders(home), jobs, Git())
        now = now_ms()
        row = SourceRow(
            id="src_" + "0" * 26, space="u:usr_ada", kind="folder", title="", origin=folder, branch="", type="",
            external_source=None, external_id=None, sha256="", reader=0, size_bytes=0, state="waiting", stage=None,
            done=None, total=None, problem=None, problems="[]", job_id=None, watched=0, allow_private=0, etag="",
            last_modified="", added_by="ada", created_at=now, updated_at=now, read_at=None,
        )  # fmt: skip
        async with memory.write() as tx:
            await store.add(tx, row)
        await ingest.start(row)
        while (await store.counts([row.id])).get(row.id, (0, 0))[0] < WHOLE_DOCUMENTS:
            await asyncio.sleep(0.005)
        print(row.id, flush=True)
        await asyncio.sleep(60)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
