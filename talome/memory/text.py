"""Text as the memory takes it: whole, real, bounded, and comparable."""

import hashlib
import unicodedata
from typing import Any, Final

import orjson

from talome.core.errors import Invalid, TooLarge

_ENDS: Final = " .!?;,:"


def check_text(text: str, field: str, most_bytes: int) -> None:
    """Refuse what no file of text can hold, and what is too long; the answer says where that belongs."""
    if "\x00" in text:
        raise Invalid(f"“{field}” holds a NUL character. Send text only.", field=field)
    try:
        size = len(text.encode())
    except UnicodeEncodeError:
        raise Invalid(
            f"“{field}” holds half of a character (a lone surrogate). Send valid Unicode.", field=field
        ) from None
    if size > most_bytes:
        raise TooLarge(
            f"“{field}” has {size} bytes; at most {most_bytes} fit. Add longer texts as a source, which is cut into"
            " pieces that can be found.",
            field=field,
        )


def packed(metadata: dict[str, Any], field: str, most_bytes: int) -> str:
    """A free map as it is kept."""
    try:
        text = orjson.dumps(metadata)
    except (orjson.JSONEncodeError, RecursionError):
        raise Invalid(f"“{field}” cannot be kept: it is nested too deeply or not valid Unicode.", field=field) from None
    if len(text) > most_bytes:
        raise TooLarge(f"“{field}” has {len(text)} bytes as JSON; at most {most_bytes} fit.", field=field)
    if b"\\u0000" in text:
        raise Invalid(f"“{field}” holds a NUL character. Send text only.", field=field)
    return text.decode()


def folded(text: str) -> str:
    """One spelling for what only differs in case, spaces, or the mark at its end."""
    return " ".join(unicodedata.normalize("NFC", text).casefold().split()).rstrip(_ENDS)


def text_hash(*parts: str) -> str:
    """The same for texts that say the same, letter for letter but for case, spaces and the mark at the end."""
    return hashlib.sha256("\n".join(map(folded, parts)).encode()).hexdigest()[:32]


def unique(items: list[str]) -> list[str]:
    """Without repetitions, in their order."""
    return list(dict.fromkeys(items))
