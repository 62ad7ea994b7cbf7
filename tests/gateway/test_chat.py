"""Chats through the whole house: what each face says, what goes to the endpoint, and what nobody gets to see."""

import orjson

from tests.gateway.houses import HELLO, runtime_key, with_endpoint, with_key
from tests.support.house import Answer, House
from tests.support.upstream import Call, Script, Upstream

pytest_plugins = ("tests.support.upstream",)
LEAKS = ("upstream-model", "chatcmpl-upstream", "fp_upstream", "sk-upstream", "msg_upstream", "claude-upstream")


def events(answer: Answer) -> list[dict]:
    """What the `data:` lines of a stream carry, but for the closing word."""
    lines = [line[6:] for line in answer.text.split("\n") if line.startswith("data: ")]
    return [orjson.loads(line) for line in lines if line != "[DONE]"]


def assert_nothing_leaks(answer: Answer) -> None:
    seen = answer.text + " ".join(f"{name}: {value}" for name, value in answer.headers.items())
    for word in LEAKS:
        assert word not in seen


async def test_a_chat_goes_through_and_shows_no_provider(house: House, upstream: Upstream) -> None:
    await with_endpoint(house, upstream.openai)
    upstream.next(Script(headers=(("x-groq-region", "eu"), ("openai-organization", "acme"))))
    body = {"model": "auto", "messages": HELLO, "temperature": 0.3, "repetition_penalty": 1.1, "seed": 7}
    answer = await house.admin.post("/v1/chat/completions", body)
    assert answer.json["model"] == "auto"
    assert answer.json["choices"][0]["message"]["content"] == "Good morning."
    assert answer.json["usage"]["prompt_tokens"] == 20
    assert "provider" not in answer.json
    assert (answer.headers["x-tokaroo-cache"], answer.headers["x-tokaroo-cost"]) == ("miss", "0.0")
    assert not {"x-groq-region", "openai-organization"} & {name.lower() for name in answer.headers}
    assert_nothing_leaks(answer)
    sent = upstream.seen[-1].body
    assert (sent["repetition_penalty"], sent["seed"], sent["temperature"]) == (1.1, 7, 0.3)
    assert sent["model"] == "large-model"


async def test_a_stream_ends_with_its_cost(house: House, upstream: Upstream) -> None:
    await with_key(house, upstream)
    body = {"model": "gpt-4o-mini", "messages": HELLO, "stream": True, "stream_options": {"include_usage": True}}
    answer = await house.admin.post("/v1/chat/completions", body)
    assert answer.text.endswith("data: [DONE]\n\n")
    chunks = events(answer)
    assert "".join(chunk["choices"][0]["delta"].get("content", "") for chunk in chunks[:-1]) == "Good morning."
    assert len({chunk["id"] for chunk in chunks}) == 1
    assert chunks[-1]["usage"]["cost"] > 0
    assert answer.headers["X-Accel-Buffering"] == "no"
    assert_nothing_leaks(answer)
    plain = await house.admin.post("/v1/chat/completions", {**body, "stream_options": None})
    assert all("usage" not in chunk for chunk in events(plain))


async def test_tool_calls_without_an_index_get_one(house: House, upstream: Upstream) -> None:
    await with_endpoint(house, upstream.openai)
    tools = [{"type": "function", "function": {"name": "weather", "parameters": {"type": "object"}}}]
    upstream.always(Script(pieces=(), calls=(Call("weather", index=None), Call("time", id="call_2", index=None))))
    body = {"model": "auto", "messages": HELLO, "stream": True, "tools": tools}
    chunks = events(await house.admin.post("/v1/chat/completions", body))
    calls = [call for chunk in chunks for call in chunk["choices"][0]["delta"].get("tool_calls", ())]
    assert {call["index"] for call in calls} == {0, 1}
    assert chunks[-1]["choices"][0]["finish_reason"] == "tool_calls"
    message = await house.admin.post(
        "/v1/messages",
        {
            "model": "auto",
            "max_tokens": 50,
            "messages": HELLO,
            "stream": True,
            "tools": [{"name": "weather", "input_schema": {"type": "object"}}],
        },
    )
    blocks = [event["content_block"] for event in events(message) if event["type"] == "content_block_start"]
    assert [(block["type"], block["name"]) for block in blocks] == [("tool_use", "weather"), ("tool_use", "time")]


async def test_talocode_sees_the_provider(house: House, upstream: Upstream) -> None:
    await with_endpoint(house, upstream.openai)
    for path, model in (("/v1/router/chat/completions", "auto"), ("/v1/chat/completions", "talocode/auto")):
        answer = await house.admin.post(path, {"model": model, "messages": HELLO})
        assert (answer.json["model"], answer.json["provider"]) == (model, "vllm")


async def test_anthropic_answers_anthropic_as_it_is(house: House, upstream: Upstream) -> None:
    await with_key(house, upstream, "anthropic")
    upstream.always(Script(thoughts=("Hm",)))
    body = {
        "model": "claude-sonnet-4-5",
        "max_tokens": 2000,
        "system": [{"type": "text", "text": "Be kind.", "cache_control": {"type": "ephemeral"}}],
        "messages": HELLO,
    }
    answer = await house.admin.post("/v1/messages", body, headers={"anthropic-version": "2023-06-01"})
    assert answer.status == 200, answer.text
    assert answer.json["content"][0] == {"type": "thinking", "thinking": "Hm", "signature": "c2lnbmVk"}
    assert upstream.seen[-1].body["system"] == body["system"]
    assert_nothing_leaks(answer)
    stream = await house.admin.post("/v1/messages", {**body, "stream": True})
    assert [event["type"] for event in events(stream)][-1] == "message_stop"
    assert_nothing_leaks(stream)


async def test_chaozcode_queries(house: House, upstream: Upstream) -> None:
    await with_endpoint(house, upstream.openai)
    whole = await house.admin.post("/v2/query", {"prompt": "Hello", "systemPrompt": "Be short.", "maxTokens": 9})
    assert (whole.json["text"], whole.json["finishReason"]) == ("Good morning.", "stop")
    assert upstream.seen[-1].body["messages"][0] == {"role": "system", "content": "Be short."}
    stream = events(await house.admin.post("/v2/query/stream", {"prompt": "Hello"}))
    assert [event["type"] for event in stream] == ["start", "delta", "delta", "delta", "done"]
    chat = await house.admin.post("/v2/query/chat", {"messages": HELLO, "conversationId": "c1"})
    assert chat.json["conversationId"] == "c1"
    refused = await house.admin.post("/v2/query", {})
    assert refused.status == 400
    assert refused.json["error"]["code"] == "INVALID_REQUEST"


WRONG: list[tuple[dict, str]] = [
    ({"messages": "Hello"}, "messages"),
    ({"messages": [{"role": "wizard", "content": "x"}]}, "messages.0.role"),
    ({"messages": [{"role": "user", "content": 5}]}, "messages.0.content"),
    ({"messages": HELLO, "model": 5}, "model"),
    ({"messages": HELLO, "n": 1000}, "n"),
    ({"messages": HELLO, "max_tokens": -1}, "max_tokens"),
    ({"messages": HELLO, "stream": "yes"}, "stream"),
    ({"messages": HELLO, "service_tier": "priority"}, "service_tier"),
    ({"messages": HELLO, "models": ["openai/o1-pro"]}, "models"),
    ({"messages": HELLO, "local_only": "yes"}, "local_only"),
]


async def test_what_is_wrong_is_told(house: House, upstream: Upstream) -> None:
    await with_endpoint(house, upstream.openai)
    asked = len(upstream.seen)
    for body, field in WRONG:
        answer = await house.admin.post("/v1/chat/completions", body)
        assert (answer.status, answer.json["field"]) == (400, field)
    deep = b'{"messages":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    for raw, status in ((b"{", 400), (b"[]", 400), (b'"x"', 400), (deep, 400), (b"\xff\xfe", 400)):
        answer = await house.admin.call(
            "POST", "/v1/chat/completions", data=raw, headers={"Content-Type": "application/json"}
        )
        assert answer.status == status
    typed = await house.admin.call("POST", "/v1/chat/completions", data=b"{}", headers={"Content-Type": "text/plain"})
    assert typed.status == 415
    assert len(upstream.seen) == asked


async def test_only_the_right_gets_in(house: House, upstream: Upstream) -> None:
    for path in ("/v1/chat/completions", "/v1/messages", "/v1/responses", "/v2/query", "/v1/embeddings"):
        assert (await house.nobody.post(path, {"messages": HELLO})).status == 401
        stranger = await house.key(["containers:read"])
        assert (await stranger.post(path, {"messages": HELLO})).status == 403
    assert (await house.nobody.get("/metrics")).status == 401
    assert (await (await house.key(["gateway:read"])).get("/metrics")).status == 403
    assert upstream.seen == []


async def test_a_stranger_key_header_of_anthropic_counts(house: House, upstream: Upstream) -> None:
    await with_endpoint(house, upstream.openai)
    person = await runtime_key(house)
    body = {"model": "auto", "max_tokens": 5, "messages": HELLO}
    answer = await house.nobody.post("/v1/messages", body, headers={"x-api-key": str(person.token)})
    assert answer.status == 200, answer.text
    refused = await house.nobody.post("/v1/messages", body, headers={"x-api-key": "tok_wrong"})
    assert (refused.status, refused.json["error"]["type"]) == (401, "authentication_error")
