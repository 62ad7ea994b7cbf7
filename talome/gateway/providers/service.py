"""The directory of offers: every model of every key and endpoint, for each workspace, from memory."""

from collections import Counter
from typing import Final

from talome.gateway.catalog.models import Model
from talome.gateway.catalog.service import Catalog
from talome.gateway.providers.breaker import Breaker, Note, Speed
from talome.gateway.providers.keys import ProviderKeys
from talome.gateway.providers.local import LocalEndpoints
from talome.gateway.providers.models import Offer

__all__ = ["Breaker", "LocalEndpoints", "Note", "ProviderDirectory", "ProviderKeys", "Speed"]
_MOST_WORKSPACES: Final = 1000


class ProviderDirectory:
    """Synchronous. `revision` is another number whenever the offers may be others."""

    def __init__(
        self, keys: ProviderKeys, endpoints: LocalEndpoints, catalog: Catalog, house: tuple[Offer, ...] = ()
    ) -> None:
        """`house` are offers of this machine itself, which are always there."""
        self._house = house
        self._keys = keys
        self._endpoints = endpoints
        self._catalog = catalog
        self._built: tuple[int, int, int] = (-1, -1, -1)
        self._all: tuple[Offer, ...] = ()
        self._counts: Counter[tuple[str, str]] = Counter()
        self._by_workspace: dict[str | None, tuple[Offer, ...]] = {}

    @property
    def revision(self) -> tuple[int, int, int]:
        """Of keys, endpoints and the catalog."""
        return (self._keys.revision, self._endpoints.revision, self._catalog.revision)

    def offers(self, caller_workspace: str | None) -> tuple[Offer, ...]:
        """What the house offers to everybody, and what this workspace has of its own, which comes first."""
        if self._built != self.revision:
            self._build()
        found = self._by_workspace.get(caller_workspace)
        if found is None:
            own = [one for one in self._all if one.workspace is not None and one.workspace == caller_workspace]
            found = (*own, *(one for one in self._all if one.workspace is None))
            if len(self._by_workspace) >= _MOST_WORKSPACES:
                self._by_workspace.clear()
            self._by_workspace[caller_workspace] = found
        return found

    def count(self, provider: str, model: str) -> int:
        """How many keys and endpoints have a model of the catalog."""
        self.offers(None)
        return self._counts.get((provider, model), 0)

    def models(self) -> list[Model]:
        """Those that everybody in the house may use, also what the catalog does not know."""
        found = (
            one.model or self._catalog.unknown(one.model_name, one.endpoint.provider)
            for one in self.offers(None)
            if one not in self._house
        )
        return list({(model.provider, model.id): model for model in found}.values())

    def _build(self) -> None:
        revision = self.revision
        self._all = (*self._of_endpoints(), *self._of_keys(), *self._house)
        self._counts = Counter(
            (one.model.provider, one.model.id) if one.model else (one.endpoint.provider, one.model_name)
            for one in self._all
        )
        self._by_workspace.clear()
        self._built = revision

    def _of_endpoints(self) -> list[Offer]:
        found = []
        for row, endpoint, models in self._endpoints.offered():
            names = dict.fromkeys([*([row.default_model] if row.default_model else []), *models])
            found += [
                Offer(
                    endpoint, self._catalog.local(name), name,
                    local=True, healthy=row.status == "healthy", workspace=row.workspace,
                    preferred=name == row.default_model,
                )
                for name in names
            ]  # fmt: skip
        return found

    def _of_keys(self) -> list[Offer]:
        by_provider: dict[str, list[str]] = {}
        for model in self._catalog.all():
            if not model.deprecated:
                by_provider.setdefault(model.provider, []).append(model.id)
        found = []
        for row, endpoint, listed in self._keys.offered():
            for name in listed or by_provider.get(row.provider, []):
                known = self._catalog.find(name, row.provider)
                if known is None and row.provider == "custom":
                    known = self._catalog.find(name)
                found.append(Offer(endpoint, known, name, local=False, healthy=True, workspace=row.workspace))
        return found
