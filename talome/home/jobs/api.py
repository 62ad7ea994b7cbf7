"""Operations on jobs."""

from collections.abc import AsyncGenerator
from typing import Annotated

from pydantic import Field

from talome.core.operations import Caller, operation
from talome.home.jobs.models import Job, JobLine, JobsItem
from talome.home.jobs.service import VisibleJobs

JobId = Annotated[str, Field(pattern=r"^job_[0-9a-z]{26}$")]

Subject = Annotated[str, Field(max_length=128)]


class JobsApi:
    """Faces of `VisibleJobs`."""

    def __init__(self, jobs: VisibleJobs) -> None:
        self._jobs = jobs

    @operation("GET", "/api/jobs", scope="jobs:read", risk="read")
    async def list_(
        self, caller: Caller, limit: Annotated[int, Field(ge=1, le=500)] = 100, subject: Subject | None = None
    ) -> list[Job]:
        """Long work, going on or ended in the last 30 days: open jobs first, then the latest. `subject` asks for what
        is about one thing, such as `app:jellyfin`."""
        return await self._jobs.recent(caller, limit, subject)

    @operation("GET", "/api/jobs/stream", scope="jobs:read", risk="read")
    async def stream(self, caller: Caller) -> AsyncGenerator[JobsItem, None]:
        """Follow all jobs you may see: a snapshot first, then each job as it changes."""
        return self._jobs.follow(caller)

    @operation("GET", "/api/jobs/{id}", scope="jobs:read", risk="read")
    async def get(self, caller: Caller, id: JobId) -> Job:
        """One job: how far it is, or how it ended."""
        return await self._jobs.get(caller, id)

    @operation("GET", "/api/jobs/{id}/log", scope="jobs:read", risk="read")
    async def log(self, caller: Caller, id: JobId) -> list[JobLine]:
        """What the job wrote down while it worked: its last 2,000 lines, oldest first."""
        return await self._jobs.log(caller, id)

    @operation("POST", "/api/jobs/{id}/cancel", scope="jobs:write", risk="modify")
    async def cancel(self, caller: Caller, id: JobId) -> Job:
        """Stop a job and undo what it did. The answer shows it as it is now; the stream tells how it ended."""
        return await self._jobs.cancel(caller, id)
