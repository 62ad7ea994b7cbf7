"""Where the bytes of a terminal come from: a shell on this machine, one in a container, or the logs of containers."""

import asyncio
import os
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, Protocol

from talome.core.errors import Invalid, TalomeError, Unavailable
from talome.engines.docker.attach import DockerWire, ExecTerminal, follow_log
from talome.engines.pty import Pty, find_account, login_environment
from talome.home.terminal.process.compose import ComposeLogs

_TAIL_LINES: Final = 500
_CONTAINER_SHELL: Final = "if command -v bash >/dev/null 2>&1; then exec bash -l; else exec sh -l; fi"
_LOST: Final = 255
Output = Callable[[bytes], None]
Exit = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a terminal is to show: `kind` is host, container, logs (of one container) or compose (of a project's)."""

    kind: str
    container: str | None
    user: str | None
    columns: int
    rows: int
    project: str | None = None


class Source(Protocol):
    """Delivers output to the callback it was opened with, and the exit code once, last."""

    def pause(self) -> None:
        """Deliver no more for now; what produces it is held up."""

    def resume(self) -> None: ...
    async def write(self, data: bytes) -> None:
        """Waits while nobody takes the input."""

    async def resize(self, columns: int, rows: int) -> None: ...
    async def close(self) -> None:
        """End what produces the output, with everything it started."""


async def open_source(wanted: Wanted, docker: DockerWire, on_output: Output, on_exit: Exit) -> Source:
    """Raises `TalomeError` with the reason where it cannot be had."""
    if wanted.kind == "host":
        return HostShell(wanted, on_output, on_exit)
    if wanted.project is not None:
        logs = await ComposeLogs.open(docker, wanted.project, _TAIL_LINES)
        return LogFollow(logs.pieces(), on_output, on_exit)
    if wanted.container is None:
        raise Invalid("Which container?", field="container")
    if wanted.kind == "logs":
        return LogFollow(_in_lines(await follow_log(docker, wanted.container, _TAIL_LINES)), on_output, on_exit)
    argv = ("/bin/sh", "-c", _CONTAINER_SHELL)
    terminal = await ExecTerminal.open(
        docker, wanted.container, argv, user=wanted.user, columns=wanted.columns, rows=wanted.rows
    )
    return ContainerShell(terminal, on_output, on_exit)


class HostShell:
    """A login shell in the home of its user."""

    def __init__(self, wanted: Wanted, on_output: Output, on_exit: Exit) -> None:
        try:
            account = find_account(wanted.user)
        except KeyError:
            raise Invalid(f"This machine has no user “{wanted.user}”.", field="user") from None
        if account.uid != os.geteuid() and os.geteuid() != 0:
            raise Invalid("Talome does not run as root, so it has shells for its own user only.", field="user")
        name = "-" + account.shell.rpartition("/")[2]  # by the dash a shell knows that it is a login's
        try:
            self._pty = Pty(
                (account.shell, name),
                environment=login_environment(account),
                folder=account.home,
                columns=wanted.columns,
                rows=wanted.rows,
                account=account,
                on_output=on_output,
                on_exit=on_exit,
            )
        except OSError as error:
            raise Unavailable(f"No shell could be started: {error.strerror}.") from None

    @property
    def pid(self) -> int:
        return self._pty.pid

    def pause(self) -> None:
        self._pty.pause()

    def resume(self) -> None:
        self._pty.resume()

    async def write(self, data: bytes) -> None:
        await self._pty.write(data)

    async def resize(self, columns: int, rows: int) -> None:
        self._pty.resize(columns, rows)

    async def close(self) -> None:
        await self._pty.close()


class _Pumped(ABC):
    """A source that is read by a task, one piece after the other."""

    def __init__(self, on_output: Output, on_exit: Exit) -> None:
        self._on_output, self._on_exit = on_output, on_exit
        self._going = asyncio.Event()
        self._going.set()
        self._task = asyncio.create_task(self._pump())

    @abstractmethod
    def _pieces(self) -> AsyncIterator[bytes]:
        """What the source says, until it ends."""

    async def _code(self) -> int:
        return 0

    async def _release(self) -> None:
        return None

    async def _pump(self) -> None:
        code = _LOST
        try:
            async for piece in self._pieces():
                self._on_output(piece)
                await self._going.wait()
            code = await self._code()
        finally:
            with suppress(TalomeError, OSError, TimeoutError):
                await self._release()
            self._on_exit(code)

    def pause(self) -> None:
        self._going.clear()

    def resume(self) -> None:
        self._going.set()

    async def close(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)


class ContainerShell(_Pumped):
    """A login shell inside a container."""

    def __init__(self, terminal: ExecTerminal, on_output: Output, on_exit: Exit) -> None:
        self._terminal = terminal
        super().__init__(on_output, on_exit)

    async def _pieces(self) -> AsyncIterator[bytes]:
        while piece := await self._terminal.read():
            yield piece

    async def _code(self) -> int:
        code = await self._terminal.exit_code()
        return _LOST if code is None else code

    async def _release(self) -> None:
        await self._terminal.close()

    async def write(self, data: bytes) -> None:
        await self._terminal.write(data)

    async def resize(self, columns: int, rows: int) -> None:
        await self._terminal.resize(columns, rows)


class LogFollow(_Pumped):
    """Logs, for reading only."""

    def __init__(self, pieces: AsyncIterator[bytes], on_output: Output, on_exit: Exit) -> None:
        self._log: Any = pieces
        super().__init__(on_output, on_exit)

    async def _pieces(self) -> AsyncIterator[bytes]:
        async for piece in self._log:
            yield piece

    async def _release(self) -> None:
        await self._log.aclose()

    async def write(self, data: bytes) -> None:
        del data

    async def resize(self, columns: int, rows: int) -> None:
        del columns, rows


async def _in_lines(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """A terminal needs both characters to begin a line."""
    async for piece in pieces:
        yield piece.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
