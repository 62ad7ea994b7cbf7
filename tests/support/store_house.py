"""The stores put together as the server does it, over a real database, with the real readers; only the schedule stands
still until a test enters `stores`."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from talome.core.db import Database
from talome.core.events import Events
from talome.core.jobs.service import Jobs
from talome.core.jobs.store import JobsStore
from talome.core.migrations import find_migrations
from talome.core.operations import Caller, Registry
from talome.core.secrets import Secrets
from talome.core.settings.service import Settings
from talome.core.settings.store import SettingsStore
from talome.engines.git import Git
from talome.home.jobs.models import Job
from talome.home.stores.api import CatalogApi, StoresApi
from talome.home.stores.catalog import Catalog
from talome.home.stores.pictures import Pictures
from talome.home.stores.places import Places
from talome.home.stores.service import SETTINGS, Stores
from talome.home.stores.store import StoresStore
from talome.home.stores.sync import StoreSync
from tests.home.house import ADMIN, OpenGate

COMPOSE = "services:\n  web:\n    image: example.org/{id}:{version}\n    ports:\n      - 8080:80\n"


def casaos_app(id: str, *, title: str = "", version: str = "1.0", extra: str = "") -> str:
    """A compose file as CasaOS's stores have it."""
    return (
        f"name: {id}\n{COMPOSE.format(id=id, version=version)}"
        f"x-casaos:\n  main: web\n  index: /\n  port_map: '8080'\n  category: Media\n  version: '{version}'\n"
        f"  title: {{en_us: {title or id.title()}}}\n  tagline: {{en_us: An app}}\n  developer: Somebody\n{extra}"
    )


def casaos_store(count: int) -> dict[str, str]:
    return {f"Apps/app{number}/docker-compose.yml": casaos_app(f"app{number}") for number in range(count)}


def write(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


@dataclass
class StoreHouse:
    home: Path
    database: Database
    events: Events
    jobs: Jobs
    store: StoresStore
    settings: Settings
    catalog: Catalog
    stores: Stores
    pictures: Pictures
    registry: Registry
    installed: dict[str, str]

    async def call(self, name: str, caller: Caller = ADMIN, /, **arguments: Any) -> Any:
        operation = self.registry[name]
        return await operation.call(caller, lambda: operation.parse_json(arguments))

    async def ended(self, job: Job) -> Job:
        """The job, as soon as it has ended."""
        async with asyncio.timeout(30):
            while (row := await self.jobs.get(job.id)).finished_at is None:
                await asyncio.sleep(0.01)
        return Job.of(row)

    async def log_of(self, job: Job) -> str:
        return "\n".join(text for _, text in await self.jobs.store.log(job.id, 1000))

    async def add(self, url: str, **arguments: Any) -> tuple[str, Job]:
        """Add a store; its id and its first sync, ended."""
        added = await self.call("stores.add", url=url, **arguments)
        return added.store.id, await self.ended(added.job)

    async def sync(self, id: str) -> Job:
        return await self.ended(await self.call("stores.sync", id=id))

    async def names(self, **filters: Any) -> list[str]:
        return [app.id for app in (await self.call("catalog.list", limit=200, **filters)).apps]


@asynccontextmanager
async def open_stores(home: Path, bundled: Path) -> AsyncIterator[StoreHouse]:
    async with AsyncExitStack() as stack:
        events = Events()
        stack.push_async_callback(events.stop)
        database = Database(home / "talome.db", events)
        await database.open(find_migrations("talome.core.jobs", "talome.core.settings", "talome.home.stores"))
        stack.push_async_callback(database.close)
        secrets = Secrets(b"0" * 32)
        settings = Settings(SettingsStore(database), secrets, SETTINGS)
        await settings.load()
        jobs = Jobs(JobsStore(database))
        store, places, installed = StoresStore(database), Places(home / "stores"), dict[str, str]()
        catalog = Catalog(store, "amd64", lambda: installed)
        sync = StoreSync(store, jobs, places, catalog, secrets=secrets, git=Git())
        stores = Stores(
            store,
            sync,
            catalog,
            places=places,
            secrets=secrets,
            settings=settings,
            bundled=bundled,
            own=home / "user-apps",
            first_look_s=0,
        )
        pictures = Pictures(store, catalog, places, home / "cache" / "icons")
        stack.push_async_callback(pictures.close)
        await stores.load()
        registry = Registry(OpenGate())
        registry.add(StoresApi(stores), CatalogApi(catalog))
        await jobs.resume()
        stack.push_async_callback(jobs.stop)
        yield StoreHouse(
            home, database, events, jobs, store, settings, catalog, stores, pictures, registry, installed
        )  # fmt: skip
