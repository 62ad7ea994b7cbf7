"""The machine's processes with the containers they run in; read at most once a second, however many watch."""

import asyncio
import time
from datetime import UTC, datetime
from typing import Final, Protocol

from talome import __version__
from talome.core.errors import TalomeError
from talome.engines.processes import ProcessReading
from talome.home.containers.service import Containers
from talome.home.system.models import Process, ProcessSort, SystemFacts
from talome.home.system.service import System

_FRESH_S: Final = 1.0


class ProcessSource(Protocol):
    """Reads all processes; blocking, one call at a time."""

    def read(self) -> list[ProcessReading]: ...


class Processes:
    """Only programs' names: what they were started with may be secret."""

    def __init__(self, source: ProcessSource, containers: Containers) -> None:
        self._source = source
        self._containers = containers
        self._reading = asyncio.Lock()
        self._latest: list[ProcessReading] = []
        self._read_at: float | None = None

    async def top(self, sort: ProcessSort, limit: int) -> list[Process]:
        """Those that use most, the largest first."""
        found = sorted(await self._fresh(), key=lambda item: _rank(item, sort))[:limit]
        names: dict[str, str | None] = {}
        for id in {item.container_id for item in found if item.container_id is not None}:
            names[id] = self._name(id)
        return [_shown(item, names.get(item.container_id or "")) for item in found]

    async def machine(self, system: System) -> SystemFacts:
        """What the machine is, with the versions of what runs on it."""
        facts, docker = await system.facts(), self._containers.engine_state
        return SystemFacts(
            hostname=facts.hostname,
            os=facts.os,
            kernel=facts.kernel,
            architecture=facts.architecture,
            cpu_model=facts.cpu_model,
            cpu_count=facts.cpu_count,
            booted_at=datetime.fromtimestamp(facts.booted_at_s, UTC),
            talome_version=__version__,
            docker_version=None if docker.stale else docker.version,
            docker_reason=docker.reason if docker.stale else None,
        )

    async def _fresh(self) -> list[ProcessReading]:
        async with self._reading:
            if self._read_at is None or time.monotonic() - self._read_at > _FRESH_S:
                self._latest = await asyncio.to_thread(self._source.read)
                self._read_at = time.monotonic()
            return self._latest

    def _name(self, container_id: str) -> str | None:
        """The beginning of the id where Docker is another one than ours, or has not told yet."""
        try:
            return self._containers.find(container_id).name
        except TalomeError:
            return container_id[:12]


def _rank(item: ProcessReading, sort: ProcessSort) -> tuple[float, float, int]:
    """The largest first; of equal ones, those that use more of the other."""
    cpu, memory = -item.cpu_percent, -float(item.memory_bytes)
    return (cpu, memory, item.pid) if sort == "cpu" else (memory, cpu, item.pid)


def _shown(item: ProcessReading, container: str | None) -> Process:
    return Process(
        pid=item.pid,
        name=item.name,
        user=item.user,
        cpu_percent=item.cpu_percent,
        memory_bytes=item.memory_bytes,
        threads=item.threads,
        started_at=datetime.fromtimestamp(item.started_at_s, UTC),
        container=container,
    )
