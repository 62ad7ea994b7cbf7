"""The drives, what is mounted of them, what they say of their health, and when they will be full."""

import asyncio
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from talome.core.clock import now
from talome.core.errors import TalomeError
from talome.engines import pools as engine_pools
from talome.engines.blocks import Block, read_blocks
from talome.engines.host import MAY_HANG
from talome.engines.host import Disk as EngineDisk
from talome.engines.mounting import MOUNTABLE
from talome.engines.programs import Missing, Programs
from talome.engines.smart import SmartReading, drive_types, read_smart
from talome.home.metrics.service import History
from talome.home.storage.forecast import forecast
from talome.home.storage.models import (
    Array,
    ArrayMember,
    Drive,
    DriveHealth,
    DriveKind,
    FileSystem,
    FileSystemKind,
    Forecast,
    Partition,
    Storage,
)
from talome.home.system.service import System

_NO_DRIVES: Final = ("loop", "zram", "ram", "fd", "nbd", "dm-", "md")
_HEALTH_FRESH_S: Final = 300.0
_ASKED_AT_ONCE: Final = 4


class Disks:
    """Asks the machine anew each time; only the health of drives is kept for five minutes. `mdstat` and the folder of
    `programs` are the machine's own unless a test says otherwise."""

    def __init__(
        self, system: System, history: History, home: Path, programs: Programs, *, mdstat: Path = Path("/proc/mdstat")
    ) -> None:
        self._system = system
        self._history = history
        self._home = home
        self._programs = programs
        self._mdstat = mdstat
        self._asking = asyncio.Lock()
        self._health: list[DriveHealth] = []
        self._asked_at = -_HEALTH_FRESH_S

    async def blocks(self) -> list[Block]:
        """Raises `Unavailable` where this machine does not tell of its disks, as in many containers."""
        return await read_blocks(self._programs)

    async def all(self) -> Storage:
        """What cannot be looked at is named in `missing`; the rest is told all the same."""
        missing: list[str] = []
        try:
            blocks = await self.blocks()
        except TalomeError as error:
            blocks = []
            missing.append(error.message)
        reading = await self._system.raw()
        arrays = await self._arrays(reading.disks, missing)
        return Storage(
            at=now(),
            drives=[_drive(block) for block in _drives(blocks)],
            file_systems=list(self._file_systems(reading.disks, blocks)),
            unreachable=list(reading.unreachable),
            arrays=arrays,
            missing=missing,
        )

    async def _arrays(self, disks: Sequence[EngineDisk], missing: list[str]) -> list[Array]:
        found = await asyncio.to_thread(engine_pools.read_mdstat, self._mdstat)
        if mounts := [disk.mount for disk in disks if disk.fs == "btrfs"]:
            try:
                found += await engine_pools.read_btrfs(self._programs, mounts)
            except TalomeError as error:
                missing.append(f"Btrfs is not looked into: {error.message}")
        try:
            found += await engine_pools.read_zfs(self._programs)
        except Missing:
            if any(disk.fs == "zfs" for disk in disks):
                missing.append("ZFS is not looked into: the program zpool is not installed on this machine.")
        except TalomeError as error:
            missing.append(f"ZFS is not looked into: {error.message}")
        return [_array(pool) for pool in found]

    def _file_systems(self, disks: Sequence[EngineDisk], blocks: Sequence[Block]) -> Iterator[FileSystem]:
        removable = {part.path for drive in _drives(blocks) if _is_removable(drive) for part in (drive, *drive.below())}
        ours = self._own(disks)
        for disk in disks:
            kind: FileSystemKind = "removable" if disk.device in removable else "internal"
            yield FileSystem(
                mount=disk.mount,
                device=disk.device,
                fs=disk.fs,
                kind="network" if disk.fs.startswith(MAY_HANG) and disk.fs != "fuseblk" else kind,
                total_bytes=disk.total_bytes,
                used_bytes=disk.used_bytes,
                free_bytes=disk.free_bytes,
                percent=disk.percent,
                holds_talome=disk is ours,
            )

    def _own(self, disks: Sequence[EngineDisk]) -> EngineDisk | None:
        holding = [disk for disk in disks if self._home.is_relative_to(disk.mount)]
        return max(holding, key=lambda disk: len(disk.mount), default=None)

    # --- health ---

    async def health(self) -> list[DriveHealth]:
        """Of every drive, at most five minutes old. Some are asked at once, so one that hangs keeps few waiting."""
        async with self._asking:
            if time.monotonic() - self._asked_at > _HEALTH_FRESH_S:
                drives, types = await self._known_drives(), await drive_types(self._programs)
                slots = asyncio.Semaphore(_ASKED_AT_ONCE)
                self._health = list(await asyncio.gather(*(self._ask(drive, types, slots) for drive in drives)))
                self._asked_at = time.monotonic()
            return self._health

    async def _known_drives(self) -> list[Block]:
        """None where this machine does not tell of its disks; `all` says why."""
        try:
            return _drives(await self.blocks())
        except TalomeError:
            return []

    async def _ask(self, drive: Block, types: Mapping[str, str], slots: asyncio.Semaphore) -> DriveHealth:
        async with slots:
            return _health(drive, await read_smart(self._programs, drive.path, types.get(drive.path)))

    # --- the forecast ---

    async def forecasts(self) -> list[Forecast]:
        """Of every file system of this machine, the soonest to be full first."""
        reading = await self._system.raw()
        ours = self._own(reading.disks)
        local = [disk for disk in reading.disks if not disk.fs.startswith(MAY_HANG) or disk.fs == "fuseblk"]
        found = [
            forecast(disk, await self._history.disk(disk.mount, holds_talome=disk is ours), time.time())
            for disk in local
        ]
        return sorted(found, key=lambda item: (item.days_left is None, item.days_left or 0.0, item.mount))


def _drives(blocks: Sequence[Block]) -> list[Block]:
    return [block for block in blocks if not block.name.startswith(_NO_DRIVES) and block.size_bytes]


def _drive(block: Block) -> Drive:
    own = [] if block.children and block.fs is None else [block] if block.fs or block.mounts else []
    return Drive(
        name=block.name,
        path=block.path,
        kind=_kind(block),
        model=block.model,
        serial=block.serial,
        vendor=None if block.vendor is None or block.vendor.startswith("0x") else block.vendor,
        size_bytes=block.size_bytes,
        transport=block.transport,
        removable=_is_removable(block),
        read_only=block.read_only,
        partitions=[_partition(part) for part in (*own, *block.below())],
    )


def _partition(block: Block) -> Partition:
    return Partition(
        name=block.name,
        path=block.path,
        size_bytes=block.size_bytes,
        fs=block.fs,
        label=block.label,
        uuid=block.uuid,
        mounts=list(block.mounts),
        used_bytes=block.used_bytes,
        free_bytes=block.free_bytes,
        encrypted=block.kind == "crypt" or block.fs == "crypto_LUKS",
        mountable=is_mountable(block),
    )


def is_mountable(block: Block) -> bool:
    """A file system of a known kind that nothing uses."""
    return block.fs in MOUNTABLE and block.uuid is not None and not block.mounts and not block.children


def _is_removable(block: Block) -> bool:
    return block.removable or block.transport == "usb"


def _kind(block: Block) -> DriveKind:
    if block.transport == "usb":
        return "usb"
    if block.name.startswith("nvme"):
        return "nvme"
    if block.name.startswith("mmcblk"):
        return "card"
    if block.name.startswith(("vd", "xvd")) or (block.model or "").startswith(("QEMU", "Virtual", "VBOX", "VMware")):
        return "virtual"
    return "hdd" if block.rotational else "ssd"


def _health(drive: Block, read: SmartReading) -> DriveHealth:
    return DriveHealth(
        drive=drive.name,
        path=drive.path,
        model=read.model or drive.model,
        serial=read.serial or drive.serial,
        firmware=read.firmware,
        health=read.health,
        reason=read.reason,
        temperature_celsius=read.temperature_celsius,
        power_on_hours=read.power_on_hours,
        power_cycles=read.power_cycles,
        wear_percent=read.wear_percent,
        reallocated_sectors=read.reallocated_sectors,
        pending_sectors=read.pending_sectors,
        media_errors=read.media_errors,
        written_bytes=read.written_bytes,
        last_test=read.last_test,
    )


def _array(pool: engine_pools.Pool) -> Array:
    return Array(
        kind=pool.kind,
        name=pool.name,
        level=pool.level,
        state=pool.state,
        detail=pool.detail,
        progress_percent=pool.progress_percent,
        errors=pool.errors,
        members=[ArrayMember(name=member.name, state=member.state) for member in pool.members],
    )
