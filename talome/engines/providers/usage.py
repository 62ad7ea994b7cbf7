"""Counts tokens: what the endpoints tell, in counters that do not overlap, and an estimate where they tell nothing."""

from typing import Any, Final

from talome.engines.providers.models import Json, Tokens

_MOST: Final = 1_000_000_000
_CHARACTERS_A_TOKEN: Final = 4
_TOKENS_A_MESSAGE: Final = 4
_TOKENS_AN_IMAGE: Final = 1_000


def count(value: Any) -> int:
    """A number of tokens, or 0 for whatever else stands there."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MOST else 0


def openai_tokens(usage: Any) -> Tokens | None:
    """Of a chat completion. None where nothing useful is told; a request of no tokens is not believed."""
    if not isinstance(usage, dict):
        return None
    prompt, output = count(usage.get("prompt_tokens")), count(usage.get("completion_tokens"))
    if not prompt:
        return None
    read = write = reasoning = 0
    if details := _details(usage, "prompt_tokens_details"):
        read = min(count(details.get("cached_tokens")), prompt)
        write = min(count(details.get("cache_write_tokens")), prompt - read)
    if not read and "prompt_cache_hit_tokens" in usage:
        read = min(count(usage["prompt_cache_hit_tokens"]), prompt)
        write = min(write, prompt - read)
    if made := _details(usage, "completion_tokens_details"):
        reasoning = min(count(made.get("reasoning_tokens")), output)
    return Tokens(prompt - read - write, read, write, output, reasoning)


def anthropic_tokens(usage: Any, before: Tokens | None = None) -> Tokens:
    """Of a message, or of an event of one; what this event does not tell stays as it was."""
    made = before or Tokens()
    if isinstance(usage, dict):
        fields = {
            "input": "input_tokens",
            "cache_read": "cache_read_input_tokens",
            "cache_write": "cache_creation_input_tokens",
            "output": "output_tokens",
        }
        for ours, theirs in fields.items():
            if usage.get(theirs) is not None:
                setattr(made, ours, count(usage[theirs]))
    return made


def google_tokens(usage: Any) -> Tokens | None:
    """Of Gemini's usageMetadata."""
    if not isinstance(usage, dict):
        return None
    prompt = count(usage.get("promptTokenCount")) + count(usage.get("toolUsePromptTokenCount"))
    if not prompt:
        return None
    read = min(count(usage.get("cachedContentTokenCount")), prompt)
    thoughts = count(usage.get("thoughtsTokenCount"))
    return Tokens(prompt - read, read, 0, count(usage.get("candidatesTokenCount")) + thoughts, thoughts)


def _details(usage: Json, name: str) -> Json:
    details = usage.get(name)
    return details if isinstance(details, dict) else {}


def tokens_of(characters: int) -> int:
    """An estimate, on the high side for English prose."""
    return -(-characters // _CHARACTERS_A_TOKEN)


def estimated_input(body: Json) -> int:
    """Of a chat request: messages, tools and images. Never less than 1."""
    messages = body.get("messages")
    total = sum([_estimated(message) for message in messages]) if isinstance(messages, list) else 0
    if tools := body.get("tools"):
        total += _characters_of(tools) // _CHARACTERS_A_TOKEN
    return total or 1


def estimated(body: Json, made: int) -> Tokens:
    """For an endpoint that tells nothing; `made` are the characters of the answer."""
    return Tokens(input=estimated_input(body), output=tokens_of(made), estimated=True)


def _estimated(message: Any) -> int:
    if not isinstance(message, dict):
        return 0
    content = message.get("content")
    tokens = _TOKENS_A_MESSAGE
    if calls := message.get("tool_calls"):
        tokens += _characters_of(calls) // _CHARACTERS_A_TOKEN
    if isinstance(content, str):
        return tokens + -(-len(content) // _CHARACTERS_A_TOKEN)
    if not isinstance(content, list):
        return tokens
    for part in content:
        text = part.get("text") if isinstance(part, dict) else None
        is_image = isinstance(part, dict) and str(part.get("type", "")) in ("image_url", "image", "input_image", "file")
        tokens += _TOKENS_AN_IMAGE if is_image else tokens_of(len(text) if isinstance(text, str) else 0)
    return tokens


def _characters_of(value: Any) -> int:
    """Of all texts inside; names of fields count too."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, dict):
        return sum(len(name) + _characters_of(inner) for name, inner in value.items() if isinstance(name, str))
    if isinstance(value, list):
        return sum(map(_characters_of, value))
    return 1 if value is not None else 0


def image_tokens(usage: Any) -> Tokens | None:
    """Of an answer with images, which counts them by other names."""
    if not isinstance(usage, dict) or not usage.get("output_tokens"):
        return None
    return Tokens(input=count(usage.get("input_tokens")), output=count(usage["output_tokens"]))
