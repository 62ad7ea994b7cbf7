"""Models and prices: what the gateway computes with, and what crosses the wire."""

from dataclasses import dataclass, field
from typing import Annotated, Final, Literal

from pydantic import Field

from talome.core.models import Plain, Wire

Capability = Literal[
    "chat", "vision", "tools", "json", "reasoning", "embedding", "image", "speech", "transcription", "video"
]
CAPABILITIES: Final[tuple[Capability, ...]] = (
    "chat", "vision", "tools", "json", "reasoning", "embedding", "image", "speech", "transcription", "video",
)  # fmt: skip
NANO: Final = 1_000_000_000
"""Nano-dollars in a dollar."""


@dataclass(frozen=True, slots=True)
class CatalogChanged:
    """Prices or abilities of models are others than before."""


@dataclass(frozen=True, slots=True)
class Rates:
    """Nano-dollars for each thousand tokens; whole, since lists have up to six decimals for a million of them.
    `Catalog.cost` computes with them."""

    input_per_1k: int = 0
    output_per_1k: int = 0
    cache_read_per_1k: int = 0
    cache_write_per_1k: int = 0


@dataclass(frozen=True, slots=True)
class Prices:
    """What a call costs. `long` holds where more than `long_above` tokens go in. An image, a second of sound or film
    and a character of spoken text are in nano-dollars each; None where it is not known."""

    rates: Rates = field(default_factory=Rates)
    long: Rates | None = None
    long_above: int = 0
    per_image: int | None = None
    per_second: int | None = None
    per_character: int | None = None


FREE: Final = Prices()
"""Of a model at home."""


@dataclass(frozen=True, slots=True)
class Model:
    """`id` is the provider's own name. `context` and `output_limit` are tokens, 0 where unknown. `rank` is strength,
    for choosing among them. `parameters_m` are millions of parameters, where the name tells."""

    id: str
    provider: str
    name: str
    prices: Prices = FREE
    context: int = 0
    output_limit: int = 0
    capabilities: frozenset[str] = frozenset()
    rank: int = 0
    deprecated: bool = False
    released: str = ""


class PricedModel(Plain):
    """What is known of a model. Prices are dollars for a million tokens, an image, a second or a character."""

    id: str
    name: str
    provider: str
    input_per_1m: float
    output_per_1m: float
    capabilities: list[str]
    context_window: int


class Pricing(Plain):
    """The catalog, as anybody may read it."""

    object: Literal["list"] = "list"
    data: list[PricedModel]
    researched_at: str | None


Dollars = Annotated[float, Field(ge=0, le=1_000_000)]


class ModelChange(Wire):
    """What an administrator says of a model; what is left out stays as the catalog has it."""

    name: Annotated[str, Field(min_length=1, max_length=120, pattern=r"^[^\x00-\x1f\x7f]+$")] | None = None
    input_per_1m: Dollars | None = None
    output_per_1m: Dollars | None = None
    cache_read_per_1m: Dollars | None = None
    cache_write_per_1m: Dollars | None = None
    per_image: Dollars | None = None
    per_second: Dollars | None = None
    per_character: Dollars | None = None
    context: Annotated[int, Field(ge=0, le=100_000_000)] | None = None
    output_limit: Annotated[int, Field(ge=0, le=100_000_000)] | None = None
    capabilities: Annotated[list[Capability], Field(max_length=len(CAPABILITIES))] | None = None
    rank: Annotated[int, Field(ge=0, le=1000)] | None = None
    deprecated: bool | None = None


class CatalogModel(Wire):
    """A model with everything that the gateway goes by. Prices are dollars, as in `PricedModel`; `changed` are the
    fields that an administrator wrote. `offered` tells how many keys and endpoints of the house have it."""

    id: str
    provider: str
    name: str
    released: str | None
    context: int | None
    output_limit: int | None
    capabilities: list[str]
    rank: int
    deprecated: bool
    input_per_1m: float
    output_per_1m: float
    cache_read_per_1m: float
    cache_write_per_1m: float
    long_above: int | None
    long_input_per_1m: float | None
    long_output_per_1m: float | None
    per_image: float | None
    per_second: float | None
    per_character: float | None
    changed: list[str]
    offered: int


class CatalogPage(Wire):
    """Some models of the catalog, how many there are in all, and the day of the prices."""

    models: list[CatalogModel]
    total: int
    researched_at: str | None
    providers: list[str]
