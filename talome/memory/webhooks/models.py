"""What crosses the wire: ChaozCode's webhooks as its reference shows them, and what a person wants to know."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Final, Literal

from talome.core.models import Wire

EventName = Literal[
    "memory.stored",
    "memory.updated",
    "memory.deleted",
    "agent.started",
    "agent.completed",
    "agent.failed",
    "project.updated",
    "usage.threshold",
]
SENT: Final[frozenset[str]] = frozenset({"memory.stored", "memory.updated", "memory.deleted"})
"""What this release tells of. The others may be asked for already, and a webhook says which of its own are silent."""
TEST_EVENT: Final = "webhook.test"
State = Literal["active", "failing", "paused"]
DeliveryState = Literal["waiting", "delivered", "failed"]


class Webhook(Wire):
    """`status`: `failing` while the last attempt failed, `paused` after many; `notSentYet` are events of `events` that
    nothing in this house sends so far. `missed` counts events that found no room to wait."""

    columns: ClassVar[tuple[str, ...]] = ("id", "url", "events", "status")
    id: str
    url: str
    events: list[EventName]
    not_sent_yet: list[EventName]
    status: State
    pause_reason: str
    created_at: datetime
    last_delivered_at: datetime | None
    next_attempt_at: datetime | None
    waiting: int
    missed: int


class NewWebhook(Webhook):
    """A webhook at its making: the only time that the signing secret is shown."""

    secret: str


class WebhookList(Wire):
    webhooks: list[Webhook]


class WebhookTest(Wire):
    """How the receiver took a test: `status` is that of its answer, None where there was none."""

    ok: bool
    event_id: str
    status: int | None
    took_ms: int
    error: str


class Delivery(Wire):
    """An event on its way to a webhook. `error` is why the last attempt failed, with the beginning of the answer."""

    columns: ClassVar[tuple[str, ...]] = ("event_id", "type", "state", "attempts", "status", "created_at")
    id: str
    event_id: str
    type: str
    state: DeliveryState
    attempts: int
    status: int | None
    took_ms: int | None
    error: str
    created_at: datetime
    last_attempt_at: datetime | None
    next_attempt_at: datetime | None


class DeliveryList(Wire):
    """The latest first."""

    deliveries: list[Delivery]


class Payload(Wire):
    """What is posted; the signature is over these very bytes."""

    id: str
    type: str
    created_at: datetime
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class OutboxFilled:
    """There is something to send."""
