"""What Docker did with a container: told newest first, also what happened before Talome came, and bounded."""

from pathlib import Path

from talome.engines.docker.models import EngineEvent
from talome.home.containers.lately import MOST_CONTAINERS, MOST_EVENTS, Lately
from tests.engines.bench import eventually
from tests.fakes.docker import FakeEngine
from tests.home.house import House, open_house, until
from tests.support.docker_engine import EngineDaemon


async def actions(house: House, id: str) -> list[str]:
    return [event.action for event in await house.call("containers.events", id=id)]


async def test_events_are_told_with_what_matters(engine: FakeEngine, house: House) -> None:
    box = engine.add_container("web", networks=())
    await until(lambda: house.mirror.get(box.id) is not None)
    engine.announce("container", "health_status", box.id, {"name": "web"}, detail="unhealthy")
    engine.announce("container", "kill", box.id, {"name": "web", "signal": "15"})
    engine.announce("network", "connect", "a" * 64, {"name": "shared", "container": box.id})
    engine.announce("container", "resize", box.id, {"name": "web"})
    engine.end_container(box.id, 3)

    async def told() -> bool:
        return (await actions(house, "web"))[:1] == ["die"]

    await eventually(told, "the end")
    events = await house.call("containers.events", id="web")
    assert [(event.action, event.detail, event.exit_code) for event in events] == [
        ("die", "", 3),
        ("connect", "shared", None),
        ("kill", "15", None),
        ("health_status", "unhealthy", None),
        ("start", "", None),
        ("create", "", None),
    ]
    assert [event.at for event in events] == sorted((event.at for event in events), reverse=True)


async def test_what_happened_before_talome_came_is_told_and_not_told_twice(engine: FakeEngine, tmp_path: Path) -> None:
    box = engine.add_container("web")
    engine.end_container(box.id)
    async with open_house(engine, tmp_path) as house:
        await house.follows()
        assert await actions(house, "web") == ["die", "start", "create"]
        engine.outage("refused")
        await until(lambda: house.mirror.state.stale)
        engine.outage(None)
        engine.run(box)
        await house.follows()

        async def told() -> bool:
            return await actions(house, "web") == ["start", "die", "start", "create"]

        await eventually(told, "the start while nobody listened")


def test_memory_is_bounded() -> None:
    lately = Lately()
    for number in range(MOST_EVENTS + 50):
        lately.note(EngineEvent("container", "start", "", "busy", number, {}))
    for number in range(MOST_CONTAINERS):
        lately.note(EngineEvent("container", "start", "", f"id{number}", 1000 + number, {}))
    assert lately.of("busy") == []
    assert len(lately.of("id0")) == 1
    for number in range(MOST_EVENTS + 50):
        lately.note(EngineEvent("container", "die", "", "id1", 9000 + number, {"exitCode": "x"}))
    assert len(lately.of("id1")) == MOST_EVENTS
    assert lately.of("id1")[0].exit_code is None


async def test_a_real_engine_tells_the_same(real_house: House, clean_daemon: EngineDaemon) -> None:
    id = clean_daemon.run(["sh", "-c", "exit 4"])

    async def died() -> bool:
        events = await real_house.call("containers.events", id=id) if real_house.mirror.get(id) else []
        return any(event.action == "die" and event.exit_code == 4 for event in events)

    await eventually(died, "the end")
    told = [event.action for event in await real_house.call("containers.events", id=id)]
    assert [action for action in reversed(told) if action in ("create", "start", "die")] == ["create", "start", "die"]
