"""Users, their rights and their recovery codes."""

import unicodedata
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any, Final

import orjson
from pydantic.alias_generators import to_camel

from talome.accounts.users.models import Role, User, UserRow
from talome.accounts.users.passwords import Passwords
from talome.accounts.users.recovery import RecoveryCodes
from talome.accounts.users.store import UsersStore
from talome.core import ids
from talome.core.changes import HIDDEN, note_change
from talome.core.clock import from_ms, now_ms
from talome.core.db import Transaction
from talome.core.errors import Conflict, Invalid, NotFound
from talome.core.secrets import Secrets

ADMIN_ONLY_AREAS: Final = frozenset({"users", "settings", "audit", "registries", "providers"})
"""Rights over these would let a member become an administrator, or use what was entrusted to one, so nobody can give
them."""
ADMIN_ONLY_SCOPES: Final = frozenset({"terminal:host", "stores:write"})
"""Single rights that are as good as being an administrator."""
OWN_SCOPES: Final = frozenset({"account:*", "notifications:*", "search:read"})
"""What everyone may do, since it is about nobody but themselves, or shows only what other rights let them see."""
DEFAULT_PERMISSIONS: Final = (
    *("apps:read", "containers:read", "jobs:read", "system:read"),
    *("gateway:read", "gateway:use", "gateway:write"),
    *("files:read", "files:write"),
)


@dataclass(frozen=True, slots=True)
class RightsChanged:
    """What this user may do changed, or the password did. None: another process changed it for somebody."""

    user_id: str | None


def fold_username(username: str) -> str:
    """One spelling for look-ups: compatibility forms and case do not make another person."""
    return unicodedata.normalize("NFKC", username).strip().casefold()


def scopes_of(row: UserRow) -> frozenset[str]:
    """What the user may do: everything for an administrator, else what was given, and always what is their own."""
    if row.role == "admin":
        return frozenset({"*"})
    return frozenset(orjson.loads(row.permissions)) | OWN_SCOPES


def shown(row: UserRow) -> User:
    return User(
        id=row.id,
        username=row.username,
        display_name=row.display_name,
        role="admin" if row.role == "admin" else "member",
        permissions=orjson.loads(row.permissions),
        scopes=sorted(scopes_of(row)),
        disabled=bool(row.disabled),
        created_at=from_ms(row.created_at),
        last_login_at=from_ms(row.last_login_at) if row.last_login_at else None,
    )


class Users:
    """`known_scopes` gives the scopes of all registered operations; a permission must be one of them."""

    def __init__(
        self,
        store: UsersStore,
        passwords: Passwords,
        secrets: Secrets,
        known_scopes: Callable[[], frozenset[str]],
    ) -> None:
        self.store = store
        self._passwords = passwords
        self.codes = RecoveryCodes(store.db, secrets)
        self._known_scopes = known_scopes

    @property
    def passwords(self) -> Passwords:
        """Slow hashes, for other passwords too: two at a time in the whole house."""
        return self._passwords

    async def list_(self) -> list[User]:
        return [shown(row) for row in await self.store.all()]

    async def get(self, user_id: str) -> UserRow:
        row = await self.store.by_id(user_id)
        if row is None:
            raise NotFound("There is no such user.")
        return row

    async def find(self, username: str) -> UserRow | None:
        return await self.store.by_key(fold_username(username))

    async def find_by_id(self, user_id: str) -> UserRow | None:
        return await self.store.by_id(user_id)

    async def verify(self, row: UserRow | None, password: str) -> bool:
        """Whether the password is right; for nobody it takes as long and is wrong. Renews an outdated hash."""
        right = await self._passwords.verify(password, row.password_hash if row else None)
        if row is not None and right and self._passwords.is_outdated(row.password_hash):
            renewed = await self._passwords.hash(password)
            async with self.store.db.write() as tx:
                await self.store.renew_password_hash(tx, row, renewed)
        return right

    async def note_login(self, tx: Transaction, user_id: str, at: int) -> None:
        await self.store.set_login(tx, user_id, at)

    async def none_yet(self) -> bool:
        return await self.store.count() == 0

    async def add_first_admin(self, username: str, password: str) -> tuple[UserRow, list[str]]:
        """The administrator of a fresh installation; `Conflict` where somebody was quicker."""
        row = await self._new_row(username, password, "admin", None, [])
        return row, await self._insert(row, only_first=True)

    async def add(
        self, username: str, password: str, role: Role, display_name: str | None, permissions: list[str] | None
    ) -> tuple[User, list[str]]:
        """A further user and the recovery codes, which are shown this once."""
        given = list(DEFAULT_PERMISSIONS) if permissions is None else permissions
        row = await self._new_row(username, password, role, display_name, self._checked(given, role))
        return shown(row), await self._insert(row, only_first=False)

    async def _new_row(
        self, username: str, password: str, role: Role, display_name: str | None, permissions: list[str]
    ) -> UserRow:
        return UserRow(
            id=ids.new_id("usr"),
            username=username,
            username_key=fold_username(username),
            display_name=display_name,
            role=role,
            permissions=orjson.dumps(permissions).decode(),
            password_hash=await self._passwords.hash(password),
            disabled=0,
            rights_revision=0,
            created_at=now_ms(),
            last_login_at=None,
        )

    async def _insert(self, row: UserRow, *, only_first: bool) -> list[str]:
        async with self.store.db.write() as tx:
            if only_first and await self.store.count_in(tx) > 0:
                raise Conflict("This Talome has an administrator already. Sign in instead.")
            if await self.store.key_taken(tx, row.username_key):
                raise Conflict("This user name is taken.", field="username")
            await self.store.put(tx, row)
            return await self.codes.renew(tx, row.id)

    def _checked(self, permissions: list[str], role: Role) -> list[str]:
        if role == "admin":
            return []
        known = self._known_scopes()
        for permission in permissions:
            area = permission.partition(":")[0]
            if area in ADMIN_ONLY_AREAS or permission in ADMIN_ONLY_SCOPES or permission not in known:
                raise Invalid(f"“{permission}” is not a right that can be given.", field="permissions")
        return sorted(set(permissions))

    async def change(self, user_id: str, **values: Any) -> User:
        """Change role, permissions, disabled, display_name or password; all but the name end the user's sessions."""
        row = await self.get(user_id)
        changes = {name: value for name, value in values.items() if value is not None}
        if not changes:
            raise Invalid("There is nothing to change.", field="body")
        role: Role = changes.get("role", row.role)
        if "permissions" in changes or "role" in changes:
            given = changes.get("permissions", orjson.loads(row.permissions) or list(DEFAULT_PERMISSIONS))
            changes["permissions"] = orjson.dumps(self._checked(given, role)).decode()
        if "password" in changes:
            changes["password_hash"] = await self._passwords.hash(changes.pop("password"))
        if "disabled" in changes:
            changes["disabled"] = int(changes["disabled"])
        async with self.store.db.write() as tx:
            row = await self._as_now(tx, user_id)  # others may have changed it while the password was hashed
            new = replace(row, **changes)
            if row.role == "admin" and (new.role != "admin" or new.disabled):
                await self._keep_an_admin(tx, row)
            await self.store.put(tx, new)
            if set(changes) - {"display_name"}:
                await self.void_sessions(tx, user_id)
        _note_changes(row, new)
        return shown(new)

    async def _as_now(self, tx: Transaction, user_id: str) -> UserRow:
        row = await self.store.by_id_in(tx, user_id)
        if row is None:
            raise NotFound("There is no such user.")
        return row

    async def delete(self, user_id: str, *, by: str) -> None:
        if user_id == by:
            raise Conflict("You cannot delete yourself. Another administrator can.")
        async with self.store.db.write() as tx:
            row = await self._as_now(tx, user_id)
            if row.role == "admin":
                await self._keep_an_admin(tx, row)
            await self.store.delete(tx, user_id)
            await self.void_sessions(tx, user_id)

    async def _keep_an_admin(self, tx: Transaction, row: UserRow) -> None:
        if await self.store.other_admins(tx, row.id) == 0:
            raise Conflict("This is the last administrator who can sign in. Make somebody else administrator first.")

    async def void_sessions(self, tx: Transaction, user_id: str) -> int:
        """Make every session of the user worthless; the event follows the commit. Returns the new revision."""
        tx.emit(RightsChanged(user_id))
        return await self.store.raise_revision(tx, user_id)

    async def set_password(
        self, user_id: str, password: str, keep: Callable[[Transaction, int], Awaitable[None]]
    ) -> None:
        """A new password ends every session but those that `keep` lifts to the new revision, within the transaction."""
        password_hash = await self._passwords.hash(password)
        async with self.store.db.write() as tx:
            await self.store.set_password_hash(tx, user_id, password_hash)
            await keep(tx, await self.void_sessions(tx, user_id))

    async def recover(self, username: str, code: str, password: str) -> tuple[UserRow, int] | None:
        """Spend a recovery code for a new password: the user and the codes left, None where either is wrong."""
        row = await self.store.by_key(fold_username(username))
        password_hash = await self._passwords.hash(password)  # before the look-up shows in the time it takes
        if row is None or row.disabled:
            return None
        async with self.store.db.write() as tx:
            if not await self.codes.spend(tx, row.id, code):
                return None
            await self.store.set_password_hash(tx, row.id, password_hash)
            revision = await self.void_sessions(tx, row.id)
            return replace(row, rights_revision=revision), await self.codes.left(tx, row.id)


def _note_changes(old: UserRow, new: UserRow) -> None:
    for name in ("role", "display_name"):
        note_change(to_camel(name), getattr(old, name), getattr(new, name))
    note_change("permissions", orjson.loads(old.permissions), orjson.loads(new.permissions))
    note_change("disabled", bool(old.disabled), bool(new.disabled))
    if old.password_hash != new.password_hash:
        note_change("password", HIDDEN, HIDDEN)
