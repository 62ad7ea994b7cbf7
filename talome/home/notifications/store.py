"""SQL of the notifications."""

from dataclasses import asdict, dataclass

from talome.core.db import Database, Row, Transaction


@dataclass(frozen=True, slots=True)
class NotificationRow:
    """Times are milliseconds since 1970."""

    id: str
    user_id: str
    key: str
    source: str
    level: str
    title: str
    body: str
    link: str | None
    count: int
    at: int
    told_at: int
    read_at: int | None


class NotificationsStore:
    def __init__(self, db: Database) -> None:
        self.db = db

    async def latest_of(self, tx: Transaction, user_id: str, key: str, since: int) -> NotificationRow | None:
        """The newest about this, if it is not older than `since`."""
        row = await tx.fetch_one(
            "SELECT * FROM notifications WHERE user_id = ? AND key = ? AND at >= ? ORDER BY at DESC LIMIT 1",
            (user_id, key, since),
        )
        return _notification(row) if row else None

    async def put(self, tx: Transaction, row: NotificationRow) -> None:
        await tx.execute(
            "INSERT INTO notifications (id, user_id, key, source, level, title, body, link, count, at, told_at, "
            "read_at) VALUES (:id, :user_id, :key, :source, :level, :title, :body, :link, :count, :at, :told_at, "
            ":read_at) ON CONFLICT (id) DO UPDATE SET level = excluded.level, title = excluded.title, "
            "body = excluded.body, link = excluded.link, count = excluded.count, at = excluded.at, "
            "told_at = excluded.told_at, read_at = excluded.read_at",
            asdict(row),
        )

    async def forget(self, tx: Transaction, user_id: str, before: int, most: int) -> None:
        """Whatever is older than `before`, and all but the newest `most` of this person."""
        await tx.execute("DELETE FROM notifications WHERE user_id = ? AND at < ?", (user_id, before))
        await tx.execute(
            "DELETE FROM notifications WHERE id IN (SELECT id FROM notifications WHERE user_id = ? "
            "ORDER BY at DESC, id DESC LIMIT -1 OFFSET ?)",
            (user_id, most),
        )

    async def page(
        self, user_id: str, limit: int, *, unread: bool, before: tuple[int, str] | None
    ) -> list[NotificationRow]:
        """The latest first; `before` is the time and the id of the last one that is known."""
        at, last = before or (None, "")
        rows = await self.db.fetch_all(
            "SELECT * FROM notifications WHERE user_id = :user AND (NOT :unread OR read_at IS NULL) "
            "AND (:at IS NULL OR (at, id) < (:at, :last)) ORDER BY at DESC, id DESC LIMIT :limit",
            {"user": user_id, "unread": unread, "at": at, "last": last, "limit": limit},
        )
        return [_notification(row) for row in rows]

    async def unread(self, user_id: str) -> int:
        row = await self.db.fetch_one(
            "SELECT COUNT(*) FROM notifications WHERE user_id = ? AND read_at IS NULL", (user_id,)
        )
        return int(row[0]) if row else 0

    async def of_user(self, tx: Transaction, id: str, user_id: str) -> NotificationRow | None:
        row = await tx.fetch_one("SELECT * FROM notifications WHERE id = ? AND user_id = ?", (id, user_id))
        return _notification(row) if row else None

    async def read_all(self, tx: Transaction, user_id: str, at: int) -> int:
        return await tx.execute(
            "UPDATE notifications SET read_at = ? WHERE user_id = ? AND read_at IS NULL", (at, user_id)
        )


class PlacesStore:
    """Where people have signed in from."""

    def __init__(self, db: Database) -> None:
        self.db = db

    async def places(self, tx: Transaction, user_id: str, since: int) -> set[str]:
        rows = await tx.fetch_all(
            "SELECT place FROM notification_places WHERE user_id = ? AND seen_at >= ?", (user_id, since)
        )
        return {row["place"] for row in rows}

    async def note(self, tx: Transaction, user_id: str, place: str, at: int, before: int) -> None:
        """Seen there at `at`; what was not seen since `before` is forgotten."""
        await tx.execute(
            "INSERT INTO notification_places (user_id, place, seen_at) VALUES (?, ?, ?) "
            "ON CONFLICT (user_id, place) DO UPDATE SET seen_at = excluded.seen_at",
            (user_id, place, at),
        )
        await tx.execute("DELETE FROM notification_places WHERE seen_at < ?", (before,))


def _notification(row: Row) -> NotificationRow:
    return NotificationRow(**dict(row))
