"""One's own API keys."""

from typing import Annotated

from pydantic import Field

from talome.accounts.keys.models import ApiKey, KeyScopes, NewApiKey
from talome.accounts.keys.service import ApiKeys
from talome.core.models import Done
from talome.core.operations import Caller, operation


class KeysApi:
    def __init__(self, keys: ApiKeys) -> None:
        self._keys = keys

    @operation("GET", "/api/keys", scope="account:read", risk="read")
    async def list_(self, caller: Caller) -> list[ApiKey]:
        """List one's own API keys; their secret parts are not kept."""
        return await self._keys.of_user(caller.user_id)

    @operation("POST", "/api/keys", scope="account:write", risk="modify", status=201)
    async def add(
        self,
        caller: Caller,
        name: Annotated[str, Field(min_length=1, max_length=100)],
        scopes: KeyScopes,
        expires_in_days: Annotated[int, Field(ge=1, le=3650)] | None = None,
        requests_per_minute: Annotated[int, Field(ge=1, le=100_000)] | None = None,
    ) -> NewApiKey:
        """Make an API key with some of one's own rights; the answer shows it this once."""
        return await self._keys.add(caller, name, scopes, expires_in_days, requests_per_minute)

    @operation("DELETE", "/api/keys/{id}", scope="account:write", risk="modify")
    async def delete(self, caller: Caller, id: str) -> Done:
        """Delete an API key; whatever uses it is refused from then on."""
        await self._keys.delete(caller, id)
        return Done()
