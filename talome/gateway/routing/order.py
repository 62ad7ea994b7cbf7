"""The order of those that can: by cost, by speed, or by strength."""

from dataclasses import dataclass
from typing import Final

from talome.gateway.catalog.service import Catalog
from talome.gateway.providers.service import Breaker
from talome.gateway.routing.models import Candidate
from talome.gateway.routing.tiers import LEAST_RANK

_USUAL_ANSWER: Final = 500
_FAST_LEAST_RANK: Final = 20
_REMOTE_LEAST_RANK: Final = 25
"""The very weakest are worth their while only at home."""
_QUICK: Final = frozenset({"groq"})
Key = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """What the order goes by."""

    mode: str
    tier: str
    kind: str
    tokens_in: int
    tokens_out: int
    thinks: bool = False


def in_order(candidates: list[Candidate], choice: Choice, catalog: Catalog, breaker: Breaker) -> tuple[Candidate, ...]:
    """All of them. Of two that are alike the workspace's own comes first."""
    answer = min(choice.tokens_out or _USUAL_ANSWER, _USUAL_ANSWER * 4)

    def key(one: Candidate) -> Key:
        price = float(catalog.ceiling(one.model, choice.tokens_in, answer))
        own = 0.0 if one.offer.workspace else 1.0
        preferred = 0.0 if one.offer.preferred else 1.0
        spare = 1.0 if one.offer.is_spare else 0.0
        if choice.mode == "max":
            return (spare, -float(one.model.rank), own, price)
        if choice.mode == "fast" and choice.kind == "chat":
            weak = 1.0 if one.model.rank < _FAST_LEAST_RANK else 0.0
            return (weak, _seconds(one, breaker, answer), own, price)
        local = 0.0 if one.offer.local else 1.0
        if choice.mode == "native" or choice.kind != "chat":
            return (spare, local, preferred, own, price)
        thinks = 1.0 if choice.thinks and "reasoning" not in one.model.capabilities else 0.0
        least = LEAST_RANK[choice.tier] if one.offer.local else max(LEAST_RANK[choice.tier], _REMOTE_LEAST_RANK)
        lacking = max(0, least - one.model.rank)
        if lacking:
            return (1.0, thinks, float(lacking), local, own, price)
        return (0.0, thinks, local, preferred, own, price, -float(one.model.rank))

    return tuple(sorted(candidates, key=key))


def _seconds(one: Candidate, breaker: Breaker, answer: int) -> float:
    """How long an answer takes: measured, else guessed from what makes models slow."""
    speed = breaker.speed(one.offer.endpoint.id, one.offer.model_name)
    if one.offer.local:
        first, rate = 0.3, max(8.0, 120.0 - 1.8 * one.model.rank)
    else:
        dollars = one.model.prices.rates.output_per_1k / 1_000_000
        first, rate = 0.6, max(25.0, 160.0 / (1 + dollars / 6))
        if one.offer.endpoint.provider in _QUICK:
            first, rate = 0.3, rate * 3
        if "reasoning" in one.model.capabilities:
            first += 1.5
    if speed is not None:
        first = speed.first_token_ms / 1000 or first
        rate = speed.tokens_per_s or rate
    return first + answer / rate
