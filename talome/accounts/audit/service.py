"""The audit log, and the gate around every operation that fills it."""

import logging
import sqlite3
from collections.abc import Mapping
from typing import Any, Final

import orjson

from talome.accounts.audit.models import AuditChange, AuditEntry, AuditPage
from talome.accounts.audit.store import AuditFilter, AuditRow, AuditStore
from talome.core.changes import FieldChange, take_changes, watch_changes
from talome.core.clock import from_ms, now_ms
from talome.core.errors import Forbidden, Invalid, TalomeError, TooMany
from talome.core.log import mask, redact, request_id
from talome.core.operations import Caller, Operation

KEPT_DAYS: Final = 365
KEPT_ENTRIES: Final = 500_000
"""About 200 MB: whoever may call something must not be able to fill the disk with the record of it."""
_LONGEST_ARGUMENTS: Final = 8000
_FORGET_EVERY: Final = 1000
_log = logging.getLogger(__name__)


class AuditLog:
    def __init__(self, store: AuditStore) -> None:
        self._store = store
        self._added = 0

    async def add(
        self,
        operation: Operation,
        caller: Caller,
        arguments: Mapping[str, Any],
        error: TalomeError | None,
        changes: list[FieldChange],
    ) -> None:
        row = AuditRow(
            at=now_ms(),
            actor=caller.name,
            actor_id=caller.user_id,
            actor_kind=caller.kind,
            key_id=caller.key_id,
            ip=caller.client.ip,
            operation=operation.name,
            risk=operation.risk,
            arguments=_shortened(arguments),
            outcome="ok" if error is None else "denied" if error.status in (401, 403) else "failed",
            status=operation.status if error is None else error.status,
            error=redact(error.message) if error else None,
            request_id=request_id.get(),
            changes=_changes(changes),
        )
        async with self._store.db.write() as tx:
            await self._store.add(tx, row)
            if self._added % _FORGET_EVERY == 0:
                await self._store.forget(tx, before=now_ms() - KEPT_DAYS * 86_400_000, keep=KEPT_ENTRIES)
        self._added += 1

    async def page(self, chosen: AuditFilter) -> AuditPage:
        rows = await self._store.page(chosen)
        entries = [_entry(row) for row in rows]
        return AuditPage(entries=entries, next=entries[-1].id if len(entries) == chosen.limit else None)


class AuditGate:
    """Stands around every operation: agents never destroy, and what was done is recorded.

    Until guardrails with human approval exist, callers that are agents may read and modify by scope only.
    """

    def __init__(self, audit: AuditLog) -> None:
        self._audit = audit

    async def admit(self, operation: Operation, caller: Caller) -> None:
        watch_changes()
        if caller.kind == "agent" and operation.risk == "destructive":
            raise Forbidden(
                "An agent may not do this by itself. A person can, in the dashboard or on the command line."
            )

    async def record(
        self, operation: Operation, caller: Caller, arguments: Mapping[str, Any], error: TalomeError | None
    ) -> None:
        """A failing log must not hide how the operation ended; a flood of throttled calls must not fill the disk, nor
        one of calls by nobody that were not even understood."""
        changes = take_changes()
        if isinstance(error, TooMany) or (caller.kind == "anonymous" and isinstance(error, Invalid)):
            return
        try:
            await self._audit.add(operation, caller, arguments, error, [] if error else changes)
        except (TalomeError, sqlite3.Error):
            _log.exception("The audit log could not take %s by %s", operation.name, caller.name)


def _shortened(arguments: Mapping[str, Any]) -> str:
    text = orjson.dumps(mask(dict(arguments)), default=str).decode()
    return text if len(text) <= _LONGEST_ARGUMENTS else orjson.dumps({"shortened": text[:_LONGEST_ARGUMENTS]}).decode()


def _changes(changes: list[FieldChange]) -> str:
    told = [mask({"field": each.field, "old": each.old, "new": each.new}) for each in changes]
    text = orjson.dumps(told, default=str).decode()
    return text if len(text) <= _LONGEST_ARGUMENTS else "[]"


def _entry(row: dict[str, Any]) -> AuditEntry:
    return AuditEntry(
        id=row["id"],
        at=from_ms(row["at"]),
        actor=row["actor"],
        actor_kind=row["actor_kind"],
        ip=row["ip"],
        operation=row["operation"],
        risk=row["risk"],
        arguments=orjson.loads(row["arguments"]),
        changes=[AuditChange(**change) for change in orjson.loads(row["changes"])],
        outcome=row["outcome"],
        status=row["status"],
        error=row["error"],
        request_id=row["request_id"],
    )
