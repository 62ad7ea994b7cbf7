"""The machine itself: Python, ports, the clock, the kernel's counters of containers."""

import ctypes
import os
import socket
import sys
import time
from collections.abc import Callable
from errno import EACCES, EADDRINUSE
from itertools import pairwise
from pathlib import Path
from typing import Final

import psutil

from talome.core.settings.boot import BootSettings
from talome.doctor.findings import Finding, State

OLDEST_PYTHON: Final = (3, 11)
RELEASED_S: Final = 1_767_225_600  # 2026-01-01: no clock of a running Talome can be before its release
_DAY_S: Final = 86_400
_TIME_ERROR: Final = 5  # adjtimex(2): the clock is not synchronised
_RTC: Final = Path("/sys/class/rtc/rtc0/since_epoch")


def check_python(
    settings: BootSettings,  # noqa: ARG001 - every check takes the settings
    *,
    version: tuple[int, ...] = sys.version_info[:3],
) -> Finding:
    detail = f"Python {'.'.join(map(str, version))}"
    if version < OLDEST_PYTHON:
        return Finding("python", "Python", "problem", detail, "Install Python 3.11 or newer.")
    return Finding("python", "Python", "ok", detail)


def check_server_port(settings: BootSettings) -> Finding:
    return _check_port("port", "Port of the server", settings.bind, settings.port, "CORE_PORT")


def check_terminal_port(settings: BootSettings) -> Finding:
    return _check_port(
        "terminalPort", "Port of the terminal", "127.0.0.1", settings.terminal_port, "TERMINAL_DAEMON_PORT"
    )


def check_clock(
    settings: BootSettings,  # noqa: ARG001 - see above
    *,
    now: Callable[[], float] = time.time,
    synchronised: Callable[[], bool | None] | None = None,
    rtc: Path = _RTC,
) -> Finding:
    """A wrong clock breaks certificates, sign-ins and schedules."""
    shown = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(now()))
    if now() < RELEASED_S:
        return _clock("problem", f"It is not {shown}.", "Set the clock; on a board without a battery, let NTP set it.")
    hardware = _hardware_time(rtc)
    if hardware is not None and abs(hardware - now()) > _DAY_S:
        action = "Run: hwclock --systohc. Else the clock is wrong after the next start, until NTP sets it."
        return _clock("warning", f"{shown}; the hardware's clock is more than a day off.", action)
    if (synchronised or _kernel_is_synchronised)() is False:
        return _clock("warning", f"{shown}; nothing keeps it right.", "Install systemd-timesyncd or chrony.")
    return _clock("ok", shown)


def check_cgroups(settings: BootSettings, *, proc: Path = Path("/proc")) -> Finding:  # noqa: ARG001 - see above
    """Counters of containers are read from the kernel; without them there is no usage to show."""
    from talome.engines.cgroups import CgroupSampler

    try:
        found = CgroupSampler(proc=proc).sample({"self": os.getpid()})
    except OSError:
        found = {}
    if not found:
        action = "Mount /sys/fs/cgroup; on a Raspberry Pi add cgroup_enable=memory to the kernel's command line."
        return Finding("cgroups", "Usage counters", "warning", "The kernel's counters cannot be read.", action)
    return Finding("cgroups", "Usage counters", "ok", "The kernel's counters can be read.")


def _check_port(id: str, title: str, bind: str, port: int, variable: str) -> Finding:
    """Free, or held by Talome itself."""
    family = socket.AF_INET6 if ":" in bind else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((bind, port))
            probe.listen(1)
    except OSError as error:
        if error.errno == EADDRINUSE:
            return _taken(id, title, port, variable)
        action = (
            f"Set {variable} to a port from 1024." if error.errno == EACCES else "Set TALOME_BIND to an own address."
        )
        return Finding(id, title, "problem", f"Port {port} of {bind} cannot be opened: {error.strerror}.", action)
    return Finding(id, title, "ok", f"Port {port} is free.")


def _taken(id: str, title: str, port: int, variable: str) -> Finding:
    holder = _holder(port)
    if holder is not None and _is_talome(holder):
        return Finding(id, title, "ok", f"Talome is running on port {port}.")
    who = f"“{holder.info['name']}” (process {holder.pid})" if holder is not None else "another program"
    action = f"Stop it, or set {variable} to a free port."
    return Finding(id, title, "problem", f"Port {port} is in use by {who}.", action)


def _holder(port: int) -> psutil.Process | None:
    """The process that listens there, where this user may know it."""
    try:
        for connection in psutil.net_connections("tcp"):
            listens = connection.status == psutil.CONN_LISTEN and connection.laddr[1:2] == (port,)
            if listens and connection.pid:
                process = psutil.Process(connection.pid)
                process.info = process.as_dict(["name", "cmdline"], ad_value="")
                return process
    except psutil.Error:
        return None
    return None


def _is_talome(process: psutil.Process) -> bool:
    """`talome serve`, by whatever interpreter and path."""
    words = [Path(word).name for word in process.info["cmdline"] or []]
    return any(pair in pairwise(words) for pair in (("talome", "serve"), ("talome", "terminal")))


def _kernel_is_synchronised() -> bool | None:
    """None where the kernel does not tell."""
    try:
        state: int = ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(512))
    except (OSError, AttributeError):
        return None
    return None if state < 0 else state != _TIME_ERROR


def _hardware_time(rtc: Path) -> float | None:
    try:
        return float(rtc.read_text())
    except (OSError, ValueError):
        return None


def _clock(state: State, detail: str, action: str | None = None) -> Finding:
    return Finding("clock", "Clock", state, detail, action)
