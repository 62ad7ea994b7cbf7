"""Users, for administrators."""

from talome.accounts.users.models import DisplayName, NewUserAdded, Password, Permissions, Role, User, Username
from talome.accounts.users.service import Users
from talome.core.models import Done
from talome.core.operations import Caller, operation


class UsersApi:
    def __init__(self, users: Users) -> None:
        self._users = users

    @operation("GET", "/api/users", scope="users:read", risk="read")
    async def list_(self, caller: Caller) -> list[User]:
        """List all users with their roles and rights."""
        return await self._users.list_()

    @operation("POST", "/api/users", scope="users:write", risk="modify", status=201)
    async def add(
        self,
        caller: Caller,
        username: Username,
        password: Password,
        role: Role = "member",
        display_name: DisplayName | None = None,
        permissions: Permissions | None = None,
    ) -> NewUserAdded:
        """Add a user. A member without `permissions` may look at containers and the system, and nothing more."""
        user, codes = await self._users.add(username, password.get_secret_value(), role, display_name, permissions)
        return NewUserAdded(user=user, recovery_codes=codes)

    @operation("PUT", "/api/users/{id}", scope="users:write", risk="modify")
    async def change(
        self,
        caller: Caller,
        id: str,
        role: Role | None = None,
        permissions: Permissions | None = None,
        disabled: bool | None = None,
        display_name: DisplayName | None = None,
        password: Password | None = None,
    ) -> User:
        """Change a user's role, rights, name or password, or disable the user; sessions end when rights change."""
        return await self._users.change(
            id,
            role=role,
            permissions=permissions,
            disabled=disabled,
            display_name=display_name,
            password=password.get_secret_value() if password else None,
        )

    @operation("DELETE", "/api/users/{id}", scope="users:write", risk="destructive")
    async def delete(self, caller: Caller, id: str) -> Done:
        """Delete a user, with all sessions and API keys."""
        await self._users.delete(id, by=caller.user_id)
        return Done()
