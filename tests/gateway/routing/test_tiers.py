"""How hard a request looks, by rules."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from talome.gateway.routing.tiers import Features, features_of, judge

CODE = "Why does this fail?\n```python\ndef f(x):\n    return x +\n```\nTraceback (most recent call last): SyntaxError"
TOOLS = [{"type": "function", "function": {"name": f"t{n}", "parameters": {}}} for n in range(12)]


def chat(text: Any, **more: Any) -> dict[str, Any]:
    return {"model": "auto", "messages": [{"role": "user", "content": text}], **more}


@pytest.mark.parametrize(
    ("body", "tier"),
    [
        (chat("Hi!"), "simple"),
        (chat("What is the capital of Norway?"), "simple"),
        (chat("Translate to German: the cat sits on the mat."), "simple"),
        (chat("Übersetze das bitte: " + "Der Hund bellt. " * 40), "simple"),
        (chat("Как установить этот пакет на мой сервер, если нет сети и места на диске мало?"), "simple"),
        (chat(CODE), "standard"),
        (chat("Tidy up.", tools=TOOLS[:2]), "standard"),
        (chat("Explain tides. " * 130), "standard"),
        (
            chat("Debug and refactor this, and explain the root cause.\n" + CODE, tools=TOOLS, max_tokens=4096),
            "reasoning",
        ),
        (chat("Analysiere die Abwägungen und begründe Schritt für Schritt.", max_tokens=9000), "complex"),
        (chat("Prove the theorem ∀ x ≥ 0 step by step, and derive the bound."), "complex"),
        (chat("Hello", reasoning_effort="high"), "standard"),
        (chat("text " * 10_000, tools=TOOLS, max_tokens=10_000), "reasoning"),
    ],
)
def test_tiers(body: dict[str, Any], tier: str) -> None:
    verdict = judge(features_of(body))
    assert verdict.tier == tier, verdict


def test_pictures_and_schemas_count() -> None:
    content = [
        {"type": "text", "text": "What is this?"},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}},
    ]
    body = chat(content, response_format={"type": "json_schema", "json_schema": {}})
    features = features_of(body)
    assert (features.vision, features.schema, features.text) == (True, True, "What is this?")
    assert judge(features).tier == "standard"


def test_a_picture_does_not_count_as_text() -> None:
    content = [{"type": "image_url", "image_url": {"url": "data:image/png;base64," + "A" * 1_000_000}}]
    assert features_of(chat(content)).characters == 0


def test_long_conversations_count() -> None:
    turns = [{"role": "user", "content": "and?"}, {"role": "assistant", "content": "so"}] * 25
    assert "turns" in judge(features_of({"messages": turns})).signals


def test_signals_hold_nothing_of_the_request() -> None:
    signals = judge(features_of(chat("Refactor the secret plan of Mara: " + CODE))).signals
    assert set(signals) <= {"size", "tools", "vision", "schema", "turns", "answer", "effort", "code", "hard words",
                            "maths", "list", "language", "chore"}  # fmt: skip


def test_only_the_ends_of_a_long_text_are_read() -> None:
    assert len(features_of(chat("x" * 500_000)).text) < 7000


JSON = st.recursive(
    st.none() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["role", "content", "type", "text", "user"]), inner, max_size=3)
    ),
    max_leaves=6,
)
FIELDS = st.sampled_from(["messages", "tools", "response_format", "max_tokens", "reasoning_effort"])


@settings(max_examples=50, deadline=None)
@given(st.dictionaries(FIELDS, JSON))
def test_odd_shapes_count_for_nothing_and_break_nothing(body: dict[str, Any]) -> None:
    features = features_of(body)
    assert isinstance(features, Features)
    assert judge(features).tier in ("simple", "standard", "complex", "reasoning")
