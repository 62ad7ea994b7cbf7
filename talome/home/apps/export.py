"""An installed app as a folder that runs with plain `docker compose up` on any machine, without Talome."""

import asyncio
import io
import zipfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from talome.core.clock import now
from talome.core.jobs.service import Job, JobKind, Jobs, Step
from talome.core.jobs.store import JobRow
from talome.engines.trees import copy_tree, make_beneath, own_beneath, remove_tree, write_beneath
from talome.home.apps.data import AppData
from talome.home.apps.folders import AppFolders, Revision
from talome.home.apps.layout import Layout, data_layout, filled
from talome.home.apps.lifecycle import Lifecycle
from talome.home.apps.overrides import bind_mounts
from talome.home.apps.rendering import Rendered
from talome.home.apps.service import Apps
from talome.home.apps.steps import AppSteps
from talome.home.apps.store import AppRow
from talome.home.apps.volumes import AppVolumes
from talome.home.plain_yaml import plain_yaml

_EXPORT: Final = "apps.export"
_LABELS: Final = "talome."
_README: Final = """# {name}

Exported by Talome. To run it here:

    docker compose up -d

`compose.yml` says what runs, `.env` holds its settings and passwords: keep that file to yourself.
Its ports are {ports}.
"""
_DATA: Final = "What it keeps is in `data/`, as it was at the export.\n"
_NO_DATA: Final = "What the app had kept is not in here; it begins empty.\n"
_OUTSIDE: Final = "\nThese folders of the machine are not in here; make them before the first start:\n\n{listed}\n"
_VOLUMES: Final = """
Volumes are in `volumes/`. Fill each before the first start:

{listed}
"""
_FILL: Final = "    docker run --rm -i -v {volume}:/volume busybox tar -x -C / < volumes/{volume}.tar\n"


@dataclass(frozen=True, slots=True)
class Exported:
    """Texts by their path, and what the app wants to find below `data/`."""

    files: dict[str, str]
    layout: Layout


class AppExport:
    """`root` is where folders are exported to. Downloads hold no data, folders do where that is asked for."""

    def __init__(
        self,
        apps: Apps,
        folders: AppFolders,
        data: AppData,
        volumes: AppVolumes,
        *,
        render: Callable[[str, Revision], Awaitable[Rendered]],
        lifecycle: Lifecycle,
        root: Path,
    ) -> None:
        self._apps = apps
        self._folders = folders
        self._data = data
        self._volumes = volumes
        self._render = render
        self._lifecycle = lifecycle
        self._root = root

    def register(self, jobs: Jobs, steps: AppSteps) -> None:
        """Its jobs are steps of the apps and one of its own."""
        own = {**steps.all(), "apps.export": Step(self._write, self._remove)}
        jobs.register(_EXPORT, JobKind(run=self._run, steps=own, secrets=steps.secrets.of_job))

    async def zipped(self, app: str) -> bytes:
        """Its files without its data. Raises `NotFound`."""
        exported = await self._exported(await self._apps.row(app), volumes=None)
        return await asyncio.to_thread(_zip, app, exported)

    async def start(self, app: str, *, with_data: bool, by: str) -> JobRow:
        """Into a new folder of this machine. For a copy of its data the app is stopped, and started again."""
        row = await self._apps.row(app)
        shown = await self._apps.get(app)
        place = self._root / f"{app}-{now():%Y-%m-%d-%H%M%S}"
        arguments = {
            "app": app, "name": row.name, "place": str(place), "with_data": with_data,
            "running": with_data and shown.state in ("running", "partly", "starting"),
        }  # fmt: skip
        return await self._lifecycle.begin(_EXPORT, f"Export {row.name}", arguments, by, planned_on=row.revision)

    async def _run(self, job: Job, arguments: dict[str, Any]) -> None:
        app, running = arguments["app"], arguments["running"]
        if running:
            await job.progress("Stopping it, so that its data is whole")
            await job.step("apps.stop", app=app, running=True)
        await job.progress("Writing its folder")
        place, with_data = arguments["place"], arguments["with_data"]
        await job.step("apps.export", app=app, place=place, with_data=with_data)
        if running:
            await job.progress("Starting it")
            await job.step("apps.start", app=app, running=True)
        await job.log(f"It is in {place} and runs with: docker compose up -d")

    async def _write(self, step: dict[str, Any]) -> None:
        app, place = step["app"], Path(step["place"])
        await asyncio.to_thread(remove_tree, place)  # what an earlier try left
        await asyncio.to_thread(place.mkdir, mode=0o700, parents=True)
        if step["with_data"]:
            await copy_tree(self._data.of(app), place / "data")
            await self._volumes.keep(app, place)
        kept = [volume.name for volume in await self._volumes.of(app)] if step["with_data"] else None
        exported = await self._exported(await self._apps.row(app), volumes=kept)
        await asyncio.to_thread(_lay_out, place, exported)

    async def _remove(self, step: dict[str, Any], _: object) -> None:
        await asyncio.to_thread(remove_tree, Path(step["place"]))

    async def _exported(self, row: AppRow, *, volumes: list[str] | None) -> Exported:
        """With the images pinned, and without Talome's labels. `volumes` is None where no data goes along."""
        revision = await asyncio.to_thread(self._folders.revision, row.id, row.revision)
        rendered = await self._render(row.id, revision)
        compose = rendered.compose
        for body in compose.get("services", {}).values():
            labels = body.get("labels") or {}
            body["labels"] = {name: value for name, value in labels.items() if not name.startswith(_LABELS)}
            if (pinned := revision.images.get(str(body.get("image")))) is not None:
                body["image"] = pinned
        for volume in (compose.get("volumes") or {}).values():
            if volume:
                volume.pop("external", None)  # there is none on another machine, so it is made there
        files = {**rendered.files, "compose.yml": plain_yaml(compose), "README.md": _readme(row, rendered, volumes)}
        return Exported(files, data_layout(revision.manifest, compose, rendered.values, {}))


def _readme(row: AppRow, rendered: Rendered, volumes: list[str] | None) -> str:
    bodies = rendered.compose.get("services", {}).values()
    ports = [str(port.get("published") or "any") for body in bodies for port in body.get("ports") or []]
    text = _README.format(name=" ".join(row.name.split()), ports=", ".join(ports) or "none")
    text += _NO_DATA if volumes is None else _DATA
    places = {filled(str(mount["source"]), rendered.values) for _, mount in bind_mounts(rendered.compose)}
    if outside := sorted(place for place in places if place.startswith("/")):
        text += _OUTSIDE.format(listed="\n".join(f"- `{place}`" for place in outside))
    if volumes:
        text += _VOLUMES.format(listed="".join(_FILL.format(volume=volume) for volume in volumes))
    return text


def _zip(app: str, exported: Exported) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("", "data/", *(f"data/{path}/" for path in sorted(exported.layout.folders))):
            archive.writestr(zipfile.ZipInfo(f"{app}/{name}"), "")
        empty = {f"data/{path}": "" for path in exported.layout.files}
        for name, text in sorted({**empty, **exported.files}.items()):
            archive.writestr(f"{app}/{name}", text)
    return out.getvalue()


def _lay_out(place: Path, exported: Exported) -> None:
    """What was copied stays as it is."""
    for name, owner in sorted(exported.layout.folders.items()):
        if make_beneath(place, f"data/{name}") and owner is not None:
            own_beneath(place, f"data/{name}", *owner)
    for path, owner in sorted(exported.layout.files.items()):
        if write_beneath(place, f"data/{path}", b"", mode=0o644, replace=False) and owner is not None:
            own_beneath(place, f"data/{path}", *owner)
    for name, text in exported.files.items():
        write_beneath(place, name, text.encode(), replace=not name.startswith("data/"))
