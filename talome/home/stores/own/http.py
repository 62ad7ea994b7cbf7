"""The export of an own app over HTTP."""

from typing import Final

from aiohttp import web

from talome.core.errors import Forbidden, NotFound
from talome.core.http.server import CALLER
from talome.home.manifest import is_app_id
from talome.home.stores.own.service import UserApps

_SCOPE: Final = "stores:read"


class UserAppExport:
    """Serves `GET /api/user-apps/{id}/export`, to whom the app is shown."""

    def __init__(self, apps: UserApps) -> None:
        self._apps = apps

    async def handle(self, request: web.Request) -> web.Response:
        if not request[CALLER].may(_SCOPE):
            raise Forbidden(f"This needs the right “{_SCOPE}”, which you do not have.", scope=_SCOPE)
        id = request.match_info["id"]
        if not is_app_id(id):
            raise NotFound("There is no such app of yours.")
        headers = {"Content-Disposition": f'attachment; filename="{id}.zip"', "Cache-Control": "no-store"}
        return web.Response(body=await self._apps.export(id), content_type="application/zip", headers=headers)
