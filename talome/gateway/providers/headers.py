"""Headers that a household sends with every call to an endpoint of its own, such as a token of a proxy before it."""

import re
from collections.abc import Mapping
from typing import Final

from talome.core.errors import Invalid

_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")
_OURS: Final = frozenset(
    {
        "accept-encoding", "connection", "content-encoding", "content-length", "content-type", "cookie", "expect",
        "forwarded", "host", "keep-alive", "proxy-authorization", "te", "trailer", "transfer-encoding", "upgrade",
    }
)  # fmt: skip
_MOST: Final = 20
_LONGEST: Final = 4096


def checked_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Names and values that an HTTP client may send as they are. Raises `Invalid`, without the value."""
    if len(headers) > _MOST:
        raise Invalid(f"At most {_MOST} headers can be sent along.", field="headers")
    found: dict[str, str] = {}
    for name, value in headers.items():
        if not _NAME.fullmatch(name) or name.lower() in _OURS or name.lower() in map(str.lower, found):
            raise Invalid(f"“{name[:60]}” is not a header that can be sent along.", field="headers")
        stripped = value.strip()
        if len(stripped) > _LONGEST or not stripped.isascii() or not stripped.isprintable():
            raise Invalid(f"The value of “{name}” holds characters that a header cannot carry.", field="headers")
        found[name] = stripped
    return found


def split_credential(headers: Mapping[str, str]) -> tuple[str, tuple[tuple[str, str], ...]]:
    """The Bearer token, which endpoints have a place for, and the other headers."""
    secret, others = "", []
    for name, value in headers.items():
        scheme, _, token = value.partition(" ")
        if name.lower() == "authorization" and scheme.lower() == "bearer":
            secret = token.strip()
        else:
            others.append((name, value))
    return secret, tuple(others)
