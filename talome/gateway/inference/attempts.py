"""One candidate after the other, until one answers; only before the first byte has gone to the client."""

import math
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Final, TypeVar

from talome.core.errors import Invalid, TalomeError, TooLarge, TooMany, Unavailable
from talome.engines.providers.models import UpstreamError
from talome.gateway.metrics.service import GatewayMetrics
from talome.gateway.providers.service import Breaker
from talome.gateway.routing.models import Candidate

T = TypeVar("T")
MOST_TRIES: Final = 4
_OTHER_MAY_TAKE: Final = frozenset({"model_not_found", "context_length_exceeded"})
"""Refusals that say more of the endpoint than of the request."""
_DEFAULT_WAIT_S: Final = 5


class Attempts:
    def __init__(self, breaker: Breaker, metrics: GatewayMetrics) -> None:
        self._breaker = breaker
        self._metrics = metrics

    async def first(
        self, candidates: Sequence[Candidate], call: Callable[[Candidate], Awaitable[T]]
    ) -> tuple[Candidate, T]:
        """The first that answers, and its answer; the caller tells how it ended. Raises `UpstreamError`."""
        failure: UpstreamError | None = None
        for candidate in self._admitted(candidates):
            offer = candidate.offer
            try:
                return candidate, await call(candidate)
            except UpstreamError as error:
                self.failed(candidate, error)
                failure = error
                if error.started or (error.kind == "refused" and error.code not in _OTHER_MAY_TAKE):
                    break
            except BaseException:
                self._breaker.left(offer.endpoint.id, offer.model_name)
                raise
        if failure is None:
            raise Unavailable("No model is there to answer this.", code="no_provider")
        raise failure

    def failed(self, candidate: Candidate, error: UpstreamError) -> None:
        offer = candidate.offer
        self._breaker.failed(offer.endpoint.id, offer.model_name, error)
        self._metrics.upstream_failed(offer.endpoint.provider, error.kind)

    def succeeded(self, candidate: Candidate, first_token_ms: float = 0.0, tokens_per_s: float = 0.0) -> None:
        offer = candidate.offer
        self._breaker.succeeded(offer.endpoint.id, offer.model_name, first_token_ms, tokens_per_s)

    def left(self, candidate: Candidate) -> None:
        """The client went away: that says nothing about the endpoint."""
        self._breaker.left(candidate.offer.endpoint.id, candidate.offer.model_name)

    def speed(self, candidate: Candidate) -> float:
        """Tokens a second that this model was seen to make; 0 where nothing is known."""
        measured = self._breaker.speed(candidate.offer.endpoint.id, candidate.offer.model_name)
        return measured.tokens_per_s if measured else 0.0

    def _admitted(self, candidates: Sequence[Candidate]) -> Iterator[Candidate]:
        """Each whose circuit lets a request through, asked right before its turn: a try takes the only place of a
        half-open circuit. If there is none, the one that comes back first is tried all the same."""
        tried = 0
        for candidate in candidates:
            if tried < MOST_TRIES and self._breaker.allows(candidate.offer.endpoint.id, candidate.offer.model_name):
                tried += 1
                yield candidate
        if candidates and not tried:
            wait_s, last = min(((self._wait_s(one), one) for one in candidates), key=lambda pair: pair[0])
            if self._breaker.is_asked(last.offer.endpoint.id, last.offer.model_name):
                raise UpstreamError("rate_limited", "All models for this are at their limit.", retry_after_s=wait_s)
            yield last

    def _wait_s(self, candidate: Candidate) -> float:
        return self._breaker.retry_after(candidate.offer.endpoint.id, candidate.offer.model_name)


def as_talome(error: UpstreamError) -> TalomeError:
    """What the client is told. No word of it comes from the provider, and none names one."""
    if error.kind == "refused":
        return Invalid(error.public, code=error.code or "invalid_request")
    if error.kind == "too_large":
        return TooLarge(error.public, code="too_large")
    if error.kind == "rate_limited":
        wait_s = math.ceil(error.retry_after_s or _DEFAULT_WAIT_S)
        return TooMany(f"The models for this are at their limit. Try again in {wait_s} seconds.", retry_after_s=wait_s)
    if error.kind == "unauthorized":
        return Unavailable(
            "A provider no longer accepts its key. An administrator can renew it under AI, Providers.",
            code="provider_key_refused",
        )
    return Unavailable(error.public, code=f"upstream_{error.kind}")
