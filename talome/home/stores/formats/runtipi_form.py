"""What Runtipi asks before an install: form fields, and the secrets that it makes up."""

import re
from collections.abc import Iterable
from typing import Any, Final

from talome.home.manifest import FieldKind, FormField, Part
from talome.home.stores.formats.found import BadManifest
from talome.home.stores.formats.parts import Parts
from talome.home.stores.formats.values import words

NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")
MOST_FIELDS: Final = 100
LONGEST_PATTERN: Final = 300
SECRET_LENGTH: Final = 64
SECRET_BYTES: Final = 32
KINDS: Final[dict[str, FieldKind]] = {
    "text": "text",
    "password": "password",
    "email": "email",
    "number": "number",
    "fqdn": "domain",
    "fqdnip": "text",
    "ip": "ip",
    "url": "url",
    "boolean": "boolean",
}


def read_form(value: Any) -> tuple[list[FormField], dict[str, Parts]]:
    """The fields to ask, and what each variable of the form stands for."""
    if value is None:
        return [], {}
    if not isinstance(value, list) or len(value) > MOST_FIELDS:
        raise BadManifest("form_fields is not a list, or longer than a form can be")
    fields: dict[str, FormField] = {}
    known: dict[str, Parts] = {}
    for item in value:
        if not isinstance(item, dict) or not NAME.fullmatch(words(item.get("env_variable"))):
            raise BadManifest("a form field does not name its variable")
        name = words(item["env_variable"])
        if item.get("type") == "random":
            known[name] = (_secret(name, item),)
            fields.pop(name, None)
        else:
            fields[name] = _field(name, item)
            known[name] = (Part(field=name),)
    return list(fields.values()), known


def with_defaults(fields: Iterable[FormField], defaults: dict[str, str]) -> list[FormField]:
    """Fields that say what the compose file would do without an answer."""
    return [
        field.model_copy(update={"default": defaults[field.name]})
        if not field.default and "$" not in defaults.get(field.name, "$")
        else field
        for field in fields
    ]


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _secret(name: str, item: dict[str, Any]) -> Part:
    wanted = int(_number(item.get("min")) or 32)
    if item.get("encoding") == "base64":
        size = max(1, min(wanted, SECRET_BYTES))
        return Part(secret=name, length=4 * ((size + 2) // 3), encoding="base64")
    return Part(secret=name, length=max(1, min(wanted, SECRET_LENGTH)))


def _field(name: str, item: dict[str, Any]) -> FormField:
    kind = KINDS.get(words(item.get("type")))
    if kind is None:
        raise BadManifest(f"the form field {name} has a type that is not known: {words(item.get('type'))[:40]!r}")
    options = _options(item.get("options"))
    default = item.get("default")
    placeholder = words(item.get("placeholder"))
    return FormField(
        name=name,
        label=words(item.get("label")) or name,
        help=words(item.get("hint")) or (f"For example {placeholder}" if placeholder else ""),
        kind="choice" if options else kind,
        default=str(default).lower() if isinstance(default, bool) else words(default),
        required=item.get("required") is True,
        options=options,
        minimum=_number(item.get("min")),
        maximum=_number(item.get("max")),
        pattern=_pattern(item.get("regex")),
        pattern_help=words(item.get("pattern_error")),
    )


def _options(value: Any) -> list[tuple[str, str]]:
    pairs = [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
    return [(words(item.get("value")), words(item.get("label")) or words(item.get("value"))) for item in pairs]


def _pattern(value: Any) -> str | None:
    """The pattern, unless it is one that only JavaScript knows."""
    pattern = words(value)
    if not pattern or len(pattern) > LONGEST_PATTERN:
        return None
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError):
        return None
    return pattern
