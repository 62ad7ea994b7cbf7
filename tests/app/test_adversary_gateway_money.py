"""Attacks on the money and the memory of a gateway: budgets, sizes that hide, numbers and bodies that are bombs."""

import asyncio
from typing import Any

import aiohttp
import pytest

from tests.app.gateway_attacks import (
    ASKED,
    CHAT,
    MESSAGE,
    give_back_all_credit,
    nested,
    spent,
)
from tests.gateway.houses import HELLO, PRICED, runtime_key, with_key
from tests.support.house import House
from tests.support.upstream import Script, Upstream

# --- money ------------------------------------------------------------------------------------------------------------


async def test_two_hundred_at_the_edge_of_a_budget_with_people_leaving(house: House, upstream: Upstream) -> None:
    await with_key(house, upstream)
    key = await runtime_key(house, monthly_budget_usd=0.0005, requests_per_minute=1000)
    upstream.always(Script(wait_s=0.1))

    async def ask(number: int) -> int:
        body = {**ASKED, "max_tokens": 100, "stream": number % 2 == 0}
        body["messages"] = [{"role": "user", "content": f"Question {number}"}]
        try:
            async with asyncio.timeout(0.15 if number % 3 == 0 else 30):
                return (await key.post(CHAT, body)).status
        except TimeoutError:
            return 0

    statuses = await asyncio.gather(*(ask(number) for number in range(200)))
    assert {200, 402} <= set(statuses) <= {0, 200, 402}
    async with asyncio.timeout(10):
        while (await spent(house.admin))[1]:
            await asyncio.sleep(0.02)
    assert 0 < (await spent(house.admin))[0] <= 0.0005


async def test_nothing_is_free_that_is_paid_elsewhere(house: House, upstream: Upstream) -> None:
    """With an empty wallet nothing that costs goes out, however the request hides its size."""
    await with_key(house, upstream)
    picture = {"model": "gpt-image-1", "prompt": "a cat", "quality": "high"}
    upstream.models = (*PRICED["openai"], "gpt-image-1")
    [known] = (await house.admin.get("/v1/provider-keys")).json["data"]
    await house.admin.post(f"/v1/provider-keys/{known['id']}/check")
    await give_back_all_credit(house)
    calls = len(upstream.seen)
    for path, body in (
        (CHAT, ASKED),
        (CHAT, {**ASKED, "max_tokens": None}),
        ("/v1/images/generations", picture),
        ("/v1/images/generations", {**picture, "model": "dall-e-3"}),
        ("/v1/audio/speech", {"model": "tts-1", "input": "x"}),
        ("/v1/embeddings", {"model": "text-embedding-3-small", "input": "x" * 100}),
    ):
        answer = await house.admin.post(path, body)
        assert answer.status == 402, (path, answer.text)
    assert len(upstream.seen) == calls


async def test_weight_that_hides_is_reserved(house: House, upstream: Upstream) -> None:
    """Whatever is sent along is paid, so it is reserved too, wherever in the body it stands."""
    await with_key(house, upstream)
    key = await runtime_key(house, monthly_budget_usd=0.001)
    assert (await key.post(CHAT, ASKED)).status == 200
    long = "long " * 20_000
    picture = {"type": "image_url", "text": "x", "image_url": {"url": "data:,"}}
    for hidden in (
        {"messages": [{"role": "user", "content": "x", "name": long}]},
        {"messages": [{"role": "user", "content": [{"type": "refusal", "refusal": long}]}]},
        {"messages": [{"role": "user", "content": [picture] * 90}]},
        {"prediction": {"type": "content", "content": long}},
    ):
        answer = await key.post(CHAT, {**ASKED, **hidden})
        assert answer.status == 402, (str(hidden)[:80], answer.text)
    thought = {"role": "assistant", "content": [{"type": "thinking", "thinking": long, "signature": "x"}]}
    answer = await key.post("/v1/messages", {**ASKED, "messages": [*HELLO, thought, *HELLO]})
    assert answer.status == 402, answer.text


async def test_the_longest_answer_is_what_was_reserved(house: House, upstream: Upstream) -> None:
    """Thinking raised it, and so did saying it twice."""
    await with_key(house, upstream, "anthropic")
    raised: tuple[dict[str, Any], ...] = (
        {"reasoning_effort": "xhigh"},
        {"thinking": {"type": "enabled", "budget_tokens": 4_000_000}},
        {"max_completion_tokens": 100, "max_tokens": 400_000},
    )
    for more in raised:
        answer = await house.admin.post(CHAT, {**MESSAGE, **more})
        assert answer.status == 200, answer.text
        assert upstream.seen[-1].body["max_tokens"] == 100
    calls = len(upstream.seen)
    refused: tuple[dict[str, Any], ...] = (
        {"mcp_servers": [{"url": "http://evil.example"}]},
        {"container": "c"},
        {"plugins": [{}]},
        {"models": ["x"]},
        {"tools": [{"type": "web_search_20250305", "name": "web_search"}]},
        {"tools": [{"google_search": {}}]},
        {"tools": [{"type": "function", "function": {"name": "f"}}, {"type": "code_execution_20250522"}]},
        {"service_tier": "priority"},
    )
    for more in refused:
        answer = await house.admin.post(CHAT, {**MESSAGE, **more})
        assert answer.status == 400, more
    assert len(upstream.seen) == calls


async def test_numbers_that_are_none(house: House, upstream: Upstream) -> None:
    await with_key(house, upstream)
    for name in ("max_tokens", "max_completion_tokens", "n"):
        for text in ("-1", "0", "1e400", "99999999999999999999", "1.5", "true", '"5"', "[]", "NaN", "Infinity", "-0"):
            raw = f'{{"model":"gpt-4o-mini","messages":[{{"role":"user","content":"x"}}],"{name}":{text}}}'
            sent = {"Content-Type": "application/json"}
            answer = await house.admin.call("POST", CHAT, data=raw, headers=sent)
            assert answer.status == 400, (name, text, answer.text)
    assert await spent(house.admin) == (0, 0)


# --- bodies -----------------------------------------------------------------------------------------------------------


async def test_bodies_that_are_bombs(house: House, upstream: Upstream) -> None:
    """What can be read but not written again was a mistake of ours in the log."""
    await with_key(house, upstream)
    odd: list[dict[str, Any]] = [{"tools": nested(500)}, {"metadata": nested(230)}, {"stop": nested(500)}]
    roles: list[Any] = [[], {}, 5, None, [["user"]]]
    tools: list[Any] = [{"a": 1}, 5, [5], [[]], [{"type": []}], [{"type": "function"}]]
    odd += [{"messages": [{"role": role, "content": "x"}]} for role in roles]
    odd += [{"tools": each} for each in tools]
    for more in odd:
        answer = await house.admin.post(CHAT, {**ASKED, **more})
        assert answer.status == 400, (str(more)[:80], answer.text[:200])
    for path in ("/v1/messages", "/v1/responses", "/v1/completions", "/v1/embeddings", "/v1/keys", "/v2/query"):
        answer = await house.admin.post(path, {**ASKED, "prompt": "x", "input": "x", "metadata": nested(300)})
        assert answer.status == 400, (path, answer.status)
    sent = {"Content-Type": "application/json", "Content-Length": str(64 * 1024 * 1024)}
    assert (
        await house.admin.call("POST", CHAT, data=b"[" * 200_000, headers={"Content-Type": "application/json"})
    ).status == 400
    reader, writer = await asyncio.open_connection("127.0.0.1", int(house.base.rpartition(":")[2]))
    head = {"Host": house.base.removeprefix("http://"), "Authorization": f"Bearer {house.admin.token}", **sent}
    lines = [f"POST {CHAT} HTTP/1.1", *(f"{name}: {value}" for name, value in head.items()), "", ""]
    writer.write("\r\n".join(lines).encode())
    assert b" 413 " in await asyncio.wait_for(reader.readline(), 5), "64 MB are refused before they are sent"
    writer.close()
    assert await spent(house.admin) == (0, 0)


async def test_forms_that_never_end(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts without a name counted for nothing, and nobody looked at the clock."""
    monkeypatch.setattr("talome.gateway.media.http._FORM_TIMEOUT_S", 0.3)
    path, sent = "/v1/audio/transcriptions", {"Content-Type": "multipart/form-data; boundary=b"}
    part = b"--b\r\nContent-Type: text/plain\r\n\r\nx\r\n"
    answer = await house.admin.call("POST", path, data=part * 100 + b"--b--\r\n", headers=sent)
    assert answer.status == 400, answer.text

    async def slowly() -> Any:
        yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.mp3"\r\n\r\n'
        while True:
            await asyncio.sleep(0.05)
            yield b"x"

    with pytest.raises((aiohttp.ClientError, AssertionError)):
        answer = await asyncio.wait_for(house.admin.call("POST", path, data=slowly(), headers=sent), 5)
        assert answer.status != 400
