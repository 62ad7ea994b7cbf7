"""Identifiers: a short prefix that names the kind, a time part that sorts, and a random part nobody can guess."""

import os
import time
from typing import Final

_CROCKFORD: Final = "0123456789abcdefghjkmnpqrstvwxyz"
"""Crockford's alphabet in lower case (no i, l, o, u), which sorts like the numbers that it stands for."""
_PAIRS: Final = tuple(first + second for first in _CROCKFORD for second in _CROCKFORD)
_SHIFTS: Final = tuple(range(120, -1, -10))


def new_id(prefix: str) -> str:
    """`usr_01j9…`: milliseconds since 1970 in 10 digits of base 32, then 80 random bits in 16; sorts by creation."""
    number = (time.time_ns() // 1_000_000) << 80 | int.from_bytes(os.urandom(10), "big")
    return f"{prefix}_{''.join([_PAIRS[number >> shift & 1023] for shift in _SHIFTS])}"
