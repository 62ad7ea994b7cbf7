"""Second factors: one's own, and for administrators those of others."""

from talome.accounts.factors.models import (
    PasskeyMade,
    PasskeyName,
    PasskeyQuestion,
    SecondFactors,
    TotpSetup,
    UserSecondFactors,
)
from talome.accounts.factors.own import OwnFactors
from talome.accounts.users.models import GivenSecret
from talome.core.models import Done
from talome.core.operations import Caller, operation


class FactorsApi:
    def __init__(self, factors: OwnFactors) -> None:
        self._factors = factors

    @operation("GET", "/api/auth/second-factors", scope="account:read", risk="read")
    async def show(self, caller: Caller) -> SecondFactors:
        """Show one's own second factors."""
        return await self._factors.show(caller.user_id)

    @operation("POST", "/api/auth/totp", scope="account:write", risk="modify")
    async def begin_totp(self, caller: Caller, password: GivenSecret) -> TotpSetup:
        """Begin to set up an authenticator app; it counts once `confirm_totp` got a code of it."""
        return await self._factors.begin_totp(caller, password.get_secret_value())

    @operation("POST", "/api/auth/totp/confirm", scope="account:write", risk="modify")
    async def confirm_totp(self, caller: Caller, code: GivenSecret) -> SecondFactors:
        """Finish the set-up of an authenticator app with a code that it shows; all other sessions end."""
        return await self._factors.confirm_totp(caller, code.get_secret_value())

    @operation("POST", "/api/auth/totp/remove", scope="account:write", risk="modify")
    async def remove_totp(self, caller: Caller, password: GivenSecret) -> SecondFactors:
        """Remove one's authenticator app; all other sessions end."""
        return await self._factors.remove_totp(caller, password.get_secret_value())

    @operation("POST", "/api/auth/passkeys", scope="account:write", risk="modify")
    async def begin_passkey(self, caller: Caller, password: GivenSecret) -> PasskeyQuestion:
        """Begin to add a passkey for the host name that the browser uses."""
        return await self._factors.begin_passkey(caller, password.get_secret_value())

    @operation("POST", "/api/auth/passkeys/confirm", scope="account:write", risk="modify")
    async def confirm_passkey(self, caller: Caller, name: PasskeyName, passkey: PasskeyMade) -> SecondFactors:
        """Add the passkey that the browser made; all other sessions end."""
        return await self._factors.confirm_passkey(caller, name, passkey)

    @operation("PUT", "/api/auth/passkeys/{id}", scope="account:write", risk="modify")
    async def rename_passkey(self, caller: Caller, id: str, name: PasskeyName) -> SecondFactors:
        """Give one of one's passkeys another name."""
        return await self._factors.rename_passkey(caller, id, name)

    @operation("POST", "/api/auth/passkeys/{id}/remove", scope="account:write", risk="modify")
    async def remove_passkey(self, caller: Caller, id: str, password: GivenSecret) -> SecondFactors:
        """Remove one of one's passkeys; all other sessions end."""
        return await self._factors.remove_passkey(caller, id, password.get_secret_value())

    @operation("GET", "/api/users/second-factors", scope="users:read", risk="read")
    async def overview(self, caller: Caller) -> list[UserSecondFactors]:
        """List who has which second factors; whoever has none is left out."""
        return await self._factors.overview()

    @operation("DELETE", "/api/users/{id}/second-factors", scope="users:write", risk="destructive")
    async def remove_all(self, caller: Caller, id: str) -> Done:
        """Remove all second factors of somebody who is locked out, and end the person's sessions."""
        await self._factors.remove_all(caller, id)
        return Done()
