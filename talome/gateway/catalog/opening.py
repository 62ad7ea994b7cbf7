"""Puts the catalog together."""

from talome.core.kernel import Kernel
from talome.gateway.catalog.api import AiModelsApi, PricingApi
from talome.gateway.catalog.listing import Listing, Offered
from talome.gateway.catalog.service import Catalog
from talome.gateway.catalog.store import CatalogStore


async def open_catalog(kernel: Kernel) -> Catalog:
    """With its file read."""
    catalog = Catalog(CatalogStore(kernel.db), kernel.events)
    await catalog.start()
    return catalog


def show_catalog(kernel: Kernel, catalog: Catalog, offered: Offered) -> None:
    """Its operations."""
    listing = Listing(catalog, offered)
    kernel.registry.add(PricingApi(listing), AiModelsApi(catalog, listing))
