"""Signing in and out, recovery, and the first administrator."""

from pydantic import SecretStr

from talome.accounts.auth.models import SignedIn
from talome.accounts.auth.setup import SetupCode
from talome.accounts.confirmation import Confirmation
from talome.accounts.factors.models import PasskeyAnswer
from talome.accounts.factors.service import Proof, SecondStep
from talome.accounts.sessions.models import Session
from talome.accounts.sessions.service import Sessions
from talome.accounts.throttle import Throttle
from talome.accounts.users.models import User, UserRow
from talome.accounts.users.service import Users, fold_username, shown
from talome.core.changes import note_change
from talome.core.clock import from_ms
from talome.core.db import Transaction
from talome.core.errors import Invalid, Unauthenticated
from talome.core.operations import Caller, Client

_SHORTEST_PASSWORD = 8
_SHORTEST_NAME = 2


class Auth:
    def __init__(
        self,
        users: Users,
        sessions: Sessions,
        throttle: Throttle,
        *,
        confirmation: Confirmation,
        second_step: SecondStep,
        setup_code: SetupCode,
    ) -> None:
        self._users = users
        self._sessions = sessions
        self._throttle = throttle
        self._confirmation = confirmation
        self._second_step = second_step
        self._setup_code = setup_code

    async def login(self, username: str, password: str, setup_code: str | None, client: Client) -> SignedIn:
        """A session for the right name and password, or the demand for a second factor; on a fresh box this makes the
        administrator."""
        folded = fold_username(username)
        self._throttle.attempt(client.ip, folded)
        if await self._users.none_yet():
            return await self._first_login(username, password, setup_code, client)
        row = await self._users.find(username)
        right = await self._users.verify(row, password)
        if row is None or not right or row.disabled:
            raise Unauthenticated("The user name or the password is wrong.", code="wrong_credentials")
        self._throttle.succeeded(client.ip, folded)
        await self._second_step.demand(row, client, "The password is right. Now comes the second step.")
        return await self._signed_in(row, client)

    async def second_factor(
        self, ticket: str, code: str | None, passkey: PasskeyAnswer | None, recovery_code: str | None, client: Client
    ) -> SignedIn:
        """A session for whoever has the ticket of a right password, and one proof beside it."""
        if sum(given is not None for given in (code, passkey, recovery_code)) != 1:
            raise Invalid("Give one of “code”, “passkey” and “recoveryCode”.", field="code")
        row = await self._second_step.take(ticket, Proof(code, passkey, recovery_code), client)
        note_change("signedIn", None, row.username)
        left = await self._users.codes.count(row.id) if recovery_code is not None else None
        return await self._signed_in(row, client, recovery_codes_left=left)

    async def _first_login(self, username: str, password: str, setup_code: str | None, client: Client) -> SignedIn:
        await self._setup_code.check(setup_code, client)
        self._throttle.succeeded(client.ip, fold_username(username))
        if len(password) < _SHORTEST_PASSWORD:
            raise Invalid(f"The password needs at least {_SHORTEST_PASSWORD} characters.", field="password")
        if not _SHORTEST_NAME <= len(username) <= 64 or not all(part.isalnum() or part in "._@-" for part in username):
            raise Invalid("A user name has 2 to 64 letters, digits or any of “.”, “_”, “@”, “-”.", field="username")
        row, codes = await self._users.add_first_admin(username, password)
        self._setup_code.forget()
        return await self._signed_in(row, client, setup=True, recovery_codes=codes)

    async def _signed_in(
        self,
        row: UserRow,
        client: Client,
        *,
        setup: bool = False,
        recovery_codes: list[str] | None = None,
        recovery_codes_left: int | None = None,
    ) -> SignedIn:
        """`row` as it was when its owner was proven: a session of older rights is worth nothing."""
        due = await self._second_step.is_missing(row)
        session = await self._sessions.open(row, client, limited=due)
        return SignedIn(
            token=session.token,
            proof=session.proof,
            expires_at=from_ms(session.expires_at),
            setup=setup,
            user=shown(await self._users.get(row.id)),
            recovery_codes=recovery_codes,
            recovery_codes_left=recovery_codes_left,
            second_factor_due=due,
        ).with_cookie(session.cookie, secure=client.secure)

    async def recover(self, username: str, code: str, new_password: SecretStr, client: Client) -> SignedIn:
        """A recovery code buys a new password, once; every other session of the user ends. It does not stand for the
        second factor too: that is asked for next, and takes a second code."""
        folded = fold_username(username)
        self._throttle.attempt(client.ip, folded)
        found = await self._users.recover(username, code, new_password.get_secret_value())
        if found is None:
            raise Unauthenticated("The user name or the recovery code is wrong.", code="wrong_credentials")
        self._throttle.succeeded(client.ip, folded)
        row, left = found
        await self._second_step.demand(row, client, "Your new password is set. Now comes the second step.")
        return await self._signed_in(row, client, recovery_codes_left=left)

    async def change_password(self, caller: Caller, current: str, new: str) -> None:
        """The session that asks stays; all others of the user end."""
        await self._confirmation.password(caller, current, field="currentPassword")

        async def keep(tx: Transaction, revision: int) -> None:
            if caller.session_id is not None:
                await self._sessions.renew(tx, caller.session_id, revision)

        await self._users.set_password(caller.user_id, new, keep)

    async def new_recovery_codes(self, caller: Caller, password: str) -> list[str]:
        await self._confirmation.password(caller, password)
        async with self._users.store.db.write() as tx:
            return await self._users.codes.renew(tx, caller.user_id)

    async def me(self, caller: Caller) -> User:
        """The caller as a person. A session may hold fewer rights than its owner."""
        user = shown(await self._users.get(caller.user_id))
        return user.model_copy(update={"scopes": sorted(caller.scopes)}) if caller.session_id else user

    async def logout(self, caller: Caller) -> None:
        if caller.session_id is None:
            raise Invalid("An API key has no session to end. Delete the key instead.")
        await self._sessions.end(caller.session_id, caller.user_id)

    async def sessions(self, caller: Caller) -> list[Session]:
        return await self._sessions.of_user(caller.user_id, current=caller.session_id)

    async def end_other_sessions(self, caller: Caller) -> int:
        return await self._sessions.end_all(caller.user_id, keep=caller.session_id)

    async def end_session(self, caller: Caller, session_id: str) -> None:
        await self._sessions.end(session_id, caller.user_id)
