"""The sync of a store, as a job: fetch into a fresh folder, read what changed, swap the catalog in one transaction,
tidy up. Whatever breaks off before the swap leaves the old catalog, and what lies about is swept.
"""

import asyncio
import errno
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import orjson

from talome.core.clock import now_ms
from talome.core.errors import Conflict, NotFound, StorageFull, TalomeError, Unavailable
from talome.core.jobs.service import Job, JobKind, Jobs, Step
from talome.core.jobs.store import JobRow
from talome.core.secrets import Secrets
from talome.engines.git import Git
from talome.home.stores import folders
from talome.home.stores.catalog import Catalog
from talome.home.stores.models import CatalogChanged, StoreType
from talome.home.stores.places import FILES, Places, remove
from talome.home.stores.reading import Order, read_store
from talome.home.stores.sources import Source, Sources
from talome.home.stores.store import CatalogRow, StoreRow, StoresStore

SYNC: Final = "stores.sync"
VISIBLE_TO: Final = "stores:read"
TOKEN_PURPOSE: Final = "stores"  # noqa: S105 - names what the key is for, and is none
_TOGETHER: Final = 2
_TWICE: Final = "Another folder of this store has an app of the same name, which is the one offered."
_NOT_READ: Final = "Nothing in this folder could be read as an app."
_OUR_FAULT: Final = "Talome made a mistake here. The log has the details."
_MOST_NOTES: Final = 20
_APPS_FILE: Final = "apps.jsonl"
_HASHES_FILE: Final = "hashes.json"
_VIEW: Final = "view"


class StoreSync:
    """Registers the job; `start` it for a store."""

    def __init__(
        self, store: StoresStore, jobs: Jobs, places: Places, catalog: Catalog, *, secrets: Secrets, git: Git
    ) -> None:
        self._store = store
        self._jobs = jobs
        self._places = places
        self._catalog = catalog
        self._secrets = secrets
        self._sources = Sources(git)
        self._slots = asyncio.Semaphore(_TOGETHER)
        self._running: dict[str, str] = {}
        steps = {
            "stores.fetch": Step(self._fetch, self._forget),
            "stores.read": Step(self._read),
            "stores.keep": Step(self._keep),
            "stores.tidy": Step(self._tidy),
        }
        jobs.register(SYNC, JobKind(run=self._run, steps=steps, interrupted="undo"))

    async def start(self, row: StoreRow, by: str) -> JobRow:
        """Start a sync, or show the one that goes on."""
        if job := await self._goes_on(row.id):
            return job
        job = await self._jobs.start(
            SYNC, f"Sync the store {row.name}", {"store": row.id}, scope=VISIBLE_TO, by=by, subject=f"store:{row.id}"
        )
        self._running[row.id] = job.id
        return job

    async def sync_now(self, row: StoreRow, by: str) -> None:
        """Sync and wait for the end. One that goes on already may have read what was there before, so it is waited for
        first. Raises `Unavailable` with the reason."""
        if before := await self._goes_on(row.id):
            await self._jobs.ended(before.id)
        job = await self._jobs.ended((await self.start(row, by)).id)
        if job.state != "done":
            raise Unavailable(f"It is kept, but the catalog could not be read anew: {job.reason}")

    async def _goes_on(self, store_id: str) -> JobRow | None:
        if (id := self._running.get(store_id)) is None:
            return None
        job = await self._jobs.get(id)
        return job if job.finished_at is None else None

    async def job_id(self, store_id: str) -> str | None:
        """Of the sync that goes on."""
        job = await self._goes_on(store_id)
        return job.id if job else None

    async def refuse_running(self, store_id: str) -> None:
        if await self._goes_on(store_id):
            raise Conflict("This store is being synced. Wait until that has ended, or cancel it.")

    async def offer(self, *changed: str) -> None:
        """Have the catalog show the stores that are switched on, and tell of those that changed."""
        rows = await self._store.all()
        await self._catalog.show([(row.id, row.name) for row in rows if row.enabled], fresh=changed)
        if changed:
            async with self._store.db.write() as tx:
                for store_id in changed:
                    tx.emit(CatalogChanged(store_id))

    # --- the job ---

    async def _run(self, job: Job, arguments: dict[str, Any]) -> None:
        store_id = arguments["store"]
        self._running[store_id] = job.row.id
        await job.progress("Waiting")
        async with self._slots:
            try:
                await self._sync(job, store_id)
            except OSError as error:
                failure = _of_the_disk(error)
                await self._note_failure(store_id, failure.message)
                raise failure from error
            except Exception as error:
                known = isinstance(error, TalomeError)
                await self._note_failure(store_id, str(error) if known else _OUR_FAULT)
                raise

    async def _note_failure(self, store_id: str, reason: str) -> None:
        async with self._store.db.write() as tx:
            await self._store.note_try(tx, store_id, now_ms(), reason)

    async def _sync(self, job: Job, store_id: str) -> None:
        sync = job.row.id
        await job.progress("Fetching", 0, 4)
        brought = await job.step("stores.fetch", store=store_id, sync=sync)
        for note in brought["notes"][:_MOST_NOTES]:
            await job.log(note)
        await job.progress("Reading", 1, 4)
        read = None
        if not brought["same"]:
            read = await job.step("stores.read", store=store_id, sync=sync, root=brought["root"], kind=brought["kind"])
        await job.progress("Swapping the catalog", 2, 4)
        kept = await job.step("stores.keep", store=store_id, sync=sync, brought=brought, read=read)
        await job.progress("Tidying up", 3, 4)
        await job.step("stores.tidy", store=store_id)
        await job.log(kept)
        await job.progress("Done", 4, 4)

    async def _fetch(self, step: dict[str, Any]) -> dict[str, Any]:
        row = await self._row(step["store"])
        place = self._places.of_sync(row.id, step["sync"])
        await asyncio.to_thread(remove, place)
        await asyncio.to_thread(place.mkdir, parents=True, mode=0o700)
        current = await asyncio.to_thread(self._places.root, row)
        kind: StoreType | None = row.kind  # type: ignore[assignment]  # kept by us, from a value of that type
        brought = await self._sources.bring(self._source(row, kind, current), place / FILES)
        if brought.folder is None and row.reading.startswith(f"{folders.readers()}:"):
            return {"same": True, "upstream": brought.upstream, "notes": brought.notes}
        folder = brought.folder or current
        if folder is None:
            raise NotFound("The files of this store are gone. Sync it again.")
        root = folder  # of our own stores, which may have no app yet
        if not row.bundled or kind is None:
            root, kind = await asyncio.to_thread(folders.find_root, folder, kind)
        base = Path(row.url) if row.bundled else self._places.folder / row.id
        return {
            "same": False,
            "upstream": brought.upstream,
            "notes": brought.notes,
            "root": str(root.relative_to(base)),
            "kind": kind,
        }

    def _source(self, row: StoreRow, kind: StoreType | None, current: Path | None) -> Source:
        token = ""
        if row.sealed is not None:
            token = self._secrets.open(row.sealed, purpose=TOKEN_PURPOSE, row=row.id)
        return Source(row.url, row.branch, kind, bool(row.bundled), row.upstream, current, token)

    async def _forget(self, step: dict[str, Any], _: object) -> None:
        row = await self._store.get(step["store"])
        if row is None or self._places.sync_of(row) != step["sync"]:
            await asyncio.to_thread(remove, self._places.of_sync(step["store"], step["sync"]))

    async def _read(self, step: dict[str, Any]) -> dict[str, Any]:
        """What changed is read into a file; the digests of all lie beside it."""
        row = await self._row(step["store"])
        kind, place = step["kind"], self._places.of_sync(row.id, step["sync"])
        root = self._root(row, step["root"])
        for name in (_VIEW, _APPS_FILE, _HASHES_FILE):
            await asyncio.to_thread(remove, place / name)
        contents = await asyncio.to_thread(folders.contents_of, root, kind)
        known = await self._store.apps.hashes(row.id) if contents.reading == row.reading else {}
        changed = {path for path, digest in contents.apps.items() if known.get(path) != digest}
        if changed or known.keys() - contents.apps.keys():  # what was in the way of the others may be another now
            changed |= await self._store.apps.unread(row.id) & contents.apps.keys()
        await asyncio.to_thread((place / _HASHES_FILE).write_bytes, orjson.dumps(dict(contents.apps)))
        if changed:
            folder = root
            if len(changed) < len(contents.apps):
                folder = place / _VIEW
                wanted = await self._wanted(row, root, kind, changed, contents.apps)
                await asyncio.to_thread(folders.make_view, root, folder, wanted)
            told = await self._store.scripts.told(row.id)
            await read_store(Order(kind, folder, row.id, row.name, place / _APPS_FILE, told))
        return {"reading": contents.reading, "changed": sorted(changed)}

    async def _wanted(
        self, row: StoreRow, root: Path, kind: StoreType, changed: set[str], apps: Mapping[str, str]
    ) -> set[str]:
        """What changed, and what the reading of it may need of the others."""
        if not folders.layout_of(kind).shared:
            return changed
        wanted = changed | set(await asyncio.to_thread(folders.with_shared, root, kind, apps.keys()))
        needed = await self._store.apps.requirements(row.id)
        waiting = list(wanted)
        while waiting:
            for path in needed.get(waiting.pop(), ()):
                if path in apps and path not in wanted:
                    wanted.add(path)
                    waiting.append(path)
        return wanted

    async def _keep(self, step: dict[str, Any]) -> str:
        """Old or new: one transaction changes all that the catalog says of the store."""
        row = await self._row(step["store"])
        brought, read = step["brought"], step["read"]
        row = row.changed(upstream=brought["upstream"], tried_at=now_ms(), synced_at=now_ms(), failure=None)
        if read is None:
            async with self._store.db.write() as tx:
                await self._store.update(tx, row)
            return "Nothing is new."
        place = self._places.of_sync(row.id, step["sync"])
        hashes, fresh = await asyncio.to_thread(_results, place, set(read["changed"]))
        gone = (await self._store.apps.hashes(row.id)).keys() - hashes.keys()
        row = row.changed(folder=brought["root"], kind=brought["kind"], reading=read["reading"])
        async with self._store.db.write() as tx:
            await self._store.apps.delete(tx, row.id, gone)
            await self._store.apps.put(tx, row.id, fresh)
            await self._store.apps.tell_doubles(tx, row.id, _TWICE)
            await self._store.update(tx, row)
        if fresh or gone:
            await self.offer(row.id)
        unread = sum(1 for app in fresh if app.reason is not None)
        return f"{len(hashes)} apps: {len(fresh)} read, {len(gone)} gone, {unread} that cannot be read."

    async def _tidy(self, step: dict[str, Any]) -> None:
        row = await self._row(step["store"])
        await asyncio.to_thread(self._places.sweep_store, row.id, self._places.sync_of(row))

    def _root(self, row: StoreRow, root: str) -> Path:
        return (Path(row.url) if row.bundled else self._places.folder / row.id) / root

    async def _row(self, store_id: str) -> StoreRow:
        row = await self._store.get(store_id)
        if row is None:
            raise NotFound("There is no such store any more.")
        return row


def _of_the_disk(error: OSError) -> TalomeError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return StorageFull("The disk is full, so the store could not be fetched. Free some space and try again.")
    return Unavailable(f"The store's files cannot be read or written: {error.strerror or type(error).__name__}.")


def _results(place: Path, changed: set[str]) -> tuple[dict[str, str], list[CatalogRow]]:
    """The digests of all apps, and what was read from those that changed."""
    hashes: dict[str, str] = orjson.loads((place / _HASHES_FILE).read_bytes())
    by_name = {path.rpartition("/")[2]: path for path in hashes}
    rows: dict[str, CatalogRow] = {}
    if changed:
        for line in (place / _APPS_FILE).read_bytes().splitlines():
            told = orjson.loads(line)
            path = told["path"] if told["path"] in hashes else by_name.get(told["path"].rpartition("/")[2], "")
            if path in changed and path not in rows:
                summary = orjson.dumps(told["summary"]).decode() if "summary" in told else None
                rows[path] = CatalogRow(
                    path, hashes[path], told.get("id"), summary, told.get("manifest"), told.get("reason")
                )
    for path in sorted(changed - rows.keys()):
        rows[path] = CatalogRow(path, hashes[path], None, None, None, _NOT_READ)
    return hashes, list(rows.values())
