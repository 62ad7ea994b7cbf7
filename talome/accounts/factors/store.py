"""SQL of the second factors."""

from dataclasses import asdict, dataclass

from talome.core.db import Database, Transaction


@dataclass(frozen=True, slots=True)
class TotpRow:
    """`secret` is sealed, times are milliseconds since 1970."""

    user_id: str
    secret: str
    added_at: int
    last_used_at: int | None
    last_step: int


@dataclass(frozen=True, slots=True)
class PasskeyRow:
    """Binary values are base64url, times are milliseconds since 1970."""

    id: str
    user_id: str
    credential_id: str
    public_key: str
    rp_id: str
    sign_count: int
    name: str
    added_at: int
    last_used_at: int | None


class FactorsStore:
    def __init__(self, db: Database) -> None:
        self.db = db

    async def totp(self, user_id: str) -> TotpRow | None:
        row = await self.db.fetch_one("SELECT * FROM totp WHERE user_id = ?", (user_id,))
        return TotpRow(**dict(row)) if row else None

    async def passkeys(self, user_id: str) -> list[PasskeyRow]:
        rows = await self.db.fetch_all("SELECT * FROM passkeys WHERE user_id = ? ORDER BY added_at, id", (user_id,))
        return [PasskeyRow(**dict(row)) for row in rows]

    async def overview(self) -> list[tuple[str, bool, int]]:
        """User, whether there is an authenticator app, and the number of passkeys; of whoever has any."""
        rows = await self.db.fetch_all(
            "SELECT user_id, SUM(totp) AS totp, SUM(passkey) AS passkeys FROM ("
            "SELECT user_id, 1 AS totp, 0 AS passkey FROM totp UNION ALL SELECT user_id, 0, 1 FROM passkeys"
            ") GROUP BY user_id"
        )
        return [(row["user_id"], bool(row["totp"]), int(row["passkeys"])) for row in rows]

    async def has_any(self, tx: Transaction, user_id: str) -> bool:
        found = await tx.fetch_one(
            "SELECT 1 FROM totp WHERE user_id = ? UNION ALL SELECT 1 FROM passkeys WHERE user_id = ?",
            (user_id, user_id),
        )
        return found is not None

    async def put_totp(self, tx: Transaction, row: TotpRow) -> None:
        await tx.execute(
            "INSERT INTO totp (user_id, secret, added_at, last_used_at, last_step) "
            "VALUES (:user_id, :secret, :added_at, :last_used_at, :last_step) ON CONFLICT (user_id) DO UPDATE SET "
            "secret = excluded.secret, added_at = excluded.added_at, last_used_at = excluded.last_used_at, "
            "last_step = excluded.last_step",
            asdict(row),
        )

    async def use_totp(self, tx: Transaction, user_id: str, step: int, at: int) -> bool:
        """Use up the code of a period; False where it, or a later one, was used before."""
        changed = await tx.execute(
            "UPDATE totp SET last_step = ?, last_used_at = ? WHERE user_id = ? AND last_step < ?",
            (step, at, user_id, step),
        )
        return changed == 1

    async def delete_totp(self, tx: Transaction, user_id: str) -> bool:
        return await tx.execute("DELETE FROM totp WHERE user_id = ?", (user_id,)) == 1

    async def is_known(self, tx: Transaction, credential_id: str) -> bool:
        found = await tx.fetch_one("SELECT 1 FROM passkeys WHERE credential_id = ?", (credential_id,))
        return found is not None

    async def add_passkey(self, tx: Transaction, row: PasskeyRow) -> None:
        await tx.execute(
            "INSERT INTO passkeys (id, user_id, credential_id, public_key, rp_id, sign_count, name, added_at, "
            "last_used_at) VALUES (:id, :user_id, :credential_id, :public_key, :rp_id, :sign_count, :name, :added_at, "
            ":last_used_at)",
            asdict(row),
        )

    async def use_passkey(self, tx: Transaction, row: PasskeyRow, sign_count: int, at: int) -> bool:
        """Keep the counter; False where the passkey was used or removed since `row` was read."""
        changed = await tx.execute(
            "UPDATE passkeys SET sign_count = ?, last_used_at = ? WHERE id = ? AND sign_count = ?",
            (sign_count, at, row.id, row.sign_count),
        )
        return changed == 1

    async def rename_passkey(self, tx: Transaction, user_id: str, passkey_id: str, name: str) -> bool:
        changed = await tx.execute(
            "UPDATE passkeys SET name = ? WHERE id = ? AND user_id = ?", (name, passkey_id, user_id)
        )
        return changed == 1

    async def delete_passkey(self, tx: Transaction, user_id: str, passkey_id: str) -> bool:
        return await tx.execute("DELETE FROM passkeys WHERE id = ? AND user_id = ?", (passkey_id, user_id)) == 1

    @staticmethod
    async def delete_all(tx: Transaction, user_id: str) -> int:
        """Remove every second factor of a user; returns how many there were."""
        codes = await tx.execute("DELETE FROM totp WHERE user_id = ?", (user_id,))
        return codes + await tx.execute("DELETE FROM passkeys WHERE user_id = ?", (user_id,))
