"""The shapes of disks and their use on the wire."""

from datetime import datetime
from typing import Annotated, ClassVar, Literal

from pydantic import Field, SecretStr

from talome.core.models import Wire
from talome.home.jobs.models import Job

DriveKind = Literal["hdd", "ssd", "nvme", "usb", "card", "virtual"]
FileSystemKind = Literal["internal", "removable", "network"]
Health = Literal["passed", "warning", "failing", "unavailable"]
ArrayKind = Literal["mdraid", "btrfs", "zfs"]
ArrayState = Literal["healthy", "rebuilding", "degraded", "failed", "unknown"]
UsageKind = Literal[
    "all", "apps", "app", "folder", "image", "images", "volume", "volumes", "containers", "logs", "cache", "talome",
    "other",
]  # fmt: skip
ReclaimCategory = Literal["images", "volumes", "volume_trash", "file_trash", "exports", "journal"]
MountKind = Literal["device", "nfs", "cifs"]
MountName = Annotated[str, Field(pattern=r"^[a-zA-Z0-9][a-zA-Z0-9_-]{0,62}$")]


class Partition(Wire):
    """A part of a drive, or the whole of one without a table. `mountable`: it may be mounted here and is not yet;
    sizes of the file system are null while it is not mounted."""

    name: str
    path: str
    size_bytes: int
    fs: str | None
    label: str | None
    uuid: str | None
    mounts: list[str]
    used_bytes: int | None
    free_bytes: int | None
    encrypted: bool
    mountable: bool


class Drive(Wire):
    """A disk of this machine."""

    columns: ClassVar[tuple[str, ...]] = ("name", "kind", "model", "size_bytes", "removable")

    name: str
    path: str
    kind: DriveKind
    model: str | None
    serial: str | None
    vendor: str | None
    size_bytes: int
    transport: str | None
    removable: bool
    read_only: bool
    partitions: list[Partition]


class FileSystem(Wire):
    """A mounted file system; `holds_talome`: Talome's own data lies on it."""

    columns: ClassVar[tuple[str, ...]] = ("mount", "device", "fs", "total_bytes", "used_bytes", "percent")

    mount: str
    device: str
    fs: str
    kind: FileSystemKind
    total_bytes: int
    used_bytes: int
    free_bytes: int
    percent: float
    holds_talome: bool


class ArrayMember(Wire):
    name: str
    state: str


class Array(Wire):
    """A Linux RAID, a Btrfs file system or a ZFS pool. `progress_percent` is of a rebuild or a check that goes on."""

    kind: ArrayKind
    name: str
    level: str | None
    state: ArrayState
    detail: str
    progress_percent: float | None
    errors: int
    members: list[ArrayMember]


class Storage(Wire):
    """All disks at a moment. `missing` says in words what could not be looked at, and why."""

    at: datetime
    drives: list[Drive]
    file_systems: list[FileSystem]
    unreachable: list[str]
    arrays: list[Array]
    missing: list[str]


class DriveHealth(Wire):
    """What a drive says of itself (SMART). `unavailable` is an answer: `reason` tells why; what a drive does not
    tell is null."""

    columns: ClassVar[tuple[str, ...]] = ("drive", "model", "health", "temperature_celsius", "power_on_hours", "reason")

    drive: str
    path: str
    model: str | None
    serial: str | None
    firmware: str | None
    health: Health
    reason: str | None
    temperature_celsius: int | None
    power_on_hours: int | None
    power_cycles: int | None
    wear_percent: int | None
    reallocated_sectors: int | None
    pending_sectors: int | None
    media_errors: int | None
    written_bytes: int | None
    last_test: str | None


class Forecast(Wire):
    """When a file system will be full if it goes on as in the last `based_on_days`. `full_at` is null where it does
    not grow, or where there is too little history to tell (`reason`)."""

    mount: str
    percent: float
    free_bytes: int
    bytes_per_day: int | None
    full_at: datetime | None
    days_left: float | None
    based_on_days: float
    reason: str | None


class UsageNode(Wire):
    """One box of the treemap. `size_bytes` is room on the disk. The sizes of `children` add up to at most it; what is
    missing is its own or too small to list. `ref` is what the box stands for: an app's id, a volume's name …"""

    id: str
    name: str
    kind: UsageKind
    size_bytes: int
    ref: str | None = None
    path: str | None = None
    children: list["UsageNode"] = Field(default_factory=list)


class SpaceUsage(Wire):
    """The last measurement of who takes up the room; null until one was made. `job` is the one that goes on now."""

    measured_at: datetime | None
    took_s: float | None
    root: UsageNode | None
    notes: list[str]
    job: Job | None


class ReclaimItem(Wire):
    id: str
    name: str
    size_bytes: int | None


class Reclaimable(Wire):
    """What can be cleared of one kind. `items` are named again when clearing, so exactly what was shown goes; only
    the largest are listed, `count` says how many there are. `unavailable` tells why it cannot be known here."""

    columns: ClassVar[tuple[str, ...]] = ("category", "title", "count", "size_bytes", "frees_now")

    category: ReclaimCategory
    title: str
    detail: str
    size_bytes: int
    count: int
    items: list[ReclaimItem]
    frees_now: bool
    recoverable: bool
    unavailable: str | None


class ReclaimReport(Wire):
    """What would go, or what a job is clearing now."""

    dry_run: bool
    category: ReclaimCategory
    items: list[ReclaimItem]
    size_bytes: int
    job: Job | None


class MountedPlace(Wire):
    """A mount that somebody asked for, kept until it is forgotten. `at_start`: Talome mounts it again by itself."""

    columns: ClassVar[tuple[str, ...]] = ("id", "name", "kind", "source", "path", "mounted", "at_start")

    id: str
    name: str
    kind: MountKind
    source: str
    path: str
    read_only: bool
    at_start: bool
    username: str | None
    has_password: bool
    mounted: bool
    job: Job | None


class NewDeviceMount(Wire):
    """A partition of this machine to mount, by the UUID of its file system."""

    type: Literal["device"] = "device"
    uuid: Annotated[str, Field(pattern=r"^[0-9A-Za-z-]{4,64}$")]
    name: MountName
    read_only: bool = False
    at_start: bool = False


class NewNetworkMount(Wire):
    """A share of another machine: an NFS export or a Windows (SMB) share."""

    type: Literal["nfs", "cifs"]
    host: Annotated[str, Field(pattern=r"^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$")]
    share: Annotated[str, Field(min_length=1, max_length=1024)]
    name: MountName
    username: Annotated[str, Field(pattern=r"^[^\x00-\x1f,%/\\]{1,128}$")] | None = None
    password: Annotated[SecretStr, Field(max_length=256)] | None = None
    domain: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")] | None = None
    version: Literal["2.1", "3.0", "3.1.1", "3", "4", "4.1", "4.2"] | None = None
    read_only: bool = False
    at_start: bool = False


NewMount = Annotated[NewDeviceMount | NewNetworkMount, Field(discriminator="type")]
