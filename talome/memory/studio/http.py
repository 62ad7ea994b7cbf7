"""The file of a document of Docs Studio."""

from typing import Any, Final

from aiohttp import web

from talome.core.errors import Conflict
from talome.core.http.sending import headers_of
from talome.core.http.server import CALLER
from talome.core.operations import Operation, Registry

_TYPE: Final = "text/markdown; charset=utf-8"


class StudioFile:
    """Serves `GET /v1/memory/studio/{id}/file`. It lets in whom the operation `studio.get` lets in."""

    def __init__(self, registry: Registry) -> None:
        self._get: Operation = registry["studio.get"]

    async def handle(self, request: web.Request) -> web.Response:
        given = {"id": request.match_info["id"]}
        document: Any = await self._get.call(request[CALLER], lambda: self._get.parse_query(given))
        if document.state != "ready":
            raise Conflict("This document is not written yet.")
        headers = headers_of(f"{document.title}.md", _TYPE, inline=False)
        return web.Response(body=document.markdown.encode(), headers=headers)
