"""From a thread that reads a socket to a coroutine that takes what came, with bounded memory in between."""

from __future__ import annotations

import asyncio
import threading
import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from types import TracebackType
from typing import Generic, Literal, Self, TypeVar

from talome.core.errors import TalomeError, Unavailable
from talome.engines.docker.models import LogBatch, LogLine
from talome.engines.docker.transport import RawStream, Transport

T = TypeVar("T")
R = TypeVar("R")
_CLOSE_S = 5.0
_BATCH_S = 0.05


class Mailbox(Generic[T]):
    """A bounded queue from one thread to one coroutine. `weigh` gives an item's share of `capacity`.

    When it is full: "wait" holds the thread back, "drop" holds it back for `patience_s` and then throws the oldest
    half away, "fail" ends the stream with `Unavailable`."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        *,
        capacity: int,
        weigh: Callable[[T], int],
        full: Literal["wait", "drop", "fail"],
        patience_s: float = 1.0,
    ) -> None:
        self._loop = loop
        self._capacity = capacity
        self._weigh = weigh
        self._full = full
        self._patience_s = patience_s
        self._items: deque[T] = deque()
        self._weight = 0
        self._dropped = 0
        self._room = threading.Condition()
        self._arrived = asyncio.Event()
        self._closed = False
        self._ended = False
        self._error: TalomeError | None = None

    def put_all(self, items: Iterable[T]) -> bool:
        """From the thread; False once nobody reads any more."""
        with self._room:
            for item in items:
                weight = self._weigh(item)
                if not self._make_room(weight):
                    return False
                self._items.append(item)
                self._weight += weight
                if len(self._items) == 1:
                    self._wake()
        return True

    def _make_room(self, weight: int) -> bool:
        def fits() -> bool:
            return self._closed or not self._items or self._weight + weight <= self._capacity

        if not fits():
            if self._full == "fail":
                raise Unavailable("Events came faster than they were read.", code="overflow")
            if not self._room.wait_for(fits, None if self._full == "wait" else self._patience_s):
                self._drop_half()
        return not self._closed

    def _drop_half(self) -> None:
        while self._items and self._weight > self._capacity // 2:
            self._weight -= self._weigh(self._items.popleft())
            self._dropped += 1

    def end(self, error: TalomeError | None) -> None:
        """From the thread: nothing more comes, with the reason when it is one."""
        with self._room:
            self._ended, self._error = True, error
            self._wake()

    def _wake(self) -> None:
        if not self._closed:
            self._loop.call_soon_threadsafe(self._arrived.set)

    async def take(self) -> tuple[list[T], int]:
        """All that is there (waiting for something) and how many were dropped before it; empty at the end."""
        while True:
            await self._arrived.wait()
            with self._room:
                self._arrived.clear()
                items, dropped = list(self._items), self._dropped
                self._items.clear()
                self._weight = self._dropped = 0
                self._room.notify_all()
                if items or dropped:
                    if self._ended:
                        self._arrived.set()
                    return items, dropped
                if self._ended or self._closed:
                    self._arrived.set()
                    if self._error is not None:
                        raise self._error
                    return [], 0

    def close(self) -> None:
        """From the coroutine: let the thread go."""
        with self._room:
            self._closed = True
            self._items.clear()
            self._room.notify_all()
        self._arrived.set()


class _Stream(ABC, Generic[T, R]):
    """What both kinds of stream share: the thread, the mailbox, and closing them. `decode` turns bytes into items."""

    def __init__(
        self,
        transport: Transport,
        raw: RawStream,
        mailbox: Mailbox[T],
        decode: Callable[[bytes], Iterable[T]],
        *,
        endless: bool = False,
    ) -> None:
        self._raw = raw
        self._mailbox = mailbox
        self._decode = decode
        self._endless = endless
        self._future: Future[None] = transport.pump(raw, self._work)

    def _work(self) -> None:
        error: TalomeError | None = _lost()  # until the stream has ended as it should
        try:
            for chunk in self._raw.chunks():
                if not self._mailbox.put_all(self._decode(chunk)):
                    return
            self._mailbox.put_all(self._decode(b""))
            error = _lost() if self._endless and not self._raw.closed else None
        except TalomeError as problem:
            error = problem
        finally:
            self._mailbox.end(error)

    def __aiter__(self) -> Self:
        return self

    @abstractmethod
    async def __anext__(self) -> R:
        """The next item, or what stands for several."""

    async def aclose(self) -> None:
        self._mailbox.close()
        self._raw.close()
        thread = asyncio.wrap_future(self._future)
        await asyncio.wait([thread], timeout=_CLOSE_S)
        if thread.done() and not thread.cancelled():
            thread.exception()  # the reader was told already

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()


class ItemStream(_Stream[T, T]):
    """One item at a time. `decode(b"")` is called once at the end, for what is left over."""

    _ready: deque[T] | None = None

    async def __anext__(self) -> T:
        if self._ready is None:
            self._ready = deque()
        if not self._ready:
            items, _ = await self._mailbox.take()
            self._ready.extend(items)
        if not self._ready:
            raise StopAsyncIteration
        return self._ready.popleft()


class LogFollower(_Stream[LogLine, LogBatch]):
    """All lines that arrived since the last time, as one batch; at most twenty batches a second."""

    _next_at = 0.0

    async def __anext__(self) -> LogBatch:
        early = self._next_at - time.monotonic()
        if early > 0:
            await asyncio.sleep(early)
        lines, dropped = await self._mailbox.take()
        if not lines and not dropped:
            raise StopAsyncIteration
        self._next_at = time.monotonic() + _BATCH_S
        return LogBatch(tuple(lines), dropped)


def _lost() -> Unavailable:
    return Unavailable("The connection to the Docker engine was lost.", code="engine_unreachable")
