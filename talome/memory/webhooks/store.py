"""SQL of the webhooks."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

import orjson

from talome.core.db import Database, Row, Transaction


@dataclass(frozen=True, slots=True)
class WebhookRow:
    """`sealed` is JSON of address and signing secret; `events` JSON of names. Times are milliseconds since 1970."""

    id: str
    user_id: str
    workspace: str | None
    sealed: str
    events: str
    created_at: int
    failures: int = 0
    hold_until: int = 0
    paused_at: int | None = None
    pause_reason: str = ""
    last_ok_at: int | None = None
    missed: int = 0


@dataclass(frozen=True, slots=True)
class EventRow:
    """`data` is JSON."""

    id: str
    space: str
    type: str
    data: str
    created_at: int
    seq: int = 0


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """`body` is the exact text of every attempt; `created_at` is that of the event."""

    id: str
    webhook_id: str
    event_id: str
    type: str
    space: str
    body: str
    state: str
    attempts: int
    due_at: int
    created_at: int
    last_at: int | None = None
    status: int | None = None
    took_ms: int | None = None
    error: str = ""


class WebhooksStore:
    def __init__(self, db: Database) -> None:
        self.db = db

    async def all(self) -> list[WebhookRow]:
        return [_webhook(row) for row in await self.db.fetch_all("SELECT * FROM webhooks ORDER BY id")]

    async def of_user(self, user_id: str, workspace: str | None) -> list[WebhookRow]:
        """The latest first; with a workspace, only those of it."""
        rows = await self.db.fetch_all(
            "SELECT * FROM webhooks WHERE user_id = :user AND (:workspace IS NULL OR workspace = :workspace) "
            "ORDER BY created_at DESC, id DESC",
            {"user": user_id, "workspace": workspace},
        )
        return [_webhook(row) for row in rows]

    async def get(self, id: str) -> WebhookRow | None:
        row = await self.db.fetch_one("SELECT * FROM webhooks WHERE id = ?", (id,))
        return _webhook(row) if row else None

    async def failures(self, tx: Transaction, id: str) -> int | None:
        """How many attempts in a row failed; None where the webhook is gone."""
        row = await tx.fetch_one("SELECT failures FROM webhooks WHERE id = ?", (id,))
        return row["failures"] if row else None

    async def add(self, tx: Transaction, row: WebhookRow, most: int) -> bool:
        """False where the owner has as many as there may be."""
        return (
            await tx.execute(
                "INSERT INTO webhooks (id, user_id, workspace, sealed, events, created_at) "
                "SELECT :id, :user_id, :workspace, :sealed, :events, :created_at "
                "WHERE (SELECT COUNT(*) FROM webhooks WHERE user_id = :user_id) < :most",
                {**asdict(row), "most": most},
            )
            > 0
        )

    async def delete(self, tx: Transaction, id: str) -> None:
        await tx.execute("DELETE FROM webhooks WHERE id = ?", (id,))

    async def note_success(self, tx: Transaction, id: str, at: int) -> None:
        await tx.execute(
            "UPDATE webhooks SET failures = 0, hold_until = 0, paused_at = NULL, pause_reason = '', last_ok_at = ? "
            "WHERE id = ?",
            (at, id),
        )

    async def let_go_on(self, tx: Transaction, id: str) -> None:
        await tx.execute(
            "UPDATE webhooks SET failures = 0, hold_until = 0, paused_at = NULL, pause_reason = '' WHERE id = ?", (id,)
        )

    async def note_failure(self, tx: Transaction, id: str, hold_until: int) -> None:
        await tx.execute("UPDATE webhooks SET failures = failures + 1, hold_until = ? WHERE id = ?", (hold_until, id))

    async def pause(self, tx: Transaction, id: str, at: int, reason: str) -> None:
        await tx.execute(
            "UPDATE webhooks SET paused_at = ?, pause_reason = ? WHERE id = ? AND paused_at IS NULL", (at, reason, id)
        )


class OutboxStore:
    """News that was committed and is not handed out yet."""

    def __init__(self, db: Database) -> None:
        self.db = db

    async def wanted(self) -> list[str]:
        """Names of the events that at least one webhook asks for."""
        rows = await self.db.fetch_all("SELECT DISTINCT value FROM webhooks, json_each(webhooks.events)")
        return [row["value"] for row in rows]

    async def add_event(self, tx: Transaction, row: EventRow) -> None:
        await tx.execute(
            "INSERT INTO webhook_events (id, space, type, data, created_at) VALUES (?, ?, ?, ?, ?)",
            (row.id, row.space, row.type, row.data, row.created_at),
        )

    async def next_events(self, limit: int) -> list[EventRow]:
        rows = await self.db.fetch_all("SELECT * FROM webhook_events ORDER BY seq LIMIT ?", (limit,))
        return [EventRow(**dict(row)) for row in rows]

    async def remove_events(self, tx: Transaction, seqs: Sequence[int]) -> None:
        await tx.execute(
            "DELETE FROM webhook_events WHERE seq IN (SELECT value FROM json_each(?))", (orjson.dumps(seqs).decode(),)
        )


class DeliveriesStore:
    """News on its way to a webhook, and the log of it."""

    def __init__(self, db: Database) -> None:
        self.db = db

    async def add_deliveries(self, tx: Transaction, rows: Iterable[DeliveryRow], most_waiting: int) -> None:
        """Those of a webhook that has `most_waiting` already are counted as missed, and so is nothing else."""
        for row in rows:
            values = {**asdict(row), "most": most_waiting}
            added = await tx.execute(
                "INSERT INTO webhook_deliveries (id, webhook_id, event_id, type, space, body, state, attempts, due_at, "
                "created_at) SELECT :id, :webhook_id, :event_id, :type, :space, :body, :state, :attempts, :due_at, "
                ":created_at WHERE EXISTS (SELECT 1 FROM webhooks WHERE id = :webhook_id) AND (SELECT COUNT(*) FROM "
                "webhook_deliveries WHERE webhook_id = :webhook_id AND state = 'waiting') < :most "
                "ON CONFLICT DO NOTHING",
                values,
            )
            if not added:
                await tx.execute("UPDATE webhooks SET missed = missed + 1 WHERE id = ?", (row.webhook_id,))

    async def put(self, tx: Transaction, row: DeliveryRow) -> None:
        """How an attempt ended; nothing where the webhook is gone meanwhile."""
        await tx.execute(
            "UPDATE webhook_deliveries SET state = :state, attempts = :attempts, due_at = :due_at, last_at = :last_at, "
            "status = :status, took_ms = :took_ms, error = :error WHERE id = :id",
            asdict(row),
        )

    async def add_tried(self, tx: Transaction, row: DeliveryRow) -> None:
        """A test, with how it ended."""
        await tx.execute(
            "INSERT INTO webhook_deliveries SELECT :id, :webhook_id, :event_id, :type, :space, :body, :state, "
            ":attempts, :due_at, :created_at, :last_at, :status, :took_ms, :error "
            "WHERE EXISTS (SELECT 1 FROM webhooks WHERE id = :webhook_id)",
            asdict(row),
        )

    async def next_due(self, webhook_id: str, at: int) -> DeliveryRow | None:
        """The oldest whose time has come."""
        row = await self.db.fetch_one(
            "SELECT * FROM webhook_deliveries WHERE webhook_id = ? AND state = 'waiting' AND due_at <= ? "
            "ORDER BY created_at, id LIMIT 1",
            (webhook_id, at),
        )
        return DeliveryRow(**dict(row)) if row else None

    async def due_webhooks(self, at: int) -> list[str]:
        """Webhooks that may be sent to and have something whose time has come."""
        rows = await self.db.fetch_all(
            "SELECT id FROM webhooks WHERE paused_at IS NULL AND hold_until <= ? AND EXISTS (SELECT 1 FROM "
            "webhook_deliveries AS d WHERE d.webhook_id = webhooks.id AND d.state = 'waiting' AND d.due_at <= ?)",
            (at, at),
        )
        return [row["id"] for row in rows]

    async def next_time(self) -> int | None:
        """When something is due again; None where nothing waits."""
        row = await self.db.fetch_one(
            "SELECT MIN(MAX(d.due_at, w.hold_until)) AS at FROM webhook_deliveries AS d "
            "JOIN webhooks AS w ON w.id = d.webhook_id WHERE d.state = 'waiting' AND w.paused_at IS NULL"
        )
        return row["at"] if row else None

    async def waiting(self, webhook_id: str) -> tuple[int, int | None]:
        """How many wait, and when the first of them is due."""
        row = await self.db.fetch_one(
            "SELECT COUNT(*) AS waiting, MIN(due_at) AS due FROM webhook_deliveries "
            "WHERE webhook_id = ? AND state = 'waiting'",
            (webhook_id,),
        )
        return (row["waiting"], row["due"]) if row else (0, None)

    async def make_due(self, tx: Transaction, webhook_id: str, at: int) -> None:
        """What waits for a later attempt is tried now."""
        await tx.execute(
            "UPDATE webhook_deliveries SET due_at = ? WHERE webhook_id = ? AND state = 'waiting' AND due_at > ?",
            (at, webhook_id, at),
        )

    async def log(self, webhook_id: str, limit: int) -> list[DeliveryRow]:
        rows = await self.db.fetch_all(
            "SELECT * FROM webhook_deliveries WHERE webhook_id = ? ORDER BY created_at DESC, id DESC LIMIT ?",
            (webhook_id, limit),
        )
        return [DeliveryRow(**dict(row)) for row in rows]

    async def give_up(self, tx: Transaction, before: int, reason: str) -> None:
        """What is too old to be sent any more."""
        await tx.execute(
            "UPDATE webhook_deliveries SET state = 'failed', error = CASE error WHEN '' THEN ? ELSE error END "
            "WHERE state = 'waiting' AND created_at < ?",
            (reason, before),
        )

    async def forget(self, tx: Transaction, before: int, most: int) -> None:
        """Keep the log short: nothing that ended before a time, and not more than `most` of each webhook."""
        await tx.execute(
            "DELETE FROM webhook_deliveries WHERE state <> 'waiting' AND (created_at < ? OR id IN (SELECT id FROM "
            "(SELECT id, ROW_NUMBER() OVER (PARTITION BY webhook_id ORDER BY created_at DESC, id DESC) AS place "
            "FROM webhook_deliveries WHERE state <> 'waiting') WHERE place > ?))",
            (before, most),
        )


class Stores:
    """All of them, over one database."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.webhooks = WebhooksStore(db)
        self.outbox = OutboxStore(db)
        self.deliveries = DeliveriesStore(db)


def _webhook(row: Row) -> WebhookRow:
    return WebhookRow(**dict(row))
