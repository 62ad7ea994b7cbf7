"""Write locks (RFC 4918, sections 6, 7 and 10.4), in memory: who holds one on what, and what the If header asks."""

import re
import time
import uuid
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from typing import Final

from talome.core.errors import Invalid, TalomeError, TooMany

Where = tuple[str, ...]
"""A root and the names below it."""
LONGEST_S: Final = 3600
_MOST_LOCKS: Final = 5000
_MOST_OF_USER: Final = 1000
_NO_LOCK: Final = "DAV:no-lock"
_TOKENS: Final = re.compile(r"\s*(?:(<[^>]*>)|(\()|(\))|(\[[^\]]*\])|([Nn][Oo][Tt]))")
_LONGEST_IF: Final = 8192


class Locked(TalomeError):
    """Somebody holds a lock, whose token the request does not bring."""

    status, code = 423, "locked"


class PreconditionFailed(TalomeError):
    status, code = 412, "precondition_failed"


@dataclass(frozen=True, slots=True)
class Lock:
    """`owner` is what the client said of itself, as XML; `until` by the clock that nobody moves."""

    token: str
    where: Where
    deep: bool
    exclusive: bool
    owner: str
    user_id: str
    until: float

    def covers(self, where: Where) -> bool:
        return where == self.where or (self.deep and where[: len(self.where)] == self.where)

    @property
    def seconds_left(self) -> int:
        return max(0, round(self.until - time.monotonic()))


class Locks:
    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._locks: dict[str, Lock] = {}

    def on(self, where: Where) -> list[Lock]:
        """Those that cover it."""
        return [lock for lock in self._alive() if lock.covers(where)]

    def _alive(self) -> Iterator[Lock]:
        now = self._clock()
        for token, lock in tuple(self._locks.items()):
            if lock.until <= now:
                del self._locks[token]
            else:
                yield lock

    def take(self, where: Where, user_id: str, *, deep: bool, exclusive: bool, owner: str, timeout_s: int) -> Lock:
        """Raises `Locked` where another lock stands against it."""
        alive = list(self._alive())
        for lock in alive:
            meets = lock.covers(where) or (deep and lock.where[: len(where)] == where)
            if meets and (exclusive or lock.exclusive):
                raise Locked("Somebody else has locked it.")
        if len(alive) >= _MOST_LOCKS or sum(lock.user_id == user_id for lock in alive) >= _MOST_OF_USER:
            raise TooMany("There are too many locks. Wait until some end.", retry_after_s=60)
        until = self._clock() + timeout_s
        lock = Lock(f"urn:uuid:{uuid.uuid4()}", where, deep, exclusive, owner, user_id, until)
        self._locks[lock.token] = lock
        return lock

    def refresh(self, where: Where, tokens: Collection[str], user_id: str, timeout_s: int) -> Lock:
        for lock in self.on(where):
            if lock.token in tokens and lock.user_id == user_id:
                self._locks[lock.token] = renewed = replace(lock, until=self._clock() + timeout_s)
                return renewed
        raise PreconditionFailed("There is no such lock on this any more.")

    def release(self, where: Where, token: str, user_id: str) -> None:
        for lock in self.on(where):
            if lock.token == token and lock.user_id == user_id:
                del self._locks[token]
                return
        raise LockGone("There is no such lock of yours on this.")

    def forget(self, where: Where) -> None:
        """What lies there is gone, and so are the locks on it."""
        for lock in tuple(self._alive()):
            if lock.where[: len(where)] == where:
                del self._locks[lock.token]

    def require(self, where: Where, tokens: Collection[str], user_id: str, *, deep: bool = False) -> None:
        """Raise `Locked` where a lock covers it, or with `deep` anything in it, whose token is not brought along. Of
        locks that several share, one's own is enough."""
        held = [lock for lock in self._alive() if lock.covers(where) or (deep and lock.where[: len(where)] == where)]
        brought = {lock.token for lock in held if lock.token in tokens and lock.user_id == user_id}
        for lock in held:
            shared = not lock.exclusive and any(
                other.token in brought and other.where == lock.where for other in held if not other.exclusive
            )
            if lock.token not in brought and not shared:
                raise Locked("Somebody else has locked it.")


class LockGone(TalomeError):
    status, code = 409, "no_such_lock"


@dataclass(frozen=True, slots=True)
class Condition:
    """One part of an If header's list: a lock's token or an ETag, wanted or not wanted."""

    wanted: bool
    token: str | None
    etag: str | None


@dataclass(frozen=True, slots=True)
class IfHeader:
    """Lists of conditions, each with the address it speaks of (None: that of the request)."""

    lists: tuple[tuple[str | None, tuple[Condition, ...]], ...]

    @property
    def tokens(self) -> frozenset[str]:
        """All that are named, whatever they are needed for."""
        return frozenset(one.token for _, conditions in self.lists for one in conditions if one.token is not None)


def parse_if(header: str) -> IfHeader:
    """Raises `Invalid` for what RFC 4918 section 10.4.2 does not allow."""
    if len(header) > _LONGEST_IF:
        raise Invalid("The If header is too long.")
    reader, at, header = _IfReader(), 0, header.rstrip()
    while at < len(header):
        found = _TOKENS.match(header, at)
        if found is None:
            raise _not_understood()
        at = found.end()
        reader.take(*found.groups())
    return reader.ended()


class _IfReader:
    """Takes the header's parts one by one; between lists an address may stand, in a list conditions."""

    def __init__(self) -> None:
        self._lists: list[tuple[str | None, tuple[Condition, ...]]] = []
        self._address: str | None = None
        self._open: list[Condition] | None = None
        self._wanted = True

    def take(
        self, reference: str | None, opens: str | None, closes: str | None, etag: str | None, _: str | None
    ) -> None:
        if self._open is None:
            if reference:
                self._address = reference[1:-1]
            elif opens:
                self._open = []
            else:
                raise _not_understood()
        elif reference or etag:
            token, state = reference[1:-1] if reference else None, etag[1:-1] if etag else None
            self._open.append(Condition(self._wanted, token, state))
            self._wanted = True
        elif closes and self._open and self._wanted:
            self._lists.append((self._address, tuple(self._open)))
            self._open = None
        elif opens or closes:
            raise _not_understood()
        else:
            self._wanted = False

    def ended(self) -> IfHeader:
        if self._open is not None or not self._lists:
            raise _not_understood()
        return IfHeader(tuple(self._lists))


def _not_understood() -> Invalid:
    return Invalid("The If header cannot be understood.")


def holds(condition: Condition, tokens: Collection[str], etag: str | None) -> bool:
    """`tokens` are those of the locks that cover the resource, `etag` is its own."""
    if condition.token is not None:
        true = condition.token != _NO_LOCK and condition.token in tokens
    else:
        true = etag is not None and condition.etag == etag
    return true == condition.wanted
