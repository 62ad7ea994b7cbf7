"""Operations of the search. What somebody finds is up to their other rights; the search itself is everybody's."""

from typing import Annotated

from pydantic import Field

from talome.core.models import Done
from talome.core.operations import Caller, operation
from talome.home.search.models import SearchAnswer, SearchIndexState, SearchKind
from talome.home.search.service import Search
from talome.home.search.state import IndexState
from talome.home.search.wanted import LONGEST

Text = Annotated[str, Field(max_length=LONGEST, description="Words, which may be cut off or hold a slip.")]


class SearchApi:
    """Faces of `Search` and of the index of files."""

    def __init__(self, search: Search, state: IndexState) -> None:
        self._search = search
        self._state = state

    @operation("GET", "/api/search", scope="search:read", risk="read")
    async def find(
        self,
        caller: Caller,
        q: Text,
        kinds: list[SearchKind] | None = None,
        limit: Annotated[int, Field(ge=1, le=100)] = 30,
    ) -> SearchAnswer:
        """Find apps, containers, files, settings and notes by a few words, the best first, among what you may see."""
        return await self._search.find(caller, q, kinds, limit)

    @operation("GET", "/api/search/index", scope="settings:read", risk="read")
    async def index(self, caller: Caller) -> SearchIndexState:
        """Show how far the index of files has come."""
        return self._state.state()

    @operation("POST", "/api/search/index/walk", scope="settings:write", risk="modify")
    async def walk(self, caller: Caller) -> Done:
        """Walk all folders now, as each night, for what the index has missed."""
        self._state.walk()
        return Done()
