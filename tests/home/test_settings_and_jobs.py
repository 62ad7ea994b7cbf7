"""Settings and jobs as people see them."""

import asyncio
from contextlib import aclosing
from dataclasses import replace
from typing import Any

import pytest

from talome.core.errors import Conflict, Forbidden, Invalid, NotFound
from talome.core.jobs.service import Job, JobKind
from tests.home.house import ADMIN, READER, House, until


async def test_settings_are_shown_changed_and_remembered(house: House) -> None:
    values = await house.call("settings.get")
    assert values["system.disk_warning_percent"] == 90
    assert values["demo.token"] is None
    values = await house.call("settings.update", values={"system.disk_warning_percent": 80, "demo.token": "hunter2"})
    assert (values["system.disk_warning_percent"], values["demo.token"]) == (80, "(configured)")
    await house.call("settings.update", values={"demo.token": "(configured)", "system.disk_warning_percent": None})
    assert house.settings.get("demo.token") == "hunter2"
    history = await house.call("settings.history")
    assert [(item.key, item.old, item.new, item.by) for item in history if item.key != "demo.token"] == [
        ("system.disk_warning_percent", 80, None, "ada"),
        ("system.disk_warning_percent", None, 80, "ada"),
    ]
    assert "hunter2" not in str(history)
    assert len(await house.call("settings.history", limit=1)) == 1


@pytest.mark.parametrize(
    "values", [{"nothing": 1}, {"system.disk_warning_percent": 1000}, {"system.disk_warning_percent": "80"}]
)
async def test_settings_that_do_not_fit_change_nothing(house: House, values: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        await house.call("settings.update", values={"metrics.retention_days": 10, **values})
    assert (await house.call("settings.get"))["metrics.retention_days"] == 30


async def test_states_name_their_latest_change_and_guard_it(house: House) -> None:
    async def state(key: str) -> Any:
        return next(item for item in await house.call("settings.states") if item.key == key)

    first = await state("metrics.retention_days")
    assert (first.value, first.chosen, first.revision, first.changed_by) == (30, False, "", None)
    seen = {"metrics.retention_days": first.revision}
    states = await house.call("settings.change", values={"metrics.retention_days": 10}, revisions=seen)
    assert next(item.value for item in states if item.key == "metrics.retention_days") == 10
    second = await state("metrics.retention_days")
    assert (second.chosen, second.changed_by) == (True, "ada")
    with pytest.raises(Conflict):
        await house.call("settings.change", values={"metrics.retention_days": 11}, revisions=seen)
    (change,) = await house.call("settings.history", key="metrics.retention_days")
    assert (change.id, change.old, change.new) == (second.revision, None, 10)
    back = {"metrics.retention_days": change.old}
    await house.call("settings.change", values=back, revisions={"metrics.retention_days": change.id})
    assert (await state("metrics.retention_days")).value == 30
    assert await house.call("settings.history", key="demo.token") == []
    await house.call("settings.change", values={"demo.token": "hunter2"})
    assert (await state("demo.token")).value == "(configured)"


async def test_the_schema_says_what_can_be_set(house: House) -> None:
    schema = {item.key: item for item in await house.call("settings.schema")}
    days = schema["metrics.retention_days"]
    assert (days.default, days.minimum, days.maximum, days.unit) == (30, 1, 400, "days")
    assert schema["demo.token"].kind == "secret"
    assert all(item.title and item.feature for item in schema.values())
    with pytest.raises(Forbidden):
        await house.call("settings.schema", READER)


# --- jobs ---


def waiting_kind(release: asyncio.Event) -> JobKind:
    async def run(job: Job, arguments: dict[str, Any]) -> None:
        await job.progress("Working", 1, 2)
        await job.log("at it")
        await release.wait()

    return JobKind(run, {})


async def test_jobs_are_seen_by_those_who_hold_their_scope(house: House) -> None:
    release = asyncio.Event()
    house.jobs.register("wait", waiting_kind(release))
    seen = (await house.jobs.start("wait", "Seen", {}, scope="containers:read", by="ada")).id
    hidden = (await house.jobs.start("wait", "Hidden", {}, scope="users:read", by="ada")).id
    assert {job.id for job in await house.call("jobs.list")} == {seen, hidden}
    assert [job.id for job in await house.call("jobs.list", READER)] == [seen]
    assert (await house.call("jobs.get", READER, id=seen)).title == "Seen"
    for name in ("jobs.get", "jobs.log", "jobs.cancel"):
        with pytest.raises(NotFound):
            await house.call(name, READER, id=hidden)
    with pytest.raises(Forbidden, match="containers:write"):
        await house.call("jobs.cancel", READER, id=seen)
    with pytest.raises(NotFound):
        await house.call("jobs.get", id="job_" + "0" * 26)
    with pytest.raises(Invalid):
        await house.call("jobs.get", id="../x")
    release.set()
    assert (await house.ended(seen)).state == "done"
    with pytest.raises(Conflict):
        await house.call("jobs.cancel", id=seen)


async def test_the_stream_of_jobs(house: House) -> None:
    release = asyncio.Event()
    house.jobs.register("wait", waiting_kind(release))
    first = (await house.jobs.start("wait", "First", {}, scope="containers:read", by="ada")).id
    items: list[Any] = []

    async def watch() -> None:
        async with aclosing(await house.call("jobs.stream", READER)) as stream:
            async for item in stream:
                items.append(item)  # noqa: PERF401 - they are looked at while they come

    watching = asyncio.create_task(watch())
    await until(lambda: bool(items))
    assert [job.id for job in items[0].jobs] == [first]
    hidden = (await house.jobs.start("wait", "Hidden", {}, scope="users:read", by="ada")).id
    release.set()
    await until(lambda: any(item.type == "changed" and item.job.state == "done" for item in items))
    await house.ended(hidden)
    assert {item.job.id for item in items[1:]} == {first}
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)


async def test_every_operation_of_the_area_has_a_right_of_its_own(house: House) -> None:
    nobody = replace(ADMIN, scopes=frozenset())
    for operation in house.registry:
        assert operation.scope.partition(":")[0] in {"containers", "system", "settings", "jobs"}, operation.name
        with pytest.raises(Forbidden):
            await operation.call(nobody, lambda operation=operation: operation.parse_json({}))
