"""SQL of the jobs and their journals."""

from dataclasses import asdict, dataclass, replace

from talome.core.clock import now_ms
from talome.core.db import Database, Row, Transaction


@dataclass(frozen=True, slots=True)
class JobRow:
    """A job as it is kept; `arguments` is JSON, times are milliseconds since 1970. `subject` is what it is about, such
    as `app:jellyfin`; None where that is no single thing."""

    id: str
    kind: str
    title: str
    scope: str
    arguments: str
    state: str
    stage: str | None
    done: int | None
    total: int | None
    unit: str | None
    reason: str | None
    started_by: str
    created_at: int
    finished_at: int | None
    subject: str | None = None

    def changed(self, **values: object) -> "JobRow":
        return replace(self, **values)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class StepRow:
    """A step of a journal; `arguments` and `result` are JSON."""

    number: int
    name: str
    arguments: str
    state: str
    result: str | None


class JobsStore:
    def __init__(self, db: Database) -> None:
        self.db = db

    async def add(self, tx: Transaction, job: JobRow) -> None:
        await tx.execute(
            "INSERT INTO jobs (id, kind, title, scope, arguments, state, stage, done, total, unit, reason, started_by, "
            "created_at, finished_at, subject) VALUES (:id, :kind, :title, :scope, :arguments, :state, :stage, :done, "
            ":total, :unit, :reason, :started_by, :created_at, :finished_at, :subject)",
            asdict(job),
        )

    async def update(self, tx: Transaction, job: JobRow) -> None:
        await tx.execute(
            "UPDATE jobs SET state = :state, stage = :stage, done = :done, total = :total, unit = :unit, "
            "reason = :reason, finished_at = :finished_at WHERE id = :id",
            asdict(job),
        )

    async def get(self, job_id: str) -> JobRow | None:
        row = await self.db.fetch_one("SELECT * FROM jobs WHERE id = ?", (job_id,))
        return _job(row) if row else None

    async def recent(self, limit: int) -> list[JobRow]:
        """Open jobs first, then the latest."""
        rows = await self.db.fetch_all(
            "SELECT * FROM jobs ORDER BY finished_at IS NOT NULL, created_at DESC LIMIT ?", (limit,)
        )
        return [_job(row) for row in rows]

    async def about(self, subject: str, limit: int) -> list[JobRow]:
        """As `recent`, of one subject."""
        rows = await self.db.fetch_all(
            "SELECT * FROM jobs WHERE subject = ? ORDER BY finished_at IS NOT NULL, created_at DESC LIMIT ?",
            (subject, limit),
        )
        return [_job(row) for row in rows]

    async def unfinished(self) -> list[JobRow]:
        rows = await self.db.fetch_all("SELECT * FROM jobs WHERE finished_at IS NULL ORDER BY created_at")
        return [_job(row) for row in rows]

    async def steps(self, job_id: str) -> list[StepRow]:
        rows = await self.db.fetch_all(
            "SELECT number, name, arguments, state, result FROM job_steps WHERE job_id = ? ORDER BY number", (job_id,)
        )
        return [StepRow(*row) for row in rows]

    async def put_step(self, tx: Transaction, job_id: str, step: StepRow) -> None:
        await tx.execute(
            "INSERT INTO job_steps (job_id, number, name, arguments, state, result) VALUES (?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (job_id, number) DO UPDATE SET state = excluded.state, result = excluded.result",
            (job_id, step.number, step.name, step.arguments, step.state, step.result),
        )

    async def add_log(self, tx: Transaction, job_id: str, text: str) -> None:
        await tx.execute(
            "INSERT INTO job_log (job_id, number, at, text) "
            "SELECT ?, COALESCE(MAX(number), 0) + 1, ?, ? FROM job_log WHERE job_id = ?",
            (job_id, now_ms(), text, job_id),
        )

    async def log(self, job_id: str, limit: int) -> list[tuple[int, str]]:
        rows = await self.db.fetch_all(
            "SELECT at, text FROM (SELECT number, at, text FROM job_log WHERE job_id = ? ORDER BY number DESC LIMIT ?) "
            "ORDER BY number",
            (job_id, limit),
        )
        return [(row["at"], row["text"]) for row in rows]

    async def forget_before(self, tx: Transaction, moment: int) -> None:
        await tx.execute("DELETE FROM jobs WHERE finished_at < ?", (moment,))


def _job(row: Row) -> JobRow:
    return JobRow(**dict(row))
