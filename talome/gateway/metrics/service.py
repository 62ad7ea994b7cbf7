"""Counters and histograms in Prometheus' text format. Source: prometheus.io/docs/instrumenting/exposition_formats."""

import asyncio
from bisect import bisect_left
from collections import deque
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Final

from talome.core.clock import from_ms
from talome.core.models import Wire

LATENCY_S: Final = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0)
FIRST_TOKEN_S: Final = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
MOST_MODELS: Final = 500
"""Each model is a set of lines. What comes after so many is counted as “other”."""
_BEHIND: Final = 256
_ESCAPED: Final = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})


class FinishedCall(Wire):
    """A call that ended, without what was said in it. `outcome` is `ok`, `cached`, `left` or what went wrong."""

    request_id: str
    at: datetime
    user_id: str
    workspace: str | None
    request_type: str
    requested: str
    model: str
    provider: str
    local: bool
    outcome: str
    input_tokens: int
    output_tokens: int
    cost_usd: float
    latency_ms: float
    first_token_ms: float | None


@dataclass(slots=True)
class Call:
    """The same as it is kept, which costs a tenth; `at_ms` since 1970."""

    request_id: str
    at_ms: int
    user_id: str
    workspace: str | None
    request_type: str
    requested: str
    model: str
    provider: str
    local: bool
    outcome: str
    input_tokens: int
    output_tokens: int
    cost_usd: float
    latency_ms: float
    first_token_ms: float | None


@dataclass(slots=True)
class _Histogram:
    bounds: tuple[float, ...]
    counts: list[int] = field(default_factory=list)
    total: float = 0.0

    def __post_init__(self) -> None:
        self.counts = [0] * (len(self.bounds) + 1)

    def add(self, value: float) -> None:
        self.counts[bisect_left(self.bounds, value)] += 1
        self.total += value

    def lines(self, name: str, labels: str) -> Iterator[str]:
        below = 0
        for bound, count in zip((*self.bounds, "+Inf"), self.counts, strict=True):
            below += count
            yield f'{name}_bucket{{{labels},le="{bound}"}} {below}'
        yield f"{name}_sum{{{labels}}} {self.total:.6f}"
        yield f"{name}_count{{{labels}}} {below}"


@dataclass(slots=True)
class _Model:
    outcomes: dict[str, int] = field(default_factory=dict)
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float = 0.0
    latency: _Histogram = field(default_factory=lambda: _Histogram(LATENCY_S))
    first_token: _Histogram = field(default_factory=lambda: _Histogram(FIRST_TOKEN_S))


class GatewayMetrics:
    def __init__(self) -> None:
        self._models: dict[tuple[str, str, str], _Model] = {}
        self._failures: dict[tuple[str, str], int] = {}
        self._watchers: set[asyncio.Queue[Call]] = set()
        self._recent: deque[Call] = deque(maxlen=50)
        self.running = 0
        self.streams = 0

    @contextmanager
    def stream(self) -> Iterator[None]:
        """For the time of an open stream."""
        self.streams += 1
        try:
            yield
        finally:
            self.streams -= 1

    def upstream_failed(self, provider: str, kind: str) -> None:
        """One try at one endpoint; the call may still succeed at another."""
        self._failures[provider, kind] = self._failures.get((provider, kind), 0) + 1

    def finished(self, call: Call) -> None:
        kept = self._of(call.provider, call.model, call.request_type)
        kept.outcomes[call.outcome] = kept.outcomes.get(call.outcome, 0) + 1
        kept.input_tokens += call.input_tokens
        kept.output_tokens += call.output_tokens
        kept.cost_usd += call.cost_usd
        kept.latency.add(call.latency_ms / 1000)
        if call.first_token_ms is not None:
            kept.first_token.add(call.first_token_ms / 1000)
        self._recent.append(call)
        for queue in self._watchers:
            if not queue.full():  # who cannot follow misses some; the numbers are in the usage
                queue.put_nowait(call)

    def _of(self, provider: str, model: str, request_type: str) -> _Model:
        key = (provider, model, request_type)
        kept = self._models.get(key)
        if kept is None:
            if len(self._models) >= MOST_MODELS:
                key = ("other", "other", request_type)
            kept = self._models.setdefault(key, _Model())
        return kept

    async def watch(self, user_id: str | None) -> AsyncGenerator[FinishedCall, None]:
        """The last few calls, then each that ends; of one user, who does not learn which model it was, or with None of
        everybody."""
        queue: asyncio.Queue[Call] = asyncio.Queue(_BEHIND)
        self._watchers.add(queue)
        try:
            for call in tuple(self._recent):
                if user_id in (None, call.user_id):
                    yield _shown(call, user_id)
            while True:
                call = await queue.get()
                if user_id in (None, call.user_id):
                    yield _shown(call, user_id)
        finally:
            self._watchers.discard(queue)

    def text(self) -> str:
        """Everything, as Prometheus reads it."""
        return "\n".join([*self._gauges(), *self._of_models(), *self._of_failures(), ""])

    def _gauges(self) -> Iterator[str]:
        yield from _head("talome_gateway_running", "gauge", "Calls that run now.")
        yield f"talome_gateway_running {self.running}"
        yield from _head("talome_gateway_streams", "gauge", "Streams that are open now.")
        yield f"talome_gateway_streams {self.streams}"

    def _of_models(self) -> Iterator[str]:
        named = [(_labels(*key), kept) for key, kept in self._models.items()]
        yield from _head("talome_gateway_requests_total", "counter", "Calls that ended, by outcome.")
        for labels, kept in named:
            for outcome, count in kept.outcomes.items():
                yield f'talome_gateway_requests_total{{{labels},outcome="{_escape(outcome)}"}} {count}'
        yield from _head("talome_gateway_tokens_total", "counter", "Tokens in and out.")
        for labels, kept in named:
            yield f'talome_gateway_tokens_total{{{labels},direction="in"}} {kept.input_tokens}'
            yield f'talome_gateway_tokens_total{{{labels},direction="out"}} {kept.output_tokens}'
        yield from _head("talome_gateway_cost_usd_total", "counter", "What was charged, in dollars.")
        for labels, kept in named:
            yield f"talome_gateway_cost_usd_total{{{labels}}} {kept.cost_usd:.9f}"
        yield from _head("talome_gateway_latency_seconds", "histogram", "Time until the whole answer was there.")
        for labels, kept in named:
            yield from kept.latency.lines("talome_gateway_latency_seconds", labels)
        yield from _head("talome_gateway_first_token_seconds", "histogram", "Time until a stream began.")
        for labels, kept in named:
            yield from kept.first_token.lines("talome_gateway_first_token_seconds", labels)

    def _of_failures(self) -> Iterator[str]:
        yield from _head("talome_gateway_upstream_failures_total", "counter", "Tries at an endpoint that failed.")
        for (provider, kind), count in self._failures.items():
            labels = f'provider="{_escape(provider)}",kind="{_escape(kind)}"'
            yield f"talome_gateway_upstream_failures_total{{{labels}}} {count}"


def _shown(call: Call, user_id: str | None) -> FinishedCall:
    kept = asdict(call)
    hidden = {} if user_id is None else {"model": call.requested, "provider": ""}
    return FinishedCall(at=from_ms(kept.pop("at_ms")), **{**kept, **hidden})


def _head(name: str, kind: str, words: str) -> Iterator[str]:
    yield f"# HELP {name} {words}"
    yield f"# TYPE {name} {kind}"


def _labels(provider: str, model: str, request_type: str) -> str:
    return f'provider="{_escape(provider)}",model="{_escape(model)}",type="{_escape(request_type)}"'


def _escape(value: str) -> str:
    return value.translate(_ESCAPED)
