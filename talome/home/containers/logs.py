"""What containers wrote, and write: pages of lines, and a stream of new ones."""

import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeVar

from talome.core.clock import now
from talome.core.errors import Invalid
from talome.engines.docker import models as engine_models
from talome.engines.docker.protocol import ContainerEngine, EngineStream
from talome.home.containers.matching import Everything, Matcher, matcher
from talome.home.containers.models import LogBatch, LogLine, LogPage
from talome.home.containers.service import Containers

_DURATION: Final = re.compile(r"(\d{1,9})(ms|s|m|h|d|w)")
_UNIT_S: Final = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_SEARCHED_BYTES: Final = 16 * 1024 * 1024
_BATCH_LINES: Final = 2000
"""As one item of a stream, so that nobody else waits long while they are written as JSON."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class LogQuery:
    """Which lines. `since` and `until` are ISO times, epoch seconds, or a time ago such as `10m` or `1h30m`."""

    tail: int
    since: str | float | None
    until: str | float | None
    search: str | None
    regex: bool


class ContainerLogs:
    """Reads logs through the engine; every answer is bounded in lines and bytes."""

    def __init__(self, engine: ContainerEngine, containers: Containers) -> None:
        self._engine = engine
        self._containers = containers

    async def page(self, reference: str, query: LogQuery) -> LogPage:
        """The latest lines that match. A search looks through the latest 16 MiB."""
        container = self._containers.find(reference)
        since_ns, until_ns = _instant(query.since, "since"), _instant(query.until, "until")
        if not query.search:
            found = await self._engine.containers.logs(
                container.id, tail=query.tail, since_ns=since_ns, until_ns=until_ns
            )
            return LogPage(lines=_lines(found.lines), truncated=found.truncated)
        picking = await matcher(query.search, regex=query.regex)
        try:
            found = await self._engine.containers.logs(
                container.id, tail=None, since_ns=since_ns, until_ns=until_ns, limit_bytes=_SEARCHED_BYTES
            )
            picked = await picking.pick([line.text for line in found.lines])
        finally:
            await picking.close()
        lines = _lines([found.lines[number] for number in picked[-query.tail :]]) if query.tail else []
        return LogPage(lines=lines, truncated=found.truncated or len(picked) > len(lines))

    async def follow(self, reference: str, query: LogQuery) -> AsyncGenerator[LogBatch, None]:
        """The last `tail` lines, then new ones, until the container ends. With a search, those of them that match."""
        if query.until is not None:
            raise Invalid("“until” and “follow” do not go together.", field="until")
        container = self._containers.find(reference)
        since_ns = _instant(query.since, "since")
        picking = await matcher(query.search, regex=query.regex)
        try:
            stream = await self._engine.containers.follow_logs(container.id, tail=query.tail, since_ns=since_ns)
        except BaseException:
            await picking.close()
            raise

        async def release() -> None:
            await stream.aclose()
            await picking.close()

        return _Owned(_batches(stream, picking), release)

    async def read(
        self, reference: str, tail: int | None, since: str | float | None, until: str | float | None
    ) -> AsyncGenerator[LogBatch, None]:
        """The log between two instants from its oldest line, as far as it goes now."""
        since_ns, until_ns = _instant(since, "since"), _instant(until, "until")
        container = self._containers.find(reference)
        stream = await self._engine.containers.read_logs(container.id, tail=tail, since_ns=since_ns, until_ns=until_ns)
        return _Owned(_batches(stream, Everything()), stream.aclose)


async def _batches(stream: EngineStream[engine_models.LogBatch], picking: Matcher) -> AsyncGenerator[LogBatch, None]:
    async for batch in stream:
        picked = await picking.pick([line.text for line in batch.lines])
        dropped = batch.dropped
        for start in range(0, len(picked), _BATCH_LINES):
            part = picked[start : start + _BATCH_LINES]
            yield LogBatch(lines=_lines([batch.lines[number] for number in part]), dropped=dropped)
            dropped = 0
        if dropped:
            yield LogBatch(lines=[], dropped=dropped)


class _Owned(AsyncGenerator[T, None]):
    """A generator whose resources were acquired before it began, and are released even if it never begins."""

    def __init__(self, items: AsyncGenerator[T, None], release: Callable[[], Awaitable[None]]) -> None:
        self._items = items
        self._release = release

    async def __anext__(self) -> T:
        return await self.asend(None)

    async def asend(self, value: None) -> T:
        try:
            return await self._items.asend(value)
        except BaseException:
            await self._release()
            raise

    async def athrow(self, *problem: Any) -> T:
        try:
            return await self._items.athrow(*problem)
        except BaseException:
            await self._release()
            raise

    async def aclose(self) -> None:
        try:
            await self._items.aclose()
        finally:
            await self._release()


def _lines(lines: Sequence[engine_models.LogLine]) -> list[LogLine]:
    return [LogLine(at=_moment(line.at_ns), stream=line.stream, text=line.text, cut=line.cut) for line in lines]


def _moment(at_ns: int) -> datetime:
    """The microsecond, never rounded up: what is asked for until then would lack the line itself."""
    seconds, rest_ns = divmod(at_ns, 1_000_000_000)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest_ns // 1000)


def _instant(value: str | float | None, field: str) -> int | None:
    """Nanoseconds since 1970."""
    if value is None or value == "":
        return None
    try:
        return _nanoseconds(value)
    except (ValueError, OverflowError):
        raise Invalid(
            f"“{field}” must be a time such as 2026-11-22T10:00:00Z, seconds since 1970, or a time ago such as 10m.",
            field=field,
        ) from None


def _nanoseconds(value: str | float) -> int:
    if isinstance(value, str) and re.fullmatch(rf"(?:{_DURATION.pattern})+", value):
        ago_s = sum(int(count) * _UNIT_S[unit] for count, unit in _DURATION.findall(value))
        return max(0, int((now().timestamp() - ago_s) * 1e9))
    if isinstance(value, str) and not re.fullmatch(r"\d{1,12}(\.\d{1,9})?", value):
        moment = datetime.fromisoformat(value)
        since_1970 = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - datetime.fromtimestamp(0, UTC)
        return max(0, since_1970 // timedelta(microseconds=1) * 1000)
    return max(0, int(float(value) * 1e9))
