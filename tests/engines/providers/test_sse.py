"""The events of a stream, whatever the pieces they come in."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from talome.engines.providers.models import UpstreamError
from talome.engines.providers.sse import Events

LINES = [
    b'data: {"a": 1}',
    b"data:no space",
    b"data:  two spaces",
    b": a comment",
    b"event: message_start",
    b"id: 7",
    b"retry: 10",
    b"data: first\ndata: second",
    b'event: x\ndata: {"b": 2}',
    b"data: [DONE]",
    b"",
]
DATA = [b'{"a": 1}', b"no space", b" two spaces", b"", b"", b"", b"", b"first\nsecond", b'{"b": 2}', b"[DONE]", b""]


def all_of(pieces: list[bytes]) -> list[bytes]:
    events = Events()
    return [data for piece in pieces for data in events.feed(piece)] + events.end()


@given(
    st.lists(st.integers(0, len(LINES) - 1), max_size=8),
    st.sampled_from([b"\n", b"\r\n", b"\r"]),
    st.lists(st.integers(0, 400), max_size=12),
    st.booleans(),
)
def test_pieces_do_not_matter(chosen: list[int], line_end: bytes, cuts: list[int], ends_well: bool) -> None:
    raw = b"".join(LINES[number] + b"\n\n" for number in chosen)
    raw = (raw if ends_well else raw[:-2]).replace(b"\n", line_end)
    places = sorted({0, len(raw), *(cut for cut in cuts if cut < len(raw))})
    pieces = [raw[start:end] for start, end in pairwise(places)]
    assert all_of(pieces) == [DATA[number] for number in chosen if DATA[number]]
    assert all_of([raw[place : place + 1] for place in range(len(raw))]) == all_of([raw])


def test_an_endless_event_is_refused() -> None:
    events = Events()
    with pytest.raises(UpstreamError):
        for _ in range(5_000):
            events.feed(b"x" * 4_096)
