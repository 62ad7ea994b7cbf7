"""Attacks by what the gateway asks: endpoints that lie, and addresses where keys and prompts must not go."""

import asyncio
import csv
import io
import json
from typing import Any

import pytest

from tests.app.gateway_attacks import (
    ASKED,
    CHAT,
    MESSAGE,
    answered,
    mistakes,
    nested,
    spent,
    streamed,
)
from tests.gateway.houses import with_endpoint, with_key
from tests.support.house import House
from tests.support.upstream import Script, Upstream

# --- endpoints that lie -----------------------------------------------------------------------------------------------


async def test_an_endpoint_that_lies_gets_no_mistake_out_of_us(
    house: House, upstream: Upstream, caplog: pytest.LogCaptureFixture
) -> None:
    """Wrong types were answered with 500, some of them after the charge."""
    await with_endpoint(house, upstream.openai)
    call = {"id": "c", "type": "function"}
    lies = [
        answered(finish_reason=["stop"]),
        answered(finish_reason={"a": 1}),
        answered(index="x"),
        answered(index=[1]),
        *(answered(message={"content": odd}) for odd in (5, {"a": 1}, [5], [{"text": 5}], True, nested(500))),
        *(answered(message={"content": "x", "tool_calls": odd}) for odd in (5, "x", [5], [None], {"a": 1})),
        *(answered(message={"tool_calls": [{**call, "function": odd}]}) for odd in (5, {"name": 5}, {"name": ["x"]})),
        answered(message={"reasoning_content": [1], "refusal": {"a": 1}}),
        answered(message=[]),
        answered(logprobs=nested(300)),
    ]
    faces = {
        CHAT: {**ASKED, "model": "auto"},
        "/v1/messages": {**ASKED, "model": "auto"},
        "/v1/responses": {"input": "x"},
        "/v1/completions": {"prompt": "x"},
        "/v2/query": {"prompt": "x"},
    }
    for lie in lies:
        for path, body in faces.items():
            upstream.next(*[lie] * 4)
            answer = await house.admin.post(path, body, headers={"X-Talome-Cache": "use"})
            upstream._queue.clear()
            assert answer.status in (200, 503), (path, lie.raw, answer.text)
    assert not mistakes(caplog)


async def test_an_endpoint_cannot_end_our_events(house: House, upstream: Upstream) -> None:
    """The name of an event of Anthropic's went through as it was, with its line ends."""
    await with_key(house, upstream, "anthropic")
    start = {"type": "message_start", "message": {"usage": {"input_tokens": 5, "output_tokens": 1}}}
    word = {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "x\n\ndata: evil\n\n"}}
    for odd in ("x\ndata: evil", "ping\r\n\r\nevent: evil", 5, None, ["x"], "evil: x"):
        upstream.next(streamed(start, word, {"type": odd, "x": 1}, {"type": "message_stop"}))
        answer = await house.admin.post("/v1/messages", {**MESSAGE, "stream": True})
        assert answer.status == 503, answer.text
        assert "evil" not in answer.text
    for wrong in ({"type": "message_start", "message": "x"}, {"type": "message_start"}, {"x": 1}):
        upstream.next(streamed(wrong, word, {"type": "message_stop"}))
        assert (await house.admin.post("/v1/messages", {**MESSAGE, "stream": True})).status in (200, 503)
    message = {"type": "message", "content": [{"type": "text", "text": "x"}], "usage": [5]}
    upstream.next(Script(raw=json.dumps(message).encode(), content_type="application/json"))
    assert (await house.admin.post("/v1/messages", MESSAGE)).status in (200, 503), "a 500 after the charge"


async def test_streams_of_the_wrong_shape(house: House, upstream: Upstream, caplog: pytest.LogCaptureFixture) -> None:
    await with_endpoint(house, upstream.openai)
    end = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
    deltas: list[Any] = [
        {"content": {"a": 1}},
        {"content": ["x"]},
        {"content": 5},
        {"tool_calls": [{"function": {"name": 5}}]},
        {"tool_calls": {"a": 1}},
        {"tool_calls": [{"index": [1], "function": {"arguments": 5}}]},
        {"reasoning": 5},
        {"tool_calls": [{"index": 0, "id": ["x"], "function": {"name": "f", "arguments": {"a": nested(300)}}}]},
        "x",
        [],
    ]
    for delta in deltas:
        said = {"choices": [{"index": 0, "delta": {"content": "x"}}]}
        for path, body in ((CHAT, ASKED), ("/v1/messages", ASKED), ("/v1/responses", {"input": "x"})):
            upstream.next(streamed(said, {"choices": [{"index": 0, "delta": delta}]}, end))
            answer = await house.admin.post(path, {**body, "model": "auto", "stream": True})
            assert answer.status in (200, 503), (path, delta, answer.text)
            assert answer.status == 503 or answer.text.endswith("\n\n"), (path, delta, answer.text[-300:])
            assert not mistakes(caplog), (path, delta)


async def test_counts_that_are_lies_make_no_money(house: House, upstream: Upstream) -> None:
    await with_key(house, upstream)
    lies: list[tuple[Any, Any]] = [
        (-5, -1_000_000),
        (5, -1_000_000),
        ("9", "x"),
        (1e300, 1e300),
        (10**30, 10**30),
        (None, []),
    ]
    for prompt, output in lies:
        usage = {"prompt_tokens": prompt, "completion_tokens": output, "prompt_tokens_details": {"cached_tokens": -9}}
        body = {"choices": [{"message": {"content": "x"}, "finish_reason": "stop"}], "usage": usage}
        upstream.next(Script(raw=json.dumps(body).encode(), content_type="application/json"))
        before = (await spent(house.admin))[0]
        assert (await house.admin.post(CHAT, ASKED)).status == 200
        assert before <= (await spent(house.admin))[0] <= before + 0.0001


# --- where keys and prompts may go ------------------------------------------------------------------------------------


async def test_addresses_that_lead_to_ourselves_or_away(house: House, upstream: Upstream) -> None:
    port = house.settings.terminal_port
    for url in (
        f"http://[::ffff:127.0.0.1]:{port}",
        f"http://[::ffff:7f00:1]:{port}",
        f"http://[::1]:{port}",
        f"http://localhost:{port}",
        f"http://127.0.0.1.:{port}",
        "http://[::ffff:127.0.0.1]:2375",
        "http://[64:ff9b::a9fe:a9fe]",
        "http://[2002:a9fe:a9fe::1]",
        "http://[fe80::1%25eth0]",
        "http://[fd00:ec2::254]",
        "http://0x7f000001:2375",
        "http://0177.0.0.1",
        "http://user@127.0.0.1:11434",
        "http://100.100.100.200",
        "unix:///var/run/docker.sock",
        "http+unix://%2Fvar%2Frun%2Fdocker.sock",
        "file:///etc/passwd",
        "gopher://127.0.0.1",
        "http://127.0.0.1:11434/v1#x",
        "http://127.0.0.1:11434\r\nX: y",
        "http://127.0.0.1\\@evil.example",
    ):
        for path, body in (
            ("/v1/local-endpoints", {"url": url}),
            ("/v1/provider-keys", {"provider": "custom", "secret": "sk-secret-secret", "base_url": url}),
        ):
            answer = await house.admin.post(path, body)
            assert answer.status in (400, 503), (url, answer.status, answer.text)
            assert "sk-secret-secret" not in answer.text
    assert not upstream.seen


async def test_a_name_cannot_move_inside(house: House, upstream: Upstream, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is on the internet when the key is added, and on this machine when the key is sent."""
    port = int(upstream.address.rpartition(":")[2])
    meanings = {"moves.example": "93.184.215.14"}
    loop = asyncio.get_running_loop()
    real = loop.getaddrinfo

    async def look_up(host: str, *args: Any, **more: Any) -> Any:
        return await real(meanings.get(host, host), *args, **more)

    monkeypatch.setattr(loop, "getaddrinfo", look_up)
    body = {"provider": "custom", "secret": "sk-secret", "models": ["m"], "base_url": f"http://moves.example:{port}/v1"}
    assert (await house.admin.post("/v1/provider-keys", body)).status == 201
    meanings["moves.example"] = "127.0.0.1"
    assert (await house.admin.post(CHAT, {**ASKED, "model": "m"})).status == 503
    assert not upstream.seen


async def test_headers_of_an_endpoint_carry_nothing_else(house: House, upstream: Upstream) -> None:
    for headers in (
        {"X": "a\r\nHost: evil"},
        {"X\r\nY": "a"},
        {"Host": "evil"},
        {"Transfer-Encoding": "chunked"},
        {"X": "ä"},
        {"Content-Length": "0"},
        {"": "x"},
        {"X:": "y"},
        {"x": "1", "X": "2"},
        {"X": "a\x00"},
        {"Cookie": "a=b"},
    ):
        answer = await house.admin.post("/v1/local-endpoints", {"url": upstream.openai, "headers": headers})
        assert answer.status == 400, headers
    assert not upstream.seen


async def test_a_key_stays_with_its_origin_and_out_of_sight(
    house: House, upstream: Upstream, caplog: pytest.LogCaptureFixture
) -> None:
    """Redirects are not followed, and nobody tells the key: no answer, error, list, log or file of usage."""
    await with_key(house, upstream)
    texts: list[str] = []
    where = f"http://{upstream.address}/elsewhere"
    for script in (
        Script(status=302, headers=(("Location", where),)),
        Script(status=307, headers=(("Location", where),)),
        Script(status=500),
        Script(status=400),
        Script(status=401),
        Script(raw=b'{"error":{"message":"sk-upstream-secret"}}'),
    ):
        for stream in (False, True):
            upstream.next(script)
            answer = await house.admin.post(CHAT, {**ASKED, "stream": stream})
            texts += [answer.text, str(answer.headers)]
    for path in (
        "/v1/provider-keys",
        "/v1/usage",
        "/v1/usage/export",
        "/v1/stats",
        "/v1/models",
        "/api/gateway/models",
    ):
        texts.append((await house.admin.get(path)).text)
    texts.append(caplog.text)
    assert not [text for text in texts if "sk-upstream" in text or "internal.example" in text]
    assert not [seen for seen in upstream.seen if "elsewhere" in seen.path]


async def test_cells_of_the_export_run_nothing(house: House, upstream: Upstream) -> None:
    await with_endpoint(house, upstream.openai)
    for begin in ("=", "+", "-", "@", "\t=", "\r=", "\n="):
        name = f'{begin}HYPERLINK("http://evil.example")'
        upstream.models = (name,)
        [known] = (await house.admin.get("/v1/local-endpoints")).json["data"]
        await house.admin.post(f"/v1/local-endpoints/{known['id']}/recheck")
        assert (await house.admin.post(CHAT, {**ASKED, "model": name})).status in (200, 404)
    async with asyncio.timeout(10):
        while "HYPERLINK" not in (text := (await house.admin.get("/v1/usage/export")).text):
            await asyncio.sleep(0.05)
    cells = [cell for row in csv.reader(io.StringIO(text, newline="")) for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "@", "\t", "\r", "\n"))]
    assert len([cell for cell in cells if cell.startswith(("'", "=")) and "HYPERLINK" in cell]) >= 6
