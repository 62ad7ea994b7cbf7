"""Asks each part of Talome how it is, and reads the containers' states."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from talome.core.errors import TalomeError
from talome.home.containers.models import Container
from talome.home.containers.service import Containers
from talome.home.services.models import Service, ServiceState

_TIMEOUT_S: Final = 3.0
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PartHealth:
    """How a part is; `detail` is a sentence."""

    state: ServiceState
    detail: str
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """A part of Talome. `probe` says how it is; one that fails or takes over three seconds is critical."""

    id: str
    name: str
    probe: Callable[[], Awaitable[PartHealth]]


class Services:
    """The list of everything that should run."""

    def __init__(self, containers: Containers, parts: Sequence[Part]) -> None:
        self._containers = containers
        self._parts = parts

    async def all(self) -> list[Service]:
        """Talome's parts first, then containers by name."""
        parts = await asyncio.gather(*(self._part(part) for part in self._parts))
        try:
            containers = await self._containers.all()
        except TalomeError:
            containers = []  # the part “docker” tells why
        return [*parts, *(_of_container(container) for container in containers)]

    async def _part(self, part: Part) -> Service:
        try:
            async with asyncio.timeout(_TIMEOUT_S):
                health = await part.probe()
        except TimeoutError:
            health = PartHealth("critical", f"It did not answer within {_TIMEOUT_S:g} seconds.")
        except TalomeError as error:
            health = PartHealth("critical", error.message)
        except Exception:
            _log.exception("%s could not be asked", part.id)
            health = PartHealth("critical", "It failed. The log has the details.")
        return Service(
            id=part.id, name=part.name, kind="talome", state=health.state, detail=health.detail, since=health.since
        )


def _of_container(container: Container) -> Service:
    return Service(
        id=container.id,
        name=container.name,
        kind="container",
        state=_state(container),
        detail=container.status,
        since=container.started_at if container.state in ("running", "paused") else container.finished_at,
    )


def _state(container: Container) -> ServiceState:
    match container.state:
        case "running":
            return {"unhealthy": "critical", "starting": "warning"}.get(container.health, "ok")  # type: ignore[return-value]
        case "restarting" | "dead":
            return "critical"
        case "paused" | "removing":
            return "warning"
        case "exited" | "created":
            return "stopped"
