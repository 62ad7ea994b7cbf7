"""How the OpenAI-shaped endpoints differ from OpenAI and from each other."""

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final

from talome.engines.providers.models import Json
from talome.engines.providers.refusals import unsupported

BASE_URLS: Final[dict[str, str]] = {
    "openai": "https://api.openai.com/v1",
    "anthropic": "https://api.anthropic.com/v1",
    "google": "https://generativelanguage.googleapis.com/v1beta",
    "groq": "https://api.groq.com/openai/v1",
    "mistral": "https://api.mistral.ai/v1",
    "deepseek": "https://api.deepseek.com/v1",
    "openrouter": "https://openrouter.ai/api/v1",
}
"""Where the providers are; all others have an address of their own."""


@dataclass(frozen=True, slots=True)
class Quirks:
    """`limit` is the field for the longest answer. `keeps` are fields of messages that are no part of OpenAI's shape
    but that the endpoint understands. `required_choice` is its word for "call some tool"."""

    limit: str = "max_tokens"
    stream_usage: bool = True
    developer_role: bool = False
    json_schema: bool = True
    several: bool = True
    image_urls: bool = True
    image_detail: bool = True
    base64_vectors: bool = False
    required_choice: str = "required"
    keeps: frozenset[str] = frozenset()
    lacks: frozenset[str] = frozenset()
    renames: tuple[tuple[str, str], ...] = ()


_THOUGHTS: Final = frozenset({"reasoning_content"})
_LOCAL_LACKS: Final = frozenset({"store", "metadata", "service_tier", "prompt_cache_key", "safety_identifier"})
_LOCAL: Final = Quirks(keeps=_THOUGHTS, image_detail=False, lacks=_LOCAL_LACKS)
_FETCHED: Final = ("image_url", "video_url", "audio_url", "input_image")
"""Where a part may name something that the endpoint is to fetch. One in the house must not: it reaches what the asker
does not, and what must not leave the house would be told to whoever is asked."""
_EXTRA_FIELDS: Final = ("cache_control", "reasoning_content", "thinking_blocks", "reasoning")

_TABLE: Final[dict[str, Quirks]] = {
    "openai": Quirks(limit="max_completion_tokens", developer_role=True, base64_vectors=True),
    "openrouter": Quirks(
        developer_role=True, keeps=frozenset({"cache_control", "reasoning_content", "reasoning"}), several=False
    ),
    "groq": Quirks(
        limit="max_completion_tokens",
        several=False,
        lacks=frozenset({"logprobs", "top_logprobs", "logit_bias", "store", "metadata", "prompt_cache_key"}),
    ),
    "mistral": Quirks(
        stream_usage=False,
        image_detail=False,
        required_choice="any",
        lacks=frozenset({"stream_options", "user", "logprobs", "top_logprobs", "logit_bias", "prompt_cache_key"})
        | _LOCAL_LACKS,
        renames=(("seed", "random_seed"),),
    ),
    "deepseek": Quirks(json_schema=False, several=False, keeps=_THOUGHTS, lacks=_LOCAL_LACKS),
    "ollama": Quirks(
        several=False,
        image_urls=False,
        image_detail=False,
        keeps=_THOUGHTS,
        lacks=_LOCAL_LACKS | {"logit_bias", "parallel_tool_calls"},
    ),
    "vllm": Quirks(keeps=_THOUGHTS, base64_vectors=True, lacks=_LOCAL_LACKS),
    "llamacpp": Quirks(keeps=_THOUGHTS, image_detail=False, several=False, lacks=_LOCAL_LACKS),
    "lmstudio": Quirks(keeps=_THOUGHTS, image_detail=False, several=False, lacks=_LOCAL_LACKS),
    "localai": _LOCAL,
    "custom": Quirks(keeps=frozenset(_EXTRA_FIELDS)),
}


@lru_cache(maxsize=64)
def quirks_of(provider: str, *, local: bool = False) -> Quirks:
    """`local` endpoints fetch nothing, whatever they could."""
    quirks = _TABLE.get(provider, _TABLE["custom"])
    return replace(quirks, image_urls=False) if local else quirks


def chat_request(body: Json, provider: str, model: str, *, stream: bool, local: bool = False) -> Json:
    """The request as this endpoint wants it. The given one stays as it is: it may go to another endpoint after this."""
    quirks = quirks_of(provider, local=local)
    made = {name: value for name, value in body.items() if name not in quirks.lacks}
    made["model"] = model
    made["stream"] = stream
    _set_stream_options(made, quirks, stream=stream)
    _set_limit(made, quirks)
    for theirs, ours in quirks.renames:
        if theirs in made:
            made[ours] = made.pop(theirs)
    if made.get("tool_choice") == "required":
        made["tool_choice"] = quirks.required_choice
    if not quirks.several and made.pop("n", 1) not in (1, None):
        raise unsupported("This model gives one answer a request; leave `n` out.")
    if not quirks.json_schema and _format_of(made) == "json_schema":
        made["response_format"] = {"type": "json_object"}
    messages = made.get("messages")
    if isinstance(messages, list):
        made["messages"] = [_message(message, quirks) for message in messages]
    return made


def _set_stream_options(made: Json, quirks: Quirks, *, stream: bool) -> None:
    given = made.pop("stream_options", None)
    if stream and quirks.stream_usage:
        made["stream_options"] = {**(given if isinstance(given, dict) else {}), "include_usage": True}


def _set_limit(made: Json, quirks: Quirks) -> None:
    limit, older = made.pop("max_completion_tokens", None), made.pop("max_tokens", None)
    if limit is None:
        limit = older
    if limit is not None:
        made[quirks.limit] = limit


def _format_of(body: Json) -> Any:
    wanted = body.get("response_format")
    return wanted.get("type") if isinstance(wanted, dict) else None


def _message(message: Any, quirks: Quirks) -> Any:
    """The same object where nothing is to be changed, which is nearly always."""
    if not isinstance(message, dict):
        return message
    if len(message) > 2:
        strange = [name for name in _EXTRA_FIELDS if name in message and name not in quirks.keeps]
        if strange:
            message = {name: value for name, value in message.items() if name not in strange}
    if message.get("role") == "developer" and not quirks.developer_role:
        message = {**message, "role": "system"}
    content = message.get("content")
    if isinstance(content, list):
        parts = [_part(part, quirks) for part in content]
        if any(made is not part for made, part in zip(parts, content, strict=True)):
            message = {**message, "content": parts}
    return message


def _is_inside(given: Any) -> bool:
    """Whether a picture, or the like, is in the request itself, so that nobody need fetch it."""
    url = given.get("url") if isinstance(given, dict) else given
    return isinstance(url, str) and url[:5].lower() == "data:"


def _part(part: Any, quirks: Quirks) -> Any:
    if not isinstance(part, dict):
        return part
    if "cache_control" in part and "cache_control" not in quirks.keeps:
        part = {name: value for name, value in part.items() if name != "cache_control"}
    if not quirks.image_urls and any(name in part and not _is_inside(part[name]) for name in _FETCHED):
        raise unsupported("This model takes images only inside the request, as a data: URL.")
    image = part.get("image_url")
    if part.get("type") != "image_url" or not isinstance(image, dict):
        return part
    if not quirks.image_detail and "detail" in image:
        return {**part, "image_url": {"url": image.get("url", "")}}
    return part
