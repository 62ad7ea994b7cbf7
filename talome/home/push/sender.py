"""Sends what is news to the devices that want it, in the background and with patience."""

import asyncio
import logging
from typing import Final

from talome.core.background import Background
from talome.core.errors import TalomeError
from talome.core.events import Events, Overflow
from talome.engines.webpush import Message
from talome.home.notifications.models import NotificationChanged
from talome.home.push.payload import message_of
from talome.home.push.service import GONE, Push
from talome.home.push.store import SubscriptionRow

_IMPORTANT: Final = frozenset({"warning", "danger"})
_AT_ONCE: Final = 8
_MOST_WAITING: Final = 200
_LONGEST_WAIT_S: Final = 3600.0
_TRY_AGAIN: Final = frozenset({408, 425, 429})
WAITS_S: Final = (2.0, 15.0, 120.0)
_log = logging.getLogger(__name__)


class PushSender(Background):
    """`waits_s` lie between the attempts; a push service that names a time is asked again then."""

    def __init__(self, push: Push, events: Events, *, waits_s: tuple[float, ...] = WAITS_S) -> None:
        self._push = push
        self._events = events
        self._waits_s = waits_s
        self._places = asyncio.Semaphore(_AT_ONCE)
        self._deliveries: set[asyncio.Task[None]] = set()

    async def _work(self) -> None:
        while True:
            with self._events.subscribe(NotificationChanged, size=4096) as news:
                try:
                    async for event in news:
                        if event.told:
                            await self._take(event)
                except Overflow:
                    _log.warning("So much happened at once that some of it was not pushed")

    async def _take(self, event: NotificationChanged) -> None:
        try:
            devices = await self._push.devices(event.user_id, important=event.notification.level in _IMPORTANT)
        except TalomeError as error:
            _log.warning("A notification was not pushed: %s", error.message)
            return
        for device in devices:
            if len(self._deliveries) >= _MOST_WAITING:
                _log.warning("Too many push messages are waiting; one more is left out")
                return
            task = asyncio.create_task(self._deliver(device, message_of(event)))
            self._deliveries.add(task)
            task.add_done_callback(self._deliveries.discard)

    async def _deliver(self, device: SubscriptionRow, message: Message) -> None:
        reason = ""
        for wait_s in (*self._waits_s, None):
            current = await self._push.current(device.id)
            if current is None:
                return
            try:
                async with self._places:
                    answer = await self._push.deliver(current, message)
                reason = f"status {answer.status} {answer.detail}"
                if 200 <= answer.status < 300 or answer.status in GONE:
                    return
                if answer.status < 500 and answer.status not in _TRY_AGAIN:
                    break
                named_s = answer.retry_after_s
            except TalomeError as error:
                reason, named_s = error.message, None
                if error.status < 500:
                    break
            except Exception:
                _log.exception("A push message broke off")
                return
            if wait_s is None:
                break
            await asyncio.sleep(min(max(wait_s, named_s or 0.0), _LONGEST_WAIT_S))
        _log.warning("A push message to %s was given up: %s", device.device, reason)

    async def _close(self) -> None:
        for task in self._deliveries:
            task.cancel()
        await asyncio.gather(*self._deliveries, return_exceptions=True)
