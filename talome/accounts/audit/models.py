"""What of the audit log crosses the wire."""

from datetime import datetime
from typing import Any, Literal

from talome.core.models import Wire

Outcome = Literal["ok", "denied", "failed"]


class AuditEntry(Wire):
    id: int
    at: datetime
    actor: str
    actor_kind: str
    ip: str
    operation: str
    risk: str
    arguments: dict[str, Any]
    outcome: Outcome
    status: int
    error: str | None
    request_id: str


class AuditPage(Wire):
    """The latest entries first; `next` is the `before` of the next page, null on the last."""

    entries: list[AuditEntry]
    next: int | None
