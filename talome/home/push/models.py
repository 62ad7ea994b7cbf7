"""Push subscriptions on the wire."""

from datetime import datetime
from typing import Annotated

from pydantic import Field, SecretStr

from talome.core.models import Wire


class PushKeys(Wire):
    """The browser's keys, base64url, as `PushSubscription.toJSON()` has them."""

    p256dh: Annotated[str, Field(alias="p256dh", max_length=200)]
    auth: Annotated[SecretStr, Field(max_length=100)]


class PushSubscription(Wire):
    """A device that gets notifications. `everything`: good news and mere information too."""

    id: str
    device: str
    everything: bool
    created_at: datetime
    last_used_at: datetime | None
    current: bool


class PushState(Wire):
    """`public_key` is what a browser subscribes with (`applicationServerKey`)."""

    public_key: str
    subscriptions: list[PushSubscription]


class PushFailure(Wire):
    id: str
    device: str
    reason: str


class PushTest(Wire):
    """To how many devices the test went, and why not to the others."""

    delivered: int
    failed: list[PushFailure]
