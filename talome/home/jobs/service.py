"""Which jobs a caller may see, and how they are told of changes."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Final

from talome.core.clock import from_ms
from talome.core.errors import Forbidden, NotFound
from talome.core.events import Events
from talome.core.jobs.service import JobChanged, Jobs
from talome.core.jobs.store import JobRow
from talome.core.operations import Caller
from talome.home.jobs.models import Job, JobLine, JobsItem, JobsSnapshot, JobUpdate

SNAPSHOT_SIZE: Final = 100
_FRAME_S: Final = 0.25
_LOG_LINES: Final = 2000
_PERSON: Final = "person:"


def for_person(caller: Caller) -> str:
    """The scope of a job that is nobody's business but the caller's and the administrators'."""
    return f"{_PERSON}{caller.user_id}"


def _may_see(caller: Caller, row: JobRow) -> bool:
    return caller.may(row.scope) or (caller.user_id != "" and row.scope == f"{_PERSON}{caller.user_id}")


class VisibleJobs:
    """The jobs of the house, as far as a caller may see them."""

    def __init__(self, jobs: Jobs, events: Events) -> None:
        self._jobs = jobs
        self._events = events

    async def recent(self, caller: Caller, limit: int, subject: str | None = None) -> list[Job]:
        asked = limit if "*" in caller.scopes else limit * 4
        store = self._jobs.store
        rows = await (store.recent(asked) if subject is None else store.about(subject, asked))
        return [Job.of(row) for row in rows if _may_see(caller, row)][:limit]

    async def get(self, caller: Caller, job_id: str) -> Job:
        return Job.of(await self._visible(caller, job_id))

    async def log(self, caller: Caller, job_id: str) -> list[JobLine]:
        await self._visible(caller, job_id)
        lines = await self._jobs.store.log(job_id, _LOG_LINES)
        return [JobLine(at=from_ms(at), text=text) for at, text in lines]

    async def cancel(self, caller: Caller, job_id: str) -> Job:
        row = await self._visible(caller, job_id)
        area = row.kind if row.scope.startswith(_PERSON) else row.scope.replace(":", ".")
        needed = f"{area.partition('.')[0]}:write"
        if not caller.may(needed):
            raise Forbidden(f"This needs the right “{needed}”, which you do not have.", scope=needed)
        return Job.of(await self._jobs.cancel(job_id))

    async def _visible(self, caller: Caller, job_id: str) -> JobRow:
        row = await self._jobs.get(job_id)
        if not _may_see(caller, row):
            raise NotFound("There is no such job.")
        return row

    async def follow(self, caller: Caller) -> AsyncGenerator[JobsItem, None]:
        """A snapshot, then changes; several changes of one job within a quarter of a second become one."""
        with self._events.subscribe(JobChanged, size=1024) as changes:
            yield JobsSnapshot(jobs=await self.recent(caller, SNAPSHOT_SIZE))
            async for change in changes:
                latest = {event.job.id: event.job for event in (change, *changes.pending())}
                for row in latest.values():
                    if _may_see(caller, row):
                        yield JobUpdate(job=Job.of(row))
                await asyncio.sleep(_FRAME_S)
