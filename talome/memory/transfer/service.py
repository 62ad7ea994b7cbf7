"""Imports of people: take a file in, read it in a process of its own, and keep what was in it."""

import asyncio
import logging
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from typing import Any, Final, Literal, Protocol

import orjson

from talome.core import ids
from talome.core.clock import from_ms, now_ms
from talome.core.errors import Conflict, Forbidden, Invalid, NotFound, TalomeError, Unavailable
from talome.core.jobs.service import Job, JobKind, Jobs, Step
from talome.core.operations import Caller
from talome.engines.child import run_module
from talome.memory.graph.service import Graph
from talome.memory.spaces import Spaces
from talome.memory.transfer.exporting import Versions
from talome.memory.transfer.formats.lines import Line
from talome.memory.transfer.importing import Count, Importing, Terms
from talome.memory.transfer.models import MemoryImport
from talome.memory.transfer.store import ImportRow, ImportsStore
from talome.memory.vault.service import Vault

LARGEST_BYTES: Final = 512 * 1024**2
READER: Final = "talome.memory.transfer.read_process"
_KIND: Final = "memory.import"
_READ_S: Final = 300.0
_BATCH: Final = 256
_MOST_KEPT: Final = 50
_FAILED: Final = "The file could not be read: it takes more memory or time than an import may."
_log = logging.getLogger(__name__)


class Returning(Protocol):
    """Gives back who began an import, with the rights that they have now; None where there is nobody any more."""

    async def __call__(
        self, user_id: str, kind: Literal["user", "key"], key_id: str | None, workspace: str | None
    ) -> Caller | None: ...


@dataclass(frozen=True, slots=True)
class ImportWish:
    """What to import: a text, or the name of a file that has just arrived. `workspace`: where everything goes; None:
    where the file says, else among one's own."""

    content: str | None
    upload: str | None
    name: str
    workspace: str | None
    allow_secrets: bool


@dataclass(frozen=True, slots=True)
class Kept:
    """What is exported, and where what is imported goes."""

    vault: Vault
    graph: Graph
    spaces: Spaces
    versions: Versions


class MemoryImports:
    """`folder` holds the files of imports that have not ended."""

    def __init__(self, store: ImportsStore, jobs: Jobs, kept: Kept, folder: Path, returning: Returning) -> None:
        self._store = store
        self._jobs = jobs
        self._kept = kept
        self._folder = folder
        self._returning = returning
        self._turn = asyncio.Lock()
        self._held: dict[str, tuple[str, Path]] = {}
        jobs.register(_KIND, JobKind(self._run, {"begin": Step(self._begin, self._break_off)}))

    def place(self) -> Path:
        """A name for a file that arrives. Blocking."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return self._folder / ids.new_id("upl")

    def hold(self, caller: Caller, path: Path) -> str:
        """Name a file that has arrived, so that its owner can have it imported."""
        self._held[path.name] = (caller.user_id, path)
        return path.name

    def let_go(self, name: str) -> None:
        self._held.pop(name, None)

    async def add(self, caller: Caller, wish: ImportWish) -> MemoryImport:
        """Take a file or a text over, and begin. It goes on as a job; the answer shows where it begins."""
        if caller.kind not in ("user", "key"):
            raise Forbidden("A person imports, or an app of theirs: what an agent keeps is looked at note by note.")
        if wish.workspace is not None:
            self._kept.spaces.home(caller, wish.workspace)
        if any(row.finished_at is None for row in await self._store.of_user(caller.user_id, _MOST_KEPT)):
            raise Conflict("Another import of yours is going on. Wait until it has ended.")
        row = ImportRow(
            ids.new_id("imp"), caller.user_id, caller.kind, caller.key_id, caller.workspace, wish.workspace,
            int(wish.allow_secrets), wish.name, "waiting", now_ms(),
        )  # fmt: skip
        await asyncio.to_thread(self._take, caller, wish, self._file(row.id))
        await self._store.add(row, _MOST_KEPT)
        # Names of files may tell something, and members would see the jobs of each other.
        await self._jobs.start(
            _KIND, "Import into the memory", {"import": row.id}, scope="memory:admin", by=caller.user_id
        )
        return _shown(row)

    def _take(self, caller: Caller, wish: ImportWish, target: Path) -> None:
        if (wish.content is None) == (wish.upload is None):
            raise Invalid("Give either a text as “content”, or a file.", field="content")
        if wish.content is not None:
            self.place()
            with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
                file.write(wish.content)
            return
        owner, path = self._held.get(wish.upload or "", ("", Path()))
        if owner != caller.user_id:
            raise NotFound("There is no such file. Send it to /v1/memory/imports/upload.", field="upload")
        path.rename(target)

    async def get(self, caller: Caller, id: str) -> MemoryImport:
        row = await self._store.get(id)
        if row is None or row.user_id != caller.user_id or caller.workspace not in (None, row.bound):
            raise NotFound("There is no such import.")
        return _shown(row)

    async def list_(self, caller: Caller) -> list[MemoryImport]:
        rows = await self._store.of_user(caller.user_id, _MOST_KEPT)
        return [_shown(row) for row in rows if caller.workspace in (None, row.bound)]

    def _file(self, id: str, what: str = "file") -> Path:
        return self._folder / f"{id}.{what}"

    def _clear(self, id: str) -> None:
        for what in ("file", "lines"):
            self._file(id, what).unlink(missing_ok=True)
        rmtree(self._file(id, "folder"), ignore_errors=True)

    async def _begin(self, arguments: dict[str, Any]) -> None:
        """Nothing is done yet; what is imported stays if the rest fails, since the same file again completes it."""

    async def _break_off(self, arguments: dict[str, Any], _: Any) -> None:
        row = await self._store.get(arguments["import"])
        if row is not None and row.finished_at is None:
            row.state, row.finished_at = "failed", now_ms()
            row.problem = row.problem or "It was broken off. Import the same file again to complete it."
            await self._store.put(row)
        await asyncio.to_thread(self._clear, arguments["import"])

    async def _run(self, job: Job, arguments: dict[str, Any]) -> None:
        await job.step("begin", **arguments)
        async with self._turn:
            row = await self._store.get(arguments["import"])
            if row is None or row.finished_at is not None:
                return
            try:
                await self._import(job, row)
            except TalomeError as error:
                row.problem = error.message
                raise
            finally:
                if row.problem is not None:
                    row.state, row.finished_at = "failed", now_ms()
                    await self._store.put(row)
            await asyncio.to_thread(self._clear, row.id)

    async def _import(self, job: Job, row: ImportRow) -> None:
        row.state = "reading"
        await self._store.put(row)
        await job.progress("Reading")
        lines = self._file(row.id, "lines")
        await self._read(row, lines)
        caller = await self._returning(row.user_id, "key" if row.kind == "key" else "user", row.key_id, row.bound)
        if caller is None or not caller.may("memory:write"):
            raise Forbidden("Whoever began this import may no longer write to the memory.")
        terms = Terms(row.workspace, bool(row.allow_secrets), from_ms(row.created_at))
        importing = Importing(self._kept.vault, self._kept.graph, caller, terms)
        row.state, row.total = "storing", await asyncio.to_thread(_count, lines)
        batches = _batches(lines)
        while batch := await asyncio.to_thread(next, batches, None):
            await importing.take(batch)
            await self._note(job, row, importing.count)
        await importing.finish()
        row.state, row.finished_at = "done", now_ms()
        await self._note(job, row, importing.count)

    async def _read(self, row: ImportRow, lines: Path) -> None:
        folder = self._file(row.id, "folder")
        await asyncio.to_thread(lines.unlink, missing_ok=True)
        await asyncio.to_thread(rmtree, folder, ignore_errors=True)
        order = {"file": str(self._file(row.id)), "folder": str(folder), "out": str(lines), "name": row.name}
        try:
            ended = await run_module(READER, orjson.dumps(order), timeout_s=_READ_S)
        except TimeoutError:
            raise Unavailable(_FAILED) from None
        if ended.code == 1 and ended.said and not ended.said.startswith(("MemoryError", "OSError")):
            raise Invalid(ended.said)
        if ended.code != 0:
            _log.warning("Reading an import ended with %s: %s", ended.code, ended.said)
            raise Unavailable(_FAILED)

    async def _note(self, job: Job, row: ImportRow, count: Count) -> None:
        row.done, row.added, row.changed, row.same, row.left_out = (
            count.done, count.added, count.changed, count.same, count.left_out,
        )  # fmt: skip
        row.problems = orjson.dumps(count.problems).decode()
        await self._store.put(row)
        await job.progress("Keeping", row.done, row.total)


def _count(path: Path) -> int:
    with path.open("rb") as file:
        return sum(1 for _ in file)


def _batches(path: Path) -> Iterator[list[Line]]:
    with path.open("rb") as file:
        batch: list[Line] = []
        for raw in file:
            batch.append(orjson.loads(raw))
            if len(batch) >= _BATCH:
                yield batch
                batch = []
        if batch:
            yield batch


def _shown(row: ImportRow) -> MemoryImport:
    return MemoryImport.model_validate(
        {
            "id": row.id,
            "name": row.name,
            "workspace_id": row.workspace,
            "state": row.state,
            "total": row.total,
            "done": row.done,
            "added": row.added,
            "changed": row.changed,
            "same": row.same,
            "left_out": row.left_out,
            "problems": orjson.loads(row.problems),
            "problem": row.problem,
            "created_at": from_ms(row.created_at),
            "finished_at": from_ms(row.finished_at) if row.finished_at else None,
        }
    )
