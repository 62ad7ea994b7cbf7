"""Which kind of credential a token is, and who stands behind it."""

from talome.accounts.keys.service import FACES, ApiKeys
from talome.accounts.sessions.service import Sessions
from talome.core.errors import Unauthenticated
from talome.core.operations import Caller

LONGEST_TOKEN = 4096


class Credentials:
    """The `Authenticator` of the HTTP server."""

    def __init__(self, sessions: Sessions, keys: ApiKeys) -> None:
        self._sessions = sessions
        self._keys = keys

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

    async def is_current(self, caller: Caller) -> bool:
        """Whether a caller with an open stream still has the rights it began with."""
        source = self._keys if caller.key_id is not None else self._sessions
        return await source.is_current(caller)
