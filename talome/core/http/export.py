"""A list as a file, piece after piece, and the rows of a spreadsheet."""

import csv
import io
from collections.abc import AsyncIterator, Sequence
from typing import Any, Final

import orjson
from aiohttp import web

from talome.core.http.connections import Connections, SessionEnded
from talome.core.http.respond import RESPONSE_HEADERS
from talome.core.http.server import CALLER

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
"""How a cell begins that a spreadsheet would run; an apostrophe in front makes it text (OWASP, CSV injection)."""


async def send_export(
    request: web.Request, connections: Connections, parts: AsyncIterator[bytes], *, name: str, content_type: str
) -> web.StreamResponse:
    """The parts as a download called `name`. A refusal comes with the first of them, and so before the headers."""
    caller = request[CALLER]
    connections.admit(caller)
    first = await anext(parts, b"")
    response = web.StreamResponse(
        headers={
            "Content-Type": f"{content_type}; charset=utf-8",
            "Content-Disposition": f'attachment; filename="{name}"',
        }
    )
    for header, value in request[RESPONSE_HEADERS].items():
        response.headers.setdefault(header, value)
    response.enable_compression()
    await response.prepare(request)
    try:
        with connections.track(caller):
            await response.write(first)
            async for part in parts:
                await response.write(part)
        await response.write_eof()
    except SessionEnded:
        response.force_close()
    return response


def csv_row(cells: Sequence[Any]) -> bytes:
    """A line of CSV; what is not text is written as JSON, and what a spreadsheet would run becomes text."""
    text = io.StringIO()
    csv.writer(text).writerow([_cell(cell) for cell in cells])
    return text.getvalue().encode()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        return orjson.dumps(value).decode()
    return f"'{value}" if value.startswith(_FORMULA) else value
