"""What a push message says: the JSON that the service worker shows, within the size that push services take."""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from typing import Final

import orjson

from talome.engines.webpush import LARGEST_PAYLOAD_BYTES, Message, Urgency
from talome.home.notifications.models import Level, NotificationChanged

_DAY_S: Final = 86_400
_URGENCY: Final[dict[Level, Urgency]] = {"danger": "high", "warning": "normal", "success": "low", "info": "low"}
_TEST_S: Final = 300


def message_of(event: NotificationChanged) -> Message:
    """Waits a day for a device that is off; what comes again about the same thing takes its place."""
    shown = event.notification
    topic = urlsafe_b64encode(hashlib.sha256(event.key.encode()).digest())[:32].decode("ascii")
    told = {
        "title": shown.title,
        "body": shown.body,
        "link": shown.link,
        "tag": topic,
        "level": shown.level,
        "at": shown.at.isoformat(),
    }
    return Message(fitted(told), _DAY_S, _URGENCY[shown.level], topic)


def trial() -> Message:
    """For the person who wants to see whether it works."""
    told = {
        "title": "Talome",
        "body": "Notifications reach this device.",
        "link": "/notifications",
        "tag": "test",
        "level": "info",
    }
    return Message(fitted(told), _TEST_S, "high", "test")


def fitted(told: Mapping[str, str | None]) -> bytes:
    """The body is cut where the whole would be too large."""
    payload = orjson.dumps(told)
    body = told["body"] or ""
    while len(payload) > LARGEST_PAYLOAD_BYTES and body:
        body = body[: len(body) * 3 // 4]
        payload = orjson.dumps({**told, "body": f"{body}…"})
    return payload
