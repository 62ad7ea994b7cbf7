"""Chat over all three shapes: the same question gives the same answer, whole and streamed."""

import asyncio
from typing import Any

import pytest

from talome.engines.providers.models import Endpoint, Tokens, UpstreamError
from talome.engines.providers.providers import Providers
from talome.engines.providers.stream import ChatStream
from tests.engines.providers.conftest import endpoint_of
from tests.support.upstream import Call, Script, Upstream

ASK = {"messages": [{"role": "user", "content": "Good morning?"}]}
THOUGHTFUL = Script(thoughts=("It is ", "morning."), calls=(Call("weather"), Call("time", "{}", "call_2", 1)))


async def read(stream: ChatStream) -> list[dict[str, Any]]:
    return [chunk async for chunks in stream for chunk in chunks]


def joined(chunks: list[dict[str, Any]], name: str) -> str:
    return "".join(chunk["choices"][0]["delta"].get(name) or "" for chunk in chunks)


def calls_of(chunks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """As a client puts them together: by index."""
    calls: dict[int, dict[str, Any]] = {}
    for chunk in chunks:
        for piece in chunk["choices"][0]["delta"].get("tool_calls") or ():
            call = calls.setdefault(piece["index"], {"arguments": ""})
            call |= {name: piece[name] for name in ("id", "type") if name in piece}
            call |= {name: text for name, text in piece["function"].items() if name != "arguments"}
            call["arguments"] += piece["function"].get("arguments") or ""
    return [calls[index] for index in sorted(calls)]


async def test_an_answer_in_one_piece(providers: Providers, upstream: Upstream, endpoint: Endpoint) -> None:
    upstream.next(THOUGHTFUL)
    answer = await providers.chat(endpoint, "model-1", ASK)
    [choice] = answer.body["choices"]
    assert answer.body["object"] == "chat.completion"
    assert choice["finish_reason"] == "tool_calls"
    assert choice["message"]["content"] == "Good morning."
    assert choice["message"]["reasoning_content"] == "It is morning."
    functions = [call["function"]["name"] for call in choice["message"]["tool_calls"]]
    assert functions == ["weather", "time"]
    assert all(call["id"] and "index" not in call for call in choice["message"]["tool_calls"])
    assert (answer.tokens.input, answer.tokens.cache_read, answer.tokens.output) == (12, 8, 5)
    assert answer.body["usage"]["prompt_tokens"] == 20
    assert answer.body["usage"]["prompt_tokens_details"] == {"cached_tokens": 8}


async def test_an_answer_as_a_stream(providers: Providers, upstream: Upstream, endpoint: Endpoint) -> None:
    upstream.next(THOUGHTFUL)
    stream = await providers.open_chat(endpoint, "model-1", ASK)
    chunks = await read(stream)
    assert joined(chunks, "content") == "Good morning."
    assert joined(chunks, "reasoning_content") == "It is morning."
    assert [chunk["choices"][0]["finish_reason"] for chunk in chunks if chunk["choices"][0]["finish_reason"]] == [
        "tool_calls"
    ]
    assert [call["name"] for call in calls_of(chunks)] == ["weather", "time"]
    assert [call["arguments"].replace(" ", "") for call in calls_of(chunks)] == ['{"city":"Bern"}', "{}"]
    assert stream.tokens is not None
    assert (stream.tokens.input, stream.tokens.cache_read, stream.tokens.output) == (12, 8, 5)
    assert stream.made > len("Good morning.It is morning.")
    assert not any("usage" in chunk for chunk in chunks)


async def test_the_question_stays_as_it_was(providers: Providers, upstream: Upstream, endpoint: Endpoint) -> None:
    body = {
        "messages": [
            {"role": "developer", "content": [{"type": "text", "text": "Hi", "cache_control": {"type": "ephemeral"}}]},
            {"role": "user", "content": "Hi"},
        ],
        "max_tokens": 10,
        "stream": True,
        "stream_options": {"include_usage": False},
    }
    before = repr(body)
    await read(await providers.open_chat(endpoint, "model-1", body))
    await providers.chat(endpoint, "model-1", body)
    assert repr(body) == before


async def test_a_connection_is_used_again(providers: Providers, upstream: Upstream, endpoint: Endpoint) -> None:
    for _ in range(3):
        await read(await providers.open_chat(endpoint, "model-1", ASK))
        await providers.chat(endpoint, "model-1", ASK)
    assert len(upstream.peers) == 1


async def test_tokens_that_nobody_counts_are_estimated(
    providers: Providers, upstream: Upstream, endpoint: Endpoint
) -> None:
    upstream.always(Script(tokens=None))
    answer = await providers.chat(endpoint, "model-1", ASK)
    assert answer.tokens == Tokens(input=8, output=4, estimated=True)
    stream = await providers.open_chat(endpoint, "model-1", ASK)
    await read(stream)
    assert stream.made == len("Good morning.")
    assert stream.tokens is None


async def test_a_request_of_no_tokens_is_not_believed(providers: Providers, upstream: Upstream) -> None:
    upstream.always(Script(tokens=(0, 0, 3, 0)))
    answer = await providers.chat(endpoint_of(upstream, "vllm"), "model-1", ASK)
    assert answer.tokens.estimated
    assert answer.tokens.input > 0


@pytest.mark.parametrize(
    ("calls", "expected"),
    [
        ((Call("a", "{}", "x", None), Call("b", "{}", "y", None)), ["a", "b"]),
        ((Call("a", "{}", "x", 0), Call("b", "{}", "y", 0)), ["a", "b"]),
        ((Call("a", "{}", "", 0), Call("b", "{}", "", 1)), ["a", "b"]),
        ((Call("a", "{}", "", 0), Call("b", "{}", "", 0)), ["a", "b"]),
        ((Call("a", "{}", "", None), Call("b", "{}", "", None)), ["a", "b"]),
        ((Call("a", "{}", "x", 5), Call("b", "{}", "y", 9)), ["a", "b"]),
    ],
    ids=["no index", "one index", "no id", "neither told apart", "nothing at all", "odd indexes"],
)
async def test_tool_calls_are_put_in_order(
    providers: Providers, upstream: Upstream, calls: tuple[Call, ...], expected: list[str]
) -> None:
    upstream.next(Script(pieces=(), calls=calls))
    made = calls_of(await read(await providers.open_chat(endpoint_of(upstream, "ollama"), "m", ASK)))
    assert [call["name"] for call in made] == expected
    assert [call["arguments"] for call in made] == ["{}", "{}"]
    assert all(call["id"] and call["type"] == "function" for call in made)
    assert len({call["id"] for call in made}) == 2


async def test_a_reader_may_give_up_waiting_and_come_back(
    providers: Providers, upstream: Upstream, endpoint: Endpoint
) -> None:
    upstream.next(Script(pieces=("one ", "two ", "three"), pace_s=0.05))
    stream = await providers.open_chat(endpoint, "m", ASK)
    chunks: list[dict[str, Any]] = []
    gave_up = 0
    while True:
        try:
            async with asyncio.timeout(0.01):
                chunks += await anext(stream)
        except TimeoutError:
            gave_up += 1
        except StopAsyncIteration:
            break
    assert gave_up
    assert joined(chunks, "content") == "one two three"


async def test_an_endpoint_that_cannot_stream(providers: Providers, upstream: Upstream) -> None:
    whole = b'{"choices": [{"message": {"role": "assistant", "content": "All at once."}, "finish_reason": "stop"}]}'
    upstream.next(Script(raw=whole))
    stream = await providers.open_chat(endpoint_of(upstream, "custom"), "m", ASK)
    chunks = await read(stream)
    assert joined(chunks, "content") == "All at once."
    assert chunks[0]["object"] == "chat.completion.chunk"
    assert stream.made == len("All at once.")


async def test_a_reader_who_leaves_ends_it_at_the_endpoint(
    providers: Providers, upstream: Upstream, endpoint: Endpoint
) -> None:
    upstream.next(Script(stall_after=2))
    stream = await providers.open_chat(endpoint, "m", ASK)
    await anext(stream)
    await stream.close()
    await asyncio.wait_for(upstream.left.wait(), 2)
    with pytest.raises(StopAsyncIteration):
        await anext(stream)


async def test_a_caller_who_is_cancelled_ends_it_at_the_endpoint(
    providers: Providers, upstream: Upstream, endpoint: Endpoint
) -> None:
    upstream.next(Script(silent=True))
    asked = asyncio.create_task(providers.chat(endpoint, "m", ASK))
    while not upstream.seen:
        await asyncio.sleep(0)
    asked.cancel()
    await asyncio.wait_for(upstream.left.wait(), 2)
    with pytest.raises(asyncio.CancelledError):
        await asked


async def test_messages_go_through_unchanged(providers: Providers, upstream: Upstream) -> None:
    endpoint = endpoint_of(upstream, "anthropic")
    thought = {"type": "thinking", "thinking": "Hm “ü” \u2028", "signature": "RXhhY3Q="}
    body = {
        "model": "auto",
        "max_tokens": 9,
        "system": [{"type": "text", "text": "Be kind.", "cache_control": {"type": "ephemeral", "ttl": "1h"}}],
        "messages": [{"role": "assistant", "content": [thought]}, {"role": "user", "content": "Hi"}],
        "something_new": {"a": 1.0},
    }
    upstream.always(THOUGHTFUL)
    answer = await providers.messages(endpoint, "claude-9", body, beta="new-thing-2026-01-01")
    assert answer.body["content"][0]["signature"] == "c2lnbmVk"
    assert answer.tokens == Tokens(input=12, cache_read=8, output=5)
    seen = upstream.seen[-1]
    assert seen.body == {**body, "model": "claude-9"}
    assert seen.headers["anthropic-beta"] == "new-thing-2026-01-01"
    stream = await providers.open_messages(endpoint, "claude-9", body)
    events = await read(stream)
    assert [event["type"] for event in events][:2] == ["message_start", "content_block_start"]
    assert events[-1]["type"] == "message_stop"
    assert "ping" not in {event["type"] for event in events}
    assert stream.tokens == Tokens(input=12, cache_read=8, output=5)
    assert await providers.count_tokens(endpoint, "claude-9", body) == 42


async def test_a_header_from_outside_cannot_carry_another(providers: Providers, upstream: Upstream) -> None:
    endpoint = endpoint_of(upstream, "anthropic")
    await providers.messages(endpoint, "m", {**ASK, "max_tokens": 5}, beta="a\r\nX-Evil: 1")
    assert "anthropic-beta" not in upstream.seen[-1].headers
    assert "X-Evil" not in upstream.seen[-1].headers


async def test_nothing_works_before_it_is_opened(upstream: Upstream) -> None:
    with pytest.raises(RuntimeError):
        await Providers().chat(endpoint_of(upstream, "openai"), "m", ASK)


async def test_a_blocked_question_ends_as_filtered(providers: Providers, upstream: Upstream) -> None:
    upstream.next(
        Script(raw=b'{"promptFeedback": {"blockReason": "SAFETY"}, "usageMetadata": {"promptTokenCount": 4}}')
    )
    answer = await providers.chat(endpoint_of(upstream, "google"), "gemini-3", ASK)
    assert answer.body["choices"][0]["finish_reason"] == "content_filter"
    assert answer.tokens.input == 4


async def test_an_empty_stream_is_an_error(providers: Providers, upstream: Upstream, endpoint: Endpoint) -> None:
    upstream.next(Script(raw=b": nothing\n\ndata: [DONE]\n\n", content_type="text/event-stream"))
    with pytest.raises(UpstreamError) as raised:
        await providers.open_chat(endpoint, "m", ASK)
    assert raised.value.kind == "malformed"
    assert not raised.value.started


async def test_nothing_tells_who_it_was(providers: Providers, upstream: Upstream) -> None:
    upstream.always(Script(calls=(Call("weather", id="toolu_01"),)))
    endpoint = endpoint_of(upstream, "anthropic")
    answer = await providers.chat(endpoint, "m", ASK)
    assert answer.body["choices"][0]["message"]["tool_calls"][0]["id"] == "call_01"
    assert calls_of(await read(await providers.open_chat(endpoint, "m", ASK)))[0]["id"] == "call_01"
    raw = b'{"choices": [{"message": {"content": "Hi"}, "native_finish_reason": "STOP", "finish_reason": "stop"}]}'
    upstream.next(Script(raw=raw))
    resold = await providers.chat(endpoint_of(upstream, "openrouter"), "m", ASK)
    assert "native_finish_reason" not in resold.body["choices"][0]
