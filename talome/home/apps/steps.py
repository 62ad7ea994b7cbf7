"""The steps that change the machine for an app. Each brings about a state, so that it may run twice, and each knows the
state to go back to, so that every way through a crash ends at the old app or the new one."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, Final

from talome.core.errors import Conflict, Invalid, NotFound, TalomeError, Unavailable
from talome.core.jobs.service import Step, Undo
from talome.engines.compose import ComposeProject
from talome.engines.docker.protocol import ContainerEngine
from talome.engines.trees import copy_tree, remove_tree
from talome.home.apps.data import AppData
from talome.home.apps.folders import AppFolders, Revision
from talome.home.apps.images import AppImages
from talome.home.apps.layout import bounds, data_layout
from talome.home.apps.ports import PortLeases
from talome.home.apps.rendering import LABEL_APP, Rendered
from talome.home.apps.secrets import AppSecrets
from talome.home.apps.store import AppRow, AppsStore
from talome.home.apps.verdict import PROJECT, Verdict
from talome.home.apps.volumes import AppVolumes

Render = Callable[[str, Revision], Awaitable[Rendered]]
_TRIES: Final = 3
_DOCKER_AWAY_S: Final = 600.0
_EVERY_S: Final = 0.5


class AppSteps:
    """Arguments and results are JSON; `app` is the app's id in each."""

    def __init__(
        self,
        engine: ContainerEngine,
        store: AppsStore,
        leases: PortLeases,
        folders: AppFolders,
        *,
        data: AppData,
        images: AppImages,
        volumes: AppVolumes,
        project: Callable[[str, Path], Awaitable[ComposeProject]],
        render: Render,
        render_unpinned: Render,
        shared_folders: Callable[[], Mapping[str, str]],
        verdict: Verdict,
        secrets: AppSecrets,
    ) -> None:
        self._engine = engine
        self._store = store
        self._leases = leases
        self._folders = folders
        self._data = data
        self._images = images
        self._volumes = volumes
        self._make_project = project
        self._render = render
        self._render_unpinned = render_unpinned
        self._shared_folders = shared_folders
        self.verdict = verdict
        self.secrets = secrets

    def all(self) -> Mapping[str, Step]:
        return {
            "apps.row": Step(self._put_row, self._put_row_back),
            "apps.ports": Step(self._take_ports, self._give_ports_back),
            "apps.folder": Step(self._make_folder, self._surely(self._remove_folder)),
            "apps.revision": Step(self._add_revision, self._forget_revision),
            "apps.pull": Step(self._pull),
            "apps.write": Step(self._write),
            "apps.keep": Step(self._nothing, self._surely(self._keep_running)),
            "apps.stop": Step(self._stop, self._surely(self._start_again)),
            "apps.snapshot": Step(self._snapshot, self._forget_snapshot),
            "apps.begin": Step(self._nothing, self._surely(self._put_back)),
            "apps.older_data": Step(self._take_older_data, self._surely(self._put_back)),
            "apps.switch": Step(self._switch, self._switch_back),
            "apps.start": Step(self._up, self._surely(self._stop_again)),
            "apps.up": Step(self._up, self._surely(self._down_again)),
            "apps.down": Step(self._down, self._surely(self._up_again)),
            "apps.gone": Step(self._forget),
        }

    def _surely(self, undo: Undo) -> Undo:
        """The way back is gone to its end: a Docker that was restarted in the middle is waited for."""

        async def undone(step: dict[str, Any], result: object) -> None:
            for left in reversed(range(_TRIES)):
                try:
                    await undo(step, result)
                    return
                except TalomeError:
                    if not left:
                        raise
                await self._docker_is_there()

        return undone

    async def _docker_is_there(self) -> None:
        deadline = time.monotonic() + _DOCKER_AWAY_S
        while time.monotonic() < deadline:
            try:
                await self._engine.ping()
                return
            except Unavailable:
                await asyncio.sleep(_EVERY_S)

    async def _project(self, app: str, folder: Path | None = None) -> ComposeProject:
        return await self._make_project(app, folder or self._folders.path(app))

    # --- what Talome notes ---

    async def _put_row(self, step: dict[str, Any]) -> None:
        await self._store.save(AppRow(**step["row"]))

    async def _put_row_back(self, step: dict[str, Any], _: object) -> None:
        if step["before"] is None:
            await self._store.delete(step["app"])
        else:
            await self._store.save(AppRow(**step["before"]))

    async def _take_ports(self, step: dict[str, Any]) -> None:
        await self._leases.set(step["app"], step["ports"])

    async def _give_ports_back(self, step: dict[str, Any], _: object) -> None:
        await self._leases.set(step["app"], step["before"])

    # --- its folder ---

    async def _make_folder(self, step: dict[str, Any]) -> bool:
        await self._refuse_foreign(step["app"], existed=step["existed"])
        await asyncio.to_thread(self._folders.make, step["app"])
        return True

    async def _refuse_foreign(self, app: str, *, existed: bool) -> None:
        """What carries the name in Docker already would be taken over, and taken down with the app."""
        containers = [row for row in await self._engine.containers.all() if row.labels.get(PROJECT) == app]
        volumes = [] if existed else await self._volumes.of(app)
        theirs = [row.name for row in containers if row.labels.get(LABEL_APP) != app] + [one.name for one in volumes]
        if theirs:
            raise Conflict(f"“{theirs[0]}” belongs to another “{app}” on this machine. Choose another name.")

    async def _remove_folder(self, step: dict[str, Any], made: bool | None) -> None:
        """Where it was made, no volume was there before it, so those that are there now go with it."""
        await asyncio.to_thread(self._folders.drop_prepared, step["token"])
        if not step["existed"]:
            await asyncio.to_thread(self._data.throw_away, step["app"], if_only_ours=True)
        if made and not step["existed"]:
            await self._volumes.throw_away(step["app"], step["token"])

    async def _add_revision(self, step: dict[str, Any]) -> None:
        await asyncio.to_thread(self._folders.adopt_prepared, step["app"], step["token"])

    async def _forget_revision(self, step: dict[str, Any], _: object) -> None:
        await asyncio.to_thread(self._folders.drop_prepared, step["token"])
        await asyncio.to_thread(self._folders.forget_revision, step["app"], step["revision"])

    async def _pull(self, step: dict[str, Any]) -> None:
        """What is pulled stays: an image that nobody uses is offered by the clean-up."""
        revision = await asyncio.to_thread(self._folders.revision, step["app"], step["revision"])
        pinned = await self._images.fetch(revision, fresh=step["fresh"], job=step["job"])
        changed = revision.model_copy(update={"images": pinned})
        await asyncio.to_thread(self._folders.save, step["app"], changed)

    async def _write(self, step: dict[str, Any]) -> None:
        app = step["app"]
        revision = await asyncio.to_thread(self._folders.revision, app, step["revision"])
        rendered = await self._render(app, revision)
        files = {name: text for name, text in rendered.files.items() if not name.startswith("data/")}
        await asyncio.to_thread(self._folders.write, app, revision.number, files)
        await self._check(app, revision)
        scaffold = {name[5:]: text for name, text in rendered.files.items() if name.startswith("data/")}
        await self._require_within(app, rendered)
        layout = data_layout(revision.manifest, rendered.compose, rendered.values, self._shared_folders())
        await asyncio.to_thread(self._data.lay_out, app, layout, scaffold)

    async def _require_within(self, app: str, rendered: Rendered) -> None:
        await asyncio.to_thread(self._data.require_folder, app)
        data = str(self._data.of(app))
        found = bounds(rendered.compose, rendered.values, data, self._shared_folders())
        await asyncio.to_thread(self._data.require_within, found)

    async def _check(self, app: str, revision: Revision) -> None:
        """Compose itself says whether it understands the file."""
        project = await self._project(app, self._folders.path(app) / "revisions" / str(revision.number))
        if warnings := await project.check():
            raise Invalid(f"The app's file is not whole: {' '.join(warnings)[:500]}")

    async def _switch(self, step: dict[str, Any]) -> None:
        await asyncio.to_thread(self._folders.switch, step["app"], step["to"])

    async def _switch_back(self, step: dict[str, Any], _: object) -> None:
        await asyncio.to_thread(self._folders.switch, step["app"], step["back"])

    # --- its data ---

    async def _snapshot(self, step: dict[str, Any]) -> None:
        app, number = step["app"], step["revision"]
        place = self._data.snapshot(app, number)
        await asyncio.to_thread(self._data.require_folder, app)
        if not (place / "data").exists():
            await copy_tree(self._data.of(app), place / "data")
        await self._volumes.keep(app, place)

    async def _forget_snapshot(self, step: dict[str, Any], _: object) -> None:
        await asyncio.to_thread(remove_tree, self._data.snapshot(step["app"], step["revision"]))

    async def _nothing(self, step: dict[str, Any]) -> None:
        """For a step that is there for its way back."""

    async def _put_back(self, step: dict[str, Any], _: object) -> None:
        """After `apps.begin` the new version may have written, so the data goes back to what was copied."""
        app, number = step["app"], step["revision"]
        await self._down(step)
        await self._volumes.put_back(app, self._data.snapshot(app, number))
        await asyncio.to_thread(self._data.put_back, app, number)

    async def _take_older_data(self, step: dict[str, Any]) -> None:
        """The older snapshot stays a snapshot; what is now was copied before."""
        app, older = step["app"], self._data.snapshot(step["app"], step["older"])
        await self._down(step)
        await self._volumes.put_back(app, older)
        await asyncio.to_thread(self._data.set_aside, app, step["revision"])
        await copy_tree(older / "data", self._data.of(app))

    # --- its containers ---

    async def _stop(self, step: dict[str, Any]) -> None:
        if step["running"]:
            await (await self._project(step["app"])).stop()

    async def _keep_running(self, step: dict[str, Any], _: object) -> None:
        """A Docker that was killed takes what outlived it for stopped by hand, and leaves it so."""
        if step["running"] and await self.verdict.fallen(step["app"]):
            await self._up(step)

    async def _start_again(self, step: dict[str, Any], _: object) -> None:
        if step["running"]:
            await self._up(step)

    async def _stop_again(self, step: dict[str, Any], _: object) -> None:
        if not step["running"]:
            await (await self._project(step["app"])).stop()

    async def _up(self, step: dict[str, Any]) -> None:
        """Docker follows links, so what the app left behind in its folder is looked at each time."""
        revision = await asyncio.to_thread(self._folders.in_force, step["app"])
        await self._require_within(step["app"], await self._render_unpinned(step["app"], revision))
        await (await self._project(step["app"])).up()

    async def _down_again(self, step: dict[str, Any], _: object) -> None:
        await self._down(step)

    async def _down(self, step: dict[str, Any]) -> None:
        """Containers and networks go; volumes, images and the folder stay. Also where the file is gone."""
        if (self._folders.path(step["app"]) / "compose.yml").is_file():
            await (await self._project(step["app"])).down()
        await self._remove_left(step["app"])

    async def _up_again(self, step: dict[str, Any], _: object) -> None:
        if step["running"]:
            await self._up(step)

    async def _remove_left(self, app: str) -> None:
        for row in await self._engine.containers.all():
            if row.labels.get(PROJECT) == app and row.labels.get(LABEL_APP) == app:
                await _unless_gone(self._engine.containers.remove(row.id, force=True))
        for network in await self._engine.networks.all():
            if network.labels.get(PROJECT) == app:
                await _unless_gone(self._engine.networks.remove(network.id))

    async def _forget(self, step: dict[str, Any]) -> dict[str, Any]:
        """The last step of an uninstallation: from here there is no way back, and none is needed."""
        app, place = step["app"], None
        await self._leases.set(app, {})
        if step["throw_away"]:
            await self._volumes.throw_away(app, step["job"], await asyncio.to_thread(self._of_its_owner, app))
            place = await asyncio.to_thread(self._data.throw_away, app)
        await self._store.delete(app)
        return {"place": place}

    def _of_its_owner(self, app: str) -> list[str]:
        """Volumes that an app had before Talome took it over."""
        try:
            origin = self._folders.in_force(app).origin
        except NotFound:  # its folder went in an earlier try
            return []
        return origin.volumes if origin else []


async def _unless_gone(work: Awaitable[None]) -> None:
    try:
        await work
    except NotFound:
        return
