"""One's own second factors: set up, listed and removed; and removed by an administrator for whoever is locked out."""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from talome.accounts.confirmation import Confirmation
from talome.accounts.factors import passkeys, totp
from talome.accounts.factors.models import (
    Authenticator,
    Passkey,
    PasskeyMade,
    PasskeyQuestion,
    SecondFactors,
    TotpSetup,
    UserSecondFactors,
)
from talome.accounts.factors.service import SEALED_FOR, SecondStep
from talome.accounts.factors.store import FactorsStore, PasskeyRow, TotpRow
from talome.accounts.sessions.service import Sessions
from talome.accounts.users.service import Users
from talome.core import ids
from talome.core.changes import note_change
from talome.core.clock import from_ms, now_ms
from talome.core.db import Transaction
from talome.core.errors import Conflict, Forbidden, Invalid, NotFound
from talome.core.operations import Caller
from talome.core.secrets import Secrets

SETUP_S: Final = 600
MOST_PASSKEYS: Final = 20
_MOST_BEGUN: Final = 1000


@dataclass(frozen=True, slots=True)
class _Begun:
    """A set-up that waits for its confirmation: the secret of an app, or the question that a passkey answers."""

    ends_at: float
    secret: str = ""
    question: passkeys.Question | None = None


class OwnFactors:
    def __init__(
        self,
        store: FactorsStore,
        users: Users,
        sessions: Sessions,
        *,
        confirmation: Confirmation,
        step: SecondStep,
        secrets: Secrets,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._users = users
        self._sessions = sessions
        self._confirmation = confirmation
        self._step = step
        self._secrets = secrets
        self._clock = clock
        self._begun: OrderedDict[tuple[str, str], _Begun] = OrderedDict()

    async def show(self, user_id: str) -> SecondFactors:
        row = await self._store.totp(user_id)
        user = await self._users.get(user_id)
        return SecondFactors(
            authenticator=_shown(row) if row else None,
            passkeys=[_shown_passkey(each) for each in await self._store.passkeys(user_id)],
            recovery_codes_left=await self._users.codes.count(user_id),
            required=self._step.required_of(user),
        )

    async def begin_totp(self, caller: Caller, password: str) -> TotpSetup:
        """A fresh secret, which counts once a code of it was typed."""
        session = _session_of(caller)
        await self._confirmation.password(caller, password)
        secret = totp.new_secret()
        self._keep(session, "totp", _Begun(self._clock() + SETUP_S, secret=secret))
        host = caller.client.host.rpartition(":")[0] if ":" in caller.client.host else caller.client.host
        return TotpSetup(secret=secret, uri=totp.setup_uri(secret, caller.name, host))

    async def confirm_totp(self, caller: Caller, code: str) -> SecondFactors:
        session = _session_of(caller)
        begun = self._find(session, "totp")
        at = now_ms()
        step = totp.matching_step(begun.secret, code, at / 1000)
        if step is None:
            raise Invalid(
                "This code does not fit. Type the one that the app shows now, and check that the clocks of your phone "
                "and of this machine are right.",
                code="wrong_code",
                field="code",
            )
        sealed = self._secrets.seal(begun.secret, purpose=SEALED_FOR, row=caller.user_id)
        replaces = await self._store.totp(caller.user_id) is not None
        async with self._store.db.write() as tx:
            await self._store.put_totp(tx, TotpRow(caller.user_id, sealed, at, None, step))
            await self._changed(tx, caller)
        self._begun.pop((session, "totp"), None)
        note_change("authenticatorApp", replaces, True)
        return await self.show(caller.user_id)

    async def remove_totp(self, caller: Caller, password: str) -> SecondFactors:
        _session_of(caller)
        await self._confirmation.password(caller, password)
        await self._check_not_last(caller, "totp")
        async with self._store.db.write() as tx:
            if not await self._store.delete_totp(tx, caller.user_id):
                raise NotFound("There is no authenticator app set up.")
            await self._changed(tx, caller)
        note_change("authenticatorApp", True, False)
        return await self.show(caller.user_id)

    async def begin_passkey(self, caller: Caller, password: str) -> PasskeyQuestion:
        session = _session_of(caller)
        place = passkeys.needed_place(caller.client)
        await self._confirmation.password(caller, password)
        known = await self._store.passkeys(caller.user_id)
        if len(known) >= MOST_PASSKEYS:
            raise Conflict(f"You have {MOST_PASSKEYS} passkeys already. Remove one first.")
        question = passkeys.new_question(place)
        self._keep(session, "passkey", _Begun(self._clock() + SETUP_S / 2, question=question))
        return PasskeyQuestion(options=passkeys.creation_options(question, caller.user_id, caller.name, known))

    async def confirm_passkey(self, caller: Caller, name: str, made: PasskeyMade) -> SecondFactors:
        session = _session_of(caller)
        question = self._find(session, "passkey").question
        self._begun.pop((session, "passkey"), None)
        if question is None or question.place != passkeys.place_of(caller.client):
            raise _too_late()
        try:
            found = await passkeys.check_new(made, question)
        except passkeys.PasskeyRefused:
            raise Invalid(
                "The browser's answer does not prove a new passkey. Try again.", code="wrong_passkey"
            ) from None
        row = PasskeyRow(
            id=ids.new_id("psk"),
            user_id=caller.user_id,
            credential_id=found.credential_id,
            public_key=found.public_key,
            rp_id=question.place.rp_id,
            sign_count=found.sign_count,
            name=name,
            added_at=now_ms(),
            last_used_at=None,
        )
        async with self._store.db.write() as tx:
            if await self._store.is_known(tx, row.credential_id):
                raise Conflict("This passkey is in use already.")
            await self._store.add_passkey(tx, row)
            await self._changed(tx, caller)
        note_change("passkey", None, name)
        return await self.show(caller.user_id)

    async def rename_passkey(self, caller: Caller, passkey_id: str, name: str) -> SecondFactors:
        old = await self._passkey(caller.user_id, passkey_id)
        async with self._store.db.write() as tx:
            await self._store.rename_passkey(tx, caller.user_id, passkey_id, name)
        note_change("passkey", old.name, name)
        return await self.show(caller.user_id)

    async def remove_passkey(self, caller: Caller, passkey_id: str, password: str) -> SecondFactors:
        _session_of(caller)
        old = await self._passkey(caller.user_id, passkey_id)
        await self._confirmation.password(caller, password)
        await self._check_not_last(caller, passkey_id)
        async with self._store.db.write() as tx:
            if not await self._store.delete_passkey(tx, caller.user_id, passkey_id):
                raise NotFound("There is no such passkey.")
            await self._changed(tx, caller)
        note_change("passkey", old.name, None)
        return await self.show(caller.user_id)

    async def overview(self) -> list[UserSecondFactors]:
        found = await self._store.overview()
        return [UserSecondFactors(user_id=user, authenticator=app, passkeys=count) for user, app, count in found]

    async def remove_all(self, caller: Caller, user_id: str) -> None:
        """For somebody who lost theirs; the own ones are removed with the password."""
        if user_id == caller.user_id:
            raise Conflict("Remove your own second factors on your account page.")
        await self._users.get(user_id)
        async with self._store.db.write() as tx:
            if not await self._store.delete_all(tx, user_id):
                raise NotFound("This person has no second factor.")
            await self._users.void_sessions(tx, user_id)
        note_change("secondFactor", True, False)

    async def _passkey(self, user_id: str, passkey_id: str) -> PasskeyRow:
        for row in await self._store.passkeys(user_id):
            if row.id == passkey_id:
                return row
        raise NotFound("There is no such passkey.")

    async def _check_not_last(self, caller: Caller, leaving: str) -> None:
        user = await self._users.get(caller.user_id)
        if not self._step.required_of(user):
            return
        kept = [row.id for row in await self._store.passkeys(user.id)]
        kept += ["totp"] if await self._store.totp(user.id) else []
        if kept == [leaving]:
            raise Conflict("Administrators need a second factor here. Set up another one before you remove this.")

    async def _changed(self, tx: Transaction, caller: Caller) -> None:
        """Every session but this one ends; this one has all rights again, if it was waiting for a second factor."""
        revision = await self._users.void_sessions(tx, caller.user_id)
        has_one = await self._store.has_any(tx, caller.user_id)
        await self._sessions.renew(tx, _session_of(caller), revision, lift=has_one)

    def _keep(self, session: str, what: str, begun: _Begun) -> None:
        self._begun.pop((session, what), None)
        self._begun[session, what] = begun
        while len(self._begun) > _MOST_BEGUN:
            self._begun.popitem(last=False)

    def _find(self, session: str, what: str) -> _Begun:
        begun = self._begun.get((session, what))
        if begun is None or begun.ends_at <= self._clock():
            raise _too_late()
        return begun


def _session_of(caller: Caller) -> str:
    """Only a person at a browser changes how they sign in: a stolen API key must not."""
    if caller.session_id is None:
        raise Forbidden("An API key cannot change how you sign in. Sign in for that.")
    return caller.session_id


def _too_late() -> Conflict:
    return Conflict("This took too long. Begin again.", code="setup_over")


def _shown(row: TotpRow) -> Authenticator:
    used = from_ms(row.last_used_at) if row.last_used_at else None
    return Authenticator(added_at=from_ms(row.added_at), last_used_at=used)


def _shown_passkey(row: PasskeyRow) -> Passkey:
    return Passkey(
        id=row.id,
        name=row.name,
        host=row.rp_id,
        added_at=from_ms(row.added_at),
        last_used_at=from_ms(row.last_used_at) if row.last_used_at else None,
    )
