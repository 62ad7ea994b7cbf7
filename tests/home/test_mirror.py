"""The mirror: served from memory, true after every change, patient with a Docker that is absent, slow or broken."""

from pathlib import Path

import pytest

from talome.core.errors import Conflict, NotFound, Unavailable
from talome.engines.docker.models import ContainerInspection
from tests.fakes.docker import FakeEngine
from tests.fakes.docker_containers import FakeContainers
from tests.home.house import House, open_house, until


def names(house: House) -> set[str]:
    return {entry.container.name for entry in house.mirror.entries()}


async def test_lists_and_details_ask_docker_nothing(engine: FakeEngine, house: House) -> None:
    for number in range(50):
        engine.add_container(f"box{number}")
    await until(lambda: len(names(house)) == 50)
    engine.calls.clear()
    for _ in range(5):
        assert len(await house.call("containers.list")) == 50
    assert (await house.call("containers.get", id="box7")).name == "box7"
    assert engine.calls == []


async def test_it_follows_what_happens(engine: FakeEngine, house: House) -> None:
    box = engine.add_container("web")
    await until(lambda: names(house) == {"web"})
    engine.end_container(box.id, 3)
    await until(lambda: house.containers.find("web").state == "exited")
    assert house.containers.find("web").exit_code == 3
    assert house.containers.find("web").status == "Exited (3) Less than a second ago"
    await engine.containers.rename(box.id, "www")
    await until(lambda: names(house) == {"www"})
    with pytest.raises(NotFound):
        house.containers.find("web")
    await engine.containers.remove(box.id)
    await until(lambda: names(house) == set())


async def test_a_resync_repairs_what_events_did_not_tell(engine: FakeEngine, tmp_path: Path) -> None:
    kept, gone = engine.add_container("kept"), engine.add_container("gone")
    async with open_house(engine, tmp_path, resync_s=0.05) as house:
        await until(lambda: names(house) == {"kept", "gone"})
        del engine.box[gone.id]
        kept.state = "paused"
        await until(lambda: names(house) == {"kept"} and house.containers.find("kept").state == "paused")
        engine.calls.clear()
        await until(lambda: engine.calls.count("containers.all") >= 2)
        assert engine.calls.count("containers.inspect") == 0, "what did not change is not inspected"


async def test_without_docker_the_server_starts_and_connects_later(engine: FakeEngine, tmp_path: Path) -> None:
    engine.outage("refused")
    engine.add_container("web")
    async with open_house(engine, tmp_path) as house:
        with pytest.raises(Unavailable, match="not running"):
            await house.call("containers.list")
        with pytest.raises(Unavailable):
            await house.call("containers.get", id="web")
        engine.outage(None)
        await house.follows()
        assert [item.name for item in await house.call("containers.list")] == ["web"]


@pytest.mark.parametrize("kind", ["refused", "slow", "error"])
async def test_what_is_known_stays_and_is_marked_stale(engine: FakeEngine, house: House, kind: str) -> None:
    box = engine.add_container("web")
    await until(lambda: names(house) == {"web"})
    engine.outage(kind)  # type: ignore[arg-type]
    engine.announce("container", "start", box.id, {})  # something happens, so that Docker is asked
    await until(lambda: house.mirror.state.stale)
    [shown] = await house.call("containers.list")
    assert (shown.name, shown.stale) == ("web", True)
    assert house.mirror.state.reason
    assert house.containers.engine_state.version == "28.0.0-fake"
    engine.add_container("new")
    engine.outage(None)
    await house.follows()
    assert {item.name for item in await house.call("containers.list")} == {"web", "new"}
    assert not any(item.stale for item in await house.call("containers.list"))


class Undescribable(FakeContainers):
    """Docker lists every container, but inspecting some of them fails, as with a broken layer."""

    def __init__(self, engine: FakeEngine) -> None:
        super().__init__(engine)
        self.broken: set[str] = set()

    async def inspect(self, id: str) -> ContainerInspection:
        if id in self.broken:
            raise Unavailable("layer does not exist", code="engine_failed")
        return await super().inspect(id)


async def test_a_container_that_docker_cannot_describe_is_shown_as_listed(tmp_path: Path) -> None:
    engine = FakeEngine()
    engine.containers = flaky = Undescribable(engine)
    broken = engine.add_container("broken")
    engine.add_container("well")
    flaky.broken.add(broken.id)
    async with open_house(engine, tmp_path) as house:
        await house.follows()
        assert names(house) == {"broken", "well"}
        assert house.containers.find("broken").state == "running"
        assert house.mirror.find("broken").partial
        flaky.broken.clear()
        engine.announce("container", "update", broken.id, {})
        await until(lambda: not house.mirror.find("broken").partial)


async def test_references(engine: FakeEngine, house: House) -> None:
    one, two = engine.add_container("one"), engine.add_container("two")
    await until(lambda: len(names(house)) == 2)
    assert house.containers.find(one.id).name == "one"
    assert house.containers.find(two.id[:12]).name == "two"
    with pytest.raises(NotFound):
        house.containers.find(two.id[:11])
    twin = engine.add_container("twin")
    del engine.box[twin.id]
    twin.id = one.id[:20] + twin.id[20:]
    engine.box[twin.id] = twin
    engine.announce("container", "create", twin.id, {})
    await until(lambda: "twin" in names(house))
    with pytest.raises(Conflict, match="More than one"):
        house.containers.find(one.id[:16])


async def test_one_burst_is_one_look(engine: FakeEngine, house: House) -> None:
    box = engine.add_container("web")
    await until(lambda: names(house) == {"web"})
    engine.calls.clear()
    await engine.containers.restart(box.id)
    await until(lambda: "containers.inspect" in engine.calls)
    assert engine.calls.count("containers.inspect") == 1


async def test_networks_of_a_container_follow(engine: FakeEngine, house: House) -> None:
    box = engine.add_container("web")
    await until(lambda: names(house) == {"web"})
    box.networks = ()
    engine.announce("network", "disconnect", "n1", {"container": box.id})
    await until(lambda: house.containers.find("web").networks == [])
