"""A streamed answer on its way through: counted, and paid exactly once when it ends, however it ends."""

from typing import Final, Self

from talome.engines.providers.models import Tokens, UpstreamError
from talome.engines.providers.usage import tokens_of
from talome.gateway.inference.attempts import Attempts, as_talome
from talome.gateway.inference.exchange import EventStream
from talome.gateway.inference.ledger import Bill, Ledger, Outcome
from talome.gateway.inference.models import Json
from talome.gateway.metrics.service import GatewayMetrics
from talome.gateway.routing.models import Candidate

_LEAST_S: Final = 0.05
"""Over less time a speed is chance."""


class ReplyStream:
    """Iterates over lists of events; `native`: in the shape of the face. After the end `tokens` and `nano` say what it
    took."""

    def __init__(
        self,
        bill: Bill,
        candidate: Candidate,
        events: EventStream,
        *,
        attempts: Attempts,
        ledger: Ledger,
        metrics: GatewayMetrics,
        native: bool = False,
    ) -> None:
        self.candidate = candidate
        self.native = native
        self.tokens = Tokens()
        self.nano = 0
        self._bill = bill
        self._events = events
        self._attempts = attempts
        self._ledger = ledger
        self._metrics = metrics
        self._first_token_ms = bill.ask.elapsed_ms
        self._over = False

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> list[Json]:
        try:
            return await self._events.__anext__()
        except StopAsyncIteration:
            if not self._over:
                self._attempts.succeeded(self.candidate, self._first_token_ms, self._speed())
            await self._end("ok")
            raise
        except UpstreamError as error:
            if not self._over:
                self._attempts.failed(self.candidate, error)
            await self._end(error.kind)
            raise as_talome(error) from None

    async def close(self) -> None:
        """Let go of the endpoint at once, if it has not ended, and pay for what came."""
        if not self._over:
            self._attempts.left(self.candidate)
        await self._end("left")

    async def _end(self, word: str) -> None:
        if self._over:
            return
        self._over = True
        self._metrics.streams -= 1
        try:
            await self._events.close()
        finally:
            ask = self._bill.ask
            told = self._events.tokens
            made = Tokens(input=ask.wish.tokens_in, output=tokens_of(self._events.made), estimated=True)
            self.tokens = told if told is not None and (word == "ok" or told.output >= made.output) else made
            self.nano = self._ledger.price(self.candidate, self.tokens, None)
            outcome = Outcome(word, self.candidate, self.tokens, self.nano, first_token_ms=self._first_token_ms)
            await self._ledger.settle(self._bill, outcome)

    def _speed(self) -> float:
        took_s = (self._bill.ask.elapsed_ms - self._first_token_ms) / 1000
        return tokens_of(self._events.made) / took_s if took_s > _LEAST_S else 0.0
