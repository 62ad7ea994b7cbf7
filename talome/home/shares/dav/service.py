"""What WebDAV does with files: each verb on the roots of the caller, with locks and conditions before it."""

import asyncio
import secrets
import stat
from collections.abc import AsyncIterable, Awaitable, Callable, Iterator
from typing import Final

from talome.core import ids
from talome.core.errors import Conflict, Forbidden, Invalid, MethodNotAllowed, TalomeError
from talome.core.operations import Caller, require
from talome.home.files.models import FilesChanged
from talome.home.files.service import PART, Opened, Place, Roots, Trash, etag_of, opened, require_new
from talome.home.shares.dav import places
from talome.home.shares.dav.locks import IfHeader, Lock, Locks, PreconditionFailed, holds
from talome.home.shares.dav.places import Met, kept_path, where_of
from talome.home.shares.incoming import receive
from talome.home.shares.store import PropertiesStore

READ: Final = "files:read"
WRITE: Final = "files:write"
_MOST_PROPERTIES: Final = 100
_LARGEST_PROPERTIES: Final = 65_536
Resolve = Callable[[str], str | None]
"""From an address in an If header to a path, where it is one of ours."""


class Dav:
    """`delete` is the house's own operation, so that the audit log has it; `changed` is told of every folder in which
    something is not what it was."""

    def __init__(
        self,
        roots: Roots,
        trash: Trash,
        properties: PropertiesStore,
        *,
        delete: Callable[[Caller, str], Awaitable[object]],
        changed: Callable[[FilesChanged], None],
    ) -> None:
        self._delete = delete
        self._changed = changed
        self._roots = roots
        self._trash = trash
        self._properties = properties
        self.locks = Locks()

    # --- conditions ---

    async def admit(self, caller: Caller, path: str, header: IfHeader | None, resolve: Resolve) -> None:
        """Raise `PreconditionFailed` unless one of the lists of the If header holds."""
        if header is None:
            return
        for address, conditions in header.lists:
            at = path if address is None else resolve(address)
            if at is None:
                continue
            where, etag = where_of(at), await self._etag(caller, at)
            tokens = {lock.token for lock in self.locks.on(where)}
            if all(holds(condition, tokens, etag) for condition in conditions):
                return
        raise PreconditionFailed("The condition of the If header does not hold.")

    async def _etag(self, caller: Caller, path: str) -> str | None:
        try:
            known = await places.look(await self._roots.reach(caller, path, "read"))
        except TalomeError:
            return None
        return etag_of(known) if stat.S_ISREG(known.st_mode) else None

    # --- reading ---

    async def look(self, caller: Caller, path: str) -> Met:
        """One thing. Raises `NotFound`."""
        require(caller, READ)
        if path == "/":
            return Met(None, None, {})
        place = await self._roots.reach(caller, path, "read")
        return Met(place, await places.look(place), await self._properties.of(place.root.id, kept_path(place)))

    async def inside(self, caller: Caller, met: Met) -> Iterator[list[Met]]:
        """What lies right in a folder, some at a time; to be walked through in a thread."""
        if met.place is None:
            rows = await self._roots.readable(caller)
            found = [await self._roots.reach(caller, f"/{id}", "read") for id in rows]
            return iter([await asyncio.to_thread(places.available, found)])
        below = await self._properties.of_folder(met.place.root.id, kept_path(met.place))
        return places.inside(met.place, below)

    async def open(self, caller: Caller, path: str) -> tuple[str, Opened]:
        """The name of a file and the file, for whoever closes it."""
        require(caller, READ)
        place = await self._roots.reach(caller, path, "read")
        if (file := await opened(place)) is None:
            raise Invalid(f"“{place.name}” is a folder.", code="is_a_folder")
        return place.name, file

    # --- writing ---

    async def put(self, caller: Caller, path: str, tokens: frozenset[str], content: AsyncIterable[bytes]) -> bool:
        """Write a file, new or in place of the older one. Whether it is new."""
        place = await self._writable(caller, path)
        is_there = await self._may_put(place)
        where = where_of(place.path)
        self.locks.require(where, tokens, caller.user_id)
        if not is_there:
            self.locks.require(where[:-1], tokens, caller.user_id)
        _, _, is_new = await receive(place, content, replace=True)
        self._told(place)
        return is_new

    async def _may_put(self, place: Place) -> bool:
        """Whether there is a file already."""
        if not place.parts:
            raise MethodNotAllowed("This is a folder.", allow=["PROPFIND", "OPTIONS", "COPY", "LOCK"])
        await self._require_parent(place)
        known = await places.look_for(place)
        if known is not None and stat.S_ISDIR(known.st_mode):
            raise MethodNotAllowed("This is a folder.", allow=["PROPFIND", "OPTIONS", "DELETE", "MOVE", "COPY"])
        return known is not None

    async def mkcol(self, caller: Caller, path: str, tokens: frozenset[str]) -> None:
        place = await self._writable(caller, path)
        await self._require_parent(place)
        if not place.parts or await places.look_for(place) is not None:
            raise MethodNotAllowed("There is something of this name already.", allow=["PROPFIND", "OPTIONS"])
        where = where_of(place.path)
        for held in (where, where[:-1]):
            self.locks.require(held, tokens, caller.user_id)
        await places.plainly(place, lambda: places.mkdir(place))
        await self._properties.forget(place.root.id, kept_path(place))
        self._told(place)

    async def delete(self, caller: Caller, path: str, tokens: frozenset[str]) -> None:
        """Into the trash, with everything in it."""
        place = await self._writable(caller, path)
        await places.look(place)
        self._require_gone(caller, place, tokens)
        await self._delete(caller, place.path)
        await self._forget(place)

    async def _take(self, caller: Caller, place: Place) -> None:
        await self._trash.take(place, ids.new_id("trs"), by=caller.name)
        await self._forget(place)

    async def _forget(self, place: Place) -> None:
        self.locks.forget(where_of(place.path))
        await self._properties.forget(place.root.id, kept_path(place))

    def _require_gone(self, caller: Caller, place: Place, tokens: frozenset[str]) -> None:
        """It and everything in it may go, and the folder above may change."""
        where = where_of(place.path)
        self.locks.require(where, tokens, caller.user_id, deep=True)
        self.locks.require(where[:-1], tokens, caller.user_id)

    async def copy(
        self, caller: Caller, path: str, to: str, tokens: frozenset[str], *, overwrite: bool, deep: bool
    ) -> bool:
        """Whether the place was free. What was there goes to the trash first."""
        require(caller, READ)
        source = await self._roots.reach(caller, path, "read")
        known = await places.look(source)
        target, was_there = await self._target(caller, source, to, tokens, overwrite=overwrite)
        shallow = not deep and stat.S_ISDIR(known.st_mode)
        part = target.above.below(f"{PART}{secrets.token_hex(8)}")
        await places.stoppable(lambda progress: places.copy(source, part, progress, shallow=shallow), part)
        await self._put_in_place(caller, part, target, was_there=was_there)
        await self._properties.copy(
            source.root.id, kept_path(source), target.root.id, kept_path(target), deep=not shallow
        )
        return not was_there

    async def move(self, caller: Caller, path: str, to: str, tokens: frozenset[str], *, overwrite: bool) -> bool:
        """The same, and the original is gone: renamed on one disk, else copied, and then put to the trash."""
        source = await self._writable(caller, path)
        await places.look(source)
        if not source.parts:
            raise Forbidden("A root cannot be moved; an administrator can change its name.")
        self._require_gone(caller, source, tokens)
        target, was_there = await self._target(caller, source, to, tokens, overwrite=overwrite)
        if await places.plainly(source, lambda: places.one_disk(source, target)):
            await self._put_in_place(caller, source, target, was_there=was_there)
        else:
            part = target.above.below(f"{PART}{secrets.token_hex(8)}")
            await places.stoppable(lambda progress: places.copy(source, part, progress, shallow=False), part)
            await self._put_in_place(caller, part, target, was_there=was_there)
            await self._trash.take(source, ids.new_id("trs"), by=caller.name)
        await self._properties.copy(source.root.id, kept_path(source), target.root.id, kept_path(target), deep=True)
        await self._properties.forget(source.root.id, kept_path(source))
        self.locks.forget(where_of(source.path))
        self._told(source)
        return not was_there

    async def _target(
        self, caller: Caller, source: Place, to: str, tokens: frozenset[str], *, overwrite: bool
    ) -> tuple[Place, bool]:
        """Where it may go, and whether something is there that makes way for it."""
        target = await self._writable(caller, to)
        if not target.parts:
            raise Forbidden("A root cannot be written over.")
        here, there = where_of(source.path), where_of(target.path)
        if here == there[: len(here)] or there == here[: len(there)]:
            raise Forbidden("Something cannot be copied or moved onto itself, into itself or over what it lies in.")
        await self._require_parent(target)
        was_there = await places.look_for(target) is not None
        if was_there and not overwrite:
            raise PreconditionFailed(f"“{target.name}” is there already.")
        self.locks.require(there, tokens, caller.user_id, deep=True)
        if not was_there:
            self.locks.require(there[:-1], tokens, caller.user_id)
            require_new(target.name)
        return target, was_there

    async def _put_in_place(self, caller: Caller, part: Place, target: Place, *, was_there: bool) -> None:
        if was_there:
            await self._take(caller, target)
        await places.plainly(target, lambda: places.rename(part, target))
        self._told(target)

    # --- properties and locks ---

    async def change_properties(
        self, caller: Caller, path: str, tokens: frozenset[str], changes: dict[str, str | None]
    ) -> None:
        place = await self._writable(caller, path)
        await places.look(place)
        self.locks.require(where_of(place.path), tokens, caller.user_id)
        root, kept = place.root.id, kept_path(place)
        after = {**await self._properties.of(root, kept), **changes}
        set_ = {name: value for name, value in after.items() if value is not None}
        if len(set_) > _MOST_PROPERTIES or sum(map(len, set_.values())) > _LARGEST_PROPERTIES:
            raise Conflict("There is no room for more properties on this.")
        await self._properties.change(root, kept, changes)

    async def lock(
        self,
        caller: Caller,
        path: str,
        tokens: frozenset[str],
        *,
        deep: bool,
        exclusive: bool,
        owner: str,
        timeout_s: int,
    ) -> tuple[Lock, bool]:
        """A lock on what is there, or on an empty file that is made for it. Whether it was."""
        place = await self._writable(caller, path)
        known = await places.look_for(place)
        where = where_of(place.path)
        if known is None:
            await self._may_put(place)
            self.locks.require(where[:-1], tokens, caller.user_id)
        lock = self.locks.take(
            where, caller.user_id, deep=deep, exclusive=exclusive, owner=owner, timeout_s=timeout_s
        )  # fmt: skip
        if known is None:
            try:
                await receive(place, places.nothing(), replace=True)
            except BaseException:
                self.locks.release(where, lock.token, caller.user_id)
                raise
            self._told(place)
        return lock, known is None

    async def refresh(self, caller: Caller, path: str, tokens: frozenset[str], timeout_s: int) -> Lock:
        place = await self._writable(caller, path)
        return self.locks.refresh(where_of(place.path), tokens, caller.user_id, timeout_s)

    async def unlock(self, caller: Caller, path: str, token: str) -> None:
        place = await self._writable(caller, path)
        self.locks.release(where_of(place.path), token, caller.user_id)

    # --- places ---

    async def _writable(self, caller: Caller, path: str) -> Place:
        require(caller, WRITE)
        if path == "/":
            raise Forbidden("The list of roots is an administrator's to change, in the dashboard.")
        return await self._roots.reach(caller, path, "write")

    async def _require_parent(self, place: Place) -> None:
        """RFC 4918 wants 409 where the folder above is missing."""
        if place.parts:
            known = await places.look_for(place.above)
            if known is None or not stat.S_ISDIR(known.st_mode):
                raise Conflict("The folder above is not there. Make it first.")

    def _told(self, place: Place) -> None:
        self._changed(FilesChanged(place.root.id, place.above.path))
