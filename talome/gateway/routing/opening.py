"""Puts routing together."""

from talome.core.kernel import Kernel
from talome.gateway.catalog.service import Catalog
from talome.gateway.providers.service import Breaker, ProviderDirectory
from talome.gateway.routing.api import ModelsApi
from talome.gateway.routing.listing import ModelLists
from talome.gateway.routing.service import Router


def open_routing(kernel: Kernel, directory: ProviderDirectory, catalog: Catalog, breaker: Breaker) -> Router:
    """With its operations registered."""
    router = Router(directory, catalog, breaker)
    kernel.registry.add(ModelsApi(ModelLists(router)))
    return router
