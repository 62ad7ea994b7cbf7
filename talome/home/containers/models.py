"""The shapes of containers on the wire, and the events about them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final, Literal

from pydantic import Field

from talome.core.models import Wire

State = Literal["created", "running", "paused", "restarting", "removing", "exited", "dead"]
Health = Literal["none", "starting", "healthy", "unhealthy"]
BulkAction = Literal["start", "stop", "restart"]
LABEL_SECRETS: Final = "talome.secrets"
"""On a container: the variables of it that hold secrets, whatever they are called, with commas between."""


class Usage(Wire):
    """What a container uses. `cpu_percent` 100 is one core; `memory_percent` is of its limit, else of the machine.

    Counters (`rx_bytes` ...) are since the container started; rates are over the time since the sample before.
    """

    at: datetime
    cpu_percent: float
    memory_bytes: int
    memory_limit_bytes: int | None
    memory_percent: float | None
    rx_bytes: int
    tx_bytes: int
    rx_bytes_per_s: float
    tx_bytes_per_s: float
    read_bytes: int
    write_bytes: int
    pids: int


class Port(Wire):
    """A port; `host` is null where it is exposed but not published."""

    host: int | None
    container: int
    protocol: str
    address: str | None


class Container(Wire):
    """A container. `stale`: Docker does not answer, so this is how it was last seen."""

    id: str
    name: str
    image: str
    image_id: str
    state: State
    status: str
    health: Health
    exit_code: int | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    project: str | None
    service: str | None
    ports: list[Port]
    networks: list[str]
    labels: dict[str, str]
    usage: Usage | None
    stale: bool


class EnvironmentVariable(Wire):
    """`value` is null where it is secret and the caller may not see it."""

    name: str
    value: str | None
    secret: bool


class Mount(Wire):
    kind: str
    source: str
    target: str
    read_only: bool
    name: str | None


class NetworkDetail(Wire):
    name: str
    ip: str | None
    mac: str | None
    aliases: list[str]


class HealthProbe(Wire):
    at: datetime
    exit_code: int
    output: str


class ContainerDetail(Container):
    """Everything about one container."""

    command: list[str]
    entrypoint: list[str]
    env: list[EnvironmentVariable]
    mounts: list[Mount]
    restart_policy: str
    restart_count: int
    user: str | None
    working_dir: str | None
    hostname: str
    network_details: list[NetworkDetail]
    memory_limit_bytes: int | None
    cpu_limit: float | None
    privileged: bool
    health_log: list[HealthProbe]


class LogLine(Wire):
    """`cut`: the line was longer than the 64 KiB that are kept of it."""

    at: datetime
    stream: Literal["stdout", "stderr"]
    text: str
    cut: bool


class LogPage(Wire):
    """Oldest first. `truncated`: there were more lines before these."""

    lines: list[LogLine]
    truncated: bool


class LogBatch(Wire):
    """Lines that arrived together; `dropped` lines before them were lost because the reader was too slow."""

    lines: list[LogLine]
    dropped: int


class ContainerEvent(Wire):
    """Something Docker did with a container: `action` is Docker's verb (start, die, oom, health_status, connect ...),
    `detail` what it adds (healthy, a signal, a network); `exit_code` comes with die."""

    at: datetime
    action: str
    detail: str
    exit_code: int | None


class ExecOutput(Wire):
    """How a command ended; `exit_code` is null where it did not end in time."""

    exit_code: int | None
    stdout: str
    stderr: str
    truncated: bool
    timed_out: bool
    duration_ms: int


class Snapshot(Wire):
    type: Literal["snapshot"] = "snapshot"
    containers: list[Container]
    stale: bool
    reason: str | None


class Changed(Wire):
    type: Literal["changed"] = "changed"
    container: Container


class Removed(Wire):
    type: Literal["removed"] = "removed"
    id: str


class UsageUpdate(Wire):
    """What every running container uses, by id."""

    type: Literal["usage"] = "usage"
    usage: dict[str, Usage]


class EngineUpdate(Wire):
    """Docker went away (`stale`, with the reason) or is back."""

    type: Literal["engine"] = "engine"
    stale: bool
    reason: str | None


ContainersItem = Annotated[Snapshot | Changed | Removed | UsageUpdate | EngineUpdate, Field(discriminator="type")]
Inspection = dict[str, Any]


@dataclass(frozen=True, slots=True)
class EngineState:
    """Whether the mirror follows Docker. `stale` with a `reason` while it does not; `version` of the last contact."""

    stale: bool
    reason: str | None
    version: str | None
    since: datetime


@dataclass(frozen=True, slots=True)
class EngineStateChanged:
    state: EngineState


@dataclass(frozen=True, slots=True)
class ContainerChanged:
    """A container is new (`before` is None) or no longer what it was. `usage` and `status` are left empty."""

    before: Container | None
    after: Container


@dataclass(frozen=True, slots=True)
class ContainerRemoved:
    container: Container


@dataclass(frozen=True, slots=True)
class ContainerDied:
    """Its process has ended. `asked`: somebody had told Docker to end it. `out_of_memory`: the kernel ended it."""

    id: str
    name: str
    exit_code: int | None
    asked: bool
    out_of_memory: bool


@dataclass(frozen=True, slots=True)
class ContainerRanOutOfMemory:
    """The kernel ended a process of it; the container itself may go on."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class UsageSampled:
    """The sampler has new figures for all running containers."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Measured:
    """Raw counters of a running container, for those who compute averages of their own. `monotonic_s` is when
    they were read, by the clock that nobody moves."""

    name: str
    monotonic_s: float
    cpu_ns: int
    memory_bytes: int
    memory_percent: float | None
    rx_bytes: int
    tx_bytes: int
