"""Embeddings without any provider: by the model of this machine, in the shapes that clients ask for."""

import base64
import struct
from typing import Any

from tests.gateway.houses import with_endpoint
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
