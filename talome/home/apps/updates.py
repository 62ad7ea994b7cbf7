"""Looks for newer versions: in the stores, and of tags in their registries. What a person chose happens then."""

import asyncio
import logging
import random
from datetime import datetime
from typing import Final, get_args

from talome.core.background import Background
from talome.core.errors import Invalid, NotFound, TalomeError
from talome.core.settings.service import Setting, Settings
from talome.home.apps.folders import AppFolders
from talome.home.apps.images import AppImages
from talome.home.apps.models import InstalledApp, UpdatePolicy
from talome.home.apps.service import Apps, Find
from talome.home.apps.store import AppRow, AppsStore
from talome.home.stores.models import CatalogChanged

WINDOW: Final = "apps.update_hour"
SETTINGS: Final[tuple[Setting, ...]] = (
    Setting(
        key=WINDOW,
        kind="number",
        default=3,
        title="Hour in which apps update by themselves",
        help="From 0 to 23, by this machine's clock. Only apps that you told to do so are updated.",
        feature="apps",
        minimum=0,
        maximum=23,
        people_only=True,
    ),
)
NEWER_IMAGE: Final = "a newer image"
_ROUND_S: Final = 1800.0
_LOOK_EVERY_S: Final = 6 * 3600.0
_log = logging.getLogger(__name__)


class Updates(Background):
    """Enter it to look every six hours."""

    def __init__(
        self, apps: Apps, store: AppsStore, folders: AppFolders, images: AppImages, *, find: Find, settings: Settings
    ) -> None:
        self._apps = apps
        self._store = store
        self._folders = folders
        self._images = images
        self._find = find
        self._settings = settings

    async def find(self, *, refresh: bool) -> list[InstalledApp]:
        """The apps for which there is something newer."""
        if refresh:
            await self.look()
        return [app for app in await self._apps.all() if app.update is not None]

    async def set_policy(self, app: str, policy: UpdatePolicy) -> None:
        """Raises `NotFound`."""
        if policy not in get_args(UpdatePolicy):
            raise Invalid("An update policy is manual, notify or automatic.", field="policy")
        await self._apps.row(app)
        await self._store.set_policy(app, policy)

    async def look(self) -> None:
        """Ask the stores and the registries, of all apps whose policy is not "manual"."""
        for row in await self._looked_after():
            try:
                newer = await self._newer(row)
            except TalomeError as error:
                _log.warning("It was not found out whether %s has an update: %s", row.id, error.message)
                continue
            if newer != row.newer:
                await self._store.note_newer(row.id, newer)

    async def take_offers(self, change: CatalogChanged) -> None:
        """What a store has since it was synced; the registries are not asked for that."""
        for row in await self._looked_after():
            if row.source.partition(":")[0] != change.store_id:
                continue
            offered = await self._offered(row)
            if offered != row.newer and (offered or row.newer != NEWER_IMAGE):
                await self._store.note_newer(row.id, offered)

    async def _looked_after(self) -> list[AppRow]:
        return [row for row in await self._store.all() if row.state == "installed" and row.policy != "manual"]

    async def _offered(self, row: AppRow) -> str | None:
        """The store's version, where it is another one."""
        store, _, name = row.source.partition(":")
        try:
            offer = await self._find(name, store)
        except NotFound:
            return None
        return offer.manifest.version if offer.manifest.version != row.version else None

    async def _newer(self, row: AppRow) -> str | None:
        if (offered := await self._offered(row)) is not None:
            return offered
        current = await asyncio.to_thread(self._folders.revision, row.id, row.revision)
        return NEWER_IMAGE if await self._images.moved(current) else None

    async def _work(self) -> None:
        since_look_s = _LOOK_EVERY_S
        while True:
            await asyncio.sleep(_ROUND_S * random.uniform(0.9, 1.1))  # noqa: S311 - so that houses do not ask all at once
            since_look_s += _ROUND_S
            if since_look_s >= _LOOK_EVERY_S:
                since_look_s = 0.0
                await self.look()
            if datetime.now().astimezone().hour == int(self._settings.number(WINDOW)):
                await self._update_those_that_may()

    async def _update_those_that_may(self) -> None:
        for row in await self._store.all():
            if row.policy != "automatic" or row.newer is None:
                continue
            try:
                await self._apps.update(row.id, without_copy=False, accept_risks=False, by="automatic update")
            except TalomeError as error:
                _log.warning("%s was not updated by itself: %s", row.id, error.message)
