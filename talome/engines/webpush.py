"""Web push: one message, encrypted for one browser, handed to that browser's push service. No policy.

pywebpush encrypts (RFC 8188, RFC 8291) and py-vapid signs (RFC 8292); the request is our own, because theirs follows
redirects, and an endpoint is what a stranger's browser said. Both are loaded when the first message goes out.
"""

import asyncio
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from typing import Final, Literal

import aiohttp
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from yarl import URL

from talome.core.clock import retry_after_s
from talome.core.errors import Invalid, Unavailable

LARGEST_PAYLOAD_BYTES: Final = 3900
Urgency = Literal["very-low", "low", "normal", "high"]
_TIMEOUT_S: Final = 20.0
_SIGNED_FOR_S: Final = 12 * 3600
_ANSWER_BYTES: Final = 300
_AUTH_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class Target:
    """What the browser gave: where to post, and its keys (base64url)."""

    endpoint: str
    p256dh: str
    auth: str


@dataclass(frozen=True, slots=True)
class Message:
    """At most `LARGEST_PAYLOAD_BYTES`; kept for `ttl_s`. A later one of the same `topic` takes its place."""

    payload: bytes
    ttl_s: int
    urgency: Urgency
    topic: str


@dataclass(frozen=True, slots=True)
class Answer:
    """Of the push service; 2xx: taken. `retry_after_s` where it said when to come again."""

    status: int
    retry_after_s: float | None
    detail: str


@dataclass(frozen=True, slots=True)
class Sender:
    """Who signs: the private key (base64url of 32 bytes), and a mail address for the push service's operators."""

    private_key: str
    contact: str


def new_private_key() -> str:
    number = ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value
    return _encoded(number.to_bytes(32, "big"))


def public_key_of(private_key: str) -> str:
    """What browsers want as `applicationServerKey`: base64url of the uncompressed point."""
    key = ec.derive_private_key(int.from_bytes(_decoded(private_key), "big"), ec.SECP256R1())
    return _encoded(key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))


def check_keys(p256dh: str, auth: str) -> None:
    """Raise `Invalid` where these are not the keys of a browser's subscription."""
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), _decoded(p256dh))
        fits = len(_decoded(auth)) == _AUTH_BYTES
    except (ValueError, UnsupportedAlgorithm):
        fits = False
    if not fits:
        raise Invalid("These are not the keys of a browser's push subscription.", field="keys")


class WebPush:
    """One HTTP client for all; it is made with the first message."""

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None

    async def send(self, target: Target, message: Message, sender: Sender) -> Answer:
        """Raises `Unavailable` where the push service cannot be reached."""
        body, headers = await asyncio.to_thread(_sealed, target, message, sender)
        if self._session is None:
            self._session = aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=_TIMEOUT_S), cookie_jar=aiohttp.DummyCookieJar()
            )
        try:
            async with self._session.post(
                URL(target.endpoint, encoded=True), data=body, headers=headers, allow_redirects=False
            ) as response:
                detail = (await response.content.read(_ANSWER_BYTES)).decode(errors="replace")
                return Answer(response.status, retry_after_s(response.headers.get("Retry-After")), detail)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise Unavailable(f"The push service cannot be reached: {str(error) or type(error).__name__}.") from None

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()


def _sealed(target: Target, message: Message, sender: Sender) -> tuple[bytes, dict[str, str]]:
    from py_vapid import Vapid02
    from pywebpush import WebPusher

    if len(message.payload) > LARGEST_PAYLOAD_BYTES:
        raise ValueError(f"a payload of {len(message.payload)} bytes is too large for a push message")
    keys = {"p256dh": target.p256dh, "auth": target.auth}
    body = bytes(WebPusher({"endpoint": target.endpoint, "keys": keys}).encode(message.payload)["body"])
    claims = {
        "aud": str(URL(target.endpoint, encoded=True).origin()),
        "exp": int(time.time()) + _SIGNED_FOR_S,
        "sub": f"mailto:{sender.contact}",
    }
    signed: dict[str, str] = Vapid02.from_raw(sender.private_key.encode()).sign(claims)
    return body, {
        **signed,
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "TTL": str(message.ttl_s),
        "Urgency": message.urgency,
        "Topic": message.topic,
    }


def _encoded(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode("ascii").rstrip("=")


def _decoded(text: str) -> bytes:
    """Raises `ValueError` for what is no base64url."""
    raw = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if _encoded(raw) != text.rstrip("="):
        raise ValueError("not base64url")
    return raw
