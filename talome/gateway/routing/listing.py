"""Lists of models as each kind of client expects them."""

from talome.core.errors import NotFound
from talome.core.operations import Caller
from talome.gateway.routing.models import (
    Candidate,
    ChaozModel,
    ChaozModelList,
    ListedModel,
    ListedModels,
    RouterModel,
    RouterModels,
    RouterProvider,
    RouterProviders,
)
from talome.gateway.routing.service import MODES, Router

_MODE_WORDS = {"auto": "Best value", "fast": "Fastest", "max": "Most capable"}


class ModelLists:
    """What a caller may ask for, by name."""

    def __init__(self, router: Router) -> None:
        self._router = router

    def openai(self, caller: Caller) -> ListedModels | RouterModels:
        """The three modes, and for whoever is not held to them the models that this house has."""
        if caller.face == "tk_":
            return self.talocode(caller)
        data = [ListedModel(id=mode, owned_by="tokaroo") for mode in MODES]
        if caller.face != "tok_":
            data += [
                ListedModel(id=one.offer.model_name, owned_by=_owner(one))
                for one in self._router.offered(caller.workspace)
            ]
        return ListedModels(data=data)

    def one(self, caller: Caller, name: str) -> ListedModel | RouterModel:
        """The one of this name. Raises `NotFound`."""
        for model in self.openai(caller).data:
            if model.id == name:
                return model
        raise NotFound("There is no model of this name. /v1/models lists those that there are.", code="model_not_found")

    def talocode(self, caller: Caller) -> RouterModels:
        """The router's own names, with who may answer."""
        names = sorted({_owner(one) for one in self._router.offered(caller.workspace)})
        return RouterModels(
            data=[RouterModel(id=f"talocode/{mode}", providers=names) for mode in ("auto", "fast", "coding", "max")]
        )

    def providers(self, caller: Caller) -> RouterProviders:
        """Which providers are set up, and how many models of each there are."""
        counts: dict[str, list[Candidate]] = {}
        for one in self._router.offered(caller.workspace):
            counts.setdefault(_owner(one), []).append(one)
        return RouterProviders(
            data=[
                RouterProvider(
                    id=name,
                    name=name,
                    configured=True,
                    available=any(one.offer.healthy for one in found),
                    models=len(found),
                )
                for name, found in sorted(counts.items())
            ]
        )

    def chaozcode(self, caller: Caller) -> ChaozModelList:
        """The modes and the models, with prices in dollars for a thousand tokens."""
        modes = [
            ChaozModel(
                id=mode, name=_MODE_WORDS[mode], provider="talome", context_window=0, input_price=0, output_price=0,
                capabilities=["chat", "code"],
            )
            for mode in MODES
        ]  # fmt: skip
        return ChaozModelList(models=modes + [_chaoz(one) for one in self._router.offered(caller.workspace)])


def _owner(one: Candidate) -> str:
    return "local" if one.offer.local else one.offer.endpoint.provider


def _chaoz(one: Candidate) -> ChaozModel:
    model, rates = one.model, one.model.prices.rates
    able = set(model.capabilities) - {"json"}
    if "chat" in able:
        able.add("code")
    return ChaozModel(
        id=one.offer.model_name,
        name=model.name,
        provider=_owner(one),
        context_window=model.context,
        input_price=rates.input_per_1k / 1_000_000_000,
        output_price=rates.output_per_1k / 1_000_000_000,
        capabilities=sorted(able),
    )
