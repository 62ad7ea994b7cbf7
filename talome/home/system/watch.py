"""Looks at the health of the machine from time to time, so that what turns is told without anybody looking."""

import logging
from asyncio import sleep

from talome.core.errors import TalomeError
from talome.core.events import Events
from talome.home.background import Background
from talome.home.system.health import HealthChecks
from talome.home.system.models import Check, CheckState, HealthChanged

_log = logging.getLogger(__name__)


class HealthWatch(Background):
    """Publishes `HealthChanged` for a check that was found so twice in a row: a value on the edge is no news."""

    def __init__(self, checks: HealthChecks, events: Events, *, every_s: float = 60.0) -> None:
        self._checks = checks
        self._events = events
        self._every_s = every_s
        self._known: dict[str, CheckState] = {}
        self._seen_once: dict[str, CheckState] = {}

    async def _work(self) -> None:
        while True:
            await sleep(self._every_s)
            try:
                health = await self._checks.health()
            except TalomeError as error:
                _log.warning("The health of the machine could not be looked at: %s", error.message)
                continue
            self._compare(health.checks)

    def _compare(self, checks: list[Check]) -> None:
        ids = {check.id for check in checks}
        self._known = {id: state for id, state in self._known.items() if id in ids}
        for check in checks:
            before = self._known.get(check.id, "ok")
            if check.state == before:
                self._seen_once.pop(check.id, None)
            elif self._seen_once.get(check.id) == check.state:
                del self._seen_once[check.id]
                self._known[check.id] = check.state
                self._events.publish(HealthChanged(check, before))
            else:
                self._seen_once[check.id] = check.state
