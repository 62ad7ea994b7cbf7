"""Open streams and sockets, so that they end within a second when the right to them ends."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Final

from talome.core.errors import TooMany
from talome.core.operations import Caller

STREAMS_OF_A_CREDENTIAL: Final = 64


class SessionEnded(Exception):
    """Raised inside a stream whose caller's session, key or rights ended."""


class Connections:
    """Which task serves which caller's stream."""

    def __init__(self) -> None:
        self._open: dict[asyncio.Task[object], Caller] = {}
        self._ended: set[asyncio.Task[object]] = set()

    def admit(self, caller: Caller) -> None:
        """Raise `TooMany` where one session or key already holds more streams than a browser full of tabs needs."""
        credential = (caller.session_id, caller.key_id)
        held = sum((owner.session_id, owner.key_id) == credential for owner in self._open.values())
        if held >= STREAMS_OF_A_CREDENTIAL:
            raise TooMany("You have too many open connections. Close some tabs or programs.", retry_after_s=5)

    @contextmanager
    def track(self, caller: Caller) -> Iterator[None]:
        """For the time of a stream. A cancellation by `end_unless` leaves the block as `SessionEnded`."""
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("A stream runs in a task")
        self._open[task] = caller
        try:
            yield
        except asyncio.CancelledError:
            if task in self._ended:
                task.uncancel()
                raise SessionEnded from None
            raise
        finally:
            self._open.pop(task, None)
            self._ended.discard(task)

    async def end_unless(self, is_current: Callable[[Caller], Awaitable[bool]]) -> None:
        """End every stream whose caller would no longer be let in with the same rights."""
        for caller in set(self._open.values()):
            if not await is_current(caller):
                self._end(caller)

    def _end(self, caller: Caller) -> None:
        for task, owner in tuple(self._open.items()):
            if owner == caller:
                self._ended.add(task)
                task.cancel()

    def end_all(self) -> None:
        """Let everything go at shutdown."""
        for task in tuple(self._open):
            task.cancel()

    def __len__(self) -> int:
        return len(self._open)
