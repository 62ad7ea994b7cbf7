"""Lists of models as each kind of client sees them, the public prices, and the page of models."""

from collections.abc import AsyncIterator

import pytest

from tests.support.house import House, Person
from tests.support.upstream import Upstream, scripted_upstream


@pytest.fixture
async def upstream() -> AsyncIterator[Upstream]:
    async with scripted_upstream() as made:
        yield made


async def key_of(house: House, prefix: str) -> Person:
    if prefix == "talome_":
        made = await house.admin.post("/api/keys", {"name": "k", "scopes": ["gateway:use", "gateway:read"]})
        return house.person(made.json["token"])
    made = await house.admin.post("/v1/keys", {"name": "k"})
    assert made.json["key"].startswith(prefix), made.text
    return house.person(made.json["key"])


async def names(person: Person) -> list[str]:
    return [one["id"] for one in (await person.get("/v1/models")).json["data"]]


async def test_each_kind_of_client_sees_its_list(house: House, upstream: Upstream) -> None:
    added = await house.admin.post("/v1/local-endpoints", {"url": upstream.openai})
    assert added.json["status"] == "healthy"
    runtime, own = await key_of(house, "tok_"), await key_of(house, "talome_")
    assert (await runtime.get("/v1/models")).json == {
        "object": "list",
        "data": [
            {"id": mode, "object": "model", "owned_by": "tokaroo", "created": 0} for mode in ("auto", "fast", "max")
        ],
    }
    assert await names(own) == ["auto", "fast", "max", "large-model", "small-model"]
    assert (await own.get("/v1/models/small-model")).json["owned_by"] == "local"
    assert (await runtime.get("/v1/models/small-model")).status == 404
    assert (await house.nobody.get("/v1/models")).status == 401
    router = (await own.get("/v1/router/models")).json["data"]
    assert [(one["id"], one["providers"]) for one in router][:2] == [
        ("talocode/auto", ["local"]),
        ("talocode/fast", ["local"]),
    ]
    for path in ("/v1/router/providers", "/api/v1/cloud/router/providers"):
        assert (await own.get(path)).json["data"] == [
            {"id": "local", "name": "local", "configured": True, "available": True, "models": 2}
        ]
    listed = (await own.get("/v2/models")).json["models"]
    assert {one["id"] for one in listed} == {"auto", "fast", "max", "large-model", "small-model"}
    assert set(listed[0]) == {
        "id", "name", "provider", "contextWindow", "inputPrice", "outputPrice", "capabilities"
    }  # fmt: skip


async def test_prices_are_public_and_tell_nothing_of_the_house(house: House, upstream: Upstream) -> None:
    await house.admin.post("/v1/local-endpoints", {"url": upstream.openai})
    change = {"provider": "local", "id": "small-model", "change": {"rank": 90}}
    assert (await house.admin.call("PATCH", "/api/gateway/models", change)).status == 200
    change = {"provider": "openai", "id": "gpt-4o", "change": {"inputPer1M": 9}}
    assert (await house.admin.call("PATCH", "/api/gateway/models", change)).status == 200
    prices = (await house.nobody.get("/v1/pricing")).json
    assert (prices["object"], prices["researched_at"][:2]) == ("list", "20")
    assert {one["provider"] for one in prices["data"]} == {
        "openai", "anthropic", "google", "groq", "mistral", "deepseek"
    }  # fmt: skip
    [model] = [one for one in prices["data"] if one["id"] == "gpt-4o"]
    assert model == {
        "id": "gpt-4o", "name": "GPT-4o", "provider": "openai", "input_per_1m": 2.5, "output_per_1m": 10.0,
        "capabilities": ["chat", "json", "tools", "vision"], "context_window": 128000,
    }  # fmt: skip
    assert "small-model" not in str(prices)
    resold = (await house.nobody.get("/v1/pricing?provider=openrouter")).json["data"]
    assert {one["provider"] for one in resold} == {"openrouter"}


async def test_the_page_of_models(house: House, upstream: Upstream) -> None:
    await house.admin.post("/v1/local-endpoints", {"url": upstream.openai})
    page = (await house.admin.get("/api/gateway/models?search=gpt 4o mini&provider=openai")).json
    assert page["total"] == len(page["models"]) > 0
    assert all("mini" in one["id"] for one in page["models"])
    assert (await house.admin.get("/api/gateway/models?capability=video")).json["total"] >= 2
    own = (await house.admin.get("/api/gateway/models?offered=true")).json
    assert [(one["provider"], one["id"], one["offered"]) for one in own["models"]] == [
        ("local", "large-model", 1), ("local", "small-model", 1),
    ]  # fmt: skip
    few = (await house.admin.get("/api/gateway/models?limit=2&offset=1")).json
    assert (len(few["models"]), few["total"] > 500) == (2, True)
    change = {"provider": "openai", "id": "gpt-4o", "change": {"inputPer1M": 9, "perImage": 0.5}}
    changed = await house.admin.call("PATCH", "/api/gateway/models", change)
    assert (changed.json["inputPer1M"], changed.json["perImage"], changed.json["changed"]) == (
        9, 0.5, ["inputPer1M", "perImage"],
    )  # fmt: skip
    assert [one["id"] for one in (await house.admin.get("/api/gateway/models?changed=true")).json["models"]] == [
        "gpt-4o"
    ]
    member = await house.member("ben", ["gateway:read"])
    assert (await member.get("/api/gateway/models?limit=1")).status == 200
    assert (await member.call("PATCH", "/api/gateway/models", change)).status == 403
    restored = await house.admin.post("/api/gateway/models/restore", {"provider": "openai", "id": "gpt-4o"})
    assert restored.json == {"ok": True}
    assert (await house.admin.get("/api/gateway/models?changed=true")).json["total"] == 0
    for bad in (
        {"inputPer1M": -1}, {"inputPer1M": 1e9}, {"capabilities": ["flying"]}, {"name": "x\x00"}, {}, {"context": -1},
        {"surprise": 1}, {"rank": "high"},
    ):  # fmt: skip
        refused = await house.admin.call("PATCH", "/api/gateway/models", {**change, "change": bad})
        assert refused.status == 400, bad
