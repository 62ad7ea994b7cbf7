"""Whether an answer fits the field of an app's form."""

import ipaddress
import re
from typing import Final
from urllib.parse import urlsplit

from talome.core.errors import Invalid
from talome.home.manifest import FormField

_LONGEST: Final = 4096
_DOMAIN: Final = re.compile(r"(?=.{1,253}\Z)([a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?\.?)+\Z")
_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\Z")


def check_answer(field: FormField, answer: str | None) -> str:
    """The answer, or the default where there is none. Raises `Invalid` that names the field. A field's pattern helps in
    the form and is not tried here, since a store could write one that never ends."""
    value = field.default if answer is None or (answer == "" and field.required) else answer
    if value == "":
        if field.required:
            raise Invalid(f"“{field.label}” is needed.", field=field.name)
        return value
    if len(value) > _LONGEST or any(character in value for character in "\0\r\n"):
        raise Invalid(f"“{field.label}” must be one line of up to {_LONGEST} characters.", field=field.name)
    if complaint := _complaint(field, value):
        raise Invalid(f"“{field.label}” {complaint}.", field=field.name)
    return value


def _complaint(field: FormField, value: str) -> str | None:
    options = [option for option, _ in field.options]
    fits, otherwise = {
        "choice": (value in options, f"must be one of {', '.join(options)}"),
        "boolean": (value in ("true", "false"), "must be true or false"),
        "email": (_EMAIL.match(value) is not None, "must be an e-mail address"),
        "url": (_is_url(value), "must be an address that starts with http:// or https://"),
        "ip": (_is_ip(value), "must be an IP address"),
        "domain": (_DOMAIN.match(value) is not None or _is_ip(value), "must be a domain name"),
        "folder": (
            value.startswith("/") and ".." not in value.split("/"),
            "must be a folder of this machine, such as /srv/media",
        ),
    }.get(field.kind, (True, ""))
    if not fits:
        return otherwise
    return _number_complaint(field, value) if field.kind == "number" else _text_complaint(field, value)


def _number_complaint(field: FormField, value: str) -> str | None:
    try:
        number = float(value)
    except ValueError:
        return "must be a number"
    if field.minimum is not None and not number >= field.minimum:
        return f"must be {field.minimum:g} or more"
    if field.maximum is not None and not number <= field.maximum:
        return f"must be {field.maximum:g} or less"
    return None


def _text_complaint(field: FormField, value: str) -> str | None:
    if field.minimum is not None and len(value) < field.minimum:
        return f"must have {field.minimum:g} characters or more"
    if field.maximum is not None and len(value) > field.maximum:
        return f"must have {field.maximum:g} characters or fewer"
    return None


def _is_url(value: str) -> bool:
    try:
        address = urlsplit(value)
    except ValueError:
        return False
    return address.scheme in ("http", "https") and bool(address.netloc)


def _is_ip(value: str) -> bool:
    try:
        ipaddress.ip_address(value)
    except ValueError:
        return False
    return True
