"""Catalog, providers and routing on a database of their own, without a server before them."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from talome.accounts.workspaces.service import Workspaces
from talome.accounts.workspaces.store import WorkspacesStore
from talome.core import ids
from talome.core.clock import now_ms
from talome.core.db import Database
from talome.core.events import Events
from talome.core.migrations import find_migrations
from talome.core.operations import Caller
from talome.core.secrets import Secrets
from talome.engines.providers.providers import Providers
from talome.gateway.catalog.service import Catalog
from talome.gateway.catalog.store import CatalogStore
from talome.gateway.providers.keys import ProviderKeys
from talome.gateway.providers.local import LocalEndpoints
from talome.gateway.providers.service import Breaker, ProviderDirectory
from talome.gateway.providers.store import EndpointRow, KeyRow, ProvidersStore
from talome.gateway.providers.watch import ProviderWatch
from talome.gateway.routing.service import Router

ADA = Caller("usr_ada", "ada", "user", frozenset({"*"}))
OWN_PORTS = (4000, 4001)


class Clock:
    """Goes on only when told to."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Ground:
    """One start of the gateway's lower half."""

    db: Database
    clock: Clock
    secrets: Secrets
    store: ProvidersStore
    workspaces: Workspaces
    breaker: Breaker
    catalog: Catalog
    keys: ProviderKeys
    endpoints: LocalEndpoints
    directory: ProviderDirectory
    router: Router
    watch: ProviderWatch

    async def key(self, provider: str, *models: str, workspace: str | None = None) -> str:
        """A key that was kept before this start, with what its provider listed; returns its id."""
        id, origin = ids.new_id("pky"), f"https://{provider}.example/v1"
        sealed = self.secrets.seal("sk-test", purpose="provider-keys", row=f"{id} {origin}")
        await self.store.put_key(
            KeyRow(id, provider, provider, workspace, origin, sealed, "[]", json.dumps(models), "ada", now_ms(), 1)
        )
        await self.keys.start()
        return id

    async def local(
        self,
        *models: str,
        workspace: str | None = None,
        default: str | None = None,
        status: str = "healthy",
        address: str = "192.168.1.9",
    ) -> str:
        """A local endpoint that was registered before this start; returns its id."""
        id = ids.new_id("lep")
        row = EndpointRow(
            id, f"http://{id[-8:]}.home:11434", "box", "ollama", default, workspace, None, "[]", json.dumps([address]),
            json.dumps(models), 1, status, None, 1.0, "ada", now_ms(), now_ms(),
        )  # fmt: skip
        await self.store.put_endpoint(row)
        await self.endpoints.start()
        return id


@asynccontextmanager
async def open_ground(path: Path) -> AsyncIterator[Ground]:
    """On the file in this folder, which may be there from an earlier start."""
    events, clock = Events(), Clock()
    db = Database(path / "talome.db", events)
    features = ("accounts.users", "accounts.workspaces", "gateway.catalog", "gateway.providers")
    await db.open(find_migrations(*(f"talome.{feature}" for feature in features)))
    await _person(db)
    secrets, store, breaker = Secrets(b"k" * 32), ProvidersStore(db), Breaker(clock)
    workspaces, catalog = Workspaces(WorkspacesStore(db)), Catalog(CatalogStore(db), events)
    async with Providers() as providers:
        keys = ProviderKeys(
            store, secrets, providers, breaker=breaker, workspaces=workspaces, own_ports=OWN_PORTS, events=events
        )  # fmt: skip
        endpoints = LocalEndpoints(
            store, secrets, providers, breaker=breaker, workspaces=workspaces, own_ports=OWN_PORTS, events=events
        )  # fmt: skip
        for feature in (workspaces, catalog, keys, endpoints):
            await feature.start()
        directory = ProviderDirectory(keys, endpoints, catalog)
        router = Router(directory, catalog, breaker, clock=clock)
        watch = ProviderWatch(breaker, store, keys, endpoints)
        try:
            yield Ground(
                db, clock, secrets, store, workspaces, breaker, catalog, keys, endpoints, directory, router, watch
            )
        finally:
            await events.stop()
            await db.close()


async def _person(db: Database) -> None:
    async with db.write() as tx:
        await tx.execute(
            "INSERT OR IGNORE INTO users (id, username, username_key, role, permissions, password_hash, created_at) "
            "VALUES (?, 'ada', 'ada', 'admin', '[]', '', 0)",
            (ADA.user_id,),
        )
