"""Upward talk: frozen dataclasses in the past tense, given to whoever subscribed, through bounded queues.

A subscriber that falls behind is not waited for: its subscription ends with `Overflow`, and it starts again
from a snapshot. Events of a database transaction are published after its commit.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Self, TypeVar

E = TypeVar("E")
_log = logging.getLogger(__name__)


class Overflow(Exception):
    """The subscriber was slower than the events; some are lost to it."""


class Subscription(AsyncIterator[Any]):
    """Iterate to receive events; leave the `with` block, or call `close`, to end it."""

    def __init__(self, hub: "Events", types: tuple[type, ...], size: int) -> None:
        self._hub = hub
        self._types = types
        self._queue: asyncio.Queue[Any] = asyncio.Queue(size)
        self._overflown = False

    def offer(self, event: object) -> None:
        if not isinstance(event, self._types) or self._overflown:
            return
        try:
            self._queue.put_nowait(event)
        except asyncio.QueueFull:
            self._overflown = True
            self.close()

    async def __anext__(self) -> Any:
        if self._overflown and self._queue.empty():
            raise Overflow
        return await self._queue.get()

    def pending(self) -> list[Any]:
        """Everything that is waiting, at once, so that many small events become one answer."""
        found = []
        while not self._queue.empty():
            found.append(self._queue.get_nowait())
        return found

    def close(self) -> None:
        self._hub.drop(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Events:
    """The hub. `publish` never waits; each handler added with `on` gets its events in order, in a task of its own."""

    def __init__(self) -> None:
        self._subscriptions: list[Subscription] = []
        self._tasks: set[asyncio.Task[None]] = set()

    def subscribe(self, *types: type, size: int = 256) -> Subscription:
        subscription = Subscription(self, types, size)
        self._subscriptions.append(subscription)
        return subscription

    def drop(self, subscription: Subscription) -> None:
        if subscription in self._subscriptions:
            self._subscriptions.remove(subscription)

    def publish(self, event: object) -> None:
        for subscription in tuple(self._subscriptions):
            subscription.offer(event)

    def on(self, kind: type[E], handler: Callable[[E], Awaitable[None] | None]) -> None:
        """Run `handler` for each event of a type until `stop`; its failures are logged and end nothing."""
        subscription = self.subscribe(kind, size=4096)
        task = asyncio.create_task(self._serve(subscription, kind, handler))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(
        self, subscription: Subscription, kind: type, handler: Callable[[Any], Awaitable[None] | None]
    ) -> None:
        while True:
            try:
                async for event in subscription:
                    await _handled(handler, event)
            except Overflow:
                _log.error("A handler of %s was too slow and lost some; it goes on with the next", kind.__name__)
                subscription = self.subscribe(kind, size=4096)

    async def stop(self) -> None:
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


async def _handled(handler: Callable[[Any], Awaitable[None] | None], event: object) -> None:
    try:
        result = handler(event)
        if result is not None:
            await result
    except Exception:
        _log.exception("A handler of %s failed", type(event).__name__)
