"""Identifiers: a short prefix that names the kind, a time part that sorts, and a random part nobody can guess."""

import secrets
import time
from base64 import b32encode
from typing import Final

# Crockford's alphabet in lower case (no i, l, o, u) in place of RFC 4648's; both sort like the numbers they stand for.
_CROCKFORD: Final = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", b"0123456789abcdefghjkmnpqrstvwxyz")


def new_id(prefix: str) -> str:
    """`usr_01j9…`: milliseconds since 1970 in 10 digits of base 32, then 80 random bits in 16; sorts by creation."""
    number = (time.time_ns() // 1_000_000) << 80 | secrets.randbits(80)
    digits = b32encode((number << 30).to_bytes(20, "big"))[:26]
    return f"{prefix}_{digits.translate(_CROCKFORD).decode('ascii')}"
