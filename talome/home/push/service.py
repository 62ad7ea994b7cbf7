"""Subscriptions of people's devices, and one message to one of them."""

import asyncio
import hashlib
import logging
import time
from dataclasses import replace
from typing import Final

import orjson

from talome.core import ids
from talome.core.clock import from_ms, now_ms
from talome.core.devices import device_name
from talome.core.errors import Conflict, Forbidden, Internal, Invalid, NotFound, TalomeError, TooMany
from talome.core.operations import Caller
from talome.core.secrets import Secrets
from talome.core.settings.service import Setting, Settings
from talome.engines.webpush import Answer, Message, Sender, Target, WebPush, check_keys, new_private_key, public_key_of
from talome.home.push.endpoints import check_endpoint
from talome.home.push.models import PushFailure, PushState, PushSubscription, PushTest
from talome.home.push.payload import trial
from talome.home.push.store import PushStore, SubscriptionRow

SERVERS: Final = "push.servers"
CONTACT: Final = "push.contact"
SETTINGS: Final[tuple[Setting, ...]] = (
    Setting(
        key=SERVERS,
        kind="text",
        default="",
        title="Further push servers",
        help="Addresses such as https://push.example.org, apart by commas, if you run a push server of your own. The "
        "services of Chrome, Edge, Firefox and Safari are always allowed.",
        feature="notifications",
        people_only=True,
    ),
    Setting(
        key=CONTACT,
        kind="text",
        default="admin@example.com",
        title="Mail address for push services",
        help="Push services want to know whom to write to when messages make trouble. Nobody else sees it.",
        feature="notifications",
        minimum=3,
        maximum=200,
    ),
)
MOST_DEVICES: Final = 20
GONE: Final = frozenset({404, 410})
_KEY: Final = "vapid"
_PURPOSE: Final = "push"
_TEST_EVERY_S: Final = 3.0
_log = logging.getLogger(__name__)


class Push:
    def __init__(self, store: PushStore, secrets: Secrets, settings: Settings, web_push: WebPush) -> None:
        self._store = store
        self._secrets = secrets
        self._settings = settings
        self._web_push = web_push
        self._making_key = asyncio.Lock()
        self._private_key: str | None = None
        self._tested: dict[str, float] = {}

    # --- the devices of a person ---

    async def state(self, caller: Caller, endpoint: str | None) -> PushState:
        """`endpoint` says which of the devices asks."""
        mark = _digest(endpoint) if endpoint else None
        public_key = public_key_of(await self._key())
        rows = await self._store.of_user(caller.user_id)
        return PushState(
            public_key=public_key, subscriptions=[_shown(row, is_current=row.digest == mark) for row in rows]
        )

    async def subscribe(self, caller: Caller, target: Target, *, everything: bool) -> PushSubscription:
        """One browser is one subscription; when another person turns it on there, it is theirs from then on."""
        if caller.kind == "agent":
            raise Forbidden("An agent may not choose who hears of this house. Turn this on in the browser itself.")
        check_endpoint(target.endpoint, self._servers())
        check_keys(target.p256dh, target.auth)
        await self._key()
        digest = _digest(target.endpoint)
        async with self._store.db.write() as tx:
            known = await self._store.by_digest(tx, digest)
            if known is not None and known.user_id != caller.user_id:
                await self._store.delete(tx, known.user_id, id=known.id)
                known = None
            row = known or SubscriptionRow(ids.new_id("psh"), caller.user_id, digest, "", "", 0, now_ms(), None)
            device = device_name(caller.client.user_agent)
            row = replace(row, sealed=self._seal(row.id, target), device=device, everything=int(everything))
            await self._store.put(tx, row)
            await self._store.keep_latest(tx, caller.user_id, MOST_DEVICES)
        return _shown(row, is_current=True)

    async def unsubscribe(self, caller: Caller, id: str | None, endpoint: str | None) -> None:
        if (id is None) == (endpoint is None):
            raise Invalid("Name the device by “id” or by “endpoint”.", field="id")
        async with self._store.db.write() as tx:
            digest = _digest(endpoint) if endpoint else None
            if not await self._store.delete(tx, caller.user_id, id=id, digest=digest):
                raise NotFound("There is no such device.")

    async def test(self, caller: Caller, id: str | None) -> PushTest:
        """One attempt to each device of the caller, or to one of them."""
        rows = [row for row in await self._store.of_user(caller.user_id) if id in (None, row.id)]
        if not rows:
            raise NotFound("There is no such device.") if id else Conflict("Turn notifications on for a device first.")
        self._not_too_often(caller.user_id)
        message = trial()
        reasons = await asyncio.gather(*(self._tried(row, message) for row in rows))
        failed = [
            PushFailure(id=row.id, device=row.device, reason=reason)
            for row, reason in zip(rows, reasons, strict=True)
            if reason
        ]
        return PushTest(delivered=len(rows) - len(failed), failed=failed)

    async def _tried(self, row: SubscriptionRow, message: Message) -> str | None:
        try:
            answer = await self.deliver(row, message)
        except TalomeError as error:
            return error.message
        if 200 <= answer.status < 300:
            return None
        if answer.status in GONE:
            return "The device has turned notifications off, so it was removed."
        return f"The push service refused it with status {answer.status}."

    def _not_too_often(self, user_id: str) -> None:
        at = time.monotonic()
        if at - self._tested.get(user_id, -_TEST_EVERY_S) < _TEST_EVERY_S:
            raise TooMany("A test was sent a moment ago.", retry_after_s=int(_TEST_EVERY_S))
        self._tested[user_id] = at

    # --- sending ---

    async def devices(self, user_id: str, *, important: bool) -> list[SubscriptionRow]:
        """Those that want it."""
        return [row for row in await self._store.of_user(user_id) if important or row.everything]

    async def current(self, id: str) -> SubscriptionRow | None:
        return await self._store.get(id)

    async def deliver(self, row: SubscriptionRow, message: Message) -> Answer:
        """One attempt. A device that is gone is forgotten. Raises `Unavailable`, or `Invalid` for a server that is no
        longer allowed."""
        target = self._unsealed(row)
        check_endpoint(target.endpoint, self._servers())
        sender = Sender(await self._key(), str(self._settings.get(CONTACT)))
        answer = await self._web_push.send(target, message, sender)
        if answer.status in GONE:
            async with self._store.db.write() as tx:
                await self._store.delete(tx, row.user_id, id=row.id)
        elif 200 <= answer.status < 300:
            async with self._store.db.write() as tx:
                await self._store.note_use(tx, row.id, now_ms())
        return answer

    def _servers(self) -> str:
        return str(self._settings.get(SERVERS))

    def _seal(self, id: str, target: Target) -> str:
        text = orjson.dumps([target.endpoint, target.p256dh, target.auth]).decode()
        return self._secrets.seal(text, purpose=_PURPOSE, row=id)

    def _unsealed(self, row: SubscriptionRow) -> Target:
        return Target(*orjson.loads(self._secrets.open(row.sealed, purpose=_PURPOSE, row=row.id)))

    async def _key(self) -> str:
        """The private key, made at first use; a new one where the master secret is another, for all browsers then
        have to subscribe again."""
        async with self._making_key:
            if self._private_key is None:
                self._private_key = await self._kept_key() or await self._new_key()
            return self._private_key

    async def _kept_key(self) -> str | None:
        sealed = await self._store.key(_KEY)
        if sealed is None:
            return None
        try:
            return self._secrets.open(sealed, purpose=_PURPOSE, row=_KEY)
        except Internal:
            _log.warning("The key for push messages was sealed with another secret; devices must be turned on again")
            return None

    async def _new_key(self) -> str:
        made = new_private_key()
        async with self._store.db.write() as tx:
            await self._store.replace_key(tx, _KEY, self._secrets.seal(made, purpose=_PURPOSE, row=_KEY), now_ms())
        return made


def _digest(endpoint: str) -> str:
    return hashlib.sha256(endpoint.encode()).hexdigest()


def _shown(row: SubscriptionRow, *, is_current: bool) -> PushSubscription:
    return PushSubscription(
        id=row.id,
        device=row.device,
        everything=bool(row.everything),
        created_at=from_ms(row.created_at),
        last_used_at=from_ms(row.last_used_at) if row.last_used_at else None,
        current=is_current,
    )
