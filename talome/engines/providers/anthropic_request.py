"""A chat completion's request as one of Anthropic's Messages."""

import re
from typing import Any, Final

import orjson

from talome.engines.providers.models import Json
from talome.engines.providers.parts import (
    calls_of,
    chosen_function,
    file_of,
    functions_of,
    image_url_of,
    limit_of,
    messages_of,
    native_tools_of,
    parts_of,
    schema_of,
    split_data_url,
    stops_of,
    wants_json,
)
from talome.engines.providers.refusals import unsupported

_LONGEST_ANSWER: Final = 8_192
_LEAST_THINKING: Final = 1_024
_PASSED: Final = (
    "top_p",
    "top_k",
    "thinking",
    "metadata",
    "service_tier",
    "output_config",
    "context_management",
    "container",
    "mcp_servers",
    "cache_control",
)
_BUDGETS: Final = {"minimal": 1_024, "low": 2_048, "medium": 8_192, "high": 24_576, "xhigh": 32_768}
_VERSION: Final = re.compile(r"claude-(?:[a-z]+-)?(\d+)(?:[.-](\d{1,2})(?!\d))?")
_SYSTEM: Final = ("system", "developer")


def message_request(body: Json, model: str, *, stream: bool) -> Json:
    if body.get("n") not in (None, 1):
        raise unsupported("This model gives one answer a request; leave `n` out.")
    messages = messages_of(body)
    made: Json = {"model": model, "max_tokens": limit_of(body) or _LONGEST_ANSWER, "messages": _turns(messages)}
    if stream:
        made["stream"] = True
    if system := _system(messages, body, model):
        made["system"] = system
    made |= {name: body[name] for name in _PASSED if body.get(name) is not None}
    if isinstance(body.get("temperature"), int | float):
        made["temperature"] = min(body["temperature"], 1.0)
    if stops := stops_of(body):
        made["stop_sequences"] = stops
    if isinstance(body.get("user"), str) and "metadata" not in made:
        made["metadata"] = {"user_id": body["user"]}
    if (schema := schema_of(body)) is not None and _knows_schemas(model):
        wanted = {"type": "json_schema", "schema": schema}
        made["output_config"] = {**_object(made.get("output_config")), "format": wanted}
    _set_tools(made, body)
    _set_thinking(made, body, model)
    return made


def _system(messages: list[Json], body: Json, model: str) -> list[Json]:
    blocks = [_block(part) for message in messages if message.get("role") in _SYSTEM for part in _marked(message)]
    schema = schema_of(body)
    if wants_json(body) or (schema is not None and not _knows_schemas(model)):
        words = "Answer with a single JSON object and nothing else."
        if schema is not None:
            words += f" It follows this JSON schema: {orjson.dumps(schema).decode()}"
        blocks.append({"type": "text", "text": words})
    return blocks


def _turns(messages: list[Json]) -> list[Json]:
    """User and assistant in turns: what follows from the same side is one message."""
    turns: list[Json] = []
    for message in messages:
        role = message.get("role")
        if role in _SYSTEM:
            continue
        side = "assistant" if role == "assistant" else "user"
        blocks = _assistant(message) if role == "assistant" else _tool(message) if role == "tool" else _user(message)
        if turns and turns[-1]["role"] == side:
            turns[-1]["content"] += blocks
        elif blocks:
            turns.append({"role": side, "content": blocks})
    return turns


def _marked(message: Json) -> list[Json]:
    """The parts; a mark for the cache on the message itself belongs to its last part."""
    parts = list(parts_of(message.get("content")))
    mark = message.get("cache_control")
    if mark is not None and parts:
        parts[-1] = {"cache_control": mark, **parts[-1]}
    return parts


def _user(message: Json) -> list[Json]:
    return [_block(part) for part in _marked(message)]


def _assistant(message: Json) -> list[Json]:
    thoughts = message.get("thinking_blocks")
    blocks = [block for block in thoughts if isinstance(block, dict)] if isinstance(thoughts, list) else []
    blocks += [_block(part) for part in _marked(message)]
    for call, arguments in calls_of(message):
        name = call["function"].get("name")
        blocks.append({"type": "tool_use", "id": call.get("id"), "name": name, "input": arguments})
    return blocks


def _tool(message: Json) -> list[Json]:
    block: Json = {
        "type": "tool_result",
        "tool_use_id": message.get("tool_call_id"),
        "content": [_block(part) for part in parts_of(message.get("content"))],
    }
    if message.get("cache_control") is not None:
        block["cache_control"] = message["cache_control"]
    return [block]


def _block(part: Json) -> Json:
    kind = part.get("type")
    if kind == "text":
        block: Json = {"type": "text", "text": str(part.get("text", ""))}
    elif kind == "image_url":
        block = _image(image_url_of(part))
    elif kind == "file":
        media_type, data = file_of(part)
        block = {"type": "document", "source": {"type": "base64", "media_type": media_type, "data": data}}
    elif kind == "refusal":
        block = {"type": "text", "text": str(part.get("refusal", ""))}
    else:
        raise unsupported("This model takes text, images and files, nothing else.")
    if part.get("cache_control") is not None:
        block["cache_control"] = part["cache_control"]
    return block


def _image(url: str) -> Json:
    if found := split_data_url(url):
        return {"type": "image", "source": {"type": "base64", "media_type": found[0], "data": found[1]}}
    if not url.startswith(("https://", "http://")):
        raise unsupported("An image must be a web address or a data: URL.")
    return {"type": "image", "source": {"type": "url", "url": url}}


def _set_tools(made: Json, body: Json) -> None:
    tools = []
    for tool, function in functions_of(body):
        made_tool: Json = {
            "name": function.get("name"),
            "input_schema": function.get("parameters") or {"type": "object", "properties": {}},
        }
        if function.get("description"):
            made_tool["description"] = function["description"]
        mark = tool.get("cache_control") or function.get("cache_control")
        tools.append(made_tool | ({"cache_control": mark} if mark else {}))
    tools += native_tools_of(body)
    if tools:
        made["tools"] = tools
        if choice := _tool_choice(body):
            made["tool_choice"] = choice


def _tool_choice(body: Json) -> Json:
    choice = body.get("tool_choice")
    if name := chosen_function(choice):
        made: Json = {"type": "tool", "name": name}
    else:
        made = {"type": {"required": "any", "none": "none"}.get(str(choice), "auto")}
    if body.get("parallel_tool_calls") is False and made["type"] != "none":
        made["disable_parallel_tool_use"] = True
    return made if choice is not None or len(made) > 1 else {}


def _set_thinking(made: Json, body: Json, model: str) -> None:
    """`reasoning_effort` as this generation of models wants it; thinking excludes some other wishes."""
    effort = body.get("reasoning_effort")
    if isinstance(effort, str) and effort in _BUDGETS and "thinking" not in made:
        if _generation(model) >= (4, 6):
            made["thinking"] = {"type": "adaptive"}
            level = {"minimal": "low", "xhigh": "high"}.get(effort, effort)
            made["output_config"] = {"effort": level, **_object(made.get("output_config"))}
        elif _generation(model) >= (3, 7):
            made["thinking"] = {"type": "enabled", "budget_tokens": _BUDGETS[effort]}
    _bound_thinking(made, limit_of(body))
    thinking = made.get("thinking")
    if not isinstance(thinking, dict) or thinking.get("type") == "disabled":
        return
    for name in ("temperature", "top_k"):
        made.pop(name, None)
    if made.get("tool_choice", {}).get("type") in ("any", "tool"):
        made["tool_choice"] = {**made["tool_choice"], "type": "auto"}
        made["tool_choice"].pop("name", None)


def _bound_thinking(made: Json, limit: int | None) -> None:
    """Thoughts are paid as the answer is. A longest answer that was named holds for both, since no more is reserved;
    where it has no room for both, nothing is thought."""
    thinking = made.get("thinking")
    budget = thinking.get("budget_tokens") if isinstance(thinking, dict) else None
    if not isinstance(thinking, dict) or not isinstance(budget, int) or budget < made["max_tokens"]:
        return
    if limit is None:
        made["max_tokens"] = budget + _LONGEST_ANSWER
    elif limit >= 2 * _LEAST_THINKING:
        made["thinking"] = {**thinking, "budget_tokens": max(_LEAST_THINKING, limit // 2)}
    else:
        del made["thinking"]


def _object(value: Any) -> Json:
    return value if isinstance(value, dict) else {}


def _knows_schemas(model: str) -> bool:
    return _generation(model) >= (4, 1)


def _generation(model: str) -> tuple[int, int]:
    """(4, 5) of claude-sonnet-4-5-20250929; a name that tells nothing counts as the newest."""
    found = _VERSION.search(model)
    return (int(found[1]), int(found[2] or 0)) if found else (99, 0)
