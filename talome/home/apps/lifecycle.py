"""The jobs of apps. A job that fails, is cancelled or finds that the new version does not work goes back by its own
journal; one that a crash interrupted goes on where it was."""

import asyncio
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any, Final

import orjson

from talome.core.errors import Conflict
from talome.core.events import Events
from talome.core.jobs.service import Job, JobKind, Jobs
from talome.core.jobs.store import JobRow
from talome.home.apps.data import AppData
from talome.home.apps.events import AppChanged, AppGone
from talome.home.apps.folders import AppFolders
from talome.home.apps.images import AppImages
from talome.home.apps.steps import AppSteps
from talome.home.apps.store import AppRow, AppsStore

SCOPE: Final = "apps:read"
_INSTALL, _CHANGE, _UNINSTALL, _POWER = "apps.install", "apps.change", "apps.uninstall", "apps.power"
_KEPT_SNAPSHOTS: Final = 1
_UPDATES_AT_ONCE: Final = 2
"""More would only fight for the line and the disk, and keep more apps away at a time."""


class Lifecycle:
    """Starts the jobs, one at a time for each app, and carries them out."""

    def __init__(
        self,
        jobs: Jobs,
        store: AppsStore,
        folders: AppFolders,
        images: AppImages,
        *,
        data: AppData,
        steps: AppSteps,
        events: Events,
    ) -> None:
        self._jobs = jobs
        self._store = store
        self._folders = folders
        self._data = data
        self._images = images
        self._steps = steps
        self._events = events
        self._starting = asyncio.Lock()
        self._turns = asyncio.Semaphore(_UPDATES_AT_ONCE)
        runs = {
            _INSTALL: self._install,
            _CHANGE: self._in_turn,
            _UNINSTALL: self._uninstall,
            _POWER: self._power,
        }
        for kind, run in runs.items():
            jobs.register(kind, JobKind(run=run, steps=steps.all(), secrets=steps.secrets.of_job))

    async def at_work(self) -> dict[str, str]:
        """The jobs that go on now, by app."""
        rows = await self._jobs.store.unfinished()
        return {orjson.loads(row.arguments)["app"]: row.id for row in rows if row.kind.startswith("apps.")}

    async def begin(
        self, kind: str, title: str, arguments: Mapping[str, Any], by: str, *, planned_on: int | None
    ) -> JobRow:
        """Start a job of an app. `planned_on` is the revision that was in force when it was planned, None where the app
        was not there."""
        async with self._starting:
            if arguments["app"] in await self.at_work():
                raise Conflict(f"Something else is being done to “{arguments['app']}” just now. Wait until it is done.")
            row = await self._store.get(arguments["app"])
            if (row.revision if row else None) != planned_on:
                raise Conflict(f"“{arguments['app']}” has just been changed. Look at it, then try again.")
            subject = f"app:{arguments['app']}"
            return await self._jobs.start(kind, title, dict(arguments), scope=SCOPE, by=by, subject=subject)

    # --- starting them ---

    async def install(self, row: AppRow, token: str, ports: Mapping[str, int], *, existed: bool, by: str) -> JobRow:
        """`token` names the prepared revision. `existed`: its folder was there, from an earlier installation."""
        arguments = {
            "app": row.id, "name": row.name, "token": token, "row": asdict(row), "ports": dict(ports),
            "existed": existed,
        }  # fmt: skip
        return await self.begin(_INSTALL, f"Install {row.name}", arguments, by, planned_on=None)

    async def change(
        self, title: str, row: AppRow, token: str, ports: Mapping[str, int], ports_before: Mapping[str, int], *,
        before: AppRow, running: bool, snapshot: bool, fresh: bool, older: int | None, by: str,
    ) -> JobRow:  # fmt: skip
        """To the prepared revision: an update, new settings, or with `older` the data of that snapshot as well."""
        arguments = {
            "app": row.id, "name": row.name, "token": token, "row": asdict(row), "before": asdict(before),
            "ports": dict(ports), "ports_before": dict(ports_before), "running": running, "snapshot": snapshot,
            "fresh": fresh, "older": older,
        }  # fmt: skip
        return await self.begin(_CHANGE, title, arguments, by, planned_on=before.revision)

    async def uninstall(self, row: AppRow, *, running: bool, throw_away: bool, by: str) -> JobRow:
        arguments = {"app": row.id, "name": row.name, "running": running, "throw_away": throw_away}
        return await self.begin(_UNINSTALL, f"Uninstall {row.name}", arguments, by, planned_on=row.revision)

    async def power(self, row: AppRow, action: str, *, running: bool, by: str) -> JobRow:
        """`action` is start, stop or restart."""
        arguments = {"app": row.id, "name": row.name, "action": action, "running": running}
        return await self.begin(_POWER, f"{action.capitalize()} {row.name}", arguments, by, planned_on=row.revision)

    # --- carrying them out ---

    async def _install(self, job: Job, arguments: dict[str, Any]) -> None:
        app, row = arguments["app"], AppRow(**arguments["row"])
        await job.progress("Making room")
        await job.step("apps.row", app=app, row=asdict(replace(row, state="installing")), before=None)
        await job.step("apps.folder", app=app, existed=arguments["existed"], token=arguments["token"])
        await job.step("apps.revision", app=app, token=arguments["token"], revision=row.revision)
        await job.step("apps.ports", app=app, ports=arguments["ports"], before={})
        await self._fetch(job, app, row.revision, fresh=False)
        await job.step("apps.write", app=app, revision=row.revision)
        await job.step("apps.switch", app=app, to=row.revision, back=None)
        await self.bring_up(job, app, row.revision, "apps.up")
        await job.step("apps.row", app=app, row=arguments["row"], before=arguments["row"] | {"state": "installing"})
        self._events.publish(AppChanged(app))

    async def _in_turn(self, job: Job, arguments: dict[str, Any]) -> None:
        """Updates wait for each other; new settings and going back wait for nobody."""
        if not arguments["fresh"]:
            return await self._change(job, arguments)
        if self._turns.locked():
            await job.progress("Waiting until other updates are done")
        async with self._turns:
            return await self._change(job, arguments)

    async def _change(self, job: Job, arguments: dict[str, Any]) -> None:
        app, row, before = arguments["app"], AppRow(**arguments["row"]), AppRow(**arguments["before"])
        old, new, running = arguments["ports_before"], arguments["ports"], arguments["running"]
        await job.step("apps.keep", app=app, running=running)
        await job.step("apps.revision", app=app, token=arguments["token"], revision=row.revision)
        await job.step("apps.ports", app=app, ports={**old, **new}, before=old)
        await self._fetch(job, app, row.revision, fresh=arguments["fresh"])
        await job.step("apps.write", app=app, revision=row.revision)
        await job.progress("Stopping the old version")
        await job.step("apps.stop", app=app, running=running)
        if arguments["snapshot"] or arguments["older"] is not None:
            await job.progress("Copying its data, so that there is a way back")
            await job.step("apps.snapshot", app=app, revision=row.revision)
            await job.step("apps.begin", app=app, revision=row.revision)
        if arguments["older"] is not None:
            await job.progress("Bringing back the older data")
            await job.step("apps.older_data", app=app, revision=row.revision, older=arguments["older"])
        await job.step("apps.switch", app=app, to=row.revision, back=before.revision)
        if running:
            await self.bring_up(job, app, row.revision, "apps.up")
        else:
            await job.step("apps.down", app=app, running=False)
        await job.step("apps.row", app=app, row=asdict(row), before=asdict(before))
        await job.step("apps.ports", app=app, ports=new, before={**old, **new})
        await asyncio.to_thread(self._data.prune, app, row.revision, _KEPT_SNAPSHOTS)
        self._events.publish(AppChanged(app))

    async def _fetch(self, job: Job, app: str, revision: int, *, fresh: bool) -> None:
        async def told(image: str, done: int, total: int) -> None:
            await job.progress(f"Fetching {image}", done, total or None, "bytes")

        await job.progress("Looking for its images")
        self._images.listeners[job.row.id] = told
        try:
            await job.step("apps.pull", app=app, revision=revision, fresh=fresh, job=job.row.id)
        finally:
            del self._images.listeners[job.row.id]

    async def bring_up(self, job: Job, app: str, revision: int, step: str) -> None:
        """Start it and believe it only when it answers."""

        async def told(missing: str) -> None:
            if job.row.stage != (stage := f"Waiting until it is ready: {missing}"):
                await job.progress(stage)

        await job.progress("Starting it")
        await job.step(step, app=app)
        made_from = await asyncio.to_thread(self._folders.revision, app, revision)
        await self._steps.verdict.wait(app, made_from, told)

    async def _uninstall(self, job: Job, arguments: dict[str, Any]) -> None:
        app = arguments["app"]
        await job.progress("Removing its containers")
        await job.step("apps.down", app=app, running=arguments["running"])
        await job.progress("Moving its data to the trash" if arguments["throw_away"] else "Tidying up")
        done = await job.step("apps.gone", app=app, throw_away=arguments["throw_away"], job=job.row.id)
        if done["place"]:
            await job.log(f"Its folder lies in the trash as {done['place']}.")
        self._events.publish(AppGone(app))

    async def _power(self, job: Job, arguments: dict[str, Any]) -> None:
        app, action, running = arguments["app"], arguments["action"], arguments["running"]
        if action == "start":
            await job.progress("Starting it")
            await job.step("apps.start", app=app, running=running)
        else:
            await job.progress("Stopping it")
            await job.step("apps.stop", app=app, running=running)
            if action == "restart":
                await job.progress("Starting it")
                await job.step("apps.up", app=app)
        self._events.publish(AppChanged(app))
