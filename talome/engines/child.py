"""Runs a module of Talome's in a process of its own, for work on what strangers wrote: it may crash, hang or want the
whole memory, and the server goes on. The module sets its own limits; it learns nothing but its order."""

import asyncio
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from talome.core.errors import Unavailable

_ERROR_BYTES: Final = 4000
_ENVIRONMENT: Final = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(Path(__file__).parents[2]), "LC_ALL": "C.UTF-8"}


@dataclass(frozen=True, slots=True)
class Ended:
    """How it ended: 0 is well, a negative code a signal. `said`: the last line that it wrote to standard error."""

    code: int
    said: str


async def run_module(module: str, order: bytes, *, timeout_s: float) -> Ended:
    """`order` goes to its standard input. Raises `TimeoutError`; however this is left, the process has ended."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", module,
        stdin=pipe, stdout=asyncio.subprocess.DEVNULL, stderr=pipe, env=_ENVIRONMENT, cwd="/", start_new_session=True,
    )  # fmt: skip
    try:
        async with asyncio.timeout(timeout_s):
            said = await _converse(process, order)
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
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
