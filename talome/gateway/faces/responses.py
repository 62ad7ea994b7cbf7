"""OpenAI's Responses as a chat, and back. Source: platform.openai.com/docs/api-reference/responses.

Nothing of a conversation is kept here: who continues one sends all of it.
"""

import time
from collections.abc import Iterator
from typing import Any, Final

from talome.core.errors import Invalid, TalomeError
from talome.core.http.frames import named_frames
from talome.engines.providers.models import Tokens

Json = dict[str, Any]
_PLAIN: Final = ("model", "temperature", "top_p", "parallel_tool_calls", "stream", "user", "seed")
_KEPT: Final = ("previous_response_id", "conversation", "background", "prompt")
_TEXT_PARTS: Final = ("input_text", "output_text", "text")
_ECHOED: Final = ("instructions", "max_output_tokens", "metadata", "temperature", "tool_choice", "tools", "top_p")


def chat_of(body: Json) -> Json:
    """The request as a chat. Raises `Invalid` for what would need a memory of earlier ones."""
    for name in _KEPT:
        if body.get(name):
            raise Invalid(
                f"“{name}” needs kept responses, which Talome has not. Send the whole conversation.", field=name
            )
    messages: list[Json] = []
    if isinstance(body.get("instructions"), str):
        messages.append({"role": "system", "content": body["instructions"]})
    messages += _messages(body.get("input"))
    chat: Json = {"messages": messages, **{name: body[name] for name in _PLAIN if name in body}}
    if body.get("max_output_tokens") is not None:
        chat["max_tokens"] = body["max_output_tokens"]
    if body.get("tools"):
        chat["tools"] = [_tool(tool) for tool in _objects(body["tools"], "tools")]
        chat |= _tool_choice(body.get("tool_choice"))
    reasoning, text = body.get("reasoning"), body.get("text")
    if isinstance(reasoning, dict) and reasoning.get("effort"):
        chat["reasoning_effort"] = reasoning["effort"]
    if isinstance(text, dict) and isinstance(text.get("format"), dict):
        chat |= _format(text["format"])
    return chat


def response_of(completion: Json, asked: Json, *, id: str, tokens: Tokens, nano_usd: float) -> Json:
    """A chat completion as a response."""
    choice = completion["choices"][0] if completion["choices"] else {}
    message = choice.get("message") or {}
    output: list[Json] = []
    if message.get("reasoning_content"):
        output.append(_reasoning(f"rs_{id}", message["reasoning_content"]))
    if message.get("content"):
        output.append(_message(f"msg_{id}", message["content"], "completed"))
    for number, call in enumerate(message.get("tool_calls") or ()):
        output.append(_call(f"fc_{id}_{number}", call, "completed"))
    cut = choice.get("finish_reason") == "length"
    whole = _response(asked, id=id, shown=completion["model"], status="incomplete" if cut else "completed")
    return {**whole, "output": output, "usage": _usage(tokens, nano_usd), **_incomplete(cut)}


class ResponseEvents:
    """Chunks of a chat as the events of a response."""

    def __init__(self, asked: Json, *, id: str, shown: str) -> None:
        self._asked = asked
        self._id = id
        self._shown = shown
        self._number = -1
        self._begun = False
        self._output: list[Json] = []
        self._open: Json | None = None
        self._place = ""
        self._text: list[str] = []
        self._cut = False

    def feed(self, chunks: list[Json]) -> list[Json]:
        events = list(self._start())
        for chunk in chunks:
            for choice in chunk["choices"]:
                events += self._of_delta(choice.get("delta") or {})
                self._cut = self._cut or choice.get("finish_reason") == "length"
        return [self._numbered(event) for event in events]

    def end(self, tokens: Tokens, nano_usd: float) -> list[Json]:
        events = [*self._start(), *self._stop_item()]
        kind = "incomplete" if self._cut else "completed"
        response = _response(self._asked, id=self._id, shown=self._shown, status=kind)
        response |= {"output": self._output, "usage": _usage(tokens, nano_usd), **_incomplete(self._cut)}
        events.append({"type": f"response.{kind}", "response": response})
        return [self._numbered(event) for event in events]

    def failure(self, error: TalomeError) -> bytes:
        """The last event of a response that breaks off."""
        event = {"type": "error", "code": error.error_code, "message": error.message, "param": None}
        return named_frames([self._numbered(event)])

    def _numbered(self, event: Json) -> Json:
        self._number += 1
        return {**event, "sequence_number": self._number}

    def _start(self) -> Iterator[Json]:
        if not self._begun:
            self._begun = True
            response = _response(self._asked, id=self._id, shown=self._shown, status="in_progress")
            yield {"type": "response.created", "response": response}
            yield {"type": "response.in_progress", "response": response}

    def _of_delta(self, delta: Json) -> Iterator[Json]:
        if delta.get("content"):
            yield from self._begin_text()
            self._text.append(delta["content"])
            yield {**self._where(), "type": "response.output_text.delta", "content_index": 0, "delta": delta["content"],
                   "logprobs": []}  # fmt: skip
        for call in delta.get("tool_calls") or ():
            yield from self._begin_call(call)
            arguments = (call.get("function") or {}).get("arguments")
            if arguments:
                self._text.append(arguments)
                yield {**self._where(), "type": "response.function_call_arguments.delta", "delta": arguments}

    def _begin_text(self) -> Iterator[Json]:
        if self._place == "text":
            return
        yield from self._begin("text", _message(f"msg_{self._id}_{len(self._output)}", "", "in_progress"))
        yield {**self._where(), "type": "response.content_part.added", "content_index": 0, "part": _part("")}

    def _begin_call(self, call: Json) -> Iterator[Json]:
        place = f"call {call.get('index', 0)}"
        if self._place != place:
            empty = {**call, "function": {**(call.get("function") or {}), "arguments": ""}}
            yield from self._begin(place, _call(f"fc_{self._id}_{len(self._output)}", empty, "in_progress"))

    def _begin(self, place: str, item: Json) -> Iterator[Json]:
        yield from self._stop_item()
        self._place, self._open, self._text = place, item, []
        shown = {**item, "content": []} if item["type"] == "message" else item
        yield {"type": "response.output_item.added", "output_index": len(self._output), "item": shown}

    def _stop_item(self) -> Iterator[Json]:
        item, text = self._open, "".join(self._text)
        if item is None:
            return
        if item["type"] == "message":
            item = _message(item["id"], text, "completed")
            where = {**self._where(), "content_index": 0}
            yield {**where, "type": "response.output_text.done", "text": text, "logprobs": []}
            yield {**where, "type": "response.content_part.done", "part": _part(text)}
        else:
            item = {**item, "arguments": text, "status": "completed"}
            yield {**self._where(), "type": "response.function_call_arguments.done", "arguments": text,
                   "name": item["name"]}  # fmt: skip
        yield {"type": "response.output_item.done", "output_index": len(self._output), "item": item}
        self._output.append(item)
        self._open, self._place = None, ""

    def _where(self) -> Json:
        return {"item_id": self._open["id"] if self._open else "", "output_index": len(self._output)}


def _messages(given: Any) -> Iterator[Json]:
    if isinstance(given, str):
        yield {"role": "user", "content": given}
        return
    for item in _objects(given, "input"):
        kind = item.get("type", "message")
        if kind == "message":
            yield {"role": item.get("role"), "content": _content(item.get("content"))}
        elif kind == "function_call":
            function = {"name": item.get("name"), "arguments": item.get("arguments") or "{}"}
            call = {"id": item.get("call_id"), "type": "function", "function": function}
            yield {"role": "assistant", "content": None, "tool_calls": [call]}
        elif kind == "function_call_output":
            output = item.get("output")
            content = output if isinstance(output, str) else _content(output)
            yield {"role": "tool", "tool_call_id": item.get("call_id"), "content": content}
        elif kind != "reasoning":
            raise Invalid(f"Input of the type “{str(kind)[:40]}” is not understood here.", field="input")


def _content(content: Any) -> str | list[Json]:
    if isinstance(content, str):
        return content
    parts: list[Json] = []
    for part in _objects(content, "input"):
        kind = part.get("type")
        if kind in _TEXT_PARTS:
            parts.append({"type": "text", "text": str(part.get("text", ""))})
        elif kind == "input_image" and isinstance(part.get("image_url"), str):
            image = {"url": part["image_url"], **({"detail": part["detail"]} if part.get("detail") else {})}
            parts.append({"type": "image_url", "image_url": image})
        else:
            raise Invalid(f"A part of the type “{str(kind)[:40]}” is not understood here.", field="input")
    if all(part["type"] == "text" for part in parts):
        return "".join(part["text"] for part in parts)
    return parts


def _tool(tool: Json) -> Json:
    if tool.get("type") != "function":
        raise Invalid("Only tools of the type “function” are available through Talome.", field="tools")
    function = {
        name: tool[name] for name in ("name", "description", "parameters", "strict") if tool.get(name) is not None
    }
    return {"type": "function", "function": function}


def _tool_choice(choice: Any) -> Json:
    if isinstance(choice, dict) and choice.get("type") == "function":
        return {"tool_choice": {"type": "function", "function": {"name": choice.get("name")}}}
    return {"tool_choice": choice} if isinstance(choice, str) else {}


def _format(kind: Json) -> Json:
    if kind.get("type") == "json_schema":
        schema = {
            name: kind[name] for name in ("name", "schema", "strict", "description") if kind.get(name) is not None
        }
        return {"response_format": {"type": "json_schema", "json_schema": schema}}
    return {"response_format": {"type": "json_object"}} if kind.get("type") == "json_object" else {}


def _response(asked: Json, *, id: str, shown: str, status: str) -> Json:
    echoed = {name: asked.get(name) for name in _ECHOED}
    return {
        "id": f"resp_{id}",
        "object": "response",
        "created_at": int(time.time()),
        "status": status,
        "error": None,
        "incomplete_details": None,
        "model": shown,
        "output": [],
        "previous_response_id": None,
        "store": False,
        "usage": None,
        **echoed,
        "parallel_tool_calls": asked.get("parallel_tool_calls", True),
        "tool_choice": asked.get("tool_choice") or "auto",
        "tools": asked.get("tools") or [],
        "metadata": asked.get("metadata") or {},
    }


def _incomplete(cut: bool) -> Json:
    return {"incomplete_details": {"reason": "max_output_tokens"}} if cut else {}


def _usage(tokens: Tokens, nano_usd: float) -> Json:
    return {
        "input_tokens": tokens.prompt,
        "input_tokens_details": {"cached_tokens": tokens.cache_read, "cache_write_tokens": tokens.cache_write},
        "output_tokens": tokens.output,
        "output_tokens_details": {"reasoning_tokens": tokens.reasoning},
        "total_tokens": tokens.prompt + tokens.output,
        "cost": nano_usd,
    }


def _part(text: str) -> Json:
    return {"type": "output_text", "text": text, "annotations": [], "logprobs": []}


def _message(id: str, text: str, status: str) -> Json:
    return {"id": id, "type": "message", "role": "assistant", "status": status, "content": [_part(text)]}


def _reasoning(id: str, text: str) -> Json:
    return {"id": id, "type": "reasoning", "summary": [{"type": "summary_text", "text": text}]}


def _call(id: str, call: Json, status: str) -> Json:
    function = call.get("function") or {}
    name, arguments = function.get("name") or "", function.get("arguments") or ""
    return {"id": id, "type": "function_call", "call_id": call.get("id") or id, "name": name, "arguments": arguments,
            "status": status}  # fmt: skip


def _objects(value: Any, field: str) -> list[Json]:
    if not isinstance(value, list) or not value or not all(isinstance(item, dict) for item in value):
        raise Invalid(f"“{field}” is a text or a list of objects.", field=field)
    return value
