"""Which log lines match what somebody searches for.

Python's `re` can take ages on a pattern such as `(a+)+$` and holds the interpreter meanwhile. So patterns run in a
process of their own, which is killed when it does not answer in time.
"""

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, Final, Protocol

import orjson

from talome.core.errors import Invalid, TooMany, Unavailable
from talome.engines.child import Child, start

TIMEOUT_S: Final = 2.0
MOST_PATTERNS: Final = 12
"""Processes at once, about 10 MB each, in the whole house."""
_WORKER: Final = Path(__file__).with_name("match_worker.py")
_ANSWER_LIMIT_BYTES: Final = 16 * 1024 * 1024


class Matcher(Protocol):
    """Picks texts. `close` when it is needed no longer."""

    async def pick(self, texts: Sequence[str]) -> list[int]:
        """Positions of the texts that match."""

    async def close(self) -> None: ...


class Everything:
    """Lets all lines through."""

    async def pick(self, texts: Sequence[str]) -> list[int]:
        return list(range(len(texts)))

    async def close(self) -> None:
        return None


class Words:
    """A piece of plain text; case does not matter."""

    def __init__(self, words: str) -> None:
        self._words = words.lower()

    async def pick(self, texts: Sequence[str]) -> list[int]:
        return [number for number, text in enumerate(texts) if self._words in text.lower()]

    async def close(self) -> None:
        return None


class Pattern:
    """A regular expression in Python's syntax, run in a process of its own."""

    _open: ClassVar[int] = 0

    def __init__(self, process: Child) -> None:
        self._process = process
        self._counts = True

    @staticmethod
    async def start(pattern: str) -> "Pattern":
        """Raises `Invalid` where the pattern is none, `TooMany` where too many are searched for at once."""
        if Pattern._open >= MOST_PATTERNS:
            raise TooMany("Too many patterns are searched for at once. End another search first.", retry_after_s=2)
        Pattern._open += 1
        pipe = asyncio.subprocess.PIPE
        try:
            process = await start(
                sys.executable, "-I", "-S", str(_WORKER), stdin=pipe, stdout=pipe, env={}, limit=_ANSWER_LIMIT_BYTES
            )
        except BaseException:
            Pattern._open -= 1
            raise
        worker = Pattern(process)
        try:
            problem = await worker._ask(pattern)
            if problem is not None:
                raise Invalid(f"The pattern cannot be understood: {problem}.", field="search")
        except BaseException:
            await worker.close()
            raise
        return worker

    async def pick(self, texts: Sequence[str]) -> list[int]:
        """Raises `Invalid` where the pattern takes more than two seconds, and then cannot be used again."""
        answer = await self._ask(list(texts))
        if not isinstance(answer, list):
            raise Unavailable("The search broke off.")
        return answer

    async def _ask(self, question: object) -> object:
        reader, writer = self._process.stdout, self._process.stdin
        if reader is None or writer is None:
            raise Unavailable("The search could not be started.")
        try:
            async with asyncio.timeout(TIMEOUT_S):
                writer.write(orjson.dumps(question) + b"\n")
                await writer.drain()
                line = await reader.readline()
        except TimeoutError:
            await self.close()
            raise Invalid("This pattern takes too long. Make it simpler.", field="search") from None
        except ConnectionError:
            raise Unavailable("The search broke off.") from None
        if not line:
            raise Unavailable("The search broke off.")
        return orjson.loads(line)

    async def close(self) -> None:
        if self._counts:
            self._counts = False
            Pattern._open -= 1
        await self._process.end()


async def matcher(search: str | None, *, regex: bool) -> Matcher:
    """What `search` asks for; without it, everything."""
    if not search:
        return Everything()
    return await Pattern.start(search) if regex else Words(search)
