"""Webhooks of people: add, look at, test, resume, delete."""

import secrets as random
from typing import Final

import orjson

from talome.core import ids
from talome.core.clock import from_ms, now_ms
from talome.core.db import Transaction
from talome.core.errors import Conflict, Forbidden, Internal, NotFound
from talome.core.operations import Caller
from talome.core.secrets import Secrets
from talome.core.settings.service import Settings
from talome.engines.fetch import line
from talome.memory.webhooks.addresses import HOSTS, allowed, check_place
from talome.memory.webhooks.models import (
    SENT,
    TEST_EVENT,
    Delivery,
    EventName,
    NewWebhook,
    State,
    Webhook,
    WebhookTest,
)
from talome.memory.webhooks.outbox import Outbox
from talome.memory.webhooks.sender import WebhookSender, attempt, new_delivery, opened, sealed
from talome.memory.webhooks.store import DeliveryRow, EventRow, Stores, WebhookRow

MOST_WEBHOOKS: Final = 20
_TEST_DATA: Final = {"test": True, "message": "This is a test from Talome. Nothing happened."}


class Webhooks:
    def __init__(
        self, stores: Stores, secrets: Secrets, settings: Settings, outbox: Outbox, sender: WebhookSender
    ) -> None:
        self._stores = stores
        self._secrets = secrets
        self._settings = settings
        self._outbox = outbox
        self._sender = sender

    async def list_(self, caller: Caller) -> list[Webhook]:
        """The caller's, the latest first; through a key that is bound to a workspace, those of it."""
        return [await self._shown(row) for row in await self._stores.webhooks.of_user(caller.user_id, caller.workspace)]

    async def add(self, caller: Caller, url: str, events: list[EventName], secret: str | None) -> NewWebhook:
        """The answer is the only one that shows the secret."""
        if caller.kind == "agent":
            raise Forbidden("An agent may not choose who hears of this house. Add the webhook yourself.")
        address = allowed(url, self._hosts())
        await check_place(address)
        given = secret or f"whsec_{random.token_hex(24)}"
        id = ids.new_id("whk")
        names = orjson.dumps(sorted(set(events))).decode()
        packed = sealed(id, url, given, self._secrets)
        row = WebhookRow(id, caller.user_id, caller.workspace, packed, names, now_ms())
        async with self._stores.db.write() as tx:
            if not await self._stores.webhooks.add(tx, row, MOST_WEBHOOKS):
                raise Conflict(f"You have {MOST_WEBHOOKS} webhooks already. Delete one that is no longer needed.")
        await self._outbox.load()
        return NewWebhook(**(await self._shown(row)).model_dump(), secret=given)

    async def delete(self, caller: Caller, id: str) -> None:
        """With what waits for it."""
        row = await self._own(caller, id)
        async with self._stores.db.write() as tx:
            await self._stores.webhooks.delete(tx, row.id)
        await self._outbox.load()

    async def test(self, caller: Caller, id: str) -> WebhookTest:
        """One attempt, now. Where it arrives, a webhook that was failing or paused is sent to again."""
        row = await self._own(caller, id)
        url, secret = opened(row, self._secrets)
        address = allowed(url, self._hosts())
        event = EventRow(ids.new_id("evt"), "", TEST_EVENT, orjson.dumps(_TEST_DATA).decode(), now_ms())
        async with line(address.url, address.wish) as connection:
            ended, _ = await attempt(connection, new_delivery(row.id, event), secret)
        ok = ended.state == "delivered"
        async with self._stores.db.write() as tx:
            await self._stores.deliveries.add_tried(tx, ended)
            if ok:
                await self._go_on(tx, row.id)
        self._sender.wake()
        return WebhookTest(ok=ok, event_id=event.id, status=ended.status, took_ms=ended.took_ms or 0, error=ended.error)

    async def resume(self, caller: Caller, id: str) -> Webhook:
        """Try what waits now, whatever happened before."""
        row = await self._own(caller, id)
        async with self._stores.db.write() as tx:
            await self._go_on(tx, row.id)
        self._sender.wake()
        return await self._shown(await self._own(caller, id))

    async def deliveries(self, caller: Caller, id: str, limit: int) -> list[Delivery]:
        row = await self._own(caller, id)
        return [_delivery(entry) for entry in await self._stores.deliveries.log(row.id, limit)]

    async def _go_on(self, tx: Transaction, id: str) -> None:
        at = now_ms()
        await self._stores.webhooks.let_go_on(tx, id)
        await self._stores.deliveries.make_due(tx, id, at)

    async def _own(self, caller: Caller, id: str) -> WebhookRow:
        row = await self._stores.webhooks.get(id)
        if row is None or row.user_id != caller.user_id or caller.workspace not in (None, row.workspace):
            raise NotFound("There is no such webhook.")
        return row

    async def _shown(self, row: WebhookRow) -> Webhook:
        events = orjson.loads(row.events)
        try:
            url, unusable = opened(row, self._secrets)[0], ""
        except Internal as error:  # the others are shown all the same
            url, unusable = "", error.message
        waiting, due = await self._stores.deliveries.waiting(row.id)
        return Webhook(
            id=row.id,
            url=url,
            events=events,
            not_sent_yet=[event for event in events if event not in SENT],
            status="paused" if unusable else _state(row),
            pause_reason=unusable or row.pause_reason,
            created_at=from_ms(row.created_at),
            last_delivered_at=from_ms(row.last_ok_at) if row.last_ok_at else None,
            next_attempt_at=None if row.paused_at or due is None else from_ms(max(due, row.hold_until)),
            waiting=waiting,
            missed=row.missed,
        )

    def _hosts(self) -> str:
        return str(self._settings.get(HOSTS))


def _state(row: WebhookRow) -> State:
    return "paused" if row.paused_at else "failing" if row.failures else "active"


def _delivery(row: DeliveryRow) -> Delivery:
    return Delivery(
        id=row.id,
        event_id=row.event_id,
        type=row.type,
        state="waiting" if row.state == "waiting" else "delivered" if row.state == "delivered" else "failed",
        attempts=row.attempts,
        status=row.status,
        took_ms=row.took_ms,
        error=row.error,
        created_at=from_ms(row.created_at),
        last_attempt_at=from_ms(row.last_at) if row.last_at else None,
        next_attempt_at=from_ms(row.due_at) if row.state == "waiting" else None,
    )
