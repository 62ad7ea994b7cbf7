"""Keeps the connection with the terminal process while the server runs, and starts the process where none does."""

import asyncio
import logging
from contextlib import suppress
from typing import Final

from talome.core.background import Background
from talome.core.errors import Unavailable
from talome.home.terminal.link import Launcher
from talome.home.terminal.service import IsCurrent, Terminals

_RETRY_S: Final = 0.1
_CALM_S: Final = 2.0
_LAUNCH_EVERY_S: Final = 15.0
_RECHECK_S: Final = 30.0
_log = logging.getLogger(__name__)


class Keeper(Background):
    """While it is connected the process knows that a server is there. Rights may have ended while none was, and do end
    with time, so they are looked at when it connects and every half minute; changes are told at once by others.

    `launcher` is None where the process is somebody else's business, such as systemd's.
    """

    def __init__(self, terminals: Terminals, is_current: IsCurrent, launcher: Launcher | None) -> None:
        self._terminals = terminals
        self._is_current = is_current
        self._launcher = launcher

    async def _work(self) -> None:
        launched_at = -_LAUNCH_EVERY_S
        clock = asyncio.get_running_loop().time
        while True:
            with suppress(Unavailable):
                await self._stay()
                _log.warning("The terminal process went away")
            if self._launcher is not None and clock() - launched_at > _LAUNCH_EVERY_S:
                launched_at = clock()
                await self._launch(self._launcher)
            await asyncio.sleep(_RETRY_S if clock() - launched_at < _CALM_S else _CALM_S)

    async def _launch(self, launcher: Launcher) -> None:
        try:
            await launcher.launch()
        except OSError as error:
            _log.warning("The terminal process could not be started: %s", error)

    async def _stay(self) -> None:
        """Until the process goes away."""
        reader, writer = await self._terminals.link.watch()
        try:
            await self._terminals.check_version()
            end = asyncio.create_task(reader.read())
            try:
                while not end.done():
                    await self._terminals.recheck(self._is_current)
                    await asyncio.wait({end}, timeout=_RECHECK_S)
            finally:
                end.cancel()
                await asyncio.gather(end, return_exceptions=True)
        finally:
            writer.close()
