"""API keys: made, listed and deleted by their owner, and turned into callers."""

import hashlib
import secrets as random
import time
from dataclasses import dataclass
from typing import Final

import orjson

from talome.accounts.keys.models import ApiKey, NewApiKey
from talome.accounts.keys.store import KeyRow, KeysStore
from talome.accounts.users.service import RightsChanged, Users, scopes_of
from talome.core import ids
from talome.core.clock import from_ms, now_ms
from talome.core.errors import Forbidden, Invalid, NotFound, TooMany, Unauthenticated
from talome.core.events import Events
from talome.core.operations import Caller

PREFIX: Final = "talome_"
_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZabcdefghjkmnpqrstvwxyz"
_TOUCH_MS: Final = 60_000


@dataclass(frozen=True, slots=True)
class KeyDeleted:
    key_id: str


@dataclass(slots=True)
class _Known:
    row: KeyRow
    caller: Caller
    noted_at: int
    tokens: float
    refilled_at: float


class ApiKeys:
    def __init__(self, store: KeysStore, users: Users, events: Events) -> None:
        self._store = store
        self._users = users
        self._events = events
        self._known: dict[str, _Known] = {}
        self._generation = 0

    async def start(self) -> None:
        self._events.on(RightsChanged, self._forget)

    async def stop(self) -> None:
        self._known.clear()

    def _forget(self, event: RightsChanged) -> None:
        self._generation += 1
        for digest, known in tuple(self._known.items()):
            if event.user_id in (None, known.caller.user_id):
                del self._known[digest]

    async def of_user(self, user_id: str) -> list[ApiKey]:
        return [_shown(row) for row in await self._store.of_user(user_id)]

    async def add(
        self, caller: Caller, name: str, scopes: list[str], expires_in_days: int | None, requests_per_minute: int | None
    ) -> NewApiKey:
        """A key with some of the caller's own rights. Only a person makes keys: a stolen one must not renew itself."""
        if caller.key_id is not None:
            raise Forbidden("An API key cannot make API keys. Sign in for that.")
        for scope in scopes:
            if ":" not in scope and scope != "*":
                raise Invalid(f"“{scope}” is not a right; rights look like “containers:read”.", field="scopes")
            if not caller.may(scope):
                raise Forbidden(f"You cannot give the right “{scope}”, since you do not have it.", field="scopes")
        token = PREFIX + "".join(random.choice(_ALPHABET) for _ in range(40))
        at = now_ms()
        row = KeyRow(
            id=ids.new_id("key"),
            user_id=caller.user_id,
            name=name,
            prefix=token[: len(PREFIX) + 6],
            digest=_digest(token),
            scopes=orjson.dumps(sorted(set(scopes))).decode(),
            workspace=None,
            requests_per_minute=requests_per_minute,
            created_at=at,
            expires_at=at + expires_in_days * 86_400_000 if expires_in_days else None,
            last_used_at=None,
        )
        async with self._store.db.write() as tx:
            await self._store.add(tx, row)
        return NewApiKey(key=_shown(row), token=token)

    async def delete(self, caller: Caller, key_id: str) -> None:
        async with self._store.db.write() as tx:
            if not await self._store.delete(tx, key_id, caller.user_id):
                raise NotFound("There is no such key.")
            tx.emit(KeyDeleted(key_id))
        self._generation += 1
        for digest, known in tuple(self._known.items()):
            if known.row.id == key_id:
                del self._known[digest]

    async def authenticate(self, token: str) -> Caller:
        """The caller of a key: its scopes, cut down to what its owner may do today."""
        digest = _digest(token)
        known = self._known.get(digest) or await self._look_up(digest)
        at = now_ms()
        if known.row.expires_at is not None and known.row.expires_at <= at:
            raise _refused()
        _spend(known)
        if at - known.noted_at > _TOUCH_MS:
            known.noted_at = at
            async with self._store.db.write() as tx:
                await self._store.touch(tx, {known.row.id: at})
        return known.caller

    async def _look_up(self, digest: str) -> _Known:
        generation = self._generation
        row = await self._store.by_digest(digest)
        user = await self._users.find_by_id(row.user_id) if row else None
        if row is None or user is None or user.disabled:
            raise _refused()
        owner = Caller(user.id, user.username, "user", scopes_of(user))
        scopes = frozenset(orjson.loads(row.scopes))
        allowed = owner.scopes if "*" in scopes else frozenset(scope for scope in scopes if owner.may(scope))
        caller = Caller(user.id, user.username, "key", allowed, key_id=row.id, workspace=row.workspace)
        budget = float(row.requests_per_minute or 0)
        known = _Known(row, caller, row.last_used_at or 0, budget, time.monotonic())
        if generation == self._generation:
            self._known[digest] = known
        return known

    async def is_current(self, caller: Caller) -> bool:
        """Whether a caller that was let in some time ago would be let in now, with the same rights."""
        for row in await self._store.of_user(caller.user_id):
            if row.id == caller.key_id and (row.expires_at is None or row.expires_at > now_ms()):
                try:
                    return (await self._look_up(row.digest)).caller.scopes == caller.scopes
                except Unauthenticated:
                    return False
        return False


def _spend(known: _Known) -> None:
    """A token bucket: a minute's worth at once, refilled evenly."""
    limit = known.row.requests_per_minute
    if limit is None:
        return
    now = time.monotonic()
    known.tokens = min(float(limit), known.tokens + (now - known.refilled_at) * limit / 60)
    known.refilled_at = now
    if known.tokens < 1:
        raise TooMany("This API key has used up its requests for now.", retry_after_s=int(60 / limit) + 1)
    known.tokens -= 1


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _refused() -> Unauthenticated:
    return Unauthenticated("This API key is not valid, or no longer.", code="bad_key")


def _shown(row: KeyRow) -> ApiKey:
    return ApiKey(
        id=row.id,
        name=row.name,
        prefix=row.prefix,
        scopes=orjson.loads(row.scopes),
        requests_per_minute=row.requests_per_minute,
        created_at=from_ms(row.created_at),
        expires_at=from_ms(row.expires_at) if row.expires_at else None,
        last_used_at=from_ms(row.last_used_at) if row.last_used_at else None,
    )
