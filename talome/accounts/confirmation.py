"""Whether the person at the keyboard is the one: what is behind a password must not be open to a borrowed session."""

from talome.accounts.throttle import Throttle
from talome.accounts.users.service import Users
from talome.core.errors import Forbidden
from talome.core.operations import Caller


class Confirmation:
    def __init__(self, users: Users, throttle: Throttle) -> None:
        self._users = users
        self._throttle = throttle

    async def password(self, caller: Caller, password: str, *, field: str = "password") -> None:
        """Raise `Forbidden` unless it is the caller's password; guesses are delayed as at the sign-in."""
        self._throttle.attempt(caller.client.ip, caller.user_id)
        row = await self._users.get(caller.user_id)
        if not await self._users.verify(row, password):
            raise Forbidden("The current password is wrong.", code="wrong_credentials", field=field)
        self._throttle.succeeded(caller.client.ip, caller.user_id)
