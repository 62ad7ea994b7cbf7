"""SQL of the sessions."""

from dataclasses import asdict, dataclass

from talome.core.db import Database, Transaction


@dataclass(frozen=True, slots=True)
class SessionRow:
    """Times are milliseconds since 1970."""

    id: str
    user_id: str
    rights_revision: int
    created_at: int
    last_seen_at: int
    expires_at: int
    ip: str
    user_agent: str
    limited: int


class SessionsStore:
    def __init__(self, db: Database) -> None:
        self.db = db

    async def add(self, tx: Transaction, row: SessionRow) -> None:
        await tx.execute(
            "INSERT INTO sessions (id, user_id, rights_revision, created_at, last_seen_at, expires_at, ip, user_agent, "
            "limited) VALUES (:id, :user_id, :rights_revision, :created_at, :last_seen_at, :expires_at, :ip, "
            ":user_agent, :limited)",
            asdict(row),
        )

    async def get(self, session_id: str) -> SessionRow | None:
        row = await self.db.fetch_one("SELECT * FROM sessions WHERE id = ?", (session_id,))
        return SessionRow(**dict(row)) if row else None

    async def of_user(self, user_id: str, rights_revision: int, now: int) -> list[SessionRow]:
        rows = await self.db.fetch_all(
            "SELECT * FROM sessions WHERE user_id = ? AND rights_revision = ? AND expires_at > ? "
            "ORDER BY last_seen_at DESC",
            (user_id, rights_revision, now),
        )
        return [SessionRow(**dict(row)) for row in rows]

    async def touch(self, tx: Transaction, seen: dict[str, int]) -> None:
        await tx.execute_many(
            "UPDATE sessions SET last_seen_at = ? WHERE id = ?", [(at, session) for session, at in seen.items()]
        )

    async def delete(self, tx: Transaction, session_id: str, user_id: str) -> bool:
        """End one session of a user; False where it is not theirs, or not there."""
        return await tx.execute("DELETE FROM sessions WHERE id = ? AND user_id = ?", (session_id, user_id)) == 1

    async def delete_all(self, tx: Transaction, user_id: str, keep: str) -> list[str]:
        """End every session of a user but the one to keep; returns which."""
        rows = await tx.fetch_all("SELECT id FROM sessions WHERE user_id = ? AND id <> ?", (user_id, keep))
        await tx.execute("DELETE FROM sessions WHERE user_id = ? AND id <> ?", (user_id, keep))
        return [row["id"] for row in rows]

    async def renew(self, tx: Transaction, session_id: str, rights_revision: int) -> None:
        """From the revision before to this one: a session that was void already stays so."""
        await tx.execute(
            "UPDATE sessions SET rights_revision = ? WHERE id = ? AND rights_revision = ? - 1",
            (rights_revision, session_id, rights_revision),
        )

    async def lift(self, tx: Transaction, session_id: str) -> None:
        await tx.execute("UPDATE sessions SET limited = 0 WHERE id = ?", (session_id,))

    async def delete_expired(self, tx: Transaction, now: int) -> None:
        await tx.execute("DELETE FROM sessions WHERE expires_at <= ?", (now,))
