"""Exact answers: a map from a request's digest to its answer, bounded in bytes; who asks at once shares one call."""

import asyncio
import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import orjson

from talome.core.settings.service import Setting
from talome.engines.providers.models import Tokens
from talome.gateway.cache.semantic import SimilarQuestions

__all__ = ["AnswerCache", "Flight", "Kept", "SimilarQuestions", "digest"]
ENABLED: Final = "gateway.cache"
SHARED: Final = "gateway.cache_shared"
SEMANTIC: Final = "gateway.cache_semantic"
SETTINGS: Final = (
    Setting(
        key=ENABLED,
        kind="boolean",
        default=True,
        title="Answer the same question from memory",
        help="A request that leaves nothing to chance (temperature 0) and came before is answered at once, for free.",
        feature="gateway",
    ),
    Setting(
        key=SHARED,
        kind="boolean",
        default=False,
        title="Share remembered answers in the house",
        help="Everybody gets answers that others asked for. Otherwise they stay within a person or a workspace.",
        feature="gateway",
        people_only=True,
    ),
    Setting(
        key=SEMANTIC,
        kind="boolean",
        default=False,
        title="Answer similar questions from memory",
        help="Needs talome[vectors], or an embedding model on a local endpoint. Similar is not the same: leave it off "
        "if in doubt.",
        feature="gateway",
        people_only=True,
    ),
)
LIMIT_BYTES: Final = 32 * 1024 * 1024
LARGEST_BYTES: Final = 512 * 1024
KEPT_S: Final = 24 * 3600.0
_OVERHEAD_BYTES: Final = 600
"""What an entry takes beside its text: digest, counters, places in two maps."""


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer as it was first given. `nano` is what it cost then."""

    body: bytes
    tokens: Tokens
    provider: str
    model: str
    nano: int
    kept_at: float


@dataclass(slots=True)
class Flight:
    """One request among identical ones. The one that `leads` asks upstream, the others wait for what it brings."""

    key: bytes
    leads: bool
    landing: "asyncio.Future[Kept | None]"

    async def outcome(self) -> Kept | None:
        """What the leader brought; None if it failed or left, and each goes on alone."""
        return await asyncio.shield(self.landing)


class AnswerCache:
    def __init__(
        self,
        limit_bytes: int = LIMIT_BYTES,
        kept_s: float = KEPT_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._limit_bytes = limit_bytes
        self._kept_s = kept_s
        self._clock = clock
        self._entries: OrderedDict[bytes, Kept] = OrderedDict()
        self._flights: dict[bytes, asyncio.Future[Kept | None]] = {}
        self.size_bytes = 0

    def get(self, key: bytes) -> Kept | None:
        kept = self._entries.get(key)
        if kept is None:
            return None
        if self._clock() - kept.kept_at > self._kept_s:
            self._drop(key)
            return None
        self._entries.move_to_end(key)
        return kept

    def keep(self, key: bytes, body: Any, tokens: Tokens, *, provider: str, model: str, nano: int) -> Kept:
        """Remember an answer, and forget the longest unused ones that no longer fit."""
        kept = Kept(orjson.dumps(body), tokens, provider, model, nano, self._clock())
        if len(kept.body) > LARGEST_BYTES:
            return kept
        self._drop(key)
        self._entries[key] = kept
        self.size_bytes += len(kept.body) + _OVERHEAD_BYTES
        while self.size_bytes > self._limit_bytes:
            self._drop(next(iter(self._entries)))
        return kept

    def clear(self) -> None:
        self._entries.clear()
        self.size_bytes = 0

    def __len__(self) -> int:
        return len(self._entries)

    def join(self, key: bytes) -> Flight:
        """Take part in the flight of this request, or begin it; whoever leads must `land`."""
        running = self._flights.get(key)
        if running is not None:
            return Flight(key, False, running)
        self._flights[key] = landing = asyncio.get_running_loop().create_future()
        return Flight(key, True, landing)

    def land(self, flight: Flight, kept: Kept | None) -> None:
        """End a flight that one led; a second time does nothing."""
        if not flight.landing.done():
            flight.landing.set_result(kept)
            del self._flights[flight.key]

    def _drop(self, key: bytes) -> None:
        gone = self._entries.pop(key, None)
        if gone is not None:
            self.size_bytes -= len(gone.body) + _OVERHEAD_BYTES


def digest(partition: str, policy: str, body: dict[str, Any]) -> bytes:
    """The key of a request: whose it is, how it would be answered, and every field of it, in a fixed order."""
    return hashlib.sha256(orjson.dumps([partition, policy, body], option=orjson.OPT_SORT_KEYS)).digest()
