"""Passwords: argon2id through passlib's API (the maintained fork `libpass`), in a thread, two at a time.

Parameters: RFC 9106 section 4, second choice, with 46 MiB (OWASP's first row): about 50 ms on a mini-PC.
"""

import asyncio
from functools import cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from passlib.context import CryptContext

_MEMORY_KIB = 46 * 1024
_DECOY: Final = "$argon2id$v=19$m=47104,t=1,p=1$IwRgbO19T2nNOQcAoHSOsQ$3h9s3RhD9cWoD2aBTmRFWfUhBNEjNJct+RGmWMXp3bA"
"""Of a random password that nobody kept, with the parameters above."""


class Passwords:
    """Hashes and verifies. Two at a time bound the memory that a flood of sign-ins can take to 92 MiB."""

    def __init__(self) -> None:
        self._slots = asyncio.Semaphore(2)

    async def hash(self, password: str) -> str:
        async with self._slots:
            return await asyncio.to_thread(lambda: str(_context().hash(password)))

    async def verify(self, password: str, password_hash: str | None) -> bool:
        """Whether the password is right. None (no such user) takes as long and is always wrong."""
        async with self._slots:
            right = await asyncio.to_thread(lambda: bool(_context().verify(password, password_hash or _DECOY)))
        return right and password_hash is not None

    @staticmethod
    def is_outdated(password_hash: str) -> bool:
        """Whether it was made with other parameters than today's."""
        return bool(_context().needs_update(password_hash))


@cache
def _context() -> "CryptContext":
    """Loaded with the first password: most houses run for weeks between two of them."""
    from passlib.context import CryptContext

    return CryptContext(
        schemes=["argon2"],
        argon2__type="ID",
        argon2__memory_cost=_MEMORY_KIB,
        argon2__time_cost=1,
        argon2__parallelism=1,
    )
