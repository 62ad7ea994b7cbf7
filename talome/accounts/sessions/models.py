"""What of a session crosses the wire."""

from datetime import datetime

from talome.core.models import Wire


class Session(Wire):
    """A signed-in browser or program; `current` is the one that asks."""

    id: str
    current: bool
    ip: str
    user_agent: str
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime


class SessionsEnded(Wire):
    """How many were ended."""

    ended: int
