"""The audit log as a file: CSV for spreadsheets, or a JSON object a line; the filters of the list, page after page."""

from collections.abc import AsyncIterator
from typing import Any, Final

from aiohttp import web

from talome.accounts.audit.models import AuditEntry, AuditPage
from talome.core.clock import now
from talome.core.errors import Invalid
from talome.core.http.connections import Connections
from talome.core.http.export import csv_row, send_export
from talome.core.http.server import CALLER
from talome.core.operations import Caller, Registry

_COLUMNS: Final = (
    "at", "actor", "actorKind", "ip", "operation", "risk", "outcome", "status", "error", "arguments", "changes",
    "requestId",
)  # fmt: skip
_KINDS: Final = {"csv": "text/csv", "jsonl": "application/jsonl"}
_PAGE: Final = 500


class AuditExport:
    """Serves `GET /api/audit-log/export`. It lets in whom the operation `audit_log.list` lets in."""

    def __init__(self, registry: Registry, connections: Connections) -> None:
        self._list = registry["audit_log.list"]
        self._connections = connections

    async def handle(self, request: web.Request) -> web.StreamResponse:
        asked: dict[str, Any] = dict(request.query)
        kind = asked.pop("format", "csv")
        parts = self._parts(request[CALLER], asked, kind)
        name = f"talome-audit-{now():%Y-%m-%d}.{kind}"
        return await send_export(request, self._connections, parts, name=name, content_type=_KINDS.get(kind, ""))

    async def _parts(self, caller: Caller, asked: dict[str, Any], kind: str) -> AsyncIterator[bytes]:
        found = await self._page(caller, asked, None)
        if kind not in _KINDS:
            raise Invalid("“format” must be csv or jsonl.", field="format")
        write, head = (_csv, csv_row(_COLUMNS)) if kind == "csv" else (_jsonl, b"")
        yield head + b"".join(map(write, found.entries))
        while found.next is not None:
            found = await self._page(caller, asked, found.next)
            yield b"".join(map(write, found.entries))

    async def _page(self, caller: Caller, asked: dict[str, Any], before: int | None) -> AuditPage:
        more = {} if before is None else {"before": str(before)}
        given = {**asked, "limit": str(_PAGE), **more}
        found: AuditPage = await self._list.call(caller, lambda: self._list.parse_query(given))
        return found


def _jsonl(entry: AuditEntry) -> bytes:
    return entry.model_dump_json(by_alias=True).encode() + b"\n"


def _csv(entry: AuditEntry) -> bytes:
    told = entry.model_dump(mode="json", by_alias=True)
    return csv_row([told[column] for column in _COLUMNS])
