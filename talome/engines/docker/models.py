"""What the Docker engine answers, as small frozen shapes. Times are aware UTC, sizes bytes, ids Docker's full hex."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

ContainerState = Literal["created", "running", "paused", "restarting", "removing", "exited", "dead"]
Health = Literal["none", "starting", "healthy", "unhealthy"]
LogStream = Literal["stdout", "stderr"]

# On the short-lived containers that carry a volume's content in and out; lists and events leave them out.
SCRATCH_LABEL = "talome.scratch"
SCRATCH_IMAGE = "talome/scratch:1"


@dataclass(frozen=True, slots=True)
class EngineVersion:
    """`api` is the version both sides agreed on; `platform` is e.g. "Docker Engine - Community"."""

    version: str
    api: str
    min_api: str
    os: str
    arch: str
    kernel: str
    platform: str


@dataclass(frozen=True, slots=True)
class EngineInfo:
    """The engine's own description of its machine; `cgroup_version` is 1 or 2, `raw` is Docker's whole JSON."""

    id: str
    name: str
    server_version: str
    operating_system: str
    kernel: str
    architecture: str
    cpus: int
    memory_bytes: int
    cgroup_version: int
    storage_driver: str
    root_dir: str
    swarm_active: bool
    raw: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Port:
    """A port of a container; `host` is None when it is exposed but not published."""

    container: int
    protocol: str
    host: int | None = None
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Mount:
    """`kind` is bind, volume, tmpfs, ...; `name` is the volume's name; `source` the path on the host."""

    kind: str
    source: str
    target: str
    read_only: bool
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Attachment:
    """A container's place in one network."""

    name: str
    network_id: str
    ip: str | None = None
    mac: str | None = None
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ContainerSummary:
    """One row of the list call. `exit_code` and `health` are read from Docker's status sentence (None: not said)."""

    id: str
    name: str
    image: str
    image_id: str
    command: str
    created_at: datetime
    state: ContainerState
    status: str
    health: Health
    exit_code: int | None
    ports: tuple[Port, ...]
    labels: Mapping[str, str]
    networks: tuple[Attachment, ...]
    mounts: tuple[Mount, ...]


@dataclass(frozen=True, slots=True)
class HealthProbe:
    at: datetime
    exit_code: int
    output: str


@dataclass(frozen=True, slots=True)
class ContainerInspection:
    """One inspected container. `pid` is the init process on the engine's host (None unless it runs or is paused)."""

    id: str
    name: str
    image: str
    image_id: str
    state: ContainerState
    health: Health
    health_log: tuple[HealthProbe, ...]
    exit_code: int | None
    error: str | None
    oom_killed: bool
    pid: int | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    command: tuple[str, ...]
    entrypoint: tuple[str, ...]
    env: tuple[str, ...]
    labels: Mapping[str, str]
    tty: bool
    user: str | None
    working_dir: str | None
    hostname: str
    ports: tuple[Port, ...]
    mounts: tuple[Mount, ...]
    networks: tuple[Attachment, ...]
    network_mode: str
    restart_policy: str
    restart_count: int
    memory_limit_bytes: int | None
    cpu_limit: float | None
    privileged: bool
    raw: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class LogLine:
    """`at_ns` is nanoseconds since the epoch; `text` has no line end. `cut`: the line was longer than we keep."""

    at_ns: int
    stream: LogStream
    text: str
    cut: bool = False


@dataclass(frozen=True, slots=True)
class SealedRun:
    """What a script wrote in its throw-away container, line by line, and how it ended."""

    exit_code: int
    stdout: tuple[str, ...]
    stderr: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LogPage:
    """Oldest first. `truncated`: older lines were left out because a limit of bytes, lines or time was reached."""

    lines: tuple[LogLine, ...]
    truncated: bool


@dataclass(frozen=True, slots=True)
class LogBatch:
    """Lines that arrived together; `dropped` lines before them were lost because the reader was too slow."""

    lines: tuple[LogLine, ...]
    dropped: int = 0


@dataclass(frozen=True, slots=True)
class ExecResult:
    """`exit_code` is None when the command did not end; `killed` says whether it was really ended after a time-out."""

    exit_code: int | None
    stdout: bytes
    stderr: bytes
    truncated: bool
    timed_out: bool
    killed: bool
    duration_s: float


@dataclass(frozen=True, slots=True)
class EngineEvent:
    """`kind` is container, network, volume, image or daemon; `action` a verb (start, die, health_status, ...);
    `detail` what follows a colon in it ("healthy"); `id` the container's or image's id, a volume's name."""

    kind: str
    action: str
    detail: str
    id: str
    at_ns: int
    attributes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Network:
    """`members` maps container id to its name and is known only from `inspect` (None in a list)."""

    id: str
    name: str
    driver: str
    scope: str
    internal: bool
    created_at: datetime | None
    subnets: tuple[str, ...]
    labels: Mapping[str, str]
    members: Mapping[str, str] | None = None

    @property
    def builtin(self) -> bool:
        """One of Docker's own three, which cannot be removed."""
        return self.name in ("bridge", "host", "none")


@dataclass(frozen=True, slots=True)
class Image:
    """`containers` using it: None when the engine did not count (only `disk_usage` does)."""

    id: str
    tags: tuple[str, ...]
    digests: tuple[str, ...]
    size_bytes: int
    created_at: datetime
    labels: Mapping[str, str]
    containers: int | None = None

    @property
    def dangling(self) -> bool:
        return not self.tags


@dataclass(frozen=True, slots=True)
class ImageDetails:
    """One inspected image: what a container of it gets unless told otherwise. `os` and `architecture` as Docker names
    them (linux, amd64); `volumes` are paths; `user` is None for root."""

    id: str
    tags: tuple[str, ...]
    repo_digests: tuple[str, ...]
    size_bytes: int
    architecture: str
    os: str
    exposed_ports: tuple[Port, ...]
    volumes: tuple[str, ...]
    user: str | None
    created_at: datetime
    has_healthcheck: bool
    env: tuple[str, ...]
    labels: Mapping[str, str]
    command: tuple[str, ...] = ()
    entrypoint: tuple[str, ...] = ()
    working_dir: str | None = None


@dataclass(frozen=True, slots=True)
class RegistryAuth:
    """How to sign in to the registry of an image. `server` is its host, as in the names of images."""

    username: str
    password: str = field(repr=False)
    server: str = ""


@dataclass(frozen=True, slots=True)
class PullProgress:
    """How far a pull is, over all its layers. `status` is a word or two for people. `bytes_total` grows until every
    layer has begun; layers that are here already count as done and have no bytes."""

    status: str
    layers_done: int
    layers_total: int
    bytes_done: int
    bytes_total: int


@dataclass(frozen=True, slots=True)
class Volume:
    """`size_bytes` and `references` (containers using it) are known only from `disk_usage`."""

    name: str
    driver: str
    mountpoint: str
    scope: str
    created_at: datetime | None
    labels: Mapping[str, str]
    options: Mapping[str, str]
    anonymous: bool
    size_bytes: int | None = None
    references: int | None = None


@dataclass(frozen=True, slots=True)
class DiskUsage:
    """`layers_bytes` is what all images really take on disk, shared layers counted once."""

    layers_bytes: int
    images: tuple[Image, ...]
    volumes: tuple[Volume, ...]
    container_bytes: Mapping[str, int]
    build_cache_bytes: int
