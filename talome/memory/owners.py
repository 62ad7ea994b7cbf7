"""Whose something is, while they are away: what is done for them later is done with the rights that they have then."""

from typing import Literal

from talome.accounts.users.service import Users, scopes_of
from talome.core.operations import Caller


class Owners:
    def __init__(self, users: Users) -> None:
        self._users = users

    async def caller(
        self,
        user_id: str,
        kind: Literal["user", "key"] = "user",
        key_id: str | None = None,
        workspace: str | None = None,
    ) -> Caller | None:
        """The person as a caller of the memory and of nothing else; None once they are gone, or may not read it."""
        row = await self._users.find_by_id(user_id)
        if row is None or row.disabled:
            return None
        whole = Caller(row.id, row.username, kind, scopes_of(row))
        scopes = frozenset(scope for scope in ("memory:read", "memory:write") if whole.may(scope))
        if not scopes:
            return None
        return Caller(row.id, row.username, kind, scopes, key_id=key_id, workspace=workspace)

    async def exists(self, user_id: str) -> bool:
        return await self._users.find_by_id(user_id) is not None
