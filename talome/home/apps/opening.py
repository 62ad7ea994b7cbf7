"""Puts the parts of the installed apps together."""

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import orjson

from talome.core.db import Database
from talome.core.events import Events
from talome.core.jobs.service import Jobs
from talome.core.secrets import Secrets
from talome.core.settings.service import Setting, Settings
from talome.engines.compose import ComposeFinder, ComposeProject, ComposeReader
from talome.engines.docker.protocol import ContainerEngine
from talome.engines.listeners import Listeners, Published
from talome.home.apps import plans, surroundings, updates
from talome.home.apps.adoption import Adoption, AdoptionJobs
from talome.home.apps.api import AppsApi
from talome.home.apps.data import AppData
from talome.home.apps.events import AppChanged, AppGone
from talome.home.apps.export import AppExport
from talome.home.apps.folders import AppFolders
from talome.home.apps.http import AppDownload
from talome.home.apps.images import AppImages
from talome.home.apps.lifecycle import Lifecycle
from talome.home.apps.plans import Plans
from talome.home.apps.ports import PortLeases, reserved_ports
from talome.home.apps.secrets import AppSecrets
from talome.home.apps.service import Apps, Find
from talome.home.apps.several import SeveralApps
from talome.home.apps.steps import AppSteps
from talome.home.apps.store import AppsStore, LeasesStore
from talome.home.apps.surroundings import House
from talome.home.apps.updates import Updates
from talome.home.apps.verdict import Verdict
from talome.home.apps.volumes import AppVolumes
from talome.home.containers.service import Containers
from talome.home.registries.service import Registries
from talome.home.stores.models import CatalogChanged
from talome.home.volumes.service import VolumeTrash

SETTINGS: Final[tuple[Setting, ...]] = (*surroundings.SETTINGS, *plans.SETTINGS, *updates.SETTINGS)


@dataclass(frozen=True, slots=True)
class Ground:
    """What the apps stand on; `own_ports` are Talome's and its terminal's."""

    home: Path
    docker_host: str
    own_ports: tuple[int, int]
    db: Database
    jobs: Jobs
    events: Events
    settings: Settings
    secrets: Secrets
    engine: ContainerEngine
    containers: Containers
    registries: Registries


@dataclass(frozen=True, slots=True)
class OpenApps:
    """What the house gets of it."""

    apps: Apps
    adoption: Adoption
    reader: ComposeReader
    download: AppDownload
    api: AppsApi


async def open_apps(stack: AsyncExitStack, ground: Ground, find: Find, installed: dict[str, str]) -> OpenApps:
    """The apps, with their jobs registered and the search for updates begun. `installed` is kept up: the catalog's ids
    of what is installed, with the names that it has here."""
    store, trash = AppsStore(ground.db), ground.home / "trash"
    folders = AppFolders(ground.home / "apps")
    await asyncio.to_thread(folders.root.mkdir, mode=0o700, exist_ok=True)
    data = AppData(folders, trash)
    listeners = Listeners(lambda: _published(ground.containers))
    leases = PortLeases(LeasesStore(ground.db), listeners, reserved_ports(*ground.own_ports))
    images = AppImages(ground.engine, ground.registries)
    house = House(ground.home, ground.settings, ground.secrets, images)
    hidden = AppSecrets(house, folders)
    compose = ComposeFinder()

    async def project(app: str, folder: Path) -> ComposeProject:
        return ComposeProject(await compose.get(), ground.docker_host, app, folder)

    volumes = AppVolumes(ground.engine, VolumeTrash(trash))
    steps = AppSteps(
        ground.engine,
        store,
        leases,
        folders,
        data=data,
        images=images,
        volumes=volumes,
        project=project,
        render=house.render,
        render_unpinned=house.render_unpinned,
        shared_folders=house.folders,
        verdict=Verdict(ground.engine, hidden),
        secrets=hidden,
    )
    unfinished = await ground.jobs.store.unfinished()
    waiting = {orjson.loads(row.arguments).get("token", "") for row in unfinished if row.kind.startswith("apps.")}
    await asyncio.to_thread(folders.forget_prepared, waiting)
    lifecycle = Lifecycle(ground.jobs, store, folders, images, data=data, steps=steps, events=ground.events)
    planned = Plans(house, leases, images, folders, data=data, settings=ground.settings)
    apps = Apps(store, folders, planned, leases, lifecycle, data=data, containers=ground.containers, find=find)
    await _keep_up(installed, store, ground.events)
    newer = Updates(apps, store, folders, images, find=find, settings=ground.settings)
    await stack.enter_async_context(newer)
    ground.events.on(CatalogChanged, newer.take_offers)
    AdoptionJobs(
        ground.jobs, ground.engine, store, leases, folders,
        data=data, steps=steps, lifecycle=lifecycle, events=ground.events,
    )  # fmt: skip
    reader = ComposeReader(compose, ground.docker_host)
    adoption = Adoption(store, folders, images, plans=planned, lifecycle=lifecycle, reader=reader)
    export = AppExport(
        apps, folders, data, volumes, render=house.render, lifecycle=lifecycle, root=ground.home / "exports"
    )
    export.register(ground.jobs, steps)
    return OpenApps(apps, adoption, reader, AppDownload(export), AppsApi(apps, newer, SeveralApps(apps), export))


async def _keep_up(installed: dict[str, str], store: AppsStore, events: Events) -> None:
    async def read(_: object) -> None:
        rows = await store.all()
        installed.clear()
        installed.update({row.source: row.id for row in rows})

    await read(None)
    for change in (AppChanged, AppGone):
        events.on(change, read)


def _published(containers: Containers) -> Iterator[Published]:
    for port, protocol, name, project in containers.published():
        if protocol == "udp":
            yield Published(port, "udp", name, project)
        elif protocol == "tcp":
            yield Published(port, "tcp", name, project)
