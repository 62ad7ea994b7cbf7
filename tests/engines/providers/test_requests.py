"""What is sent: OpenAI's request in each provider's own form."""

from typing import Any

import pytest

from talome.engines.providers.anthropic_request import message_request
from talome.engines.providers.google_request import content_request
from talome.engines.providers.models import UpstreamError
from talome.engines.providers.quirks import chat_request

Json = dict[str, Any]
IMAGE = "data:image/png;base64,aGVsbG8="
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}}
TOOL = {"type": "function", "function": {"name": "weather", "description": "Weather.", "parameters": SCHEMA}}
JSON_SCHEMA = {"type": "json_schema", "json_schema": {"name": "a", "schema": SCHEMA, "strict": True}}
TALK: list[Json] = [
    {"role": "system", "content": "Be kind."},
    {"role": "user", "content": [{"type": "text", "text": "See:"}, {"type": "image_url", "image_url": {"url": IMAGE}}]},
    {
        "role": "assistant",
        "content": None,
        "tool_calls": [
            {"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": '{"city": "Bern"}'}},
            {"id": "call_2", "type": "function", "function": {"name": "time", "arguments": ""}},
        ],
    },
    {"role": "tool", "tool_call_id": "call_1", "content": "Sunny"},
    {"role": "tool", "tool_call_id": "call_2", "content": [{"type": "text", "text": "Noon"}]},
    {"role": "user", "content": "Thanks"},
]


def user(content: Any) -> Json:
    return {"messages": [{"role": "user", "content": content}]}


def test_a_conversation_for_anthropic() -> None:
    made = message_request({"messages": TALK}, "claude-sonnet-4-5", stream=False)
    assert made["system"] == [{"type": "text", "text": "Be kind."}]
    assert [turn["role"] for turn in made["messages"]] == ["user", "assistant", "user"]
    question, calls, results = (turn["content"] for turn in made["messages"])
    assert question[1] == {
        "type": "image",
        "source": {"type": "base64", "media_type": "image/png", "data": "aGVsbG8="},
    }
    assert calls == [
        {"type": "tool_use", "id": "call_1", "name": "weather", "input": {"city": "Bern"}},
        {"type": "tool_use", "id": "call_2", "name": "time", "input": {}},
    ]
    assert [block["type"] for block in results] == ["tool_result", "tool_result", "text"]
    assert results[0] == {
        "type": "tool_result",
        "tool_use_id": "call_1",
        "content": [{"type": "text", "text": "Sunny"}],
    }
    assert made["max_tokens"] > 0


def test_marks_for_the_cache_stay_for_anthropic() -> None:
    mark = {"type": "ephemeral", "ttl": "1h"}
    body = {
        "messages": [
            {"role": "system", "content": [{"type": "text", "text": "Long", "cache_control": mark}]},
            {"role": "user", "content": "Hi", "cache_control": mark},
        ],
        "tools": [{**TOOL, "cache_control": mark}],
    }
    made = message_request(body, "claude-sonnet-4-5", stream=True)
    assert made["system"][0]["cache_control"] == mark
    assert made["messages"][0]["content"][0]["cache_control"] == mark
    assert made["tools"][0]["cache_control"] == mark
    assert made["stream"] is True


def test_thoughts_go_back_with_their_signature() -> None:
    thought = {"type": "thinking", "thinking": "Hm", "signature": "c2ln"}
    body = {"messages": [{"role": "user", "content": "a"}, {**TALK[2], "thinking_blocks": [thought]}]}
    made = message_request(body, "claude-sonnet-4-5", stream=False)
    assert made["messages"][1]["content"][0] == thought
    assert made["messages"][1]["content"][1]["type"] == "tool_use"


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ("auto", {"type": "auto"}),
        ("required", {"type": "any"}),
        ("none", {"type": "none"}),
        ({"type": "function", "function": {"name": "weather"}}, {"type": "tool", "name": "weather"}),
    ],
)
def test_the_choice_of_tools_for_anthropic(choice: Any, expected: Json) -> None:
    made = message_request({**user("Hi"), "tools": [TOOL], "tool_choice": choice}, "claude-3-5-haiku", stream=False)
    assert made["tool_choice"] == expected
    assert made["tools"] == [{"name": "weather", "description": "Weather.", "input_schema": SCHEMA}]


def test_one_tool_at_a_time_for_anthropic() -> None:
    made = message_request({**user("Hi"), "tools": [TOOL], "parallel_tool_calls": False}, "claude-3", stream=False)
    assert made["tool_choice"] == {"type": "auto", "disable_parallel_tool_use": True}


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("claude-3-5-sonnet-20241022", None),
        ("claude-3-7-sonnet-20250219", {"type": "enabled", "budget_tokens": 24_576}),
        ("claude-sonnet-4-20250514", {"type": "enabled", "budget_tokens": 24_576}),
        ("claude-opus-4-5-20251101", {"type": "enabled", "budget_tokens": 24_576}),
        ("claude-opus-4-6", {"type": "adaptive"}),
        ("claude-sonnet-5", {"type": "adaptive"}),
    ],
)
def test_reasoning_for_each_generation_of_claude(model: str, expected: Json | None) -> None:
    body = {**user("Hi"), "reasoning_effort": "high", "temperature": 0.2, "max_tokens": 30_000}
    made = message_request({**body, "tools": [TOOL], "tool_choice": "required"}, model, stream=False)
    assert made.get("thinking") == expected
    if expected is None:
        assert made["temperature"] == 0.2
        assert made["tool_choice"] == {"type": "any"}
        return
    assert "temperature" not in made
    assert made["tool_choice"] == {"type": "auto"}, "a model that thinks may not be forced to a tool"
    assert made["max_tokens"] > expected.get("budget_tokens", 0)


def test_other_wishes_for_anthropic() -> None:
    body = {**user("Hi"), "stop": "END", "temperature": 1.7, "top_p": 0.9, "user": "u", "logit_bias": {"1": 2}}
    made = message_request(
        {**body, "response_format": JSON_SCHEMA, "max_completion_tokens": 7}, "claude-5", stream=False
    )
    assert made["stop_sequences"] == ["END"]
    assert made["temperature"] == 1.0
    assert made["metadata"] == {"user_id": "u"}
    assert made["max_tokens"] == 7
    assert made["output_config"] == {"format": {"type": "json_schema", "schema": SCHEMA}}
    assert "logit_bias" not in made
    loose = message_request({**user("Hi"), "response_format": {"type": "json_object"}}, "claude-5", stream=False)
    assert "JSON" in loose["system"][0]["text"]


def test_a_schema_for_an_older_claude_is_told_in_words() -> None:
    made = message_request({**user("Hi"), "response_format": JSON_SCHEMA}, "claude-3-5-haiku-20241022", stream=False)
    assert "output_config" not in made
    assert '"city"' in made["system"][0]["text"]


def test_tools_of_the_provider_itself_go_through() -> None:
    search = {"type": "web_search_20250305", "name": "web_search"}
    assert message_request({**user("Hi"), "tools": [TOOL, search]}, "claude-5", stream=False)["tools"][1] == search
    made = content_request({**user("Hi"), "tools": [{"googleSearch": {}}, TOOL]}, "gemini-3")
    assert [next(iter(tool)) for tool in made["tools"]] == ["functionDeclarations", "googleSearch"]


def test_a_conversation_for_google() -> None:
    made = content_request({"messages": TALK}, "gemini-3-pro")
    assert made["systemInstruction"] == {"parts": [{"text": "Be kind."}]}
    assert [turn["role"] for turn in made["contents"]] == ["user", "model", "user"]
    question, calls, results = (turn["parts"] for turn in made["contents"])
    assert question == [{"text": "See:"}, {"inlineData": {"mimeType": "image/png", "data": "aGVsbG8="}}]
    assert calls[0] == {"functionCall": {"name": "weather", "args": {"city": "Bern"}}}
    assert results[0] == {"functionResponse": {"name": "weather", "response": {"result": "Sunny"}}}
    assert results[1] == {"functionResponse": {"name": "time", "response": {"result": "Noon"}}}
    assert results[2] == {"text": "Thanks"}


def test_a_signature_goes_back_to_google() -> None:
    call = {**TALK[2]["tool_calls"][0], "extra_content": {"google": {"thought_signature": "c2ln"}}}
    made = content_request({"messages": [TALK[1], {"role": "assistant", "tool_calls": [call]}]}, "gemini-3-pro")
    assert made["contents"][1]["parts"][0]["thoughtSignature"] == "c2ln"


def test_other_wishes_for_google() -> None:
    body = {
        **user([{"type": "input_audio", "input_audio": {"format": "mp3", "data": "AA=="}}]),
        "tools": [TOOL],
        "tool_choice": {"type": "function", "function": {"name": "weather"}},
        "response_format": JSON_SCHEMA,
        "max_tokens": 9,
        "stop": ["A", "B"],
        "temperature": 0.5,
        "n": 2,
    }
    made = content_request(body, "gemini-2.5-flash")
    assert made["contents"][0]["parts"] == [{"inlineData": {"mimeType": "audio/mp3", "data": "AA=="}}]
    [declaration] = made["tools"][0]["functionDeclarations"]
    assert declaration == {"name": "weather", "description": "Weather.", "parametersJsonSchema": SCHEMA}
    assert made["toolConfig"]["functionCallingConfig"] == {"mode": "ANY", "allowedFunctionNames": ["weather"]}
    assert made["generationConfig"] == {
        "temperature": 0.5,
        "candidateCount": 2,
        "maxOutputTokens": 9,
        "stopSequences": ["A", "B"],
        "responseMimeType": "application/json",
        "responseJsonSchema": SCHEMA,
    }


@pytest.mark.parametrize(
    ("model", "effort", "expected"),
    [
        ("gemini-2.5-flash", "none", {"thinkingBudget": 0, "includeThoughts": False}),
        ("gemini-2.5-pro", "low", {"thinkingBudget": 1024, "includeThoughts": True}),
        ("gemini-3-pro", "medium", {"thinkingLevel": "medium", "includeThoughts": True}),
    ],
)
def test_reasoning_for_google(model: str, effort: str, expected: Json) -> None:
    made = content_request({**user("Hi"), "reasoning_effort": effort}, model)
    assert made["generationConfig"]["thinkingConfig"] == expected


@pytest.mark.parametrize(
    ("provider", "expected"),
    [
        ("openai", {"max_completion_tokens": 9}),
        ("groq", {"max_completion_tokens": 9}),
        ("mistral", {"max_tokens": 9}),
        ("ollama", {"max_tokens": 9}),
        ("something-else", {"max_tokens": 9}),
    ],
)
@pytest.mark.parametrize("given", ["max_tokens", "max_completion_tokens"])
def test_the_longest_answer_by_its_name(provider: str, given: str, expected: Json) -> None:
    made = chat_request({**user("Hi"), given: 9}, provider, "m", stream=False)
    assert {name: made[name] for name in made if name.startswith("max")} == expected


def test_the_usage_of_a_stream_is_always_asked_for() -> None:
    given = {**user("Hi"), "stream_options": {"include_usage": False, "more": 1}}
    assert chat_request(given, "openai", "m", stream=True)["stream_options"] == {"include_usage": True, "more": 1}
    assert "stream_options" not in chat_request(given, "openai", "m", stream=False)
    assert "stream_options" not in chat_request(given, "mistral", "m", stream=True)


def test_unknown_fields_go_through() -> None:
    made = chat_request({**user("Hi"), "brand_new": [1], "prompt_cache_key": "k"}, "openai", "m", stream=False)
    assert made["brand_new"] == [1]
    assert made["prompt_cache_key"] == "k"


@pytest.mark.parametrize(
    ("provider", "kept"), [("openai", False), ("groq", False), ("openrouter", True), ("custom", True)]
)
def test_marks_for_the_cache_go_where_they_are_known(provider: str, kept: bool) -> None:
    part = {"type": "text", "text": "Hi", "cache_control": {"type": "ephemeral"}}
    made = chat_request(user([part]), provider, "m", stream=False)
    assert ("cache_control" in made["messages"][0]["content"][0]) is kept


def test_what_some_do_not_understand() -> None:
    talk = {"messages": [{"role": "developer", "content": "Hi"}]}
    assert chat_request(talk, "openai", "m", stream=False)["messages"][0]["role"] == "developer"
    assert chat_request(talk, "llamacpp", "m", stream=False)["messages"][0]["role"] == "system"
    assert chat_request({**user("Hi"), "seed": 4}, "mistral", "m", stream=False)["random_seed"] == 4
    assert chat_request({**user("Hi"), "tool_choice": "required"}, "mistral", "m", stream=False)["tool_choice"] == "any"
    loose = chat_request({**user("Hi"), "response_format": JSON_SCHEMA}, "deepseek", "m", stream=False)
    assert loose["response_format"] == {"type": "json_object"}
    detailed = user([{"type": "image_url", "image_url": {"url": IMAGE, "detail": "high"}}])
    assert chat_request(detailed, "openai", "m", stream=False)["messages"] == detailed["messages"]
    plain = chat_request(detailed, "ollama", "m", stream=False)["messages"][0]["content"][0]
    assert plain["image_url"] == {"url": IMAGE}


@pytest.mark.parametrize("provider", ["ollama", "vllm", "llamacpp", "lmstudio", "localai", "custom"])
def test_an_endpoint_in_the_house_is_sent_nowhere(provider: str) -> None:
    """It would fetch what the asker cannot reach, and tell outside what was to stay inside."""
    for url in ("http://169.254.169.254/", "https://pictures.example/1.png", "file:///etc/passwd", "//x", "", 5, None):
        for name in ("image_url", "video_url", "audio_url", "input_image"):
            for part in ({"type": name, name: {"url": url}}, {"type": name, name: url}, {name: {"url": url}}):
                with pytest.raises(UpstreamError) as raised:
                    chat_request(user([part]), provider, "m", stream=False, local=True)
                assert raised.value.kind == "refused"
    inside = user([{"type": "text", "text": "See http://a"}, {"type": "image_url", "image_url": {"url": IMAGE}}])
    assert chat_request(inside, provider, "m", stream=False, local=True)["messages"] == inside["messages"]


@pytest.mark.parametrize(
    ("provider", "body"),
    [
        ("ollama", user([{"type": "image_url", "image_url": {"url": "https://pictures.example/1.png"}}])),
        ("groq", {**user("Hi"), "n": 2}),
        ("anthropic", {**user("Hi"), "n": 2}),
        ("anthropic", user([{"type": "input_audio", "input_audio": {"data": "AA==", "format": "wav"}}])),
        ("anthropic", user([{"type": "image_url", "image_url": {"url": "file:///etc/passwd"}}])),
        ("anthropic", user([{"type": "file", "file": {"file_id": "file-1"}}])),
        ("anthropic", {"messages": "Hi"}),
        ("anthropic", {"messages": [{"role": "user", "content": ["Hi"]}]}),
        ("anthropic", {**user("Hi"), "tools": "all"}),
        ("anthropic", {"messages": [{**TALK[2], "tool_calls": [{"function": {"arguments": "{"}}]}]}),
        ("google", user([{"type": "image_url", "image_url": {"url": "gopher://x"}}])),
        ("google", {"messages": [{"role": "tool", "tool_call_id": "unknown", "content": "?"}]}),
    ],
)
def test_what_cannot_be_said_is_refused(provider: str, body: Json) -> None:
    with pytest.raises(UpstreamError) as raised:
        if provider == "anthropic":
            message_request(body, "claude-5", stream=False)
        elif provider == "google":
            content_request(body, "gemini-3")
        else:
            chat_request(body, provider, "m", stream=False)
    assert (raised.value.kind, raised.value.status) == ("refused", 400)
