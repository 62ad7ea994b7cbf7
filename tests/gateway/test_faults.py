"""What goes wrong behind the gateway: the right status, the next candidate, and money that is settled once."""

import asyncio
from collections import Counter
from typing import Any

import aiohttp

from tests.gateway.houses import HELLO, runtime_key, with_endpoint, with_key
from tests.gateway.test_chat import assert_nothing_leaks, events
from tests.support.house import House, Person
from tests.support.upstream import Script, Upstream, scripted_upstream

pytest_plugins = ("tests.support.upstream",)
ASKED = {"model": "gpt-4o-mini", "messages": HELLO, "max_tokens": 50}
COST = (12 * 150 + 8 * 75 + 5 * 600) / 1e9
"""Of the scripted answer by gpt-4o-mini's prices: 12 tokens in, 8 from the provider's cache, 5 out."""
BEFORE_THE_FIRST_BYTE = [
    (Script(status=400), 400, False),
    (Script(status=400), 400, True),
    (Script(status=500), 503, False),
    (Script(drop=True), 503, False),
    (Script(drop=True), 503, True),
    (Script(raw=b"<html>", content_type="text/html"), 503, True),
    (Script(raw=b'{"choices":', content_type="application/json"), 503, False),
    (Script(packed=True), 503, False),
    (Script(packed_size=40_000_000), 413, False),
    (Script(cut_after=0), 503, True),
    (Script(status=429, retry_after="7"), 429, True),
]


async def money(person: Person) -> tuple[float, float]:
    """What was spent, and what is set aside."""
    balance = (await person.get("/v1/balance")).json
    return balance["spent_usd"], balance["reserved_usd"]


async def rows(person: Person, count: int) -> list[dict[str, Any]]:
    """The last so many rows of usage, as soon as they are written down."""
    async with asyncio.timeout(10):
        while True:
            found = (await person.get("/v1/usage?limit=1000")).json["data"]
            if len(found) >= count:
                return list(found)


async def test_faults_before_the_first_byte_cost_nothing(house: House, upstream: Upstream) -> None:
    await with_key(house, upstream)
    for script, status, stream in BEFORE_THE_FIRST_BYTE:
        upstream.always(script)
        answer = await house.admin.post("/v1/chat/completions", {**ASKED, "stream": stream})
        assert answer.status == status, (script, answer.text)
        assert_nothing_leaks(answer)
        assert "internal.example" not in answer.text
    assert int(answer.headers["Retry-After"]) in range(1, 8)
    again = await house.admin.post("/v1/chat/completions", ASKED)  # nobody is asked who wanted a pause
    assert again.status == 429
    assert await money(house.admin) == (0, 0)


async def test_a_refused_key_is_marked(house: House, upstream: Upstream) -> None:
    await with_key(house, upstream)
    upstream.always(Script(status=401))
    answer = await house.admin.post("/v1/chat/completions", ASKED, headers={"x-stainless-lang": "python"})
    assert answer.status == 503
    assert answer.json["error"]["type"] == "api_error"
    [key] = (await house.admin.get("/v1/provider-keys")).json["data"]
    assert key["status"] == "invalid"
    assert await money(house.admin) == (0, 0)


async def test_the_next_candidate_answers(house: House, upstream: Upstream) -> None:
    upstream.models = ("gpt-4o-mini",)
    await with_endpoint(house, upstream.openai)  # in the house, so it is tried first
    async with scripted_upstream() as second:
        await with_key(house, second)
        second.always(Script(pieces=("It ", "works.")))
        for script, stream in ((Script(status=404), False), (Script(status=404), True), (Script(drop=True), True)):
            upstream.always(script)
            answer = await house.admin.post("/v1/chat/completions", {**ASKED, "stream": stream})
            assert answer.status == 200, answer.text
            assert "works." in answer.text
            assert upstream.seen[-1].path.endswith("completions")
    kept = await rows(house.admin, 3)
    assert {row["error"] for row in kept} == {""}
    assert (await money(house.admin))[1] == 0


async def test_after_the_first_byte_there_is_no_second_try(house: House, upstream: Upstream) -> None:
    await with_key(house, upstream)
    async with scripted_upstream() as second:
        await with_key(house, second)
        for each in (upstream, second):
            each.always(Script(pieces=("one ", "two ", "three"), cut_after=2))
        answer = await house.admin.post("/v1/chat/completions", {**ASKED, "stream": True})
        assert answer.status == 200
        assert events(answer)[-1]["error"]["code"] == "upstream_cut"
        assert not answer.text.endswith("[DONE]\n\n")
        assert len([seen for seen in (*upstream.seen, *second.seen) if seen.path.endswith("completions")]) == 1
    [row] = await rows(house.admin, 1)
    assert (row["error"], row["estimated"]) == ("cut", True)
    assert row["charged_usd"] > 0  # what came has to be paid
    assert await money(house.admin) == (row["charged_usd"], 0)


async def test_who_leaves_stops_the_endpoint_and_pays_for_what_came(house: House, upstream: Upstream) -> None:
    await with_key(house, upstream)
    upstream.always(Script(pieces=("word " * 50, "never"), stall_after=2))
    person = await runtime_key(house)
    headers = {"Authorization": f"Bearer {person.token}"}
    for face, body in (
        ("/v1/chat/completions", {**ASKED, "stream": True}),
        ("/v1/messages", {**ASKED, "stream": True}),
    ):
        upstream.left.clear()
        async with aiohttp.ClientSession() as http:
            answer = await http.post(house.base + face, json=body, headers=headers)
            while b"word" not in await answer.content.readany():
                pass
            answer.close()
        async with asyncio.timeout(5):
            await upstream.left.wait()
    kept = await rows(house.admin, 2)
    assert {row["error"] for row in kept} == {"left"}
    assert all(row["output_tokens"] >= 50 and row["estimated"] for row in kept)
    assert (await money(house.admin))[1] == 0
    upstream.left.clear()
    upstream.always(Script(silent=True))
    before = len(upstream.seen)
    async with aiohttp.ClientSession() as http:
        asking = asyncio.create_task(http.post(house.base + "/v1/chat/completions", json=ASKED, headers=headers))
        async with asyncio.timeout(5):
            while len(upstream.seen) == before:
                await asyncio.sleep(0)
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
    async with asyncio.timeout(5):
        await upstream.left.wait()
    await rows(house.admin, 3)
    assert (await money(house.admin))[1] == 0


async def test_a_budget_is_never_overspent(house: House, upstream: Upstream) -> None:
    await with_key(house, upstream)
    budget = 0.0005
    made = await house.admin.post(
        "/v1/workspaces", {"workspace_id": "garden", "name": "Garden", "monthly_budget_usd": budget}
    )
    assert made.status in (200, 201), made.text
    person = await runtime_key(house, workspace_id="garden", requests_per_minute=100_000)
    answers = await asyncio.gather(*(person.post("/v1/chat/completions", ASKED) for _ in range(200)))
    statuses = Counter(answer.status for answer in answers)
    assert set(statuses) == {200, 402}
    refused = next(answer for answer in answers if answer.status == 402)
    assert refused.json["code"] == "billing_required"
    assert refused.json["required_usd"] > 0
    charged = [float(answer.headers["x-tokaroo-cost"]) for answer in answers if answer.status == 200]
    assert sum(charged) <= budget
    assert {round(cost * 1e9) for cost in charged} == {round(COST * 1e9)}
    assert await money(house.admin) == (sum(round(cost * 1e9) for cost in charged) / 1e9, 0)


async def test_the_same_request_is_paid_once(house: House, upstream: Upstream) -> None:
    await with_key(house, upstream)
    headers = {"Idempotency-Key": "order-66"}
    first = await house.admin.post("/v1/chat/completions", ASKED, headers=headers)
    again = await house.admin.post("/v1/chat/completions", ASKED, headers=headers)
    other = await house.admin.post("/v1/chat/completions", {**ASKED, "n": 2}, headers=headers)
    assert (first.status, again.status, other.status) == (200, 200, 409)
    assert again.json == first.json
    asked = [seen for seen in upstream.seen if seen.path.endswith("completions")]
    assert len(asked) == 1
    assert await money(house.admin) == (COST, 0)


async def test_what_must_not_leave_the_house_does_not(house: House, upstream: Upstream) -> None:
    await with_key(house, upstream)
    labelled = await runtime_key(house, local_only=True)
    private = {**ASKED, "model": "auto"}
    for person, body, headers in (
        (house.admin, {**private, "local_only": True}, {}),
        (house.admin, private, {"X-Talome-Local-Only": "true"}),
        (house.admin, {**ASKED, "local_only": True}, {}),
        (labelled, private, {}),
        (labelled, {**private, "local_only": False}, {}),
    ):
        answer = await person.post("/v1/chat/completions", body, headers=headers)
        assert (answer.status, answer.json["code"]) == (403, "local_only")
    unclear = await house.admin.post("/v1/chat/completions", private, headers={"X-Talome-Local-Only": "maybe"})
    assert unclear.status == 400
    assert not [seen for seen in upstream.seen if seen.path.endswith("completions")]
    async with scripted_upstream() as box:
        await with_endpoint(house, box.openai)
        assert (await labelled.post("/v1/chat/completions", private)).status == 200
    assert not [seen for seen in upstream.seen if seen.path.endswith("completions")]
