"""Takes in what is uploaded, in constant memory, and gives it its name when it is whole."""

import asyncio
import hashlib
import os
import secrets
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from talome.core import ids
from talome.core.clock import from_ms, now_ms
from talome.core.errors import Conflict, Invalid, NotFound, TalomeError, TooMany
from talome.core.operations import Caller
from talome.engines.beneath import Parts
from talome.engines.trees import remove_tree
from talome.home.files import names
from talome.home.files.ground import Ground, plainly
from talome.home.files.models import Entry, OnConflict, Upload
from talome.home.files.personal import Personal
from talome.home.files.roots import Place
from talome.home.files.store import UploadRow, UploadsStore
from talome.home.files.trash import Trash
from talome.home.files.uploads.parts import (
    Behind,
    NewUpload,
    copy_in,
    gathered,
    give_name,
    is_taken,
    make_part,
    make_unseen,
    name_part,
    open_part,
    prepare,
    remove_part,
    size_of,
)

_KEPT_MS: Final = 7 * 86_400_000
_MOST_OPEN: Final = 5000
_SUMS: Final = {"sha1": hashlib.sha1, "sha256": hashlib.sha256, "md5": hashlib.md5}
CHECKSUMS: Final = tuple(_SUMS)


class BadChecksum(TalomeError):
    """What arrived is not what was sent; tus has a status of its own for it."""

    status, code = 460, "checksum_mismatch"


class WrongOffset(Conflict):
    """The upload goes on elsewhere than the client thinks."""


class Uploads:
    """`staging` takes what arrives before it is known where it goes."""

    def __init__(self, store: UploadsStore, ground: Ground, trash: Trash, *, personal: Personal, staging: Path) -> None:
        self._store = store
        self._ground = ground
        self._roots = ground.roots
        self._trash = trash
        self._personal = personal
        self._staging = staging
        self._writing: dict[str, asyncio.Task[object]] = {}

    async def clear_staging(self) -> None:
        """At start: what a crash left there belongs to nobody."""
        await asyncio.to_thread(remove_tree, self._staging)

    # --- whole, in a form ---

    async def receive(self, caller: Caller, new: NewUpload, pieces: AsyncIterator[bytes]) -> Entry:
        """A file whose place is known before it comes; where it breaks off nothing of it stays."""
        place = await self._prepared(caller, new)
        part = place.above.below(f"{names.PART}{secrets.token_hex(8)}")
        descriptor, is_named = await plainly(place.name, lambda: make_unseen(part))
        try:
            await self._fill(descriptor, place.name, pieces)
            if not is_named:
                await plainly(place.name, lambda: name_part(part, descriptor))
            return await self._finish(caller, place, part.parts, new)
        except BaseException:
            await asyncio.shield(plainly(place.name, lambda: remove_part(part)))
            raise
        finally:
            os.close(descriptor)

    async def stage(self, pieces: AsyncIterator[bytes]) -> Path:
        """A file that comes before it is said where it goes."""
        await asyncio.to_thread(self._staging.mkdir, mode=0o700, parents=True, exist_ok=True)
        path = self._staging / secrets.token_hex(16)
        descriptor = await asyncio.to_thread(os.open, path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            await self._fill(descriptor, "", pieces)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        finally:
            os.close(descriptor)
        return path

    async def receive_staged(self, caller: Caller, new: NewUpload, staged: Path) -> Entry:
        place = await self._prepared(caller, new)
        part = place.above.below(f"{names.PART}{secrets.token_hex(8)}")
        await plainly(place.name, lambda: copy_in(staged, part))
        return await self._finish(caller, place, part.parts, new)

    async def _fill(self, descriptor: int, name: str, pieces: AsyncIterator[bytes]) -> None:
        async with Behind(descriptor, name, 0) as behind:
            async for data in gathered(pieces):
                await behind.put(data)

    # --- in parts, by tus ---

    async def create(self, caller: Caller, new: NewUpload) -> Upload:
        place = await self._prepared(caller, new)
        if len(await self._store.of_user(caller.user_id)) >= _MOST_OPEN:
            raise TooMany("You have too many unfinished uploads. Finish or cancel some.", retry_after_s=60)
        row = UploadRow(
            ids.new_id("upl"), caller.user_id, place.above.path, place.name, new.size_bytes, new.on_conflict,
            new.modified_at, now_ms() + _KEPT_MS,
        )  # fmt: skip
        await self._store.add(row)
        descriptor = await plainly(place.name, lambda: make_part(_part(place, row)))
        os.close(descriptor)
        return _shown(row, place, 0)

    async def get(self, caller: Caller, upload_id: str) -> Upload:
        """Where it stands. Whoever still writes to it has lost the connection, and is asked to let go."""
        row, place = await self._find(caller, upload_id)
        await self._take_over(upload_id)
        return _shown(row, place, await self._offset(row, place))

    async def all(self, caller: Caller) -> list[Upload]:
        found = []
        for row in await self._store.of_user(caller.user_id):
            with suppress(TalomeError):
                place = await self._place(caller, row)
                found.append(_shown(row, place, await self._offset(row, place)))
        return found

    async def write(
        self,
        caller: Caller,
        upload_id: str,
        offset: int,
        pieces: AsyncIterator[bytes],
        *,
        checksum: tuple[str, bytes] | None = None,
        on_conflict: OnConflict | None = None,
    ) -> tuple[Upload, Entry | None]:
        """Append, from `offset` on, which must be where it stands. With the last byte it gets its name, and the entry
        is told. `on_conflict` stands in for what was said at the start."""
        row, place = await self._find(caller, upload_id)
        await self._take_over(upload_id)
        task = asyncio.current_task()
        if task is not None:
            self._writing[upload_id] = task
        try:
            if (now := await self._offset(row, place)) != offset:
                raise WrongOffset(f"The upload stands at byte {now}, not {offset}.", code="wrong_offset", offset=now)
            reached = await self._append(row, place, offset, pieces, checksum)
            if reached < row.size_bytes:
                return _shown(row, place, reached), None
            new = NewUpload(row.folder, row.name, row.size_bytes, on_conflict or _said(row), row.modified_at)
            entry = await self._finish(caller, place, _part(place, row).parts, new)
            await self._store.remove(row.id)
            return _shown(row, place, reached), entry
        finally:
            if self._writing.get(upload_id) is task:
                del self._writing[upload_id]

    async def _append(
        self, row: UploadRow, place: Place, offset: int, pieces: AsyncIterator[bytes],
        checksum: tuple[str, bytes] | None,
    ) -> int:  # fmt: skip
        reached, total = offset, _SUMS[checksum[0]](usedforsecurity=False) if checksum else None
        descriptor = await plainly(place.name, lambda: open_part(_part(place, row)))
        try:
            async with Behind(descriptor, place.name, offset) as behind:
                async for data in gathered(pieces):
                    reached += len(data)
                    if reached > row.size_bytes:
                        raise Invalid("There came more than was declared.", code="too_long")
                    if total is not None:
                        total.update(data)
                    await behind.put(data)
            if total is not None and checksum is not None and total.digest() != checksum[1]:
                raise BadChecksum("What arrived is not what was sent. Send this part again.")
        except (BadChecksum, Invalid):
            os.ftruncate(descriptor, offset)
            raise
        finally:
            os.close(descriptor)
        return reached

    async def cancel(self, caller: Caller, upload_id: str) -> None:
        row, place = await self._find(caller, upload_id)
        await self._take_over(upload_id)
        await plainly(place.name, lambda: remove_part(_part(place, row)))
        await self._store.remove(row.id)

    async def expire(self) -> None:
        """Forget uploads that nobody went on with for a week."""
        for row in await self._store.expired(now_ms()):
            root_id, parts = names.parse(row.folder)
            root = self._roots.get(root_id)
            with suppress(TalomeError):
                if root is not None:
                    part = Place(root, (*parts, f"{names.PART}{row.id}"), "write")
                    await plainly(row.name, lambda part=part: remove_part(part))  # type: ignore[misc]  # mypy: lambda default
            await self._store.remove(row.id)

    async def _find(self, caller: Caller, upload_id: str) -> tuple[UploadRow, Place]:
        row = await self._store.get(upload_id)
        if row is None or row.user_id != caller.user_id:
            raise NotFound("There is no such upload. It may have been finished, cancelled or forgotten.")
        return row, await self._place(caller, row)

    async def _place(self, caller: Caller, row: UploadRow) -> Place:
        return await self._roots.reach(caller, f"{row.folder}/{row.name}", "write")

    async def _offset(self, row: UploadRow, place: Place) -> int:
        return await plainly(place.name, lambda: size_of(_part(place, row)))

    async def _take_over(self, upload_id: str) -> None:
        if (other := self._writing.get(upload_id)) is not None and other is not asyncio.current_task():
            other.cancel()
            await asyncio.wait({other})

    # --- before and after ---

    async def _prepared(self, caller: Caller, new: NewUpload) -> Place:
        """Where it will be: the folder is there, the name can be given, and there is room."""
        folder = await self._roots.reach(caller, new.folder, "write")
        place = folder.below(names.require_new(new.name))
        await plainly(place.name, lambda: prepare(place, new))
        return place

    async def _finish(self, caller: Caller, place: Place, part: Parts, new: NewUpload) -> Entry:
        if new.on_conflict == "replace" and await plainly(place.name, lambda: is_taken(place)):
            with suppress(NotFound):
                await self._trash.take(place, ids.new_id("trs"), by=caller.name)
        entry = await plainly(place.name, lambda: give_name(place, part, new))
        self._ground.changed(place.above)
        await self._personal.note(caller, entry.path, "uploaded")
        return entry


def _part(place: Place, row: UploadRow) -> Place:
    return place.above.below(f"{names.PART}{row.id}")


def _shown(row: UploadRow, place: Place, offset: int) -> Upload:
    return Upload(
        id=row.id,
        url=f"/api/files/uploads/{row.id}",
        path=place.path,
        name=row.name,
        size_bytes=row.size_bytes,
        offset=offset,
        expires_at=from_ms(row.expires_at),
    )


def _said(row: UploadRow) -> OnConflict:
    return row.on_conflict  # type: ignore[return-value]  # only such words are kept
