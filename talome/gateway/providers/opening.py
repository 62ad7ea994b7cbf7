"""Puts the providers together."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass

from talome.accounts.workspaces.service import Workspaces
from talome.core.kernel import Kernel
from talome.engines.providers.models import HOUSE, Endpoint
from talome.engines.providers.providers import Providers
from talome.gateway.catalog.models import Model
from talome.gateway.catalog.service import Catalog
from talome.gateway.providers.api import LocalEndpointsApi, ProviderKeysApi
from talome.gateway.providers.breaker import Breaker
from talome.gateway.providers.keys import ProviderKeys
from talome.gateway.providers.local import LocalEndpoints
from talome.gateway.providers.models import Offer
from talome.gateway.providers.service import ProviderDirectory
from talome.gateway.providers.store import ProvidersStore
from talome.gateway.providers.watch import ProviderWatch


@dataclass(frozen=True, slots=True)
class OpenProviders:
    """What routing and inference get of it."""

    directory: ProviderDirectory
    breaker: Breaker


async def open_providers(
    stack: AsyncExitStack, kernel: Kernel, catalog: Catalog, providers: Providers, workspaces: Workspaces
) -> OpenProviders:
    """Keys and endpoints read, their operations registered, their health watched."""
    store, breaker = ProvidersStore(kernel.db), Breaker()
    ports = (kernel.settings.port, kernel.settings.terminal_port)
    keys = ProviderKeys(
        store, kernel.secrets, providers, breaker=breaker, workspaces=workspaces, own_ports=ports, events=kernel.events
    )  # fmt: skip
    endpoints = LocalEndpoints(
        store, kernel.secrets, providers, breaker=breaker, workspaces=workspaces, own_ports=ports, events=kernel.events
    )  # fmt: skip
    await keys.start()
    await endpoints.start()
    house = await asyncio.to_thread(providers.house_models)
    directory = ProviderDirectory(keys, endpoints, catalog, tuple(_at_home(*one) for one in house.items()))
    await stack.enter_async_context(ProviderWatch(breaker, store, keys, endpoints))
    kernel.registry.add(ProviderKeysApi(keys), LocalEndpointsApi(endpoints, catalog))
    return OpenProviders(directory, breaker)


def _at_home(name: str, capability: str) -> Offer:
    model = Model(name, HOUSE, name, capabilities=frozenset({capability}))
    return Offer(Endpoint(HOUSE, HOUSE, "", local=True), model, name, local=True, healthy=True)
