"""The processes of the machine, from /proc: who they are, what they use, and in which container they run.

Arguments are never read: command lines carry passwords.
"""

from __future__ import annotations

import os
import pwd
import re
import time
from dataclasses import dataclass
from pathlib import Path

_SHORTEST_DELTA_S = 0.2
_LONGEST_DELTA_S = 30.0
_CONTAINER = re.compile(rb"[0-9a-f]{64}")
_CUT_AT = 15
"""The kernel keeps so many bytes of a program's name."""
_READ_BYTES = 4096
_MOST_USERS = 1000


@dataclass(frozen=True, slots=True)
class ProcessReading:
    """One process. `cpu_percent` is of one core, over the time since the reading before; `memory_bytes` is what it
    holds in RAM, shared pages included. `container_id` is Docker's full id."""

    pid: int
    name: str
    user: str
    cpu_percent: float
    memory_bytes: int
    threads: int
    started_at_s: float
    container_id: str | None


@dataclass(frozen=True, slots=True)
class _Identity:
    """What does not change while a process lives."""

    user: str
    container_id: str | None


@dataclass(frozen=True, slots=True)
class _Seen:
    pid: int
    name: str
    ticks: int
    threads: int
    start_ticks: int
    pages: int


class ProcessProbe:
    """Reads all processes in about 15 µs each. Blocking: call it from a worker thread, one call at a time."""

    def __init__(self, *, proc: Path = Path("/proc")) -> None:
        self._proc = str(proc)
        self._tick_s = 1 / os.sysconf("SC_CLK_TCK")
        self._page_bytes = os.sysconf("SC_PAGESIZE")
        self._at = 0.0
        self._ticks: dict[tuple[int, int], int] = {}
        self._known: dict[tuple[int, int], _Identity] = {}
        self._users: dict[int, str] = {}

    def read(self) -> list[ProcessReading]:
        """Without a recent reading to compare with, the first takes two, a moment apart."""
        if not 0 < time.monotonic() - self._at < _LONGEST_DELTA_S:
            self._remember(self._look())
            time.sleep(_SHORTEST_DELTA_S)
        passed_s = max(time.monotonic() - self._at, 1e-3)
        before, found = self._ticks, self._look()
        self._remember(found)
        self._known = {key: self._known.get(key) or self._identify(key[0]) for key in self._ticks}
        booted_at_s = time.time() - time.clock_gettime(time.CLOCK_BOOTTIME)
        return [self._reading(seen, before, passed_s, booted_at_s) for seen in found]

    def _remember(self, found: list[_Seen]) -> None:
        self._at = time.monotonic()
        self._ticks = {(seen.pid, seen.start_ticks): seen.ticks for seen in found}

    def _reading(
        self, seen: _Seen, before: dict[tuple[int, int], int], passed_s: float, booted_at_s: float
    ) -> ProcessReading:
        key = (seen.pid, seen.start_ticks)
        used = max(0, seen.ticks - before.get(key, 0))
        identity = self._known[key]
        return ProcessReading(
            pid=seen.pid,
            name=seen.name,
            user=identity.user,
            cpu_percent=round(100 * used * self._tick_s / passed_s, 1),
            memory_bytes=seen.pages * self._page_bytes,
            threads=seen.threads,
            started_at_s=booted_at_s + seen.start_ticks * self._tick_s,
            container_id=identity.container_id,
        )

    def _look(self) -> list[_Seen]:
        return [
            self._parse(int(entry), data)
            for entry in os.listdir(self._proc)  # noqa: PTH208 - Path objects would cost as much as the rest
            if entry.isdecimal() and (data := self._read(entry, "stat"))
        ]

    def _parse(self, pid: int, data: bytes) -> _Seen:
        """The name stands in brackets and may itself hold brackets and spaces, so the rest begins after the last."""
        name = data[data.index(b"(") + 1 : data.rindex(b")")]
        rest = data[data.rindex(b")") + 2 :].split()
        return _Seen(
            pid=pid,
            name=self._whole(pid, name) if len(name) == _CUT_AT else name.decode(errors="replace"),
            ticks=int(rest[11]) + int(rest[12]),
            threads=int(rest[17]),
            start_ticks=int(rest[19]),
            pages=int(rest[21]),
        )

    def _whole(self, pid: int, name: bytes) -> str:
        """The name of the program's file, where the kernel's is the beginning of it."""
        short = name.decode(errors="replace")
        try:
            target = os.fsencode(os.readlink(f"{self._proc}/{pid}/exe"))  # noqa: PTH115 - may be no text
            # Bytes and plain calls: a name need not be UTF-8, and Path would double the cost of a thousand processes.
            program = os.path.basename(target).removesuffix(b" (deleted)").decode(errors="replace")  # noqa: PTH119 - bytes
        except OSError:
            return short
        return program if program.startswith(short) else short

    def _identify(self, pid: int) -> _Identity:
        found = re.search(rb"^Uid:\s+(\d+)", self._read(str(pid), "status"), re.MULTILINE)
        containers = _CONTAINER.findall(self._read(str(pid), "cgroup"))
        return _Identity(
            user="" if found is None else self._user(int(found[1])),
            container_id=containers[-1].decode() if containers else None,
        )

    def _user(self, uid: int) -> str:
        if uid not in self._users:
            if len(self._users) >= _MOST_USERS:  # a container can take any of four billion
                self._users.clear()
            try:
                self._users[uid] = pwd.getpwuid(uid).pw_name
            except KeyError:  # an id of a container that this machine has no name for
                self._users[uid] = str(uid)
        return self._users[uid]

    def _read(self, pid: str, name: str) -> bytes:
        """Empty where the process has ended, or may not be looked at."""
        try:
            descriptor = os.open(f"{self._proc}/{pid}/{name}", os.O_RDONLY)
        except OSError:
            return b""
        try:
            return os.read(descriptor, _READ_BYTES)
        except OSError:
            return b""
        finally:
            os.close(descriptor)
