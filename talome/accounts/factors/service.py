"""The second step of a sign-in: a ticket for whoever knew the password, exchanged with proof for a session.

Codes can be guessed, so a ticket takes five tries, and wrong codes delay the next one of that person, up to a minute.
Passkeys and recovery codes cannot be guessed and are not delayed by it: nobody can lock the owner out with wrong codes.
"""

import hashlib
import secrets as random
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

from talome.accounts.factors import passkeys, totp
from talome.accounts.factors.models import PasskeyAnswer
from talome.accounts.factors.store import FactorsStore, PasskeyRow
from talome.accounts.throttle import Throttle, network_of
from talome.accounts.users.models import UserRow
from talome.accounts.users.service import Users
from talome.core.clock import now_ms
from talome.core.errors import TooMany, Unauthenticated
from talome.core.operations import Client
from talome.core.secrets import Secrets
from talome.core.settings.service import Setting

REQUIRED: Final = "accounts.second_factor_for_admins"
SETTINGS: Final = (
    Setting(
        REQUIRED,
        "boolean",
        False,
        "Second factor for administrators",
        "An administrator who signs in without one can do nothing but set one up.",
        "accounts",
        people_only=True,
    ),
)
SEALED_FOR: Final = "totp"
TICKET_S: Final = 300
TRIES: Final = 5
_MOST_OPEN: Final = 10_000


@dataclass(frozen=True, slots=True)
class Proof:
    """What is given for the second step: one of the three."""

    code: str | None = None
    passkey: PasskeyAnswer | None = None
    recovery_code: str | None = None


@dataclass(frozen=True, slots=True)
class _HalfOpen:
    """A sign-in whose password was right. `place` is where it happened; a ticket is worth nothing elsewhere."""

    user_id: str
    rights_revision: int
    place: tuple[str, str, str]
    ends_at: float
    question: passkeys.Question | None
    tries_left: int = TRIES


class SecondStep:
    """`required` tells whether administrators must have a second factor."""

    def __init__(
        self,
        store: FactorsStore,
        users: Users,
        secrets: Secrets,
        required: Callable[[], bool],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._users = users
        self._secrets = secrets
        self._required = required
        self._clock = clock
        self._guesses = Throttle(clock)
        self._open: OrderedDict[str, _HalfOpen] = OrderedDict()

    def required_of(self, row: UserRow) -> bool:
        return row.role == "admin" and self._required()

    async def is_missing(self, row: UserRow) -> bool:
        """Whether this person must set one up before anything else."""
        return self.required_of(row) and not await self._has_any(row.id)

    async def _has_any(self, user_id: str) -> bool:
        return await self._store.totp(user_id) is not None or bool(await self._store.passkeys(user_id))

    async def demand(self, row: UserRow, client: Client, message: str) -> None:
        """Raise `Unauthenticated` with a ticket where the person has a second factor; `message` says what is done."""
        has_codes = await self._store.totp(row.id) is not None
        keys = await self._store.passkeys(row.id)
        if not has_codes and not keys:
            return
        place = passkeys.place_of(client)
        question = passkeys.new_question(place) if place and any(key.rp_id == place.rp_id for key in keys) else None
        methods = ["totp"] if has_codes else []
        details: dict[str, Any] = {}
        if question is not None:
            methods.append("passkey")
            details["passkeyOptions"] = passkeys.request_options(question, keys)
        elsewhere = sorted({key.rp_id for key in keys} - {place.rp_id if place else ""})
        ticket = self._keep(row, client, question)
        raise Unauthenticated(
            message,
            code="second_factor_needed",
            ticket=ticket,
            methods=[*methods, "recovery_code"],
            passkeyHosts=elsewhere,
            **details,
        )

    def _keep(self, row: UserRow, client: Client, question: passkeys.Question | None) -> str:
        ticket = random.token_urlsafe(32)
        ends_at = self._clock() + TICKET_S
        self._open[_digest(ticket)] = _HalfOpen(row.id, row.rights_revision, _place(client), ends_at, question)
        while len(self._open) > _MOST_OPEN or next(iter(self._open.values())).ends_at <= self._clock():
            self._open.popitem(last=False)
        return ticket

    async def take(self, ticket: str, proof: Proof, client: Client) -> UserRow:
        """Who has proven to be who they are. The ticket is used up, unless the proof was wrong and tries are left."""
        half = self._open.pop(_digest(ticket), None)
        if half is None or half.ends_at <= self._clock() or half.place != _place(client):
            raise _over()
        if proof.code is not None:
            try:
                self._guesses.attempt(half.user_id, "code")
            except TooMany:
                self._open[_digest(ticket)] = half
                raise
        if not await self._is_right(half, proof):
            self._refuse(ticket, half, proof)
        if proof.code is not None:
            self._guesses.succeeded(half.user_id, "code")
        row = await self._users.find_by_id(half.user_id)
        if row is None or row.disabled or row.rights_revision != half.rights_revision:
            raise _over()
        return row

    def _refuse(self, ticket: str, half: _HalfOpen, proof: Proof) -> None:
        if half.tries_left <= 1:
            raise _over()
        self._open[_digest(ticket)] = replace(half, tries_left=half.tries_left - 1)
        if proof.passkey is not None:
            raise Unauthenticated("This passkey was not accepted. Use another one.", code="wrong_passkey")
        if proof.recovery_code is not None:
            raise Unauthenticated(
                "This recovery code is wrong, or was used before.", code="wrong_code", field="recoveryCode"
            )
        raise Unauthenticated(
            "This code is wrong, or was used before. Wait for the next one, and check that the clock of your phone is "
            "right.",
            code="wrong_code",
            field="code",
        )

    async def _is_right(self, half: _HalfOpen, proof: Proof) -> bool:
        if proof.passkey is not None:
            return await self._is_right_passkey(half, proof.passkey)
        if proof.recovery_code is not None:
            async with self._store.db.write() as tx:
                return await self._users.codes.spend(tx, half.user_id, proof.recovery_code)
        return await self._is_right_code(half.user_id, proof.code or "")

    async def _is_right_code(self, user_id: str, code: str) -> bool:
        row = await self._store.totp(user_id)
        if row is None:
            return False
        secret = self._secrets.open(row.secret, purpose=SEALED_FOR, row=user_id)
        at = now_ms()
        step = totp.matching_step(secret, code, at / 1000)
        if step is None:
            return False
        async with self._store.db.write() as tx:
            return await self._store.use_totp(tx, user_id, step, at)

    async def _is_right_passkey(self, half: _HalfOpen, answer: PasskeyAnswer) -> bool:
        row = next((row for row in await self._store.passkeys(half.user_id) if _is_for(row, answer)), None)
        if row is None or half.question is None:
            return False
        try:
            sign_count = await passkeys.check_use(answer, row, half.question)
        except passkeys.PasskeyRefused:
            return False
        async with self._store.db.write() as tx:
            return await self._store.use_passkey(tx, row, sign_count, now_ms())


def _is_for(row: PasskeyRow, answer: PasskeyAnswer) -> bool:
    return row.credential_id == answer.credential_id.rstrip("=")


def _digest(ticket: str) -> str:
    return hashlib.sha256(ticket.encode()).hexdigest()


def _place(client: Client) -> tuple[str, str, str]:
    return network_of(client.ip), client.user_agent, client.origin


def _over() -> Unauthenticated:
    return Unauthenticated("This sign-in took too long or was used up. Begin again.", code="sign_in_over")
