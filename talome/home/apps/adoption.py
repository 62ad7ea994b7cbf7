"""Takes over what ran before Talome had it, and gives it back. What Compose made goes on running untouched, since only
the files change hands; a container that nobody described in a file is made anew, and comes back where that fails."""

import asyncio
import secrets
from contextlib import suppress
from dataclasses import asdict, replace
from typing import Any, Final

from talome.core.clock import now
from talome.core.errors import Conflict, Forbidden, Invalid, NotFound
from talome.core.events import Events
from talome.core.jobs.service import Job, JobKind, Jobs, Step
from talome.core.jobs.store import JobRow
from talome.engines.compose import ComposeReader
from talome.engines.docker.protocol import ContainerEngine
from talome.home.apps.data import AppData
from talome.home.apps.events import AppChanged, AppGone
from talome.home.apps.folders import AppFolders, Revision
from talome.home.apps.images import AppImages
from talome.home.apps.lifecycle import Lifecycle
from talome.home.apps.models import Adoptee, Plan
from talome.home.apps.overrides import Origin
from talome.home.apps.plans import Intent, Plans
from talome.home.apps.ports import PortLeases
from talome.home.apps.rendering import keyed_ports
from talome.home.apps.service import OWN_PROJECT, Offer, new_row
from talome.home.apps.steps import AppSteps
from talome.home.apps.store import AppRow, AppsStore

_ADOPT, _RELEASE = "apps.adopt", "apps.release"
_ASIDE: Final = "-before-talome"


class Adoption:
    """The counterpart of `Apps.install` and `Apps.uninstall` for what is there already."""

    def __init__(
        self, store: AppsStore, folders: AppFolders, images: AppImages, *,
        plans: Plans, lifecycle: Lifecycle, reader: ComposeReader,
    ) -> None:  # fmt: skip
        self._store = store
        self._images = images
        self._folders = folders
        self._plans = plans
        self._lifecycle = lifecycle
        self._reader = reader

    async def taken(self) -> set[str]:
        """The projects that are Talome's already, its own among them."""
        return {OWN_PROJECT, *(row.id for row in await self._store.all())}

    async def plan(self, adoptee: Adoptee) -> Plan:
        return await self._plans.plan(await self._intended(adoptee))

    async def hashes(self, adoptee: Adoptee) -> dict[str, str]:
        """What Compose will compare the labels of the containers with, by service."""
        rendered = await self._plans.render(adoptee.app, (await self._intended(adoptee)).revision)
        return await self._reader.hashes(adoptee.app, rendered.files)

    async def adopt(self, adoptee: Adoptee, *, accept_risks: bool, by: str) -> JobRow:
        """Raises `Conflict` where the name is taken, `Forbidden` where its risks were not accepted."""
        intent = await self._intended(adoptee)
        plan = await self._plans.plan(intent)
        if plan.sheet.needs_typed_confirmation and not accept_risks:
            raise Forbidden(f"{plan.name} has rights over this whole machine. Look at them and accept them first.")
        revision = intent.revision
        row = new_row(intent.app, Offer(revision.store, None, revision.manifest), revision)
        token = secrets.token_hex(16)
        existed = await asyncio.to_thread(self._folders.exists, row.id)
        await asyncio.to_thread(self._folders.prepare, token, revision)
        arguments = {
            "app": row.id, "name": row.name, "token": token, "row": asdict(row), "ports": revision.ports,
            "existed": existed, "containers": adoptee.containers, "alone": adoptee.alone, "running": adoptee.running,
        }  # fmt: skip
        try:
            return await self._lifecycle.begin(_ADOPT, f"Take over {row.name}", arguments, by, planned_on=None)
        except BaseException:
            await asyncio.to_thread(self._folders.drop_prepared, token)
            raise

    async def release(self, app: str, *, by: str) -> JobRow:
        """Talome forgets an app that it took over; whatever runs goes on."""
        row = await self._store.get(app)
        if row is None:
            raise NotFound(f"There is no installed app “{app}”.")
        revision = await asyncio.to_thread(self._folders.revision, app, row.revision)
        if revision.origin is None:
            raise Invalid(f"{row.name} was installed by Talome, so it can only be uninstalled.")
        arguments = {"app": app, "name": row.name}
        return await self._lifecycle.begin(_RELEASE, f"Give back {row.name}", arguments, by, planned_on=row.revision)

    async def _intended(self, adoptee: Adoptee) -> Intent:
        app = adoptee.app
        self._folders.path(app)
        if app in await self.taken():
            raise Conflict(f"“{app}” is the name of another app of Talome's.")
        numbers = await asyncio.to_thread(self._folders.revisions, app)
        revision = Revision(
            number=max(numbers, default=0) + 1,
            store=f"adopted:{app}",
            manifest=adoptee.manifest,
            answers=adoptee.answers,
            ports=_ports(adoptee),
            images={name: await self._images.pinned(name, image) for name, image in adoptee.images.items()},
            origin=Origin(
                maker=adoptee.maker,
                folder=adoptee.folder,
                as_found=not adoptee.alone,
                volumes=adoptee.volumes,
                anonymous=adoptee.anonymous,
            ),
            made_at=now().isoformat(),
        )
        return Intent(app, revision, None, snapshot=False)


class AdoptionJobs:
    """Carries out what `Adoption` starts."""

    def __init__(
        self,
        jobs: Jobs,
        engine: ContainerEngine,
        store: AppsStore,
        leases: PortLeases,
        folders: AppFolders,
        *,
        data: AppData,
        steps: AppSteps,
        lifecycle: Lifecycle,
        events: Events,
    ) -> None:
        self._engine = engine
        self._store = store
        self._leases = leases
        self._folders = folders
        self._data = data
        self._lifecycle = lifecycle
        self._events = events
        own = {
            "adopt.folder": Step(self._make_folder, self._remove_folder),
            "adopt.same": Step(self._require_same),
            "adopt.aside": Step(self._set_aside, self._put_back),
            "adopt.remove_aside": Step(self._remove_aside),
            "adopt.forget": Step(self._forget),
        }
        known = {**steps.all(), **own}
        hidden = steps.secrets.of_job
        jobs.register(_ADOPT, JobKind(run=self._adopt, steps=known, secrets=hidden))
        jobs.register(_RELEASE, JobKind(run=self._release, steps=known, secrets=hidden))

    async def _adopt(self, job: Job, arguments: dict[str, Any]) -> None:
        app, row, containers = arguments["app"], AppRow(**arguments["row"]), arguments["containers"]
        await job.progress("Writing its files")
        await job.step("apps.row", app=app, row=asdict(replace(row, state="installing")), before=None)
        await job.step("adopt.folder", app=app, existed=arguments["existed"], token=arguments["token"])
        await job.step("apps.revision", app=app, token=arguments["token"], revision=row.revision)
        await job.step("apps.ports", app=app, ports=arguments["ports"], before={})
        await job.step("apps.write", app=app, revision=row.revision)
        await job.step("adopt.same", app=app, containers=containers)
        await job.step("apps.switch", app=app, to=row.revision, back=None)
        if arguments["alone"]:
            await job.progress("Stopping the container")
            await job.step("adopt.aside", app=app, container=containers[0], running=arguments["running"])
            await self._lifecycle.bring_up(job, app, row.revision, "apps.up")
        await job.step("apps.row", app=app, row=arguments["row"], before=arguments["row"] | {"state": "installing"})
        if arguments["alone"]:
            await job.step("adopt.remove_aside", app=app, container=containers[0])
        self._events.publish(AppChanged(app))

    async def _release(self, job: Job, arguments: dict[str, Any]) -> None:
        await job.progress("Giving it back")
        await job.step("adopt.forget", app=arguments["app"])
        self._events.publish(AppGone(arguments["app"]))

    async def _make_folder(self, step: dict[str, Any]) -> None:
        await asyncio.to_thread(self._folders.make, step["app"])

    async def _remove_folder(self, step: dict[str, Any], _: object) -> None:
        await asyncio.to_thread(self._folders.drop_prepared, step["token"])
        if not step["existed"]:
            await asyncio.to_thread(self._data.throw_away, step["app"], if_only_ours=True)

    async def _require_same(self, step: dict[str, Any]) -> None:
        """What was planned is what is there: whoever else looks after it may have changed it since."""
        if gone := set(step["containers"]) - {row.id for row in await self._engine.containers.all()}:
            raise Conflict(f"{len(gone)} of its containers were made anew or removed meanwhile. Look at it again.")

    async def _set_aside(self, step: dict[str, Any]) -> None:
        """Stopped and by another name, for as long as it may be needed again."""
        found = await self._engine.containers.inspect(step["container"])
        await self._engine.containers.stop(found.id)
        if not found.name.endswith(_ASIDE):
            await self._engine.containers.rename(found.id, f"{found.name}{_ASIDE}")

    async def _put_back(self, step: dict[str, Any], _: object) -> None:
        found = await self._engine.containers.inspect(step["container"])
        if found.name.endswith(_ASIDE):
            await self._engine.containers.rename(found.id, found.name.removesuffix(_ASIDE))
        if step["running"]:
            await self._engine.containers.start(found.id)

    async def _remove_aside(self, step: dict[str, Any]) -> None:
        """Its volumes stay, those without a name too."""
        with suppress(NotFound):
            await self._engine.containers.remove(step["container"], force=True)

    async def _forget(self, step: dict[str, Any]) -> None:
        """Its folder stays as well: the files there are what the containers were made from."""
        await self._leases.set(step["app"], {})
        await self._store.delete(step["app"])


def _ports(adoptee: Adoptee) -> dict[str, int]:
    """As they are, since people and other programs know the app by them."""
    ports: dict[str, int] = {}
    for service, body in adoptee.manifest.compose.get("services", {}).items():
        for key, port in keyed_ports(service, body):
            published = str(port.get("published") or "")
            number = int(published) if published.isdecimal() else adoptee.published.get(key)
            if number is None:
                raise Invalid(f"“{service}” does not run, so its port {port['target']} is not known. Start it first.")
            ports[key] = number
    taken = [(number, key.rpartition("/")[2].partition("#")[0]) for key, number in ports.items()]
    if len(set(taken)) < len(taken):
        raise Invalid("It publishes one port twice, at several addresses. Talome can give a port to an app only once.")
    return ports
