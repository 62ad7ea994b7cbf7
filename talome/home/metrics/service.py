"""Samples the machine and its containers, and answers with their history."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from talome.core.background import Background
from talome.core.errors import NotFound, TalomeError
from talome.core.settings.service import Setting, Settings
from talome.home.containers.models import Measured
from talome.home.containers.service import Containers
from talome.home.metrics.models import Metrics, Period
from talome.home.metrics.store import RAW, TIER_STEP_S, Averages, MetricsStore, SampleRow
from talome.home.system.models import HostMeasure
from talome.home.system.service import System

RETENTION: Final = "metrics.retention_days"
SETTINGS: Final[tuple[Setting, ...]] = (
    Setting(
        key=RETENTION,
        kind="number",
        default=30,
        title="Keep history for",
        help="About half a megabyte a day for 50 containers, less the older it is.",
        feature="metrics",
        minimum=1,
        maximum=400,
        unit="days",
    ),
)
SAMPLE_S: Final = TIER_STEP_S[RAW]
HOST: Final = "host"
_FLUSH_S: Final = 60
_KEPT_S: Final = (6 * 3600 + 900, 25 * 3600, 8 * 86_400)
_FORGET_S: Final = 600
_MOST_DISKS: Final = 24
_LATE_S: Final = 0.05  # sleep may end a little early, and the same moment must not be sampled twice


@dataclass(frozen=True, slots=True)
class _Plan:
    """How a period is shown: its length, the tier it is read from and the step, never more than 360 points."""

    length_s: int
    tier: int
    step_s: int


_PLANS: Final[dict[Period, _Plan]] = {
    "1h": _Plan(3600, 0, 15),
    "6h": _Plan(6 * 3600, 1, 60),
    "24h": _Plan(86_400, 1, 300),
    "7d": _Plan(7 * 86_400, 2, 1800),
    "30d": _Plan(30 * 86_400, 3, 7200),
}


class History(Background):
    """Enter it to begin to sample. What is not yet written is written on leaving, and before each answer."""

    def __init__(self, store: MetricsStore, system: System, containers: Containers, settings: Settings) -> None:
        self._store = store
        self._system = system
        self._containers = containers
        self._settings = settings
        self._series: dict[str, int] = {}
        self._host: HostMeasure | None = None
        self._before: dict[str, Measured] = {}
        self._pending: list[SampleRow] = []
        self._flushing = asyncio.Lock()
        self._flushed_at = 0
        self._forgot_at = 0
        self.sampled_at: datetime | None = None
        self.problem: str | None = None

    async def _work(self) -> None:
        self._series = await self._store.series()
        await self.sample(int(time.time()))
        while True:
            at = (int(time.time()) // SAMPLE_S + 1) * SAMPLE_S
            await asyncio.sleep(at - time.time() + _LATE_S)
            try:
                await self.sample(at)
                if at - self._flushed_at >= _FLUSH_S or at < self._flushed_at:
                    await self.flush(at)
                self.problem = None
            except TalomeError as error:
                self.problem = error.message

    async def _close(self) -> None:
        try:
            await self.flush(int(time.time()))
        except TalomeError as error:
            self.problem = error.message

    async def sample(self, at: int) -> None:
        """Note what was used since the sample before; the first only remembers the counters."""
        host, containers = await self._system.measure(), await self._containers.measured()
        start = at // SAMPLE_S * SAMPLE_S - SAMPLE_S
        found = {}
        if self._host is not None and host.monotonic_s > self._host.monotonic_s:
            found[HOST] = _host_row(self._host, host)
            found |= {f"disk:{mount}": _disk_row(percent) for mount, percent in _some(host.disks_percent)}
        for id, after in containers.items():
            before = self._before.get(id)
            if before is not None and after.monotonic_s > before.monotonic_s and after.cpu_ns >= before.cpu_ns:
                found[f"container:{after.name}"] = _container_row(before, after)
        self._host, self._before = host, containers
        await self._know(found, at)
        self._pending += [SampleRow(start, self._series[name], *values) for name, values in found.items()]
        self.sampled_at = datetime.fromtimestamp(at, UTC)

    async def _know(self, found: Mapping[str, object], at: int) -> None:
        if new := [name for name in found if name not in self._series]:
            self._series = await self._store.add_series(new, at)

    async def flush(self, at: int) -> None:
        """Write what is pending, roll up what is complete, and now and then forget what is too old."""
        async with self._flushing:
            rows, self._pending = self._pending, []
            try:
                if rows:
                    await self._store.add(rows)
            except TalomeError:
                self._pending = (rows + self._pending)[-_FLUSH_S * 1000 :]
                raise
            self._flushed_at = at
            await self._store.roll_up(at)
            if not 0 <= at - self._forgot_at < _FORGET_S:
                await self._forget(at, {row.series for row in rows})

    async def _forget(self, at: int, seen: set[int]) -> None:
        days = self._settings.number(RETENTION)
        longest = int(days * 86_400)
        await self._store.saw(seen, at)
        await self._store.forget([*(at - min(kept, longest) for kept in _KEPT_S), at - longest - _PLANS["30d"].step_s])
        self._series = await self._store.series()
        self._forgot_at = at

    async def history(self, period: Period, container: str | None) -> Metrics:
        """Averages over the period until now. Raises `NotFound` for a container of which nothing is known."""
        name = HOST if container is None else self._name(container)
        plan = _PLANS[period]
        now_s = int(time.time())
        if self._pending:
            await self.flush(now_s)
        # An interval that is averaged from a finer tier is shown although it goes on.
        end = (now_s + (plan.step_s - 1) * (plan.step_s > TIER_STEP_S[plan.tier])) // plan.step_s * plan.step_s
        start = end - plan.length_s
        series = self._series.get(name)
        if series is None and container is not None and self._unknown(container):
            raise NotFound(f"There is no container “{container}”.")
        rows = [] if series is None else await self._store.averages(plan.tier, series, start, end, plan.step_s)
        at = list(range(start, end, plan.step_s))
        return Metrics(
            period=period,
            from_at=datetime.fromtimestamp(start, UTC),
            to_at=datetime.fromtimestamp(end, UTC),
            step_s=plan.step_s,
            at=at,
            series=_columns(at, {row.at: row for row in rows}, of_host=container is None),
        )

    async def disk(self, mount: str, *, holds_talome: bool) -> list[tuple[float, float]]:
        """How full a file system was, by the hour over the last 30 days: epoch seconds and percent."""
        now_s, tier = int(time.time()), len(TIER_STEP_S) - 1
        found: list[tuple[float, float]] = []
        for name in (f"disk:{mount}", *((HOST,) if holds_talome else ())):
            if (series := self._series.get(name)) is not None:
                since, until = now_s - _PLANS["30d"].length_s, int(found[0][0]) if found else now_s
                rows = await self._store.averages(tier, series, since, until, TIER_STEP_S[tier])
                found = [(float(row.at), row.disk / 100) for row in rows if row.disk is not None] + found
        return found

    def _name(self, container: str) -> str:
        """A container that is there, by id or name; else one that was there, by name."""
        try:
            return f"container:{self._containers.find(container).name}"
        except TalomeError:
            return f"container:{container}"

    def _unknown(self, container: str) -> bool:
        try:
            self._containers.find(container)
        except NotFound:
            return True
        return False


Values = tuple[int | None, int | None, int | None, int | None, int | None, int | None]


def _host_row(before: HostMeasure, after: HostMeasure) -> Values:
    passed_s = after.monotonic_s - before.monotonic_s
    return (
        round(100 * (after.cpu_percent_s - before.cpu_percent_s) / passed_s),
        round(100 * after.memory_percent),
        after.memory_bytes // 1024,
        None if after.disk_percent is None else round(100 * after.disk_percent),
        max(0, round((after.rx_bytes - before.rx_bytes) / passed_s)),
        max(0, round((after.tx_bytes - before.tx_bytes) / passed_s)),
    )


def _some(percents: Mapping[str, float]) -> list[tuple[str, float]]:
    """Of a machine with very many file systems, the first by name."""
    return sorted(percents.items())[:_MOST_DISKS]


def _disk_row(percent: float) -> Values:
    return None, None, None, round(100 * percent), None, None


def _container_row(before: Measured, after: Measured) -> Values:
    passed_s = after.monotonic_s - before.monotonic_s
    return (
        round((after.cpu_ns - before.cpu_ns) / passed_s / 1e5),
        None if after.memory_percent is None else round(100 * after.memory_percent),
        after.memory_bytes // 1024,
        None,
        max(0, round((after.rx_bytes - before.rx_bytes) / passed_s)),
        max(0, round((after.tx_bytes - before.tx_bytes) / passed_s)),
    )


def _columns(at: list[int], rows: Mapping[int, Averages], *, of_host: bool) -> dict[str, list[float | None]]:
    found = [rows.get(moment) for moment in at]
    columns = {
        "cpu.percent": [_scaled(row.cpu if row else None, 0.01, 2) for row in found],
        "memory.percent": [_scaled(row.memory if row else None, 0.01, 2) for row in found],
        "disk.percent": [_scaled(row.disk if row else None, 0.01, 2) for row in found],
        "network.rxBytesPerS": [_scaled(row.rx if row else None, 1, 0) for row in found],
        "network.txBytesPerS": [_scaled(row.tx if row else None, 1, 0) for row in found],
        "memory.bytes": [_scaled(row.memory_kib if row else None, 1024, 0) for row in found],
    }
    if not of_host:
        del columns["disk.percent"]
    return columns


def _scaled(value: float | None, factor: float, digits: int) -> float | None:
    return None if value is None else round(value * factor, digits)
