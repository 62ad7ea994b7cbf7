"""The machine's live figures: one probe, read at most as often as the quickest watcher wants, shared by all."""

import asyncio
import time
from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Protocol

from talome.engines.gpu import GpuReading
from talome.engines.host import MAY_HANG, HostFacts, HostReading
from talome.home.system.models import (
    Cpu,
    Disk,
    DiskTraffic,
    Gpu,
    GpuStatus,
    HostMeasure,
    Memory,
    NetworkTraffic,
    SystemStats,
    Temperature,
)

_FRESH_S: Final = 1.0
_GPU_FRESH_S: Final = 2.0


class Host(Protocol):
    """Reads the machine; blocking, one call at a time."""

    def facts(self) -> HostFacts: ...
    def read(self) -> HostReading: ...


class Gpus(Protocol):
    def read(self) -> GpuReading: ...


class System:
    """Live figures. `home` is the folder of Talome's data, whose disk the history follows."""

    def __init__(self, host: Host, gpus: Gpus, home: Path) -> None:
        self._host = host
        self._gpus = gpus
        self._home = home
        self._reading_host = asyncio.Lock()
        self._reading_gpus = asyncio.Lock()
        self._facts: HostFacts | None = None
        self._latest: SystemStats | None = None
        self._raw: HostReading | None = None
        self._read_at = 0.0
        self._cpu_percent_s = 0.0
        self._gpu_status: GpuStatus | None = None
        self._gpus_at = 0.0

    async def stats(self, max_age_s: float = _FRESH_S) -> SystemStats:
        """A reading that is at most so old. Percentages and rates are over the time since the reading before."""
        async with self._reading_host:
            if self._latest is None or time.monotonic() - self._read_at > max_age_s:
                await self._read()
            if self._latest is None:
                raise RuntimeError("a reading was just taken")
            return self._latest

    async def raw(self, max_age_s: float = _FRESH_S) -> HostReading:
        """The same, as the engine gave it."""
        await self.stats(max_age_s)
        if self._raw is None:
            raise RuntimeError("a reading was just taken")
        return self._raw

    async def facts(self) -> HostFacts:
        """What does not change while the machine runs."""
        if self._facts is None:
            self._facts = await asyncio.to_thread(self._host.facts)
        return self._facts

    async def measure(self) -> HostMeasure:
        """A reading for the history."""
        raw = await self.raw()
        disk = self._home_disk(raw)
        return HostMeasure(
            monotonic_s=self._read_at,
            cpu_percent_s=self._cpu_percent_s,
            memory_bytes=raw.memory_used_bytes,
            memory_percent=_percent(raw.memory_used_bytes, raw.memory_total_bytes),
            disk_percent=disk,
            disks_percent={one.mount: one.percent for one in raw.disks if not one.fs.startswith(MAY_HANG)},
            rx_bytes=raw.rx_bytes,
            tx_bytes=raw.tx_bytes,
        )

    def _home_disk(self, raw: HostReading) -> float | None:
        holding = [disk for disk in raw.disks if self._home.is_relative_to(disk.mount)]
        chosen = max(holding or raw.disks, key=lambda disk: len(disk.mount), default=None)
        return None if chosen is None else chosen.percent

    async def follow(self, interval_s: float) -> AsyncGenerator[SystemStats, None]:
        """A reading now, then one each `interval_s`. Watchers of one interval tick together and share each reading."""
        yield await self.stats()
        while True:
            await asyncio.sleep(interval_s - time.monotonic() % interval_s)
            yield await self.stats(min(_FRESH_S, interval_s / 2))

    async def gpu(self) -> GpuStatus:
        """Graphics cards, read at most every two seconds."""
        async with self._reading_gpus:
            if self._gpu_status is None or time.monotonic() - self._gpus_at > _GPU_FRESH_S:
                self._gpu_status = _gpu_status(await asyncio.to_thread(self._gpus.read))
                self._gpus_at = time.monotonic()
            return self._gpu_status

    async def _read(self) -> None:
        facts = await self.facts()
        after = await asyncio.to_thread(self._host.read)
        at = time.monotonic()
        passed_s = at - self._read_at if self._raw is not None else 0.0
        self._cpu_percent_s += after.cpu_percent * passed_s
        self._latest = _stats(facts, self._raw, after, passed_s)
        self._raw, self._read_at = after, at


def _stats(facts: HostFacts, before: HostReading | None, after: HostReading, passed_s: float) -> SystemStats:
    old = before or after
    return SystemStats(
        at=datetime.fromtimestamp(after.at_s, UTC),
        hostname=facts.hostname,
        os=facts.os,
        kernel=facts.kernel,
        architecture=facts.architecture,
        uptime_s=round(after.uptime_s, 1),
        cpu=Cpu(
            percent=after.cpu_percent,
            cores=list(after.cores),
            count=facts.cpu_count,
            model=facts.cpu_model,
            load=[round(value, 2) for value in after.load],
        ),
        memory=Memory(
            total_bytes=after.memory_total_bytes,
            used_bytes=after.memory_used_bytes,
            available_bytes=after.memory_available_bytes,
            percent=_percent(after.memory_used_bytes, after.memory_total_bytes),
            swap_total_bytes=after.swap_total_bytes,
            swap_used_bytes=after.swap_used_bytes,
        ),
        disks=[
            Disk(
                mount=disk.mount,
                device=disk.device,
                fs=disk.fs,
                total_bytes=disk.total_bytes,
                used_bytes=disk.used_bytes,
                free_bytes=disk.free_bytes,
                percent=disk.percent,
            )
            for disk in after.disks
        ],
        network=NetworkTraffic(
            rx_bytes=after.rx_bytes,
            tx_bytes=after.tx_bytes,
            rx_bytes_per_s=_rate(old.rx_bytes, after.rx_bytes, passed_s),
            tx_bytes_per_s=_rate(old.tx_bytes, after.tx_bytes, passed_s),
        ),
        io=DiskTraffic(
            read_bytes_per_s=_rate(old.read_bytes, after.read_bytes, passed_s),
            write_bytes_per_s=_rate(old.write_bytes, after.write_bytes, passed_s),
        ),
        temperatures=[
            Temperature(name=item.name, celsius=item.celsius, high_celsius=item.high_celsius)
            for item in after.temperatures
        ],
    )


def _gpu_status(reading: GpuReading) -> GpuStatus:
    return GpuStatus(
        available=bool(reading.gpus),
        reason=reading.reason,
        gpus=[
            Gpu(
                index=gpu.index,
                name=gpu.name,
                vendor=gpu.vendor,
                utilization_percent=gpu.utilization_percent,
                memory_used_bytes=gpu.memory_used_bytes,
                memory_total_bytes=gpu.memory_total_bytes,
                temperature_celsius=gpu.temperature_celsius,
                power_w=gpu.power_w,
            )
            for gpu in reading.gpus
        ],
    )


def _rate(before: int, after: int, passed_s: float) -> float:
    return round(max(0, after - before) / passed_s, 1) if passed_s > 0 else 0.0


def _percent(part: int, whole: int) -> float:
    return round(100 * part / whole, 1) if whole else 0.0
