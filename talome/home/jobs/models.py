"""The shapes of jobs on the wire."""

from datetime import datetime
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from talome.core.clock import from_ms
from talome.core.jobs.store import JobRow
from talome.core.models import Wire

JobState = Literal["queued", "running", "undoing", "done", "failed", "cancelled"]


class Job(Wire):
    """Long work. `done` of `total` counts `unit`; `reason` says why it did not end well. `subject` is what it is about,
    such as `app:jellyfin`, where that is one thing."""

    columns: ClassVar[tuple[str, ...]] = ("id", "title", "state", "stage", "reason", "created_at", "finished_at")

    id: str
    kind: str
    title: str
    state: JobState
    stage: str | None
    done: int | None
    total: int | None
    unit: Literal["steps", "bytes"] | None
    reason: str | None
    started_by: str
    created_at: datetime
    finished_at: datetime | None
    subject: str | None

    @staticmethod
    def of(row: JobRow) -> "Job":
        """As it is kept, without what only the server needs."""
        return Job.model_validate(
            {
                "id": row.id,
                "kind": row.kind,
                "title": row.title,
                "state": row.state,
                "stage": row.stage,
                "done": row.done,
                "total": row.total,
                "unit": row.unit,
                "reason": row.reason,
                "started_by": row.started_by,
                "created_at": from_ms(row.created_at),
                "finished_at": None if row.finished_at is None else from_ms(row.finished_at),
                "subject": row.subject,
            }
        )


class JobLine(Wire):
    """One line of a job's log."""

    at: datetime
    text: str


class JobsSnapshot(Wire):
    """First item of the stream: open jobs first, then the latest."""

    type: Literal["snapshot"] = "snapshot"
    jobs: list[Job]


class JobUpdate(Wire):
    """A job that is new or has moved on."""

    type: Literal["changed"] = "changed"
    job: Job


JobsItem = Annotated[JobsSnapshot | JobUpdate, Field(discriminator="type")]
