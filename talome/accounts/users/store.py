"""SQL of the users."""

from dataclasses import asdict

from talome.accounts.users.models import UserRow
from talome.core.db import Database, Row, Transaction


class UsersStore:
    def __init__(self, db: Database) -> None:
        self.db = db

    async def count(self) -> int:
        row = await self.db.fetch_one("SELECT COUNT(*) FROM users")
        return int(row[0]) if row else 0

    async def count_in(self, tx: Transaction) -> int:
        row = await tx.fetch_one("SELECT COUNT(*) FROM users")
        return int(row[0]) if row else 0

    async def all(self) -> list[UserRow]:
        return [_user(row) for row in await self.db.fetch_all("SELECT * FROM users ORDER BY username_key")]

    async def by_id(self, user_id: str) -> UserRow | None:
        row = await self.db.fetch_one("SELECT * FROM users WHERE id = ?", (user_id,))
        return _user(row) if row else None

    async def by_id_in(self, tx: Transaction, user_id: str) -> UserRow | None:
        row = await tx.fetch_one("SELECT * FROM users WHERE id = ?", (user_id,))
        return _user(row) if row else None

    async def by_key(self, username_key: str) -> UserRow | None:
        row = await self.db.fetch_one("SELECT * FROM users WHERE username_key = ?", (username_key,))
        return _user(row) if row else None

    async def key_taken(self, tx: Transaction, username_key: str) -> bool:
        return await tx.fetch_one("SELECT 1 FROM users WHERE username_key = ?", (username_key,)) is not None

    async def other_admins(self, tx: Transaction, user_id: str) -> int:
        """Administrators who may sign in, besides this one."""
        row = await tx.fetch_one(
            "SELECT COUNT(*) FROM users WHERE role = 'admin' AND disabled = 0 AND id <> ?", (user_id,)
        )
        return int(row[0]) if row else 0

    async def put(self, tx: Transaction, user: UserRow) -> None:
        await tx.execute(
            "INSERT INTO users (id, username, username_key, display_name, role, permissions, password_hash, disabled, "
            "rights_revision, created_at, last_login_at) VALUES (:id, :username, :username_key, :display_name, :role, "
            ":permissions, :password_hash, :disabled, :rights_revision, :created_at, :last_login_at) "
            "ON CONFLICT (id) DO UPDATE SET display_name = excluded.display_name, role = excluded.role, "
            "permissions = excluded.permissions, password_hash = excluded.password_hash, disabled = excluded.disabled",
            asdict(user),
        )

    async def set_login(self, tx: Transaction, user_id: str, at: int) -> None:
        await tx.execute("UPDATE users SET last_login_at = ? WHERE id = ?", (at, user_id))

    async def set_password_hash(self, tx: Transaction, user_id: str, password_hash: str) -> None:
        await tx.execute("UPDATE users SET password_hash = ? WHERE id = ?", (password_hash, user_id))

    async def renew_password_hash(self, tx: Transaction, user: UserRow, password_hash: str) -> None:
        """Another hash of the same password; nothing where the password was changed meanwhile."""
        await tx.execute(
            "UPDATE users SET password_hash = ? WHERE id = ? AND password_hash = ?",
            (password_hash, user.id, user.password_hash),
        )

    async def delete(self, tx: Transaction, user_id: str) -> None:
        await tx.execute("DELETE FROM users WHERE id = ?", (user_id,))

    async def raise_revision(self, tx: Transaction, user_id: str) -> int:
        """The user's new revision (0 for a user who is gone); the common one is raised with it."""
        await tx.execute("UPDATE rights_revision SET revision = revision + 1")
        await tx.execute("UPDATE users SET rights_revision = rights_revision + 1 WHERE id = ?", (user_id,))
        row = await tx.fetch_one("SELECT rights_revision FROM users WHERE id = ?", (user_id,))
        return int(row[0]) if row else 0

    async def revision(self) -> int:
        row = await self.db.fetch_one("SELECT revision FROM rights_revision")
        return int(row[0]) if row else 0


class RecoveryCodesStore:
    """Digests only; inside the transactions of the users."""

    @staticmethod
    async def replace(tx: Transaction, user_id: str, digests: list[str]) -> None:
        await tx.execute("DELETE FROM recovery_codes WHERE user_id = ?", (user_id,))
        await tx.execute_many(
            "INSERT INTO recovery_codes (user_id, digest) VALUES (?, ?)", [(user_id, digest) for digest in digests]
        )

    @staticmethod
    async def spend(tx: Transaction, user_id: str, digest: str) -> bool:
        """Take a code away; False where it was not there."""
        return await tx.execute("DELETE FROM recovery_codes WHERE user_id = ? AND digest = ?", (user_id, digest)) == 1

    @staticmethod
    async def left(tx: Transaction, user_id: str) -> int:
        row = await tx.fetch_one("SELECT COUNT(*) FROM recovery_codes WHERE user_id = ?", (user_id,))
        return int(row[0]) if row else 0

    @staticmethod
    async def count(db: Database, user_id: str) -> int:
        row = await db.fetch_one("SELECT COUNT(*) FROM recovery_codes WHERE user_id = ?", (user_id,))
        return int(row[0]) if row else 0


def _user(row: Row) -> UserRow:
    return UserRow(**dict(row))
