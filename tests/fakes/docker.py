"""An engine in memory that keeps the contract of `talome.engines.docker.protocol`, for fast whole-app tests.

`tests/engines/test_engine_contract.py` runs one suite over it and over a real engine, so it cannot lie about what that
suite looks at. Prepare it with `add_container`, `write_log`, `end_container`, `outage`.
"""

from __future__ import annotations

import asyncio
import itertools
import secrets
import time
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import TracebackType
from typing import Generic, Literal, Self, TypeVar

from talome.core.errors import Conflict, NotFound, TalomeError, Unavailable
from talome.engines.docker.models import (
    Attachment,
    ContainerState,
    DiskUsage,
    EngineEvent,
    EngineInfo,
    EngineVersion,
    Health,
    LogLine,
    LogStream,
    Mount,
    Port,
)
from talome.engines.docker.names import check_id
from tests.fakes.docker_containers import FakeContainers
from tests.fakes.docker_images import FakeImages
from tests.fakes.docker_objects import FakeNetworks, FakeVolumes

T = TypeVar("T")
Outage = Literal["refused", "slow", "error"]
IMAGE = "talome-test/busybox:1"


def now() -> datetime:
    return datetime.now(UTC)


@dataclass
class FakeContainer:
    """All of a container that the engine tells about. Change fields freely; `FakeEngine.announce` sends an event."""

    id: str
    name: str
    image: str
    image_id: str
    command: tuple[str, ...]
    state: ContainerState
    health: Health = "none"
    exit_code: int | None = None
    created_at: datetime = field(default_factory=now)
    started_at: datetime | None = None
    finished_at: datetime | None = None
    tty: bool = False
    labels: dict[str, str] = field(default_factory=dict)
    env: tuple[str, ...] = ()
    ports: tuple[Port, ...] = ()
    mounts: tuple[Mount, ...] = ()
    networks: tuple[Attachment, ...] = ()
    restart_policy: str = "no"
    restart_count: int = 0
    memory_limit_bytes: int | None = None
    pid: int | None = None
    exits_with: int = 143
    lines: list[LogLine] = field(default_factory=list)
    followers: set[FakeStream[LogLine]] = field(default_factory=set)

    @property
    def running(self) -> bool:
        return self.state in ("running", "paused", "restarting")


class FakeStream(Generic[T]):
    """An `EngineStream` fed by hand."""

    def __init__(self, closed: Callable[[FakeStream[T]], None] | None = None) -> None:
        self.items: deque[T] = deque()
        self.error: TalomeError | None = None
        self.ended = False
        self._closed = closed
        self._arrived = asyncio.Event()

    def put(self, item: T) -> None:
        self.items.append(item)
        self._arrived.set()

    def end(self, error: TalomeError | None = None) -> None:
        self.ended, self.error = True, error
        self._arrived.set()

    async def wait(self) -> bool:
        """Whether there is an item; raises the error the stream ended with, once its items are gone."""
        while not self.items and not self.ended:
            self._arrived.clear()
            await self._arrived.wait()
        if not self.items and self.error is not None:
            raise self.error
        return bool(self.items)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> T:
        if not await self.wait():
            raise StopAsyncIteration
        return self.items.popleft()

    async def aclose(self) -> None:
        self.items.clear()
        self.error = None
        self.end()
        if self._closed is not None:
            self._closed(self)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()


class FakeEngine:
    """See the module. `calls` lists what was asked of it ("containers.all", ...), to prove what was not asked."""

    def __init__(self, *, timeout_s: float = 0.2) -> None:
        self.containers = FakeContainers(self)
        self.networks = FakeNetworks(self)
        self.images = FakeImages(self)
        self.volumes = FakeVolumes(self)
        self.calls: list[str] = []
        self.box: dict[str, FakeContainer] = {}
        self.history: list[EngineEvent] = []
        self.streams: set[FakeStream[EngineEvent]] = set()
        self.timeout_s = timeout_s
        self.closed = False
        self._outage: Outage | None = None
        self._pids = itertools.count(1000)
        self._clock = 0

    # --- for tests ---

    def outage(self, kind: Outage | None) -> None:
        """refused: nothing listens and open streams break; slow: no answer in time; error: every call fails inside."""
        self._outage = kind
        if kind == "refused":
            for stream in self.streams:
                stream.end(_lost())
            for box in self.box.values():
                for follower in box.followers:
                    follower.end(_lost())

    def add_container(
        self,
        name: str,
        *,
        image: str = IMAGE,
        command: tuple[str, ...] = ("sleep", "1000"),
        state: ContainerState = "running",
        log: Iterable[tuple[LogStream, str]] = (),
        tty: bool = False,
        labels: dict[str, str] | None = None,
        mounts: tuple[Mount, ...] = (),
        ports: tuple[Port, ...] = (),
        networks: Iterable[str] = ("bridge",),
        env: tuple[str, ...] = (),
        exits_with: int = 143,
    ) -> FakeContainer:
        if any(known.name == name for known in self.box.values()):
            raise Conflict(f'Conflict. The container name "/{name}" is already in use.')
        made = FakeContainer(
            id=secrets.token_hex(32),
            name=name,
            image=image,
            image_id=self.images.require(image).id,
            command=command,
            state="created",
            tty=tty,
            labels=labels or {},
            mounts=mounts,
            ports=ports,
            env=env,
            exits_with=exits_with,
            networks=tuple(Attachment(each, self.networks.require(each).id) for each in networks),
        )
        self.box[made.id] = made
        self.announce("container", "create", made.id, self.attributes(made))
        if state != "created":
            self.run(made)
            for stream, text in log:
                self.write_log(made.id, text, stream)
            if state != "running":
                self.end_container(made.id, exits_with)
                made.state = state
        return made

    def write_log(self, id: str, text: str, stream: LogStream = "stdout") -> LogLine:
        found = self.require(id)
        limit = 64 * 1024
        line = LogLine(self.tick(), "stdout" if found.tty else stream, text[:limit], len(text) > limit)
        found.lines.append(line)
        for follower in found.followers:
            follower.put(line)
        return line

    def end_container(self, id: str, exit_code: int = 0) -> None:
        """The container's process ends by itself or is killed."""
        found = self.require(id)
        found.state, found.exit_code, found.finished_at, found.pid = "exited", exit_code, now(), None
        for follower in found.followers:
            follower.end()
        self.announce("container", "die", found.id, {**self.attributes(found), "exitCode": str(exit_code)})

    def announce(self, kind: str, action: str, id: str, attributes: dict[str, str], detail: str = "") -> None:
        event = EngineEvent(kind, action, detail, id, self.tick(), attributes)
        self.history.append(event)
        for stream in self.streams:
            stream.put(event)

    # --- for the other halves of the fake ---

    async def answer(self, call: str) -> None:
        """What every call begins with: it is noted, and an outage shows here."""
        self.calls.append(call)
        if self.closed:
            raise Unavailable("Talome is shutting down.", code="closing")
        await asyncio.sleep(0)
        if self._outage == "refused":
            raise Unavailable("The Docker engine is not running.", code="engine_unreachable")
        if self._outage == "slow":
            await asyncio.sleep(self.timeout_s)
            raise Unavailable(
                f"The Docker engine did not answer within {self.timeout_s:g} s.", code="engine_unreachable"
            )
        if self._outage == "error":
            raise Unavailable("layer does not exist", code="engine_failed")

    def require(self, id: str) -> FakeContainer:
        check_id(id, "container")
        if id in self.box:
            return self.box[id]
        matches = [box for box in self.box.values() if box.name == id or (len(id) >= 12 and box.id.startswith(id))]
        if not matches:
            raise NotFound(f"No such container: {id}")
        return matches[0]

    def run(self, container: FakeContainer) -> None:
        container.state, container.exit_code, container.started_at = "running", None, now()
        container.pid = next(self._pids)
        self.announce("container", "start", container.id, self.attributes(container))

    def attributes(self, container: FakeContainer) -> dict[str, str]:
        return {"name": container.name, "image": container.image, **container.labels}

    def tick(self) -> int:
        """Time that never stands still, as the engine's nanoseconds do not."""
        self._clock = max(self._clock + 1, time.time_ns())
        return self._clock

    # --- the contract ---

    async def ping(self, *, timeout_s: float = 5.0) -> None:
        await self.answer("ping")

    async def version(self) -> EngineVersion:
        await self.answer("version")
        return EngineVersion("28.0.0-fake", "1.45", "1.24", "linux", "amd64", "6.1.0", "Fake Engine")

    async def info(self) -> EngineInfo:
        await self.answer("info")
        return EngineInfo(
            id="FAKE",
            name="fake",
            server_version="28.0.0-fake",
            operating_system="Fake Linux",
            kernel="6.1.0",
            architecture="x86_64",
            cpus=2,
            memory_bytes=8 * 1024**3,
            cgroup_version=2,
            storage_driver="overlay2",
            root_dir="/var/lib/docker",
            swarm_active=False,
            raw={"SystemTime": now().isoformat()},
        )

    async def events(self, *, since_ns: int | None = None) -> FakeStream[EngineEvent]:
        await self.answer("events")
        stream: FakeStream[EngineEvent] = FakeStream(self.streams.discard)
        for event in self.history:
            if since_ns is not None and event.at_ns >= since_ns:
                stream.put(event)
        self.streams.add(stream)
        return stream

    async def disk_usage(self, *, timeout_s: float = 60.0) -> DiskUsage:
        await self.answer("disk_usage")
        images = self.images.counted()
        return DiskUsage(
            layers_bytes=sum(image.size_bytes for image in images),
            images=tuple(images),
            volumes=tuple(self.volumes.counted()),
            container_bytes=dict.fromkeys(self.box, 0),
            build_cache_bytes=0,
        )

    async def close(self) -> None:
        self.closed = True
        for stream in list(self.streams):
            with suppress(TalomeError):
                await stream.aclose()


def _lost() -> Unavailable:
    return Unavailable("The connection to the Docker engine was lost.", code="engine_unreachable")
