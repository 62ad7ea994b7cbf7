"""Work that goes on beside the requests: a task for as long as an `async with` block is open."""

import asyncio
import logging
from abc import ABC, abstractmethod
from types import TracebackType
from typing import Self

_log = logging.getLogger(__name__)


class Background(ABC):
    """Base of what runs a loop. `_work` is started on entering and cancelled on leaving; `_close` runs after it."""

    _task: asyncio.Task[None] | None = None

    @abstractmethod
    async def _work(self) -> None:
        """The loop."""

    async def _close(self) -> None:
        """What is left to do when the loop has ended; nothing, unless a class says more."""
        return

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._watched(), name=type(self).__name__)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
        await self._close()

    @property
    def running(self) -> bool:
        """Whether the loop goes on; a fault in Talome may have ended it."""
        return self._task is not None and not self._task.done()

    async def _watched(self) -> None:
        try:
            await self._work()
        except Exception:
            _log.exception("%s broke off", type(self).__name__)
