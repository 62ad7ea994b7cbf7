"""The usage as a file of CSV: the filters of the list and a number of days, page after page."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any, Final

from aiohttp import web

from talome.core.clock import now
from talome.core.errors import Invalid
from talome.core.http.connections import Connections
from talome.core.http.export import csv_row, send_export
from talome.core.http.server import CALLER
from talome.core.operations import Caller, Registry
from talome.gateway.usage.models import UsageEntry, UsagePage

_COLUMNS: Final = tuple(UsageEntry.model_fields)
_MOST_DAYS: Final = 400
_PAGE: Final = 1000


class UsageExport:
    """Serves `GET /v1/usage/export`. It lets in whom the operation `usage.list` lets in."""

    def __init__(self, registry: Registry, connections: Connections) -> None:
        self._list = registry["usage.list"]
        self._connections = connections

    async def handle(self, request: web.Request) -> web.StreamResponse:
        asked: dict[str, Any] = dict(request.query)
        parts = self._parts(request[CALLER], asked, asked.pop("days", "30"))
        name = f"talome-usage-{now():%Y-%m-%d}.csv"
        return await send_export(request, self._connections, parts, name=name, content_type="text/csv")

    async def _parts(self, caller: Caller, asked: dict[str, Any], days: str) -> AsyncIterator[bytes]:
        found = await self._page(caller, asked, None)
        since = now() - timedelta(days=_days(days))
        yield csv_row(_COLUMNS) + _rows(found, since)
        while found.has_more and found.data[-1].created_at >= since:
            found = await self._page(caller, asked, found.data[-1].created_at)
            yield _rows(found, since)

    async def _page(self, caller: Caller, asked: dict[str, Any], before: datetime | None) -> UsagePage:
        more = {} if before is None else {"before": before.isoformat()}
        given = {**asked, "limit": str(_PAGE), **more}
        found: UsagePage = await self._list.call(caller, lambda: self._list.parse_query(given))
        return found


def _days(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 3 and 1 <= int(text) <= _MOST_DAYS):
        raise Invalid(f"“days” must be a number from 1 to {_MOST_DAYS}.", field="days")
    return int(text)


def _rows(found: UsagePage, since: datetime) -> bytes:
    told = (entry.model_dump(mode="json") for entry in found.data if entry.created_at >= since)
    return b"".join(csv_row([row[column] for column in _COLUMNS]) for row in told)
