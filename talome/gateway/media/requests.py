"""Reads requests for media: what is wrong with them, and how large they are. Unknown fields go on as they came."""

from typing import Any, Final

from talome.core.errors import Invalid, TooLarge
from talome.engines.providers.models import AUDIO_TYPES
from talome.gateway.inference.models import Json

LONGEST_PROMPT: Final = 32_000
LONGEST_SPOKEN: Final = 4096
MOST_INPUTS: Final = 2048
MOST_IMAGES: Final = 10
LARGEST_AUDIO_BYTES: Final = 25 * 1024 * 1024
LONGEST_FILM_S: Final = 60
TRANSCRIPT_FORMATS: Final = ("json", "text", "srt", "vtt", "verbose_json")


def check_embeddings(body: Json) -> int:
    """The size of all inputs, in bytes."""
    given = body.get("input")
    inputs = given if isinstance(given, list) and not _are_tokens(given) else [given]
    if not inputs or len(inputs) > MOST_INPUTS:
        raise Invalid(f"“input” is a text, or a list of at most {MOST_INPUTS} texts.", field="input")
    if body.get("encoding_format", "float") not in ("float", "base64", None):
        raise Invalid("“encoding_format” is float or base64.", field="encoding_format")
    _number(body, "dimensions", 1, 100_000)
    return sum(map(_size_of_input, inputs))


def check_images(body: Json) -> int:
    """How many pictures."""
    _text(body, "prompt", LONGEST_PROMPT)
    if body.get("response_format") not in ("url", "b64_json", None):
        raise Invalid("“response_format” is url or b64_json.", field="response_format")
    if body.get("stream"):
        raise Invalid("Pictures are not streamed.", field="stream")
    return int(_number(body, "n", 1, MOST_IMAGES) or 1)


def check_speech(body: Json) -> str:
    """What is to be spoken."""
    text = _text(body, "input", LONGEST_SPOKEN)
    if body.get("response_format", "mp3") not in (*AUDIO_TYPES, None):
        raise Invalid(f"“response_format” is one of {', '.join(AUDIO_TYPES)}.", field="response_format")
    if not isinstance(body.get("voice", ""), str | dict | None):
        raise Invalid("“voice” is the name of a voice.", field="voice")
    _number(body, "speed", 0.25, 4.0)
    if body.get("stream_format") not in ("audio", None):
        raise Invalid("Speech is sent as sound here.", field="stream_format")
    return text


def check_film(body: Json) -> float:
    """How many seconds."""
    _text(body, "prompt", LONGEST_PROMPT)
    return float(_number(body, "duration", 1, LONGEST_FILM_S) or 5)


def check_transcription(fields: Json, size_bytes: int) -> None:
    if not size_bytes:
        raise Invalid("“file” is the sound to write down, sent as multipart/form-data.", field="file")
    if size_bytes > LARGEST_AUDIO_BYTES:
        raise TooLarge(f"“file” may have at most {LARGEST_AUDIO_BYTES} bytes.", field="file")
    if fields.get("response_format", "json") not in TRANSCRIPT_FORMATS:
        raise Invalid(f"“response_format” is one of {', '.join(TRANSCRIPT_FORMATS)}.", field="response_format")


def _text(body: Json, name: str, longest: int) -> str:
    text = body.get(name)
    if not isinstance(text, str) or not text.strip():
        raise Invalid(f"“{name}” is a text that is not empty.", field=name)
    if len(text) > longest:
        raise Invalid(f"“{name}” has at most {longest} characters.", field=name)
    return text


def _number(body: Json, name: str, least: float, most: float) -> float | None:
    value = body.get(name)
    if value is None:
        return None
    if not isinstance(value, int | float) or isinstance(value, bool) or not least <= value <= most:
        raise Invalid(f"“{name}” is a number from {least:g} to {most:g}.", field=name)
    return value


def _size_of_input(given: Any) -> int:
    if isinstance(given, str) and given:
        return len(given.encode("utf-8", "replace"))
    if _are_tokens(given):
        return 4 * len(given)
    raise Invalid("Each input is a text that is not empty, or a list of tokens.", field="input")


def _are_tokens(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(type(one) is int for one in value)
