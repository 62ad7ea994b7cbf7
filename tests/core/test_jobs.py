"""Jobs: progress and reasons for people; old or new, never neither, whenever the power goes."""

import asyncio
import errno
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

from talome.core.db import Database
from talome.core.errors import Conflict, Unavailable
from talome.core.events import Events
from talome.core.jobs.service import Job, JobChanged, JobKind, Jobs, Step
from talome.core.jobs.store import JobsStore
from talome.core.migrations import find_migrations

FILES = ("a", "b", "c")


def file_kind(folder: Path, interrupted: str, before: Any = None, after: Any = None) -> JobKind:
    """Makes the files a, b and c, one a step."""

    async def make(arguments: dict[str, Any]) -> None:
        if before:
            await before(arguments["name"])
        (folder / arguments["name"]).touch()
        if after:
            await after(arguments["name"])

    async def unmake(arguments: dict[str, Any], result: Any) -> None:
        (folder / arguments["name"]).unlink(missing_ok=True)

    async def run(job: Job, arguments: dict[str, Any]) -> None:
        for number, name in enumerate(FILES):
            await job.progress(f"Making {name}", number, len(FILES))
            await job.step("make", name=name)

    return JobKind(run, {"make": Step(make, unmake)}, interrupted)  # type: ignore[arg-type]


@pytest.fixture
async def jobs(tmp_path: Path, events: Events):
    db = Database(tmp_path / "jobs.db", events)
    await db.open(find_migrations("talome.core.jobs"))
    service = Jobs(JobsStore(db))
    yield service
    await service.stop()
    await db.close()


async def end_of(jobs: Jobs, events: Events, job_id: str):
    with events.subscribe(JobChanged) as changes:
        row = await jobs.get(job_id)
        while row.finished_at is None:
            row = (await asyncio.wait_for(anext(changes), 10)).job
    return row


def made(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "files"
    path.mkdir()
    return path


async def test_a_job_ends_in_done(jobs: Jobs, events: Events, folder: Path) -> None:
    jobs.register("files", file_kind(folder, "carry_on"))
    row = await jobs.start("files", "Make files", {}, scope="files:read", by="ada")
    row = await end_of(jobs, events, row.id)
    assert (row.state, row.done, row.total, row.unit) == ("done", 2, 3, "steps")
    assert made(folder) == set(FILES)


async def test_a_failing_job_undoes_and_says_why(jobs: Jobs, events: Events, folder: Path) -> None:
    async def fail(name: str) -> None:
        if name == "c":
            raise Unavailable("The moon is in the way.")

    jobs.register("files", file_kind(folder, "carry_on", before=fail))
    row = await jobs.start("files", "Make files", {}, scope="files:read", by="ada")
    row = await end_of(jobs, events, row.id)
    assert (row.state, row.reason) == ("failed", "The moon is in the way.")
    assert made(folder) == set()


async def test_an_unexpected_failure_tells_no_details(jobs: Jobs, events: Events, folder: Path) -> None:
    async def fail(name: str) -> None:
        raise ValueError("secret=hunter2")

    jobs.register("files", file_kind(folder, "carry_on", before=fail))
    row = await end_of(jobs, events, (await jobs.start("files", "t", {}, scope="files:read", by="ada")).id)
    assert row.state == "failed"
    assert "hunter2" not in (row.reason or "")


@pytest.mark.parametrize("fails", [False, True], ids=["done just then", "failed just then"])
async def test_a_cancellation_in_the_last_moment_still_ends_the_job(
    jobs: Jobs, events: Events, folder: Path, fails: bool
) -> None:
    """It met the note of the job's end instead, and the job went on for ever."""

    async def run(job: Job, arguments: dict[str, Any]) -> None:
        await job.step("make", name="a")
        await jobs.cancel(job.row.id)  # from here on no await is left that the cancellation could meet
        if fails:
            raise Unavailable("It did not work.")

    kind = file_kind(folder, "carry_on")
    jobs.register("last", JobKind(run, kind.steps))
    row = await jobs.start("last", "Make a file", {}, scope="x:read", by="ann")
    ended = await end_of(jobs, events, row.id)
    assert ended.state == ("failed" if fails else "cancelled")
    assert not (folder / "a").exists()


async def test_cancelling_undoes(jobs: Jobs, events: Events, folder: Path) -> None:
    reached = asyncio.Event()

    async def wait(name: str) -> None:
        if name == "b":
            reached.set()
            await asyncio.Event().wait()

    jobs.register("files", file_kind(folder, "carry_on", before=wait))
    row = await jobs.start("files", "Make files", {}, scope="files:read", by="ada")
    await asyncio.wait_for(reached.wait(), 5)
    assert made(folder) == {"a"}
    await jobs.cancel(row.id)
    row = await end_of(jobs, events, row.id)
    assert row.state == "cancelled"
    assert made(folder) == set()
    with pytest.raises(Conflict):
        await jobs.cancel(row.id)


async def test_what_a_job_logs_holds_no_secret(jobs: Jobs, events: Events) -> None:
    async def run(job: Job, arguments: dict[str, Any]) -> None:
        await job.log("with password=hunter2 and more")

    jobs.register("talk", JobKind(run, {}))
    row = await end_of(jobs, events, (await jobs.start("talk", "t", {}, scope="x:read", by="ada")).id)
    ((_, text),) = await jobs.store.log(row.id, 10)
    assert "hunter2" not in text
    assert "and more" in text


CRASHING = textwrap.dedent("""
    import asyncio, os, signal, sys
    from pathlib import Path
    from tests.core.test_jobs import file_kind
    from talome.core.db import Database
    from talome.core.events import Events
    from talome.core.jobs.service import Jobs
    from talome.core.jobs.store import JobsStore
    from talome.core.migrations import find_migrations

    database, folder, interrupted, moment, where = sys.argv[1:]

    async def crash(name):
        if name == where:
            os.kill(os.getpid(), signal.SIGKILL)

    async def main():
        db = Database(Path(database), Events())
        await db.open(find_migrations("talome.core.jobs"))
        jobs = Jobs(JobsStore(db))
        jobs.register("files", file_kind(Path(folder), interrupted, **{moment: crash}))
        await jobs.start("files", "Make files", {}, scope="files:read", by="ada")
        await asyncio.sleep(30)

    asyncio.run(main())
""")


@pytest.mark.parametrize("where", FILES)
@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("interrupted", ["carry_on", "undo"])
async def test_kill_9_at_each_step_ends_in_old_or_new(
    jobs: Jobs, events: Events, folder: Path, interrupted: str, moment: str, where: str
) -> None:
    path = str(jobs.store.db.path)
    ended = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", CRASHING, path, str(folder), interrupted, moment, where]
    )
    assert ended.returncode == -9
    jobs.register("files", file_kind(folder, interrupted))
    (row,) = await jobs.store.unfinished()
    await jobs.resume()
    row = await end_of(jobs, events, row.id)
    if interrupted == "carry_on":
        assert (row.state, made(folder)) == ("done", set(FILES))
    else:
        assert (row.state, made(folder)) == ("failed", set())


async def test_resuming_leaves_alone_what_began_before_it(jobs: Jobs, events: Events, folder: Path) -> None:
    held = asyncio.Event()

    async def hold(_: str) -> None:
        await held.wait()

    jobs.register("files", file_kind(folder, "undo", before=hold))
    row = await jobs.start("files", "Files", {}, scope="jobs:read", by="ada")
    await jobs.resume()
    assert jobs.running == 1
    held.set()
    assert (await end_of(jobs, events, row.id)).state == "done"
    assert sorted(file.name for file in folder.iterdir()) == list(FILES)


async def test_a_job_that_the_machine_refuses_still_ends_with_a_reason(
    jobs: Jobs, events: Events, folder: Path
) -> None:
    """A step and an undoing that raised OSError left the job running for ever, and its app with it."""

    async def work(_: dict[str, Any]) -> None:
        (folder / "a").touch()

    async def full(_: dict[str, Any]) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "/somewhere/secret")

    async def undo(_: dict[str, Any], __: Any) -> None:
        (folder / "a").unlink()

    async def refuse(_: dict[str, Any], __: Any) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted", "/somewhere/secret")

    async def run(job: Job, _: dict[str, Any]) -> None:
        await job.step("work")
        await job.step("full")

    jobs.register("x", JobKind(run, {"work": Step(work, undo), "full": Step(full, refuse)}))
    row = await end_of(jobs, events, (await jobs.start("x", "X", {}, scope="jobs:read", by="ada")).id)
    assert (row.state, row.reason) == ("failed", "There is no room left on the disk. Make some, then try again.")
    assert made(folder) == set(), "what can be undone is undone"
    [(_, line)] = await jobs.store.log(row.id, 10)
    assert (
        line == "“full” could not be undone: This machine refused it: Operation not permitted. The log has the details."
    )


async def test_what_another_release_began_in_other_steps_is_undone(tmp_path: Path, folder: Path) -> None:
    stuck = asyncio.Event()

    async def hold(name: str) -> None:
        if name == "c":
            stuck.set()
            await asyncio.Event().wait()

    events = Events()
    db = Database(tmp_path / "jobs.db", events)
    await db.open(find_migrations("talome.core.jobs"))
    first, kind = Jobs(JobsStore(db)), file_kind(folder, "carry_on", before=hold)
    first.register("files", kind)
    id = (await first.start("files", "t", {}, scope="files:read", by="ada")).id
    await asyncio.wait_for(stuck.wait(), 10)
    await first.stop()
    assert made(folder) == {"a", "b"}

    async def run(job: Job, arguments: dict[str, Any]) -> None:
        await job.step("look", name="a")
        await kind.run(job, arguments)

    second = Jobs(JobsStore(db))
    second.register("files", JobKind(run, {**kind.steps, "look": Step(kind.steps["make"].run)}))
    await second.resume()
    row = await end_of(second, events, id)
    assert (row.state, row.reason) == (
        "failed", "Another release of Talome began this, and this one goes about it differently."
    )  # fmt: skip
    assert made(folder) == set()
    await second.stop()
    await db.close()
    await events.stop()


async def test_the_first_reason_outlives_a_crash_in_the_middle_of_the_undoing(tmp_path: Path, folder: Path) -> None:
    async def fail(name: str) -> None:
        if name == "c":
            raise Unavailable("The cellar is flooded.")

    stuck = asyncio.Event()

    async def never(arguments: dict[str, Any], result: Any) -> None:
        stuck.set()
        await asyncio.Event().wait()

    events = Events()
    db = Database(tmp_path / "jobs.db", events)
    await db.open(find_migrations("talome.core.jobs"))
    first, kind = Jobs(JobsStore(db)), file_kind(folder, "carry_on", before=fail)
    first.register("files", JobKind(kind.run, {"make": Step(kind.steps["make"].run, never)}))
    id = (await first.start("files", "t", {}, scope="files:read", by="ada")).id
    await asyncio.wait_for(stuck.wait(), 10)
    await first.stop()
    assert (await first.get(id)).state == "undoing"

    second = Jobs(JobsStore(db))
    second.register("files", kind)
    with events.subscribe(JobChanged):
        await second.resume()
        row = await end_of(second, events, id)
    assert (row.state, row.reason) == ("failed", "The cellar is flooded.")
    assert made(folder) == set()
    await second.stop()
    await db.close()
    await events.stop()


async def test_no_secret_of_a_job_is_read_in_its_log_or_reason(jobs: Jobs, events: Events) -> None:
    async def run(job: Job, arguments: dict[str, Any]) -> None:
        await job.log("It said: postgres://u:p%40ss%2Fword@db and p@ss/word and ab, and nothing about cabs")
        raise Unavailable("It ended: p@ss/word. APP_KEY=xyz")

    async def secrets(arguments: dict[str, Any]) -> list[str]:
        return ["p@ss/word", arguments["pin"], ""]

    jobs.register("leak", JobKind(run, {}, secrets=secrets))
    row = await end_of(jobs, events, (await jobs.start("leak", "t", {"pin": "ab"}, scope="x:read", by="ada")).id)
    [(_, line)] = await jobs.store.log(row.id, 10)
    assert line == "It said: postgres://u:[hidden]@db and [hidden] and [hidden], and nothing about cabs"
    assert row.reason == "It ended: [hidden]. APP_KEY=[hidden]"


async def test_a_job_whose_secrets_cannot_be_known_tells_nothing(jobs: Jobs, events: Events) -> None:
    async def run(job: Job, arguments: dict[str, Any]) -> None:
        raise Unavailable("It ended: hunter two")

    async def secrets(arguments: dict[str, Any]) -> list[str]:
        raise OSError(errno.EIO, "the disk is gone")

    jobs.register("leak", JobKind(run, {}, secrets=secrets))
    row = await end_of(jobs, events, (await jobs.start("leak", "t", {}, scope="x:read", by="ada")).id)
    assert row.state == "failed"
    assert "hunter" not in (row.reason or "")


async def test_jobs_are_found_by_what_they_are_about(jobs: Jobs, events: Events, folder: Path) -> None:
    jobs.register("files", file_kind(folder, "carry_on"))
    for subject in ("app:a", "app:b", None):
        row = await jobs.start("files", "t", {}, scope="x:read", by="ada", subject=subject)
        await end_of(jobs, events, row.id)
    assert [row.subject for row in await jobs.store.about("app:a", 10)] == ["app:a"]


async def test_nothing_begins_after_the_stop(jobs: Jobs) -> None:
    await jobs.stop()
    with pytest.raises(Unavailable, match="stopping"):
        await jobs.start("any", "Any", {}, scope="jobs:read", by="ada")
    assert jobs.running == 0
