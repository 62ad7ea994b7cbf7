"""Looks at the health of the machine from time to time, so that what turns is told without anybody looking."""

import logging
from asyncio import sleep
from collections.abc import Iterable

from talome.core.background import Background
from talome.core.errors import TalomeError
from talome.core.events import Events
from talome.home.system.health import HealthChecks
from talome.home.system.models import Check, CheckState, HealthChanged

_log = logging.getLogger(__name__)


class Turns:
    """Which checks turned. One counts when it is found so twice in a row: a value on the edge is no news."""

    def __init__(self) -> None:
        self._known: dict[str, CheckState] = {}
        self._seen_once: dict[str, CheckState] = {}

    def after(self, checks: Iterable[Check]) -> list[HealthChanged]:
        """What one more look has settled."""
        found = {check.id: check for check in checks}
        self._known = {id: state for id, state in self._known.items() if id in found}
        return [turn for check in found.values() if (turn := self._turn(check)) is not None]

    def _turn(self, check: Check) -> HealthChanged | None:
        before = self._known.get(check.id, "ok")
        once = self._seen_once.pop(check.id, None)
        if check.state == before:
            return None
        if once != check.state:
            self._seen_once[check.id] = check.state
            return None
        self._known[check.id] = check.state
        return HealthChanged(check, before)


class HealthWatch(Background):
    """Publishes `HealthChanged`."""

    def __init__(self, checks: HealthChecks, events: Events, *, every_s: float = 60.0) -> None:
        self._checks = checks
        self._events = events
        self._every_s = every_s
        self._turns = Turns()

    async def _work(self) -> None:
        while True:
            await sleep(self._every_s)
            try:
                health = await self._checks.health()
            except TalomeError as error:
                _log.warning("The health of the machine could not be looked at: %s", error.message)
                continue
            for turn in self._turns.after(health.checks):
                self._events.publish(turn)
