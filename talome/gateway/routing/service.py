"""Who may answer a request, in the order in which to try."""

import math
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

from talome.core.errors import Forbidden, Invalid, NotFound, TooMany, Unavailable
from talome.gateway.catalog.models import Model
from talome.gateway.catalog.service import Catalog
from talome.gateway.providers.models import Offer
from talome.gateway.providers.service import Breaker, ProviderDirectory
from talome.gateway.routing.models import Candidate, Route, Wish
from talome.gateway.routing.order import Choice, in_order
from talome.gateway.routing.tiers import Features, at_least, features_of, judge

__all__ = ["Features", "Router", "features_of"]
MODES: Final = ("auto", "fast", "max")
_PREFIXES: Final = ("talocode/", "tokaroo/", "talome/")
_HARD_NEEDS: Final = frozenset({"vision"})
_MOST_CANDIDATES: Final = 6
_MOST_LISTS: Final = 512
_FRESH_S: Final = 5.0
"""Measured speed moves on; lists are put in order again after this long."""
_UNKNOWN_CONTEXT: Final = 10**9
_MOST_CONVERSATIONS: Final = 10_000
_CONVERSATION_S: Final = 3600.0
_WORDS: Final = {
    "chat": "answers chats", "embedding": "makes embeddings", "image": "makes pictures", "speech": "speaks",
    "transcription": "writes down speech", "video": "makes films",
}  # fmt: skip
_STRONG_RANK: Final = 85


@dataclass(frozen=True, slots=True)
class _Asked:
    """`mode` is auto, fast, max or native."""

    mode: str
    code: bool = False
    model: Model | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class _Listed:
    """Candidates in their order, good until a moment. `longest` is the largest context among them."""

    until: float
    candidates: tuple[Candidate, ...]
    by_key: dict[tuple[str, str], Candidate]
    longest: int


@dataclass(frozen=True, slots=True)
class _Sticky:
    endpoint_id: str
    model_name: str
    mode: str
    tier: str
    until: float


class Router:
    """Synchronous; nothing is asked of anybody."""

    def __init__(
        self,
        directory: ProviderDirectory,
        catalog: Catalog,
        breaker: Breaker,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._directory = directory
        self._catalog = catalog
        self._breaker = breaker
        self._clock = clock
        self._lists: dict[tuple[object, ...], _Listed] = {}
        self._asks: dict[tuple[str | None, str], _Asked] = {}
        self._revision: tuple[int, ...] = ()
        self._conversations: OrderedDict[str, _Sticky] = OrderedDict()

    def route(self, wish: Wish, features: Callable[[], Features] | None = None) -> Route:
        """Raises `Unavailable` where nothing fits, saying what to add; `Forbidden` where it must not leave the house
        and nothing in it fits; `Invalid` for a request too long for all; `TooMany` where all asked us to wait;
        `NotFound` for a name that nobody knows. `features` are looked for only where they decide.
        """
        self._renew()
        asked = self._asked(wish)
        verdict = None
        if wish.kind == "chat" and asked.mode == "auto":
            verdict = judge(features() if features else Features(), code=asked.code)
        tier: str = verdict.tier if verdict else "simple"
        sticky = self._sticky(wish.conversation)
        if asked.mode != "auto":
            tier = "standard"
        elif sticky is not None and sticky.mode == "auto":
            tier = at_least(tier, sticky.tier)
        if sticky is not None and (sticky.mode, sticky.tier) != (asked.mode, tier):
            sticky = None  # what was good enough until now need not be so for this
        listed = self._listed(wish, asked, tier)
        if wish.tokens_in > listed.longest:
            raise Invalid(
                f"This is about {wish.tokens_in} tokens long, and no model here reads more than {listed.longest}.",
                code="context_length_exceeded",
            )
        chosen, stuck = self._choose(wish, listed, sticky)
        self._remember(wish.conversation, chosen[0], asked.mode, tier)
        reason = asked.note + asked.mode
        if asked.mode == "auto":
            signals = ", ".join(verdict.signals) if verdict and verdict.signals else "nothing special"
            reason = f"{asked.note}{tier}: {signals}"
        method = "conversation" if stuck else "rules" if asked.mode == "auto" else asked.mode
        return Route(chosen, asked.mode, method, reason)

    def offered(self, workspace: str | None) -> list[Candidate]:
        """Everything that can be asked for by its own name, each name once."""
        found: dict[str, Candidate] = {}
        for offer in self._directory.offers(workspace):
            if not offer.is_spare:
                found.setdefault(offer.model_name, Candidate(offer, self._model(offer)))
        return list(found.values())

    def _renew(self) -> None:
        """Forget what was worked out from offers that are others now."""
        revision = self._directory.revision
        if revision != self._revision or len(self._lists) >= _MOST_LISTS or len(self._asks) >= _MOST_LISTS:
            self._lists.clear()
            self._asks.clear()
            self._revision = revision

    def _asked(self, wish: Wish) -> _Asked:
        if wish.requested in MODES:
            return _Asked(wish.requested)
        key = (wish.workspace, wish.requested)
        found = self._asks.get(key)
        if found is None:
            found = self._asks[key] = self._understood(wish)
        return found

    def _understood(self, wish: Wish) -> _Asked:
        name = wish.requested.strip()
        short = next((name[len(prefix) :] for prefix in _PREFIXES if name.lower().startswith(prefix)), name).lower()
        if short in MODES:
            return _Asked(short)
        if short in ("coding", "code") and short != name.lower():
            return _Asked("auto", code=True)
        if not name:
            return _Asked("auto")
        model = self._catalog.find(name)
        if any(_is_named(offer, name, model) for offer in self._directory.offers(wish.workspace)):
            return _Asked("native", model=model)
        if model is None:
            raise NotFound(
                "There is no model of this name here. Use auto, fast or max, or a name from /v1/models.",
                code="model_not_found",
            )
        mode = "max" if model.rank >= _STRONG_RANK else "auto"
        return _Asked(mode, note=f"{model.id} is not offered here, so as {mode}; ")

    def _listed(self, wish: Wish, asked: _Asked, tier: str) -> _Listed:
        size = _bucket(wish.tokens_in)
        name = wish.requested.lower() if asked.mode == "native" else ""
        key = (
            wish.workspace,
            wish.kind,
            wish.needs,
            wish.local_only,
            asked.mode,
            tier,
            size,
            _bucket(wish.tokens_out),
            name,
        )
        held, now = self._lists.get(key), self._clock()
        if held is None or held.until < now:
            choice = Choice(asked.mode, tier, wish.kind, size, wish.tokens_out, "reasoning" in wish.needs)
            found = in_order(self._fitting(wish, asked), choice, self._catalog, self._breaker)
            by_key = {(one.offer.endpoint.id, one.offer.model_name): one for one in found}
            longest = max(one.model.context or _UNKNOWN_CONTEXT for one in found)
            held = self._lists[key] = _Listed(now + _FRESH_S, found, by_key, longest)
        return held

    def _fitting(self, wish: Wish, asked: _Asked) -> list[Candidate]:
        offers = self._directory.offers(wish.workspace)
        if wish.kind not in ("speech", "transcription"):
            offers = tuple(offer for offer in offers if not offer.is_spare)
        if not offers:
            raise Unavailable(
                "No model is set up. Add a provider's key or a local endpoint, such as Ollama, on the page AI.",
                code="no_provider",
            )
        if wish.local_only:
            offers = tuple(offer for offer in offers if offer.stays_inside)
            if not offers:
                raise Forbidden(
                    "This must not leave the house, and there is no local endpoint. Register one first.",
                    code="local_only",
                )
        if asked.mode == "native":
            return self._named(wish, asked, offers)
        able = self._able(wish.kind, offers)
        if not able and wish.kind == "embedding":  # servers of local models make embeddings with any of them
            able = self._able("chat", tuple(offer for offer in offers if offer.local))
        return self._with_needs(wish, able)

    def _able(self, kind: str, offers: tuple[Offer, ...]) -> list[Candidate]:
        return [
            Candidate(offer, model)
            for offer in offers
            if kind in (model := self._model(offer)).capabilities and (offer.local or _is_choosable(model))
        ]

    def _named(self, wish: Wish, asked: _Asked, offers: tuple[Offer, ...]) -> list[Candidate]:
        """Where the model that was asked for is. What only its name tells of it is not held against it."""
        named = [offer for offer in offers if _is_named(offer, wish.requested, asked.model)]
        if not named:
            raise Forbidden(
                "This must not leave the house, and the model that was asked for is not in it.", code="local_only"
            )
        able = [one for one in named if one.model is None or one.local or wish.kind in one.model.capabilities]
        if not able:
            raise Invalid(f"This is not a model that {_WORDS[wish.kind]}.", code="model_not_capable", field="model")
        return [Candidate(offer, self._model(offer)) for offer in able]

    def _with_needs(self, wish: Wish, able: list[Candidate]) -> list[Candidate]:
        """Those that have all that is needed; of what only names tell (tools, JSON), what most have."""
        strict = [one for one in able if (wish.needs & _HARD_NEEDS) <= one.model.capabilities]
        if not strict:
            what = "can look at pictures" if able else _WORDS[wish.kind]
            words = f"None of the models that are set up {what}. Add a provider or a local endpoint that does."
            if wish.local_only:
                raise Forbidden(f"This must not leave the house. {words}", code="local_only")
            raise Unavailable(words, code="no_capable_model")
        wanted = wish.needs - {"reasoning"}
        return [one for one in strict if wanted <= one.model.capabilities] or strict

    def _choose(self, wish: Wish, listed: _Listed, sticky: _Sticky | None) -> tuple[tuple[Candidate, ...], bool]:
        """The first few that may be asked now; the one of this conversation before all others. Where no context has
        room for the whole answer, those that can at least read the request."""
        held = listed.by_key.get((sticky.endpoint_id, sticky.model_name)) if sticky is not None else None
        for answer in (wish.tokens_out, 0):
            chosen = list(islice(self._ready(wish.tokens_in, answer, listed.candidates), _MOST_CANDIDATES))
            if chosen:
                if held is None or not any(self._ready(wish.tokens_in, answer, (held,))):
                    return tuple(chosen), False
                others = [one for one in chosen if one is not held]
                return (held, *others[: _MOST_CANDIDATES - 1]), True
        able = [one for one in listed.candidates if _holds(one.model, wish.tokens_in, 0)]
        return self._last_resort(able), False

    def _ready(self, tokens_in: int, tokens_out: int, candidates: Iterable[Candidate]) -> Iterator[Candidate]:
        now, available = self._clock(), self._breaker.available
        for one in candidates:
            offer = one.offer
            fits = offer.healthy and _holds(one.model, tokens_in, tokens_out)
            if fits and available(offer.endpoint.id, offer.model_name, now):
                yield one

    def _last_resort(self, able: list[Candidate]) -> tuple[Candidate, ...]:
        """All circuits are open. What failed is given all the same, what may be tried soonest first; a pause that was
        asked for is kept."""
        breaker, waits = self._breaker, list[float]()
        tried: list[tuple[float, Candidate]] = []
        for one in able:
            id, name = one.offer.endpoint.id, one.offer.model_name
            if breaker.is_invalid(id):
                continue
            wait = breaker.retry_after(id, name)
            waits.append(wait)
            if not breaker.is_asked(id, name):
                tried.append((wait, one))
        if tried:
            return tuple(one for _, one in sorted(tried, key=lambda pair: pair[0])[:2])
        if waits:
            seconds = max(1, math.ceil(min(waits)))
            raise TooMany("All models that fit are at their provider's limit. Try again later.", retry_after_s=seconds)
        raise Unavailable(
            "The providers of all models that fit refused our keys. Renew them on the page AI.", code="keys_refused"
        )

    def _model(self, offer: Offer) -> Model:
        return offer.model or self._catalog.unknown(offer.model_name, offer.endpoint.provider)

    def _sticky(self, conversation: str) -> _Sticky | None:
        found = self._conversations.get(conversation) if conversation else None
        return found if found is not None and found.until > self._clock() else None

    def _remember(self, conversation: str, first: Candidate, mode: str, tier: str) -> None:
        if not conversation:
            return
        until = self._clock() + _CONVERSATION_S
        offer = first.offer
        self._conversations[conversation] = _Sticky(offer.endpoint.id, offer.model_name, mode, tier, until)
        self._conversations.move_to_end(conversation)
        if len(self._conversations) > _MOST_CONVERSATIONS:
            self._conversations.popitem(last=False)


def _is_named(offer: Offer, name: str, model: Model | None) -> bool:
    low = name.lower()
    if low in (offer.model_name.lower(), f"{offer.endpoint.provider}/{offer.model_name}".lower()):
        return True
    if offer.local:  # Ollama's names end in “:latest” where nobody says otherwise
        return f"{low}:latest" == offer.model_name.lower()
    if offer.endpoint.provider == "openrouter" and _resold(offer.model_name) == _resold(low):
        return True
    return model is not None and offer.model is not None and offer.model.id == model.id


def _resold(name: str) -> str:
    """`anthropic/claude-sonnet-4.5` and `claude-sonnet-4-5` are the same."""
    return name.rpartition("/")[2].lower().replace(".", "-")


def _is_choosable(model: Model) -> bool:
    """Unasked only what has a price and a rank: no restricted or unknown models."""
    prices = model.prices
    priced = prices.rates.input_per_1k or prices.rates.output_per_1k
    each = prices.per_image or prices.per_second or prices.per_character
    return bool(priced or each) and (model.rank > 0 or "chat" not in model.capabilities)


def _holds(model: Model, tokens_in: int, tokens_out: int) -> bool:
    answer = min(tokens_out, model.output_limit) if model.output_limit else tokens_out
    return not model.context or tokens_in + answer <= model.context


def _bucket(tokens: int) -> int:
    """Sizes that differ by less than four times are put in order alike."""
    return 0 if tokens <= 0 else 4 ** (max(tokens, 1).bit_length() // 2)
