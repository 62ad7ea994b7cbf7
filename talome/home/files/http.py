"""Downloads and thumbnails over HTTP."""

from typing import Final

from aiohttp import web

from talome.core.errors import Invalid
from talome.core.http.connections import Connections
from talome.core.http.sending import Sent, headers_of, send_file, send_produced
from talome.core.http.server import CALLER, HttpServer
from talome.core.operations import require
from talome.home.files.content import opened, packed
from talome.home.files.personal import Personal
from talome.home.files.roots import Place, Roots
from talome.home.files.thumbnails import Thumbnails
from talome.home.files.tickets import Tickets
from talome.home.files.uploads.http import FilesUpload, TusUploads

_SCOPE: Final = "files:read"
_MOST_PATHS: Final = 1000
_SWITCH: Final = {"true": True, "1": True, "false": False, "0": False}


class FilesDownload:
    """`path` may be given several times; a file comes as it is, a folder or several of them as a ZIP."""

    def __init__(
        self, roots: Roots, personal: Personal, tickets: Tickets, thumbnails: Thumbnails, connections: Connections
    ) -> None:
        self._roots = roots
        self._personal = personal
        self._tickets = tickets
        self._thumbnails = thumbnails
        self._connections = connections

    def add_to(self, server: HttpServer) -> None:
        for method in ("GET", "HEAD"):
            server.add_route(method, "/api/files/download", self.handle)
            server.add_route(method, "/api/files/tickets/{ticket}/{name}", self.ticket)
        server.add_route("GET", "/api/files/thumbnail", self.thumbnail)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        caller = request[CALLER]
        require(caller, _SCOPE)
        paths = request.query.getall("path", [])
        if not 0 < len(paths) <= _MOST_PATHS:
            raise Invalid("Say in “path” what to download; it may be given several times.", field="path")
        places = [await self._roots.reach(caller, path, "read") for path in paths]
        inline = _SWITCH.get(request.query.get("inline", "false").lower(), False)
        if len(places) == 1 and request.method == "GET" and "Range" not in request.headers:
            await self._personal.note(caller, places[0].path, "opened")
        return await self._send(request, places, inline=inline)

    async def ticket(self, request: web.Request) -> web.StreamResponse:
        caller, places, inline = await self._tickets.redeem(request.match_info["ticket"])
        request[CALLER] = caller.at(request[CALLER].client)
        if (size := request.query.get("thumbnail")) is not None and len(places) == 1:
            return await self._picture(request, places[0], size)
        return await self._send(request, places, inline=inline)

    async def _send(self, request: web.Request, places: list[Place], *, inline: bool) -> web.StreamResponse:
        found = await opened(places[0]) if len(places) == 1 else None
        if found is not None:
            sent = Sent(places[0].name, found.media_type, found.etag, inline)
            return await send_file(request, self._connections, found.descriptor, sent)
        name = f"{places[0].name if len(places) == 1 else places[0].above.name}.zip"
        headers = headers_of(name, "application/zip", inline=False)
        return await send_produced(request, self._connections, packed(places), headers)

    async def thumbnail(self, request: web.Request) -> web.Response:
        caller = request[CALLER]
        require(caller, _SCOPE)
        place = await self._roots.reach(caller, request.query.get("path", ""), "read")
        return await self._picture(request, place, request.query.get("size", "256"))

    async def _picture(self, request: web.Request, place: Place, size: str) -> web.Response:
        picture = await self._thumbnails.get(place, size)
        headers = {
            **headers_of("thumbnail.jpg", "image/jpeg", inline=True),
            "ETag": picture.etag,
            "Cache-Control": "private, max-age=86400",
        }
        if request.headers.get("If-None-Match") == picture.etag:
            return web.Response(status=304, headers=headers)
        if not picture.content:
            return web.Response(status=204, headers={"ETag": picture.etag, "Cache-Control": "private, max-age=86400"})
        return web.Response(body=picture.content, headers=headers)


__all__ = ["FilesDownload", "FilesUpload", "TusUploads"]
