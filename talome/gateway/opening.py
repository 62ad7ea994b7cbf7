"""Puts the gateway together. Read top to bottom, it is the order of start."""

from contextlib import AsyncExitStack
from dataclasses import dataclass

from talome.accounts.opening import Accounts
from talome.core.http.server import HttpServer
from talome.core.kernel import Kernel
from talome.core.operations import Registry
from talome.engines.providers.providers import Providers
from talome.engines.speech import Speech
from talome.gateway.cache import service as cache_service
from talome.gateway.catalog.api import AiModelsApi, PricingApi
from talome.gateway.catalog.opening import open_catalog, show_catalog
from talome.gateway.faces.http import FaceRoutes
from talome.gateway.faces.service import Faces
from talome.gateway.inference.embedder import HouseEmbedder
from talome.gateway.inference.opening import Choice, open_inference
from talome.gateway.inference.service import Inference
from talome.gateway.limits import service as limits_service
from talome.gateway.limits.service import Limits
from talome.gateway.media.http import MediaRoutes
from talome.gateway.media.service import GatewayMedia
from talome.gateway.metrics.api import GatewayCallsApi
from talome.gateway.metrics.http import MetricsPage
from talome.gateway.metrics.service import GatewayMetrics
from talome.gateway.providers.api import LocalEndpointsApi, ProviderKeysApi
from talome.gateway.providers.opening import open_providers
from talome.gateway.routing.api import ModelsApi
from talome.gateway.routing.opening import open_routing
from talome.gateway.usage import service as usage_service
from talome.gateway.usage.api import UsageApi
from talome.gateway.usage.http import UsageExport
from talome.gateway.usage.opening import open_usage
from talome.gateway.wallet import service as wallet_service
from talome.gateway.wallet.api import WalletApi
from talome.gateway.wallet.opening import Owners, open_wallet

MIGRATED = ("talome.gateway.catalog", "talome.gateway.providers")
SETTINGS = (
    *limits_service.SETTINGS,
    *wallet_service.SETTINGS,
    *usage_service.SETTINGS,
    *cache_service.SETTINGS,
)
APIS = (
    PricingApi,
    AiModelsApi,
    ModelsApi,
    ProviderKeysApi,
    LocalEndpointsApi,
    UsageApi,
    WalletApi,
    GatewayCallsApi,
)


@dataclass(frozen=True, slots=True)
class Gateway:
    """What the server and the agents need of it."""

    inference: Inference
    limits: Limits
    media: GatewayMedia
    metrics: GatewayMetrics
    registry: Registry
    embedder: HouseEmbedder

    def add_to(self, server: HttpServer) -> None:
        """The routes whose every byte is settled by somebody else's API."""
        FaceRoutes(Faces(self.inference), self.limits, server.connections).add_to(server)
        server.add_route("GET", "/v1/usage/export", UsageExport(self.registry, server.connections).handle)
        MediaRoutes(self.media, server.connections).add_to(server)
        server.add_route("GET", "/metrics", MetricsPage(self.metrics).handle)


async def open_gateway(stack: AsyncExitStack, kernel: Kernel, accounts: Accounts) -> Gateway:
    """Models and prices, keys and endpoints, money, and the one way that every call of a model goes."""
    users, keys, workspaces = accounts.users, accounts.keys, accounts.workspaces
    kernel.registry.add_scope("gateway:use")
    providers = await stack.enter_async_context(Providers(house=Speech(kernel.settings.home / "voice")))
    catalog = await open_catalog(kernel)
    opened = await open_providers(stack, kernel, catalog, providers, workspaces)
    show_catalog(kernel, catalog, opened.directory)
    router = open_routing(kernel, opened.directory, catalog, opened.breaker)
    usage = await open_usage(stack, kernel, users, keys, workspaces)
    wallet = await open_wallet(stack, kernel, Owners(users, keys, workspaces), usage)
    metrics = GatewayMetrics()
    kernel.registry.add(GatewayCallsApi(metrics))
    inference = open_inference(kernel, providers, Choice(catalog, router, opened.breaker), wallet, metrics)
    media = GatewayMedia(inference, opened.directory, kernel.secrets)
    return Gateway(
        inference, Limits(kernel.user_settings), media, metrics, kernel.registry, HouseEmbedder(router, providers)
    )
