"""The money of one request: reserved before, settled after, whatever happens in between.

What is reserved is the most that the dearest candidate could cost. A client that names no length gets one that its
budget can pay: what is sent to a priced model never allows more than was reserved.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from talome.core.clock import now_ms
from talome.core.errors import Conflict, PaymentRequired
from talome.engines.providers.models import Tokens
from talome.gateway.catalog.models import Model
from talome.gateway.catalog.service import Catalog
from talome.gateway.inference.models import NANO, NO_UNITS, Answered, Ask, Units
from talome.gateway.metrics.service import Call, GatewayMetrics
from talome.gateway.providers.models import Offer
from talome.gateway.routing.models import Candidate, Route
from talome.gateway.usage.models import UsageRow
from talome.gateway.wallet.models import Reservation
from talome.gateway.wallet.service import Wallet

_GENEROUS: Final = 32_768
_MODEST: Final = 2_048
_UNTOLD_LIMIT: Final = 8_192
_HERE: Final = "talome"
_STATUS: Final = {"ok": 200, "cached": 200, "left": 499, "refused": 400, "rate_limited": 429, "too_large": 413}
_CAPS: Final = dict.fromkeys(("chat", "messages", "responses", "completions", "query"), (_GENEROUS, _MODEST))


@dataclass(slots=True)
class Bill:
    """What was reserved for a request. `cap` is how long each answer of a priced model may be; 0 where that is not
    measured in tokens or the client said it."""

    ask: Ask
    route: Route
    candidates: tuple[Candidate, ...]
    reservation: Reservation
    cap: int = 0
    closed: bool = False

    def cap_of(self, candidate: Candidate) -> int:
        """What to bound an answer of this candidate to; 0 for nothing."""
        rates = candidate.model.prices.rates
        return self.cap if rates.output_per_1k or rates.input_per_1k else 0


@dataclass(slots=True)
class Outcome:
    """How a request ended. `saved` is what an answer from memory cost when it was first given; `here` is the model of
    this machine that answered without any endpoint."""

    word: str
    candidate: Candidate | None
    tokens: Tokens
    nano: int
    units: Units | None = None
    first_token_ms: float | None = None
    cached: bool = False
    saved: int = 0
    here: str = ""


class Ledger:
    def __init__(self, catalog: Catalog, wallet: Wallet, metrics: GatewayMetrics) -> None:
        self._catalog = catalog
        self._wallet = wallet
        self._metrics = metrics

    async def reserve(self, ask: Ask, route: Route) -> Bill:
        """Raises `PaymentRequired` where no candidate can be paid; free ones can always."""
        refusal: PaymentRequired | None = None
        for candidates, cap in self._ways(ask, route.candidates):
            most = max([self._ceiling(ask, one.model, cap) for one in candidates])
            try:
                reservation = await self._wallet.reserve(
                    ask.holder, most, ask.idempotency or ask.request_id, ask.body_hash
                )
            except PaymentRequired as error:
                refusal = refusal or error
                continue
            return Bill(ask, route, candidates, reservation, 0 if ask.tokens_out else cap)
        if refusal is None:
            raise Conflict("No model is there to answer this.")
        raise refusal

    def price(self, candidate: Candidate, tokens: Tokens | None, units: Units | None) -> int:
        """What an answer costs, in nano-dollars."""
        nano = self._catalog.cost(candidate.model, tokens) if tokens is not None else 0
        return nano + _of_units(candidate.model, units) if units is not None else nano

    async def settle(self, bill: Bill, outcome: Outcome) -> None:
        """Once: charge what it came to, and note it."""
        if bill.closed:
            return
        bill.closed = True
        self._note(bill.ask, outcome)
        await self._wallet.settle(bill.reservation, outcome.nano, self._row(bill.ask, bill.route, outcome))

    def release(self, bill: Bill, word: str) -> None:
        """Nothing was made, so nothing is charged, and the same id may be tried again; it is noted all the same."""
        if bill.closed:
            return
        bill.closed = True
        outcome = Outcome(word, None, Tokens(), 0)
        self._note(bill.ask, outcome)
        self._wallet.release(bill.reservation)
        self._wallet.note(bill.ask.holder, self._row(bill.ask, bill.route, outcome))

    def note_remembered(self, ask: Ask, answered: Answered, saved: int) -> None:
        """An answer from memory: nobody is charged, and what it saved is noted."""
        outcome = Outcome("cached", None, answered.tokens, 0, cached=True, saved=saved)
        self._note(ask, outcome)
        self._wallet.note(ask.holder, self._row(ask, None, outcome))

    def note_here(self, ask: Ask, model: str, tokens: Tokens) -> None:
        """An answer by a model of this machine, which is free and noted like every other."""
        outcome = Outcome("ok", None, tokens, 0, here=model)
        self._note(ask, outcome)
        self._wallet.note(ask.holder, self._row(ask, None, outcome))

    def _row(self, ask: Ask, route: Route | None, outcome: Outcome) -> UsageRow:
        offer = outcome.candidate.offer if outcome.candidate else None
        tokens = outcome.tokens
        return UsageRow(
            id=ask.request_id,
            tier=route.tier if route is not None else ask.wish.requested,
            model=ask.wish.requested,
            request_type=ask.request_type,
            served_model=offer.model_name if offer else outcome.here,
            served_provider=offer.endpoint.provider if offer else _HERE if outcome.here else "",
            routing_method=route.method if route is not None else "native" if outcome.here else "cache",
            execution_source="cache" if outcome.cached else offer.source if offer else "local" if outcome.here else "",
            billing_mode=_billing_mode(outcome, offer),
            feature=ask.feature or "api",
            input_tokens=tokens.prompt,
            cache_read_tokens=tokens.cache_read,
            cache_write_tokens=tokens.cache_write,
            output_tokens=tokens.output,
            reasoning_tokens=tokens.reasoning,
            estimated=tokens.estimated,
            actual_nano=outcome.nano,
            baseline_nano=max(outcome.saved, outcome.nano, self._elsewhere(outcome)),
            latency_ms=round(ask.elapsed_ms),
            first_token_ms=None if outcome.first_token_ms is None else round(outcome.first_token_ms),
            cached=outcome.cached,
            status=_STATUS.get(outcome.word, 503),
            error="" if outcome.word in ("ok", "cached") else outcome.word,
            trace_id=ask.trace_id,
        )

    def _elsewhere(self, outcome: Outcome) -> int:
        """What a local answer would have cost at a provider that has the same model."""
        if outcome.candidate is None or not outcome.candidate.offer.local:
            return 0
        model = self._catalog.find(outcome.candidate.offer.model_name)
        return self._catalog.cost(model, outcome.tokens) if model is not None else 0

    def _ways(self, ask: Ask, all: tuple[Candidate, ...]) -> Iterator[tuple[tuple[Candidate, ...], int]]:
        """Whom to ask, each with how long an answer may be; the next is for whom cannot pay the one before."""
        if all:
            for cap in (ask.tokens_out,) if ask.tokens_out else _CAPS.get(ask.request_type, (0,)):
                yield all, cap
        if free := tuple([one for one in all if not self._ceiling(ask, one.model, _GENEROUS)]):
            yield free, 0

    def _ceiling(self, ask: Ask, model: Model, cap: int) -> int:
        longest = cap if ask.tokens_out else min(cap, model.output_limit or _UNTOLD_LIMIT)
        return self._catalog.ceiling(model, ask.most_tokens_in, longest * ask.choices) + _of_units(model, ask.units)

    def _note(self, ask: Ask, outcome: Outcome) -> None:
        offer = outcome.candidate.offer if outcome.candidate else None
        self._metrics.finished(
            Call(
                request_id=ask.request_id,
                at_ms=now_ms(),
                user_id=ask.holder.user_id,
                workspace=ask.holder.workspace,
                request_type=ask.request_type,
                requested=ask.wish.requested,
                model=offer.model_name if offer else outcome.here,
                provider=offer.endpoint.provider if offer else _HERE if outcome.here else "",
                local=bool(offer.local if offer else outcome.here),
                outcome=outcome.word,
                input_tokens=outcome.tokens.prompt,
                output_tokens=outcome.tokens.output,
                cost_usd=outcome.nano / NANO,
                latency_ms=ask.elapsed_ms,
                first_token_ms=outcome.first_token_ms,
            )
        )


def _billing_mode(outcome: Outcome, offer: Offer | None) -> str:
    if outcome.cached or outcome.here:
        return "cached" if outcome.cached else "local"
    if offer is None:
        return ""  # the wallet says whether it was charged
    return "local" if offer.local else "byok" if offer.source == "workspace" else ""


def _of_units(model: Model, units: Units) -> int:
    if units is NO_UNITS:
        return 0
    prices = model.prices
    return (
        units.images * (prices.per_image or 0)
        + units.characters * (prices.per_character or 0)
        + round(units.seconds * (prices.per_second or 0))
    )
