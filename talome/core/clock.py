"""Time as the whole house uses it: aware, UTC, and milliseconds since 1970 in the database."""

from datetime import UTC, datetime


def now() -> datetime:
    return datetime.now(UTC)


def to_ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def from_ms(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def now_ms() -> int:
    return to_ms(now())
