"""Time-based one-time passwords: RFC 6238 with SHA-1, 30 seconds and 6 digits, which every authenticator app speaks."""

import hmac
import secrets as random
from base64 import b32decode, b32encode
from typing import Final
from urllib.parse import quote

PERIOD_S: Final = 30
DIGITS: Final = 6
DRIFT_STEPS: Final = 1
"""Codes of the period before and after are taken too: clocks differ, and people type slowly."""


def new_secret() -> str:
    """160 random bits in base32, as RFC 4226 recommends."""
    return b32encode(random.token_bytes(20)).decode()


def code_at(secret: str, step: int, digits: int = DIGITS) -> str:
    """The code of the period number `step` since 1970 (RFC 4226, section 5.3)."""
    digest = hmac.digest(b32decode(secret), step.to_bytes(8, "big"), "sha1")
    offset = digest[-1] & 0x0F
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return str(number % 10**digits).zfill(digits)


def matching_step(secret: str, typed: str, at_s: float) -> int | None:
    """The period whose code was typed, None where it is none of those that count at this time."""
    code = "".join(typed.split())
    now = int(at_s // PERIOD_S)
    found = None
    for step in range(now - DRIFT_STEPS, now + DRIFT_STEPS + 1):
        if hmac.compare_digest(code_at(secret, step).encode(), code.encode()):
            found = step
    return found


def setup_uri(secret: str, account: str, host: str) -> str:
    """What the QR code holds: `otpauth://totp/…`, in the form that Google Authenticator defined."""
    issuer = f"Talome {host}".replace(":", " ").strip()
    label = f"{quote(issuer, safe='')}:{quote(account, safe='')}"
    given = f"secret={secret}&issuer={quote(issuer, safe='')}&algorithm=SHA1&digits={DIGITS}&period={PERIOD_S}"
    return f"otpauth://totp/{label}?{given}"
