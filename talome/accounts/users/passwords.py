"""Passwords: argon2id through passlib's API (the maintained fork `libpass`), in a thread, two at a time.

Parameters: RFC 9106 section 4, second choice, with 46 MiB (OWASP's first row): about 50 ms on a mini-PC.
"""

import asyncio
from typing import Final

from passlib.context import CryptContext

_CONTEXT: Final = CryptContext(
    schemes=["argon2"],
    argon2__type="ID",
    argon2__memory_cost=46 * 1024,
    argon2__time_cost=1,
    argon2__parallelism=1,
)


class Passwords:
    """Hashes and verifies. Two at a time bound the memory that a flood of sign-ins can take to 92 MiB."""

    def __init__(self) -> None:
        self._slots = asyncio.Semaphore(2)
        self._decoy: str | None = None

    async def hash(self, password: str) -> str:
        async with self._slots:
            return await asyncio.to_thread(_CONTEXT.hash, password)

    async def verify(self, password: str, password_hash: str | None) -> bool:
        """Whether the password is right. None (no such user) takes as long and is always wrong."""
        if self._decoy is None:
            self._decoy = await self.hash("a password that nobody has")
        async with self._slots:
            right = await asyncio.to_thread(_CONTEXT.verify, password, password_hash or self._decoy)
        return right and password_hash is not None

    @staticmethod
    def is_outdated(password_hash: str) -> bool:
        """Whether it was made with other parameters than today's."""
        return bool(_CONTEXT.needs_update(password_hash))
