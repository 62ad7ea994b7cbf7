"""Containers through their operations: lists, details without secrets, actions, bulk jobs, exec, and the stream."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import pytest

from talome.core.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable
from talome.engines.cgroups import Counters
from talome.home.containers.models import Container
from talome.home.containers.own import find_own_container
from talome.home.containers.present import status_text
from tests.fakes.docker import FakeContainer, FakeEngine
from tests.fakes.docker_containers import FakeContainers
from tests.home.house import ADMIN, AGENT, READER, FakeCounters, House, open_house, until

COMPOSE = {"com.docker.compose.project": "photos", "com.docker.compose.service": "db"}


@pytest.fixture
async def web(engine: FakeEngine, house: House) -> FakeContainer:
    box = engine.add_container("web", env=("PATH=/bin", "DB_PASSWORD=hunter2", "URL=postgres://u:hunter2@db/x", "K"))
    await until(lambda: house.mirror.get(box.id) is not None)
    return box


async def test_the_list_can_be_narrowed(engine: FakeEngine, house: House) -> None:
    engine.add_container("web")
    engine.add_container("db", labels=COMPOSE, state="exited")
    engine.add_container("box", state="paused")
    await until(lambda: len(list(house.mirror.entries())) == 3)

    async def listed(**arguments: object) -> list[str]:
        return [item.name for item in await house.call("containers.list", **arguments)]

    assert await listed() == ["box", "db", "web"]
    assert await listed(state=["running", "paused"]) == ["box", "web"]
    assert await listed(search="PHOTO") == ["db"]
    assert await listed(project="photos") == ["db"]
    with pytest.raises(Invalid):
        await listed(state=["asleep"])
    [db] = await house.call("containers.list", project="photos")
    assert (db.project, db.service, db.exit_code) == ("photos", "db", 143)


async def test_secret_values_are_for_people_who_may_write(house: House, web: FakeContainer) -> None:
    writer = replace(READER, scopes=frozenset({"containers:write"}))
    key = replace(ADMIN, kind="key")
    for caller, reveals in ((ADMIN, True), (writer, True), (READER, False), (AGENT, False), (key, False)):
        detail = await house.call("containers.get", caller, id="web")
        shown = {item.name: (item.value, item.secret) for item in detail.env}
        assert shown["PATH"] == ("/bin", False)
        assert shown["DB_PASSWORD"] == ("hunter2" if reveals else None, True)
        assert shown["URL"][1]
        assert ("hunter2" in detail.model_dump_json()) == reveals
    with pytest.raises(Forbidden):
        await house.call("containers.inspect", READER, id="web")
    assert "hunter2" not in str(await house.call("containers.inspect", AGENT, id="web"))
    assert "hunter2" in str(await house.call("containers.inspect", id="web"))


@pytest.mark.parametrize("reference", ["../x", "a b", "", "-rf", "x/../../images/json?all=1#", "a" * 200, "ä"])
@pytest.mark.parametrize("name", ["containers.get", "containers.stop", "containers.remove", "containers.logs"])
async def test_ids_that_cannot_be_one_are_refused(house: House, name: str, reference: str) -> None:
    with pytest.raises(Invalid):
        await house.call(name, id=reference)


async def test_actions_answer_what_became_true(engine: FakeEngine, house: House, web: FakeContainer) -> None:
    assert (await house.call("containers.stop", id="web", timeoutS=1)).state == "exited"
    assert (await house.call("containers.start", id="web")).state == "running"
    assert (await house.call("containers.pause", id="web")).status.endswith("(Paused)")
    assert (await house.call("containers.unpause", id="web")).state == "running"
    assert (await house.call("containers.restart", id=web.id)).state == "running"
    assert (await house.call("containers.rename", id="web", name="www")).name == "www"
    with pytest.raises(Conflict):
        await house.call("containers.remove", id="www")
    assert (await house.call("containers.remove", id="www", force=True)).ok
    with pytest.raises(NotFound):
        await house.call("containers.get", id="www")
    assert engine.box == {}


async def test_volumes_survive_their_container(engine: FakeEngine, house: House) -> None:
    from talome.engines.docker.models import Mount

    await engine.volumes.create("cafe" * 16, labels={"com.docker.volume.anonymous": ""})
    engine.add_container("db", mounts=(Mount("volume", "/x", "/data", False, "cafe" * 16),), state="exited")
    await until(lambda: len(list(house.mirror.entries())) == 1)
    await house.call("containers.remove", id="db", force=True)
    assert "cafe" * 16 in engine.volumes.kept


async def test_readers_change_nothing(house: House, web: FakeContainer) -> None:
    for name in ("start", "stop", "restart", "pause", "unpause", "remove"):
        with pytest.raises(Forbidden):
            await house.call(f"containers.{name}", READER, id="web")
    writer = replace(READER, scopes=frozenset({"containers:write"}))
    with pytest.raises(Forbidden):
        await house.call("containers.exec", writer, id="web", command="id")


async def test_talome_does_not_stop_itself(engine: FakeEngine, tmp_path: Path) -> None:
    own, other = engine.add_container("talome"), engine.add_container("web")
    async with open_house(engine, tmp_path, own_id=own.id) as house:
        await house.follows()
        for name in ("stop", "restart", "pause", "remove"):
            with pytest.raises(Conflict, match="Talome itself"):
                await house.call(f"containers.{name}", id="talome")
        with pytest.raises(Conflict, match="Talome itself"):
            await house.call("containers.bulk", action="stop", ids=["web", "talome"])
        assert {own.state, other.state} == {"running"}
        assert (await house.call("containers.start", id="talome")).state == "running"


def test_the_own_container_is_found(tmp_path: Path) -> None:
    folder = tmp_path / "self"
    folder.mkdir()
    assert find_own_container(tmp_path) is None
    (folder / "cgroup").write_text(f"0::/\n1:name=systemd:/docker/{'ab' * 32}\n")
    assert find_own_container(tmp_path) == "ab" * 32
    (folder / "cgroup").write_text(f"0::/system.slice/docker-{'cd' * 32}.scope\n")
    assert find_own_container(tmp_path) == "cd" * 32
    (folder / "mountinfo").write_text(
        f"1 2 254:1 /var/lib/docker/containers/{'ef' * 32}/hostname /etc/hostname rw - ext4 /dev/vda1 rw\n"
    )
    assert find_own_container(tmp_path) == "ef" * 32


# --- bulk ---


async def test_bulk_does_all(engine: FakeEngine, house: House) -> None:
    boxes = [engine.add_container(name) for name in ("a", "b", "c")]
    await until(lambda: len(list(house.mirror.entries())) == 3)
    job = await house.call("containers.bulk", action="stop", ids=["a", "b", "c", boxes[0].id])
    assert (job.kind, job.title, job.started_by) == ("containers.bulk", "Stop a, b, c", "ada")
    job = await house.ended(job.id)
    assert (job.state, job.done, job.total, job.unit) == ("done", 3, 3, "steps")
    assert {box.state for box in boxes} == {"exited"}
    assert {item.state for item in await house.call("containers.list")} == {"exited"}


class Stubborn(FakeContainers):
    """Some containers cannot be stopped; others take until `release`."""

    def __init__(self, engine: FakeEngine) -> None:
        super().__init__(engine)
        self.failing: set[str] = set()
        self.slow: set[str] = set()
        self.reached = asyncio.Event()

    async def stop(self, id: str, *, timeout_s: int = 10) -> None:
        if id in self.failing:
            raise Unavailable("cannot stop container: permission denied", code="engine_failed")
        await super().stop(id, timeout_s=timeout_s)
        if id in self.slow:
            self.reached.set()
            await asyncio.Event().wait()


@pytest.fixture
async def stubborn(tmp_path: Path) -> AsyncIterator[tuple[House, dict[str, FakeContainer], Stubborn]]:
    engine = FakeEngine()
    engine.containers = containers = Stubborn(engine)
    boxes = {name: engine.add_container(name) for name in ("a", "b", "c")}
    boxes["off"] = engine.add_container("off", state="exited")
    async with open_house(engine, tmp_path) as house:
        await house.follows()
        yield house, boxes, containers


async def test_one_that_fails_is_named_and_keeps_no_other_from_it(
    stubborn: tuple[House, dict[str, FakeContainer], Stubborn],
) -> None:
    house, boxes, containers = stubborn
    containers.failing.add(boxes["b"].id)
    job = await house.ended((await house.call("containers.bulk", action="stop", ids=["a", "b", "c"])).id)
    assert job.state == "failed"
    assert job.reason == "1 of 3 could not be stopped. b: cannot stop container: permission denied"
    assert [boxes[name].state for name in "abc"] == ["exited", "running", "exited"]
    assert "“b” could not be stopped" in await house.log_of(job.id)


async def test_cancelling_puts_back_what_was_done(
    stubborn: tuple[House, dict[str, FakeContainer], Stubborn],
) -> None:
    house, boxes, containers = stubborn
    containers.slow.add(boxes["b"].id)
    job = await house.call("containers.bulk", action="stop", ids=["off", "a", "b", "c"])
    await asyncio.wait_for(containers.reached.wait(), 5)
    await house.call("jobs.cancel", id=job.id)
    assert (await house.ended(job.id)).state == "cancelled"
    assert [boxes[name].state for name in ("a", "b", "c", "off")] == ["running", "running", "running", "exited"]


# --- exec ---


async def test_exec_runs_words_not_a_shell(house: House, web: FakeContainer) -> None:
    result = await house.call("containers.exec", id="web", command="echo 'a b' $HOME ; id")
    assert (result.exit_code, result.stdout.strip()) == (0, "a b $HOME ; id")
    result = await house.call("containers.exec", id="web", command="echo x; exit 3", shell=True)
    assert '"/bin/sh"' in result.stdout, "the engine in memory has no such file; the real one is asked in test_real"
    result = await house.call("containers.exec", id="web", command=["echo", "a  b"])
    assert result.stdout == "a  b\n"
    for command, arguments in (("", {}), ("echo 'a", {}), (["ls"], {"shell": True}), ([], {})):
        with pytest.raises(Invalid):
            await house.call("containers.exec", id="web", command=command, **arguments)
    await house.call("containers.stop", id="web")
    with pytest.raises(Conflict, match="does not run"):
        await house.call("containers.exec", id="web", command="id")


# --- usage ---


async def test_usage_has_rates(engine: FakeEngine, house: House, counters: FakeCounters, web: FakeContainer) -> None:
    counters.counters[web.id] = Counters(10**9, 512 * 1024**2, None, 3, 10, 20, 1000, 500)
    await house.sampler.sample()
    counters.counters[web.id] = Counters(10**9 + 10**7, 1024**3, 2 * 1024**3, 4, 11, 22, 3000, 500)
    await house.sampler.sample()
    usage = await house.call("containers.stats", id="web")
    assert usage.cpu_percent > 0
    assert usage.rx_bytes_per_s > 0
    assert usage.tx_bytes_per_s == 0
    assert (usage.memory_bytes, usage.memory_limit_bytes, usage.memory_percent) == (1024**3, 2 * 1024**3, 50.0)
    assert (usage.pids, usage.read_bytes, usage.write_bytes, usage.rx_bytes) == (4, 11, 22, 3000)
    [shown] = await house.call("containers.list")
    assert shown.usage == usage


async def test_usage_of_what_does_not_run(
    engine: FakeEngine, house: House, counters: FakeCounters, web: FakeContainer
) -> None:
    counters.unreadable.add(web.id)
    await house.sampler.sample()
    with pytest.raises(Unavailable, match="cannot be read"):
        await house.call("containers.stats", id="web")
    await house.call("containers.stop", id="web")
    with pytest.raises(Conflict, match="does not run"):
        await house.call("containers.stats", id="web")


async def test_counters_that_vanish_make_the_mirror_look(
    engine: FakeEngine, house: House, counters: FakeCounters, web: FakeContainer
) -> None:
    web.state, web.pid = "exited", None  # without an event
    counters.unreadable.add(web.id)
    await house.sampler.sample()
    await until(lambda: house.containers.find("web").state == "exited")


async def test_a_restarted_container_has_no_negative_rates(
    house: House, counters: FakeCounters, web: FakeContainer
) -> None:
    for cpu in (10**12, 10**6):
        counters.counters[web.id] = Counters(cpu, 1, None, 1, 0, 0, cpu, cpu)
        await house.sampler.sample()
    usage = await house.call("containers.stats", id="web")
    assert (usage.cpu_percent, usage.rx_bytes_per_s) == (0, 0)


# --- the stream ---


async def test_the_stream_begins_with_a_snapshot_and_follows(
    engine: FakeEngine, house: House, web: FakeContainer
) -> None:
    operation = house.registry["containers.stream"]
    seen = []

    async def watch() -> None:
        async with aclosing(await house.call("containers.stream", READER)) as items:
            async for item in items:
                assert operation.item is not None
                seen.append(orjson.loads(operation.item.dump_json(item, by_alias=True)))

    watching = asyncio.create_task(watch())
    await until(lambda: bool(seen))
    assert seen[0]["type"] == "snapshot"
    assert [item["name"] for item in seen[0]["containers"]] == ["web"]
    assert (seen[0]["stale"], seen[0]["reason"]) == (False, None)
    await house.call("containers.stop", id="web")
    await until(lambda: any(item["type"] == "changed" and item["container"]["state"] == "exited" for item in seen))
    await house.call("containers.start", id="web")
    seen.clear()
    await until(lambda: any(item["type"] == "usage" and web.id in item["usage"] for item in seen))
    await house.call("containers.remove", id="web", force=True)
    await until(lambda: {"type": "removed", "id": web.id} in seen)
    engine.outage("refused")
    await until(lambda: any(item["type"] == "engine" and item["stale"] for item in seen))
    engine.outage(None)
    await until(lambda: {"type": "engine", "stale": False, "reason": None} in seen)
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)


async def test_many_changes_become_few_frames(engine: FakeEngine, house: House, web: FakeContainer) -> None:
    async with aclosing(house.containers.follow()) as items:
        await anext(items)
        for _ in range(50):
            engine.announce("container", "update", web.id, {})
            web.restart_count += 1
            web.labels = {"n": str(web.restart_count)}
            await house.mirror.refresh(web.id)
        changed = await anext(items)
        assert changed.type == "changed"
        assert changed.container.labels == {"n": "50"}


def at(**ago: float) -> datetime:
    return NOW - timedelta(**ago)


NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
PLAIN = Container(
    id="a" * 64, name="web", image="x", image_id="sha256:1", state="running", status="", health="none", exit_code=None,
    created_at=NOW, started_at=NOW, finished_at=None, project=None, service=None, ports=[], networks=[], labels={},
    usage=None, stale=False,
)  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"started_at": at(seconds=0.4)}, "Up Less than a second"),
        ({"started_at": at(seconds=1)}, "Up 1 second"),
        ({"started_at": at(seconds=59)}, "Up 59 seconds"),
        ({"started_at": at(seconds=61), "health": "healthy"}, "Up About a minute (healthy)"),
        ({"started_at": at(minutes=3), "health": "starting"}, "Up 3 minutes (health: starting)"),
        ({"started_at": at(hours=1)}, "Up About an hour"),
        ({"started_at": at(hours=47)}, "Up 47 hours"),
        ({"started_at": at(days=13)}, "Up 13 days"),
        ({"started_at": at(days=15)}, "Up 2 weeks"),
        ({"started_at": at(days=70)}, "Up 2 months"),
        ({"started_at": at(days=800)}, "Up 2 years"),
        ({"state": "exited", "exit_code": 137, "finished_at": at(hours=2)}, "Exited (137) 2 hours ago"),
        ({"state": "restarting", "exit_code": 1, "finished_at": at(seconds=5)}, "Restarting (1) 5 seconds ago"),
        ({"state": "created"}, "Created"),
        ({"state": "removing"}, "Removal In Progress"),
        ({"state": "dead"}, "Dead"),
    ],
)
def test_the_status_reads_as_dockers(changes: dict[str, object], text: str) -> None:
    assert status_text(PLAIN.model_copy(update=changes), NOW) == text
