"""Sessions and their tokens: a JWT (HS256) names a row; the row says whether it still counts.

Cookies know hosts and not ports, so a browser also hands its session's cookie to every app of this machine. A browser's
cookie therefore counts only together with a proof that its pages keep in their origin's storage, and never as Bearer.

Who a session belongs to is kept in memory, so that a call costs no query; whatever changes rights empties that memory.
"""

import base64
import hmac
import secrets as random
from dataclasses import dataclass
from typing import Final

import jwt

from talome.accounts.sessions.models import Session
from talome.accounts.sessions.store import SessionRow, SessionsStore
from talome.accounts.users.models import UserRow
from talome.accounts.users.service import RightsChanged, Users, scopes_of
from talome.core.clock import from_ms, now_ms
from talome.core.db import Transaction
from talome.core.errors import NotFound, Unauthenticated
from talome.core.events import Events
from talome.core.operations import Caller, Client
from talome.core.secrets import Secrets

ISSUER: Final = "talome"
AUDIENCE: Final = "talome-session"
BROWSER_AUDIENCE: Final = "talome-browser"
LIFETIME_MS: Final = 24 * 3600 * 1000
LIMITED_SCOPES: Final = frozenset({"account:*"})
"""Enough to set up a second factor. What notifications tell of the house is not needed for that."""
_TOUCH_MS: Final = 60_000
_SEEN_BATCH: Final = 20
_VERIFIED_KEPT: Final = 2000


@dataclass(frozen=True, slots=True)
class SessionOpened:
    """Somebody has signed in, from there."""

    user_id: str
    ip: str
    user_agent: str


@dataclass(frozen=True, slots=True)
class SessionEnded:
    session_id: str


@dataclass(frozen=True, slots=True)
class OpenedSession:
    """`token` is for Bearer, `cookie` for the cookie; `proof` goes with the cookie where a browser asked."""

    token: str
    cookie: str
    proof: str | None
    expires_at: int


@dataclass(frozen=True, slots=True)
class _Named:
    session_id: str
    user_id: str
    proof: str | None


@dataclass(slots=True)
class _Known:
    caller: Caller
    expires_at: int
    last_seen_at: int


class Sessions:
    """`start` listens for changed rights; `stop` keeps when each session was last seen."""

    def __init__(self, store: SessionsStore, users: Users, secrets: Secrets, events: Events) -> None:
        self._store = store
        self._users = users
        self._key = secrets.key("session-tokens")
        self._proof_key = secrets.key("session-proofs")
        self._events = events
        self._known: dict[str, _Known] = {}
        self._seen: dict[str, int] = {}
        self._verified: dict[str, _Named] = {}
        self._generation = 0

    async def start(self) -> None:
        self._events.on(RightsChanged, self._forget)

    async def stop(self) -> None:
        await self._keep_last_seen()

    def _forget(self, event: RightsChanged) -> None:
        self._generation += 1
        for session_id, known in tuple(self._known.items()):
            if event.user_id in (None, known.caller.user_id):
                del self._known[session_id]

    async def _keep_last_seen(self) -> None:
        seen, self._seen = self._seen, {}
        async with self._store.db.write() as tx:
            await self._store.touch(tx, seen)
            await self._store.delete_expired(tx, now_ms())

    async def open(self, user: UserRow, client: Client, *, limited: bool = False) -> OpenedSession:
        """A new session; it ends at `expires_at` (milliseconds since 1970). A limited one reaches the own account
        only, until `renew` lifts that."""
        at = now_ms()
        row = SessionRow(
            id=random.token_urlsafe(18),
            user_id=user.id,
            rights_revision=user.rights_revision,
            created_at=at,
            last_seen_at=at,
            expires_at=at + LIFETIME_MS,
            ip=client.ip,
            user_agent=client.user_agent,
            limited=int(limited),
        )
        async with self._store.db.write() as tx:
            await self._store.add(tx, row)
            await self._users.note_login(tx, user.id, at)
            tx.emit(SessionOpened(user.id, client.ip, client.user_agent))
        token = self._sign(row, AUDIENCE)
        if not client.origin:  # no browser's request; a script sends its cookie only where it means to
            return OpenedSession(token, token, None, row.expires_at)
        return OpenedSession(token, self._sign(row, BROWSER_AUDIENCE), self._proof_of(row.id), row.expires_at)

    def _sign(self, row: SessionRow, audience: str) -> str:
        claims = {
            "iss": ISSUER,
            "aud": audience,
            "sub": row.user_id,
            "jti": row.id,
            "iat": row.created_at // 1000,
            "exp": row.expires_at // 1000,
        }
        return jwt.encode(claims, self._key, algorithm="HS256")

    def _proof_of(self, session_id: str) -> str:
        digest = hmac.digest(self._proof_key, session_id.encode(), "sha256")
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")

    async def authenticate(self, token: str) -> Caller:
        """The caller of a token, or `Unauthenticated`, with the same words whatever is wrong with it."""
        named = self._verified.get(token) or self._verify(token)
        if named.proof is not None:  # a browser's cookie, which some app has been given and sends as its own
            raise _refused()
        return await self._caller(named)

    async def authenticate_cookie(self, cookie: str, proof: str) -> Caller:
        """The caller of a cookie, which must come with its proof if a browser got it, and without one if not: an app
        on another port can put its own cookie in the place of a browser's, whose pages go on sending their proof."""
        named = self._verified.get(cookie) or self._verify(cookie)
        if not hmac.compare_digest((named.proof or "").encode(), proof.encode(errors="surrogateescape")):
            raise _refused()
        return await self._caller(named)

    async def _caller(self, named: _Named) -> Caller:
        known = await self._find(named.session_id)
        if known.caller.user_id != named.user_id:
            raise _refused()
        return known.caller

    def _verify(self, token: str) -> _Named:
        """The session and the user that the token names, remembered: a signature does not change, the session may."""
        try:
            claims = jwt.decode(
                token,
                self._key,
                algorithms=["HS256"],
                issuer=ISSUER,
                audience=[AUDIENCE, BROWSER_AUDIENCE],
                options={"require": ["exp", "iat", "jti", "sub", "iss", "aud"]},
            )
        except (jwt.PyJWTError, ValueError):
            raise _refused() from None
        if len(self._verified) >= _VERIFIED_KEPT:
            self._verified.clear()
        session_id = str(claims["jti"])
        proof = self._proof_of(session_id) if claims["aud"] == BROWSER_AUDIENCE else None
        self._verified[token] = named = _Named(session_id, str(claims["sub"]), proof)
        return named

    async def is_current(self, caller: Caller) -> bool:
        """Whether a caller that was let in some time ago would be let in now, with the same rights."""
        try:
            known = await self._look_up(caller.session_id or "")  # what is kept in memory may be about to go
        except Unauthenticated:
            return False
        return known.expires_at > now_ms() and known.caller.scopes == caller.scopes

    async def _find(self, session_id: str) -> _Known:
        known = self._known.get(session_id) or await self._look_up(session_id)
        at = now_ms()
        if known.expires_at <= at:
            self._known.pop(session_id, None)
            raise _refused()
        if at - known.last_seen_at > _TOUCH_MS:
            known.last_seen_at = self._seen[session_id] = at
            if len(self._seen) >= _SEEN_BATCH:
                await self._keep_last_seen()
        return known

    async def _look_up(self, session_id: str) -> _Known:
        generation = self._generation
        row = await self._store.get(session_id)
        user = await self._users.find_by_id(row.user_id) if row else None
        if row is None or user is None or user.disabled or row.expires_at <= now_ms():
            raise _refused()
        if row.rights_revision != user.rights_revision:
            raise _refused()
        scopes = LIMITED_SCOPES if row.limited else scopes_of(user)
        caller = Caller(user.id, user.username, "user", scopes, session_id=session_id)
        known = _Known(caller, row.expires_at, row.last_seen_at)
        if generation == self._generation:  # else rights changed while we looked, and this may be old already
            self._known[session_id] = known
        return known

    async def of_user(self, user_id: str, *, current: str | None) -> list[Session]:
        """The sessions that still count, the latest used first."""
        await self._keep_last_seen()
        user = await self._users.get(user_id)
        rows = await self._store.of_user(user_id, user.rights_revision, now_ms())
        return [_shown(row, is_current=row.id == current) for row in rows]

    async def renew(self, tx: Transaction, session_id: str, rights_revision: int, *, lift: bool = False) -> None:
        """Let this one session outlive a change of rights, in its transaction: the person who made it sits there.
        `lift` also gives a limited session all rights of its owner."""
        await self._store.renew(tx, session_id, rights_revision)
        if lift:
            await self._store.lift(tx, session_id)

    async def end(self, session_id: str, user_id: str) -> None:
        """End one session of this user; somebody else's is not found."""
        async with self._store.db.write() as tx:
            if not await self._store.delete(tx, session_id, user_id):
                raise NotFound("There is no such session.")
            tx.emit(SessionEnded(session_id))
        self._generation += 1
        self._known.pop(session_id, None)

    async def end_all(self, user_id: str, *, keep: str | None = None) -> int:
        """End every session of this user but `keep`; returns how many."""
        await self._users.get(user_id)
        async with self._store.db.write() as tx:
            ended = await self._store.delete_all(tx, user_id, keep or "")
            for session_id in ended:
                tx.emit(SessionEnded(session_id))
        self._generation += 1
        for session_id in ended:
            self._known.pop(session_id, None)
        return len(ended)


def _shown(row: SessionRow, *, is_current: bool) -> Session:
    return Session(
        id=row.id,
        current=is_current,
        ip=row.ip,
        user_agent=row.user_agent,
        created_at=from_ms(row.created_at),
        last_seen_at=from_ms(row.last_seen_at),
        expires_at=from_ms(row.expires_at),
    )


def _refused() -> Unauthenticated:
    return Unauthenticated("The session has ended. Sign in again.", code="session_ended")
