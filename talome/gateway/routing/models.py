"""What is asked of routing, and what it answers."""

from dataclasses import dataclass
from typing import Literal

from talome.core.models import Plain, Wire
from talome.gateway.catalog.models import Model
from talome.gateway.providers.models import Offer

Kind = Literal["chat", "embedding", "image", "speech", "transcription", "video"]


@dataclass(frozen=True, slots=True)
class Wish:
    """What a request needs. `requested` is auto, fast, max, talocode/… or a model's own name. `needs` are capabilities;
    `tokens_in` and `tokens_out` are estimates; `conversation` is a hash that its turns share, empty for none."""

    requested: str
    kind: Kind = "chat"
    needs: frozenset[str] = frozenset()
    tokens_in: int = 0
    tokens_out: int = 0
    local_only: bool = False
    conversation: str = ""
    workspace: str | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """One that may answer. `model` is always there: for an unknown local one it is made up from its name."""

    offer: Offer
    model: Model


@dataclass(frozen=True, slots=True)
class Route:
    """In the order in which to try. `tier` is the mode (auto, fast, max, or native for a model's own name), `method`
    how it was decided, `reason` in words for a person."""

    candidates: tuple[Candidate, ...]
    tier: str
    method: str
    reason: str


class ListedModel(Plain):
    """A name that can be asked for, as OpenAI lists it."""

    id: str
    object: Literal["model"] = "model"
    owned_by: str
    created: int = 0


class ListedModels(Plain):
    """Names that can be asked for."""

    object: Literal["list"] = "list"
    data: list[ListedModel]


class RouterModel(Plain):
    """A name of Talocode's router; `providers` are those that may answer."""

    id: str
    object: Literal["model"] = "model"
    owned_by: str = "talocode"
    created: int = 0
    providers: list[str]


class RouterModels(Plain):
    """The router's names."""

    object: Literal["list"] = "list"
    data: list[RouterModel]


class RouterProvider(Plain):
    """A provider that is set up. `available`: something of it answered when last asked."""

    id: str
    name: str
    configured: bool
    available: bool
    models: int


class RouterProviders(Plain):
    """The providers that are set up."""

    object: Literal["list"] = "list"
    data: list[RouterProvider]


class ChaozModel(Wire):
    """A model as ChaozCode lists it; prices are dollars for a thousand tokens, a context of 0 is not known."""

    id: str
    name: str
    provider: str
    context_window: int
    input_price: float
    output_price: float
    capabilities: list[str]


class ChaozModelList(Wire):
    """The models of `/v2`."""

    models: list[ChaozModel]
