"""What Docker did with each container lately, in bounded memory."""

from collections import deque
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from talome.engines.docker.models import EngineEvent
from talome.home.containers.models import ContainerEvent

MOST_EVENTS: Final = 100
MOST_CONTAINERS: Final = 1000
_LONGEST_TEXT: Final = 300
# Of the rest, labels above all, a container may bring megabytes; and a label may bear the name of what Docker says.
_KEPT: Final = {"die": ("exitCode",), "kill": ("signal",), "rename": ("oldName",)}
_KEPT_OF_NETWORKS: Final = ("name",)
# Docker tells of these in passing; no person asks for them.
_UNTOLD: Final = ("resize", "attach", "detach", "top", "archive-path", "extract-to-dir", "export", "copy")


class Lately:
    """The newest events of each container; those of the container that was quiet for longest go first."""

    def __init__(self) -> None:
        self._events: dict[str, deque[EngineEvent]] = {}
        self.latest_ns: int | None = None

    def note(self, event: EngineEvent) -> None:
        """An event of a container or of its networks; any other is passed over."""
        self.latest_ns = max(self.latest_ns or 0, event.at_ns)
        id = event.id if event.kind == "container" else event.attributes.get("container", "")
        if not id or event.kind not in ("container", "network") or event.action in _UNTOLD:
            return
        known = self._events.pop(id, None) or deque(maxlen=MOST_EVENTS)
        known.append(_trimmed(event))
        self._events[id] = known
        if len(self._events) > MOST_CONTAINERS:
            del self._events[next(iter(self._events))]

    def of(self, id: str) -> list[ContainerEvent]:
        """Newest first."""
        return [_told(event) for event in reversed(self._events.get(id, ()))]


def _trimmed(event: EngineEvent) -> EngineEvent:
    """Only what `_told` tells. Of a command that was run inside, the program: arguments carry passwords."""
    names = _KEPT_OF_NETWORKS if event.kind == "network" else _KEPT.get(event.action, ())
    said = {name: text[:_LONGEST_TEXT] for name in names if (text := event.attributes.get(name))}
    detail = event.detail.partition(" ")[0] if event.action.startswith("exec_") else event.detail
    return replace(event, detail=detail[:_LONGEST_TEXT], attributes=said)


def _told(event: EngineEvent) -> ContainerEvent:
    said = event.attributes
    detail = event.detail or said.get("signal") or (said.get("name", "") if event.kind == "network" else "")
    if event.action == "rename":
        detail = said.get("oldName", "").removeprefix("/")
    code = said.get("exitCode", "")
    return ContainerEvent(
        at=datetime.fromtimestamp(event.at_ns / 1e9, UTC),
        action=event.action,
        detail=detail,
        exit_code=int(code) if code.isdecimal() else None,
    )
