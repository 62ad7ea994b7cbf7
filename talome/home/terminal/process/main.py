"""Start and stop of the terminal process."""

import asyncio
import errno
import logging
import os
import signal
import sys
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from talome.core import log
from talome.core.hold import AlreadyRunning, held
from talome.core.settings.boot import BootSettings, read_boot_settings
from talome.engines.docker.attach import DockerWire
from talome.home.terminal import wire
from talome.home.terminal.process.control import Control
from talome.home.terminal.process.direct import Direct
from talome.home.terminal.process.sessions import Sessions
from talome.home.terminal.process.viewers import Tickets, Viewers

DETACH: Final = "--detach"
_TICK_S: Final = 5.0
_LONELY_S: Final = 30.0
_HEAD_LIMIT_BYTES: Final = 16 * 1024
_log = logging.getLogger("talome.terminal")


@dataclass(frozen=True, slots=True)
class TerminalSettings:
    """`attended`: ends by itself when there is neither a server nor a shell for half a minute, and goes on without its
    port where that is taken. So is the one that `talome serve` starts."""

    home: Path
    bind: str
    port: int
    docker_host: str
    attended: bool = False
    log_level: str = "info"

    @classmethod
    def of(cls, boot: BootSettings, *, attended: bool = False) -> "TerminalSettings":
        return cls(boot.home, boot.bind, boot.terminal_port, boot.docker_host, attended, boot.log_level)


class TerminalProcess:
    """Everything together: `async with`, then `wait`."""

    def __init__(self, settings: TerminalSettings) -> None:
        self._settings = settings
        self._stack = AsyncExitStack()
        self.sessions = Sessions(DockerWire(settings.docker_host), settings.home / "recordings")
        self._viewers = Viewers()
        tickets = Tickets()
        self.control = Control(self.sessions, tickets, self._viewers)
        self._direct = Direct(self.sessions, tickets, self._viewers)
        self._done = asyncio.Event()
        self._socket = settings.home / wire.SOCKET_NAME

    @property
    def port(self) -> int | None:
        return self.control.port

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            home = self._settings.home
            stack.enter_context(held(home, ".terminal.lock", f"The terminals of {home} are being served already."))
            stack.push_async_callback(self._viewers.all_left)
            stack.push_async_callback(self.sessions.close_all)
            await self._listen_directly(stack)
            await self._listen_to_server(stack)
            ticking = asyncio.create_task(self._tick())
            stack.callback(ticking.cancel)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    def stop(self) -> None:
        self._done.set()

    async def wait(self) -> None:
        """Until `stop`, or until it has nothing to live for."""
        await self._done.wait()

    async def _listen_directly(self, stack: AsyncExitStack) -> None:
        try:
            server = await asyncio.start_server(
                self._direct.handle, self._settings.bind, self._settings.port, limit=_HEAD_LIMIT_BYTES
            )
        except OSError as error:
            if not self._settings.attended or error.errno != errno.EADDRINUSE:
                raise
            _log.warning("Port %d is in use: terminals are reached through the server only", self._settings.port)
            return
        stack.callback(server.close)
        self.control.port = int(server.sockets[0].getsockname()[1])

    async def _listen_to_server(self, stack: AsyncExitStack) -> None:
        self._socket.unlink(missing_ok=True)
        before = os.umask(0o177)
        try:
            with wire.short_path(self._socket) as path:
                server = await asyncio.start_unix_server(self.control.handle, path, limit=wire.READ_LIMIT_BYTES)
        finally:
            os.umask(before)
        self._inode = self._socket.stat().st_ino
        stack.callback(self._remove_socket)
        stack.callback(server.close)

    def _remove_socket(self) -> None:
        if self._socket_is_ours():
            self._socket.unlink(missing_ok=True)

    def _socket_is_ours(self) -> bool:
        with suppress(OSError):
            return self._socket.stat().st_ino == self._inode
        return False

    async def _tick(self) -> None:
        lonely_s = 0.0
        while True:
            await asyncio.sleep(_TICK_S)
            await self.sessions.close_stale()
            alone = self.control.servers == 0 and not len(self.sessions) and not len(self._viewers)
            lonely_s = lonely_s + _TICK_S if alone else 0.0
            if not self._socket_is_ours() or (self._settings.attended and lonely_s >= _LONELY_S):
                _log.info("Nobody needs the terminals any more")
                self.stop()


def run(settings: TerminalSettings) -> None:
    """Run until SIGTERM or SIGINT. Raises `AlreadyRunning`, or `OSError` where it cannot listen."""
    asyncio.run(_run(settings))


async def _run(settings: TerminalSettings) -> None:
    log.configure(settings.log_level)
    async with TerminalProcess(settings) as process:
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, process.stop)
        _log.info("Terminals are served at port %s", process.port)
        await process.wait()
        _log.info("The terminals end")


def main() -> int:
    """`python -m talome.home.terminal.process.main [--detach]`, which is how the server starts it."""
    detached = DETACH in sys.argv[1:]
    if detached and os.fork() != 0:
        return 0  # the server has its answer; what goes on belongs to the first process of the machine
    boot = read_boot_settings()
    try:
        run(TerminalSettings.of(boot, attended=detached))
    except AlreadyRunning as error:
        _log.warning("%s", error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
