"""The one way of every request: route, reserve, ask with fallback, settle. What the faces add is only words."""

import asyncio
from typing import Final

import orjson

from talome.core.errors import Conflict
from talome.engines.providers.models import Tokens, UpstreamError
from talome.gateway.cache.service import AnswerCache, digest
from talome.gateway.inference.attempts import Attempts, as_talome
from talome.gateway.inference.exchange import Exchange, StreamedExchange
from talome.gateway.inference.ledger import Bill, Ledger, Outcome
from talome.gateway.inference.models import Answered, Ask, Done
from talome.gateway.inference.stream import ReplyStream
from talome.gateway.metrics.service import GatewayMetrics
from talome.gateway.routing.models import Candidate
from talome.gateway.routing.service import Router

_USUAL_SPEED: Final = 40.0
"""Tokens a second, for a model of which nothing was measured yet."""


class Pipeline:
    """`replays` keeps what was answered to requests that carry an id of their client's own."""

    def __init__(
        self, router: Router, attempts: Attempts, ledger: Ledger, metrics: GatewayMetrics, *, replays: AnswerCache
    ) -> None:
        self._replays = replays
        self._router = router
        self._attempts = attempts
        self._ledger = ledger
        self._metrics = metrics

    def require(self, ask: Ask) -> None:
        """Raise where no model could answer this."""
        self._router.route(ask.wish, ask.features)

    async def answer(self, ask: Ask, exchange: Exchange) -> Answered:
        """The whole answer. When the client leaves meanwhile, it pays for about what was made."""
        bill = await self._reserve(ask)
        if bill.reservation.replayed_nano is not None:
            return self._replayed(bill, bill.reservation.replayed_nano)
        trying: list[Candidate] = []
        begun_ms = ask.elapsed_ms

        async def once(candidate: Candidate) -> Done:
            trying[:] = [candidate]
            return await exchange.once(candidate, bill.cap_of(candidate))

        self._metrics.running += 1
        try:
            candidate, done = await self._attempts.first(bill.candidates, once)
        except UpstreamError as error:
            self._ledger.release(bill, error.kind)
            raise as_talome(error) from None
        except asyncio.CancelledError:
            await self._ledger.settle(bill, self._left(bill, trying, begun_ms))
            raise
        except BaseException:
            self._ledger.release(bill, "failed")
            raise
        finally:
            self._metrics.running -= 1
        took_s = (ask.elapsed_ms - begun_ms) / 1000
        output = done.tokens.output if done.tokens is not None else 0
        self._attempts.succeeded(candidate, 0.0, output / took_s if took_s else 0.0)
        nano = self._ledger.price(candidate, done.tokens, done.units)
        tokens = done.tokens or Tokens()
        await self._ledger.settle(bill, Outcome("ok", candidate, tokens, nano, done.units))
        if ask.idempotency and isinstance(done.body, dict | list):
            told = {"provider": candidate.offer.endpoint.provider, "model": candidate.offer.model_name}
            self._replays.keep(_replay_key(ask), done.body, tokens, nano=nano, **told)
        return Answered(done.body, candidate, tokens, nano, exchange.is_native(candidate))

    async def stream(self, ask: Ask, exchange: StreamedExchange) -> ReplyStream:
        """A stream that began. Whoever gets it closes it, however it ends: that is when it is paid."""
        bill = await self._reserve(ask)
        if bill.reservation.replayed_nano is not None:
            raise _no_longer_kept()
        try:
            candidate, events = await self._attempts.first(
                bill.candidates, lambda one: exchange.open(one, bill.cap_of(one))
            )
        except UpstreamError as error:
            self._ledger.release(bill, error.kind)
            raise as_talome(error) from None
        except asyncio.CancelledError:
            self._ledger.release(bill, "left")
            raise
        except BaseException:
            self._ledger.release(bill, "failed")
            raise
        self._metrics.streams += 1
        native = exchange.is_native(candidate)
        return ReplyStream(
            bill,
            candidate,
            events,
            attempts=self._attempts,
            ledger=self._ledger,
            metrics=self._metrics,
            native=native,
        )

    async def _reserve(self, ask: Ask) -> Bill:
        return await self._ledger.reserve(ask, self._router.route(ask.wish, ask.features))

    def _replayed(self, bill: Bill, nano: int) -> Answered:
        """What was answered to the same request before; it was paid then."""
        bill.closed = True
        kept = self._replays.get(_replay_key(bill.ask))
        if kept is None:
            raise _no_longer_kept()
        found = [one for one in bill.candidates if one.offer.model_name == kept.model]
        native = bool(found) and bill.ask.request_type == "messages" and kept.provider == "anthropic"
        body = orjson.loads(kept.body)
        return Answered(body, found[0] if found else None, kept.tokens, nano, native, provider=kept.provider)

    def _left(self, bill: Bill, trying: list[Candidate], begun_ms: float) -> Outcome:
        """What a model has made by now that tells nothing before it is ready."""
        ask = bill.ask
        if not trying:
            return Outcome("left", None, Tokens(), 0)
        seconds = (ask.elapsed_ms - begun_ms) / 1000
        most = bill.cap_of(trying[0]) or ask.tokens_out
        made = int(seconds * (self._attempts.speed(trying[0]) or _USUAL_SPEED)) if ask.wish.tokens_out else 0
        tokens = Tokens(input=ask.wish.tokens_in, output=min(made, most) if most else made, estimated=True)
        return Outcome("left", trying[0], tokens, self._ledger.price(trying[0], tokens, None))


def _replay_key(ask: Ask) -> bytes:
    return digest(f"user:{ask.holder.user_id}", ask.body_hash, {"id": ask.idempotency})


def _no_longer_kept() -> Conflict:
    return Conflict("This was answered before, and the answer is no longer kept.", code="already_answered")
