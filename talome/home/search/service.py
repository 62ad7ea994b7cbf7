"""Asks every finder at once, each within the rights of who asks, and puts what they found in one order."""

import asyncio
import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Protocol

from talome.core.errors import TalomeError
from talome.core.operations import Caller
from talome.home.search.models import SearchAnswer, SearchHit, SearchKind
from talome.home.search.wanted import Wanted

_PATIENCE_S: Final = 1.0
_WEIGHTS: Final[Mapping[SearchKind, float]] = {"app": 0.1, "container": 0.04, "folder": 0.03, "store_app": -0.12}
"""What is opened most is worth more than what is as near to the words."""
_log = logging.getLogger(__name__)


class Finder(Protocol):
    """Finds things of some kinds. `scope` is the right that one must have to see any."""

    kinds: frozenset[SearchKind]
    scope: str

    async def find(self, caller: Caller, wanted: Wanted, limit: int, /) -> Sequence[SearchHit]:
        """Up to `limit` that the caller may see, scored from 0 to 1."""
        ...


class Search:
    """Finders may be added; a further one is a line where the house is put together."""

    def __init__(self) -> None:
        self._finders: list[Finder] = []

    def add(self, *finders: Finder) -> None:
        self._finders += finders

    async def find(self, caller: Caller, typed: str, kinds: Iterable[SearchKind] | None, limit: int) -> SearchAnswer:
        """The best first. A finder that fails or is slow is left out and named."""
        wanted, chosen = Wanted.of(typed), frozenset(kinds or ())
        if not wanted.words:
            return SearchAnswer(query=typed, hits=[], silent=[])
        asked = [it for it in self._finders if caller.may(it.scope) and (not chosen or chosen & it.kinds)]
        answers = await asyncio.gather(*(_ask(finder, caller, wanted, limit) for finder in asked))
        silent = [kind for finder, hits in zip(asked, answers, strict=True) if hits is None for kind in finder.kinds]
        hits = [hit for hits in answers for hit in hits or () if not chosen or hit.kind in chosen]
        hits.sort(key=lambda hit: (-_weighed(hit), hit.title.casefold(), hit.id))
        return SearchAnswer(query=typed, hits=hits[:limit], silent=sorted(silent))


async def _ask(finder: Finder, caller: Caller, wanted: Wanted, limit: int) -> Sequence[SearchHit] | None:
    try:
        async with asyncio.timeout(_PATIENCE_S):
            return await finder.find(caller, wanted, limit)
    except (TalomeError, TimeoutError) as error:
        _log.info("%s did not answer a search: %s", type(finder).__name__, error)
        return None


def _weighed(hit: SearchHit) -> float:
    return hit.score + _WEIGHTS.get(hit.kind, 0.0)
