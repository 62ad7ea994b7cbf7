"""The machine Talome runs on: processor, memory, disks, network, temperatures. Raw numbers, no judgement."""

from __future__ import annotations

import os
import platform
import socket
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil

from talome.engines.mounts import MountedDisk, real_disks

_SHORTEST_DELTA_S = 0.1
MAY_HANG = ("nfs", "cifs", "smb", "fuse", "9p", "ceph", "gluster")


@dataclass(frozen=True, slots=True)
class HostFacts:
    """What does not change while the machine runs. `booted_at_s` is epoch seconds."""

    hostname: str
    os: str
    kernel: str
    architecture: str
    cpu_model: str | None
    cpu_count: int
    booted_at_s: float


@dataclass(frozen=True, slots=True)
class Disk:
    mount: str
    device: str
    fs: str
    total_bytes: int
    used_bytes: int
    free_bytes: int

    @property
    def percent(self) -> float:
        """As df says it: of what ordinary users can fill."""
        usable = self.used_bytes + self.free_bytes
        return round(100 * self.used_bytes / usable, 1) if usable else 0.0


@dataclass(frozen=True, slots=True)
class Temperature:
    name: str
    celsius: float
    high_celsius: float | None


@dataclass(frozen=True, slots=True)
class HostReading:
    """One sample. CPU percentages are of one core for `cores`, of the whole machine for `cpu_percent`, and cover the
    time since the sample before. `rx_bytes` ... `write_bytes` are counters since boot of the physical devices.
    `unreachable` are mount points whose server does not answer."""

    at_s: float
    uptime_s: float
    cpu_percent: float
    cores: tuple[float, ...]
    load: tuple[float, float, float]
    memory_total_bytes: int
    memory_available_bytes: int
    swap_total_bytes: int
    swap_used_bytes: int
    disks: tuple[Disk, ...]
    unreachable: tuple[str, ...]
    rx_bytes: int
    tx_bytes: int
    read_bytes: int
    write_bytes: int
    temperatures: tuple[Temperature, ...]

    @property
    def memory_used_bytes(self) -> int:
        return self.memory_total_bytes - self.memory_available_bytes


class HostProbe:
    """Samples the machine. Blocking for about a millisecond: call it from a worker thread, one call at a time."""

    def __init__(
        self,
        *,
        mountinfo: Path = Path("/proc/self/mountinfo"),
        sys: Path = Path("/sys"),
        disk_timeout_s: float = 1.0,
        statvfs: Callable[[str], os.statvfs_result] = os.statvfs,
    ) -> None:
        self._mountinfo = mountinfo
        self._sys = sys
        self._disks = _DiskReader(disk_timeout_s, statvfs)
        self._cpu = _CpuMeter()

    def facts(self) -> HostFacts:
        return HostFacts(
            hostname=socket.gethostname(),
            os=_os_name(),
            kernel=platform.release(),
            architecture=platform.machine(),
            cpu_model=_cpu_model(),
            cpu_count=psutil.cpu_count() or 1,
            booted_at_s=psutil.boot_time(),
        )

    def read(self) -> HostReading:
        """The first call waits until 0.1 s have passed since the probe was made, to have something to compare with."""
        cpu_percent, cores = self._cpu.read()
        memory, swap = psutil.virtual_memory(), psutil.swap_memory()
        disks, unreachable = self._disks.read(real_disks(self._mountinfo))
        received, sent = self._network()
        read, written = self._io()
        now = time.time()
        return HostReading(
            at_s=now,
            uptime_s=max(0.0, now - psutil.boot_time()),
            cpu_percent=cpu_percent,
            cores=cores,
            load=psutil.getloadavg(),
            memory_total_bytes=memory.total,
            memory_available_bytes=min(memory.available, memory.total),
            swap_total_bytes=swap.total,
            swap_used_bytes=swap.used,
            disks=disks,
            unreachable=unreachable,
            rx_bytes=received,
            tx_bytes=sent,
            read_bytes=read,
            write_bytes=written,
            temperatures=_temperatures(),
        )

    def _network(self) -> tuple[int, int]:
        counters = psutil.net_io_counters(pernic=True, nowrap=False)
        names = _with_device(counters, self._sys / "class" / "net")
        # Bridges, veths and tunnels carry bytes that a card already counted; without any card (in a container), all.
        chosen = names or [name for name in counters if name != "lo"]
        return sum(counters[name].bytes_recv for name in chosen), sum(counters[name].bytes_sent for name in chosen)

    def _io(self) -> tuple[int, int]:
        counters = psutil.disk_io_counters(perdisk=True, nowrap=False) or {}
        # Partitions, loop devices, RAID and LVM repeat what the whole disk below them counts.
        names = _with_device(counters, self._sys / "block")
        return sum(counters[name].read_bytes for name in names), sum(counters[name].write_bytes for name in names)


class _CpuMeter:
    """Busy share between two reads; a read sooner than 0.1 s after the one before gets the same answer again."""

    def __init__(self) -> None:
        self._at = time.monotonic()
        self._times = _busy_and_total()
        self._answer: tuple[float, tuple[float, ...]] | None = None

    def read(self) -> tuple[float, tuple[float, ...]]:
        missing = _SHORTEST_DELTA_S - (time.monotonic() - self._at)
        if missing > 0:
            if self._answer is not None:
                return self._answer
            time.sleep(missing)
        times = _busy_and_total()
        if len(times) != len(self._times):  # a core was switched on or off
            self._times = [(0.0, 0.0)] * len(times)
        deltas = [
            (busy - busy0, total - total0) for (busy, total), (busy0, total0) in zip(times, self._times, strict=True)
        ]
        self._at, self._times = time.monotonic(), times
        whole = _share(sum(busy for busy, _ in deltas), sum(total for _, total in deltas))
        self._answer = whole, tuple(_share(busy, total) for busy, total in deltas)
        return self._answer


def _busy_and_total() -> list[tuple[float, float]]:
    found = []
    for core in psutil.cpu_times(percpu=True):
        # Guest time is already part of user and nice.
        total = sum(core) - getattr(core, "guest", 0.0) - getattr(core, "guest_nice", 0.0)
        found.append((total - core.idle - getattr(core, "iowait", 0.0), total))
    return found


def _share(busy: float, total: float) -> float:
    return round(min(100.0, max(0.0, 100 * busy / total)), 1) if total > 0 else 0.0


class _DiskReader:
    """Sizes of file systems. A network mount whose server is gone blocks its own thread, once, and nothing else."""

    def __init__(self, timeout_s: float, statvfs: Callable[[str], os.statvfs_result]) -> None:
        self._timeout_s = timeout_s
        self._statvfs = statvfs
        self._hanging: dict[str, threading.Thread] = {}

    def read(self, mounted: list[MountedDisk]) -> tuple[tuple[Disk, ...], tuple[str, ...]]:
        disks, unreachable = [], []
        for disk in mounted:
            try:
                size = self._guarded(disk.mount) if disk.fs.startswith(MAY_HANG) else self._statvfs(disk.mount)
            except OSError:
                size = None
            if size is None:
                unreachable.append(disk.mount)
            elif size.f_blocks:
                disks.append(_sized(disk, size))
        return tuple(disks), tuple(unreachable)

    def _guarded(self, mount: str) -> os.statvfs_result | None:
        before = self._hanging.get(mount)
        if before is not None and before.is_alive():
            return None
        answers: list[os.statvfs_result | OSError] = []

        def ask() -> None:
            try:
                answers.append(self._statvfs(mount))
            except OSError as error:
                answers.append(error)

        thread = threading.Thread(target=ask, name=f"statvfs {mount}", daemon=True)
        thread.start()
        thread.join(self._timeout_s)
        if thread.is_alive():
            self._hanging[mount] = thread
            return None
        self._hanging.pop(mount, None)
        answer = answers[0]
        return None if isinstance(answer, OSError) else answer


def _sized(disk: MountedDisk, size: os.statvfs_result) -> Disk:
    return Disk(
        mount=disk.mount,
        device=disk.device,
        fs=disk.fs,
        total_bytes=size.f_blocks * size.f_frsize,
        used_bytes=(size.f_blocks - size.f_bfree) * size.f_frsize,
        free_bytes=size.f_bavail * size.f_frsize,
    )


def _with_device(names: Mapping[str, object], folder: Path) -> list[str]:
    return [name for name in names if (folder / name / "device").exists()]


def _temperatures() -> tuple[Temperature, ...]:
    found = []
    for chip, sensors in psutil.sensors_temperatures().items():
        for sensor in sensors:
            if not -50 < sensor.current < 200:  # a missing probe reads as nonsense
                continue
            name = f"{chip} {sensor.label}".strip()
            found.append(Temperature(name=name, celsius=float(sensor.current), high_celsius=sensor.high or None))
    return tuple(found)


def _os_name() -> str:
    try:
        release = platform.freedesktop_os_release()
    except OSError:
        return platform.system()
    return release.get("PRETTY_NAME") or release["NAME"]


def _cpu_model() -> str | None:
    try:
        text = Path("/proc/cpuinfo").read_text(errors="replace")
    except OSError:
        return None
    found = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in text.splitlines())}
    return found.get("model name") or found.get("Model") or found.get("Hardware") or None
