"""The loop that sends: hands events out to the webhooks that want them, and tries each delivery for a day."""

import asyncio
import hashlib
import hmac
import logging
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Final

import orjson

from talome.core import ids
from talome.core.background import Background
from talome.core.clock import from_ms, now_ms
from talome.core.db import Transaction
from talome.core.errors import Internal, Invalid, TalomeError
from talome.core.secrets import Secrets
from talome.core.settings.service import Settings
from talome.engines.fetch import Line, Posted, line
from talome.memory.webhooks.addresses import HOSTS, allowed
from talome.memory.webhooks.models import Payload
from talome.memory.webhooks.store import DeliveryRow, EventRow, Stores, WebhookRow

PURPOSE: Final = "webhooks"
TRIED_FOR_S: Final = 86_400
MOST_WAITING: Final = 10_000
Readable = Callable[[str, str | None], Awaitable[frozenset[str]]]
"""Of a user and perhaps a workspace: the spaces that they may read right now; none where the user is gone."""
_MOST_AT_ONCE: Final = 8
_EVENTS_AT_ONCE: Final = 200
_LOG_KEPT_S: Final = 7 * 86_400
_MOST_IN_LOG: Final = 500
_TIDY_EVERY_S: Final = 600.0
_BESIDE_OTHERS_S: Final = 0.5
_SHORTEST_S: Final = 0.02
_AFTER_FAULT_S: Final = 5.0
_GONE: Final = 410
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Pace:
    """`delays_s`: how long to wait after the first, second … failure; after the last of them nothing more is tried, and
    after as many failures in a row the webhook is paused."""

    delays_s: tuple[float, ...] = (2, 15, 60, 300, 1200, 3600, 7200, 14_400, 25_000, 30_000, 30_000)

    def after(self, failures: int) -> float:
        """With jitter, so that what failed together does not come back together."""
        return self.delays_s[min(failures, len(self.delays_s)) - 1] * random.uniform(0.8, 1.2)  # noqa: S311 - no secret


class WebhookSender(Background):
    def __init__(
        self,
        stores: Stores,
        secrets: Secrets,
        settings: Settings,
        readable: Readable,
        pace: Pace = Pace(),
    ) -> None:
        self._stores = stores
        self._secrets = secrets
        self._settings = settings
        self._readable = readable
        self._pace = pace
        self._wake = asyncio.Event()
        self._busy: set[str] = set()

    def wake(self) -> None:
        """Something is there to be sent, or a webhook may be sent to again."""
        self._wake.set()

    async def _work(self) -> None:
        tidied = -_TIDY_EVERY_S
        async with asyncio.TaskGroup() as group:
            while True:
                self._wake.clear()
                try:
                    if time.monotonic() - tidied >= _TIDY_EVERY_S:
                        await self._tidy()
                        tidied = time.monotonic()
                    pause_s = await self._round(group)
                except TalomeError as error:  # a full disk: what waits is kept, and tried when there is room
                    _log.warning("Webhooks wait: %s", error.message)
                    pause_s = _AFTER_FAULT_S
                try:
                    async with asyncio.timeout(pause_s):
                        await self._wake.wait()
                except TimeoutError:
                    continue

    async def _round(self, group: asyncio.TaskGroup) -> float:
        """Hand out what is new and begin what is due; returns how long there is nothing else to do."""
        while await self._hand_out():
            pass
        at = now_ms()
        due = [id for id in await self._stores.deliveries.due_webhooks(at) if id not in self._busy]
        for id in due[: _MOST_AT_ONCE - len(self._busy)]:
            self._busy.add(id)
            group.create_task(self._send_all(id))
        next_at = await self._stores.deliveries.next_time()
        if next_at is None:
            return _TIDY_EVERY_S
        least_s = _BESIDE_OTHERS_S if self._busy else _SHORTEST_S
        return min(max((next_at - at) / 1000, least_s), _TIDY_EVERY_S)

    async def _hand_out(self) -> bool:
        """Turn events of the outbox into deliveries, in one transaction; True where more may be there."""
        events = await self._stores.outbox.next_events(_EVENTS_AT_ONCE)
        if not events:
            return False
        webhooks = [
            (row, await self._readable(row.user_id, row.workspace)) for row in await self._stores.webhooks.all()
        ]
        rows = [
            new_delivery(webhook.id, event)
            for event in events
            for webhook, spaces in webhooks
            if event.space in spaces and event.type in orjson.loads(webhook.events)
        ]
        async with self._stores.db.write() as tx:
            await self._stores.deliveries.add_deliveries(tx, rows, MOST_WAITING)
            await self._stores.outbox.remove_events(tx, [event.seq for event in events])
        return True

    async def _tidy(self) -> None:
        at = now_ms()
        async with self._stores.db.write() as tx:
            await self._stores.deliveries.give_up(tx, at - TRIED_FOR_S * 1000, "It could not be sent for a day.")
            await self._stores.deliveries.forget(tx, at - _LOG_KEPT_S * 1000, _MOST_IN_LOG)

    async def _send_all(self, id: str) -> None:
        """Send what is due to one webhook, one after the other, until it fails or there is no more."""
        try:
            webhook = await self._stores.webhooks.get(id)
            if webhook is not None:
                await self._send_over_line(webhook)
        except TalomeError as error:
            await asyncio.sleep(_AFTER_FAULT_S)
            _log.warning("The webhook %s waits: %s", id, error.message)
        except Exception:  # a fault of ours with one webhook must not end the loop that serves all
            _log.exception("The webhook %s could not be served", id)
            await asyncio.sleep(_AFTER_FAULT_S)
        finally:
            self._busy.discard(id)
            self._wake.set()

    async def _send_over_line(self, webhook: WebhookRow) -> None:
        spaces = await self._readable(webhook.user_id, webhook.workspace)
        try:
            url, secret = opened(webhook, self._secrets)
            address = allowed(url, str(self._settings.get(HOSTS)))
        except (Internal, Invalid) as error:
            async with self._stores.db.write() as tx:
                await self._stores.webhooks.pause(tx, webhook.id, now_ms(), error.message)
            return
        async with line(address.url, address.wish) as connection:
            while (row := await self._stores.deliveries.next_due(webhook.id, now_ms())) is not None:
                if row.space not in spaces:
                    await self._refuse(row)
                elif not await self._try(connection, row, secret):
                    return

    async def _try(self, connection: Line, row: DeliveryRow, secret: str) -> bool:
        """One attempt, and a note of how it ended. False where the webhook should be left alone for a while."""
        tried, answer = await attempt(connection, row, secret)
        async with self._stores.db.write() as tx:
            if tried.state == "delivered":
                await self._stores.deliveries.put(tx, tried)
                await self._stores.webhooks.note_success(tx, row.webhook_id, now_ms())
                return True
            before = await self._stores.webhooks.failures(tx, row.webhook_id)
            if before is not None:
                await self._stores.deliveries.put(tx, self._again(tried, answer))
                await self._leave_alone(tx, row.webhook_id, before + 1, answer)
        return False

    async def _leave_alone(self, tx: Transaction, id: str, failures: int, answer: Posted | None) -> None:
        """Hold a webhook back for longer with each failure, and pause it after many."""
        await self._stores.webhooks.note_failure(tx, id, now_ms() + self._wait_ms(failures, answer))
        if answer is not None and answer.status == _GONE:
            await self._stores.webhooks.pause(tx, id, now_ms(), "The receiver says that this address is gone for good.")
        elif failures >= len(self._pace.delays_s):
            await self._stores.webhooks.pause(tx, id, now_ms(), f"{failures} attempts in a row failed.")

    def _again(self, row: DeliveryRow, answer: Posted | None) -> DeliveryRow:
        """When it is tried again, or that it is given up."""
        due_at = now_ms() + self._wait_ms(row.attempts, answer)
        if row.attempts >= len(self._pace.delays_s) or due_at > row.created_at + TRIED_FOR_S * 1000:
            return replace(row, state="failed")
        return replace(row, state="waiting", due_at=due_at)

    def _wait_ms(self, failures: int, answer: Posted | None) -> int:
        """Longer where the receiver asks for it."""
        asked_s = (answer.retry_after_s if answer else None) or 0.0
        return int(max(self._pace.after(failures), asked_s) * 1000)

    async def _refuse(self, row: DeliveryRow) -> None:
        refused = replace(row, state="failed", error="You may not read what this tells of any more.")
        async with self._stores.db.write() as tx:
            await self._stores.deliveries.put(tx, refused)


def opened(webhook: WebhookRow, secrets: Secrets) -> tuple[str, str]:
    """Address and signing secret."""
    url, secret = orjson.loads(secrets.open(webhook.sealed, purpose=PURPOSE, row=webhook.id))
    return url, secret


def sealed(id: str, url: str, secret: str, secrets: Secrets) -> str:
    return secrets.seal(orjson.dumps([url, secret]).decode(), purpose=PURPOSE, row=id)


def new_delivery(webhook_id: str, event: EventRow) -> DeliveryRow:
    payload = Payload(id=event.id, type=event.type, created_at=from_ms(event.created_at), data=orjson.loads(event.data))
    body = payload.model_dump_json(by_alias=True)
    at = event.created_at
    return DeliveryRow(ids.new_id("whd"), webhook_id, event.id, event.type, event.space, body, "waiting", 0, at, at)


async def attempt(connection: Line, row: DeliveryRow, secret: str) -> tuple[DeliveryRow, Posted | None]:
    """Post it once; the row says how that ended."""
    body = row.body.encode()
    signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    headers = {"Content-Type": "application/json", "X-ChaozCode-Signature": f"sha256={signature}"}
    begun = time.monotonic()
    answer: Posted | None = None
    try:
        answer = await connection.post(body, headers)
        error = _complaint(answer)
    except TalomeError as told:
        error = told.message
    ended = replace(
        row,
        state="failed" if error else "delivered",
        attempts=row.attempts + 1,
        last_at=now_ms(),
        status=answer.status if answer else None,
        took_ms=int((time.monotonic() - begun) * 1000),
        error=error,
    )
    return ended, answer


def _complaint(answer: Posted) -> str:
    """Empty where the receiver took it."""
    if 200 <= answer.status < 300:
        return ""
    if 300 <= answer.status < 400:
        return f"It answered with a redirect ({answer.status}), which webhooks do not follow. Give the final address."
    return f"It answered with status {answer.status}{': ' if answer.excerpt else '.'}{answer.excerpt}"
