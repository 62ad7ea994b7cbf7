"""Time as the whole house uses it: aware, UTC, and milliseconds since 1970 in the database."""

import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

_LONGEST_PAUSE_S: Final = 30 * 86_400.0


def now() -> datetime:
    return datetime.now(UTC)


def to_ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def from_ms(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def retry_after_s(header: str | None) -> float | None:
    """Of a Retry-After header, which holds seconds or a date; None where it is missing or neither."""
    if header is None:
        return None
    if header.strip().isdecimal():
        return min(float(header), _LONGEST_PAUSE_S)
    try:
        return min(max(0.0, (parsedate_to_datetime(header) - now()).total_seconds()), _LONGEST_PAUSE_S)
    except (ValueError, TypeError):
        return None
