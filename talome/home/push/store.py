"""SQL of the push subscriptions."""

from dataclasses import asdict, dataclass

from talome.core.db import Database, Row, Transaction


@dataclass(frozen=True, slots=True)
class SubscriptionRow:
    """`sealed` is JSON of endpoint and keys; times are milliseconds since 1970."""

    id: str
    user_id: str
    digest: str
    sealed: str
    device: str
    everything: int
    created_at: int
    last_used_at: int | None


class PushStore:
    def __init__(self, db: Database) -> None:
        self.db = db

    async def key(self, id: str) -> str | None:
        row = await self.db.fetch_one("SELECT sealed FROM push_keys WHERE id = ?", (id,))
        return row["sealed"] if row else None

    async def replace_key(self, tx: Transaction, id: str, sealed: str, at: int) -> None:
        """Subscriptions belong to the key that they were made with, so they go."""
        await tx.execute(
            "INSERT INTO push_keys (id, sealed, created_at) VALUES (?, ?, ?) "
            "ON CONFLICT (id) DO UPDATE SET sealed = excluded.sealed, created_at = excluded.created_at",
            (id, sealed, at),
        )
        await tx.execute("DELETE FROM push_subscriptions")

    async def of_user(self, user_id: str) -> list[SubscriptionRow]:
        """The latest first."""
        rows = await self.db.fetch_all(
            "SELECT * FROM push_subscriptions WHERE user_id = ? ORDER BY created_at DESC, id DESC", (user_id,)
        )
        return [_subscription(row) for row in rows]

    async def get(self, id: str) -> SubscriptionRow | None:
        row = await self.db.fetch_one("SELECT * FROM push_subscriptions WHERE id = ?", (id,))
        return _subscription(row) if row else None

    async def by_digest(self, tx: Transaction, digest: str) -> SubscriptionRow | None:
        row = await tx.fetch_one("SELECT * FROM push_subscriptions WHERE digest = ?", (digest,))
        return _subscription(row) if row else None

    async def put(self, tx: Transaction, row: SubscriptionRow) -> None:
        await tx.execute(
            "INSERT INTO push_subscriptions (id, user_id, digest, sealed, device, everything, created_at, "
            "last_used_at) VALUES (:id, :user_id, :digest, :sealed, :device, :everything, :created_at, :last_used_at) "
            "ON CONFLICT (digest) DO UPDATE SET sealed = excluded.sealed, device = excluded.device, "
            "everything = excluded.everything",
            asdict(row),
        )

    async def keep_latest(self, tx: Transaction, user_id: str, most: int) -> None:
        await tx.execute(
            "DELETE FROM push_subscriptions WHERE id IN (SELECT id FROM push_subscriptions WHERE user_id = ? "
            "ORDER BY COALESCE(last_used_at, created_at) DESC LIMIT -1 OFFSET ?)",
            (user_id, most),
        )

    async def delete(self, tx: Transaction, user_id: str, *, id: str | None = None, digest: str | None = None) -> bool:
        """False where there is no such one, or it is somebody else's."""
        return (
            await tx.execute(
                "DELETE FROM push_subscriptions WHERE user_id = ? AND (id = ? OR digest = ?)", (user_id, id, digest)
            )
            > 0
        )

    async def note_use(self, tx: Transaction, id: str, at: int) -> None:
        await tx.execute("UPDATE push_subscriptions SET last_used_at = ? WHERE id = ?", (at, id))


def _subscription(row: Row) -> SubscriptionRow:
    return SubscriptionRow(**dict(row))
