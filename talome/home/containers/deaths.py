"""Tells deaths of containers that somebody wanted from those that nobody did, by what Docker says around them.

Docker announces `kill` (for stop, restart and remove too) before `die`, and `oom` before the death it causes.
"""

import time
from typing import Final

from talome.core.events import Events
from talome.engines.docker.models import EngineEvent
from talome.home.containers.models import ContainerDied, ContainerRanOutOfMemory

_ENDING_SIGNALS: Final = frozenset({"", "2", "3", "9", "15"})
_LONGEST_STOP_S: Final = 660.0
_OTHER_SIGNAL_S: Final = 30.0
"""Any signal may be the one that stops an image; the others are mostly “read your configuration again”."""
_OOM_S: Final = 10.0


class Deaths:
    """`take` every event of a container; it publishes `ContainerDied` and `ContainerRanOutOfMemory`."""

    def __init__(self, events: Events) -> None:
        self._events = events
        self._asked: dict[str, float] = {}
        self._starved: dict[str, float] = {}

    def take(self, event: EngineEvent) -> None:
        at, name = time.monotonic(), event.attributes.get("name", event.id[:12])
        match event.action:
            case "kill":
                ends = event.attributes.get("signal", "") in _ENDING_SIGNALS
                self._asked[event.id] = at + (_LONGEST_STOP_S if ends else _OTHER_SIGNAL_S)
            case "oom":
                self._starved[event.id] = at + _OOM_S
                self._events.publish(ContainerRanOutOfMemory(event.id, name))
            case "die":
                asked, starved = self._asked.pop(event.id, 0.0) > at, self._starved.pop(event.id, 0.0) > at
                code = event.attributes.get("exitCode", "")
                exit_code = int(code) if code.isdecimal() else None
                self._events.publish(ContainerDied(event.id, name, exit_code, asked=asked, out_of_memory=starved))
            case "destroy":
                self._asked.pop(event.id, None)
                self._starved.pop(event.id, None)
