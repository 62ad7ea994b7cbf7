"""Signing in and out, and one's own sessions."""

from talome import __version__
from talome.accounts.auth.models import GivenName, RecoveryCodes, Setup, SignedIn, SignedOut
from talome.accounts.auth.service import Auth
from talome.accounts.auth.setup import SetupCode
from talome.accounts.factors.models import PasskeyAnswer
from talome.accounts.sessions.models import Session, SessionsEnded
from talome.accounts.users.models import GivenSecret, Password, User
from talome.accounts.users.service import Users
from talome.core.models import Done
from talome.core.operations import PUBLIC, Caller, operation


class SetupApi:
    def __init__(self, users: Users, setup_code: SetupCode) -> None:
        self._users = users
        self._setup_code = setup_code

    @operation("GET", "/api/setup", scope=PUBLIC, risk="read")
    async def show(self, caller: Caller) -> Setup:
        """Tell whether the first administrator is still to be made."""
        needs_admin = await self._users.none_yet()
        needs_code = needs_admin and self._setup_code.needed_for(caller.client)
        return Setup(needs_admin=needs_admin, needs_setup_code=needs_code, version=__version__)


class AuthApi:
    def __init__(self, auth: Auth) -> None:
        self._auth = auth

    @operation("POST", "/api/auth/login", scope=PUBLIC, risk="modify")
    async def login(
        self, caller: Caller, username: GivenName, password: GivenSecret, setup_code: GivenSecret | None = None
    ) -> SignedIn:
        """Sign in. On a fresh box this makes the administrator: from the box itself, or with the setup code."""
        code = setup_code.get_secret_value() if setup_code else None
        return await self._auth.login(username, password.get_secret_value(), code, caller.client)

    @operation("POST", "/api/auth/second-factor", scope=PUBLIC, risk="modify")
    async def second_factor(
        self,
        caller: Caller,
        ticket: GivenSecret,
        code: GivenSecret | None = None,
        passkey: PasskeyAnswer | None = None,
        recovery_code: GivenSecret | None = None,
    ) -> SignedIn:
        """Finish a sign-in that was answered `second_factor_needed`, with its ticket and one of the three."""
        return await self._auth.second_factor(
            ticket.get_secret_value(),
            code.get_secret_value() if code else None,
            passkey,
            recovery_code.get_secret_value() if recovery_code else None,
            caller.client,
        )

    @operation("POST", "/api/auth/recover", scope=PUBLIC, risk="modify")
    async def recover(
        self, caller: Caller, username: GivenName, recovery_code: GivenSecret, new_password: Password
    ) -> SignedIn:
        """Set a new password with a recovery code, which is then spent, and sign in; a second factor stays in force."""
        return await self._auth.recover(username, recovery_code.get_secret_value(), new_password, caller.client)

    @operation("POST", "/api/auth/logout", scope="account:write", risk="modify")
    async def logout(self, caller: Caller) -> SignedOut:
        """End this session and clear its cookie."""
        await self._auth.logout(caller)
        return SignedOut()

    @operation("GET", "/api/auth/me", scope="account:read", risk="read")
    async def me(self, caller: Caller) -> User:
        """Show the signed-in person with all rights that follow from role and permissions."""
        return await self._auth.me(caller)

    @operation("POST", "/api/auth/password", scope="account:write", risk="modify")
    async def password(self, caller: Caller, current_password: GivenSecret, new_password: Password) -> Done:
        """Change one's own password; all other sessions end."""
        await self._auth.change_password(caller, current_password.get_secret_value(), new_password.get_secret_value())
        return Done()

    @operation("POST", "/api/auth/recovery-codes", scope="account:write", risk="modify")
    async def recovery_codes(self, caller: Caller, password: GivenSecret) -> RecoveryCodes:
        """Make new recovery codes; the old ones are void."""
        return RecoveryCodes(recovery_codes=await self._auth.new_recovery_codes(caller, password.get_secret_value()))

    @operation("GET", "/api/auth/sessions", scope="account:read", risk="read")
    async def sessions(self, caller: Caller) -> list[Session]:
        """List one's own sessions, the latest used first."""
        return await self._auth.sessions(caller)

    @operation("DELETE", "/api/auth/sessions", scope="account:write", risk="modify")
    async def end_other_sessions(self, caller: Caller) -> SessionsEnded:
        """End all of one's own sessions but this one."""
        return SessionsEnded(ended=await self._auth.end_other_sessions(caller))

    @operation("DELETE", "/api/auth/sessions/{id}", scope="account:write", risk="modify")
    async def end_session(self, caller: Caller, id: str) -> Done:
        """End one of one's own sessions."""
        await self._auth.end_session(caller, id)
        return Done()
