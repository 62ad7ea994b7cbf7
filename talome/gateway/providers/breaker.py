"""Keeps requests away from what just failed. All of it happens inside the request, so the next one knows already.

Each model at an endpoint has a circuit. After a failure it is open for a while: as long as the provider asked for, else
5 seconds, doubled with every further failure up to 60. Then one request may try (half-open); it closes the circuit or
opens it again. A refused key and a host that does not answer stop all models of the endpoint. What the request itself
is to blame for (400, 404, 422) opens nothing. Measured speed is kept as a moving average.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from talome.core.clock import now_ms
from talome.engines.providers.models import UpstreamError

ALL_MODELS: Final = ""
INVALID: Final = "unauthorized"
_FIRST_S: Final = 5.0
_LONGEST_S: Final = 60.0
_LONGEST_ASKED_S: Final = 3600.0
_TRIAL_S: Final = 60.0
"""A trial whose outcome nobody told is forgotten after this long."""
_WEIGHT: Final = 0.2
_MOST_CIRCUITS: Final = 5000
_HARMLESS: Final = frozenset({"refused", "too_large"})
_WHOLE_ENDPOINT: Final = frozenset({"unreachable", INVALID})


@dataclass(slots=True)
class _Circuit:
    failures: int = 0
    open_until: float = 0.0
    asked: bool = False
    trial_until: float = 0.0


@dataclass(slots=True)
class Speed:
    """Moving averages of what was measured."""

    first_token_ms: float
    tokens_per_s: float


@dataclass(slots=True)
class Note:
    """What last happened at an endpoint; milliseconds since 1970. `reset_at` is when it is tried again."""

    success_at: int | None = None
    failure_at: int | None = None
    failure_code: str | None = None
    reset_at: int | None = None


class Breaker:
    """Synchronous and in memory. `noted` collects what is to be written down, by endpoint, until it is taken."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._circuits: dict[tuple[str, str], _Circuit] = {}
        self._speeds: dict[tuple[str, str], Speed] = {}
        self._invalid: set[str] = set()
        self._noted: dict[str, Note] = {}

    def available(self, endpoint_id: str, model: str, now: float | None = None) -> bool:
        """Whether a request would be let through; takes nothing."""
        if endpoint_id in self._invalid:
            return False
        if not self._circuits:
            return True
        moment = self._clock() if now is None else now
        return all(_passes(circuit, moment) for circuit in self._both(endpoint_id, model))

    def allows(self, endpoint_id: str, model: str, now: float | None = None) -> bool:
        """The same for who is about to call: of those that come after a pause only one is let through. Tell how it
        went by `succeeded`, `failed` or `left`."""
        moment = self._clock() if now is None else now
        if not self.available(endpoint_id, model, moment):
            return False
        for circuit in self._both(endpoint_id, model):
            if circuit.failures:
                circuit.trial_until = moment + _TRIAL_S
        return True

    def failed(self, endpoint_id: str, model: str, error: UpstreamError) -> None:
        """Open the circuit as the error asks."""
        moment = self._clock()
        if error.kind in _HARMLESS:
            self.left(endpoint_id, model)
            return
        if error.kind == INVALID:
            self._invalid.add(endpoint_id)
        circuit = self._circuit(endpoint_id, ALL_MODELS if error.kind in _WHOLE_ENDPOINT else model)
        circuit.failures += 1
        pause = min(_FIRST_S * 2 ** min(circuit.failures - 1, 10), _LONGEST_S)
        if error.retry_after_s is not None:
            pause = min(max(error.retry_after_s, 1.0), _LONGEST_ASKED_S)
        circuit.asked = error.retry_after_s is not None
        circuit.open_until, circuit.trial_until = max(circuit.open_until, moment + pause), 0.0
        note = self._noted.setdefault(endpoint_id, Note())
        note.failure_at, note.failure_code = now_ms(), f"{error.status or error.kind}"
        note.reset_at = None if error.kind == INVALID else now_ms() + round(pause * 1000)

    def succeeded(self, endpoint_id: str, model: str, first_token_ms: float = 0.0, tokens_per_s: float = 0.0) -> None:
        """Close the circuits and take the measurements in (0: nothing was measured)."""
        self.restore(endpoint_id, model)
        speed = self._speeds.get((endpoint_id, model))
        if speed is None:
            self._speeds[endpoint_id, model] = Speed(first_token_ms, tokens_per_s)
        else:
            speed.first_token_ms = _moved(speed.first_token_ms, first_token_ms)
            speed.tokens_per_s = _moved(speed.tokens_per_s, tokens_per_s)
        note = self._noted.get(endpoint_id)
        if note is None:
            note = self._noted[endpoint_id] = Note()
        note.success_at, note.reset_at = now_ms(), None

    def left(self, endpoint_id: str, model: str) -> None:
        """The call told nothing about the endpoint, such as when the client went away: the next may try."""
        for circuit in self._both(endpoint_id, model):
            circuit.trial_until = 0.0

    def retry_after(self, endpoint_id: str, model: str, now: float | None = None) -> float:
        """Seconds until a request is let through; 0 for now."""
        moment = self._clock() if now is None else now
        waits = [max(circuit.open_until, circuit.trial_until) - moment for circuit in self._both(endpoint_id, model)]
        return max(0.0, *waits) if waits else 0.0

    def is_asked(self, endpoint_id: str, model: str) -> bool:
        """Whether the provider itself asked for the pause that is on."""
        return any(circuit.asked and circuit.open_until > self._clock() for circuit in self._both(endpoint_id, model))

    def speed(self, endpoint_id: str, model: str) -> Speed | None:
        """What was measured of a model at an endpoint."""
        return self._speeds.get((endpoint_id, model))

    def is_invalid(self, endpoint_id: str) -> bool:
        """Whether the provider refused the key; only a new one, or a check that succeeds, changes that."""
        return endpoint_id in self._invalid

    def mark_invalid(self, endpoint_id: str) -> None:
        """The key was refused, as is known from before this start."""
        self._invalid.add(endpoint_id)

    def restore(self, endpoint_id: str, model: str = ALL_MODELS) -> None:
        """It works again: forget the failures of the endpoint and of this model."""
        if self._circuits:
            self._circuits.pop((endpoint_id, ALL_MODELS), None)
            self._circuits.pop((endpoint_id, model), None)
        self._invalid.discard(endpoint_id)

    def forget(self, endpoint_id: str) -> None:
        """The endpoint is gone, or is another one from now on."""
        for kept in (self._circuits, self._speeds):
            for key in [key for key in kept if key[0] == endpoint_id]:
                del kept[key]
        self._invalid.discard(endpoint_id)
        self._noted.pop(endpoint_id, None)

    def note(self, endpoint_id: str) -> Note:
        """What is not written down yet of an endpoint."""
        return self._noted.get(endpoint_id) or Note()

    def take_notes(self) -> dict[str, Note]:
        """What happened since the last time, to be written down."""
        taken, self._noted = self._noted, {}
        return taken

    def give_back(self, notes: dict[str, Note]) -> None:
        """Notes that could not be written; newer ones stay."""
        self._noted = notes | self._noted

    def _both(self, endpoint_id: str, model: str) -> list[_Circuit]:
        found = (self._circuits.get((endpoint_id, ALL_MODELS)), self._circuits.get((endpoint_id, model)))
        return [circuit for circuit in found if circuit is not None]

    def _circuit(self, endpoint_id: str, model: str) -> _Circuit:
        if len(self._circuits) >= _MOST_CIRCUITS:
            self._circuits.pop(next(iter(self._circuits)))
        return self._circuits.setdefault((endpoint_id, model), _Circuit())


def _passes(circuit: _Circuit, now: float) -> bool:
    return now >= circuit.open_until and now >= circuit.trial_until


def _moved(old: float, new: float) -> float:
    if not new:
        return old
    return new if not old else old + _WEIGHT * (new - old)
