"""What of the audit log crosses the wire."""

from datetime import datetime
from typing import Any, Literal

from talome.core.models import Wire

Outcome = Literal["ok", "denied", "failed"]


class AuditChange(Wire):
    """What is different since: JSON values, null where there was or is nothing."""

    field: str
    old: Any
    new: Any


class AuditEntry(Wire):
    """`changes` is there for what was changed in place, such as a person's rights or a setting."""

    id: int
    at: datetime
    actor: str
    actor_kind: str
    ip: str
    operation: str
    risk: str
    arguments: dict[str, Any]
    changes: list[AuditChange]
    outcome: Outcome
    status: int
    error: str | None
    request_id: str


class AuditPage(Wire):
    """The latest entries first; `next` is the `before` of the next page, null on the last."""

    entries: list[AuditEntry]
    next: int | None
