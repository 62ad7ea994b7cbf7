"""One's own API keys."""

from typing import Annotated

from pydantic import Field

from talome.accounts.keys.models import (
    ApiKey,
    KeyGone,
    KeyName,
    KeyScopes,
    NewApiKey,
    NewRuntimeKey,
    RequestsPerMinute,
    RuntimeKey,
    RuntimeKeyChange,
    RuntimeKeyList,
)
from talome.accounts.keys.runtime import RuntimeKeys
from talome.accounts.keys.service import ApiKeys
from talome.accounts.workspaces.models import BudgetUsd, Metadata, Name, Slug
from talome.accounts.workspaces.service import to_nano
from talome.core.models import Done
from talome.core.operations import Caller, KeyTerms, WholeBody, operation


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
        name: KeyName,
        scopes: KeyScopes,
        expires_in_days: Annotated[int, Field(ge=1, le=3650)] | None = None,
        requests_per_minute: RequestsPerMinute | None = None,
    ) -> NewApiKey:
        """Make an API key with some of one's own rights; the answer shows it this once."""
        return await self._keys.add(caller, name, scopes, expires_in_days, requests_per_minute)

    @operation("DELETE", "/api/keys/{id}", scope="account:write", risk="modify")
    async def delete(self, caller: Caller, id: str) -> Done:
        """Delete an API key; whatever uses it is refused from then on."""
        await self._keys.delete(caller, id)
        return Done()


class RuntimeKeysApi:
    """Keys for the gateway, as the clients of `/v1` know them."""

    def __init__(self, keys: RuntimeKeys) -> None:
        self._keys = keys

    @operation("GET", "/v1/keys", scope="gateway:read", risk="read")
    async def list_(self, caller: Caller) -> RuntimeKeyList:
        """List one's own keys for the gateway with their budgets; secrets are never returned."""
        return await self._keys.list_(caller)

    @operation("POST", "/v1/keys", scope="gateway:write", risk="modify", status=201)
    async def add(
        self,
        caller: Caller,
        name: KeyName = "key",
        metadata: Metadata | None = None,
        workspace_id: Slug | None = None,
        workspace_name: Name | None = None,
        monthly_budget_usd: BudgetUsd | None = None,
        requests_per_minute: RequestsPerMinute | None = None,
        local_only: bool = False,
    ) -> NewRuntimeKey:
        """Make a key for the gateway, shown this once; a `workspace_name` also makes a missing workspace."""
        budget = None if monthly_budget_usd is None else to_nano(monthly_budget_usd)
        terms = KeyTerms(requests_per_minute, budget, local_only)
        return await self._keys.add(caller, name, metadata or {}, (workspace_id, workspace_name), terms)

    @operation("PATCH", "/v1/keys/{id}", scope="gateway:write", risk="modify")
    async def change(self, caller: Caller, id: str, change: Annotated[RuntimeKeyChange, WholeBody()]) -> RuntimeKey:
        """Change what is named of a key for the gateway; null takes a budget or a rate away."""
        return await self._keys.change(caller, id, change)

    @operation("DELETE", "/v1/keys/{id}", scope="gateway:write", risk="modify")
    async def delete(self, caller: Caller, id: str) -> KeyGone:
        """Revoke a key for the gateway, at once."""
        return await self._keys.delete(caller, id)
