"""The breaker: who is kept from what, for how long, and who may try again."""

from typing import Any

import pytest

from talome.engines.providers.models import UpstreamError
from talome.gateway.providers.breaker import Breaker, Note


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breaker(clock: Clock) -> Breaker:
    return Breaker(clock)


def error(kind: Any, status: int | None = None, retry_after_s: float | None = None) -> UpstreamError:
    return UpstreamError(kind, "It did not work.", status=status, retry_after_s=retry_after_s)


def test_a_limit_is_kept_for_as_long_as_was_asked_for(breaker: Breaker, clock: Clock) -> None:
    breaker.failed("a", "m", error("rate_limited", 429, 17))
    assert not breaker.allows("a", "m")
    assert breaker.is_asked("a", "m")
    assert breaker.retry_after("a", "m") == 17
    assert breaker.allows("a", "other"), "another model of the same key"
    assert breaker.allows("b", "m"), "another key for the same model"
    clock.now += 17
    assert not breaker.is_asked("a", "m")
    assert breaker.allows("a", "m")


def test_what_was_asked_for_is_bounded(breaker: Breaker) -> None:
    breaker.failed("a", "m", error("rate_limited", 429, 10**9))
    assert breaker.retry_after("a", "m") == 3600
    breaker.failed("b", "m", error("rate_limited", 429, -5))
    assert breaker.retry_after("b", "m") == 1


def test_pauses_double_up_to_a_minute_and_begin_anew_after_a_success(breaker: Breaker, clock: Clock) -> None:
    pauses = []
    for _ in range(6):
        breaker.failed("a", "m", error("failed", 500))
        pauses.append(breaker.retry_after("a", "m"))
        clock.now += pauses[-1]
        assert breaker.allows("a", "m")
    assert pauses == [5, 10, 20, 40, 60, 60]
    breaker.succeeded("a", "m", 100, 50)
    breaker.failed("a", "m", error("timeout"))
    assert breaker.retry_after("a", "m") == 5


def test_after_a_pause_one_may_try(breaker: Breaker, clock: Clock) -> None:
    breaker.failed("a", "m", error("failed", 502))
    clock.now += 5
    assert breaker.available("a", "m")
    assert breaker.available("a", "m"), "looking takes nothing"
    assert breaker.allows("a", "m")
    assert not breaker.allows("a", "m"), "the trial is on"
    assert not breaker.available("a", "m")
    breaker.succeeded("a", "m")
    assert all(breaker.allows("a", "m") for _ in range(3))


def test_a_trial_that_told_nothing_lets_the_next_one_try(breaker: Breaker, clock: Clock) -> None:
    breaker.failed("a", "m", error("failed", 502))
    clock.now += 5
    assert breaker.allows("a", "m")
    breaker.left("a", "m")
    assert breaker.allows("a", "m")
    clock.now += 61
    assert breaker.allows("a", "m"), "a trial that nobody ended is forgotten"


@pytest.mark.parametrize("status", [400, 404, 413, 422])
def test_a_bad_request_keeps_nobody_away(breaker: Breaker, status: int) -> None:
    breaker.failed("a", "m", error("refused", status))
    assert breaker.allows("a", "m")
    assert breaker.take_notes() == {}


def test_a_refused_key_stops_all_its_models_until_it_is_good_again(breaker: Breaker, clock: Clock) -> None:
    breaker.failed("a", "m", error("unauthorized", 401))
    clock.now += 10**6
    assert not breaker.allows("a", "m")
    assert not breaker.allows("a", "other")
    assert breaker.is_invalid("a")
    breaker.restore("a")
    assert breaker.allows("a", "m")


def test_a_host_that_does_not_answer_stops_all_its_models(breaker: Breaker, clock: Clock) -> None:
    breaker.failed("a", "m", error("unreachable"))
    assert not breaker.allows("a", "other")
    clock.now += 5
    assert breaker.allows("a", "other")
    assert not breaker.allows("a", "m"), "one trial for the whole endpoint"
    breaker.succeeded("a", "other")
    assert breaker.allows("a", "m")


def test_speed_is_a_moving_average(breaker: Breaker) -> None:
    assert breaker.speed("a", "m") is None
    breaker.succeeded("a", "m", 100, 50)
    breaker.succeeded("a", "m", 200, 0)
    speed = breaker.speed("a", "m")
    assert speed is not None
    assert (round(speed.first_token_ms), speed.tokens_per_s) == (120, 50)
    breaker.failed("a", "m", error("failed", 500))
    assert breaker.speed("a", "m") is speed


def test_notes_are_taken_once_and_can_be_given_back(breaker: Breaker) -> None:
    breaker.succeeded("a", "m")
    breaker.failed("b", "m", error("rate_limited", 429, 30))
    notes = breaker.take_notes()
    assert set(notes) == {"a", "b"}
    assert notes["b"].failure_code == "429"
    assert notes["b"].reset_at is not None
    assert notes["a"].success_at is not None
    assert breaker.take_notes() == {}
    breaker.succeeded("a", "m")
    newer = Note(success_at=1)
    breaker.give_back({"a": newer, "b": notes["b"]})
    again = breaker.take_notes()
    assert again["b"] is notes["b"]
    assert again["a"] is not newer


def test_a_new_endpoint_of_the_same_id_begins_anew(breaker: Breaker) -> None:
    breaker.failed("a", "m", error("unauthorized", 401))
    breaker.succeeded("b", "m")
    breaker.forget("a")
    assert breaker.allows("a", "m")
    assert set(breaker.take_notes()) == {"b"}


def test_memory_is_bounded(breaker: Breaker) -> None:
    for number in range(6000):
        breaker.failed("a", f"m{number}", error("failed", 500))
    assert not breaker.allows("a", "m5999")
    assert breaker.allows("a", "m0"), "the oldest were let go"
