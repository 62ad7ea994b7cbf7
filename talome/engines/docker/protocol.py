"""The door to a container engine. `Docker` (the real one) and the tests' in-memory fake both keep this contract.

Errors are `TalomeError`s of the core with the engine's own sentence: `Invalid` for an id or name that cannot be one
(it never reaches the engine), `NotFound`, `Conflict`, and `Unavailable` when the engine does not answer in time,
is not there, or fails. Every `id` may be a full or short hex id or a container's name.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, Mapping, Sequence
from types import TracebackType
from typing import Protocol, Self, TypeVar

from talome.engines.docker.models import (
    ContainerInspection,
    ContainerSummary,
    DiskUsage,
    EngineEvent,
    EngineInfo,
    EngineVersion,
    ExecResult,
    Image,
    ImageDetails,
    LogBatch,
    LogPage,
    Network,
    PullProgress,
    RegistryAuth,
    SealedRun,
    Volume,
)

T_co = TypeVar("T_co", covariant=True)


class EngineStream(Protocol[T_co]):
    """An open stream. Getting one means the engine accepted it; refusals are raised by the call that returns it.

    Use `async with await engine.events() as events: async for event in events: ...`. Leaving the block or
    `aclose()` closes the socket at once, even while nothing arrives; it may be called twice and before any iteration.
    A cancelled `__anext__` loses nothing and may be called again: an open stream holds a thread until it is closed.
    """

    def __aiter__(self) -> Self: ...
    async def __anext__(self) -> T_co: ...
    async def aclose(self) -> None: ...
    async def __aenter__(self) -> Self: ...
    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class Containers(Protocol):
    async def all(self) -> list[ContainerSummary]:
        """Every container, stopped ones too, in one request."""
        ...

    async def inspect(self, id: str) -> ContainerInspection: ...
    async def start(self, id: str) -> None:
        """Also succeeds when it runs already."""
        ...

    async def stop(self, id: str, *, timeout_s: int = 10) -> None:
        """Ask it to end, kill it after `timeout_s`. Also succeeds when it is stopped already."""
        ...

    async def restart(self, id: str, *, timeout_s: int = 10) -> None: ...
    async def pause(self, id: str) -> None: ...
    async def unpause(self, id: str) -> None: ...
    async def kill(self, id: str, *, signal: str = "SIGKILL") -> None: ...
    async def rename(self, id: str, name: str) -> None: ...
    async def remove(self, id: str, *, force: bool = False, volumes: bool = False) -> None:
        """`force` kills a running one first; `volumes` also removes its anonymous volumes."""
        ...

    async def logs(
        self,
        id: str,
        *,
        tail: int | None = 200,
        since_ns: int | None = None,
        until_ns: int | None = None,
        limit_bytes: int = 4 * 1024 * 1024,
    ) -> LogPage:
        """The newest `tail` lines (None: all) between two instants (both inclusive, epoch nanoseconds), oldest first,
        at most `limit_bytes` of text; a line longer than 64 KiB is cut."""
        ...

    async def follow_logs(
        self, id: str, *, tail: int | None = 200, since_ns: int | None = None
    ) -> EngineStream[LogBatch]:
        """The last `tail` lines, then new ones as they come; ends when the container ends. Memory is bounded: a slow
        reader first slows Docker down, then loses the oldest lines, which the next batch counts in `dropped`."""
        ...

    async def read_logs(
        self, id: str, *, tail: int | None = None, since_ns: int | None = None, until_ns: int | None = None
    ) -> EngineStream[LogBatch]:
        """The log between two instants (both inclusive), oldest line first, however long it is; ends with the newest
        line there was. Of `tail` and `until_ns` together only this is said: no more than `tail` lines. A slow reader
        slows Docker down and loses nothing."""
        ...

    async def exec(
        self,
        id: str,
        argv: Sequence[str],
        *,
        user: str | None = None,
        workdir: str | None = None,
        env: Mapping[str, str] | None = None,
        timeout_s: float = 30.0,
        output_limit_bytes: int = 1024 * 1024,
    ) -> ExecResult:
        """Run `argv` (no shell) in a running container. Output beyond the limit is read and thrown away. After
        `timeout_s`, or when the caller is cancelled, the process and its children are killed through their host pids;
        where those cannot be seen (a remote engine) it is left running and `killed` is False."""
        ...

    async def run_sealed(
        self, image: str, script: str, *, env: Mapping[str, str] | None = None, limit_s: float = 20.0
    ) -> SealedRun:
        """Run a shell script of a stranger once, in a container of an image that is here, without network, rights or
        anything of this machine; the container is gone afterwards. `NotFound` without the image, `Unavailable` where
        the script does not end in time."""
        ...


class Networks(Protocol):
    async def all(self) -> list[Network]: ...
    async def inspect(self, id: str) -> Network: ...
    async def create(
        self, name: str, *, driver: str = "bridge", internal: bool = False, labels: Mapping[str, str] | None = None
    ) -> Network:
        """`Conflict` when the name is taken (Docker itself would allow a second one)."""
        ...

    async def remove(self, id: str) -> None: ...


class Images(Protocol):
    async def all(self) -> list[Image]:
        """Images with a tag and dangling ones, without intermediate layers."""
        ...

    async def remove(self, id: str, *, force: bool = False) -> None:
        """`id` is a reference ("nginx:1.27") or `sha256:...`; `Conflict` while a container uses it."""
        ...

    async def inspect(self, reference: str) -> ImageDetails: ...
    async def tag(self, reference: str, new: str) -> None:
        """Give an image of this engine one more name; another image of that name loses it."""
        ...

    async def pull(self, reference: str, *, auth: RegistryAuth | None = None) -> EngineStream[PullProgress]:
        """Fetch an image (the tag "latest" unless one is named). At most ten reports a second; the stream ends when
        the image is there, and closing it earlier gives the pull up. This call or the stream raises `NotFound`,
        `Forbidden` (the registry wants another name and password), `TooMany`, `StorageFull`, `Unavailable` (code
        "registry_unreachable" where the engine works and the registry does not), with the engine's own words."""
        ...

    async def remote_digest(self, reference: str, *, auth: RegistryAuth | None = None) -> str:
        """The digest ("sha256:...") that this name has in its registry now. Raises as `pull` does."""
        ...

    async def sign_in(self, auth: RegistryAuth) -> None:
        """Have the engine try it. Raises as `pull` does; a registry that asks nobody for a password takes any."""
        ...


class Volumes(Protocol):
    async def all(self) -> list[Volume]: ...
    async def inspect(self, name: str) -> Volume: ...
    async def create(
        self,
        name: str,
        *,
        driver: str = "local",
        options: Mapping[str, str] | None = None,
        labels: Mapping[str, str] | None = None,
    ) -> Volume: ...

    async def remove(self, name: str) -> None: ...

    async def archive(self, name: str) -> EngineStream[bytes]:
        """The volume's content as one tar (all below one folder "volume"), to keep before it is removed. A tar that
        could not be read whole ends in `Unavailable`, never quietly."""
        ...

    async def restore(self, name: str, tar: AsyncIterable[bytes]) -> None:
        """Unpack such a tar into an existing volume, with owners, modes and times; files that it lacks are left."""
        ...


class ContainerEngine(Protocol):
    @property
    def containers(self) -> Containers: ...
    @property
    def networks(self) -> Networks: ...
    @property
    def images(self) -> Images: ...
    @property
    def volumes(self) -> Volumes: ...

    async def ping(self, *, timeout_s: float = 5.0) -> None:
        """Return when the engine answers, raise `Unavailable` when it does not."""
        ...

    async def version(self) -> EngineVersion: ...
    async def info(self) -> EngineInfo: ...

    async def events(self, *, since_ns: int | None = None) -> EngineStream[EngineEvent]:
        """Changes of containers, networks, volumes and images (not exec events), in order. Subscribed once this
        returns. Never ends by itself: `Unavailable` when the engine goes away."""
        ...

    async def disk_usage(self, *, timeout_s: float = 60.0) -> DiskUsage:
        """Sizes of everything; slow on large disks, hence its own time limit."""
        ...

    async def close(self) -> None:
        """Close every stream and connection. The engine cannot be used afterwards."""
        ...
