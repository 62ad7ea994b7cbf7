"""Operations on the machine."""

from collections.abc import AsyncGenerator
from typing import Annotated

from pydantic import Field

from talome.core.operations import Caller, operation
from talome.home.system.health import HealthChecks
from talome.home.system.models import GpuStatus, Process, ProcessSort, SystemFacts, SystemHealth, SystemStats
from talome.home.system.processes import Processes
from talome.home.system.service import System


class SystemApi:
    """Faces of `System`, `HealthChecks` and `Processes`."""

    def __init__(self, system: System, checks: HealthChecks, processes: Processes) -> None:
        self._system = system
        self._checks = checks
        self._processes = processes

    @operation("GET", "/api/system/stats", scope="system:read", risk="read")
    async def stats(self, caller: Caller) -> SystemStats:
        """Processor, memory, disks, network and temperatures, at most a second old."""
        return await self._system.stats()

    @operation("GET", "/api/system/health", scope="system:read", risk="read")
    async def health(self, caller: Caller) -> SystemHealth:
        """Whether the machine is well, in a sentence; each check with what to do."""
        return await self._checks.health()

    @operation("GET", "/api/system/info", scope="system:read", risk="read")
    async def info(self, caller: Caller) -> SystemFacts:
        """What the machine is: its name, processor and operating system, and the versions of Docker and Talome."""
        return await self._processes.machine(self._system)

    @operation("GET", "/api/system/processes", scope="system:read", risk="read")
    async def processes(
        self, caller: Caller, sort: ProcessSort = "cpu", limit: Annotated[int, Field(ge=1, le=5000)] = 100
    ) -> list[Process]:
        """The processes that use most, and the container that each runs in. Never shows what they were started with."""
        return await self._processes.top(sort, limit)

    @operation("GET", "/api/system/gpu", scope="system:read", risk="read")
    async def gpu(self, caller: Caller) -> GpuStatus:
        """Graphics cards and what they are doing; without one, why not."""
        return await self._system.gpu()

    @operation("GET", "/api/stats-stream", scope="system:read", risk="read")
    async def stream(
        self, caller: Caller, interval_s: Annotated[float, Field(ge=1, le=60)] = 2
    ) -> AsyncGenerator[SystemStats, None]:
        """Follow the machine's figures, one reading each `interval_s` seconds."""
        return self._system.follow(interval_s)
