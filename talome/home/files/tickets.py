"""Addresses that open without a header, for what a browser loads by itself: pictures, films, downloads."""

import secrets
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from urllib.parse import quote

from talome.core.clock import now
from talome.core.errors import NotFound
from talome.core.operations import Caller
from talome.home.files.ground import plainly
from talome.home.files.models import Ticket
from talome.home.files.personal import Personal
from talome.home.files.roots import Place, Roots

_HOURS: Final = 12
_MOST: Final = 20_000


@dataclass(frozen=True, slots=True)
class _Held:
    caller: Caller
    paths: tuple[str, ...]
    inline: bool
    ends_at: float


class Tickets:
    """Kept in memory, and worth nothing when the session that asked has ended or lost its rights."""

    def __init__(self, roots: Roots, personal: Personal, is_current: Callable[[Caller], Awaitable[bool]]) -> None:
        self._roots = roots
        self._personal = personal
        self._is_current = is_current
        self._held: OrderedDict[str, _Held] = OrderedDict()

    async def issue(self, caller: Caller, paths: list[str], *, inline: bool) -> Ticket:
        places = [await self._roots.reach(caller, path, "read") for path in paths]
        for place in places:
            await plainly(place.name, lambda place=place: _require(place))  # type: ignore[misc]  # mypy: lambda default
        token = secrets.token_urlsafe(32)
        chosen = tuple(place.path for place in places)
        self._held[token] = _Held(caller, chosen, inline, time.monotonic() + _HOURS * 3600)
        while len(self._held) > _MOST:
            self._held.popitem(last=False)
        if len(places) == 1:
            await self._personal.note(caller, places[0].path, "opened")
        name = quote(places[0].name, safe="")
        return Ticket(url=f"/api/files/tickets/{token}/{name}", expires_at=now() + timedelta(hours=_HOURS))

    async def redeem(self, token: str) -> tuple[Caller, list[Place], bool]:
        """Who asked for it, what it opens, and whether it may be shown in the browser."""
        held = self._held.get(token)
        if held is None or held.ends_at < time.monotonic() or not await self._is_current(held.caller):
            self._held.pop(token, None)
            raise NotFound("This address has expired. Open the file again.")
        return held.caller, [await self._roots.reach(held.caller, path, "read") for path in held.paths], held.inline


def _require(place: Place) -> None:
    with place.open() as root:
        root.stat(place.parts)
