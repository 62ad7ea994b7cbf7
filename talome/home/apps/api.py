"""Operations on installed apps. Long work answers with its job; with `plan` true, with what it would do."""

from typing import Annotated, Literal

from pydantic import Field

from talome.core.errors import Invalid
from talome.core.models import Done
from talome.core.operations import Caller, operation
from talome.home.apps.export import AppExport
from talome.home.apps.models import (
    Answers,
    AppChange,
    AppSettings,
    BulkPlan,
    BulkResult,
    ExtraFolders,
    FolderChanges,
    InstalledApp,
    LimitChanges,
    NewApp,
    Plan,
    Ports,
    UpdatePolicy,
)
from talome.home.apps.service import Apps
from talome.home.apps.several import SeveralApps
from talome.home.apps.updates import Updates
from talome.home.jobs.models import Job
from talome.home.manifest import AppId, Reference

StoreId = Annotated[str, Field(max_length=64)]
InstalledId = Annotated[str, Field(max_length=128)]
Several = Annotated[list[AppId], Field(min_length=1, max_length=100)]


class AppsApi:
    """Faces of `Apps`, `Updates`, `SeveralApps` and `AppExport`."""

    def __init__(self, apps: Apps, updates: Updates, several: SeveralApps, export: AppExport) -> None:
        self._apps = apps
        self._updates = updates
        self._several = several
        self._export = export

    @operation("GET", "/api/apps/installed", scope="apps:read", risk="read")
    async def installed(self, caller: Caller) -> list[InstalledApp]:
        """The installed apps by name, with their state, where they open, and whether there is something newer."""
        return await self._apps.all()

    @operation("GET", "/api/apps/installed/{id}", scope="apps:read", risk="read")
    async def installed_one(self, caller: Caller, id: InstalledId) -> InstalledApp:
        """One installed app."""
        return await self._apps.get(id)

    @operation("GET", "/api/apps/{id}/settings", scope="apps:write", risk="read")
    async def settings(self, caller: Caller, id: InstalledId) -> AppSettings:
        """What an installed app was asked and answered, its ports, versions, file and rights. Secrets are not told."""
        return await self._apps.settings(id)

    @operation("POST", "/api/apps/install", scope="apps:write", risk="modify")
    async def install(
        self,
        caller: Caller,
        app_id: Reference,
        store_id: StoreId | None = None,
        name_as: AppId | None = None,
        env: Answers | None = None,
        ports: Ports | None = None,
        accept_risks: bool = False,
        plan: bool = False,
    ) -> Job | Plan:
        """Install an app, named `store:app` or by its name alone. `env` answers its form, `ports` wishes host ports by
        `service/target/protocol`, or by the container's port alone. It must answer before it counts as installed; else
        nothing of it stays."""
        accepted = accept_risks and caller.kind == "user"  # no agent and no key may do that in somebody's name
        wanted = NewApp(
            app_id=app_id, store_id=store_id, name_as=name_as, env=env or {}, ports=ports or {}, accept_risks=accepted
        )
        if plan:
            return await self._apps.plan_install(wanted)
        return Job.of(await self._apps.install(wanted, by=caller.name))

    @operation("DELETE", "/api/apps/{id}", scope="apps:write", risk="destructive")
    async def uninstall(self, caller: Caller, id: InstalledId, keep_data: bool = True) -> Job:
        """Uninstall an app. Its data stays in its folder, or with `keep_data` false goes to the trash."""
        return Job.of(await self._apps.uninstall(id, keep_data=keep_data, by=caller.name))

    @operation("POST", "/api/apps/{id}/start", scope="apps:write", risk="modify")
    async def start(self, caller: Caller, id: InstalledId) -> Job:
        """Start all containers of an app."""
        return Job.of(await self._apps.power(id, "start", by=caller.name))

    @operation("POST", "/api/apps/{id}/stop", scope="apps:write", risk="modify")
    async def stop(self, caller: Caller, id: InstalledId) -> Job:
        """Stop all containers of an app."""
        return Job.of(await self._apps.power(id, "stop", by=caller.name))

    @operation("POST", "/api/apps/{id}/restart", scope="apps:write", risk="modify")
    async def restart(self, caller: Caller, id: InstalledId) -> Job:
        """Stop all containers of an app and start them again."""
        return Job.of(await self._apps.power(id, "restart", by=caller.name))

    @operation("POST", "/api/apps/{id}/update", scope="apps:write", risk="modify")
    async def update(
        self,
        caller: Caller,
        id: InstalledId,
        without_copy: bool = False,
        accept_risks: bool = False,
        plan: bool = False,
    ) -> Job | Plan:
        """Update an app to what its store has, or to what its tags mean now. The old version runs on while the new one
        is fetched, its data is copied, and it comes back by itself where the new one does not answer."""
        if plan:
            return await self._apps.plan_update(id)
        accepted = accept_risks and caller.kind == "user"
        return Job.of(await self._apps.update(id, without_copy=without_copy, accept_risks=accepted, by=caller.name))

    @operation("POST", "/api/apps/{id}/rollback", scope="apps:write", risk="destructive")
    async def rollback(
        self,
        caller: Caller,
        id: InstalledId,
        revision: Annotated[int, Field(ge=1)] | None = None,
        with_data: bool = True,
    ) -> Job:
        """Go back to an older version, the one before unless `revision` names one; `with_data` also to its data of
        then. What is now is kept as a copy."""
        return Job.of(await self._apps.roll_back(id, revision, with_data=with_data, by=caller.name))

    @operation("POST", "/api/apps/{id}/export", scope="apps:write", risk="modify")
    async def export(self, caller: Caller, id: InstalledId, with_data: bool = False) -> Job:
        """Write the app as a folder that runs with plain `docker compose up`, without Talome; the job's log says where.
        With `with_data` it is stopped for as long as its data is copied. The folder holds the app's passwords."""
        return Job.of(await self._export.start(id, with_data=with_data, by=caller.name))

    @operation("PUT", "/api/apps/{id}/settings", scope="apps:write", risk="modify")
    async def edit(
        self,
        caller: Caller,
        id: InstalledId,
        env: Answers | None = None,
        ports: Ports | None = None,
        limits: LimitChanges | None = None,
        folders: FolderChanges | None = None,
        extra_folders: ExtraFolders | None = None,
        accept_risks: bool = False,
        plan: bool = False,
    ) -> Job | Plan:
        """Other answers, host ports, limits or folders for an installed app; what is not named stays as it is. A limit
        or a folder that is null goes back to what the app's file says; `extra_folders` are all that there are to be.
        No file is moved: what an old folder holds stays there."""
        change = AppChange(env=env, ports=ports, limits=limits, folders=folders, extra_folders=extra_folders)
        if plan:
            return await self._apps.plan_edit(id, change)
        accepted = accept_risks and caller.kind == "user"
        return Job.of(await self._apps.edit(id, change, accept_risks=accepted, by=caller.name))

    @operation("GET", "/api/apps/updates", scope="apps:read", risk="read")
    async def updates(self, caller: Caller, refresh: bool = False) -> list[InstalledApp]:
        """The installed apps for which there is something newer: a version in the store, or a tag that moved. With
        `refresh` the registries are asked now."""
        return await self._updates.find(refresh=refresh)

    @operation("PUT", "/api/apps/{id}/update-policy", scope="apps:write", risk="modify")
    async def set_update_policy(self, caller: Caller, id: InstalledId, policy: UpdatePolicy) -> Done:
        """What becomes of updates: nothing, a notification, or an update by itself in the nightly hours."""
        await self._updates.set_policy(id, policy)
        return Done()

    @operation("POST", "/api/apps/bulk", scope="apps:write", risk="modify")
    async def bulk(
        self,
        caller: Caller,
        action: Literal["start", "stop", "restart", "update"],
        app_ids: Several,
        accept_risks_of: Annotated[list[AppId], Field(max_length=100)] | None = None,
        plan: bool = False,
    ) -> list[BulkResult] | BulkPlan:
        """The same for several apps: a job for each, or the reason why there is none. `plan` tells what updates would
        do; of those that would have more rights, only the ones in `accept_risks_of` are updated."""
        if plan and action == "update":
            return await self._several.plan_updates(app_ids)
        if plan:
            raise Invalid("Only updates have a plan.", field="plan")
        accepted = accept_risks_of if accept_risks_of and caller.kind == "user" else ()
        return await self._several.run(action, app_ids, accepted, by=caller.name)
