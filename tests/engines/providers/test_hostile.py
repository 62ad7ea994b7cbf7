"""Whatever is asked or answered: something in the right shape comes of it, or an `UpstreamError`."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from talome.engines.providers import anthropic_answer, google, openai
from talome.engines.providers.anthropic_request import message_request
from talome.engines.providers.google_request import content_request
from talome.engines.providers.models import UpstreamError
from talome.engines.providers.quirks import chat_request
from talome.engines.providers.refusals import error_of_event, error_of_status
from talome.engines.providers.stream import Translator
from talome.engines.providers.usage import estimated_input

Json = dict[str, Any]
_WORDS = (
    "text thinking tool_use content_block_start content_block_delta message_delta message_start STOP user assistant"
    " tool system image_url file function json_schema data:image/png;base64,AA=="
)
WORDS = st.sampled_from(_WORDS.split())
LEAVES = st.none() | st.booleans() | st.integers(-5, 10**12) | st.floats(allow_nan=False) | WORDS | st.text(max_size=5)
_RESPONSE = (
    "choices delta message content tool_calls function arguments name id index usage error finish_reason reasoning"
    " prompt_tokens prompt_tokens_details x_groq type text code content_block candidates parts functionCall args"
    " finishReason usageMetadata inlineData promptFeedback thinking signature partial_json stop_reason input_tokens"
)
_REQUEST = (
    "role content type text image_url url file file_data tool_calls function name user arguments id tool_call_id"
    " cache_control thinking_blocks tools tool_choice stop n input response_format json_schema schema max_tokens"
    " temperature reasoning_effort thinking seed output_config budget_tokens extra_content google input_audio"
    " stream_options parameters"
)
RESPONSE, REQUEST = _RESPONSE.split(), _REQUEST.split()


def values(names: list[str]) -> st.SearchStrategy[Any]:
    return st.recursive(
        LEAVES,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(names), inner, max_size=5),
        max_leaves=12,
    )


def objects(names: list[str]) -> st.SearchStrategy[Json]:
    return st.dictionaries(st.sampled_from(names), values(names), max_size=6)


TRANSLATORS: list[Callable[[], Translator]] = [
    openai.Chunks,
    lambda: anthropic_answer.Chunks("m"),
    anthropic_answer.Kept,
    lambda: google.Chunks("m"),
]


@pytest.mark.parametrize("make", TRANSLATORS, ids=["openai", "anthropic", "kept", "google"])
@settings(max_examples=60, deadline=None)
@example([{"choices": [{"delta": {"tool_calls": [{"function": {"name": 5}}, {"function": None}]}}]}])
@given(st.lists(objects(RESPONSE) | st.builds(lambda choice: {"choices": [choice]}, objects(RESPONSE)), max_size=4))
def test_events(make: Callable[[], Translator], events: list[Json]) -> None:
    translator = make()
    with suppress(UpstreamError):
        for event in events:
            for chunk in translator.take(event, started=True):
                assert isinstance(chunk, dict)
    assert translator.made >= 0
    tokens = translator.tokens
    assert tokens is None or min(tokens.input, tokens.cache_read, tokens.output, tokens.reasoning) >= 0


@settings(max_examples=80, deadline=None)
@example({"choices": [{"message": {"tool_calls": [{"function": {"name": 5}}]}}]})
@given(objects(RESPONSE) | st.builds(lambda message: {"choices": [{"message": message}]}, objects(RESPONSE)))
def test_answers(answer: Json) -> None:
    for read in (
        lambda: openai.check_completion(answer, started=False),
        lambda: anthropic_answer.completion(answer, "m"),
    ):
        with suppress(UpstreamError):
            read()
    assert error_of_event(answer.get("error"), started=False).public
    assert error_of_status(400, None, repr(answer).encode()).public


@settings(max_examples=120, deadline=None)
@example({"stop": 5}, [], "openai")
@example(
    {
        "output_config": "x",
        "reasoning_effort": "low",
        "response_format": {"type": "json_schema", "json_schema": {"schema": {}}},
    },
    [],
    "openai",
)
@example({}, [{"role": "assistant", "tool_calls": 5}], "openai")
@given(
    objects(REQUEST),
    st.lists(objects(REQUEST), max_size=3),
    st.sampled_from(["openai", "ollama", "mistral", "deepseek"]),
)
def test_questions(body: Json, messages: list[Json], provider: str) -> None:
    body["messages"] = messages
    for make in (
        lambda: chat_request(body, provider, "m", stream=True),
        lambda: message_request(body, "claude-4-5", stream=True),
        lambda: content_request(body, "gemini-3"),
    ):
        with suppress(UpstreamError):
            assert isinstance(make(), dict)
    assert estimated_input(body) > 0
