"""Reads a request for a chat: what is wrong with it, what it needs of a model, and about how large it is.

By hand rather than by a model class: fields that we do not know go on to the provider as they came.
"""

import hashlib
from dataclasses import dataclass
from typing import Any, Final

import orjson

from talome.core.errors import Invalid
from talome.engines.providers.usage import estimated_input

Json = dict[str, Any]
ROLES: Final = frozenset({"system", "developer", "user", "assistant", "tool", "function"})
MOST_MESSAGES: Final = 5000
MOST_PARTS: Final = 20_000
MOST_TOOLS: Final = 1000
MOST_CHOICES: Final = 16
MOST_TOKENS: Final = 4_000_000
DEFAULT_MODEL: Final = "auto"
_IMAGE_TOKENS: Final = 1600
_PRICED_EXTRA: Final = (
    "models", "route", "plugins", "web_search_options", "mcp_servers", "container", "cached_content",
)  # fmt: skip
"""Fields by which a provider charges for more than the tokens of the model that we chose."""
_TOOLS: Final = ("function", "custom")
_COUNTED: Final = frozenset({"role", "content"})
_SMALL: Final = frozenset(
    {"model", "messages", "stream", "stream_options", "temperature", "max_tokens", "user", "stop"}
)
_IMAGES: Final = ("image_url", "image", "input_image")
_TIERS: Final = ("auto", "default", "flex", None)
_CONVERSATION_CHARACTERS: Final = 2000


@dataclass(slots=True)
class Size:
    """About how large a request is. `most_tokens` is what it can hardly exceed."""

    tokens: int
    most_tokens: int
    images: int
    text: str
    conversation: str


def check_chat(body: Json) -> None:
    """Raise `Invalid` for what no provider could answer, or what would be charged in ways that nobody reserved."""
    _check_messages(body.get("messages"))
    for name in _PRICED_EXTRA:
        if name in body:
            raise Invalid(f"“{name}” is not available through Talome, which chooses the model itself.", field=name)
    if body.get("service_tier") not in _TIERS:
        raise Invalid("“service_tier” may be auto, default or flex here.", field="service_tier")
    _check_tools(body.get("tools"))
    number_of(body, "n", 1, MOST_CHOICES)
    for name in ("max_tokens", "max_completion_tokens"):
        number_of(body, name, 1, MOST_TOKENS)
    if not isinstance(body.get("stream", False), bool | None):
        raise Invalid("“stream” is true or false.", field="stream")


def _check_tools(tools: Any) -> None:
    """Only those that the client runs itself: providers charge for searches and sandboxes of their own."""
    if not isinstance(tools, list | None):
        raise Invalid("“tools” is a list.", field="tools")
    if len(tools or ()) > MOST_TOOLS:
        raise Invalid(f"“tools” may hold at most {MOST_TOOLS} tools.", field="tools")
    for tool in tools or ():
        if not isinstance(tool, dict) or tool.get("type", "function") not in _TOOLS:
            raise Invalid("Only tools of the type “function” are available through Talome.", field="tools")
        if not isinstance(tool.get(tool.get("type", "function")), dict):
            raise Invalid("Each tool has the function that it is.", field="tools")


def _check_messages(messages: Any) -> None:
    if not isinstance(messages, list) or not messages:
        raise Invalid("“messages” must be a list with at least one message.", field="messages")
    if len(messages) > MOST_MESSAGES:
        raise Invalid(f"“messages” may hold at most {MOST_MESSAGES} messages.", field="messages")
    parts = 0
    for number, message in enumerate(messages):
        role = message.get("role") if isinstance(message, dict) else None
        if not isinstance(role, str) or role not in ROLES:
            raise Invalid("Each message is an object with a “role”.", field=f"messages.{number}.role")
        content = message.get("content")
        if not isinstance(content, str | list | None):
            raise Invalid("“content” is a text or a list of parts.", field=f"messages.{number}.content")
        if isinstance(content, list):
            parts += len(content)
    if parts > MOST_PARTS:
        raise Invalid(f"“messages” may hold at most {MOST_PARTS} parts.", field="messages")


def model_of(body: Json) -> str:
    """The model that was asked for; `auto` where none was."""
    model = body.get("model", DEFAULT_MODEL)
    if not isinstance(model, str) or not model or len(model) > 200:
        raise Invalid("“model” is the name of a model, or auto, fast or max.", field="model")
    return model


def number_of(body: Json, name: str, least: int, most: int) -> int | None:
    value = body.get(name)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise Invalid(f"“{name}” is a whole number from {least} to {most}.", field=name)
    return value


def asked_output(body: Json) -> int | None:
    """The most tokens that the client wants of one choice; None where it did not say."""
    return body.get("max_completion_tokens") or body.get("max_tokens")


def needs_of(body: Json, size: Size) -> frozenset[str]:
    needs = {"chat"}
    if size.images:
        needs.add("vision")
    if body.get("tools") or body.get("functions"):
        needs.add("tools")
    kind = body.get("response_format")
    if isinstance(kind, dict) and str(kind.get("type", "")).startswith("json"):
        needs.add("json")
    return frozenset(needs)


def measure(body: Json) -> Size:
    """Walk through the messages once."""
    weight = images = 0
    first, last = "", ""
    for message in body["messages"]:
        content = message.get("content")
        if isinstance(content, str):
            text, others = content, 0
        else:
            text, pictures, others = _parts(content or [])
            images += pictures
        weight += _weight(text) + 16 + others
        if len(message) > 2:
            weight += sum(_weight_of(value) for name, value in message.items() if name not in _COUNTED)
        if message["role"] == "user":
            last = text
            first = first or text
    weight += sum([_weight_of(body[name]) for name in body if name not in _SMALL])
    seen = hashlib.blake2b(first[:_CONVERSATION_CHARACTERS].encode("utf-8", "replace"), digest_size=8).hexdigest()
    return Size(estimated_input(body), weight // 2 + 1 + 2 * images * _IMAGE_TOKENS, images, last, seen)


def most_of_message(body: Json) -> int:
    """The most tokens of a request in Anthropic's own words, with what is in it beside text: thoughts, results."""
    return _weight_within({name: body[name] for name in ("system", "messages", "tools") if name in body}) // 2 + 1


def _weight_within(value: Any) -> int:
    if isinstance(value, str):
        return _weight(value)
    if isinstance(value, list):
        return sum(map(_weight_within, value)) + 8 * len(value)
    if not isinstance(value, dict):
        return 8
    if value.get("type") in _IMAGES and "source" in value:
        return 4 * _IMAGE_TOKENS
    if value.get("type") == "document" and "source" in value:
        return _weight_of_file(value)
    return sum(len(name) + _weight_within(inner) for name, inner in value.items())


def _parts(content: list[Any]) -> tuple[str, int, int]:
    """The text of the parts, how many images there are, and what all else weighs."""
    texts, images, others = [], 0, 0
    for part in content:
        if not isinstance(part, dict):
            raise Invalid("Each part of a message is an object with a “type”.", field="messages")
        kind = part.get("type")
        if isinstance(text := part.get("text"), str):
            texts.append(text)
        if kind in _IMAGES:
            images += 1
        elif kind in ("file", "input_audio"):
            others += _weight_of_file(part)
        elif kind != "text":
            others += _weight_of(part)
    return "\n".join(texts), images, others


def _weight_of_file(part: Json) -> int:
    """Packed sounds and pages hold fewer tokens than their bytes."""
    return 4 * _IMAGE_TOKENS + len(orjson.dumps(part)) // 8


def _weight_of(value: Any) -> int:
    if isinstance(value, str):
        return _weight(value)
    return len(orjson.dumps(value)) if isinstance(value, list | dict) else 0


def _weight(text: str) -> int:
    """Bytes: two of them are a token at most in nearly every text."""
    return len(text) if text.isascii() else len(text.encode("utf-8", "replace"))
