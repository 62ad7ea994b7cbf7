"""Requests in a minute: a window that slides, and a number of streams."""

import pytest

from talome.core.errors import TooMany
from talome.core.operations import Caller, KeyTerms
from talome.gateway.limits.service import REQUESTS, STREAMS, Limits
from tests.gateway.money import Money


class Clock:
    now = 600.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def limits(money: Money, clock: Clock) -> Limits:
    return Limits(money.settings, clock)


def taken(limits: Limits, many: int, rpm: int = 10) -> int:
    return sum(limits.take("k", rpm).retry_after_s == 0 for _ in range(many))


def test_a_minute_holds_as_many_as_were_given(limits: Limits, clock: Clock) -> None:
    states = [limits.take("k", 3) for _ in range(4)]
    assert [(state.remaining, state.retry_after_s > 0) for state in states] == [
        (2, False), (1, False), (0, False), (0, True),
    ]  # fmt: skip
    assert limits.take("other", 3).remaining == 2
    assert states[-1].headers["X-RateLimit-Limit"] == "3"


@pytest.mark.parametrize("rpm", [1, 2, 10, 60])
@pytest.mark.parametrize("start", [600.0, 630.0, 659.9])
def test_after_the_time_that_is_told_there_is_room(limits: Limits, clock: Clock, rpm: int, start: float) -> None:
    clock.now = start
    assert taken(limits, rpm + 5, rpm) == rpm
    for _ in range(5):
        clock.now += limits.take("k", rpm).retry_after_s
        assert limits.take("k", rpm).retry_after_s == 0
        taken(limits, rpm, rpm)


def test_nobody_gets_two_minutes_worth_around_the_full_minute(limits: Limits, clock: Clock) -> None:
    clock.now = 659.0
    assert taken(limits, 20) == 10
    clock.now = 661.0
    assert taken(limits, 20) == 0
    clock.now = 690.0
    assert taken(limits, 20) == 5, "half of the minute before still counts"
    clock.now = 900.0
    assert taken(limits, 20) == 10


async def test_who_is_counted_and_where(limits: Limits, money: Money) -> None:
    person = money.ada
    script = Caller("u", "u", "key", key_id="k1", face="talome_")
    slow = Caller("u", "u", "key", key_id="k2", face="talome_", terms=KeyTerms(1))
    await money.settings.update({REQUESTS: 2}, "ada")
    assert limits.admit(person, "/api/containers") == ({}, None)
    assert limits.admit(script, "/api/containers") == ({}, None)
    assert limits.admit(Caller("", "anonymous", "anonymous"), "/v1/pricing") == ({}, None)
    assert limits.admit(person, "/v1/usage")[0]["X-RateLimit-Limit"] == "600"
    assert [limits.admit(script, "/v1/chat/completions")[1] is None for _ in range(3)] == [True, True, False]
    assert limits.admit(slow, "/api/containers")[1] is None
    headers, refusal = limits.admit(slow, "/mcp")
    assert refusal is not None
    assert headers["X-RateLimit-RetryAfter"] == str(refusal.retry_after_s)


async def test_streams_at_a_time(limits: Limits, money: Money) -> None:
    await money.settings.update({STREAMS: 2}, "ada")
    with limits.stream("k"), limits.stream("other"):
        with limits.stream("k"), pytest.raises(TooMany), limits.stream("k"):
            pass
        with limits.stream("k"):
            pass
    assert limits._streams == {}
