"""Anthropic's Messages as a chat, and back. Source: docs.anthropic.com/en/api/messages.

Where a model of Anthropic itself answers, nothing of this happens: request and answer go through as they are.
"""

from collections.abc import Iterator
from typing import Any, Final

import orjson

from talome.core.errors import Invalid
from talome.engines.providers.models import Tokens

Json = dict[str, Any]
STOP_REASONS: Final = {
    "stop": "end_turn", "length": "max_tokens", "tool_calls": "tool_use", "function_call": "tool_use",
    "content_filter": "refusal",
}  # fmt: skip
_TOOL_CHOICES: Final = {"auto": "auto", "any": "required", "none": "none"}
_SERVER_TOOLS: Final = ("web_search", "web_fetch", "code_execution", "mcp_toolset", "tool_search")
"""Tools that Anthropic runs itself, and charges for beside the tokens."""
_MESSAGE_FIELDS: Final = ("content", "stop_reason", "stop_sequence")
_PLAIN: Final = ("temperature", "top_p", "stream")


def check(body: Json) -> None:
    """Raise `Invalid` for what is no request for a message, or would cost what nobody reserved."""
    if not isinstance(body.get("messages"), list) or not body["messages"]:
        raise Invalid("“messages” must be a list with at least one message.", field="messages")
    if body.get("mcp_servers") or body.get("container"):
        raise Invalid("Servers and containers of Anthropic are not available through Talome.", field="mcp_servers")
    if body.get("service_tier") not in ("auto", "standard_only", None):
        raise Invalid("“service_tier” may be auto or standard_only here.", field="service_tier")
    for tool in _objects(body.get("tools"), "tools"):
        if str(tool.get("type", "")).startswith(_SERVER_TOOLS):
            raise Invalid("Tools that run at Anthropic are not available through Talome.", field="tools")


def chat_of(body: Json) -> Json:
    """The request as a chat."""
    messages: list[Json] = []
    if body.get("system"):
        messages.append({"role": "system", "content": _text(body["system"], "system")})
    for message in _objects(body["messages"], "messages"):
        messages += _messages_of(message)
    chat: Json = {"messages": messages, **{name: body[name] for name in _PLAIN if name in body}}
    if "max_tokens" in body:
        chat["max_tokens"] = body["max_tokens"]
    if "model" in body:
        chat["model"] = body["model"]
    if body.get("stop_sequences"):
        chat["stop"] = body["stop_sequences"]
    if tools := [_tool(tool) for tool in _objects(body.get("tools"), "tools") if "input_schema" in tool]:
        chat["tools"] = tools
        chat |= _tool_choice(body.get("tool_choice"))
    kind = (body.get("output_config") or {}).get("format") if isinstance(body.get("output_config"), dict) else None
    if isinstance(kind, dict) and kind.get("type") == "json_schema":
        schema = {"name": "answer", "schema": kind.get("schema"), "strict": True}
        chat["response_format"] = {"type": "json_schema", "json_schema": schema}
    return chat


def message_of(completion: Json, *, id: str, shown: str, tokens: Tokens, nano_usd: float) -> Json:
    """A chat completion as a message."""
    choice: Json = next(iter(completion.get("choices") or ()), {})
    message = choice.get("message") or {}
    content: list[Json] = []
    if message.get("content"):
        content.append({"type": "text", "text": message["content"]})
    for call in message.get("tool_calls") or ():
        function = call.get("function") or {}
        arguments = _arguments(function.get("arguments"))
        content.append({"type": "tool_use", "id": call.get("id"), "name": function.get("name"), "input": arguments})
    return {
        "id": id,
        "type": "message",
        "role": "assistant",
        "model": shown,
        "content": content,
        "stop_reason": STOP_REASONS.get(choice.get("finish_reason") or "stop", "end_turn"),
        "stop_sequence": None,
        "usage": {**tokens.anthropic(), "cost": nano_usd},
    }


def native_message(body: Json, *, id: str, shown: str, nano_usd: float) -> Json:
    """A message that came as one, under names of our own."""
    kept = {name: body.get(name) for name in _MESSAGE_FIELDS}
    usage = {**(body.get("usage") or {}), "cost": nano_usd}
    return {"id": id, "type": "message", "role": "assistant", "model": shown, **kept, "usage": usage}


class NativeEvents:
    """Anthropic's own events; only the first names the message and the model."""

    def __init__(self, *, id: str, shown: str) -> None:
        self._names = {"id": id, "model": shown}

    def feed(self, events: list[Json]) -> list[Json]:
        return [self._renamed(event) if event.get("type") == "message_start" else event for event in events]

    def end(self, _tokens: Tokens, _nano_usd: float) -> list[Json]:
        """Nothing: the last event came already."""
        return []

    def _renamed(self, event: Json) -> Json:
        return {**event, "message": {**(event.get("message") or {}), **self._names}}


class MessageEvents:
    """Chunks of a chat as the events of a message: one block after the other, each begun and ended."""

    def __init__(self, *, id: str, shown: str, tokens_in: int) -> None:
        self._id = id
        self._shown = shown
        self._tokens_in = tokens_in
        self._begun = False
        self._block = -1
        self._open = ""
        self._stop_reason = "end_turn"

    def feed(self, chunks: list[Json]) -> list[Json]:
        events = [] if self._begun else [self._start()]
        for chunk in chunks:
            for choice in chunk.get("choices") or ():
                events += self._of_delta(choice.get("delta") or {})
                if choice.get("finish_reason"):
                    self._stop_reason = STOP_REASONS.get(choice["finish_reason"], "end_turn")
        return events

    def end(self, tokens: Tokens, nano_usd: float) -> list[Json]:
        """What comes last, with the usage."""
        begun = [] if self._begun else [self._start()]
        usage = {**tokens.anthropic(), "cost": nano_usd}
        delta = {"stop_reason": self._stop_reason, "stop_sequence": None}
        return [
            *begun,
            *self._stop_block(),
            {"type": "message_delta", "delta": delta, "usage": usage},
            {"type": "message_stop"},
        ]

    def _start(self) -> Json:
        self._begun = True
        message: Json = {
            "id": self._id,
            "type": "message",
            "role": "assistant",
            "model": self._shown,
            "content": [],
            "stop_reason": None,
            "stop_sequence": None,
            "usage": Tokens(input=self._tokens_in).anthropic(),
        }
        return {"type": "message_start", "message": message}

    def _of_delta(self, delta: Json) -> Iterator[Json]:
        thought = delta.get("reasoning_content")
        if isinstance(thought, str) and thought:
            yield from self._block_of("thinking", {"type": "thinking", "thinking": "", "signature": ""})
            yield self._delta({"type": "thinking_delta", "thinking": thought})
        if delta.get("content"):
            yield from self._block_of("text", {"type": "text", "text": ""})
            yield self._delta({"type": "text_delta", "text": delta["content"]})
        for call in delta.get("tool_calls") or ():
            yield from self._of_call(call)

    def _of_call(self, call: Json) -> Iterator[Json]:
        function = call.get("function") or {}
        name = f"tool {call.get('index', 0)}"
        if name != self._open:
            block: Json = {
                "type": "tool_use",
                "id": call.get("id") or "",
                "name": function.get("name") or "",
                "input": {},
            }
            yield from self._block_of(name, block)
        if function.get("arguments"):
            yield self._delta({"type": "input_json_delta", "partial_json": function["arguments"]})

    def _block_of(self, name: str, block: Json) -> Iterator[Json]:
        if name == self._open:
            return
        yield from self._stop_block()
        self._open = name
        self._block += 1
        yield {"type": "content_block_start", "index": self._block, "content_block": block}

    def _delta(self, delta: Json) -> Json:
        return {"type": "content_block_delta", "index": self._block, "delta": delta}

    def _stop_block(self) -> Iterator[Json]:
        if self._open:
            self._open = ""
            yield {"type": "content_block_stop", "index": self._block}


def _messages_of(message: Json) -> Iterator[Json]:
    role, content = message.get("role"), message.get("content")
    if role not in ("user", "assistant", "system"):
        raise Invalid("“role” is user or assistant.", field="messages")
    if isinstance(content, str):
        yield {"role": role, "content": content}
        return
    parts: list[Json] = []
    calls: list[Json] = []
    for block in _objects(content, "messages"):
        kind = block.get("type")
        if kind == "tool_result":
            yield _tool_result(block)
        elif kind == "tool_use":
            function = {"name": block.get("name"), "arguments": orjson.dumps(block.get("input") or {}).decode()}
            calls.append({"id": block.get("id"), "type": "function", "function": function})
        elif kind not in ("thinking", "redacted_thinking"):
            parts.append(_part(block))
    if role == "assistant":
        text = "".join(part.get("text", "") for part in parts)
        yield {"role": role, "content": text or None, **({"tool_calls": calls} if calls else {})}
    elif parts:
        yield {"role": role, "content": parts}


def _tool_result(block: Json) -> Json:
    content = block.get("content") or ""
    text = content if isinstance(content, str) else _text(content, "messages")
    if block.get("is_error"):
        text = f"Error: {text}"
    return {"role": "tool", "tool_call_id": block.get("tool_use_id"), "content": text}


def _part(block: Json) -> Json:
    kind, source = block.get("type"), block.get("source")
    if kind == "text" and isinstance(block.get("text"), str):
        return {"type": "text", "text": block["text"]}
    if kind in ("image", "document") and isinstance(source, dict):
        if source.get("type") == "text":
            return {"type": "text", "text": str(source.get("data", ""))}
        if kind == "image" and source.get("type") == "base64":
            url = f"data:{source.get('media_type')};base64,{source.get('data')}"
            return {"type": "image_url", "image_url": {"url": url}}
        if kind == "image" and source.get("type") == "url":
            return {"type": "image_url", "image_url": {"url": source.get("url")}}
    raise Invalid(f"A block of the type “{str(kind)[:40]}” is not understood here.", field="messages")


def _text(content: Any, field: str) -> str:
    if isinstance(content, str):
        return content
    blocks = _objects(content, field)
    return "\n".join(str(block.get("text", "")) for block in blocks if block.get("type") == "text")


def _tool(tool: Json) -> Json:
    function = {
        "name": tool.get("name"),
        "description": tool.get("description", ""),
        "parameters": tool["input_schema"],
    }
    return {"type": "function", "function": function}


def _tool_choice(choice: Any) -> Json:
    if not isinstance(choice, dict):
        return {}
    parallel = {"parallel_tool_calls": False} if choice.get("disable_parallel_tool_use") else {}
    if choice.get("type") == "tool":
        return {"tool_choice": {"type": "function", "function": {"name": choice.get("name")}}, **parallel}
    return {"tool_choice": _TOOL_CHOICES.get(str(choice.get("type")), "auto"), **parallel}


def _arguments(text: Any) -> Any:
    try:
        return orjson.loads(text or "{}")
    except (orjson.JSONDecodeError, TypeError):
        return {}


def _objects(value: Any, field: str) -> list[Json]:
    found = value or []
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise Invalid(f"“{field}” holds objects.", field=field)
    return found
