"""The download of an installed app."""

from typing import Final

from aiohttp import web

from talome.core.errors import Forbidden
from talome.core.http.server import CALLER
from talome.home.apps.export import AppExport

_SCOPE: Final = "apps:write"


class AppDownload:
    """Serves `GET /api/apps/{id}/export`, to who may change the app, since its passwords are in there."""

    def __init__(self, export: AppExport) -> None:
        self._export = export

    async def handle(self, request: web.Request) -> web.Response:
        caller, app = request[CALLER], request.match_info["id"]
        if caller.kind != "user" or not caller.may(_SCOPE):
            raise Forbidden(f"This needs a person with the right “{_SCOPE}”.", scope=_SCOPE)
        body = await self._export.zipped(app)
        headers = {"Content-Disposition": f'attachment; filename="{app}.zip"', "Cache-Control": "no-store"}
        return web.Response(body=body, content_type="application/zip", headers=headers)
