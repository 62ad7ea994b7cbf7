"""Requests in a minute by a sliding window, and streams at a time."""

import math
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from talome.core.errors import TooMany
from talome.core.operations import Caller
from talome.core.settings.service import Setting, Settings

WINDOW_S: Final = 60.0
REQUESTS: Final = "gateway.requests_per_minute"
SESSION_REQUESTS: Final = "gateway.session_requests_per_minute"
STREAMS: Final = "gateway.streams_per_key"
SETTINGS: Final = (
    Setting(
        REQUESTS, "number", 60, "Requests of a key in a minute", "For keys without a limit of their own.", "gateway",
        minimum=1, maximum=1_000_000,
    ),
    Setting(
        SESSION_REQUESTS, "number", 600, "Requests of a signed-in person in a minute",
        "For what the pages and people's own tools ask of the gateway.", "gateway", minimum=10, maximum=1_000_000,
    ),
    Setting(
        STREAMS, "number", 100, "Open answers of a key at a time",
        "How many streamed answers a key or a person may have open at once.", "gateway", minimum=1, maximum=10_000,
    ),
)  # fmt: skip
_GATEWAY: Final = ("/v1/", "/v2/")
_MOST_SUBJECTS: Final = 10_000


@dataclass(frozen=True, slots=True)
class LimitState:
    """What is left of a minute's requests. `retry_after_s` is 0 where the request was counted."""

    limit: int
    remaining: int
    reset_at: int
    retry_after_s: int

    @property
    def headers(self) -> dict[str, str]:
        """The names of all faces; header names know no case, so `x-ratelimit-limit` is among them."""
        return {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(self.remaining),
            "X-RateLimit-Reset": str(self.reset_at),
            "X-RateLimit-RetryAfter": str(self.retry_after_s),
        }

    @property
    def refusal(self) -> TooMany | None:
        if not self.retry_after_s:
            return None
        return TooMany("Rate limit exceeded", retry_after_s=self.retry_after_s, code="rate_limited")


@dataclass(slots=True)
class _Window:
    """Requests of the minute that runs and of the one before."""

    number: int
    now: int = 0
    before: int = 0


class Limits:
    """The minute before counts for the part of it that the last sixty seconds still cover; so nobody gets two minutes'
    worth around the full minute, at the price of two numbers for each key."""

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._clock = clock
        self._windows: dict[str, _Window] = {}
        self._streams: dict[str, int] = {}

    def admit(self, caller: Caller, path: str) -> tuple[Mapping[str, str], TooMany | None]:
        """The `Limit` of the HTTP server: keys are counted everywhere, people where they use the gateway."""
        own = caller.terms.requests_per_minute
        if own is None:
            if not path.startswith(_GATEWAY) or caller.kind == "anonymous":
                return {}, None
            own = int(self._settings.number(REQUESTS if caller.key_id else SESSION_REQUESTS))
        state = self.take(caller.key_id or caller.user_id, own)
        return state.headers, state.refusal

    def take(self, subject: str, requests_per_minute: int) -> LimitState:
        """Count a request, unless the last minute is full."""
        now = self._clock()
        number, passed = int(now // WINDOW_S), now % WINDOW_S / WINDOW_S
        window = self._window(subject, number)
        used = window.now + window.before * (1 - passed)
        reset_at = int(time.time() + (1 - passed) * WINDOW_S) + 1
        if used + 1 > requests_per_minute:
            wait = math.ceil(_wait_s(window, passed, requests_per_minute))
            return LimitState(requests_per_minute, 0, reset_at, max(1, wait))
        window.now += 1
        return LimitState(requests_per_minute, int(requests_per_minute - used - 1), reset_at, 0)

    def _window(self, subject: str, number: int) -> _Window:
        window = self._windows.get(subject)
        if window is None:
            if len(self._windows) >= _MOST_SUBJECTS:
                self._windows = {name: kept for name, kept in self._windows.items() if kept.number >= number - 1}
            window = self._windows[subject] = _Window(number)
        if window.number != number:
            window.before = window.now if window.number == number - 1 else 0
            window.now, window.number = 0, number
        return window

    @contextmanager
    def stream(self, subject: str) -> Iterator[None]:
        """For the time of one streamed answer of a key or a person."""
        most = int(self._settings.number(STREAMS))
        if self._streams.get(subject, 0) >= most:
            raise TooMany(f"{most} answers are being streamed already. Let one end first.", retry_after_s=5)
        self._streams[subject] = self._streams.get(subject, 0) + 1
        try:
            yield
        finally:
            left = self._streams[subject] - 1
            if left:
                self._streams[subject] = left
            else:
                del self._streams[subject]


def _wait_s(window: _Window, passed: float, limit: int) -> float:
    """Until one more request fits: in this minute, as the one before fades, or in the next, as this one does."""
    free = limit - 1 - window.now
    if free >= 0:
        return (1 - free / window.before - passed) * WINDOW_S
    return (1 - passed) * WINDOW_S + (1 - (limit - 1) / window.now) * WINDOW_S
