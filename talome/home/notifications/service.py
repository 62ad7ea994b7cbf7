"""Notifications: given to those who may know, listed, read, and followed by the bell."""

import asyncio
from collections.abc import AsyncGenerator, Iterable
from dataclasses import replace
from typing import Any, Final, get_args

from talome.accounts.users.models import User
from talome.accounts.users.service import Users
from talome.core import ids
from talome.core.clock import from_ms, now_ms
from talome.core.db import Transaction
from talome.core.errors import NotFound
from talome.core.events import Events
from talome.core.operations import Caller
from talome.home.notifications.models import (
    Level,
    Notice,
    Notification,
    NotificationChanged,
    NotificationPage,
    NotificationsItem,
    NotificationsRead,
    NotificationsSnapshot,
    NotificationUpdate,
    Source,
)
from talome.home.notifications.store import NotificationRow, NotificationsStore

KEPT_DAYS: Final = 90
MOST_KEPT: Final = 1000
SNAPSHOT_SIZE: Final = 50
_DAY_MS: Final = 86_400_000
_QUIET_MS: Final = 3_600_000
"""What goes on and on is news once an hour; in between only its count grows."""
_FRAME_S: Final = 0.25
_LEVELS: Final[dict[str, Level]] = {level: level for level in get_args(Level)}
_SOURCES: Final[dict[str, Source]] = {source: source for source in get_args(Source)}


class Notifications:
    def __init__(self, store: NotificationsStore, users: Users, events: Events) -> None:
        self._store = store
        self._users = users
        self._events = events

    async def tell_all(self, notice: Notice, *, scope: str) -> None:
        """Give it to everyone who holds the right."""
        await self._give(notice, [user for user in await self._users.list_() if _may(user, scope)])

    async def tell(self, notice: Notice, *, username: str | None = None, user_id: str | None = None) -> None:
        """Give it to one person; to nobody where there is no such person."""
        names = (username, user_id)
        users = await self._users.list_()
        await self._give(notice, [user for user in users if not user.disabled and names in _names(user)])

    async def _give(self, notice: Notice, users: Iterable[User]) -> None:
        at = now_ms()
        async with self._store.db.write() as tx:
            for user in users:
                await self._give_to(tx, notice, user.id, at)

    async def _give_to(self, tx: Transaction, notice: Notice, user_id: str, at: int) -> None:
        known = await self._store.latest_of(tx, user_id, notice.key, at - _DAY_MS)
        told = known is None or at - known.told_at >= _QUIET_MS
        row = _counted(known, notice, at, told=told) if known else _new(notice, user_id, at)
        await self._store.put(tx, row)
        if known is None:
            await self._store.forget(tx, user_id, at - KEPT_DAYS * _DAY_MS, MOST_KEPT)
        tx.emit(NotificationChanged(user_id, _shown(row), notice.key, told))

    async def page(self, caller: Caller, *, unread: bool, limit: int, before: str | None) -> NotificationPage:
        at, _, last = (before or "").partition(":")
        cursor = (int(at), last) if before else None
        rows = await self._store.page(caller.user_id, limit + 1, unread=unread, before=cursor)
        shown = rows[:limit]
        following = f"{shown[-1].at}:{shown[-1].id}" if len(rows) > limit else None
        return NotificationPage(
            notifications=[_shown(row) for row in shown],
            unread=await self._store.unread(caller.user_id),
            next=following,
        )

    async def read(self, caller: Caller, id: str) -> Notification:
        async with self._store.db.write() as tx:
            row = await self._store.of_user(tx, id, caller.user_id)
            if row is None:
                raise NotFound("There is no such notification.")
            if row.read_at is None:
                row = replace(row, read_at=now_ms())
                await self._store.put(tx, row)
                tx.emit(NotificationChanged(caller.user_id, _shown(row), row.key, told=False))
        return _shown(row)

    async def read_all(self, caller: Caller) -> None:
        async with self._store.db.write() as tx:
            if await self._store.read_all(tx, caller.user_id, now_ms()):
                tx.emit(NotificationsRead(caller.user_id))

    async def follow(self, caller: Caller) -> AsyncGenerator[NotificationsItem, None]:
        """A snapshot, then what changes, several changes of one within a quarter of a second as one."""
        with self._events.subscribe(NotificationChanged, NotificationsRead, size=1024) as changes:
            yield await self._snapshot(caller)
            async for change in changes:
                mine = [event for event in (change, *changes.pending()) if event.user_id == caller.user_id]
                for item in await self._items(caller, mine):
                    yield item
                await asyncio.sleep(_FRAME_S)

    async def _snapshot(self, caller: Caller) -> NotificationsSnapshot:
        page = await self.page(caller, unread=False, limit=SNAPSHOT_SIZE, before=None)
        return NotificationsSnapshot(notifications=page.notifications, unread=page.unread)

    async def _items(self, caller: Caller, happened: list[Any]) -> list[NotificationsItem]:
        if any(isinstance(event, NotificationsRead) for event in happened):
            return [await self._snapshot(caller)]
        latest: dict[str, Notification] = {event.notification.id: event.notification for event in happened}
        unread = await self._store.unread(caller.user_id) if latest else 0
        return [NotificationUpdate(notification=item, unread=unread) for item in latest.values()]


def _names(user: User) -> tuple[tuple[str | None, str | None], ...]:
    return (user.username, None), (None, user.id)


def _may(user: User, scope: str) -> bool:
    return not user.disabled and Caller(user.id, user.username, "user", frozenset(user.scopes)).may(scope)


def _new(notice: Notice, user_id: str, at: int) -> NotificationRow:
    return NotificationRow(
        id=ids.new_id("ntf"),
        user_id=user_id,
        key=notice.key,
        source=notice.source,
        level=notice.level,
        title=notice.title,
        body=notice.body,
        link=notice.link,
        count=1,
        at=at,
        told_at=at,
        read_at=None,
    )


def _counted(known: NotificationRow, notice: Notice, at: int, *, told: bool) -> NotificationRow:
    """The same thing again, in the words of the latest time."""
    return replace(
        known,
        level=notice.level,
        title=notice.title,
        body=notice.body,
        link=notice.link,
        count=known.count + 1,
        at=at,
        told_at=at if told else known.told_at,
        read_at=None if told else known.read_at,
    )


def _shown(row: NotificationRow) -> Notification:
    return Notification(
        id=row.id,
        at=from_ms(row.at),
        level=_LEVELS[row.level],
        title=row.title,
        body=row.body,
        link=row.link,
        read=row.read_at is not None,
        source=_SOURCES[row.source],
        count=row.count,
    )
