"""The audit log as a file: CSV for spreadsheets, or a JSON object a line; the filters of the list, page after page."""

import csv
import io
from collections.abc import AsyncIterator, Callable
from typing import Any, Final

import orjson
from aiohttp import web

from talome.accounts.audit.models import AuditEntry, AuditPage
from talome.core.clock import now
from talome.core.errors import Invalid
from talome.core.http.connections import Connections, SessionEnded
from talome.core.http.respond import RESPONSE_HEADERS
from talome.core.http.server import CALLER
from talome.core.operations import Registry

_COLUMNS: Final = (
    "at", "actor", "actorKind", "ip", "operation", "risk", "outcome", "status", "error", "arguments", "changes",
    "requestId",
)  # fmt: skip
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""How a cell begins that a spreadsheet would run; an apostrophe in front makes it text (OWASP, CSV injection)."""
_KINDS: Final = {"csv": "text/csv", "jsonl": "application/jsonl"}
_PAGE: Final = 500


class AuditExport:
    """Serves `GET /api/audit-log/export`. It lets in whom the operation `audit_log.list` lets in."""

    def __init__(self, registry: Registry, connections: Connections) -> None:
        self._list = registry["audit_log.list"]
        self._connections = connections

    async def handle(self, request: web.Request) -> web.StreamResponse:
        caller = request[CALLER]
        self._connections.admit(caller)
        asked: dict[str, Any] = dict(request.query)
        kind = asked.pop("format", "csv")

        async def page(before: int | None) -> AuditPage:
            more = {} if before is None else {"before": str(before)}
            given = {**asked, "limit": str(_PAGE), **more}
            found: AuditPage = await self._list.call(caller, lambda: self._list.parse_query(given))
            return found

        first = await page(None)  # a refusal comes before the headers
        if kind not in _KINDS:
            raise Invalid("“format” must be csv or jsonl.", field="format")
        name = f"talome-audit-{now():%Y-%m-%d}.{kind}"
        response = web.StreamResponse(
            headers={
                "Content-Type": f"{_KINDS[kind]}; charset=utf-8",
                "Content-Disposition": f'attachment; filename="{name}"',
            }
        )
        for header, value in request[RESPONSE_HEADERS].items():
            response.headers.setdefault(header, value)
        response.enable_compression()
        await response.prepare(request)
        write = _csv if kind == "csv" else _jsonl
        try:
            with self._connections.track(caller):
                await response.write(_row(_COLUMNS) if kind == "csv" else b"")
                async for found in _pages(first, page):
                    await response.write(b"".join(map(write, found.entries)))
            await response.write_eof()
        except SessionEnded:
            response.force_close()
        return response


async def _pages(first: AuditPage, page: Callable[[int | None], Any]) -> AsyncIterator[AuditPage]:
    found = first
    yield found
    while found.next is not None:
        found = await page(found.next)
        yield found


def _jsonl(entry: AuditEntry) -> bytes:
    return entry.model_dump_json(by_alias=True).encode() + b"\n"


def _csv(entry: AuditEntry) -> bytes:
    told = entry.model_dump(mode="json", by_alias=True)
    return _row([_cell(told[column]) for column in _COLUMNS])


def _cell(value: Any) -> str:
    if value is None:
        return ""
    text = value if isinstance(value, str) else orjson.dumps(value).decode()
    return f"'{text}" if text.startswith(_FORMULA) else text


def _row(cells: tuple[str, ...] | list[str]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue().encode()
