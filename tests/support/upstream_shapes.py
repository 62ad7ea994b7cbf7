"""How the families of providers write the answer of a script, whole and in events."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from tests.support.upstream_script import Script

Json = dict[str, Any]


class Shape:
    """How one family of providers writes an answer."""

    @staticmethod
    def whole(script: Script) -> Json:
        raise NotImplementedError

    @staticmethod
    def events(script: Script) -> Iterator[str]:
        raise NotImplementedError

    @staticmethod
    def error() -> str:
        raise NotImplementedError


def shape_of(path: str) -> type[Shape] | None:
    if path.endswith("/chat/completions"):
        return OpenAI
    if path.endswith("/messages"):
        return Anthropic
    if path.endswith((":generateContent", ":streamGenerateContent")):
        return Google
    return None


def _data(event: Json) -> str:
    return f"data: {json.dumps(event)}\n\n"


class OpenAI(Shape):
    @staticmethod
    def usage(script: Script) -> Json | None:
        if script.tokens is None:
            return None
        prompt, cached, output, reasoning = script.tokens
        return {
            "prompt_tokens": prompt,
            "completion_tokens": output,
            "total_tokens": prompt + output,
            "prompt_tokens_details": {"cached_tokens": cached},
            "completion_tokens_details": {"reasoning_tokens": reasoning},
        }

    @staticmethod
    def whole(script: Script) -> Json:
        message: Json = {"role": "assistant", "content": script.text or None}
        if script.thoughts:
            message["reasoning"] = "".join(script.thoughts)
        if script.calls:
            message["tool_calls"] = [
                {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
                for call in script.calls
            ]
        reason = "tool_calls" if script.calls else "stop"
        made: Json = {
            "id": "chatcmpl-upstream",
            "object": "chat.completion",
            "created": 1_760_000_000,
            "model": "upstream-model-0613",
            "system_fingerprint": "fp_upstream",
            "choices": [{"index": 0, "message": message, "finish_reason": reason}],
        }
        if script.tokens is not None:
            made["usage"] = OpenAI.usage(script)
        return made

    @staticmethod
    def events(script: Script) -> Iterator[str]:
        def chunk(delta: Json, reason: str | None = None) -> str:
            return _data(
                {
                    "id": "chatcmpl-upstream",
                    "object": "chat.completion.chunk",
                    "created": 1_760_000_000,
                    "model": "upstream-model-0613",
                    "usage": None,
                    "choices": [{"index": 0, "delta": delta, "finish_reason": reason}],
                }
            )

        beginning = chunk({"role": "assistant", "content": ""}) + ": a comment\n\n"
        deltas = [{"reasoning": thought} for thought in script.thoughts]
        deltas += [{"content": piece} for piece in script.pieces]
        for call in script.calls:
            place = {} if call.index is None else {"index": call.index}
            half = len(call.arguments) // 2
            first = {**place, "id": call.id, "type": "function"}
            first["function"] = {"name": call.name, "arguments": call.arguments[:half]}
            deltas.append({"tool_calls": [first]})
            deltas.append({"tool_calls": [{**place, "function": {"arguments": call.arguments[half:]}}]})
        yield from _joined(beginning, map(chunk, deltas))
        if script.ends_well:
            last = {"object": "chat.completion.chunk", "choices": [], "usage": OpenAI.usage(script)}
            told = _data(last) if script.tokens is not None else ""
            yield chunk({}, "tool_calls" if script.calls else "stop") + told + "data: [DONE]\n\n"

    @staticmethod
    def error() -> str:
        return _data({"error": {"message": "sk-upstream-secret broke", "type": "server_error", "code": 500}})


class Anthropic(Shape):
    @staticmethod
    def usage(script: Script) -> Json:
        if script.tokens is None:
            return {}
        prompt, cached, output, _ = script.tokens
        return {
            "input_tokens": prompt - cached,
            "cache_read_input_tokens": cached,
            "cache_creation_input_tokens": 0,
            "output_tokens": output,
        }

    @staticmethod
    def blocks(script: Script) -> list[Json]:
        blocks: list[Json] = []
        if script.thoughts:
            blocks.append({"type": "thinking", "thinking": "".join(script.thoughts), "signature": "c2lnbmVk"})
        if script.text:
            blocks.append({"type": "text", "text": script.text})
        for call in script.calls:
            arguments = json.loads(call.arguments)
            blocks.append({"type": "tool_use", "id": call.id, "name": call.name, "input": arguments})
        return blocks

    @staticmethod
    def whole(script: Script) -> Json:
        return {
            "id": "msg_upstream",
            "type": "message",
            "role": "assistant",
            "model": "claude-upstream",
            "content": Anthropic.blocks(script),
            "stop_reason": "tool_use" if script.calls else "end_turn",
            "stop_sequence": None,
            "usage": Anthropic.usage(script),
        }

    @staticmethod
    def events(script: Script) -> Iterator[str]:
        def event(kind: str, **fields: Any) -> str:
            return f"event: {kind}\n" + _data({"type": kind, **fields})

        message = {**Anthropic.whole(script), "content": [], "stop_reason": None}
        pieces: list[str] = []
        for place, block in enumerate(Anthropic.blocks(script)):
            opened, deltas = _anthropic_deltas(block, script)
            start = event("content_block_start", index=place, content_block=opened)
            told = [event("content_block_delta", index=place, delta=delta) for delta in deltas]
            pieces += _joined(start, told)
            pieces[-1] += event("content_block_stop", index=place)
        yield from _joined(event("message_start", message=message) + event("ping"), pieces)
        if script.ends_well:
            reason = "tool_use" if script.calls else "end_turn"
            told_at_last = {"output_tokens": script.tokens[2]} if script.tokens else {}
            delta = {"stop_reason": reason, "stop_sequence": None}
            yield event("message_delta", delta=delta, usage=told_at_last) + event("message_stop")

    @staticmethod
    def error() -> str:
        error = {"type": "overloaded_error", "message": "sk-upstream-secret is overloaded"}
        return f"event: error\n{_data({'type': 'error', 'error': error})}"


def _anthropic_deltas(block: Json, script: Script) -> tuple[Json, list[Json]]:
    if block["type"] == "text":
        return {**block, "text": ""}, [{"type": "text_delta", "text": piece} for piece in script.pieces]
    if block["type"] == "thinking":
        said = [{"type": "thinking_delta", "thinking": thought} for thought in script.thoughts]
        signature = {"type": "signature_delta", "signature": block["signature"]}
        return {"type": "thinking", "thinking": "", "signature": ""}, [*said, signature]
    arguments = json.dumps(block["input"])
    half = len(arguments) // 2
    halves = (arguments[:half], arguments[half:])
    return {**block, "input": {}}, [{"type": "input_json_delta", "partial_json": piece} for piece in halves]


class Google(Shape):
    @staticmethod
    def usage(script: Script) -> Json:
        if script.tokens is None:
            return {}
        prompt, cached, output, reasoning = script.tokens
        told = {"promptTokenCount": prompt, "cachedContentTokenCount": cached}
        return {"usageMetadata": {**told, "candidatesTokenCount": output - reasoning, "thoughtsTokenCount": reasoning}}

    @staticmethod
    def parts(script: Script) -> list[Json]:
        parts: list[Json] = [{"text": thought, "thought": True} for thought in script.thoughts]
        parts += [{"text": piece} for piece in script.pieces]
        return parts + [
            {"functionCall": {"name": call.name, "args": json.loads(call.arguments)}, "thoughtSignature": "c2lnbmVk"}
            for call in script.calls
        ]

    @staticmethod
    def _answer(parts: list[Json], reason: str | None) -> Json:
        candidate: Json = {"content": {"role": "model", "parts": parts}, "index": 0}
        return {"candidates": [candidate | ({"finishReason": reason} if reason else {})], "responseId": "upstream"}

    @staticmethod
    def whole(script: Script) -> Json:
        return Google._answer(Google.parts(script), "STOP") | Google.usage(script)

    @staticmethod
    def events(script: Script) -> Iterator[str]:
        yield from _joined("", (_data(Google._answer([part], None)) for part in Google.parts(script)))
        if script.ends_well:
            yield _data(Google._answer([], "STOP") | Google.usage(script))

    @staticmethod
    def error() -> str:
        return _data({"error": {"code": 503, "message": "sk-upstream-secret", "status": "UNAVAILABLE"}})


def _joined(beginning: str, events: Iterator[str] | list[str]) -> list[str]:
    """The beginning goes out together with the first event."""
    first, *others = [*events] or [""]
    return [beginning + first, *others]
