"""The job that reads a source: gets it where it is elsewhere, has its files read, and keeps what they say."""

import asyncio
import hashlib
from collections.abc import Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any, Final
from urllib.parse import unquote

import orjson
from yarl import URL

from talome.core import ids
from talome.core.clock import now_ms
from talome.core.errors import Conflict, Invalid, NotFound, TalomeError
from talome.core.jobs.service import Job, JobKind, Jobs, Step
from talome.core.jobs.store import JobRow
from talome.engines.fetch import Wish, download
from talome.engines.git import Git, Remote
from talome.engines.trees import require_room
from talome.memory.sources import picking
from talome.memory.sources.folders import CHECKOUT, ORIGINAL, SourceFolders
from talome.memory.sources.keeping import Keeping
from talome.memory.sources.models import SourceChanged
from talome.memory.sources.reading import READER, FileOrder, ReadDocument, ReadFile, read_files
from talome.memory.sources.store import SourceRow, SourcesStore

INGEST: Final = "memory.ingest"
_FETCH_S: Final = 120.0
_REPOSITORY_BYTES: Final = 512 * 1024**2
_TOLD_EVERY_S: Final = 0.5
_MOST_PROBLEMS: Final = 200
MANY: Final = ("folder", "repository")
"""The kinds of sources that are several files."""
_STOPPED: Final = "It was stopped before its end. Read it again to have the rest."


@dataclass(slots=True)
class _Round:
    """One reading of a source."""

    source: SourceRow
    root: Path
    files: Sequence[FileOrder]
    digest: str
    done: int = 0
    seen: set[str] = field(default_factory=set)
    kept: set[str] = field(default_factory=set)
    problems: list[tuple[str, str]] = field(default_factory=list)
    title: str = ""


class Ingest:
    """One source is read at a time, so that a hundred of them do not take the machine."""

    def __init__(
        self,
        store: SourcesStore,
        keeping: Keeping,
        folders: SourceFolders,
        jobs: Jobs,
        git: Git,
    ) -> None:
        self._store = store
        self._documents = keeping.documents
        self._keeping = keeping
        self._folders = folders
        self._jobs = jobs
        self._git = git
        self._turn = asyncio.Lock()
        self.changing = asyncio.Lock()
        """Held while a source comes or goes."""
        jobs.register(INGEST, JobKind(self._run, {"begin": Step(self._begin, self._break_off)}))

    async def start(self, source: SourceRow) -> SourceRow:
        """The source as it is now, with its job. Members do not see the jobs of others, so the state is here."""
        await self.require_rest(source)
        await self._change(source.id, state="waiting", problem=None)
        try:
            job = await self._jobs.start(
                INGEST, "Read a source", {"source": source.id}, scope="memory:admin", by=source.added_by,
                subject=f"source:{source.id}",
            )  # fmt: skip
        except BaseException:
            await self._change(source.id, state=source.state, problem=source.problem)
            raise
        async with self._store.db.write() as tx:
            await self._store.note_job(tx, source.id, job.id)
        return await self._get(source.id)

    async def mend(self, source_id: str) -> None:
        """At the start of the server: a reading whose job ended without saying so here has failed."""
        row = await self._store.get(source_id)
        if row is not None and (row.job_id is None or await self._job(row.job_id) is None):
            await self._change(row.id, state="failed", stage=None, problem=_STOPPED)

    async def require_rest(self, source: SourceRow) -> None:
        """Raise `Conflict` while it is being read."""
        is_due = source.state in ("waiting", "reading")
        if is_due and source.job_id is not None and await self._job(source.job_id) is not None:
            raise Conflict("This source is being read already. Wait for its end.")

    async def stop(self, source: SourceRow) -> None:
        """Returns when nothing reads it any more."""
        if source.job_id is None or await self._job(source.job_id) is None:
            return
        with suppress(Conflict):  # it came to its end meanwhile
            await self._jobs.cancel(source.job_id)
        await self._jobs.ended(source.job_id)

    async def _job(self, job_id: str) -> JobRow | None:
        """The job where it is not at its end."""
        with suppress(NotFound):
            job = await self._jobs.get(job_id)
            return job if job.finished_at is None else None
        return None

    async def _get(self, source_id: str) -> SourceRow:
        row = await self._store.get(source_id)
        if row is None:
            raise NotFound("The source was deleted.")
        return row

    async def _change(self, source_id: str, **values: Any) -> SourceRow:
        row = (await self._get(source_id)).changed(updated_at=now_ms(), **values)
        async with self._store.db.write() as tx:
            await self._store.update(tx, row)
            tx.emit(SourceChanged(row.id, row.space))
        return row

    async def _begin(self, arguments: dict[str, Any]) -> None:
        await self._change(arguments["source"], state="reading", stage="Waiting", done=None, total=None, problem=None)

    async def _break_off(self, arguments: dict[str, Any], _: Any) -> None:
        """What was half kept goes; what was whole stays, and is found."""
        source = await self._store.get(arguments["source"])
        if source is None:
            return
        for document, _file in await self._documents.ids(source.id, only_broken=True):
            await self._keeping.remove_document(document)
        await asyncio.to_thread(self._folders.prepare, source.id)
        if source.state == "reading":
            await self._change(source.id, state="failed", stage=None, problem=_STOPPED)

    async def _run(self, job: Job, arguments: dict[str, Any]) -> None:
        source_id = arguments["source"]
        await job.step("begin", source=source_id)
        try:
            async with self._turn:
                await self._read(job, source_id)
        except TalomeError as error:
            if await self._store.get(source_id) is not None:
                await self._change(source_id, state="failed", stage=None, problem=error.message)
            raise

    async def _read(self, job: Job, source_id: str) -> None:
        source = await self._change(source_id, stage="Fetching")
        await job.progress("Fetching")
        fetched = await self._fetch(source)
        if fetched is None:
            await self._change(source_id, state="ready", stage=None, read_at=now_ms())
            return
        for document, _file in await self._documents.ids(source_id, only_broken=True):
            await self._keeping.remove_document(document)  # a reading that broke off with the server
        await self._read_all(job, fetched)
        await self._finish(fetched)

    # --- getting it ---

    async def _fetch(self, source: SourceRow) -> _Round | None:
        """None where everything is as it was."""
        await asyncio.to_thread(self._folders.prepare, source.id)
        if source.kind == "folder":
            return await self._from_folder(source)
        if source.kind == "repository":
            return await self._from_repository(source)
        if source.kind == "url":
            downloaded = await self._download(source)
            if downloaded is None:
                return None
            source = downloaded
        path = self._folders.original(source.id)
        digest = await asyncio.to_thread(_sha256, path)
        if self._is_known(source, digest):
            return None
        order = FileOrder(ORIGINAL, _file_name(source), source.type, limit_bytes=picking.LARGEST_FILE_BYTES)
        return _Round(source, path.parent, [order], digest)

    def _is_known(self, source: SourceRow, digest: str) -> bool:
        return source.sha256 == digest and source.reader == READER and source.read_at is not None

    async def _download(self, source: SourceRow) -> SourceRow | None:
        """None where the server says that nothing changed."""
        part = self._folders.of(source.id) / f"{ORIGINAL}.part"
        known = source.reader == READER and source.sha256 and await asyncio.to_thread(self._has_original, source.id)
        wish = Wish(
            limit_bytes=picking.LARGEST_FILE_BYTES,
            timeout_s=_FETCH_S,
            allow_private=bool(source.allow_private),
            etag=source.etag if known else "",
            last_modified=source.last_modified if known else "",
        )
        await asyncio.to_thread(require_room, part.parent, picking.LARGEST_FILE_BYTES, "the file")
        fetched = await download(source.origin, part, wish)
        if fetched.body is None:
            return None
        await asyncio.to_thread(self._folders.settle, part, source.id)
        return await self._change(
            source.id, type=fetched.content_type, etag=fetched.etag, last_modified=fetched.last_modified
        )

    def _has_original(self, source_id: str) -> bool:
        return self._folders.original(source_id).is_file()

    async def _from_repository(self, source: SourceRow) -> _Round | None:
        remote = Remote(source.origin, source.branch, allow_private=bool(source.allow_private))
        commit = await self._git.head(remote)
        if self._is_known(source, commit):
            return None
        part = self._folders.of(source.id) / f"{CHECKOUT}.part"
        await self._git.clone(remote, part, limit_bytes=_REPOSITORY_BYTES)
        await asyncio.to_thread(self._folders.swap_checkout, source.id)
        return await self._of_tree(source, self._folders.of(source.id) / CHECKOUT, commit)

    async def _from_folder(self, source: SourceRow) -> _Round | None:
        root = await asyncio.to_thread(picking.check_folder, source.origin, self._folders.home)
        if str(root) != source.origin:
            raise Invalid("The folder is a link by now, which leads elsewhere. Add the folder that it leads to.")
        return await self._of_tree(source, root, "")

    async def _of_tree(self, source: SourceRow, root: Path, digest: str) -> _Round | None:
        picked = await asyncio.to_thread(picking.pick, root)
        digest = digest or picking.fingerprint(picked)
        if self._is_known(source, digest):
            return None
        before = await self._documents.files(source.id) if source.reader == READER else {}
        limit = picking.LARGEST_FILE_BYTES
        files = [FileOrder(one.path, one.path, known=before.get(one.path, ""), limit_bytes=limit) for one in picked]
        folder = root.parent if await asyncio.to_thread(root.is_file) else root
        return _Round(source, folder, files, digest)

    # --- reading it ---

    async def _read_all(self, job: Job, work: _Round) -> None:
        told = 0.0
        out = self._folders.of(work.source.id) / f"{ids.new_id('out')}.part"
        async with aclosing(read_files(work.root, work.files, out)) as items:
            async for item in items:
                await self._take(work, item)
                if monotonic() - told > _TOLD_EVERY_S:
                    told = monotonic()
                    total = len(work.files)
                    await job.progress("Reading", work.done, total)
                    await self._change(work.source.id, stage="Reading", done=work.done, total=total)

    async def _take(self, work: _Round, item: ReadDocument | ReadFile) -> None:
        if isinstance(item, ReadDocument):
            work.kept.add(await self._keeping.put(work.source, item))
            work.title = work.title or item.title
            return
        work.done += 1
        work.seen.add(item.file.name)
        if item.reason:
            work.problems.append((item.file.name, item.reason))
            async with self._store.db.write() as tx:
                await self._documents.doubt(tx, work.source.id, item.file.name)
        elif not item.same:
            for document in await self._documents.of_file(work.source.id, item.file.name):
                if document not in work.kept:
                    await self._keeping.remove_document(document)

    async def _finish(self, work: _Round) -> None:
        """What is no longer there goes. A source of which nothing could be read has failed."""
        for document, file in await self._documents.ids(work.source.id):
            if file not in work.seen:
                await self._keeping.remove_document(document)
        problems = orjson.dumps(work.problems[:_MOST_PROBLEMS]).decode()
        alone = work.source.kind not in MANY
        if len(work.problems) == len(work.files):
            await self._change(work.source.id, problems=problems)
            raise Invalid(work.problems[0][1] if alone else "There is nothing in it that Talome can read.")
        await self._change(
            work.source.id,
            state="ready",
            stage=None,
            done=None,
            total=None,
            problem=None,
            problems=problems,
            sha256=work.digest,
            reader=READER,
            read_at=now_ms(),
            **({"title": work.title} if alone and work.title and not work.source.title else {}),
        )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _file_name(source: SourceRow) -> str:
    """What says by its ending of which kind the file is."""
    if source.kind == "url":
        return unquote(URL(source.origin).path).rstrip("/").rpartition("/")[2] or "page"
    return source.origin
