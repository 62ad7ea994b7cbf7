"""Child processes of the server: each leads a session of its own, has no descriptor that it was not given, and is ended
with all that it started, also where its caller goes away while it is being started.

`run_module` is for work on what strangers wrote: a module of Talome's in such a process may crash, hang or want the
whole memory, and the server goes on. The module sets its own limits; it learns nothing but its order.
"""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, Process, SubprocessStreamProtocol
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from talome.core.errors import Unavailable

_HELD_BYTES: Final = 65_536
_ERROR_BYTES: Final = 4000
_ENVIRONMENT: Final = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(Path(__file__).parents[2]), "LC_ALL": "C.UTF-8"}


class Child(Process):
    """A running program."""

    def __init__(
        self, transport: asyncio.SubprocessTransport, streams: SubprocessStreamProtocol, loop: asyncio.AbstractEventLoop
    ) -> None:
        super().__init__(transport, streams, loop)
        self._pipes = transport

    async def end(self) -> None:
        """Kill it, with all that it started and that stayed in its session; returns once it is gone. What it still had
        to say is dropped. Nothing happens where it has come to its end and was heard to the last word."""
        if self.returncode is not None and not any(out and not out.at_eof() for out in (self.stdout, self.stderr)):
            return
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        # asyncio's wait() also waits for the pipes: those that nobody reads, or that a daemon of it holds, never end.
        for descriptor in range(3):
            pipe = self._pipes.get_pipe_transport(descriptor)
            if isinstance(pipe, asyncio.WriteTransport):
                if not pipe.is_closing() or pipe.get_write_buffer_size():
                    pipe.abort()
            elif pipe is not None:
                pipe.close()
        await self.wait()


async def start(
    *argv: str,
    env: Mapping[str, str],
    cwd: str = "/",
    stdin: int = DEVNULL,
    stdout: int = DEVNULL,
    stderr: int = DEVNULL,
    pass_fds: Sequence[int] = (),
    limit: int = _HELD_BYTES,
) -> Child:
    """Start a program; `limit` bytes of each output are held for a reader. Raises `OSError` where it cannot be had."""

    async def begin() -> Child:
        loop = asyncio.get_running_loop()
        transport, streams = await loop.subprocess_exec(
            lambda: SubprocessStreamProtocol(limit=limit, loop=loop), *argv, env=env, cwd=cwd, stdin=stdin,
            stdout=stdout, stderr=stderr, pass_fds=pass_fds, start_new_session=True,
        )  # fmt: skip
        return Child(transport, streams, loop)

    beginning = asyncio.create_task(begin())
    try:
        return await asyncio.shield(beginning)
    except asyncio.CancelledError:
        # asyncio itself would kill the program alone, and wait for what that has started, which holds the pipes.
        await asyncio.wait([beginning])
        if beginning.exception() is None:
            await beginning.result().end()
        raise


@dataclass(frozen=True, slots=True)
class Ended:
    """How it ended: 0 is well, a negative code a signal. `said`: the last line that it wrote to standard error."""

    code: int
    said: str


async def run_module(module: str, order: bytes, *, timeout_s: float) -> Ended:
    """`order` goes to its standard input. Raises `TimeoutError`; however this is left, the process has ended."""
    pipe = asyncio.subprocess.PIPE
    process = await start(sys.executable, "-m", module, stdin=pipe, stderr=pipe, env=_ENVIRONMENT)
    try:
        async with asyncio.timeout(timeout_s):
            said = await _converse(process, order)
    finally:
        await process.end()
    return Ended(process.returncode or 0, said)


async def _converse(process: asyncio.subprocess.Process, order: bytes) -> str:
    """Returns its last word."""
    if process.stdin is None or process.stderr is None:
        raise Unavailable("A process of Talome's own could not be started.")
    process.stdin.write(order)
    process.stdin.write_eof()
    said = await _last_line(process.stderr)
    await process.wait()
    return said


async def _last_line(stream: asyncio.StreamReader) -> str:
    tail = b""
    while chunk := await stream.read(_ERROR_BYTES):
        tail = (tail + chunk)[-_ERROR_BYTES:]
    lines = tail.decode(errors="replace").strip().splitlines()
    return lines[-1][:200] if lines else ""
