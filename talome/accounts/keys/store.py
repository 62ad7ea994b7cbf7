"""SQL of the API keys."""

from dataclasses import asdict, dataclass

from talome.core.db import Database, Transaction


@dataclass(frozen=True, slots=True)
class KeyRow:
    """`scopes` is a JSON array, `metadata` a JSON object; times are milliseconds since 1970."""

    id: str
    user_id: str
    name: str
    prefix: str
    digest: str
    scopes: str
    workspace: str | None
    requests_per_minute: int | None
    created_at: int
    expires_at: int | None
    last_used_at: int | None
    metadata: str = "{}"
    monthly_budget_nano: int | None = None
    local_only: int = 0


class KeysStore:
    def __init__(self, db: Database) -> None:
        self.db = db

    async def add(self, tx: Transaction, row: KeyRow) -> None:
        await tx.execute(
            "INSERT INTO api_keys (id, user_id, name, prefix, digest, scopes, workspace, requests_per_minute, "
            "created_at, expires_at, last_used_at, metadata, monthly_budget_nano, local_only) VALUES (:id, :user_id, "
            ":name, :prefix, :digest, :scopes, :workspace, :requests_per_minute, :created_at, :expires_at, "
            ":last_used_at, :metadata, :monthly_budget_nano, :local_only)",
            asdict(row),
        )

    async def by_digest(self, digest: str) -> KeyRow | None:
        row = await self.db.fetch_one("SELECT * FROM api_keys WHERE digest = ?", (digest,))
        return KeyRow(**dict(row)) if row else None

    async def of_user(self, user_id: str) -> list[KeyRow]:
        rows = await self.db.fetch_all("SELECT * FROM api_keys WHERE user_id = ? ORDER BY created_at DESC", (user_id,))
        return [KeyRow(**dict(row)) for row in rows]

    async def count_in(self, tx: Transaction, user_id: str) -> int:
        row = await tx.fetch_one("SELECT COUNT(*) AS keys FROM api_keys WHERE user_id = ?", (user_id,))
        return int(row["keys"]) if row else 0

    async def by_id_in(self, tx: Transaction, key_id: str, user_id: str) -> KeyRow | None:
        row = await tx.fetch_one("SELECT * FROM api_keys WHERE id = ? AND user_id = ?", (key_id, user_id))
        return KeyRow(**dict(row)) if row else None

    async def change(self, tx: Transaction, row: KeyRow) -> None:
        await tx.execute(
            "UPDATE api_keys SET name = :name, metadata = :metadata, requests_per_minute = :requests_per_minute, "
            "monthly_budget_nano = :monthly_budget_nano, local_only = :local_only WHERE id = :id",
            asdict(row),
        )

    async def delete(self, tx: Transaction, key_id: str, user_id: str) -> bool:
        """False where it is not this user's, or not there."""
        return await tx.execute("DELETE FROM api_keys WHERE id = ? AND user_id = ?", (key_id, user_id)) == 1

    async def touch(self, tx: Transaction, used: dict[str, int]) -> None:
        await tx.execute_many(
            "UPDATE api_keys SET last_used_at = ? WHERE id = ?", [(at, key) for key, at in used.items()]
        )
