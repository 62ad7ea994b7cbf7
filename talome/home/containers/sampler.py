"""What running containers use: cgroup counters every few seconds while somebody watches, seldom otherwise."""

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Protocol

from talome.core.background import Background
from talome.core.clock import now
from talome.core.events import Events
from talome.engines.cgroups import Counters
from talome.home.containers.mirror import Mirror
from talome.home.containers.models import ContainerChanged, Measured, Usage, UsageSampled

IDLE_S: Final = 20.0
"""How seldom the sampler looks by itself. In practice the history asks, every 15 seconds."""
_SECOND_LOOK_S: Final = 1.0
_NEWCOMER_S: Final = 0.25


class CounterSource(Protocol):
    """Reads counters of containers, given the process id of each; blocking, one call at a time."""

    def sample(self, pids: Mapping[str, int]) -> dict[str, Counters]: ...


@dataclass(frozen=True, slots=True)
class Sample:
    """One reading, and the rates since the one before (zero for the first)."""

    at_s: float
    monotonic_s: float
    counters: Counters
    cpu_percent: float = 0.0
    rx_per_s: float = 0.0
    tx_per_s: float = 0.0
    first: bool = False


class UsageSampler(Background):
    """Enter it to begin. `busy_s` says how often to look while somebody watches."""

    def __init__(self, source: CounterSource, mirror: Mirror, events: Events, busy_s: Callable[[], float]) -> None:
        self._source = source
        self._mirror = mirror
        self._events = events
        self._busy_s = busy_s
        self._samples: dict[str, Sample] = {}
        self._unreadable: dict[str, int] = {}
        self._watchers = 0
        self._sampled_at = 0.0
        self._wake = asyncio.Event()
        self._reading = asyncio.Lock()

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Look more often for as long as the block is open."""
        self._watchers += 1
        self._wake.set()
        try:
            yield
        finally:
            self._watchers -= 1

    def usage(self, id: str) -> Usage | None:
        """None where the container does not run, or its counters cannot be read."""
        sample = self._samples.get(id)
        return None if sample is None else self._usage(sample)

    def usages(self) -> dict[str, Usage]:
        return {id: self._usage(sample) for id, sample in self._samples.items()}

    async def measured(self, max_age_s: float) -> dict[str, Measured]:
        """Raw counters by id, at most so old."""
        if time.monotonic() - self._sampled_at > max_age_s:
            await self.sample()
        found = {}
        for id, sample in self._samples.items():
            entry, counters = self._mirror.get(id), sample.counters
            if entry is not None:
                found[id] = Measured(
                    name=entry.container.name,
                    monotonic_s=sample.monotonic_s,
                    cpu_ns=counters.cpu_ns,
                    memory_bytes=counters.memory_bytes,
                    memory_percent=self._memory_percent(counters),
                    rx_bytes=counters.rx_bytes or 0,
                    tx_bytes=counters.tx_bytes or 0,
                )
        return found

    def _usage(self, sample: Sample) -> Usage:
        counters = sample.counters
        return Usage(
            at=datetime.fromtimestamp(sample.at_s, UTC),
            cpu_percent=sample.cpu_percent,
            memory_bytes=counters.memory_bytes,
            memory_limit_bytes=counters.memory_limit_bytes,
            memory_percent=self._memory_percent(counters),
            rx_bytes=counters.rx_bytes or 0,
            tx_bytes=counters.tx_bytes or 0,
            rx_bytes_per_s=sample.rx_per_s,
            tx_bytes_per_s=sample.tx_per_s,
            read_bytes=counters.read_bytes,
            write_bytes=counters.write_bytes,
            pids=counters.pids,
        )

    def _memory_percent(self, counters: Counters) -> float | None:
        whole = min(counters.memory_limit_bytes or 1 << 62, self._mirror.memory_bytes or 1 << 62)
        return None if whole == 1 << 62 else round(100 * counters.memory_bytes / whole, 1)

    def _notice(self, event: ContainerChanged) -> None:
        """Somebody who watches a container start wants its figures soon, and those of several at once."""
        if self._watchers and event.after.state == "running" and event.after.id not in self._samples:
            self._sampled_at = min(self._sampled_at, time.monotonic() + _NEWCOMER_S - self._interval_s())
            self._wake.set()

    async def _work(self) -> None:
        self._events.on(ContainerChanged, self._notice)
        while True:
            left = self._sampled_at + self._interval_s() - time.monotonic()
            if left <= 0:
                await self.sample()
                continue
            self._wake.clear()
            try:
                async with asyncio.timeout(left):
                    await self._wake.wait()
            except TimeoutError:
                continue

    def _interval_s(self) -> float:
        if any(sample.first for sample in self._samples.values()):
            return _SECOND_LOOK_S  # rates need a second look
        return self._busy_s() if self._watchers else max(IDLE_S, self._busy_s())

    async def sample(self) -> None:
        """Look now. Containers whose counters cannot be read are suspected once: they may have ended."""
        async with self._reading:
            await self._sample()
        self._events.publish(UsageSampled(now()))

    async def _sample(self) -> None:
        pids = self._mirror.pids()
        counters = await asyncio.to_thread(self._source.sample, pids) if pids else {}
        at_s, monotonic_s = time.time(), time.monotonic()
        self._sampled_at = monotonic_s
        self._samples = {
            id: _compare(self._samples.get(id), Sample(at_s, monotonic_s, item)) for id, item in counters.items()
        }
        unreadable = {id: pid for id, pid in pids.items() if id not in counters}
        for id in (id for id, pid in unreadable.items() if self._unreadable.get(id) != pid):
            self._mirror.suspect(id)
        self._unreadable = unreadable


def _compare(before: Sample | None, after: Sample) -> Sample:
    passed_s = after.monotonic_s - before.monotonic_s if before else 0.0
    if before is None or passed_s <= 0 or after.counters.cpu_ns < before.counters.cpu_ns:
        return Sample(after.at_s, after.monotonic_s, after.counters, first=True)
    new, old = after.counters, before.counters
    return Sample(
        after.at_s,
        after.monotonic_s,
        new,
        cpu_percent=round((new.cpu_ns - old.cpu_ns) / passed_s / 1e7, 2),
        rx_per_s=_rate(old.rx_bytes, new.rx_bytes, passed_s),
        tx_per_s=_rate(old.tx_bytes, new.tx_bytes, passed_s),
    )


def _rate(before: int | None, after: int | None, passed_s: float) -> float:
    return round(max(0, (after or 0) - (before or 0)) / passed_s, 1) if before is not None else 0.0
