"""The cache alone: bounded in bytes and time, one flight for many, and similar questions."""

import asyncio
from collections.abc import Sequence

import pytest

from talome.engines.providers.models import Tokens
from talome.gateway.cache.semantic import FLOOR, SimilarQuestions
from talome.gateway.cache.service import AnswerCache, Kept, digest


def keep(cache: AnswerCache, key: bytes, text: str) -> Kept:
    return cache.keep(key, {"text": text}, Tokens(1, 0, 0, 1), provider="vllm", model="m", nano=5)


def test_the_longest_unused_goes_first_and_bytes_bound_it() -> None:
    cache = AnswerCache(limit_bytes=3000)
    for name in (b"a", b"b", b"c"):
        keep(cache, name, "x" * 300)
    assert cache.get(b"a") is not None
    keep(cache, b"d", "x" * 300)
    assert cache.get(b"b") is None
    assert cache.get(b"a") is not None
    assert cache.size_bytes <= 3000
    keep(cache, b"a", "y")
    cache.clear()
    assert (len(cache), cache.size_bytes) == (0, 0)


def test_what_is_old_or_huge_is_not_kept() -> None:
    at = 0.0
    cache = AnswerCache(kept_s=10, clock=lambda: at)
    keep(cache, b"a", "x")
    keep(cache, b"huge", "x" * 600_000)
    assert cache.get(b"huge") is None
    at = 11.0
    assert cache.get(b"a") is None
    assert cache.size_bytes == 0


def test_a_key_depends_on_all_that_was_asked_and_on_whose_it_is() -> None:
    body = {"messages": [{"role": "user", "content": "x"}], "temperature": 0}
    assert digest("user:a", "auto", body) == digest("user:a", "auto", dict(reversed(body.items())))
    others = {
        digest("user:a", "auto", body),
        digest("user:b", "auto", body),
        digest("user:a", "fast", body),
        digest("user:a", "auto", {**body, "temperature": 0.1}),
    }
    assert len(others) == 4


async def test_who_waits_goes_on_alone_when_the_leader_fails() -> None:
    cache = AnswerCache()
    leader, follower = cache.join(b"a"), cache.join(b"a")
    assert (leader.leads, follower.leads) == (True, False)
    waiting = asyncio.create_task(follower.outcome())
    gone = asyncio.create_task(follower.outcome())
    await asyncio.sleep(0)
    gone.cancel()  # one that leaves takes nothing from the others
    cache.land(leader, None)
    cache.land(leader, None)
    assert await waiting is None
    second = cache.join(b"a")
    assert second.leads
    kept = keep(cache, b"a", "x")
    cache.land(second, kept)
    assert await second.outcome() == kept


class Vectors:
    """Vectors by the first word."""

    def __init__(self, **known: Sequence[float]) -> None:
        self.known = known

    async def embed(self, text: str) -> Sequence[float] | None:
        return self.known.get(text.split(maxsplit=1)[0])


async def test_similar_questions() -> None:
    similar = SimilarQuestions(Vectors(how=(3.0, 0.1), what=(3.0, 0.2), who=(0.1, 3.0), none=(0.0, 0.0)))
    how, what, who = [await similar.vector(f"{word} is it") for word in ("how", "what", "who")]
    assert how is not None
    assert what is not None
    assert who is not None
    similar.add(b"place", "how is it", how, b"key")
    assert similar.find(b"place", "what is it", what, 0.0) == b"key"
    assert similar.find(b"place", "what is it", what, 0.99999) is None  # a client can ask for more
    assert similar.find(b"place", "who is it", who, 0.0) is None  # and never for less than the floor
    assert FLOOR >= 0.95
    assert similar.find(b"elsewhere", "how is it", how, 0.0) is None
    assert similar.find(b"place", "what is it not", what, 0.0) is None
    assert similar.find(b"place", "what is it at 5", what, 0.0) is None
    assert await similar.vector("none at all") is None
    assert await similar.vector("unknown words") is None
    assert await similar.vector("how " * 3000) is None


@pytest.mark.parametrize("vector", [(float("nan"), 1.0), (float("inf"), 1.0)])
async def test_vectors_that_are_none(vector: tuple[float, ...]) -> None:
    assert await SimilarQuestions(Vectors(how=vector)).vector("how is it") is None


async def test_places_are_bounded() -> None:
    similar = SimilarQuestions(Vectors(how=(1.0, 0.0)))
    vector = await similar.vector("how")
    assert vector is not None
    for number in range(600):
        similar.add(number.to_bytes(2, "big"), "how", vector, b"key")
    assert similar.find((0).to_bytes(2, "big"), "how", vector, 0) is None
    assert similar.find((599).to_bytes(2, "big"), "how", vector, 0) == b"key"
