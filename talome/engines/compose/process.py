"""One run of Compose: a process of its own session, with a time limit, bounded output and none of our environment."""

from __future__ import annotations

import asyncio
import os
import signal
import tempfile
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from talome.core.errors import Unavailable
from talome.engines.child import Child, start
from talome.engines.compose.find import PATH
from talome.engines.pty import session_members

_READ_BYTES: Final = 64 * 1024
_OUTPUT_BYTES: Final = 8 * 1024 * 1024
_LINES_KEPT: Final = 500
_GRACE_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class Finished:
    """`stderr` is the newest lines of it; `whole` is False where `stdout` was more than is kept."""

    exit_code: int
    stdout: bytes
    stderr: tuple[str, ...]
    whole: bool


async def run(
    argv: Sequence[str],
    *,
    docker_host: str,
    limit_s: float,
    on_line: Callable[[str], None] | None = None,
    environment: Mapping[str, str] | None = None,
) -> Finished:
    """Run to its end; `on_line` gets each line of stderr. Cancelled, or after `limit_s` (`Unavailable`), the process
    and all that it started are ended before this returns."""
    with tempfile.TemporaryDirectory(prefix="talome-compose-", ignore_cleanup_errors=True) as home:
        ours = {"PATH": PATH, "HOME": home, "DOCKER_HOST": docker_host, "LANG": "C.UTF-8"}
        try:
            pipe = asyncio.subprocess.PIPE
            process = await start(*argv, stdout=pipe, stderr=pipe, env={**ours, **(environment or {})}, cwd=home)
        except OSError as error:
            raise Unavailable(f"Docker Compose could not be started: {error.strerror}.") from None
        try:
            async with asyncio.timeout(limit_s):
                return await _finish(process, on_line)
        except TimeoutError:
            raise Unavailable(f"Docker Compose was not done within {limit_s:g} s.", code="compose_timeout") from None
        finally:
            await _end(process)


async def _finish(process: asyncio.subprocess.Process, on_line: Callable[[str], None] | None) -> Finished:
    content = asyncio.create_task(_content(process.stdout))
    try:
        stderr = await _lines(process.stderr, on_line)
        stdout, whole = await content
    finally:
        content.cancel()
        await asyncio.wait([content])
    return Finished(await process.wait(), stdout, tuple(stderr), whole)


async def _content(stream: asyncio.StreamReader | None) -> tuple[bytes, bool]:
    content, whole = bytearray(), True
    while stream is not None and (chunk := await stream.read(_READ_BYTES)):
        whole = whole and len(content) + len(chunk) <= _OUTPUT_BYTES
        if whole:
            content += chunk
    return bytes(content), whole


async def _lines(stream: asyncio.StreamReader | None, on_line: Callable[[str], None] | None) -> deque[str]:
    """A line without an end is taken in pieces."""
    kept: deque[str] = deque(maxlen=_LINES_KEPT)
    rest = b""
    while stream is not None:
        chunk = await stream.read(_READ_BYTES)
        *lines, rest = (rest + chunk).split(b"\n")
        if rest and (not chunk or len(rest) > _READ_BYTES):
            lines, rest = [*lines, rest], b""
        for line in lines:
            kept.append(line.decode(errors="replace"))
            if on_line is not None:
                on_line(kept[-1])
        if not chunk:
            break
    return kept


async def _end(process: Child) -> None:
    """Asked first, so that it lets go of what it was doing, then killed, with plugins that lead groups of their own."""
    if process.returncode is not None:
        return
    members = set(session_members(process.pid))
    _signal(members, signal.SIGTERM)
    ended = False
    try:
        ended = await _ends(process)
    finally:
        # What has ended may have given its number to a stranger.
        left = members - {process.pid} if ended else members | set(session_members(process.pid))
        _signal(left, signal.SIGKILL)
    await process.end()


async def _ends(process: asyncio.subprocess.Process) -> bool:
    with suppress(TimeoutError):
        async with asyncio.timeout(_GRACE_S):
            await process.wait()
            return True
    return False


def _signal(members: set[int], number: signal.Signals) -> None:
    for member in members:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(member, number)
