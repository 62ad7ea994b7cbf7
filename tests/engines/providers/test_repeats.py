"""Events that resemble each other are understood as reading each of them as JSON would."""

import json
import random
from typing import Any

import orjson
import pytest

from talome.engines.providers.openai import Chunks
from talome.engines.providers.repeats import Repeats

WORDS = ("Good", " ", "", "morning", 'a "quote"', "back\\slash", "line\n", "tab\t", "\u2028", "Zürich", "{", "}]}",
         "[DONE]", "content", '"content":"x"', "\x7f", "\x00", "usage", "null", "'", "/")  # fmt: skip


def event(text: Any, **more: Any) -> dict[str, Any]:
    delta = {"content": text}
    told = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "content", "usage": None}
    return {**told, "choices": [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": None}], **more}


def both(lines: list[bytes]) -> tuple[list[Any], list[Any], int]:
    """What the chunks are with it and without, and how many were not read as JSON."""
    repeats, known, plain, quick = Repeats(), list[Any](), list[Any](), 0
    for line in lines:
        plain += Chunks().take(orjson.loads(line), started=True)
    at = 0
    while at < len(lines):
        if (then := repeats.take(lines, at, known)) > at:
            quick, at = quick + then - at, then
            continue
        chunks = Chunks().take(orjson.loads(lines[at]), started=True)
        known += chunks
        if chunks:
            repeats.learn(lines[at], chunks[0])
        at += 1
    return known, plain, quick


@pytest.mark.parametrize("separators", [(",", ":"), (", ", ": ")])
@pytest.mark.parametrize("ascii_only", [True, False])
def test_any_words_in_any_way_of_writing(separators: tuple[str, str], ascii_only: bool) -> None:
    chance = random.Random(7)
    texts = [chance.choice(WORDS) for _ in range(400)]
    lines = [json.dumps(event(text), separators=separators, ensure_ascii=ascii_only).encode() for text in texts]
    known, plain, quick = both(lines)
    assert known == plain
    assert quick > 100, "plain words need no JSON"


def test_what_looks_alike_and_is_not() -> None:
    """Each comes after events that taught the usual shape."""
    usual = [json.dumps(event(f"word {number}")).encode() for number in range(20)]
    twice = usual[0].replace(b'"content": "word 0"', b'"content": "a", "content": "b"')
    broken = usual[0].replace(b'"word 0"', b'"word", "tool_calls": "0"')
    escaped = usual[0].replace(b"word 0", b"\\u0077ord")
    others = [event("x", usage={"prompt_tokens": 5}), event("x", created=2), event(None), event(["x"]), event(5)]
    lines = [*usual, twice, broken, escaped, *(json.dumps(one).encode() for one in others), *usual]
    known, plain, _ = both(lines)
    assert known == plain


def test_a_place_that_is_no_text_is_never_learned() -> None:
    for odd in (
        {"choices": [{"index": 0, "delta": {"content": "x"}}], "note": {"content": "y"}},
        {"choices": [{"index": 0, "delta": {"content": "x"}}], "x_groq": {"usage": {}}},
        {"choices": [{"index": 0, "delta": {"content": "x"}}], "usage": {"prompt_tokens": 1}},
        {"choices": [{"index": 0, "delta": {"content": "x"}}] * 2},
        {"choices": [{"index": 0, "delta": {"content": "x", "role": "assistant"}}]},
        {"choices": [{"index": 0, "delta": {"content": "x"}, "finish_reason": "stop"}]},
        {"choices": [{"index": 0, "delta": {"reasoning_content": "content"}}]},
    ):
        line = json.dumps(odd).encode()
        known, plain, quick = both([line] * 30)
        assert known == plain, odd
        assert not quick, odd


def test_an_endpoint_whose_events_always_differ_is_not_tried_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    read = list[bytes]()

    def loads(data: bytes) -> Any:
        read.append(data)
        return json.loads(data)

    monkeypatch.setattr("talome.engines.providers.repeats.orjson.loads", loads)
    repeats = Repeats()
    for number in range(200):
        chunk = event("x", obfuscation=str(number))
        assert not repeats.take([json.dumps(chunk).encode()], 0, [])
        repeats.learn(json.dumps(chunk).encode(), chunk)
    assert len(read) <= 8


def test_what_it_takes_is_counted() -> None:
    repeats, made = Repeats(), list[Any]()
    lines = [json.dumps(event(f"word {number}")).encode() for number in range(10)]
    repeats.learn(lines[0], event("word 0"))
    assert repeats.take([*lines, b"[DONE]", *lines], 1, made) == 10
    assert [one["choices"][0]["delta"]["content"] for one in made] == [f"word {number}" for number in range(1, 10)]
    assert repeats.characters == 9 * len("word 1")
