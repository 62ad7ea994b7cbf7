"""What Docker has, kept in memory: one subscription to its events, and a resync that repairs what they missed.

Docker may be absent, restart, hang or answer 500: the mirror then keeps what it knows, marked stale with the reason,
and connects again by itself.
"""

import asyncio
import logging
import random
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from talome.core.background import Background
from talome.core.clock import now
from talome.core.errors import Conflict, NotFound, TalomeError, Unavailable
from talome.core.events import Events
from talome.engines.docker.models import ContainerInspection, ContainerSummary, EngineEvent
from talome.engines.docker.protocol import ContainerEngine, EngineStream
from talome.home.containers.deaths import Deaths
from talome.home.containers.lately import Lately
from talome.home.containers.models import (
    Container,
    ContainerChanged,
    ContainerRemoved,
    EngineState,
    EngineStateChanged,
)
from talome.home.containers.present import container_of

_PARALLEL: Final = 4
_LOOK_AGAIN_S: Final = 1.0
_SETTLE_S: Final = 0.05
_FIRST_ATTEMPT_S: Final = 5.0
_SHORT_ID: Final = 12
_TOLD_NS: Final = 86_400 * 10**9
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Entry:
    """One container: as we show it, and as Docker described it (without the raw JSON). `turn` orders observations;
    `partial`: only Docker's list could be had, so it is looked at again with every resync."""

    container: Container
    seen: ContainerInspection
    turn: int
    partial: bool = False


class Mirror(Background):
    """Enter it to connect. Reading it never calls Docker; `refresh` looks at one container anew."""

    def __init__(
        self,
        engine: ContainerEngine,
        events: Events,
        *,
        resync_s: float = 60.0,
        first_delay_s: float = 0.5,
        longest_delay_s: float = 30.0,
    ) -> None:
        self._engine = engine
        self._events = events
        self._deaths = Deaths(events)
        self._resync_s = resync_s
        self._first_delay_s = first_delay_s
        self._longest_delay_s = longest_delay_s
        self._entries: dict[str, Entry] = {}
        self._ids_by_name: dict[str, str] = {}
        self._turn = 0
        self._synced_ns: int | None = None
        self._dirty: set[str] = set()
        self._wake = asyncio.Event()
        self._attempted = asyncio.Event()
        self._following = asyncio.Event()
        self._parallel = asyncio.Semaphore(_PARALLEL)
        self.state = EngineState(True, "Talome is still connecting to Docker.", None, now())
        self.ever_synced = False
        self.lately = Lately()
        self.memory_bytes: int | None = None

    # --- reading ---

    async def ready(self) -> None:
        """Wait for the first attempt to reach Docker, well or ill, at most five seconds."""
        if not self._attempted.is_set():
            try:
                async with asyncio.timeout(_FIRST_ATTEMPT_S):
                    await self._attempted.wait()
            except TimeoutError:
                _log.warning("Docker has not answered yet")

    async def connected(self, timeout_s: float) -> None:
        """Wait until Docker answers. Raises `Unavailable` when it does not in time."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._following.wait()
        except TimeoutError:
            raise Unavailable(self.state.reason or "Docker does not answer.") from None

    def entries(self) -> Iterable[Entry]:
        return self._entries.values()

    def get(self, id: str) -> Entry | None:
        return self._entries.get(id)

    def find(self, reference: str) -> Entry:
        """By full id, name, or the beginning of an id (12 digits or more)."""
        entry = self._entries.get(reference) or self._entries.get(self._ids_by_name.get(reference, ""))
        if entry is not None:
            return entry
        matching = [id for id in self._entries if id.startswith(reference)] if len(reference) >= _SHORT_ID else []
        if len(matching) > 1:
            raise Conflict(f"More than one container's id begins with “{reference}”.")
        if matching:
            return self._entries[matching[0]]
        if not self.ever_synced:
            raise Unavailable(self.state.reason or "Docker does not answer.")
        raise NotFound(f"There is no container “{reference}”.")

    def pids(self) -> dict[str, int]:
        """The init process of each container that has one."""
        return {
            id: entry.seen.pid
            for id, entry in self._entries.items()
            if entry.seen.pid and entry.container.state in ("running", "paused")
        }

    # --- looking anew ---

    def suspect(self, id: str) -> None:
        """Have this container looked at soon: something says that it is no longer what it was."""
        self._dirty.add(id)
        self._wake.set()

    async def refresh(self, id: str) -> Entry:
        """Ask Docker about one container. Raises `NotFound` and forgets it where it is gone."""
        self._turn += 1
        turn = self._turn
        try:
            seen = await self._engine.containers.inspect(id)
        except NotFound:
            self.forget(id)
            raise
        if seen.state == "removing":  # its end may have been told before this answer came
            asyncio.get_running_loop().call_later(_LOOK_AGAIN_S, self.suspect, id)
        return self._apply(seen, turn)

    def forget(self, id: str) -> None:
        entry = self._entries.pop(id, None)
        if entry is not None:
            if self._ids_by_name.get(entry.container.name) == id:
                del self._ids_by_name[entry.container.name]
            self._events.publish(ContainerRemoved(entry.container))

    def _apply(self, seen: ContainerInspection, turn: int, *, partial: bool = False) -> Entry:
        before = self._entries.get(seen.id)
        if before is not None and before.turn > turn:
            return before
        after = Entry(container_of(seen), replace(seen, raw={}), turn, partial)
        self._entries[seen.id] = after
        if before is not None and before.container.name != seen.name:
            self._ids_by_name.pop(before.container.name, None)
        self._ids_by_name[seen.name] = seen.id
        if before is None or before.container != after.container:
            self._events.publish(ContainerChanged(before.container if before else None, after.container))
        return after

    # --- following Docker ---

    async def _work(self) -> None:
        delay_s = self._first_delay_s
        while True:
            started = time.monotonic()
            reason = ""
            try:
                await self._follow()
            except* TalomeError as group:
                reason = _reason(group)
            except* Exception as group:
                _log.exception("The mirror broke off", exc_info=group)
                reason = "Talome could not understand Docker's answer. The log has the details."
            self._set_state(True, reason)
            self._attempted.set()
            if time.monotonic() - started > self._longest_delay_s:
                delay_s = self._first_delay_s
            await asyncio.sleep(delay_s * random.uniform(0.8, 1.2))  # noqa: S311 - only spreads load
            delay_s = min(delay_s * 2, self._longest_delay_s)

    async def _follow(self) -> None:
        async with await self._engine.events(since_ns=self._unheard_since_ns()) as stream:
            version = (await self._engine.version()).version
            info = await self._engine.info()
            self.memory_bytes = info.memory_bytes
            self._synced_ns = system_time_ns(info.raw)
            await self._resync(everything=True)
            self._set_state(False, None, version)
            self._attempted.set()
            async with asyncio.TaskGroup() as group:
                group.create_task(self._read(stream))
                group.create_task(self._repair())

    async def _read(self, stream: EngineStream[EngineEvent]) -> None:
        async for event in stream:
            self._take(event)
        raise Unavailable("Docker closed the connection.")

    def _unheard_since_ns(self) -> int:
        """Docker remembers its latest events, so what happened before Talome came is told too."""
        return max((self.lately.latest_ns or 0) + 1, time.time_ns() - _TOLD_NS)

    def _take(self, event: EngineEvent) -> None:
        self.lately.note(event)
        if self._synced_ns is not None and event.at_ns < self._synced_ns:
            return  # all containers were looked at since
        if event.kind == "container":
            self._deaths.take(event)
        if event.kind == "container" and event.action == "destroy":
            self.forget(event.id)
        elif event.kind == "container":
            self.suspect(event.id)
        elif event.kind == "network" and event.attributes.get("container"):
            self.suspect(event.attributes["container"])

    async def _repair(self) -> None:
        """Look at what the events named, and at everything from time to time."""
        due = time.monotonic() + self._resync_s
        while True:
            try:
                async with asyncio.timeout(max(0.0, due - time.monotonic())):
                    await self._wake.wait()
            except TimeoutError:
                await self._resync(everything=False)
                due = time.monotonic() + self._resync_s
                continue
            await asyncio.sleep(_SETTLE_S)  # one start is four events; look once
            self._wake.clear()
            dirty, self._dirty = self._dirty, set()
            if not await self._look_at(dirty):
                due = time.monotonic()

    async def _look_at(self, ids: Iterable[str]) -> bool:
        """False where Docker failed to describe one of them."""
        return all(await asyncio.gather(*(self._look_at_one(id) for id in ids)))

    async def _look_at_one(self, id: str) -> bool:
        async with self._parallel:
            try:
                await self.refresh(id)
            except NotFound:
                return True
            except TalomeError as error:
                _log.warning("Docker could not describe the container %s: %s", id[:_SHORT_ID], error.message)
                return False
            return True

    async def _resync(self, *, everything: bool) -> None:
        """Compare with Docker's list. A container that Docker lists but cannot describe is shown as the list has it."""
        self._turn += 1
        turn = self._turn
        listed = {summary.id: summary for summary in await self._engine.containers.all()}
        for entry in [entry for id, entry in self._entries.items() if id not in listed and entry.turn < turn]:
            self.forget(entry.container.id)
        await self._look_at([id for id, summary in listed.items() if everything or self._differs(summary)])
        self._fill_in(listed, turn)
        self.ever_synced = True

    def _fill_in(self, listed: Mapping[str, ContainerSummary], turn: int) -> None:
        for id, summary in listed.items():
            known = self._entries.get(id)
            if known is None or (known.partial and known.turn < turn):
                self._apply(_described_by(summary), turn, partial=True)

    def _differs(self, summary: ContainerSummary) -> bool:
        entry = self._entries.get(summary.id)
        if entry is None or entry.partial:
            return True
        known = entry.container
        return (
            known.name != summary.name
            or known.state != summary.state
            or known.health != summary.health
            or known.image_id != summary.image_id
            or set(known.networks) != {network.name for network in summary.networks}
        )

    def _set_state(self, stale: bool, reason: str | None, version: str | None = None) -> None:
        if stale:
            self._following.clear()
        else:
            self._following.set()
        if (stale, reason) != (self.state.stale, self.state.reason):
            since = self.state.since if stale and self.state.stale else now()
            self.state = EngineState(stale, reason, version or self.state.version, since)
            self._events.publish(EngineStateChanged(self.state))
            _log.log(logging.WARNING if stale else logging.INFO, "Docker: %s", reason or f"connected, {version}")


def system_time_ns(info: Mapping[str, Any]) -> int | None:
    """The engine's own clock, by which its events are timed; None where it does not tell."""
    try:
        moment = datetime.fromisoformat(str(info.get("SystemTime")))
    except ValueError:
        return None
    return int(moment.timestamp()) * 10**9 if moment.tzinfo else None


def _reason(group: BaseExceptionGroup[TalomeError]) -> str:
    first: BaseException = group
    while isinstance(first, BaseExceptionGroup):
        first = first.exceptions[0]
    return first.message if isinstance(first, TalomeError) else str(first)


def _described_by(summary: ContainerSummary) -> ContainerInspection:
    """What the list alone says; the rest is unknown."""
    return ContainerInspection(
        id=summary.id,
        name=summary.name,
        image=summary.image,
        image_id=summary.image_id,
        state=summary.state,
        health=summary.health,
        health_log=(),
        exit_code=summary.exit_code,
        error=None,
        oom_killed=False,
        pid=None,
        created_at=summary.created_at,
        started_at=None,
        finished_at=None,
        command=(summary.command,),
        entrypoint=(),
        env=(),
        labels=summary.labels,
        tty=False,
        user=None,
        working_dir=None,
        hostname="",
        ports=summary.ports,
        mounts=summary.mounts,
        networks=summary.networks,
        network_mode="",
        restart_policy="",
        restart_count=0,
        memory_limit_bytes=None,
        cpu_limit=None,
        privileged=False,
        raw={},
    )
