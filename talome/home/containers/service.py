"""Containers as they are: lists, details, usage and the stream of changes. All of it from memory."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, Iterable
from typing import Any, Final

from talome.core.clock import now
from talome.core.errors import Conflict, Unavailable
from talome.core.events import Events
from talome.core.settings.service import Setting
from talome.engines.docker.protocol import ContainerEngine
from talome.home.containers.mirror import Entry, Mirror
from talome.home.containers.models import (
    Changed,
    Container,
    ContainerChanged,
    ContainerDetail,
    ContainerEvent,
    ContainerRemoved,
    ContainersItem,
    EngineState,
    EngineStateChanged,
    EngineUpdate,
    Inspection,
    Measured,
    Removed,
    Snapshot,
    State,
    Usage,
    UsageSampled,
    UsageUpdate,
)
from talome.home.containers.present import detail_of, hide_secrets, status_text
from talome.home.containers.sampler import UsageSampler

USAGE_INTERVAL: Final = "containers.usage_interval_s"
SETTINGS: Final[tuple[Setting, ...]] = (
    Setting(
        key=USAGE_INTERVAL,
        kind="number",
        default=5,
        title="Read what containers use every",
        help="While somebody watches. When nobody does, Talome looks every 15 seconds.",
        feature="containers",
        minimum=2,
        maximum=60,
        unit="seconds",
    ),
)
_FRAME_S: Final = 0.25
_DETAIL_S: Final = 2.0


class Containers:
    """Reads the mirror; only `inspect`, and `get` for a container with a health check, ask Docker."""

    def __init__(self, engine: ContainerEngine, mirror: Mirror, sampler: UsageSampler, events: Events) -> None:
        self._engine = engine
        self._mirror = mirror
        self._sampler = sampler
        self._events = events

    @property
    def engine_state(self) -> EngineState:
        return self._mirror.state

    async def connected(self, timeout_s: float = 600.0) -> None:
        """Wait until Docker answers: after a power failure jobs go on before Docker is up. Raises `Unavailable`."""
        await self._mirror.connected(timeout_s)

    async def all(
        self, states: Iterable[State] = (), search: str | None = None, project: str | None = None
    ) -> list[Container]:
        """By name. `search` looks at names, images and projects; case does not matter.

        Raises `Unavailable` where Docker has never answered, since then nothing is known.
        """
        await self._mirror.ready()
        if not self._mirror.ever_synced:
            raise Unavailable(self._mirror.state.reason or "Docker does not answer.")
        wanted, words = set(states), (search or "").lower()
        chosen = [
            entry.container
            for entry in self._mirror.entries()
            if (not wanted or entry.container.state in wanted)
            and (project is None or entry.container.project == project)
            and _matches(entry.container, words)
        ]
        return [self._shown(container) for container in sorted(chosen, key=lambda item: item.name)]

    def find(self, reference: str) -> Container:
        """By id, the beginning of an id, or name. Raises `NotFound`."""
        return self._shown(self._mirror.find(reference).container)

    async def get(self, reference: str, *, reveal: bool) -> ContainerDetail:
        """`reveal` shows secret values. The log of health checks changes without events, so Docker is asked for it."""
        await self._mirror.ready()
        entry = self._mirror.find(reference)
        if entry.container.health != "none" and not self._mirror.state.stale:
            entry = await self._looked_at(entry)
        return detail_of(self._shown(entry.container), entry.seen, reveal=reveal)

    async def _looked_at(self, entry: Entry) -> Entry:
        try:
            async with asyncio.timeout(_DETAIL_S):
                return await self._mirror.refresh(entry.container.id)
        except (Unavailable, TimeoutError):
            return entry

    async def inspect(self, reference: str, *, reveal: bool) -> Inspection:
        """Docker's own JSON, asked for now."""
        found = await self._engine.containers.inspect(self._mirror.find(reference).container.id)
        raw: dict[str, Any] = dict(found.raw)
        return raw if reveal else hide_secrets(raw)

    async def events(self, reference: str) -> list[ContainerEvent]:
        """What Docker did with it, newest first."""
        await self._mirror.ready()
        return self._mirror.lately.of(self._mirror.find(reference).container.id)

    async def usage(self, reference: str) -> Usage:
        """Raises `Conflict` where the container does not run, `Unavailable` where its counters cannot be read."""
        container = self._mirror.find(reference).container
        usage = self._sampler.usage(container.id)
        if usage is None and container.state not in ("running", "paused"):
            raise Conflict(f"The container “{container.name}” does not run.")
        if usage is None:
            await self._sampler.sample()
            usage = self._sampler.usage(container.id)
        if usage is None:
            raise Unavailable(f"What the container “{container.name}” uses cannot be read on this machine.")
        return usage

    async def measured(self, max_age_s: float = 5.0) -> dict[str, Measured]:
        """Raw counters of running containers by id, at most so old."""
        return await self._sampler.measured(max_age_s)

    def names_by_image(self) -> dict[str, list[str]]:
        """Which containers, running or not, stand on each image id."""
        return _grouped((entry.container.image_id, entry.container.name) for entry in self._mirror.entries())

    def published(self) -> list[tuple[int, str, str, str | None]]:
        """Host ports of all containers, running or not: port, protocol, the container's name and its project."""
        return [
            (port.host, port.protocol, entry.container.name, entry.container.project)
            for entry in self._mirror.entries()
            for port in entry.container.ports
            if port.host is not None
        ]

    def names_by_network(self) -> dict[str, list[str]]:
        return _grouped(
            (network, entry.container.name) for entry in self._mirror.entries() for network in entry.container.networks
        )

    def names_by_volume(self) -> dict[str, list[str]]:
        return _grouped(
            (mount.name, entry.container.name)
            for entry in self._mirror.entries()
            for mount in entry.seen.mounts
            if mount.kind == "volume" and mount.name
        )

    async def follow(self) -> AsyncGenerator[ContainersItem, None]:
        """A snapshot, then what changes, in at most four frames a second."""
        await self._mirror.ready()
        kinds = (ContainerChanged, ContainerRemoved, EngineStateChanged, UsageSampled)
        with self._events.subscribe(*kinds, size=4096) as happened, self._sampler.watching():
            state = self._mirror.state
            shown = [self._shown(entry.container) for entry in self._mirror.entries()]
            yield Snapshot(containers=shown, stale=state.stale, reason=state.reason)
            async for event in happened:
                for item in self._items([event, *happened.pending()]):
                    yield item
                await asyncio.sleep(_FRAME_S)

    def _items(self, happened: list[Any]) -> list[ContainersItem]:
        """Many events as few items: one for each container, one for Docker, one for usage."""
        changed: dict[str, ContainersItem] = {}
        engine: list[ContainersItem] = []
        usage = False
        for event in happened:
            match event:
                case ContainerChanged(after=container):
                    changed[container.id] = Changed(container=self._shown(container))
                case ContainerRemoved(container=container):
                    changed[container.id] = Removed(id=container.id)
                case EngineStateChanged(state=state):
                    engine = [EngineUpdate(stale=state.stale, reason=state.reason)]
                case _:
                    usage = True
        figures: list[ContainersItem] = [UsageUpdate(usage=self._sampler.usages())] if usage else []
        return [*engine, *changed.values(), *figures]

    def _shown(self, container: Container) -> Container:
        return container.model_copy(
            update={
                "status": status_text(container, now()),
                "usage": self._sampler.usage(container.id),
                "stale": self._mirror.state.stale,
            }
        )


def _matches(container: Container, words: str) -> bool:
    if not words:
        return True
    return any(words in text.lower() for text in (container.name, container.image, container.project or ""))


def _grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for key, name in pairs:
        found[key].append(name)
    return {key: sorted(set(names)) for key, names in found.items()}
