"""API keys: made, listed, changed and deleted by their owner, and turned into callers."""

import hashlib
import secrets as random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Final

import orjson

from talome.accounts.keys.models import ApiKey, NewApiKey
from talome.accounts.keys.store import KeyRow, KeysStore
from talome.accounts.users.service import RightsChanged, Users, scopes_of
from talome.core import ids
from talome.core.clock import from_ms, now_ms
from talome.core.errors import Conflict, Forbidden, Invalid, NotFound, Unauthenticated
from talome.core.events import Events
from talome.core.operations import Caller, KeyTerms
from talome.core.settings.service import Setting

PREFIX: Final = "talome_"
FACES: Final = (PREFIX, "tok_", "tk_", "cc_")
"""How keys begin, by the face that made them; longer beginnings such as `tk_dev_` belong to one of these."""
MOST: Final = "accounts.keys_per_person"
MOST_USUALLY: Final = 100
SETTINGS: Final = (
    Setting(
        MOST, "number", MOST_USUALLY, "API keys of a person", "How many one person may have at a time.", "accounts",
        minimum=1, maximum=10_000, people_only=True,
    ),
)  # fmt: skip
_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZabcdefghjkmnpqrstvwxyz"
_TOUCH_MS: Final = 60_000


@dataclass(frozen=True, slots=True)
class KeyDeleted:
    key_id: str


@dataclass(frozen=True, slots=True)
class KeyWish:
    """What somebody asks for who wants a key. `workspace` is the id of the row."""

    name: str
    scopes: Iterable[str]
    prefix: str = PREFIX
    expires_in_days: int | None = None
    workspace: str | None = None
    metadata: str = "{}"
    terms: KeyTerms = field(default_factory=KeyTerms)


@dataclass(slots=True)
class _Known:
    row: KeyRow
    caller: Caller
    noted_at: int


class ApiKeys:
    """`most`: how many keys a person may have."""

    def __init__(
        self, store: KeysStore, users: Users, events: Events, most: Callable[[], float] = lambda: MOST_USUALLY
    ) -> None:
        self._store = store
        self._most = most
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

    async def budgets_of(self, user_id: str) -> list[tuple[str, str, int | None]]:
        """Id, name and monthly budget of each of the user's keys."""
        return [(row.id, row.name, row.monthly_budget_nano) for row in await self._store.of_user(user_id)]

    async def rows_of(self, user_id: str, face: str) -> list[KeyRow]:
        """The user's keys that one face made, the latest first."""
        return [row for row in await self._store.of_user(user_id) if face_of(row.prefix) == face]

    async def add(
        self, caller: Caller, name: str, scopes: list[str], expires_in_days: int | None, requests_per_minute: int | None
    ) -> NewApiKey:
        """A key with some of the caller's own rights."""
        terms = KeyTerms(requests_per_minute)
        row, token = await self.make(caller, KeyWish(name, scopes, expires_in_days=expires_in_days, terms=terms))
        return NewApiKey(key=_shown(row), token=token)

    async def make(self, caller: Caller, wish: KeyWish) -> tuple[KeyRow, str]:
        """A new key and its token. Only a person makes keys: a stolen one must not renew itself."""
        if caller.key_id is not None:
            raise Forbidden("An API key cannot make API keys. Sign in for that.")
        _check_scopes(caller, wish.scopes)
        token = wish.prefix + "".join(random.choice(_ALPHABET) for _ in range(40))
        at = now_ms()
        row = KeyRow(
            id=ids.new_id("key"),
            user_id=caller.user_id,
            name=wish.name,
            prefix=token[: len(wish.prefix) + 6],
            digest=_digest(token),
            scopes=orjson.dumps(sorted(set(wish.scopes))).decode(),
            workspace=wish.workspace,
            requests_per_minute=wish.terms.requests_per_minute,
            created_at=at,
            expires_at=at + wish.expires_in_days * 86_400_000 if wish.expires_in_days else None,
            last_used_at=None,
            metadata=wish.metadata,
            monthly_budget_nano=wish.terms.monthly_budget_nano,
            local_only=int(wish.terms.local_only),
        )
        most = int(self._most())
        async with self._store.db.write() as tx:
            if await self._store.count_in(tx, caller.user_id) >= most:
                words = f"One person may have {most} API keys. Delete one that is no longer used, or raise the setting."
                raise Conflict(words, code="too_many_keys")
            await self._store.add(tx, row)
        return row, token

    async def change(self, caller: Caller, key_id: str, values: dict[str, Any]) -> tuple[KeyRow, KeyRow]:
        """Set columns of one's own key: how it was and how it is now."""
        async with self._store.db.write() as tx:
            old = await self._store.by_id_in(tx, key_id, caller.user_id)
            if old is None:
                raise NotFound("API key not found.")
            new = replace(old, **values)
            await self._store.change(tx, new)
        self._drop(key_id)
        return old, new

    def _drop(self, key_id: str) -> None:
        """Forget what a key was; its next call finds out what it is."""
        self._generation += 1
        for digest, known in tuple(self._known.items()):
            if known.row.id == key_id:
                del self._known[digest]

    async def delete(self, caller: Caller, key_id: str) -> None:
        async with self._store.db.write() as tx:
            if not await self._store.delete(tx, key_id, caller.user_id):
                raise NotFound("There is no such key.")
            tx.emit(KeyDeleted(key_id))
        self._drop(key_id)

    async def authenticate(self, token: str) -> Caller:
        """The caller of a key: its scopes, cut down to what its owner may do today."""
        digest = _digest(token)
        known = self._known.get(digest) or await self._look_up(digest)
        at = now_ms()
        if known.row.expires_at is not None and known.row.expires_at <= at:
            raise _refused()
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
        terms = KeyTerms(row.requests_per_minute, row.monthly_budget_nano, bool(row.local_only))
        caller = Caller(
            user.id, user.username, "key", allowed,
            key_id=row.id, workspace=row.workspace, face=face_of(row.prefix), terms=terms,
        )  # fmt: skip
        known = _Known(row, caller, row.last_used_at or 0)
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


def face_of(token: str) -> str:
    """Which face made a key, by how it begins; empty where none did."""
    return next((face for face in FACES if token.startswith(face)), "")


def _check_scopes(caller: Caller, scopes: Iterable[str]) -> None:
    for scope in scopes:
        if ":" not in scope and scope != "*":
            raise Invalid(f"“{scope}” is not a right; rights look like “containers:read”.", field="scopes")
        if not caller.may(scope):
            raise Forbidden(f"You cannot give the right “{scope}”, since you do not have it.", field="scopes")


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
