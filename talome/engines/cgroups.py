"""What containers use, read straight from the kernel: cgroup files (v1 and v2) and `/proc/<pid>/net/dev`.

Docker's stats API waits one to two seconds for each answer; these files cost tens of microseconds. The numbers are
raw counters: rates are the caller's business.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

_NO_LIMIT = 1 << 60  # v1 says "no limit" with a number near 2**63
_READ_BYTES = 64 * 1024
_LIMIT_SAMPLES = 10  # limits hardly ever change: each tenth sample reads them

_IoParser = Callable[[bytes], tuple[int, int]]


class Counters(NamedTuple):
    """One container's counters. `cpu_ns`, `rx_bytes` ... only grow; `memory_bytes` leaves out reclaimable file cache.
    `memory_limit_bytes` is None when unlimited. `rx_bytes` and `tx_bytes` are None when they could not be read."""

    cpu_ns: int
    memory_bytes: int
    memory_limit_bytes: int | None
    pids: int
    read_bytes: int
    write_bytes: int
    rx_bytes: int | None
    tx_bytes: int | None


@dataclass(slots=True)
class _Files:
    """Where one container's counters are; `v2` says how to read them. A path is "" when the controller is missing."""

    pid: int
    v2: bool
    cpu: str
    memory: str
    memory_stat: str
    memory_limit: str
    pids: str
    io: str
    network: str
    limit: int | None = None
    limit_age: int = _LIMIT_SAMPLES


class CgroupSampler:
    """Samples many containers in one go. Blocking but quick: call it from a worker thread, one call at a time."""

    def __init__(self, *, proc: Path = Path("/proc"), mountinfo: Path | None = None) -> None:
        self._proc = str(proc)
        self._mountinfo = mountinfo or proc / "self" / "mountinfo"
        self._mounts: _Mounts | None = None
        self._files: dict[str, _Files] = {}

    def sample(self, pids: Mapping[str, int]) -> dict[str, Counters]:
        """Counters of each container whose init process is given; those that are gone are left out.

        `pids` maps a container's full id to the process id of its init, as inspect says."""
        for gone in self._files.keys() - pids.keys():
            del self._files[gone]
        taken: dict[str, Counters] = {}
        for id, pid in pids.items():
            try:
                taken[id] = _read_counters(self._locate(id, pid))
            except (OSError, ValueError):
                self._files.pop(id, None)
        return taken

    def _locate(self, id: str, pid: int) -> _Files:
        known = self._files.get(id)
        if known is not None and known.pid == pid:
            return known
        if self._mounts is None:
            self._mounts = _find_mounts(self._mountinfo)
        membership = _read_text(f"{self._proc}/{pid}/cgroup")
        network = f"{self._proc}/{pid}/net/dev"
        files = self._mounts.locate(_parse_membership(membership), id, pid, network)
        self._files[id] = files
        return files


@dataclass(frozen=True, slots=True)
class _Mounts:
    """Mounted hierarchies: a controller's name (v1) or "" (v2) to its mount point and the path it is rooted at."""

    points: Mapping[str, tuple[str, str]]

    def locate(self, membership: Mapping[str, str], id: str, pid: int, network: str) -> _Files:
        if "memory" in self.points and "memory" in membership:
            return self._locate_v1(membership, id, pid, network)
        if "" not in self.points or "" not in membership:
            raise FileNotFoundError("no cgroup hierarchy with a memory controller is mounted")
        base = self._folder("", membership[""], id)
        return _Files(
            pid=pid,
            v2=True,
            cpu=f"{base}/cpu.stat",
            memory=f"{base}/memory.current",
            memory_stat=f"{base}/memory.stat",
            memory_limit=f"{base}/memory.max",
            pids=f"{base}/pids.current",
            io=f"{base}/io.stat",
            network=network,
        )

    def _locate_v1(self, membership: Mapping[str, str], id: str, pid: int, network: str) -> _Files:
        def folder(controller: str) -> str:
            if controller not in self.points or controller not in membership:
                return ""
            return self._folder(controller, membership[controller], id)

        memory, blkio, tasks = folder("memory"), folder("blkio"), folder("pids")
        io = f"{blkio}/blkio.throttle.io_service_bytes_recursive" if blkio else ""
        if io and not Path(io).exists():
            io = f"{blkio}/blkio.throttle.io_service_bytes"
        return _Files(
            pid=pid,
            v2=False,
            cpu=f"{folder('cpuacct')}/cpuacct.usage",
            memory=f"{memory}/memory.usage_in_bytes",
            memory_stat=f"{memory}/memory.stat",
            memory_limit=f"{memory}/memory.limit_in_bytes",
            pids=f"{tasks}/pids.current" if tasks else "",
            io=io,
            network=network,
        )

    def _folder(self, controller: str, path: str, id: str) -> str:
        point, root = self.points[controller]
        parts = path.strip("/").split("/")
        # An init such as systemd moves itself into a group below the container's own: count the whole container.
        for position, part in enumerate(parts):
            if id in part:
                parts = parts[: position + 1]
                break
        else:  # another machine's pid, or one that a process of ours got meanwhile
            raise ProcessLookupError(f"the process is not one of container {id}")
        inside = "/" + "/".join(part for part in parts if part)
        if root != "/" and (inside == root or inside.startswith(root + "/")):
            inside = inside[len(root) :]
        return point + inside.rstrip("/")


def _find_mounts(mountinfo: Path) -> _Mounts:
    points: dict[str, tuple[str, str]] = {}
    for line in mountinfo.read_text(errors="replace").splitlines():
        left, separator, right = line.partition(" - ")
        fields, kind = left.split(), right.split()
        if not separator or len(fields) < 5 or len(kind) < 3:
            continue
        root, point = fields[3], fields[4].replace("\\040", " ")
        if kind[0] == "cgroup2":
            points.setdefault("", (point, root))
        elif kind[0] == "cgroup":
            for controller in kind[2].split(","):
                points.setdefault(controller, (point, root))
    return _Mounts(points)


def _parse_membership(text: str) -> dict[str, str]:
    """`4:cpu,cpuacct:/docker/...` lines as controller to path; the v2 line (`0::/...`) is named ""."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        _, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        for controller in controllers.split(","):
            found[controller] = path
    return found


def _read_bytes(path: str) -> bytes:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return os.read(descriptor, _READ_BYTES)
    finally:
        os.close(descriptor)


def _read_text(path: str) -> str:
    return _read_bytes(path).decode(errors="replace")


def _field(text: bytes, name: bytes) -> int:
    """The number after `name ` at the start of a line, 0 when there is none."""
    start = 0 if text.startswith(name + b" ") else text.find(b"\n" + name + b" ") + 1
    if start == 0 and not text.startswith(name + b" "):
        return 0
    begin = start + len(name) + 1
    end = text.find(b"\n", begin)
    return int(text[begin : end if end >= 0 else len(text)])


def _read_counters(files: _Files) -> Counters:
    if files.v2:
        cpu_ns = _field(_read_bytes(files.cpu), b"usage_usec") * 1000
        cache = _field(_read_bytes(files.memory_stat), b"inactive_file")
        read, written = _optional(files.io, _io_v2)
    else:
        cpu_ns = int(_read_bytes(files.cpu))
        cache = _field(_read_bytes(files.memory_stat), b"total_inactive_file")
        read, written = _optional(files.io, _io_v1)
    received, sent = _network(files.network)
    return Counters(
        cpu_ns=cpu_ns,
        memory_bytes=max(0, int(_read_bytes(files.memory)) - cache),
        memory_limit_bytes=_limit(files),
        pids=_pids(files.pids),
        read_bytes=read,
        write_bytes=written,
        rx_bytes=received,
        tx_bytes=sent,
    )


def _limit(files: _Files) -> int | None:
    files.limit_age += 1
    if files.limit_age >= _LIMIT_SAMPLES:
        text = _read_bytes(files.memory_limit).strip()
        limit = _NO_LIMIT if text == b"max" else int(text)
        files.limit, files.limit_age = (None if limit >= _NO_LIMIT else limit), 0
    return files.limit


def _pids(path: str) -> int:
    try:
        return int(_read_bytes(path)) if path else 0
    except FileNotFoundError:
        return 0


def _optional(path: str, parse: _IoParser) -> tuple[int, int]:
    """Block I/O is missing on kernels and boards without the controller: that is 0, not an absent container."""
    try:
        return parse(_read_bytes(path)) if path else (0, 0)
    except FileNotFoundError:
        return 0, 0


def _io_v1(text: bytes) -> tuple[int, int]:
    read = written = 0
    for line in text.splitlines():
        fields = line.split()
        if len(fields) == 3:
            if fields[1] == b"Read":
                read += int(fields[2])
            elif fields[1] == b"Write":
                written += int(fields[2])
    return read, written


def _io_v2(text: bytes) -> tuple[int, int]:
    read = written = 0
    for field in text.split():
        name, _, value = field.partition(b"=")
        if name == b"rbytes":
            read += int(value)
        elif name == b"wbytes":
            written += int(value)
    return read, written


def _network(path: str) -> tuple[int | None, int | None]:
    try:
        text = _read_bytes(path)
    except OSError:
        return None, None
    received = sent = 0
    for line in text.splitlines()[2:]:
        name, _, numbers = line.partition(b":")
        if name.endswith(b" lo"):
            continue
        fields = numbers.split(None, 9)
        received += int(fields[0])
        sent += int(fields[8])
    return received, sent
