"""Whether the machine is well: one small check for each thing, and a sentence that tells the truth about them all."""

import time
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime
from typing import Final

from talome.core.clock import now
from talome.core.errors import TalomeError
from talome.core.settings.service import Setting, Settings
from talome.engines.host import HostReading
from talome.home.containers.models import Container
from talome.home.containers.service import Containers
from talome.home.system.models import Check, CheckState, SystemHealth
from talome.home.system.service import System

DISK_WARNING: Final = "system.disk_warning_percent"
DISK_CRITICAL: Final = "system.disk_critical_percent"
MEMORY_WARNING: Final = "system.memory_warning_percent"
SETTINGS: Final[tuple[Setting, ...]] = (
    Setting(
        key=DISK_WARNING,
        kind="number",
        default=90,
        title="Warn when a disk is this full",
        help="Shown on the home page and in System.",
        feature="system",
        minimum=50,
        maximum=99,
        unit="%",
    ),
    Setting(
        key=DISK_CRITICAL,
        kind="number",
        default=97,
        title="A disk is critically full at",
        help="Databases of apps begin to fail when no space is left.",
        feature="system",
        minimum=50,
        maximum=100,
        unit="%",
    ),
    Setting(
        key=MEMORY_WARNING,
        kind="number",
        default=90,
        title="Warn when this much of the memory is used",
        help="Memory that holds cached files does not count as used.",
        feature="system",
        minimum=50,
        maximum=99,
        unit="%",
    ),
)
_RELEASED: Final = datetime(2026, 11, 1, tzinfo=UTC)
_DATABASE_FRESH_S: Final = 3600.0
_JUMP_S: Final = 60.0
_JUMP_SHOWN_S: Final = 3600.0
_HOT_CELSIUS: Final = 85.0
_CRITICAL_MEMORY_PERCENT: Final = 97.0
_NUMBERS: Final = ("Nothing", "One thing", "Two things", "Three things", "Four things", "Five things", "Six things")
_ORDER: Final[dict[CheckState, int]] = {"ok": 0, "warning": 1, "critical": 2}


class HealthChecks:
    """`check_database` answers `ok`, or what is wrong with the file; it is asked once an hour."""

    def __init__(
        self,
        system: System,
        containers: Containers,
        settings: Settings,
        check_database: Callable[[], Awaitable[str]],
    ) -> None:
        self._system = system
        self._containers = containers
        self._settings = settings
        self._check_database = check_database
        self._database: tuple[float, str] | None = None
        self._clock_offset_s = _clock_offset_s()
        self._jump: tuple[float, float] | None = None

    async def health(self) -> SystemHealth:
        """All checks, the worst first."""
        reading = await self._system.raw()
        checks = [
            self._docker(),
            *self._disks(reading),
            self._memory(reading),
            await self._database_check(),
            self._clock(),
            *self._temperature(reading),
            *await self._container_check(),
        ]
        checks.sort(key=lambda check: -_ORDER[check.state])
        worst = max((check.state for check in checks), key=_ORDER.__getitem__)
        return SystemHealth(state=worst, sentence=_sentence(checks), checks=checks)

    def _docker(self) -> Check:
        state = self._containers.engine_state
        if not state.stale:
            return Check(id="docker", title="Docker", state="ok", detail=f"Docker {state.version} answers.")
        return Check(
            id="docker",
            title="Docker",
            state="critical",
            detail=state.reason or "Docker does not answer.",
            action="Look at Docker on the machine: “systemctl status docker”. Talome connects again by itself.",
        )

    def _disks(self, reading: HostReading) -> list[Check]:
        warning, critical = self._settings.number(DISK_WARNING), self._settings.number(DISK_CRITICAL)
        checks = []
        for disk in reading.disks:
            state = _level(disk.percent, warning, critical)
            detail = f"{disk.percent:g} % of {_size(disk.total_bytes)} are used, {_size(disk.free_bytes)} are free."
            full = state != "ok"
            checks.append(
                Check(
                    id=f"disk:{disk.mount}",
                    title=f"Disk {disk.mount}",
                    state=state,
                    detail=detail,
                    action="Remove unused images and volumes, or move files to another disk." if full else None,
                    target="clean_up" if full else None,
                )
            )
        checks += [
            Check(
                id=f"disk:{mount}",
                title=f"Disk {mount}",
                state="warning",
                detail="The disk does not answer.",
                action="Look whether the drive is plugged in, or the server that shares it is on.",
            )
            for mount in reading.unreachable
        ]
        return checks

    def _memory(self, reading: HostReading) -> Check:
        total = reading.memory_total_bytes or 1
        percent = round(100 * reading.memory_used_bytes / total, 1)
        warning = self._settings.number(MEMORY_WARNING)
        state = _level(percent, warning, max(warning, _CRITICAL_MEMORY_PERCENT))
        return Check(
            id="memory",
            title="Memory",
            state=state,
            detail=f"{percent:g} % of {_size(total)} are used, {_size(reading.memory_available_bytes)} are available.",
            action=None if state == "ok" else "Stop an app that you do not need, or give the largest one a limit.",
            target=None if state == "ok" else "processes",
        )

    async def _database_check(self) -> Check:
        if self._database is None or time.monotonic() - self._database[0] > _DATABASE_FRESH_S:
            self._database = time.monotonic(), await self._asked()
        answer = self._database[1]
        if answer == "ok":
            return Check(id="database", title="Talome's database", state="ok", detail="It was checked and is sound.")
        return Check(
            id="database",
            title="Talome's database",
            state="critical",
            detail=f"SQLite says: {answer[:300]}",
            action="Restore the latest copy from the folder “backups/database” in Talome's data folder.",
        )

    async def _asked(self) -> str:
        try:
            return await self._check_database()
        except TalomeError as error:
            return error.message
        except Exception as error:
            return str(error)

    def _clock(self) -> Check:
        offset_s = _clock_offset_s()
        jumped_s, self._clock_offset_s = abs(offset_s - self._clock_offset_s), offset_s
        if jumped_s > _JUMP_S:
            self._jump = time.monotonic(), jumped_s
        advice = "Set the time zone and network time: “timedatectl set-ntp true”."
        if now() < _RELEASED:
            detail = f"The clock says {now():%Y-%m-%d}, which is before this release of Talome."
            return Check(id="clock", title="Clock", state="critical", detail=detail, action=advice)
        if self._jump is not None and time.monotonic() - self._jump[0] < _JUMP_SHOWN_S:
            detail = f"The clock was moved by {self._jump[1] / 60:.0f} minutes lately."
            return Check(id="clock", title="Clock", state="warning", detail=detail, action=advice)
        return Check(id="clock", title="Clock", state="ok", detail=f"It is {now():%Y-%m-%d %H:%M} UTC.")

    def _temperature(self, reading: HostReading) -> list[Check]:
        if not reading.temperatures:
            return []
        hottest = max(reading.temperatures, key=lambda item: item.celsius - (item.high_celsius or _HOT_CELSIUS))
        limit = hottest.high_celsius or _HOT_CELSIUS
        state: CheckState = _level(hottest.celsius, limit, limit + 10)
        action = None if state == "ok" else "Look whether the fan turns and the air can move."
        detail = f"{hottest.name} is at {hottest.celsius:.0f} °C, its limit is {limit:.0f} °C."
        return [Check(id="temperature", title="Temperature", state=state, detail=detail, action=action)]

    async def _container_check(self) -> list[Check]:
        if self._containers.engine_state.stale:
            return []
        containers = await self._containers.all()
        unwell = [*_named(containers, "unhealthy"), *_named(containers, "restarting"), *_named(containers, "dead")]
        running = sum(container.state == "running" for container in containers)
        return [
            Check(
                id="containers",
                title="Containers",
                state="warning" if unwell else "ok",
                detail=f"Not well: {', '.join(unwell)}." if unwell else f"{running} of {len(containers)} run.",
                action="Look at their logs." if unwell else None,
                target="containers" if unwell else None,
            )
        ]


def _clock_offset_s() -> float:
    """Changes when somebody moves the clock, not when the machine sleeps."""
    return time.time() - time.clock_gettime(time.CLOCK_BOOTTIME)


def _named(containers: Iterable[Container], what: str) -> list[str]:
    return [f"{item.name} ({what})" for item in containers if what in (item.state, item.health)]


def _level(value: float, warning: float, critical: float) -> CheckState:
    return "critical" if value >= critical else "warning" if value >= warning else "ok"


def _sentence(checks: list[Check]) -> str:
    unwell = [check for check in checks if check.state != "ok"]
    if not unwell:
        return f"All is well: {len(checks)} checks passed."
    count = _NUMBERS[len(unwell)] if len(unwell) < len(_NUMBERS) else f"{len(unwell)} things"
    verb = "needs" if len(unwell) == 1 else "need"
    return f"{count} {verb} attention: {', '.join(check.title for check in unwell)}."


def _size(size_bytes: float) -> str:
    for unit in ("bytes", "KB", "MB", "GB"):
        if size_bytes < 1000:
            return f"{size_bytes:.3g} {unit}"
        size_bytes /= 1000
    return f"{size_bytes:.3g} TB"
