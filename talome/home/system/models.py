"""The shapes of the machine's figures and health on the wire."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from talome.core.models import Wire

CheckState = Literal["ok", "warning", "critical"]
CheckTarget = Literal["clean_up", "processes", "containers"]
ProcessSort = Literal["cpu", "memory"]


class Cpu(Wire):
    """`percent` is of the whole machine, each of `cores` of one core; `load` is over 1, 5 and 15 minutes."""

    percent: float
    cores: list[float]
    count: int
    model: str | None
    load: list[float]


class Memory(Wire):
    total_bytes: int
    used_bytes: int
    available_bytes: int
    percent: float
    swap_total_bytes: int
    swap_used_bytes: int


class Disk(Wire):
    mount: str
    device: str
    fs: str
    total_bytes: int
    used_bytes: int
    free_bytes: int
    percent: float


class NetworkTraffic(Wire):
    """Counters since the machine started, and rates since the reading before."""

    rx_bytes: int
    tx_bytes: int
    rx_bytes_per_s: float
    tx_bytes_per_s: float


class DiskTraffic(Wire):
    read_bytes_per_s: float
    write_bytes_per_s: float


class Temperature(Wire):
    name: str
    celsius: float
    high_celsius: float | None


class SystemStats(Wire):
    """One reading of the machine."""

    at: datetime
    hostname: str
    os: str
    kernel: str
    architecture: str
    uptime_s: float
    cpu: Cpu
    memory: Memory
    disks: list[Disk]
    network: NetworkTraffic
    io: DiskTraffic
    temperatures: list[Temperature]


class SystemFacts(Wire):
    """What the machine is. `docker_version` is null, and `docker_reason` says why, while Docker does not answer."""

    hostname: str
    os: str
    kernel: str
    architecture: str
    cpu_model: str | None
    cpu_count: int
    booted_at: datetime
    talome_version: str
    docker_version: str | None
    docker_reason: str | None


class Process(Wire):
    """A process. `cpu_percent` is of one core; `container` is the name of the one it runs in, null for none."""

    pid: int
    name: str
    user: str
    cpu_percent: float
    memory_bytes: int
    threads: int
    started_at: datetime
    container: str | None


class Check(Wire):
    """One thing that was looked at; `action` says what to do where it is not well, `target` where in Talome."""

    id: str
    title: str
    state: CheckState
    detail: str
    action: str | None = None
    target: CheckTarget | None = None


class SystemHealth(Wire):
    """The worst state of all checks, and a sentence for people."""

    state: CheckState
    sentence: str
    checks: list[Check]


@dataclass(frozen=True, slots=True)
class HealthChanged:
    """A check has turned, and stayed so; `before` is what it was."""

    check: Check
    before: CheckState


class Gpu(Wire):
    index: int
    name: str
    vendor: str
    utilization_percent: float | None
    memory_used_bytes: int | None
    memory_total_bytes: int | None
    temperature_celsius: float | None
    power_w: float | None


class GpuStatus(Wire):
    """`reason` says why there is nothing to show, or what could not be read."""

    available: bool
    reason: str | None
    gpus: list[Gpu]


@dataclass(frozen=True, slots=True)
class HostMeasure:
    """For those who compute averages of their own: `cpu_percent_s` is the integral of the CPU's percentage over time,
    `rx_bytes` and `tx_bytes` are counters. `disk_percent` is of the disk that holds Talome's data, `disks_percent` of
    each by its mount point. `monotonic_s` is when it was read, by the clock that nobody moves."""

    monotonic_s: float
    cpu_percent_s: float
    memory_bytes: int
    memory_percent: float
    disk_percent: float | None
    disks_percent: Mapping[str, float]
    rx_bytes: int
    tx_bytes: int
