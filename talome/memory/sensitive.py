"""What never belongs in the memory: keys, passwords and card numbers. Found by their looks, so it can be wrong both
ways; whoever is sure that it is none may say so."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any, Final

from talome.core.errors import Forbidden, Invalid
from talome.core.log import is_secret_name

_KEYS: Final = re.compile(
    r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----"
    r"|\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"
    r"|\bgh[pousr]_[A-Za-z0-9]{30,}|\bgithub_pat_\w{20,}|\bglpat-[\w-]{20,}|\bxox[abeoprs]-[\w-]{10,}"
    r"|\bAIza[\w-]{30,}|\bsk-[\w-]{16,}|\bhf_[A-Za-z0-9]{30,}|\bnpm_[A-Za-z0-9]{30,}"
    r"|\b(?:talome_|tok_|tk_dev_|tk_live_|cc_live_|cc_test_)[\w-]{16,}"
    r"|(?<![\w-])eyJ[\w-]{8,}+\.eyJ[\w-]++\.[\w-]++"
)
_ADDRESS: Final = re.compile(r"\b\w{1,20}://[^\s/:@]{1,100}:[^\s/@]{3,200}@")
_BEARER: Final = re.compile(r"(?i)\b(?:bearer|basic)\s+(?=[\w.~+/=-]*[0-9])[\w.~+/=-]{16,}")
_PASSWORD: Final = re.compile(
    r"(?i)\b(?:pass(?:word|wd|phrase|code|wort)|pwd|kennwort|pin)\b[\"']?\s{0,3}(=|:|\bis\b)\s{0,3}[\"']?([^\s\"']{4,200})"
)
_TOKEN: Final = re.compile(
    r"(?i)(?:api[_-]?key|access[_-]?key|secret(?:[_-]?key)?|token|credential)\b[\"']?\s{0,3}(?:=|:|\bis\b)\s{0,3}[\"']?"
    r"(?=[\w./+=-]*[0-9])(?=[\w./+=-]*[A-Za-z])[\w./+=-]{12,}"
)
_CARD: Final = re.compile(
    r"(?<![\w.,-])(?:[46](?:[0-9][ -]?){14}[0-9](?:[ -]?[0-9]{3})?"
    r"|5[1-5](?:[0-9][ -]?){13}[0-9]|2[2-7](?:[0-9][ -]?){13}[0-9]|3[47](?:[0-9][ -]?){12}[0-9]"
    r"|3[068](?:[0-9][ -]?){11}[0-9])(?![\w-])"
)
"""By the first digits and the lengths that networks give out."""
_PLACEHOLDER: Final = re.compile(r"[$<{*\[].*|(?i:x+|change-?me|example|placeholder|redacted|hidden|secret)\W*")
_INVISIBLE: Final = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")


def find_secret(text: str) -> str | None:
    """What kind of secret is in the text, as words for a sentence; None where nothing looks like one."""
    text = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))
    if _KEYS.search(text) or _BEARER.search(text) or _TOKEN.search(text):
        return "a key or token"
    if _ADDRESS.search(text) or any(_is_password(*found.groups()) for found in _PASSWORD.finditer(text)):
        return "a password"
    if any(_is_card(found[0]) for found in _CARD.finditer(text)):
        return "a card number"
    return None


def _is_password(sign: str, value: str) -> bool:
    """“password is required” is none; “password is hunter2” and PASSWORD=anything are."""
    value = value.strip(".,;!?)\"'")
    if len(value) < 4 or _PLACEHOLDER.fullmatch(value):
        return False
    return sign == "=" or any(not character.isalpha() for character in value)


def _is_card(text: str) -> bool:
    """By Luhn's sum, which one in ten random numbers passes."""
    digits = [int(character) for character in text if character.isdigit()]
    if len(set(digits)) < 2:
        return False
    doubled = (sum(divmod(digit * 2, 10)) if place % 2 else digit for place, digit in enumerate(reversed(digits)))
    return sum(doubled) % 10 == 0


def refuse_secrets(fields: Mapping[str, Any], *, allowed: bool, trusted: bool) -> None:
    """Raise where a field looks like a secret, unless somebody trusted says that it is none. Values are not told."""
    if allowed and not trusted:
        raise Forbidden("Only a person or an app of theirs may keep what looks like a secret.", field="allow_secrets")
    if allowed:
        return
    for field, value in fields.items():
        kind = _kind_in(value)
        if kind is not None:
            raise Invalid(
                f"“{field}” seems to hold {kind}, and secrets do not belong in the memory. Take it out, or send"
                " “allow_secrets”: true if it is none.",
                code="secret_refused",
                field=field,
            )


def _kind_in(value: Any) -> str | None:
    if isinstance(value, str):
        return find_secret(value)
    if isinstance(value, Mapping):
        for name, item in value.items():
            named_so = is_secret_name(str(name)) and isinstance(item, str) and len(item) >= 4
            if named_so and not _PLACEHOLDER.fullmatch(item):
                return "a password or token"
            if kind := find_secret(str(name)) or _kind_in(item):
                return kind
        return None
    if isinstance(value, list | tuple):
        return next((kind for item in value if (kind := _kind_in(item))), None)
    return find_secret(str(value)) if isinstance(value, int) else None
