"""One's own notifications."""

from collections.abc import AsyncGenerator
from typing import Annotated

from pydantic import Field

from talome.core.models import Done
from talome.core.operations import Caller, operation
from talome.home.notifications.models import Notification, NotificationPage, NotificationsItem
from talome.home.notifications.service import Notifications


class NotificationsApi:
    """Faces of `Notifications`."""

    def __init__(self, notifications: Notifications) -> None:
        self._notifications = notifications

    @operation("GET", "/api/notifications", scope="notifications:read", risk="read")
    async def list_(
        self,
        caller: Caller,
        unread: bool = False,
        limit: Annotated[int, Field(ge=1, le=200)] = 50,
        before: Annotated[str, Field(pattern=r"^\d{1,15}:ntf_[0-9a-z]{26}$")] | None = None,
    ) -> NotificationPage:
        """Your notifications, the latest first; `before` takes what the page before had as `next`."""
        return await self._notifications.page(caller, unread=unread, limit=limit, before=before)

    @operation("GET", "/api/notifications/stream", scope="notifications:read", risk="read")
    async def stream(self, caller: Caller) -> AsyncGenerator[NotificationsItem, None]:
        """Follow your notifications: the latest and how many are unread, then each that is new or changed."""
        return self._notifications.follow(caller)

    @operation("PUT", "/api/notifications/{id}/read", scope="notifications:write", risk="modify")
    async def read(self, caller: Caller, id: str) -> Notification:
        """Mark one of your notifications as read."""
        return await self._notifications.read(caller, id)

    @operation("PUT", "/api/notifications/read-all", scope="notifications:write", risk="modify")
    async def read_all(self, caller: Caller) -> Done:
        """Mark all of your notifications as read."""
        await self._notifications.read_all(caller)
        return Done()
