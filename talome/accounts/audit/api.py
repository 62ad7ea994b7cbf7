"""The audit log, for administrators."""

from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, Field

from talome.accounts.audit.models import AuditPage, Outcome
from talome.accounts.audit.service import AuditLog
from talome.accounts.audit.store import AuditFilter
from talome.core.clock import to_ms
from talome.core.operations import Caller, operation


class AuditLogApi:
    def __init__(self, audit: AuditLog) -> None:
        self._audit = audit

    @operation("GET", "/api/audit-log", scope="audit:read", risk="read")
    async def list_(
        self,
        caller: Caller,
        limit: Annotated[int, Field(ge=1, le=500)] = 100,
        before: Annotated[int, Field(ge=1)] | None = None,
        actor: Annotated[str, Field(max_length=100)] | None = None,
        operation: Annotated[str, Field(max_length=100)] | None = None,
        outcome: Outcome | None = None,
        since: AwareDatetime | None = None,
        until: AwareDatetime | None = None,
    ) -> AuditPage:
        """Show what was done, the latest first; filter by actor, operation (or its area), outcome and time."""
        chosen = AuditFilter(limit, before, actor, operation, outcome, _ms(since), _ms(until))
        return await self._audit.page(chosen)


def _ms(moment: datetime | None) -> int | None:
    return to_ms(moment) if moment else None
