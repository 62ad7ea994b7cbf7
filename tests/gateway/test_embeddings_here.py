"""Embeddings without any provider: by the model of this machine, in the shapes that clients ask for."""

import asyncio
import base64
import struct
from typing import Any

import pytest

from tests.gateway.houses import runtime_key, with_endpoint
from tests.support.house import House
from tests.support.upstream import Upstream

pytest_plugins = ("tests.support.upstream",)
PATH = "/v1/embeddings"


async def test_the_house_answers_where_no_provider_is_set(house: House) -> None:
    texts = ["a new disk", "another hard drive", "apple pie"]
    answer = await house.admin.post(PATH, {"model": "text-embedding-3-small", "input": texts})
    assert answer.status == 200, answer.text
    told: dict[str, Any] = answer.json
    assert (told["object"], told["model"]) == ("list", "wordllama-256")
    assert [row["index"] for row in told["data"]] == [0, 1, 2]
    assert told["usage"]["prompt_tokens"] == told["usage"]["total_tokens"] > 6
    disk, drive, pie = (row["embedding"] for row in told["data"])
    assert len(disk) == 256
    assert _dot(disk, drive) > _dot(disk, pie)

    short = await house.admin.post(PATH, {"input": texts[0], "model": "auto", "dimensions": 64})
    first = short.json["data"][0]["embedding"]
    assert len(first) == 64
    assert abs(_dot(first, first) - 1) < 1e-4
    body = {"input": [texts[0]], "model": "talome/wordllama-256", "dimensions": 64, "encoding_format": "base64"}
    packed = base64.b64decode((await house.admin.post(PATH, body)).json["data"][0]["embedding"])
    assert struct.unpack("<64f", packed) == tuple(struct.unpack("<64f", struct.pack("<64f", *first)))


async def test_what_it_cannot_do_is_said(house: House) -> None:
    for wrong, field in (
        ({"dimensions": 257}, "dimensions"),
        ({"input": [[1, 2, 3]]}, "input"),
        ({"input": ""}, "input"),
    ):
        answer = await house.admin.post(PATH, {"input": "x", "model": "wordllama-256", **wrong})
        assert (answer.status, answer.json["field"]) == (400, field), answer.text
    assert (await house.admin.post(PATH, {"input": "a\0b", "model": "wordllama-256"})).status == 200


async def test_an_endpoint_goes_before_it_unless_it_is_named(house: House, upstream: Upstream) -> None:
    await with_endpoint(house, upstream.openai)
    named = await house.admin.post(PATH, {"input": "x", "model": "wordllama-256"})
    assert named.json["model"] == "wordllama-256"
    assert not any(seen.path.endswith("/embeddings") for seen in upstream.seen)
    assert (await house.admin.post(PATH, {"input": "x", "model": "auto"})).json["model"] != "wordllama-256"


def _dot(one: list[float], other: list[float]) -> float:
    return sum(left * right for left, right in zip(one, other, strict=True))


async def test_what_the_house_answers_itself_is_in_the_usage(house: House) -> None:
    key = await runtime_key(house)
    for model in ("auto", "wordllama-256"):
        assert (await key.post(PATH, {"model": model, "input": "a new disk"})).status == 200
    rows: list[dict[str, Any]] = []
    async with asyncio.timeout(10):
        while len(rows) < 2:
            rows = (await house.admin.get("/v1/usage?request_type=embeddings")).json["data"]
            await asyncio.sleep(0.02)
    for row in rows:
        assert (row["served_model"], row["served_provider"]) == ("wordllama-256", "talome")
        assert (row["billing_mode"], row["execution_source"]) == ("local", "local")
        assert (row["charged_usd"], row["status"], row["api_key_id"]) == (0, 200, rows[0]["api_key_id"])
        assert row["input_tokens"] > 1
    told = (await house.admin.get("/metrics")).text
    assert (
        'talome_gateway_requests_total{provider="talome",model="wordllama-256",type="embeddings",outcome="ok"} 2'
        in told
    )


async def test_the_house_is_not_busy_for_one_person_alone(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """It was: each request had a thread of those that everything shares, for as long as its texts took."""
    monkeypatch.setattr("talome.gateway.media.own_vectors._MOST_OF_A_SWIFT_ONE", 50_000)
    answer = await house.admin.post(PATH, {"model": "wordllama-256", "input": ["word " * 1000] * 11})
    assert (answer.status, answer.json["field"]) == (400, "input"), answer.text
    monkeypatch.setattr("talome.gateway.media.own_vectors._MOST_WAITING", 3)
    monkeypatch.setattr("talome.gateway.media.own_vectors._SLICE_OF_A_SWIFT_ONE", 8)
    body = {"model": "wordllama-256", "input": [f"word {number}" * 20 for number in range(100)]}
    answers = await asyncio.gather(*(house.admin.post(PATH, body) for _ in range(12)))
    assert {answer.status for answer in answers} == {200, 429}
    whole = next(answer.json for answer in answers if answer.status == 200)
    assert [row["index"] for row in whole["data"]] == list(range(100))
    alone = await house.admin.post(PATH, {**body, "input": body["input"][77]})
    assert abs(_dot(alone.json["data"][0]["embedding"], whole["data"][77]["embedding"]) - 1) < 1e-5
