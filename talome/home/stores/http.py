"""Icons and screenshots over HTTP. A picture is a stranger's, so a browser is told to run nothing in it."""

from typing import Final

from aiohttp import web

from talome.core.errors import Forbidden, NotFound
from talome.core.http.server import CALLER
from talome.home.stores.pictures import Picture, Pictures

_SCOPE: Final = "apps:read"
_MAX_AGE_S: Final = 86_400


class AppPictures:
    """Serves `GET /api/apps/{id}/icon` and `GET /api/apps/{id}/screenshots/{number}`, to whom the catalog is shown."""

    def __init__(self, pictures: Pictures) -> None:
        self._pictures = pictures

    async def icon(self, request: web.Request) -> web.Response:
        _admit(request)
        return _response(request, await self._pictures.icon(request.match_info["id"]))

    async def screenshot(self, request: web.Request) -> web.Response:
        _admit(request)
        number = request.match_info["number"]
        if not (number.isascii() and number.isdecimal() and len(number) < 4):
            raise NotFound("There is no such picture.")
        return _response(request, await self._pictures.screenshot(request.match_info["id"], int(number)))


def _admit(request: web.Request) -> None:
    if not request[CALLER].may(_SCOPE):
        raise Forbidden(f"This needs the right “{_SCOPE}”, which you do not have.", scope=_SCOPE)


def _response(request: web.Request, picture: Picture) -> web.Response:
    etag = f'"{picture.etag}"'
    headers = {
        "ETag": etag,
        "Cache-Control": f"private, max-age={_MAX_AGE_S}",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "X-Content-Type-Options": "nosniff",
    }
    if request.headers.get("If-None-Match") == etag:
        return web.Response(status=304, headers=headers)
    return web.Response(body=picture.content, content_type=picture.content_type, headers=headers)
