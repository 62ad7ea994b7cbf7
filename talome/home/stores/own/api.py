"""Operations on people's own apps."""

from typing import Annotated

from pydantic import Field

from talome.core.models import Done
from talome.core.operations import Caller, operation
from talome.home.manifest import AppId, SafeName
from talome.home.stores.own.models import Draft, FileText, Mark, UserApp, UserAppFiles
from talome.home.stores.own.service import UserApps

Name = Annotated[str, Field(min_length=1, max_length=80)]


class UserAppsApi:
    """Faces of `UserApps`."""

    def __init__(self, apps: UserApps) -> None:
        self._apps = apps

    @operation("GET", "/api/user-apps", scope="stores:read", risk="read")
    async def list_(self, caller: Caller) -> list[UserApp]:
        """The apps that people of this house wrote. They are offered by the store “Yours”."""
        return await self._apps.all()

    @operation("POST", "/api/user-apps/draft", scope="stores:write", risk="read")
    async def draft(
        self, caller: Caller, compose: FileText, id: AppId | None = None, name: Name | None = None
    ) -> Draft:
        """Make an app of a Compose file, to look at and correct. Nothing is kept."""
        return await self._apps.draft(compose, id, name)

    @operation("POST", "/api/user-apps", scope="stores:write", risk="modify", status=201)
    async def create(self, caller: Caller, id: AppId, manifest: FileText, compose: FileText) -> UserAppFiles:
        """Keep a new app: `manifest` is its `app.yml`, `compose` its `compose.yml`, in Talome's format. It is installed
        like any other."""
        return await self._apps.create(caller, id, manifest, compose)

    @operation("GET", "/api/user-apps/{id}", scope="stores:read", risk="read")
    async def get(self, caller: Caller, id: SafeName) -> UserAppFiles:
        """The files of one app."""
        return await self._apps.get(id)

    @operation("PUT", "/api/user-apps/{id}", scope="stores:write", risk="modify")
    async def change(
        self, caller: Caller, id: AppId, manifest: FileText, compose: FileText, mark: Mark | None = None
    ) -> UserAppFiles:
        """Replace the files of an app. With the `mark` of what was read, a change that somebody made meanwhile is not
        lost. Where it is installed, this is an update."""
        return await self._apps.change(caller, id, manifest, compose, mark)

    @operation("DELETE", "/api/user-apps/{id}", scope="stores:write", risk="destructive")
    async def remove(self, caller: Caller, id: SafeName) -> Done:
        """Move an app's files to the trash. Where it is installed, it runs on."""
        await self._apps.remove(caller, id)
        return Done()
