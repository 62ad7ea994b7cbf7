"""The catalog as it is shown: to everybody as prices, to administrators as a page with filters."""

from collections.abc import Iterable
from typing import Final, Protocol

from pydantic.alias_generators import to_camel

from talome.gateway.catalog.models import NANO, CatalogModel, CatalogPage, Model, PricedModel, Pricing
from talome.gateway.catalog.service import Catalog

_RESELLERS: Final = frozenset({"openrouter"})


class Offered(Protocol):
    """What the house has."""

    def count(self, provider: str, model: str) -> int:
        """How many keys and endpoints have a model."""

    def models(self) -> Iterable[Model]:
        """Those that everybody in the house may use."""


class Listing:
    def __init__(self, catalog: Catalog, offered: Offered) -> None:
        self._catalog = catalog
        self._offered = offered
        self._pricing: dict[str | None, Pricing] = {}

    def pricing(self, provider: str | None) -> Pricing:
        """The makers' models as the shipped list has them; a reseller's only where it is asked for by name."""
        if provider not in self._pricing:
            found = self._prices(provider)
            if not found.data:
                return found
            self._pricing[provider] = found
        return self._pricing[provider]

    def _prices(self, provider: str | None) -> Pricing:
        return Pricing(
            data=[
                _priced(model)
                for model in self._catalog.shipped()
                if (model.provider == provider if provider else model.provider not in _RESELLERS)
            ],
            researched_at=self._catalog.researched_at,
        )

    def page(
        self, search: str, *, provider: str | None, capability: str | None, offered: bool, changed: bool,
        limit: int, offset: int,
    ) -> CatalogPage:  # fmt: skip
        """By strength. `offered`: only what the house can use now; `changed`: only what an administrator changed."""
        words = search.lower().split()
        models = {(model.provider, model.id): model for model in (*self._offered.models(), *self._catalog.all())}
        found = [
            model
            for model in models.values()
            if all(word in f"{model.provider}/{model.id} {model.name}".lower() for word in words)
            and provider in (None, model.provider)
            and (capability is None or capability in model.capabilities)
            and (not offered or self._offered.count(model.provider, model.id))
            and (not changed or self._catalog.changed(model))
        ]
        found.sort(key=lambda one: (one.deprecated, -one.rank, one.provider, one.id))
        return CatalogPage(
            models=[self.shown(model) for model in found[offset : offset + limit]],
            total=len(found),
            researched_at=self._catalog.researched_at,
            providers=sorted({provider for provider, _ in models}),
        )

    def shown(self, model: Model) -> CatalogModel:
        """With everything that the gateway goes by."""
        prices, rates, long = model.prices, model.prices.rates, model.prices.long
        return CatalogModel(
            id=model.id,
            provider=model.provider,
            name=model.name,
            released=model.released or None,
            context=model.context or None,
            output_limit=model.output_limit or None,
            capabilities=sorted(model.capabilities),
            rank=model.rank,
            deprecated=model.deprecated,
            input_per_1m=_per_1m(rates.input_per_1k),
            output_per_1m=_per_1m(rates.output_per_1k),
            cache_read_per_1m=_per_1m(rates.cache_read_per_1k),
            cache_write_per_1m=_per_1m(rates.cache_write_per_1k),
            long_above=prices.long_above if long else None,
            long_input_per_1m=_per_1m(long.input_per_1k) if long else None,
            long_output_per_1m=_per_1m(long.output_per_1k) if long else None,
            per_image=_each(prices.per_image),
            per_second=_each(prices.per_second),
            per_character=_each(prices.per_character),
            changed=[to_camel(name) for name in self._catalog.changed(model)],
            offered=self._offered.count(model.provider, model.id),
        )


def _priced(model: Model) -> PricedModel:
    return PricedModel(
        id=model.id,
        name=model.name,
        provider=model.provider,
        input_per_1m=_per_1m(model.prices.rates.input_per_1k),
        output_per_1m=_per_1m(model.prices.rates.output_per_1k),
        capabilities=sorted(model.capabilities),
        context_window=model.context,
    )


def _per_1m(nano_per_1k: int) -> float:
    return nano_per_1k / 1_000_000


def _each(nano: int | None) -> float | None:
    return None if nano is None else nano / NANO
