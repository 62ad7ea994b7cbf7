"""The machine: figures shared by all watchers, health in a sentence, graphics cards, and services."""

import asyncio
import os
import time
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from talome.core.errors import Invalid, TalomeError, Unavailable
from talome.engines.gpu import Gpu, GpuReading
from talome.engines.host import Disk, HostFacts, HostReading, Temperature
from talome.engines.processes import ProcessReading
from talome.home.services.service import Part, PartHealth, Services
from talome.home.system.health import HealthChecks
from talome.home.system.models import Check, SystemHealth
from talome.home.system.processes import Processes
from talome.home.system.service import System
from tests.fakes.docker import FakeEngine
from tests.home.house import House, open_house, until

GIB = 1024**3
READING = HostReading(
    at_s=0.0, uptime_s=3600.0, cpu_percent=25.0, cores=(50.0, 0.0), load=(1.234, 0.5, 0.25),
    memory_total_bytes=8 * GIB, memory_available_bytes=6 * GIB, swap_total_bytes=GIB, swap_used_bytes=0,
    disks=(Disk("/", "/dev/sda1", "ext4", 100 * GIB, 40 * GIB, 60 * GIB),), unreachable=(),
    rx_bytes=10**9, tx_bytes=10**8, read_bytes=0, write_bytes=0, temperatures=(),
)  # fmt: skip


@dataclass
class FakeHost:
    """A machine whose reading is set by hand."""

    reading: HostReading = READING
    reads: int = 0
    inside: int = 0
    overlapped: bool = False
    changes: dict[str, object] = field(default_factory=dict)

    def facts(self) -> HostFacts:
        return HostFacts("box", "Debian 12", "6.1.0", "x86_64", "A CPU", 2, 0.0)

    def read(self) -> HostReading:
        self.inside += 1
        self.overlapped |= self.inside > 1
        self.reads += 1
        reading = replace(self.reading, at_s=time.time(), rx_bytes=self.reading.rx_bytes + 1000 * self.reads)
        self.inside -= 1
        return reading


class FakeGpus:
    def __init__(self, reading: GpuReading) -> None:
        self.reading = reading
        self.reads = 0

    def read(self) -> GpuReading:
        self.reads += 1
        return self.reading


@pytest.fixture
def host() -> FakeHost:
    return FakeHost()


@pytest.fixture
async def home(engine: FakeEngine, host: FakeHost, tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(engine, tmp_path, host=host) as opened:
        await opened.follows()
        yield opened


async def test_stats(home: House) -> None:
    stats = await home.call("system.stats")
    assert (stats.hostname, stats.cpu.count, stats.cpu.load) == ("box", 2, [1.23, 0.5, 0.25])
    assert (stats.memory.used_bytes, stats.memory.percent) == (2 * GIB, 25.0)
    assert [(disk.mount, disk.percent) for disk in stats.disks] == [("/", 40.0)]
    assert stats.network.rx_bytes_per_s == 0, "nothing to compare with"
    assert (await home.system.stats(max_age_s=0)).network.rx_bytes_per_s > 0


async def test_the_real_machine_can_be_read(house: House) -> None:
    stats = await house.call("system.stats")
    assert stats.memory.total_bytes > 0
    assert stats.disks
    assert 0 <= stats.cpu.percent <= 100
    assert stats.model_dump_json(by_alias=True).startswith('{"at":"')
    assert isinstance((await house.call("system.gpu")).available, bool)


async def test_all_watchers_share_the_readings(home: House, host: FakeHost) -> None:
    assert home.registry["system.stream"].path == "/api/stats-stream"
    seen = [0] * 20

    async def watch(number: int) -> None:
        async with aclosing(await home.call("system.stream", intervalS=1)) as items:
            async for _ in items:
                seen[number] += 1

    watching = [asyncio.create_task(watch(number)) for number in range(20)]
    await until(lambda: min(seen) >= 3)
    reads = host.reads
    for task in watching:
        task.cancel()
    await asyncio.gather(*watching, return_exceptions=True)
    assert reads <= sum(seen) / 4, "twenty watchers, far fewer readings"
    assert not host.overlapped
    for wrong in (0, 61, "2"):
        with pytest.raises(Invalid):
            await home.call("system.stream", intervalS=wrong)


async def test_gpus(tmp_path: Path) -> None:
    gpus = FakeGpus(GpuReading((), "No GPU found."))
    system = System(FakeHost(), gpus, tmp_path)
    status = await system.gpu()
    assert (status.available, status.reason, status.gpus) == (False, "No GPU found.", [])
    await system.gpu()
    assert gpus.reads == 1, "a card is not asked again at once"
    card = Gpu(0, "RTX", "nvidia", utilization_percent=7.0)
    status = await System(FakeHost(), FakeGpus(GpuReading((card,), None)), tmp_path).gpu()
    assert (status.available, status.gpus[0].name, status.gpus[0].power_w) == (True, "RTX", None)


# --- health ---


def check(health: SystemHealth, id: str) -> Check:
    return next(item for item in health.checks if item.id == id)


async def test_a_well_machine_says_so(home: House) -> None:
    health = await home.call("system.health")
    assert (health.state, health.sentence) == ("ok", "All is well: 6 checks passed.")
    assert all(item.action is None and item.target is None for item in health.checks)
    assert check(health, "docker").detail == "Docker 28.0.0-fake answers."


@pytest.mark.parametrize(
    ("changes", "id", "state"),
    [
        ({"disks": (Disk("/", "/dev/sda1", "ext4", 100, 91, 9),)}, "disk:/", "warning"),
        ({"disks": (Disk("/", "/dev/sda1", "ext4", 100, 98, 2),)}, "disk:/", "critical"),
        ({"unreachable": ("/mnt/nas",)}, "disk:/mnt/nas", "warning"),
        ({"memory_available_bytes": GIB // 2}, "memory", "warning"),
        ({"memory_available_bytes": GIB // 8}, "memory", "critical"),
        ({"temperatures": (Temperature("cpu", 81.0, 80.0), Temperature("nvme", 40.0, None))}, "temperature", "warning"),
        ({"temperatures": (Temperature("cpu", 96.0, None),)}, "temperature", "critical"),
    ],
)
async def test_what_is_not_well_is_named_with_a_way_out(
    home: House, host: FakeHost, changes: dict[str, object], id: str, state: str
) -> None:
    host.reading = replace(host.reading, **changes)  # type: ignore[arg-type]
    health = await home.call("system.health")
    found = check(health, id)
    assert (health.state, found.state) == (state, state)
    assert found.action
    assert found.target == {"disk:/": "clean_up", "memory": "processes"}.get(id)
    assert health.sentence == f"One thing needs attention: {found.title}."
    assert health.checks[0] == found, "the worst first"


async def test_thresholds_are_settings(home: House, host: FakeHost) -> None:
    host.reading = replace(host.reading, disks=(Disk("/", "/dev/sda1", "ext4", 100, 60, 40),))
    assert (await home.call("system.health")).state == "ok"
    await home.call("settings.update", values={"system.disk_warning_percent": 50})
    assert check(await home.call("system.health"), "disk:/").state == "warning"
    await home.call("settings.update", values={"system.disk_critical_percent": 55})
    assert check(await home.call("system.health"), "disk:/").state == "critical"


async def test_containers_that_are_unwell(engine: FakeEngine, home: House) -> None:
    engine.add_container("loop", state="restarting")
    engine.add_container("sick").health = "unhealthy"
    engine.add_container("well")
    await until(lambda: len(list(home.mirror.entries())) == 3)
    health = await home.call("system.health")
    assert check(health, "containers").detail == "Not well: sick (unhealthy), loop (restarting)."
    engine.outage("refused")
    await until(lambda: home.mirror.state.stale)
    health = await home.call("system.health")
    assert (health.state, health.checks[0].id) == ("critical", "docker")


async def test_a_broken_database_is_told(home: House, host: FakeHost, tmp_path: Path) -> None:
    answers = iter(["*** in database main *** Page 7: btree", Unavailable("The database cannot be read.")])
    asked = 0

    async def ask() -> str:
        nonlocal asked
        asked += 1
        answer = next(answers)
        if isinstance(answer, TalomeError):
            raise answer
        return answer

    checks = HealthChecks(home.system, home.containers, home.settings, ask)
    assert "Page 7" in check(await checks.health(), "database").detail
    assert (await checks.health()).state == "critical"
    assert asked == 1, "once an hour is enough"
    checks = HealthChecks(home.system, home.containers, home.settings, ask)
    assert "cannot be read" in check(await checks.health(), "database").detail


# --- services ---


async def test_services_list_parts_and_containers(engine: FakeEngine, home: House) -> None:
    engine.add_container("sick").health = "unhealthy"
    engine.add_container("off", state="exited")
    engine.add_container("web")
    await until(lambda: len(list(home.mirror.entries())) == 3)
    services = {item.id if item.kind == "talome" else item.name: item for item in await home.call("services.list")}
    assert {name: item.state for name, item in services.items()} == {
        "database": "ok", "docker": "ok", "usage": "ok", "metrics": "critical", "jobs": "ok",
        "off": "stopped", "sick": "critical", "web": "ok",
    }  # fmt: skip
    assert list(services)[-3:] == ["off", "sick", "web"]
    async with home.history:
        services = {item.id: item for item in await home.call("services.list")}
        assert services["metrics"].state == "ok"
    engine.outage("refused")
    await until(lambda: home.mirror.state.stale)
    services = {item.id: item for item in await home.call("services.list")}
    assert (services["docker"].state, services["docker"].since) == ("critical", home.mirror.state.since)


async def test_a_part_that_fails_is_critical(home: House) -> None:
    async def fails() -> PartHealth:
        raise RuntimeError("password=hunter2")

    async def refuses() -> PartHealth:
        raise Unavailable("The disk is full.")

    async def lags() -> PartHealth:
        return PartHealth("warning", "It lags.")

    services = Services(home.containers, [Part("a", "A", fails), Part("b", "B", refuses), Part("c", "C", lags)])
    a, b, c = await services.all()
    assert (a.state, b.detail, c.state, c.detail) == ("critical", "The disk is full.", "warning", "It lags.")
    assert "hunter2" not in a.detail


# --- processes and facts ---


@dataclass
class FakeProcesses:
    found: list[ProcessReading]
    reads: int = 0

    def read(self) -> list[ProcessReading]:
        self.reads += 1
        return self.found


def process(pid: int, cpu: float, memory: int, container: str | None = None) -> ProcessReading:
    return ProcessReading(pid, f"worker {pid}", "root", cpu, memory, 1, 1e9, container)


async def test_processes_say_in_which_container_they_run(engine: FakeEngine, home: House) -> None:
    web = engine.add_container("web")
    await until(lambda: len(list(home.mirror.entries())) == 1)
    source = FakeProcesses([process(1, 1.0, 300), process(2, 90.0, 100, web.id), process(3, 0.0, 200, "ee" * 32)])
    processes = Processes(source, home.containers)
    assert [(item.pid, item.container) for item in await processes.top("cpu", 2)] == [(2, "web"), (1, None)]
    found = await asyncio.gather(*(processes.top("memory", 10) for _ in range(20)))
    assert [(item.pid, item.container) for item in found[0]] == [(1, None), (3, "e" * 12), (2, "web")]
    assert source.reads == 1, "all watchers share a reading"


async def test_the_real_processes_and_facts(engine: FakeEngine, home: House) -> None:
    found = await home.call("system.processes", limit=5000, sort="memory")
    assert os.getpid() in {item.pid for item in found}
    assert [item.memory_bytes for item in found] == sorted((item.memory_bytes for item in found), reverse=True)
    with pytest.raises(Invalid):
        await home.call("system.processes", sort="name")
    facts = await home.call("system.info")
    assert (facts.hostname, facts.cpu_count, facts.docker_reason) == ("box", 2, None)
    assert facts.docker_version
    engine.outage("refused")
    await until(lambda: home.mirror.state.stale)
    facts = await home.call("system.info")
    assert facts.docker_version is None
    assert "Docker" in facts.docker_reason
