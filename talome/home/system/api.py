"""Operations on the machine."""

from collections.abc import AsyncGenerator
from typing import Annotated

from pydantic import Field

from talome.core.operations import Caller, operation
from talome.home.system.health import HealthChecks
from talome.home.system.models import GpuStatus, SystemHealth, SystemStats
from talome.home.system.service import System


class SystemApi:
    """Faces of `System` and `HealthChecks`."""

    def __init__(self, system: System, checks: HealthChecks) -> None:
        self._system = system
        self._checks = checks

    @operation("GET", "/api/system/stats", scope="system:read", risk="read")
    async def stats(self, caller: Caller) -> SystemStats:
        """Processor, memory, disks, network and temperatures, at most a second old."""
        return await self._system.stats()

    @operation("GET", "/api/system/health", scope="system:read", risk="read")
    async def health(self, caller: Caller) -> SystemHealth:
        """Whether the machine is well, in a sentence; each check with what to do."""
        return await self._checks.health()

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
