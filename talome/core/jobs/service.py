"""Runs jobs, keeps their journals, and resolves at start what a crash left unfinished."""

import asyncio
import errno
import logging
import os
from collections.abc import Awaitable, Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, Literal

import orjson

from talome.core import ids
from talome.core.clock import now_ms
from talome.core.errors import Conflict, NotFound, TalomeError, Unavailable
from talome.core.jobs.store import JobRow, JobsStore, StepRow
from talome.core.log import hide, redact

Run = Callable[["Job", dict[str, Any]], Awaitable[None]]
StepFunction = Callable[[dict[str, Any]], Awaitable[Any]]
Undo = Callable[[dict[str, Any], Any], Awaitable[None]]
Interrupted = Literal["carry_on", "undo"]
Secrets = Callable[[dict[str, Any]], Awaitable[Collection[str]]]
KEPT_DAYS: Final = 30
_CANCELLED: Final = "Cancelled, and what had been done was undone."
_STOPPED: Final = "The server stopped in the middle of it, and what had been done was undone."
_UNTOLD: Final = "It failed, and its words are not told, because there may be secrets in them."
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Step:
    """A kind of step. Both functions may run twice, since a crash can fall between the work and the note of it,
    so each brings about a state instead of making a change. `undo` gets the arguments and what `run` returned,
    or None where it is not known whether `run` finished."""

    run: StepFunction
    undo: Undo | None = None


@dataclass(frozen=True, slots=True)
class JobKind:
    """`run` calls `job.step` for everything that changes the machine. `interrupted` says how a crash is resolved.
    `secrets` gives, for the arguments of a job, what must not be read in its log or in the reason of its failure."""

    run: Run
    steps: Mapping[str, Step]
    interrupted: Interrupted = "carry_on"
    secrets: Secrets | None = None


@dataclass(frozen=True, slots=True)
class JobChanged:
    job: JobRow


class Job:
    """What a running job holds: its journal, its progress and its log."""

    def __init__(self, jobs: "Jobs", row: JobRow, kind: JobKind, journal: list[StepRow]) -> None:
        self._jobs = jobs
        self._kind = kind
        self._journal = {step.number: step for step in journal}
        self._next = 0
        self._secrets: set[str] = set()
        self.row = row

    async def step(self, name: str, /, **arguments: Any) -> Any:
        """Run a step, written down before and after; in a resumed job, a step that was done only returns its result."""
        number, self._next = self._next, self._next + 1
        known = self._journal.get(number)
        if known is not None and known.name != name:
            raise Conflict("Another release of Talome began this, and this one goes about it differently.")
        if known is not None and known.state == "done":
            return orjson.loads(known.result or "null")
        row = StepRow(number, name, orjson.dumps(arguments).decode(), "started", None)
        await self._note(row)
        result = await self._kind.steps[name].run(arguments)
        await self._note(StepRow(number, name, row.arguments, "done", orjson.dumps(result).decode()))
        return result

    async def _note(self, step: StepRow) -> None:
        self._journal[step.number] = step
        async with self._jobs.store.db.write() as tx:
            await self._jobs.store.put_step(tx, self.row.id, step)

    async def progress(
        self, stage: str, done: int | None = None, total: int | None = None, unit: str = "steps"
    ) -> None:
        await self._change(stage=stage, done=done, total=total, unit=unit if total is not None else None)

    async def log(self, text: str) -> None:
        told = await self._without_secrets(text)
        async with self._jobs.store.db.write() as tx:
            await self._jobs.store.add_log(tx, self.row.id, told)

    async def undo(self, reason: str) -> None:
        """Undo what was done, the latest step first. A step that cannot be undone is named in the log. The reason is
        kept before, so that it outlives a crash of the server."""
        await self._change(state="undoing", stage="Undoing", reason=await self._without_secrets(reason))
        for step in sorted(self._journal.values(), key=lambda item: -item.number):
            handler = self._kind.steps[step.name].undo
            if handler is None or step.state == "undone":
                continue
            try:
                await handler(orjson.loads(step.arguments), orjson.loads(step.result or "null"))
            except Exception as error:  # whatever keeps one step from being undone, the others are, and the job ends
                if not isinstance(error, TalomeError):
                    _log.exception("The step %s of the job %s could not be undone", step.name, self.row.id)
                await self.log(f"“{step.name}” could not be undone: {_in_words(error)}")
                continue
            await self._note(StepRow(step.number, step.name, step.arguments, "undone", step.result))

    async def begin(self) -> None:
        await self._change(state="running")

    async def finish(self, state: str) -> None:
        await self._change(state=state, finished_at=now_ms())

    async def _without_secrets(self, text: str) -> str:
        """What is not known to be a secret may look like one. What was known stays so when its source is undone."""
        if self._kind.secrets is not None:
            try:
                self._secrets |= set(await self._kind.secrets(orjson.loads(self.row.arguments)))
            except Exception:  # whatever keeps them from being known, the job still has to be brought to its end
                _log.exception("The secrets of the job %s are not known", self.row.id)
                return _UNTOLD
        return redact(hide(text, self._secrets))

    async def _change(self, **values: Any) -> None:
        self.row = self.row.changed(**values)
        async with self._jobs.store.db.write() as tx:
            await self._jobs.store.update(tx, self.row)
            tx.emit(JobChanged(self.row))


class Jobs:
    """The jobs of the house. `register` the kinds first, then `resume` once, then `start` at will."""

    def __init__(self, store: JobsStore) -> None:
        self.store = store
        self._kinds: dict[str, JobKind] = {}
        self._running: dict[str, asyncio.Task[None]] = {}
        self._stopped = False
        self._cancelling: set[str] = set()
        self._ending: set[str] = set()
        self._early: set[str] = set()
        self._resumed = False

    def register(self, name: str, kind: JobKind) -> None:
        self._kinds[name] = kind

    async def start(
        self, kind: str, title: str, arguments: dict[str, Any], *, scope: str, by: str, subject: str | None = None
    ) -> JobRow:
        """Keep the job, then run it in the background; `scope` says who may see it, `subject` what it is about."""
        if self._stopped:
            raise Unavailable("Talome is stopping, and begins nothing new.")
        row = JobRow(
            id=ids.new_id("job"), kind=kind, title=title, scope=scope, arguments=orjson.dumps(arguments).decode(),
            state="queued", stage=None, done=None, total=None, unit=None, reason=None,
            started_by=by, created_at=now_ms(), finished_at=None, subject=subject,
        )  # fmt: skip
        if not self._resumed:
            self._early.add(row.id)
        async with self.store.db.write() as tx:
            await self.store.add(tx, row)
            await self.store.forget_before(tx, now_ms() - KEPT_DAYS * 86_400_000)
            tx.emit(JobChanged(row))
        self._launch(Job(self, row, self._kinds[kind], []), self._run)
        return row

    async def resume(self) -> None:
        """Resolve what the last run of the server left unfinished, each by the way its kind chose."""
        for row in await self.store.unfinished():
            if row.id in self._early:
                continue  # this run of the server began it
            kind = self._kinds.get(row.kind)
            if kind is None:
                async with self.store.db.write() as tx:
                    gone = row.changed(
                        state="failed", reason="This release does not know this work.", finished_at=now_ms()
                    )
                    await self.store.update(tx, gone)
                continue
            job = Job(self, row, kind, await self.store.steps(row.id))
            forward = kind.interrupted == "carry_on" and row.state != "undoing"
            self._launch(job, self._run if forward else self._roll_back)
        self._resumed = True
        self._early.clear()

    def _launch(self, job: Job, work: Callable[[Job], Awaitable[None]]) -> None:
        if self._stopped:
            return  # its journal is resolved at the next start

        async def guarded() -> None:
            try:
                await work(job)
            except Exception:
                _log.exception("The job %s could not be carried through", job.row.id)

        task = asyncio.create_task(guarded())
        self._running[job.row.id] = task
        task.add_done_callback(lambda _: self._forget(job.row.id))

    def _forget(self, job_id: str) -> None:
        self._running.pop(job_id, None)
        self._cancelling.discard(job_id)
        self._ending.discard(job_id)

    async def _run(self, job: Job) -> None:
        arguments = orjson.loads(job.row.arguments)
        try:
            await job.begin()
            await self._kinds[job.row.kind].run(job, arguments)
            await asyncio.sleep(0)  # a cancellation that still waits counts here, not in the note of the end
        except asyncio.CancelledError:
            if job.row.id not in self._cancelling:
                raise  # the server stops; the journal is resolved at the next start
            _take_cancellation_back()
            self._ending.add(job.row.id)
            await job.undo(_CANCELLED)
            await job.finish("cancelled")
        except Exception as error:
            self._ending.add(job.row.id)
            if job.row.id in self._cancelling:
                with suppress(asyncio.CancelledError):
                    await asyncio.sleep(0)  # too late to count, and the undoing must not meet it
                _take_cancellation_back()
            if not isinstance(error, TalomeError):
                _log.exception("The job %s failed", job.row.id)
            await job.undo(_in_words(error))
            await job.finish("failed")
        else:
            self._ending.add(job.row.id)
            await job.finish("done")

    async def _roll_back(self, job: Job) -> None:
        """What had failed or was cancelled before the server stopped ends as that."""
        self._ending.add(job.row.id)
        reason = job.row.reason or _STOPPED
        await job.undo(reason)
        await job.finish("cancelled" if reason == _CANCELLED else "failed")

    async def cancel(self, job_id: str) -> JobRow:
        """Stop a job and undo what it did; the answer shows it as it is now, `JobChanged` tells the end."""
        row = await self.get(job_id)
        task = self._running.get(job_id)
        if row.finished_at is not None or task is None:
            raise Conflict("This work has ended already.")
        if job_id in self._ending or job_id in self._cancelling:
            return row  # to break off an undoing would leave neither old nor new
        self._cancelling.add(job_id)
        task.cancel()
        return row

    async def ended(self, job_id: str) -> JobRow:
        """The job, once this run of the server has done with it."""
        if (task := self._running.get(job_id)) is not None:
            await asyncio.wait({task})
        return await self.get(job_id)

    @property
    def running(self) -> int:
        """How many jobs are being worked on."""
        return len(self._running)

    async def get(self, job_id: str) -> JobRow:
        row = await self.store.get(job_id)
        if row is None:
            raise NotFound("There is no such job.")
        return row

    async def stop(self) -> None:
        """Leave running work where it is: its journal is resolved at the next start. Nothing begins after this."""
        self._stopped = True
        tasks = tuple(self._running.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _in_words(error: Exception) -> str:
    """The reason for whoever started the job; what the machine refused is told without its paths."""
    if isinstance(error, TalomeError):
        return error.message
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "There is no room left on the disk. Make some, then try again."
    if isinstance(error, OSError) and error.errno is not None:
        return f"This machine refused it: {os.strerror(error.errno)}. The log has the details."
    return "Talome made a mistake here. The log has the details."


def _take_cancellation_back() -> None:
    """Undoing takes awaits of its own, and timeouts inside it must not mistake this cancellation for theirs."""
    if task := asyncio.current_task():
        task.uncancel()
