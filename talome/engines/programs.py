"""Short programs of the machine, such as `lsblk` or `smartctl`: an argument list, an environment made from nothing, a
bounded answer and a bounded time. A program that takes longer, or whose caller goes away, is killed."""

import asyncio
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from talome.core.errors import Unavailable
from talome.engines.child import start

PATH: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_ANSWER_BYTES: Final = 8 * 1024 * 1024
_TOLD_BYTES: Final = 64 * 1024
_READ_BYTES: Final = 65_536


@dataclass(frozen=True, slots=True)
class Ran:
    """How a program ended, and what it wrote."""

    code: int
    out: bytes
    said: str

    @property
    def last_words(self) -> str:
        """The last line of what it complained about; empty where it did not."""
        lines = [line.strip() for line in self.said.splitlines() if line.strip()]
        return lines[-1][:300] if lines else ""


class Missing(Unavailable):
    """The program is not installed here."""


class Programs:
    """Runs the programs that are found on `path`."""

    def __init__(self, path: str = PATH) -> None:
        self._path = path

    async def run(
        self,
        argv: Sequence[str],
        *,
        timeout_s: float = 20.0,
        given: bytes | None = None,
        environment: Mapping[str, str] | None = None,
        limit_bytes: int = _ANSWER_BYTES,
        keep: Sequence[int] = (),
    ) -> Ran:
        """Run to the end; `given` goes to its standard input, and it keeps the descriptors `keep`. Raises `Missing`,
        or `Unavailable` where it takes too long or says too much; how it ended is for the caller to judge."""
        ours = {"PATH": self._path, "LC_ALL": "C.UTF-8", **(environment or {})}
        try:
            process = await start(
                *argv, stdin=DEVNULL if given is None else PIPE, stdout=PIPE, stderr=PIPE, env=ours, pass_fds=keep
            )
        except FileNotFoundError:
            raise Missing(f"The program {argv[0]} is not installed on this machine.") from None
        except OSError as error:
            raise Unavailable(f"The program {argv[0]} could not be started: {error.strerror}.") from None
        try:
            async with asyncio.timeout(timeout_s):
                return await _talk(process, argv[0], given, limit_bytes)
        except TimeoutError:
            raise Unavailable(f"{argv[0]} did not come to an end within {timeout_s:g} seconds.") from None
        finally:
            await process.end()


async def _talk(process: asyncio.subprocess.Process, name: str, given: bytes | None, limit: int) -> Ran:
    told = asyncio.create_task(_read(process.stderr, _TOLD_BYTES))
    try:
        if given is not None and process.stdin is not None:
            with suppress(ConnectionError):  # it ended without asking
                process.stdin.write(given)
                await process.stdin.drain()
            process.stdin.close()
        out, whole = await _read(process.stdout, limit)
        if not whole:
            raise Unavailable(f"{name} says more than {limit // 1024} KiB, which is not looked at.")
        said, _ = await told
    finally:
        told.cancel()
    return Ran(await process.wait(), out, said.decode(errors="replace"))


async def _read(stream: asyncio.StreamReader | None, limit: int) -> tuple[bytes, bool]:
    """The beginning, and whether that was all; what is over is read and dropped, so that nobody waits."""
    found, whole = bytearray(), True
    while stream is not None and (chunk := await stream.read(_READ_BYTES)):
        room = limit - len(found)
        found += chunk[:room]
        whole = whole and len(chunk) <= room
    return bytes(found), whole
