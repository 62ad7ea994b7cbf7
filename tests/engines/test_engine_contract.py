"""One suite over the fake engine and the real one: what passes here is what the rest of the house may rely on."""

from __future__ import annotations

import asyncio

import pytest

from talome.core.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable
from talome.engines.docker.models import EngineEvent
from talome.engines.docker.protocol import ContainerEngine, EngineStream
from tests.engines.bench import ENDS_WITH, IMAGE, STOPS_WITH, Bench, eventually

BAD_IDS = [
    "",
    "../images/json?",
    "x/../../images/json?all=1#",
    "a b",
    "-x",
    "x" * 129,
    "ä",
    "a\n",
    "%2e%2e",
    "?",
    "a/b",
]
ABSENT = "f" * 64


async def test_version_and_info(bench: Bench) -> None:
    await bench.engine.ping()
    version = await bench.engine.version()
    assert version.version
    assert tuple(map(int, version.api.split("."))) >= (1, 24)
    info = await bench.engine.info()
    assert info.cpus >= 1
    assert info.cgroup_version in (1, 2)
    assert info.root_dir.startswith("/")


async def test_list_and_inspect_tell_the_same(bench: Bench) -> None:
    id = await bench.run("web", labels={"com.docker.compose.project": "shop"}, network="bridge")
    ended = await bench.run("job", ended=True)
    rows = {row.name: row for row in await bench.engine.containers.all()}
    assert rows.keys() == {"web", "job"}
    web = rows["web"]
    assert (web.id, web.state, web.image, web.health, web.exit_code) == (id, "running", IMAGE, "none", None)
    assert web.labels == {"com.docker.compose.project": "shop"}
    assert [network.name for network in web.networks] == ["bridge"]
    assert (rows["job"].state, rows["job"].exit_code) == ("exited", ENDS_WITH)
    detail = await bench.engine.containers.inspect("web")
    assert (detail.id, detail.name, detail.image_id) == (web.id, web.name, web.image_id)
    assert detail.pid is not None
    assert detail.started_at is not None
    assert detail.exit_code is None
    done = await bench.engine.containers.inspect(ended[:12])
    assert (done.exit_code, done.pid) == (ENDS_WITH, None)
    assert done.finished_at is not None


async def test_lifecycle(bench: Bench) -> None:
    containers = bench.engine.containers
    id = await bench.run("web")

    async def state() -> str:
        return (await containers.inspect(id)).state

    await containers.start(id)  # runs already: no error
    await containers.pause(id)
    assert await state() == "paused"
    with pytest.raises(Conflict):
        await containers.pause(id)
    await containers.unpause(id)
    await eventually(lambda: runs(bench.engine, id), "running again")  # see test_events_of_a_pause
    with pytest.raises(Conflict):
        await containers.unpause(id)
    await containers.stop(id, timeout_s=5)
    assert await state() == "exited"
    assert (await containers.inspect(id)).exit_code == STOPS_WITH
    await containers.stop(id)  # stopped already: no error
    with pytest.raises(Conflict):
        await containers.pause(id)
    with pytest.raises(Conflict):
        await containers.kill(id)
    await containers.restart(id)  # also starts a stopped one
    assert await state() == "running"
    before = (await containers.inspect(id)).started_at
    await containers.restart(id, timeout_s=5)
    after = (await containers.inspect(id)).started_at
    assert before is not None
    assert after is not None
    assert after > before
    await containers.kill(id)
    assert (await containers.inspect(id)).exit_code == 137
    await containers.start(id)
    with pytest.raises(Invalid):
        await containers.kill(id, signal="SIGNOTHING")


async def test_rename(bench: Bench) -> None:
    containers = bench.engine.containers
    id = await bench.run("web")
    await bench.run("db")
    await containers.rename(id, "shop.web-1_a")
    assert (await containers.inspect("shop.web-1_a")).id == id
    with pytest.raises(Conflict):
        await containers.rename(id, "db")
    with pytest.raises(Invalid):
        await containers.rename(id, "shop.web-1_a")
    for name in ("../x", "a b", "", "-a", "x" * 200):
        with pytest.raises(Invalid):
            await containers.rename(id, name)


async def test_remove(bench: Bench) -> None:
    containers = bench.engine.containers
    running, ended = await bench.run("web"), await bench.run("job", ended=True)
    with pytest.raises(Conflict):
        await containers.remove(running)
    await containers.remove(ended)
    await containers.remove(running, force=True)
    assert await containers.all() == []
    with pytest.raises(NotFound):
        await containers.remove(running)


async def test_many_at_once(bench: Bench) -> None:
    ids = await asyncio.gather(*(bench.run(f"c{number}") for number in range(6)))
    await asyncio.gather(*(bench.engine.containers.stop(id, timeout_s=5) for id in ids))
    assert {row.state for row in await bench.engine.containers.all()} == {"exited"}
    await asyncio.gather(*(bench.engine.containers.start(id) for id in ids))
    assert {row.state for row in await bench.engine.containers.all()} == {"running"}


# --- ids ---


@pytest.mark.parametrize("id", BAD_IDS)
async def test_bad_ids_never_reach_the_engine(bench: Bench, id: str) -> None:
    engine = bench.engine
    for call in (
        engine.containers.inspect,
        engine.containers.start,
        engine.containers.stop,
        engine.containers.remove,
        engine.containers.logs,
        engine.containers.follow_logs,
        engine.networks.inspect,
        engine.networks.remove,
        engine.volumes.inspect,
        engine.volumes.remove,
        engine.volumes.archive,
    ):
        with pytest.raises(Invalid):
            await call(id)
    with pytest.raises(Invalid):
        await engine.containers.exec(id, ["true"])


@pytest.mark.parametrize("id", ["", "../x", "a//b", "a/../b", "x?force=1", "x#", "a b", ":1", "x:", "x@sha256:12"])
async def test_bad_image_references(bench: Bench, id: str) -> None:
    with pytest.raises(Invalid):
        await bench.engine.images.remove(id)


@pytest.mark.parametrize("id", [ABSENT, ABSENT[:12], "absent"])
async def test_absent_things(bench: Bench, id: str) -> None:
    engine = bench.engine
    for call in (
        engine.containers.inspect,
        engine.containers.start,
        engine.containers.stop,
        engine.containers.restart,
        engine.containers.pause,
        engine.containers.kill,
        engine.containers.remove,
        engine.containers.logs,
        engine.containers.follow_logs,
        engine.networks.inspect,
        engine.networks.remove,
        engine.images.remove,
        engine.volumes.inspect,
        engine.volumes.remove,
        engine.volumes.archive,
    ):
        with pytest.raises(NotFound):
            await call(id)
    with pytest.raises(NotFound):
        await engine.containers.rename(id, "other")
    with pytest.raises(NotFound):
        await engine.containers.exec(id, ["true"])


# --- events ---


async def take(events: EngineStream[EngineEvent], count: int) -> list[EngineEvent]:
    return [await asyncio.wait_for(anext(events), 10) for _ in range(count)]


async def test_events_come_in_order(bench: Bench) -> None:
    containers = bench.engine.containers
    async with await bench.engine.events() as events:
        id = await bench.run("web")
        await containers.exec(id, ["true"])
        await containers.rename(id, "shop")
        await containers.stop(id, timeout_s=5)
        await containers.start(id)
        await bench.end(id)
        await eventually(lambda: ended(bench.engine, id), "the end")
        await containers.remove(id)
        seen: list[EngineEvent] = []
        while not seen or seen[-1].action != "destroy":
            seen += [event for event in await take(events, 1) if event.kind == "container"]
    assert {event.id for event in seen} == {id}
    actions = [event.action for event in seen if event.action != "kill"]
    assert actions == [
        "create", "start", "rename", "die", "stop", "start", "die", "destroy"
    ]  # fmt: skip
    assert [event.at_ns for event in seen] == sorted(event.at_ns for event in seen)
    dies = [event for event in seen if event.action == "die"]
    assert [event.attributes["exitCode"] for event in dies] == [str(STOPS_WITH), str(ENDS_WITH)]
    assert seen[-1].attributes["name"] == "shop"


async def test_events_of_a_pause(bench: Bench) -> None:
    """
    Docker hears of a pause twice, from its caller and from containerd. When the second word comes late, after the
    unpause, it tells of both once more, so only what comes first and what remains can be relied on.
    """
    async with await bench.engine.events() as events:
        id = await bench.run("web")
        await bench.engine.containers.pause(id)
        await bench.engine.containers.unpause(id)
        seen: list[EngineEvent] = []
        while not seen or seen[-1].action != "unpause":
            seen += [event for event in await take(events, 1) if event.kind == "container"]
    assert [event.action for event in seen] == ["create", "start", "pause", "unpause"]
    assert {event.id for event in seen} == {id}
    await eventually(lambda: runs(bench.engine, id), "running again")


async def runs(engine: ContainerEngine, id: str) -> bool:
    return (await engine.containers.inspect(id)).state == "running"


async def ended(engine: ContainerEngine, id: str) -> bool:
    return (await engine.containers.inspect(id)).state == "exited"


async def test_events_since(bench: Bench) -> None:
    async with await bench.engine.events() as events:
        await bench.engine.networks.create("n1")
        first = (await take(events, 1))[0]
    await bench.engine.networks.remove("n1")
    async with await bench.engine.events(since_ns=first.at_ns + 1) as events:
        later = (await take(events, 1))[0]
    assert (first.kind, first.action, first.attributes["name"]) == ("network", "create", "n1")
    assert (later.action, later.id) == ("destroy", first.id)


async def test_events_of_networks_volumes_and_images(bench: Bench) -> None:
    async with await bench.engine.events() as events:
        network = await bench.engine.networks.create("n1")
        await bench.engine.networks.remove("n1")
        await bench.engine.volumes.create("v1")
        await bench.engine.volumes.remove("v1")
        seen = [(event.kind, event.action, event.id) for event in await take(events, 4)]
    assert seen == [
        ("network", "create", network.id),
        ("network", "destroy", network.id),
        ("volume", "create", "v1"),
        ("volume", "destroy", "v1"),
    ]


# --- networks, images ---


async def test_networks(bench: Bench) -> None:
    networks = bench.engine.networks
    assert {"bridge", "host", "none"} <= {network.name for network in await networks.all() if network.builtin}
    made = await networks.create("shop", internal=True, labels={"a": "b"})
    assert (made.name, made.driver, made.internal, made.labels, made.builtin) == (
        "shop",
        "bridge",
        True,
        {"a": "b"},
        False,
    )
    assert len(made.subnets) == 1
    assert made.members == {}
    with pytest.raises(Conflict):
        await networks.create("shop")
    with pytest.raises(Invalid):
        await networks.create("a/b")
    id = await bench.run("web", network="shop")
    assert (await networks.inspect("shop")).members == {id: "web"}
    with pytest.raises(Conflict, match="web"):
        await networks.remove("shop")
    with pytest.raises(Forbidden):
        await networks.remove("bridge")
    await bench.engine.containers.remove(id, force=True)
    await networks.remove(made.id)
    assert "shop" not in {network.name for network in await networks.all()}


async def test_images(bench: Bench) -> None:
    images = bench.engine.images
    await bench.add_image("talome-test/other:1")
    id = await bench.run("web")
    known = {image.tags: image for image in await images.all()}
    assert {(IMAGE,), ("talome-test/other:1",)} <= known.keys()
    assert known[(IMAGE,)].size_bytes > 1_000_000
    assert not known[(IMAGE,)].dangling
    with pytest.raises(Conflict):
        await images.remove(IMAGE)
    await images.remove("talome-test/other:1")
    with pytest.raises(NotFound):
        await images.remove("talome-test/other:1")
    usage = await bench.engine.disk_usage()
    assert usage.layers_bytes > 1_000_000
    assert [image.containers for image in usage.images if image.tags == (IMAGE,)] == [1]
    assert id in usage.container_bytes


async def test_after_close(bench: Bench) -> None:
    await bench.engine.close()
    with pytest.raises(Unavailable):
        await bench.engine.containers.all()
