"""SQL of the audit log."""

from dataclasses import asdict, dataclass
from typing import Any

from talome.core.db import Database, Transaction


@dataclass(frozen=True, slots=True)
class AuditRow:
    """`arguments` and `changes` are JSON, `at` milliseconds since 1970."""

    at: int
    actor: str
    actor_id: str
    actor_kind: str
    key_id: str | None
    ip: str
    operation: str
    risk: str
    arguments: str
    outcome: str
    status: int
    error: str | None
    request_id: str
    changes: str


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """None means any. `before` is the id where the page ends, times are milliseconds since 1970."""

    limit: int
    before: int | None = None
    actor: str | None = None
    operation: str | None = None
    outcome: str | None = None
    since: int | None = None
    until: int | None = None


class AuditStore:
    def __init__(self, db: Database) -> None:
        self.db = db

    async def add(self, tx: Transaction, row: AuditRow) -> None:
        await tx.execute(
            "INSERT INTO audit_log (at, actor, actor_id, actor_kind, key_id, ip, operation, risk, arguments, outcome, "
            "status, error, request_id, changes) VALUES (:at, :actor, :actor_id, :actor_kind, :key_id, :ip, "
            ":operation, :risk, :arguments, :outcome, :status, :error, :request_id, :changes)",
            asdict(row),
        )

    async def page(self, chosen: AuditFilter) -> list[dict[str, Any]]:
        rows = await self.db.fetch_all(
            "SELECT * FROM audit_log WHERE (:before IS NULL OR id < :before) "
            "AND (:actor IS NULL OR actor = :actor OR actor_id = :actor) "
            "AND (:operation IS NULL OR operation = :operation OR operation GLOB :operation || '.*') "
            "AND (:outcome IS NULL OR outcome = :outcome) "
            "AND (:since IS NULL OR at >= :since) AND (:until IS NULL OR at < :until) "
            "ORDER BY id DESC LIMIT :limit",
            asdict(chosen),
        )
        return [dict(row) for row in rows]

    async def forget(self, tx: Transaction, *, before: int, keep: int) -> None:
        """Drop what is older than `before`, and all but the latest `keep` entries."""
        await tx.execute(
            "DELETE FROM audit_log WHERE at < ? OR id <= (SELECT MAX(id) FROM audit_log) - ?", (before, keep)
        )
