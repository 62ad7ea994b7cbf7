"""Puts the parts of people's own apps together, and of giving them to others."""

from dataclasses import dataclass
from pathlib import Path

from talome.core.db import Database
from talome.core.jobs.service import Jobs
from talome.home.stores.catalog import Catalog
from talome.home.stores.community.api import CommunityApi
from talome.home.stores.community.service import Community
from talome.home.stores.community.store import CommunityStore
from talome.home.stores.own.api import UserAppsApi
from talome.home.stores.own.files import OwnFiles
from talome.home.stores.own.http import UserAppExport
from talome.home.stores.own.service import UserApps
from talome.home.stores.service import Stores


@dataclass(frozen=True, slots=True)
class OpenUserApps:
    """What the house gets of it."""

    apis: tuple[UserAppsApi, CommunityApi]
    export: UserAppExport


async def open_user_apps(home: Path, db: Database, jobs: Jobs, stores: Stores, catalog: Catalog) -> OpenUserApps:
    """The house's own apps, with what a crash left between two states put right."""
    apps = UserApps(OwnFiles(home / "user-apps", home / "trash"), stores, catalog)
    await apps.load()
    community = Community(CommunityStore(db), jobs, apps, stores, catalog)
    return OpenUserApps((UserAppsApi(apps), CommunityApi(community)), UserAppExport(apps))
