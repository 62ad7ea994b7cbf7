"""What files mean to one person: favourites, and what they opened of late."""

import asyncio
from typing import Final, Literal

from talome.core.clock import from_ms, now_ms
from talome.core.errors import Conflict, TalomeError
from talome.core.models import Done
from talome.core.operations import Caller
from talome.engines.beneath import said_plainly
from talome.home.files import names
from talome.home.files.listing import entry_of, kind_of
from talome.home.files.models import Entry, Favourite, Kind, Recent
from talome.home.files.roots import Place, Roots
from talome.home.files.store import PersonalStore

_MOST_FAVOURITES: Final = 500
_MOST_RECENTS: Final = 200
Action = Literal["opened", "changed", "uploaded"]


class Personal:
    def __init__(self, store: PersonalStore, roots: Roots) -> None:
        self._store = store
        self._roots = roots

    async def favourites(self, caller: Caller) -> list[Favourite]:
        paths = await self._store.favourites(caller.user_id)
        places = [await self._place(caller, path) for path in paths]
        kinds = await asyncio.to_thread(lambda: [None if place is None else _kind(place) for place in places])
        return [
            Favourite(path=path, name=path.rpartition("/")[2], kind=kind, available=kind is not None)
            for path, kind in zip(paths, kinds, strict=True)
        ]

    async def is_favourite(self, caller: Caller, path: str) -> bool:
        return path in await self._store.favourites(caller.user_id)

    async def add_favourite(self, caller: Caller, path: str) -> Done:
        place = await self._roots.reach(caller, path, "read")
        if len(await self._store.favourites(caller.user_id)) >= _MOST_FAVOURITES:
            raise Conflict(f"You have {_MOST_FAVOURITES} favourites, which is all there can be.")
        await asyncio.to_thread(_require, place)
        await self._store.add_favourite(caller.user_id, place.path, now_ms())
        return Done()

    async def remove_favourite(self, caller: Caller, path: str) -> Done:
        await self._store.remove_favourite(caller.user_id, names.path_of(*names.parse(path)))
        return Done()

    async def recents(self, caller: Caller, limit: int) -> list[Recent]:
        """Without what is gone, or may no longer be read."""
        found: list[Recent] = []
        for path, action, at in await self._store.recents(caller.user_id, _MOST_RECENTS):
            place = await self._place(caller, path)
            entry = None if place is None else await asyncio.to_thread(_entry, place)
            if entry is not None:
                found.append(Recent.model_validate({"entry": entry, "at": from_ms(at), "action": action}))
            if len(found) >= limit:
                break
        return found

    async def note(self, caller: Caller, path: str, action: Action) -> None:
        if caller.user_id:
            await self._store.note(caller.user_id, path, action, now_ms(), _MOST_RECENTS)

    async def forget_recents(self, caller: Caller) -> Done:
        await self._store.forget_recents(caller.user_id)
        return Done()

    async def _place(self, caller: Caller, path: str) -> Place | None:
        try:
            return await self._roots.reach(caller, path, "read")
        except TalomeError:
            return None


def _require(place: Place) -> None:
    with said_plainly(place.name), place.open() as root:
        root.stat(place.parts)


def _kind(place: Place) -> Kind | None:
    try:
        with place.open() as root:
            return kind_of(root.stat(place.parts))
    except (OSError, TalomeError):
        return None


def _entry(place: Place) -> Entry | None:
    try:
        with place.open() as root:
            return entry_of(place, root.stat(place.parts))
    except (OSError, TalomeError):
        return None
