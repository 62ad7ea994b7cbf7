"""Requests of each face as a chat, and chats as answers of each face."""

from typing import Any

import pytest

from talome.core.errors import Invalid
from talome.engines.providers.models import Tokens
from talome.gateway.faces import completions, messages, queries, responses
from talome.gateway.inference.asking import check_chat

TOKENS = Tokens(12, 8, 0, 5, 2)
TOOL = {"name": "weather", "description": "Tells it.", "input_schema": {"type": "object"}}
CALL = {"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": '{"city":"Bern"}'}}


def chunk(delta: dict[str, Any], reason: str | None = None) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": delta, "finish_reason": reason}]}


def test_a_message_with_everything_is_a_chat() -> None:
    image = {"type": "base64", "media_type": "image/png", "data": "AAAA"}
    body = {
        "model": "auto",
        "max_tokens": 100,
        "system": [{"type": "text", "text": "Be kind.", "cache_control": {"type": "ephemeral"}}],
        "stop_sequences": ["END"],
        "tools": [TOOL],
        "tool_choice": {"type": "tool", "name": "weather", "disable_parallel_tool_use": True},
        "messages": [
            {"role": "user", "content": [{"type": "text", "text": "Look"}, {"type": "image", "source": image}]},
            {
                "role": "assistant",
                "content": [
                    {"type": "thinking", "thinking": "Hm", "signature": "x"},
                    {"type": "text", "text": "I see."},
                    {"type": "tool_use", "id": "call_1", "name": "weather", "input": {"city": "Bern"}},
                ],
            },
            {
                "role": "user",
                "content": [{"type": "tool_result", "tool_use_id": "call_1", "content": "rain", "is_error": True}],
            },
        ],
    }
    messages.check(body)
    chat = messages.chat_of(body)
    check_chat(chat)
    assert chat["messages"] == [
        {"role": "system", "content": "Be kind."},
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "Look"},
                {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}},
            ],
        },
        {"role": "assistant", "content": "I see.", "tool_calls": [CALL]},
        {"role": "tool", "tool_call_id": "call_1", "content": "Error: rain"},
    ]
    assert chat["tool_choice"] == {"type": "function", "function": {"name": "weather"}}
    assert (chat["stop"], chat["max_tokens"], chat["parallel_tool_calls"]) == (["END"], 100, False)
    assert chat["tools"][0]["function"]["parameters"] == TOOL["input_schema"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"messages": []},
        {"messages": ["Hello"]},
        {"messages": [{"role": "user", "content": [{"type": "video"}]}]},
        {"messages": [{"role": "wizard", "content": "x"}]},
        {"messages": [{"role": "user", "content": "x"}], "tools": [{"type": "web_search_20250305", "name": "s"}]},
        {"messages": [{"role": "user", "content": "x"}], "mcp_servers": [{"url": "http://evil.example"}]},
        {"messages": [{"role": "user", "content": "x"}], "service_tier": "priority"},
    ],
)
def test_messages_that_are_refused(body: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        messages.check(body)
        messages.chat_of(body)


def test_a_stream_of_a_message_has_its_blocks_in_order() -> None:
    made = messages.MessageEvents(id="msg_1", shown="auto", tokens_in=7)
    events = made.feed([chunk({"reasoning_content": "Hm"}), chunk({"content": "Well"})])
    half = {"index": 0, "id": "call_1", "function": {"name": "weather", "arguments": '{"ci'}}
    events += made.feed([chunk({"tool_calls": [half]})])
    events += made.feed([chunk({"tool_calls": [{"index": 0, "function": {"arguments": 'ty":1}'}}]})])
    events += made.feed([chunk({}, "tool_calls")])
    events += made.end(TOKENS, 0.5)
    kinds = [event["type"] for event in events]
    block = ["content_block_start", "content_block_delta", "content_block_stop"]
    assert kinds == [
        "message_start",
        *block,
        *block,
        "content_block_start",
        "content_block_delta",
        "content_block_delta",
        "content_block_stop",
        "message_delta",
        "message_stop",
    ]
    assert [event["index"] for event in events if event["type"] == "content_block_stop"] == [0, 1, 2]
    assert events[-2]["delta"]["stop_reason"] == "tool_use"
    assert events[-2]["usage"]["output_tokens"] == 5


def test_a_response_with_everything_is_a_chat() -> None:
    body = {
        "model": "auto",
        "instructions": "Be kind.",
        "input": [
            {"role": "user", "content": [{"type": "input_text", "text": "Hi "}, {"type": "input_text", "text": "you"}]},
            {"type": "reasoning", "summary": []},
            {"type": "function_call", "call_id": "call_1", "name": "weather", "arguments": "{}"},
            {"type": "function_call_output", "call_id": "call_1", "output": "rain"},
        ],
        "tools": [{"type": "function", "name": "weather", "parameters": {}, "strict": True}],
        "tool_choice": {"type": "function", "name": "weather"},
        "text": {"format": {"type": "json_schema", "name": "answer", "schema": {"type": "object"}, "strict": True}},
        "reasoning": {"effort": "low"},
        "max_output_tokens": 50,
    }
    chat = responses.chat_of(body)
    check_chat(chat)
    assert [message["role"] for message in chat["messages"]] == ["system", "user", "assistant", "tool"]
    assert chat["messages"][1]["content"] == "Hi you"
    assert chat["response_format"]["json_schema"]["name"] == "answer"
    assert (chat["reasoning_effort"], chat["max_tokens"]) == ("low", 50)
    assert chat["tools"][0]["function"]["strict"] is True


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"input": []},
        {"input": "x", "previous_response_id": "resp_1"},
        {"input": "x", "background": True},
        {"input": "x", "tools": [{"type": "web_search"}]},
        {"input": [{"type": "computer_call_output"}]},
        {"input": [{"role": "user", "content": [{"type": "input_file"}]}]},
    ],
)
def test_responses_that_are_refused(body: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        responses.chat_of(body)


def test_a_streamed_response_says_at_its_end_what_came() -> None:
    made = responses.ResponseEvents({"input": "x"}, id="1", shown="auto")
    events = made.feed([chunk({"content": "Well"}), chunk({"tool_calls": [{"index": 0, **CALL}]}), chunk({}, "length")])
    events += made.end(TOKENS, 0.0)
    assert [event["sequence_number"] for event in events] == list(range(len(events)))
    assert events[-1]["type"] == "response.incomplete"
    whole = events[-1]["response"]
    assert whole["incomplete_details"] == {"reason": "max_output_tokens"}
    assert [item["type"] for item in whole["output"]] == ["message", "function_call"]
    assert whole["output"][1]["arguments"] == '{"city":"Bern"}'
    assert whole["usage"]["input_tokens"] == 20


def test_completions_and_queries() -> None:
    chat = completions.chat_of({"prompt": ["Once"], "max_tokens": 3, "model": "fast"})
    assert chat == {"messages": [{"role": "user", "content": "Once"}], "max_tokens": 3, "model": "fast"}
    for body in ({}, {"prompt": ["a", "b"]}, {"prompt": "a", "echo": True}, {"prompt": "a", "best_of": 5}):
        with pytest.raises(Invalid):
            completions.chat_of(body)
    asked = queries.chat_of({"prompt": "Hi", "context": {"room": "attic"}, "topP": 0.5}, chat=False)
    assert asked["messages"][0] == {"role": "system", "content": "room: attic"}
    assert asked["top_p"] == 0.5
    for body in (
        {},
        {"prompt": " "},
        {"prompt": "x" * 100_001},
        {"prompt": "x", "extra": 1},
        {"prompt": "x", "context": 5},
    ):
        with pytest.raises(Invalid):
            queries.chat_of(body, chat=False)
