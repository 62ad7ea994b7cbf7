"""How deep JSON that somebody else wrote may be nested: what can be read is not always what can be written again."""

from typing import Any, Final

import orjson

_ROOM: Final = 64
"""Levels that are left for what we put around such a value when we pass it on."""


def is_too_deep(raw: bytes | bytearray, value: Any) -> bool:
    """Whether `value`, which was read from `raw`, could not be written as a part of something else. Nearly all bodies
    are cleared by their number of brackets alone."""
    if raw.count(b"[") + raw.count(b"{") <= _ROOM:
        return False
    for _ in range(_ROOM):
        value = [value]
    try:
        orjson.dumps(value)
    except orjson.JSONEncodeError:
        return True
    return False
