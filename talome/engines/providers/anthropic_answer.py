"""Anthropic's messages and their events as chat completions and chunks."""

import re
import time
from typing import Any, Final

import orjson

from talome.engines.providers.models import ChatAnswer, Json, Tokens, UpstreamError
from talome.engines.providers.refusals import error_of_event
from talome.engines.providers.usage import anthropic_tokens, count, tokens_of

REASONS: Final = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "pause_turn": "stop",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "tool_use": "tool_calls",
    "refusal": "content_filter",
}
_KIND: Final = re.compile(r"[a-z_]{1,40}")
"""It becomes the name of an event, where a line end would begin another one."""
_THOUGHTS: Final = ("thinking", "redacted_thinking")


def completion(answer: Json, model: str) -> ChatAnswer:
    """Raises `UpstreamError` where this is no message."""
    blocks = answer.get("content")
    if answer.get("type") == "error" or not isinstance(blocks, list):
        raise error_of_event(answer.get("error"), started=False)
    message: Json = {"role": "assistant", "content": None}
    texts, thoughts, calls = [], [], []
    for block in blocks:
        kind = block.get("type") if isinstance(block, dict) else None
        if kind == "text":
            texts.append(str(block.get("text", "")))
        elif kind in _THOUGHTS:
            thoughts.append(block)
        elif kind == "tool_use":
            calls.append(_call(block))
    if texts:
        message["content"] = "".join(texts)
    if thoughts:
        message["reasoning_content"] = "".join(str(block.get("thinking", "")) for block in thoughts)
        message["thinking_blocks"] = thoughts
    if calls:
        message["tool_calls"] = calls
    tokens = anthropic_tokens(answer.get("usage"))
    tokens.reasoning = min(tokens.output, tokens_of(len(message.get("reasoning_content") or "")))
    reason = REASONS.get(str(answer.get("stop_reason")), "stop")
    choice = {"index": 0, "message": message, "finish_reason": reason, "logprobs": None}
    return ChatAnswer(
        {
            "id": str(answer.get("id", "")),
            "object": "chat.completion",
            "created": int(time.time()),
            "model": model,
            "choices": [choice],
            "usage": tokens.openai(),
        },
        tokens,
    )


def _call(block: Json) -> Json:
    """The id tells nothing of who made it; Anthropic takes any, as long as call and result have the same."""
    arguments = orjson.dumps(block.get("input") or {}).decode()
    return {
        "id": str(block.get("id", "")).replace("toolu_", "call_", 1),
        "type": "function",
        "function": {"name": str(block.get("name", "")), "arguments": arguments},
    }


def characters(answer: Json) -> int:
    """Of all that a message says."""
    return sum(map(_block_characters, answer.get("content") or ()))


def _block_characters(block: Any) -> int:
    if not isinstance(block, dict):
        return 0
    said = sum(len(block[name]) for name in ("text", "thinking") if isinstance(block.get(name), str))
    return said + (len(orjson.dumps(block["input"])) if block.get("input") else 0)


def _delta_characters(delta: Any, *, started: bool) -> int:
    if not isinstance(delta, dict):
        raise UpstreamError("malformed", "The model's endpoint sent no chat chunk.", started=started)
    return sum(len(delta[name]) for name in ("text", "thinking", "partial_json") if isinstance(delta.get(name), str))


class Counted:
    """What both translators need: tokens from the events that tell them, the end, and errors."""

    def __init__(self) -> None:
        self.tokens: Tokens | None = None
        self.made = 0
        self.ended = False
        self.done = False

    def note(self, event: Json, *, started: bool) -> None:
        kind = event.get("type")
        if not isinstance(kind, str) or not _KIND.fullmatch(kind):
            raise UpstreamError("malformed", "The model's endpoint sent no event of a message.", started=started)
        if kind == "content_block_delta":
            self.made += _delta_characters(event.get("delta"), started=started)
        elif kind == "message_start":
            message = event.get("message")
            if not isinstance(message, dict):
                raise UpstreamError("malformed", "The model's endpoint sent no message.", started=started)
            self.tokens = anthropic_tokens(message.get("usage"))
        elif kind == "message_delta":
            self.tokens = anthropic_tokens(event.get("usage"), self.tokens)
            self.ended = True
        elif kind == "message_stop":
            self.ended = self.done = True
        elif kind == "error":
            raise error_of_event(event.get("error"), started=started)


class Kept(Counted):
    """For clients that speak Anthropic's language themselves: the events as they come."""

    def take(self, event: Json, *, started: bool) -> list[Json]:
        self.note(event, started=started)
        return [] if event.get("type") == "ping" else [event]


class Chunks(Counted):
    """For everybody else."""

    def __init__(self, model: str) -> None:
        super().__init__()
        self._head: Json = {"id": "", "object": "chat.completion.chunk", "created": int(time.time()), "model": model}
        self._calls: dict[int, int] = {}
        self._thought: Json = {}
        self._thinking: list[str] = []
        self._thoughts = 0

    def take(self, event: Json, *, started: bool) -> list[Json]:
        self.note(event, started=started)
        kind = event.get("type")
        if kind == "content_block_delta":
            delta = self._delta(count(event.get("index")), event["delta"])
        elif kind == "content_block_start":
            delta = self._start(count(event.get("index")), event.get("content_block"))
        elif kind == "content_block_stop":
            delta = self._close_thought()
        elif kind == "message_start":
            message = event.get("message")
            self._head["id"] = str(message.get("id", "") if isinstance(message, dict) else "")
            delta = {"role": "assistant", "content": ""}
        elif kind == "message_delta":
            return [self._last(event)]
        else:
            delta = {}
        return [self._chunk(delta)] if delta else []

    def _chunk(self, delta: Json, reason: str | None = None) -> Json:
        return {**self._head, "choices": [{"index": 0, "delta": delta, "finish_reason": reason}]}

    def _last(self, event: Json) -> Json:
        told = event.get("delta")
        reason = told.get("stop_reason") if isinstance(told, dict) else None
        if self.tokens is not None:
            self.tokens.reasoning = min(self.tokens.output, tokens_of(self._thoughts))
        return self._chunk({}, REASONS.get(str(reason), "stop"))

    def _start(self, place: int, block: Any) -> Json:
        kind = block.get("type") if isinstance(block, dict) else None
        if kind == "tool_use":
            index = self._calls[place] = len(self._calls)
            call = _call({**block, "input": None})
            call["function"]["arguments"] = ""
            return {"tool_calls": [{"index": index, **call}]}
        if kind in _THOUGHTS:
            self._thought = dict(block)
        return {"content": str(block["text"])} if kind == "text" and block.get("text") else {}

    def _delta(self, place: int, delta: Json) -> Json:
        kind = delta.get("type")
        if kind == "text_delta":
            return {"content": str(delta.get("text", ""))}
        if kind == "input_json_delta" and place in self._calls:
            said = str(delta.get("partial_json") or "")
            return {"tool_calls": [{"index": self._calls[place], "function": {"arguments": said}}]}
        if kind == "thinking_delta":
            said = str(delta.get("thinking", ""))
            self._thinking.append(said)
            self._thoughts += len(said)
            return {"reasoning_content": said}
        if kind == "signature_delta":
            self._thought["signature"] = self._thought.get("signature", "") + str(delta.get("signature", ""))
        return {}

    def _close_thought(self) -> Json:
        """A whole block of thoughts, with the signature that the model wants to see again in the next turn."""
        thought, self._thought = self._thought, {}
        if self._thinking:
            thought["thinking"] = "".join(self._thinking)
            self._thinking = []
        return {"thinking_blocks": [thought]} if thought else {}
