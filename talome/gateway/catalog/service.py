"""The catalog: look-up by any of a model's names, prices, and what an administrator changed."""

import asyncio
from collections.abc import Iterable
from dataclasses import fields, replace
from typing import Any, Final

from talome.core.clock import now_ms
from talome.core.errors import Invalid, NotFound
from talome.core.events import Events
from talome.engines.providers.models import Tokens
from talome.gateway.catalog.data import Compiled, read_compiled
from talome.gateway.catalog.models import FREE, CatalogChanged, Model, ModelChange, Prices
from talome.gateway.catalog.names import local_model, undated
from talome.gateway.catalog.store import CatalogStore, OverrideRow

LOCAL: Final = "local"
"""The provider of models that only a local endpoint has, in overrides and in made up models."""
_MOST_OVERRIDES: Final = 1000
_RATES: Final = {
    "input_per_1m": "input_per_1k",
    "output_per_1m": "output_per_1k",
    "cache_read_per_1m": "cache_read_per_1k",
    "cache_write_per_1m": "cache_write_per_1k",
}
_EACH: Final = ("per_image", "per_second", "per_character")
_PLAIN: Final = ("name", "context", "output_limit", "rank", "deprecated")


class Catalog:
    """All of it is in memory; look-ups are synchronous and take about a microsecond."""

    def __init__(self, store: CatalogStore, events: Events) -> None:
        self._store = store
        self._events = events
        self._compiled = Compiled((), {}, "")
        self._changes: dict[tuple[str, str], ModelChange] = {}
        self._models: dict[tuple[str, str], Model] = {}
        self._by_name: dict[str, Model] = {}
        self._by_provider: dict[tuple[str, str], Model] = {}
        self._local: dict[str, Model] = {}
        self._unknown: dict[tuple[str, str], Model] = {}
        self.revision = 0
        """Grows with every change."""

    async def start(self) -> None:
        """Read the shipped file and what was changed."""
        self._compiled = await asyncio.to_thread(read_compiled)
        rows = await self._store.all()
        self._changes = {(row.provider, row.id): ModelChange.model_validate_json(row.change) for row in rows}
        self._index()

    @property
    def researched_at(self) -> str | None:
        """The day of the prices."""
        return self._compiled.researched_at or None

    def all(self) -> list[Model]:
        """By provider and name."""
        return list(self._models.values())

    def shipped(self) -> tuple[Model, ...]:
        """As the file has it, without what was changed here."""
        return self._compiled.models

    def changed(self, model: Model) -> list[str]:
        """The fields of a model that an administrator wrote."""
        change = self._changes.get((model.provider, model.id))
        return sorted(change.model_fields_set) if change else []

    def find(self, name: str, provider: str | None = None) -> Model | None:
        """By its name, a further name, a dated form or `provider/name`; of one provider, else of the makers first."""
        low = name.lower()
        if provider is not None:
            return self._by_provider.get((provider, low)) or self._by_provider.get((provider, undated(low)))
        found = self._by_name.get(low) or self._by_name.get(undated(low))
        if found is None and "/" in low:
            owner, _, rest = low.partition("/")
            found = self.find(rest, owner)
        return found

    def local(self, name: str) -> Model:
        """A model at a local endpoint: free, and able to what its name tells or an administrator wrote."""
        model = self._models.get((LOCAL, name)) or self._local.get(name)
        if model is None:
            if len(self._local) > _MOST_OVERRIDES:
                self._local.clear()
            model = self._local[name] = local_model(name)
        return model

    def unknown(self, name: str, provider: str) -> Model:
        """A provider's model that the catalog does not know yet. So that budgets hold, it costs what the middle one of
        this provider's chat models does, or of all providers' together; an administrator can say better."""
        found = self._unknown.get((provider, name))
        if found is None:
            chats = [one for one in self._models.values() if "chat" in one.capabilities and one.provider != LOCAL]
            own = [one for one in chats if one.provider == provider]
            known = sorted(own or chats, key=lambda one: one.prices.rates.output_per_1k)
            prices = Prices(known[len(known) // 2].prices.rates)
            found = replace(local_model(name), provider=provider, prices=prices, rank=0)
            self._unknown[provider, name] = found
        return found

    def cost(self, model: Model, tokens: Tokens) -> int:
        """Nano-dollars, rounded up."""
        prices = model.prices
        if prices is FREE:
            return 0
        inside = tokens.input + tokens.cache_read + tokens.cache_write
        rates = prices.long if prices.long is not None and inside > prices.long_above else prices.rates
        thousandfold = (
            tokens.input * rates.input_per_1k
            + tokens.output * rates.output_per_1k
            + tokens.cache_read * rates.cache_read_per_1k
            + tokens.cache_write * rates.cache_write_per_1k
        )
        return -(-thousandfold // 1000)

    def ceiling(self, model: Model, tokens_in: int, tokens_out: int) -> int:
        """The most that a call of this size can cost, to be reserved: as if all input were written to a cache."""
        prices = model.prices
        if prices is FREE:
            return 0
        rates = prices.long if prices.long is not None and tokens_in > prices.long_above else prices.rates
        dearest = max(rates.input_per_1k, rates.cache_write_per_1k)
        return -(-(tokens_in * dearest + tokens_out * rates.output_per_1k) // 1000)

    async def override(self, provider: str, id: str, change: ModelChange, *, by: str) -> Model:
        """Keep what an administrator says of a model, also of one that is not in the catalog."""
        if not change.model_fields_set:
            raise Invalid("Name at least one field to change.", field="body")
        if (provider, id) not in self._changes and len(self._changes) >= _MOST_OVERRIDES:
            raise Invalid(f"There are {_MOST_OVERRIDES} changed models already. Take some of them back first.")
        known = self._changes.get((provider, id))
        whole = known.model_copy(update=_given(change)) if known else change
        text = whole.model_dump_json(exclude_unset=True)
        await self._store.put(OverrideRow(provider, id, text, by, now_ms()))
        self._changes[provider, id] = whole
        self._index()
        self._events.publish(CatalogChanged())
        return self._models[provider, id]

    async def restore(self, provider: str, id: str) -> None:
        """Take a change back. Raises `NotFound` where there is none."""
        if not await self._store.delete(provider, id):
            raise NotFound("Nothing was changed about this model.")
        self._changes.pop((provider, id), None)
        self._index()
        self._events.publish(CatalogChanged())

    def _index(self) -> None:
        models = {(model.provider, model.id): model for model in self._compiled.models}
        for key, change in self._changes.items():
            start = models.get(key) or (local_model(key[1]) if key[0] == LOCAL else Model(key[1], key[0], key[1]))
            models[key] = changed_model(start, change)
        self._models = models
        self.revision += 1
        self._local.clear()
        self._unknown.clear()
        self._by_provider = self._names(models.values())
        self._by_name = {}
        for (_, name), model in self._by_provider.items():
            held = self._by_name.get(name)
            if model.provider != LOCAL and (held is None or held.provider == "openrouter"):
                self._by_name[name] = model
        for model in models.values():
            self._by_name[f"{model.provider}/{model.id}".lower()] = model

    def _names(self, models: Iterable[Model]) -> dict[tuple[str, str], Model]:
        """Every spelling, the exact ones before aliases, those before names without their date (the newest wins)."""
        listed = list(models)
        found = {(model.provider, model.id.lower()): model for model in listed}
        for model in listed:
            for alias in self._compiled.aliases.get((model.provider, model.id), ()):
                found.setdefault((model.provider, alias.lower()), model)
        for model in sorted(listed, key=lambda one: one.released, reverse=True):
            found.setdefault((model.provider, undated(model.id.lower())), model)
        return found


def changed_model(model: Model, change: ModelChange) -> Model:
    """The model with the given fields in place of its own."""
    given = _given(change)
    rates = {target: round(given[name] * 1_000_000) for name, target in _RATES.items() if name in given}
    if "input_per_1m" in given:
        for name, target in (("cache_read_per_1m", "cache_read_per_1k"), ("cache_write_per_1m", "cache_write_per_1k")):
            if name not in given:
                rates[target] = rates["input_per_1k"]
    each = {name: round(given[name] * 1_000_000_000) for name in _EACH if name in given}
    prices = model.prices
    if rates:
        prices = Prices(replace(prices.rates, **rates))
    kept = {one.name: getattr(model.prices, one.name) for one in fields(Prices) if one.name in _EACH}
    plain = {name: given[name] for name in _PLAIN if name in given}
    able = frozenset(given["capabilities"]) if "capabilities" in given else model.capabilities
    return replace(model, prices=replace(prices, **(kept | each)), capabilities=able, **plain)


def _given(change: ModelChange) -> dict[str, Any]:
    return {name: value for name in change.model_fields_set if (value := getattr(change, name)) is not None}
