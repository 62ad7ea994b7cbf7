"""A notification on the wire, what it is made from, and the events about it."""

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final, Literal

from pydantic import Field

from talome.core.models import Wire

Level = Literal["info", "success", "warning", "danger"]
Source = Literal["docker", "container", "health", "job", "account"]
_LONGEST_TITLE: Final = 200
_LONGEST_BODY: Final = 1000


@dataclass(frozen=True, slots=True)
class Notice:
    """What is to be told. `key` names what it is about; `link` is a path of the dashboard. The texts are plain."""

    key: str
    source: Source
    level: Level
    title: str
    body: str
    link: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "title", plain(self.title, _LONGEST_TITLE))
        object.__setattr__(self, "body", plain(self.body, _LONGEST_BODY))


class Notification(Wire):
    """`count` times, the latest at `at`. `link` is a path of the dashboard."""

    id: str
    at: datetime
    level: Level
    title: str
    body: str
    link: str | None
    read: bool
    source: Source
    count: int


class NotificationPage(Wire):
    """The latest first. `unread` counts all of them; `next` goes into `before` for what is older."""

    notifications: list[Notification]
    unread: int
    next: str | None


class NotificationsSnapshot(Wire):
    """The latest ones; it comes first, and again after several were marked as read."""

    type: Literal["snapshot"] = "snapshot"
    notifications: list[Notification]
    unread: int


class NotificationUpdate(Wire):
    """One that is new, came again, or was read."""

    type: Literal["changed"] = "changed"
    notification: Notification
    unread: int


NotificationsItem = Annotated[NotificationsSnapshot | NotificationUpdate, Field(discriminator="type")]


@dataclass(frozen=True, slots=True)
class NotificationChanged:
    """A person's notification is new or no longer what it was. `told`: it became unread just now, so it is news."""

    user_id: str
    notification: Notification
    key: str
    told: bool


@dataclass(frozen=True, slots=True)
class NotificationsRead:
    """This person has marked all as read."""

    user_id: str


def plain(text: str, longest: int) -> str:
    """One line without control characters, which could turn the text around or hide a part of it."""
    kept = "".join(" " if char in "\n\r\t" else char for char in text if char in "\n\r\t" or _visible(char))
    return kept if len(kept) <= longest else kept[: longest - 1] + "…"


def _visible(char: str) -> bool:
    return unicodedata.category(char)[0] != "C" or char == "\u200d"  # the joiner holds emoji together
