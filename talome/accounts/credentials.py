"""Which kind of credential a token is, and who stands behind it."""

from talome.accounts.keys.service import FACES, ApiKeys
from talome.accounts.sessions.service import Sessions
from talome.accounts.throttle import Throttle
from talome.accounts.users.service import fold_username
from talome.core.errors import Unauthenticated
from talome.core.operations import Caller

LONGEST_TOKEN = 4096


class Credentials:
    """The `Authenticator` of the HTTP server."""

    def __init__(self, sessions: Sessions, keys: ApiKeys, throttle: Throttle) -> None:
        self._sessions = sessions
        self._keys = keys
        self._throttle = throttle

    async def authenticate(self, token: str) -> Caller:
        """The caller of a session token or an API key, or `Unauthenticated`."""
        if len(token) > LONGEST_TOKEN or not token.isascii():
            raise Unauthenticated("This is no token of Talome.")
        if token.startswith(FACES):
            return await self._keys.authenticate(token)
        return await self._sessions.authenticate(token)

    async def authenticate_cookie(self, cookie: str, proof: str) -> Caller:
        """The caller of a session's cookie, or `Unauthenticated`."""
        if len(cookie) > LONGEST_TOKEN or not cookie.isascii():
            raise Unauthenticated("This is no token of Talome.")
        return await self._sessions.authenticate_cookie(cookie, proof)

    async def authenticate_basic(self, name: str, password: str, ip: str) -> Caller:
        """The caller of an API key that is given as the password of its owner's name; never a person's own password,
        which would open far more than files. Wrong tries are delayed, right ones beside each other are not."""
        self._throttle.check(ip, f"basic {name}")
        try:
            if len(password) > LONGEST_TOKEN or not password.isascii() or not password.startswith(FACES):
                raise Unauthenticated("Use an API key as the password; Settings has them.")
            caller = await self._keys.authenticate(password)
            if fold_username(name) != fold_username(caller.name):
                raise Unauthenticated("The user name is not that of the owner of the API key.")
        except Unauthenticated:
            self._throttle.failed(ip, f"basic {name}")
            raise
        return caller

    async def is_current(self, caller: Caller) -> bool:
        """Whether a caller with an open stream still has the rights it began with; a stranger has none to lose."""
        if caller.kind == "anonymous":
            return True
        source = self._keys if caller.key_id is not None else self._sessions
        return await source.is_current(caller)
