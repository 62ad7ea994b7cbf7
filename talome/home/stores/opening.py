"""Puts the parts of the stores together."""

from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from talome.core.db import Database
from talome.core.jobs.service import Jobs
from talome.core.secrets import Secrets
from talome.core.settings.service import Settings
from talome.engines.docker.protocol import ContainerEngine
from talome.engines.git import Git
from talome.home.stores.api import CatalogApi, StoresApi, StoreScriptsApi
from talome.home.stores.bundled import bundled_folder
from talome.home.stores.catalog import Catalog
from talome.home.stores.http import AppPictures
from talome.home.stores.pictures import Pictures
from talome.home.stores.places import Places
from talome.home.stores.scripts import StoreScripts
from talome.home.stores.service import Stores
from talome.home.stores.store import StoresStore
from talome.home.stores.sync import StoreSync


@dataclass(frozen=True, slots=True)
class OpenStores:
    """What the house gets of it."""

    catalog: Catalog
    stores: Stores
    apis: tuple[StoresApi, CatalogApi, StoreScriptsApi]
    pictures: AppPictures


async def open_stores(  # noqa: PLR0917 - what every part of the house is given
    stack: AsyncExitStack, home: Path, db: Database, jobs: Jobs, settings: Settings, secrets: Secrets, *,
    engine: ContainerEngine, architecture: str, installed: Mapping[str, str], bundled: Path | None = None,
) -> OpenStores:  # fmt: skip
    """The stores with their catalog loaded. `installed` says by the catalog's ids what is installed, now and later."""
    store, places = StoresStore(db), Places(home / "stores")
    catalog = Catalog(store, architecture, lambda: installed)
    sync = StoreSync(store, jobs, places, catalog, secrets=secrets, git=Git())
    stores = Stores(
        store,
        sync,
        catalog,
        places=places,
        secrets=secrets,
        settings=settings,
        bundled=bundled or bundled_folder(),
        own=home / "user-apps",
    )
    pictures = Pictures(store, catalog, places, home / "cache" / "icons")
    stack.push_async_callback(pictures.close)
    await stores.load()
    await stack.enter_async_context(stores)
    apis = (StoresApi(stores), CatalogApi(catalog), StoreScriptsApi(StoreScripts(store, places, sync, engine)))
    return OpenStores(catalog, stores, apis, AppPictures(pictures))
