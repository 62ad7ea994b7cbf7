"""The home area put together as the server does it, over any engine, with real databases and jobs."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from talome.core.db import Database
from talome.core.errors import TalomeError
from talome.core.events import Events
from talome.core.jobs.service import Jobs
from talome.core.jobs.store import JobsStore
from talome.core.migrations import find_migrations
from talome.core.operations import Caller, Operation, Registry
from talome.core.secrets import Secrets
from talome.core.settings.service import Setting, Settings
from talome.core.settings.store import SettingsStore
from talome.engines.cgroups import Counters
from talome.engines.docker.protocol import ContainerEngine
from talome.engines.gpu import GpuProbe
from talome.engines.host import HostProbe
from talome.engines.processes import ProcessProbe
from talome.home.containers import service as containers_service
from talome.home.containers.actions import ContainerActions
from talome.home.containers.api import ContainersApi
from talome.home.containers.logs import ContainerLogs
from talome.home.containers.mirror import Mirror
from talome.home.containers.sampler import CounterSource, UsageSampler
from talome.home.containers.service import Containers
from talome.home.images.api import ImagesApi
from talome.home.images.service import Images
from talome.home.jobs.api import JobsApi
from talome.home.jobs.service import VisibleJobs
from talome.home.metrics import service as metrics_service
from talome.home.metrics.api import MetricsApi
from talome.home.metrics.service import History
from talome.home.metrics.store import MetricsStore
from talome.home.networks.api import NetworksApi
from talome.home.networks.service import Networks
from talome.home.services.api import ServicesApi
from talome.home.services.parts import parts_of_talome
from talome.home.services.service import Services
from talome.home.settings.api import SettingsApi
from talome.home.system import health as system_health
from talome.home.system.api import SystemApi
from talome.home.system.health import HealthChecks
from talome.home.system.processes import Processes
from talome.home.system.service import Host, System
from talome.home.volumes import service as volumes_service
from talome.home.volumes.api import VolumesApi
from talome.home.volumes.service import Volumes
from talome.home.volumes.trash import VolumeTrash
from talome.home.volumes.trashed import TrashedVolumes

ADMIN = Caller("usr_1", "ada", "user", frozenset({"*"}))
READER = Caller("usr_2", "ben", "user", frozenset({"containers:read", "jobs:read", "jobs:write"}))
AGENT = Caller("usr_1", "helper", "agent", frozenset({"*"}))
SECRET_SETTING = Setting("demo.token", "secret", None, "A token", "For the tests.", "demo")
SETTINGS = (
    *containers_service.SETTINGS,
    *system_health.SETTINGS,
    *metrics_service.SETTINGS,
    *volumes_service.SETTINGS,
    SECRET_SETTING,
)


class OpenGate:
    """Lets everything through."""

    async def admit(self, operation: Operation, caller: Caller) -> None:
        return None

    async def record(
        self, operation: Operation, caller: Caller, arguments: Mapping[str, Any], error: TalomeError | None
    ) -> None:
        return None


@dataclass
class FakeCounters:
    """Counters by container id, set by hand; every container it is asked for has some."""

    counters: dict[str, Counters] = field(default_factory=dict)
    unreadable: set[str] = field(default_factory=set)
    asked: int = 0

    def sample(self, pids: Mapping[str, int]) -> dict[str, Counters]:
        self.asked += 1
        zero = Counters(0, 1024**2, None, 1, 0, 0, 0, 0)
        return {id: self.counters.get(id, zero) for id in pids if id not in self.unreadable}


@dataclass
class House:
    """Everything of the area, and `call` to use it as a caller does."""

    engine: ContainerEngine
    folder: Path
    events: Events
    database: Database
    jobs: Jobs
    settings: Settings
    mirror: Mirror
    sampler: UsageSampler
    containers: Containers
    system: System
    history: History
    volumes: Volumes
    trashed: TrashedVolumes
    registry: Registry

    async def call(self, name: str, caller: Caller = ADMIN, /, **arguments: Any) -> Any:
        """Call an operation with JSON arguments, checks and all."""
        operation = self.registry[name]
        return await operation.call(caller, lambda: operation.parse_json(arguments))

    async def ended(self, job_id: str) -> Any:
        """The job, as soon as it has ended."""

        async def is_over() -> bool:
            return (await self.jobs.get(job_id)).finished_at is not None

        await eventually(is_over)
        return await self.call("jobs.get", id=job_id)

    async def log_of(self, job_id: str) -> str:
        return "\n".join(line.text for line in await self.call("jobs.log", id=job_id))

    async def follows(self) -> None:
        """Wait until the mirror follows the engine."""
        await until(lambda: not self.mirror.state.stale)


async def until(done: Callable[[], bool], timeout_s: float = 10.0) -> None:
    async with asyncio.timeout(timeout_s):
        while not done():
            await asyncio.sleep(0.005)


async def eventually(done: Callable[[], Any], timeout_s: float = 20.0) -> None:
    async with asyncio.timeout(timeout_s):
        while not await done():
            await asyncio.sleep(0.01)


@asynccontextmanager
async def open_house(
    engine: ContainerEngine,
    folder: Path,
    *,
    counters: CounterSource | None = None,
    host: Host | None = None,
    own_id: str | None = None,
    resync_s: float = 60.0,
) -> AsyncIterator[House]:
    async with AsyncExitStack() as stack:
        events = Events()
        stack.push_async_callback(events.stop)
        database = Database(folder / "talome.db", events)
        await database.open(find_migrations("talome.core.jobs", "talome.core.settings"))
        stack.push_async_callback(database.close)
        metrics_database = Database(folder / "metrics.db", events, durable=False)
        await metrics_database.open(find_migrations("talome.home.metrics"))
        stack.push_async_callback(metrics_database.close)
        settings = Settings(SettingsStore(database), Secrets(b"0" * 32), SETTINGS)
        await settings.load()
        jobs = Jobs(JobsStore(database))
        mirror = Mirror(engine, events, resync_s=resync_s, first_delay_s=0.02, longest_delay_s=0.1)
        sampler = UsageSampler(
            counters or FakeCounters(), mirror, events, lambda: settings.number(containers_service.USAGE_INTERVAL)
        )
        containers = Containers(engine, mirror, sampler, events)
        system = System(host or HostProbe(), GpuProbe(), folder)
        history = History(MetricsStore(metrics_database), system, containers, settings)
        trash = VolumeTrash(folder / "trash")
        volumes = Volumes(engine, containers, jobs, trash)
        trashed = TrashedVolumes(engine, containers, jobs, trash, settings)
        registry = Registry(OpenGate())
        registry.add(
            ContainersApi(
                containers,
                ContainerActions(engine, mirror, containers, jobs, own_id),
                ContainerLogs(engine, containers),
            ),
            NetworksApi(Networks(engine, containers)),
            ImagesApi(Images(engine, containers, jobs)),
            VolumesApi(volumes, trashed),
            SystemApi(
                system,
                HealthChecks(system, containers, settings, database.check),
                Processes(ProcessProbe(), containers),
            ),
            MetricsApi(history),
            ServicesApi(Services(containers, parts_of_talome(database, containers, sampler, history, jobs))),
            SettingsApi(settings),
            JobsApi(VisibleJobs(jobs, events)),
        )
        await stack.enter_async_context(mirror)
        await stack.enter_async_context(sampler)
        await stack.enter_async_context(volumes)
        await jobs.resume()
        stack.push_async_callback(jobs.stop)
        yield House(
            engine, folder, events, database, jobs, settings, mirror, sampler, containers, system, history, volumes,
            trashed, registry,
        )  # fmt: skip
