"""Reads the parts of OpenAI-shaped messages for the adapters that put them into another form."""

import re
from collections.abc import Iterator
from typing import Any, Final

import orjson

from talome.engines.providers.models import Json
from talome.engines.providers.refusals import unsupported

_DATA_URL: Final = re.compile(r"data:([\w.+-]+/[\w.+-]+)(?:;[\w.=+-]+)*;base64,", re.ASCII)


def messages_of(body: Json) -> list[Json]:
    messages = body.get("messages")
    if not isinstance(messages, list) or not all(isinstance(message, dict) for message in messages):
        raise unsupported("`messages` must be a list of messages.")
    return messages


def parts_of(content: Any) -> Iterator[Json]:
    """The parts of a message's content, a plain text being one of them; empty texts are left out."""
    given = [{"type": "text", "text": content}] if isinstance(content, str) else content
    for part in given if isinstance(given, list) else ():
        if not isinstance(part, dict):
            raise unsupported("Each part of a message's content must be an object.")
        if part.get("type") != "text" or part.get("text"):
            yield part


def text_of(content: Any) -> str:
    """All texts of a content together."""
    return "\n".join(str(part.get("text", "")) for part in parts_of(content) if part.get("type") == "text")


def image_url_of(part: Json) -> str:
    image = part.get("image_url")
    return str(image.get("url", "") if isinstance(image, dict) else image or "")


def split_data_url(url: str) -> tuple[str, str] | None:
    """(media type, base64) of a data: URL."""
    found = _DATA_URL.match(url)
    return (found[1].lower(), url[found.end() :]) if found else None


def file_of(part: Json) -> tuple[str, str]:
    """(media type, base64) of a file that stands in the request."""
    file = part.get("file")
    found = split_data_url(str(file.get("file_data", ""))) if isinstance(file, dict) else None
    if found is None:
        raise unsupported("Files must stand in the request, as a data: URL in `file_data`.")
    return found


def schema_of(body: Json) -> Json | None:
    """The JSON schema that the answer is to follow."""
    wanted = body.get("response_format")
    inner = wanted.get("json_schema") if isinstance(wanted, dict) and wanted.get("type") == "json_schema" else None
    schema = inner.get("schema") if isinstance(inner, dict) else None
    return schema if isinstance(schema, dict) else None


def wants_json(body: Json) -> bool:
    """Whether any JSON will do."""
    wanted = body.get("response_format")
    return isinstance(wanted, dict) and wanted.get("type") == "json_object"


def functions_of(body: Json) -> list[tuple[Json, Json]]:
    """Each tool and the function in it."""
    tools = body.get("tools") or []
    if not isinstance(tools, list):
        raise unsupported("`tools` must be a list.")
    return [
        (tool, tool["function"]) for tool in tools if isinstance(tool, dict) and isinstance(tool.get("function"), dict)
    ]


def native_tools_of(body: Json) -> list[Json]:
    """Tools in the provider's own form, such as its search, which go to it as they are."""
    return [tool for tool in body.get("tools") or [] if isinstance(tool, dict) and "function" not in tool]


def chosen_function(choice: Any) -> str:
    """The name of the tool that must be called."""
    function = choice.get("function") if isinstance(choice, dict) else None
    return str(function.get("name", "")) if isinstance(function, dict) else ""


def calls_of(message: Json) -> list[tuple[Json, Json]]:
    """Each call of an assistant's message, and its arguments as an object."""
    calls = message.get("tool_calls")
    return [
        (call, arguments_object(call["function"].get("arguments")))
        for call in (calls if isinstance(calls, list) else ())
        if isinstance(call, dict) and isinstance(call.get("function"), dict)
    ]


def arguments_object(arguments: Any) -> Json:
    if isinstance(arguments, str):
        try:
            arguments = orjson.loads(arguments or "{}")
        except orjson.JSONDecodeError:
            raise unsupported("The arguments of a tool call must be JSON.") from None
    return arguments if isinstance(arguments, dict) else {}


def limit_of(body: Json) -> int | None:
    """The longest answer that is asked for, in tokens."""
    limit = body.get("max_completion_tokens") or body.get("max_tokens")
    return limit if isinstance(limit, int) and limit > 0 else None


def stops_of(body: Json) -> list[str]:
    stop = body.get("stop")
    given = stop if isinstance(stop, list) else [stop]
    return [text for text in given if isinstance(text, str) and text]
