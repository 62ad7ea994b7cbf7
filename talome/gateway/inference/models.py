"""What goes through the pipeline: a request with all that is known of it, and what comes back."""

import time
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from talome.engines.providers.models import Tokens
from talome.gateway.routing.models import Candidate, Wish
from talome.gateway.wallet.models import Holder

Json = dict[str, Any]
RequestType = Literal[
    "chat", "messages", "responses", "completions", "query", "embeddings", "image", "speech", "transcription", "video"
]
NANO: Final = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Units:
    """What is charged by the piece: pictures, characters to speak, seconds of sound or film."""

    images: int = 0
    characters: int = 0
    seconds: float = 0.0


NO_UNITS: Final = Units()


@dataclass(frozen=True, slots=True)
class CacheWish:
    """What the client says of the cache. `use` None: as the request itself suggests; a threshold can only be raised."""

    use: bool | None = None
    threshold: float = 0.0


AS_USUAL: Final = CacheWish()


@dataclass(slots=True)
class Labels:
    """What a client says beside the body: never leave the house, how to use the cache, its own id for the request, and
    what the request is part of."""

    local_only: bool = False
    cache: CacheWish = AS_USUAL
    idempotency: str = ""
    body_hash: str = ""
    request_id: str = ""
    trace_id: str = ""
    shows_provider: bool = False
    feature: str = ""
    workspace: str | None = None


@dataclass(slots=True)
class Ask:
    """One request. `shown` is what the answer calls the model; `tokens_out` is what the client bounded one choice to.
    `idempotency` is the client's own id for it, with the digest of what it asked."""

    holder: Holder
    request_type: RequestType
    wish: Wish
    shown: str
    request_id: str
    trace_id: str
    features: Any = None
    most_tokens_in: int = 0
    tokens_out: int | None = None
    choices: int = 1
    units: Units = NO_UNITS
    cache: CacheWish = AS_USUAL
    question: str = ""
    idempotency: str = ""
    body_hash: str = ""
    shows_provider: bool = False
    feature: str = ""
    started: float = field(default_factory=time.perf_counter)

    @property
    def elapsed_ms(self) -> float:
        return (time.perf_counter() - self.started) * 1000


@dataclass(slots=True)
class Done:
    """What one try brought. `tokens` None: nothing told. `body` is in the shape of whoever asked."""

    body: Any
    tokens: Tokens | None
    units: Units | None = None


@dataclass(slots=True)
class Answered:
    """What came of a request, and who gave it. `native`: the body is in the shape of the face already. `cached`: it
    was remembered, and nobody was asked."""

    body: Any
    candidate: Candidate | None
    tokens: Tokens
    nano: int
    native: bool = False
    cached: bool = False
    provider: str = ""


def answer_headers(nano: int | None, *, cached: bool, trace_id: str) -> dict[str, str]:
    """What every answer of a model carries; a stream does not know its cost yet."""
    headers = {"x-tokaroo-cache": "hit" if cached else "miss", "x-trace-id": trace_id}
    if nano is not None:
        headers["x-tokaroo-cost"] = dollars(nano)
    return headers


def dollars(nano: int) -> str:
    """Exact, without an exponent: `0.000123`."""
    text = f"{nano // NANO}.{nano % NANO:09d}".rstrip("0")
    return f"{text}0" if text.endswith(".") else text
