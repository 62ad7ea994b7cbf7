"""What becomes a notification: small subscribers to what the rest of the house tells."""

import asyncio
import hashlib
import ipaddress
from typing import Final
from urllib.parse import quote

from talome.accounts.sessions.service import SessionOpened
from talome.core.clock import now_ms
from talome.core.devices import device_name
from talome.core.events import Events
from talome.core.jobs.service import JobChanged
from talome.home.containers.models import (
    Container,
    ContainerChanged,
    ContainerDied,
    ContainerRanOutOfMemory,
    EngineStateChanged,
)
from talome.home.notifications.models import Level, Notice
from talome.home.notifications.service import Notifications
from talome.home.notifications.store import PlacesStore
from talome.home.system.models import HealthChanged

ENGINE_GRACE_S: Final = 15.0
"""A restart of Docker takes a few seconds and is nobody's business."""
_PLACES_KEPT_MS: Final = 90 * 86_400_000
_TOLD_ELSEWHERE: Final = frozenset({"docker", "containers"})
_CONTAINERS: Final = "containers:read"
_SYSTEM: Final = "system:read"


class ContainerNews:
    """Docker gone and back, containers that died, ran out of memory, or are unwell and well again."""

    def __init__(self, notifications: Notifications, events: Events, *, grace_s: float = ENGINE_GRACE_S) -> None:
        self._notifications = notifications
        self._events = events
        self._grace_s = grace_s
        self._waiting: asyncio.Task[None] | None = None
        self._lost = False
        self._reason = ""

    async def start(self) -> None:
        self._events.on(EngineStateChanged, self._engine)
        self._events.on(ContainerDied, self._died)
        self._events.on(ContainerRanOutOfMemory, self._starved)
        self._events.on(ContainerChanged, self._changed)

    async def stop(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            await asyncio.gather(self._waiting, return_exceptions=True)

    async def _engine(self, event: EngineStateChanged) -> None:
        if event.state.stale:
            self._reason = event.state.reason or ""
            if self._waiting is None and not self._lost:
                self._waiting = asyncio.create_task(self._tell_lost())
            return
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None
        if self._lost:
            self._lost = False
            body = "Talome sees your containers again."
            await self._tell("docker:back", "success", "Docker answers again", body, "/containers", source="docker")

    async def _tell_lost(self) -> None:
        await asyncio.sleep(self._grace_s)
        self._waiting, self._lost = None, True
        body = f"{self._reason} Until it is back, Talome cannot see or change your containers.".strip()
        await self._tell("docker:lost", "danger", "Docker does not answer", body, "/containers", source="docker")

    async def _died(self, event: ContainerDied) -> None:
        if event.asked or event.out_of_memory or event.exit_code == 0:
            return
        ended = "ended" if event.exit_code is None else f"ended with exit code {event.exit_code}"
        body = f"Nobody stopped it; its process {ended}. Its log may say why."
        await self._tell(f"died:{event.id}", "warning", f"{event.name} stopped unexpectedly", body, _logs(event.name))

    async def _starved(self, event: ContainerRanOutOfMemory) -> None:
        body = "It needed more memory than it may use, so a process of it was ended. Give it more, or look at its log."
        await self._tell(f"memory:{event.id}", "warning", f"{event.name} ran out of memory", body, _logs(event.name))

    async def _changed(self, event: ContainerChanged) -> None:
        before, after = event.before, event.after
        if before is None or before.health == after.health:
            return
        if after.health == "unhealthy":
            body = "Its own health check fails. Its log may say why."
            await self._tell(_unwell(after), "warning", f"{after.name} is unhealthy", body, _page(after.name))
        elif before.health == "unhealthy" and after.health == "healthy":
            body = "Its own health check passes."
            await self._tell(f"well:{after.id}", "success", f"{after.name} is healthy again", body, _page(after.name))

    async def _tell(
        self, key: str, level: Level, title: str, body: str, link: str, *, source: str = "container"
    ) -> None:
        notice = Notice(key, "docker" if source == "docker" else "container", level, title, body, link)
        await self._notifications.tell_all(notice, scope=_CONTAINERS)


class HouseNews:
    """Health checks that turned, jobs that failed, sign-ins from new places."""

    def __init__(self, notifications: Notifications, places: PlacesStore, events: Events) -> None:
        self._notifications = notifications
        self._places = places
        self._events = events

    async def start(self) -> None:
        self._events.on(HealthChanged, self._health)
        self._events.on(JobChanged, self._job)
        self._events.on(SessionOpened, self._signed_in)

    async def _health(self, event: HealthChanged) -> None:
        check = event.check
        if check.id in _TOLD_ELSEWHERE:
            return
        if check.state == "ok":
            notice = Notice(f"well:{check.id}", "health", "success", f"{check.title}: well again", check.detail, "/")
        else:
            level: Level = "danger" if check.state == "critical" else "warning"
            body = f"{check.detail} {check.action or ''}".strip()
            title = f"{check.title}: {'critical' if level == 'danger' else 'needs attention'}"
            notice = Notice(f"health:{check.id}:{check.state}", "health", level, title, body, "/")
        await self._notifications.tell_all(notice, scope=_SYSTEM)

    async def _job(self, event: JobChanged) -> None:
        job = event.job
        if job.state == "failed":
            notice = Notice(
                f"job:{job.kind}:{job.title}",
                "job",
                "warning",
                f"{job.title}: failed",
                job.reason or "No reason given.",
            )
            await self._notifications.tell(notice, username=job.started_by)

    async def _signed_in(self, event: SessionOpened) -> None:
        device = device_name(event.user_agent)
        digest = hashlib.sha256(f"{device}\n{_network(event.ip)}".encode()).hexdigest()
        at = now_ms()
        async with self._places.db.write() as tx:
            places = await self._places.places(tx, event.user_id, at - _PLACES_KEPT_MS)
            await self._places.note(tx, event.user_id, digest, at, at - _PLACES_KEPT_MS)
        if places and digest not in places:
            body = (
                f"From {device} at {event.ip or 'an unknown address'}. If that was not you, end the session and change "
                "your password."
            )
            notice = Notice(f"sign-in:{digest}", "account", "warning", "New sign-in to your account", body, "/account")
            await self._notifications.tell(notice, user_id=event.user_id)


def _network(ip: str) -> str:
    """The address; of IPv6 only the network, since devices change the rest of it every day."""
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return ip
    return str(ipaddress.ip_network((address, 64), strict=False)) if address.version == 6 else ip


def _unwell(container: Container) -> str:
    return f"unwell:{container.id}"


def _page(name: str) -> str:
    return f"/containers/{quote(name, safe='')}"


def _logs(name: str) -> str:
    return f"{_page(name)}/logs"
