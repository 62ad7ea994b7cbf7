"""Operations on the catalog of models."""

from typing import Annotated

from pydantic import Field

from talome.core.models import Done
from talome.core.operations import PUBLIC, Caller, operation
from talome.gateway.catalog.listing import Listing
from talome.gateway.catalog.models import Capability, CatalogModel, CatalogPage, ModelChange, Pricing
from talome.gateway.catalog.service import Catalog

Word = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[a-z0-9._-]+$")]
ModelId = Annotated[str, Field(min_length=1, max_length=300, pattern=r"^[^\x00-\x20\x7f]+$")]


class PricingApi:
    """What everybody may know."""

    def __init__(self, listing: Listing) -> None:
        self._listing = listing

    @operation("GET", "/v1/pricing", scope=PUBLIC, risk="read")
    async def list_(self, caller: Caller, provider: Word | None = None) -> Pricing:
        """Models of the large providers, with their prices, abilities and context windows. What a call really costs is
        in its answer and in the usage."""
        return self._listing.pricing(provider)


class AiModelsApi:
    """The page of models and prices."""

    def __init__(self, catalog: Catalog, listing: Listing) -> None:
        self._catalog = catalog
        self._listing = listing

    @operation("GET", "/api/gateway/models", scope="gateway:read", risk="read")
    async def list_(
        self,
        caller: Caller,
        search: Annotated[str, Field(max_length=200)] = "",
        provider: Word | None = None,
        capability: Capability | None = None,
        offered: bool = False,
        changed: bool = False,
        limit: Annotated[int, Field(ge=1, le=500)] = 100,
        offset: Annotated[int, Field(ge=0, le=100_000)] = 0,
    ) -> CatalogPage:
        """The catalog of models, the strongest first. `offered`: only those that a key or an endpoint of this house
        has; `changed`: only those whose entry was changed here."""
        return self._listing.page(
            search, provider=provider, capability=capability, offered=offered, changed=changed,
            limit=limit, offset=offset,
        )  # fmt: skip

    @operation("PATCH", "/api/gateway/models", scope="providers:write", risk="modify")
    async def change(self, caller: Caller, provider: Word, id: ModelId, change: ModelChange) -> CatalogModel:
        """Change the prices or abilities that the gateway goes by for a model, or add one that the catalog does not
        know. The provider of a model at a local endpoint is “local”."""
        return self._listing.shown(await self._catalog.override(provider, id, change, by=caller.name))

    @operation("POST", "/api/gateway/models/restore", scope="providers:write", risk="modify")
    async def restore(self, caller: Caller, provider: Word, id: ModelId) -> Done:
        """Take all changes of a model back."""
        await self._catalog.restore(provider, id)
        return Done()
