"""Bytes to lines, and the queue between a reading thread and a coroutine."""

from __future__ import annotations

import asyncio
import threading
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from talome.core.errors import Unavailable
from talome.engines.docker.logs import LINE_LIMIT_BYTES, LogDecoder
from talome.engines.docker.models import LogLine
from talome.engines.docker.streams import Mailbox

BASE = datetime(2026, 11, 22, 10, 0, 0, tzinfo=UTC)
BASE_NS = int(BASE.timestamp()) * 1_000_000_000


def stamp(at_ns: int, zone: timezone = UTC) -> bytes:
    moment = datetime.fromtimestamp(at_ns // 1_000_000_000, zone)
    offset = "Z" if zone is UTC else moment.strftime("%z")[:3] + ":" + moment.strftime("%z")[3:]
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{at_ns % 1_000_000_000:09d}{offset} ".encode()


def frame(text: bytes, *, stream: int = 1, at_ns: int = BASE_NS) -> bytes:
    payload = stamp(at_ns) + text
    return bytes([stream, 0, 0, 0]) + len(payload).to_bytes(4, "big") + payload


def decode(data: bytes, *, tty: bool = False, size: int = 7) -> list[LogLine]:
    decoder = LogDecoder(tty=tty)
    lines: list[LogLine] = []
    for start in range(0, len(data), size):
        lines += decoder.feed(data[start : start + size])
    return lines + decoder.feed(b"")


@pytest.mark.parametrize("size", [1, 3, 8, 100, 10_000])
def test_frames_however_they_are_cut(size: int) -> None:
    data = frame(b"one\n") + frame(b"two\r\n", stream=2, at_ns=BASE_NS + 123_456_789) + frame("drei €\n".encode())
    assert decode(data, size=size) == [
        LogLine(BASE_NS, "stdout", "one"),
        LogLine(BASE_NS + 123_456_789, "stderr", "two"),
        LogLine(BASE_NS, "stdout", "drei €"),
    ]


def test_partial_messages_of_both_streams_are_joined() -> None:
    data = frame(b"a" * 5) + frame(b"err", stream=2) + frame(b"b" * 5, at_ns=BASE_NS + 9)
    data += frame(b"or\n", stream=2) + frame(b"c\n")
    assert decode(data) == [LogLine(BASE_NS, "stderr", "error"), LogLine(BASE_NS, "stdout", "aaaaabbbbbc")]


def test_a_line_without_end_comes_at_the_end() -> None:
    assert decode(frame(b"unfinished")) == [LogLine(BASE_NS, "stdout", "unfinished")]
    assert decode(stamp(BASE_NS) + b"prompt> ", tty=True) == [LogLine(BASE_NS, "stdout", "prompt> ")]


def test_a_zone_of_the_engine() -> None:
    data = stamp(BASE_NS, timezone(timedelta(hours=5, minutes=30))) + b"x\r\n"
    assert decode(data, tty=True) == [LogLine(BASE_NS, "stdout", "x")]


def test_memory_is_bounded_by_a_line() -> None:
    decoder = LogDecoder(tty=True)
    decoder.feed(stamp(BASE_NS))
    for _ in range(100):
        decoder.feed(b"x" * 100_000)
    assert len(decoder._buffer) < 2 * LINE_LIMIT_BYTES
    line = decoder.feed(b"\n")[0]
    assert (len(line.text), line.cut) == (LINE_LIMIT_BYTES, True)
    framed = LogDecoder(tty=False)
    huge = frame(b"y" * 1_000_000 + b"\n")
    lines: list[LogLine] = []
    for start in range(0, len(huge), 10_000):
        lines += framed.feed(huge[start : start + 10_000])
        assert len(framed._buffer) < 20_000
    assert [(len(line.text), line.cut) for line in lines] == [(LINE_LIMIT_BYTES, True)]
    assert framed.feed(frame(b"next\n"))[0].text == "next"


@given(st.binary(max_size=300), st.booleans(), st.integers(1, 50))
def test_garbage_never_raises(data: bytes, tty: bool, size: int) -> None:
    decode(data, tty=tty, size=size)


def box(capacity: int, full: str, patience_s: float = 0.02) -> Mailbox[int]:
    return Mailbox(
        asyncio.get_running_loop(),
        capacity=capacity,
        weigh=lambda _: 1,
        full=full,  # type: ignore[arg-type]
        patience_s=patience_s,
    )


async def test_a_full_mailbox_holds_the_thread_back() -> None:
    mailbox = box(10, "wait")
    written: list[bool] = []
    thread = threading.Thread(target=lambda: written.append(mailbox.put_all(range(1000))))
    thread.start()
    seen: list[int] = []
    while len(seen) < 1000:
        items, dropped = await mailbox.take()
        assert len(items) <= 10
        assert dropped == 0
        seen += items
    thread.join()
    assert seen == list(range(1000))
    assert written == [True]


async def test_a_full_mailbox_drops_the_oldest_and_counts() -> None:
    mailbox = box(10, "drop", patience_s=0.001)
    await asyncio.to_thread(mailbox.put_all, range(100))
    items, dropped = await mailbox.take()
    assert len(items) <= 10
    assert items[-1] == 99
    assert len(items) + dropped == 100


async def test_a_full_mailbox_that_may_not_lose_anything_fails() -> None:
    mailbox = box(10, "fail")
    with pytest.raises(Unavailable, match="faster than"):
        await asyncio.to_thread(mailbox.put_all, range(100))


async def test_closing_lets_a_waiting_thread_go() -> None:
    mailbox = box(1, "wait")
    putting = asyncio.ensure_future(asyncio.to_thread(mailbox.put_all, range(3)))
    await mailbox.take()
    mailbox.close()
    assert await asyncio.wait_for(putting, 5) is False
    assert await mailbox.take() == ([], 0)
