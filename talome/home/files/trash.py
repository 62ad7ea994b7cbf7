"""The trash of each root: `.talome-trash/<date>/<id>/<name>` in its folder, or in a folder below where another file
system is mounted, so that going there is always one rename, and nothing is ever copied or half gone."""

import asyncio
import errno
import os
import stat
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Final

from talome.core import ids
from talome.core.background import Background
from talome.core.clock import from_ms, now, now_ms
from talome.core.errors import Conflict, Invalid, NotFound, TalomeError
from talome.core.operations import Caller
from talome.core.settings.service import Setting, Settings
from talome.engines.beneath import Beneath, Parts
from talome.home.files import names
from talome.home.files.ground import Ground, owner_of_new, plainly
from talome.home.files.listing import entry_of, kind_of
from talome.home.files.models import Entry, OnConflict, TrashChange, Trashed
from talome.home.files.roots import Place
from talome.home.files.store import RootRow, TrashRow, TrashStore

TRASH_DAYS: Final = "files.trash_days"
TRASH_PERCENT: Final = "files.trash_percent"
SETTINGS: Final[tuple[Setting, ...]] = (
    Setting(
        key=TRASH_DAYS, kind="number", default=30, title="Days to keep deleted files in the trash",
        help="Until then they can come back, and take as much room as before.", feature="files",
        minimum=1, maximum=3650, people_only=True,
    ),
    Setting(
        key=TRASH_PERCENT, kind="number", default=10, title="Share of a disk that its trash may take, in percent",
        help="Where the trash is larger, what was deleted first goes for good.", feature="files",
        minimum=1, maximum=90, people_only=True,
    ),
)  # fmt: skip
_ACROSS: Final = errno.EXDEV
_MEASURE_S: Final = 60.0


class Trash:
    """`wake` is called when something came in, so that the sweep looks at it."""

    def __init__(self, store: TrashStore, ground: Ground, settings: Settings) -> None:
        self.store = store
        self._ground = ground
        self._roots = ground.roots
        self._settings = settings
        self.wake: Callable[[], None] = _nobody

    async def put(self, caller: Caller, paths: list[str]) -> list[Trashed]:
        """Move these into the trash, one after the other."""
        places = [await self._roots.reach(caller, path, "write") for path in paths]
        gone = [await self.take(place, ids.new_id("trs"), by=caller.name) for place in places]
        return [self._shown(row, place.root) for row, place in zip(gone, places, strict=True)]

    async def take(self, place: Place, trash_id: str, *, by: str) -> TrashRow:
        """Move it into the trash under this id; where that is done already, nothing. The row is kept before the move,
        and a row without its thing means nothing, so a crash between leaves no harm."""
        if not place.parts:
            raise Invalid("A root cannot be deleted; an administrator can close it.")
        if (done := await self.store.get(trash_id)) is not None and await plainly("", partial(_lies, done)):
            return done
        known = await plainly(place.name, lambda: _look(place))
        for depth in range(len(place.parts)):
            day = f"{now():%Y-%m-%d}"
            holder = (*place.parts[:depth], names.TRASH, day, trash_id)
            row = TrashRow(
                id=trash_id,
                folder=place.root.folder,
                place=_joined((*holder, place.parts[-1])),
                path=_joined(place.parts),
                kind=kind_of(known),
                size_bytes=known.st_size if stat.S_ISREG(known.st_mode) else None,
                deleted_at=now_ms(),
                deleted_by=by,
            )
            await self.store.put(row)
            if await self._moved(place, holder, row):
                self._ground.changed(place.above)
                self.wake()
                return row
        await self.store.remove(trash_id)
        raise Conflict(f"“{place.name}” is where a disk is mounted, so it cannot be deleted.")

    async def _moved(self, place: Place, holder: Parts, row: TrashRow) -> bool:
        """False where the trash there is on another file system."""
        try:
            return await plainly(place.name, lambda: _move(place, holder))
        except TalomeError:
            await self.store.remove(row.id)
            raise

    async def all(self, caller: Caller) -> list[Trashed]:
        folders = await self._folders(caller)
        rows = await self.store.of_folders(list(folders))
        return [self._shown(row, folders[row.folder]) for row in rows]

    async def restore(self, caller: Caller, trash_id: str, on_conflict: OnConflict, to: str | None) -> Entry:
        row, root = await self._find(caller, trash_id)
        place = Place(root, _parts(row.path), "write")
        if to is not None:
            place = await self._roots.reach(caller, to, "write")
            if place.root.id != root.id or not place.parts:
                raise Invalid("It can come back to another place in the same root.", field="to")
            names.require_new(place.name)
        return await self.put_back(row, place, on_conflict, by=caller.name)

    async def put_back(self, row: TrashRow, place: Place, on_conflict: OnConflict, *, by: str) -> Entry:
        """Move it out of the trash; folders above it that are gone are made again."""
        taken = await plainly(place.name, lambda: _taken(place))
        if taken and on_conflict == "keep_both":
            place = await plainly(place.name, lambda: _free(place, folder=row.kind == "folder"))
        elif taken and on_conflict == "replace":
            await self.take(place, ids.new_id("trs"), by=by)
        elif taken:
            raise Conflict(f"“{place.name}” is there again.", code="exists", conflicts=[place.name])
        entry = await plainly(place.name, lambda: _move_back(place, _parts(row.place)))
        await self.store.remove(row.id)
        self._ground.changed(place.above)
        return entry

    async def purge(self, caller: Caller, trash_ids: list[str]) -> TrashChange:
        """Delete these for good, all of them the caller's to delete or none."""
        rows = [await self._find(caller, trash_id) for trash_id in dict.fromkeys(trash_ids)]
        await self.store.purge_at([row.id for row, _ in rows], now_ms())
        deleted = freed = 0
        for row, _ in rows:
            if await self.remove(row):
                deleted, freed = deleted + 1, freed + (row.size_bytes or 0)
        return TrashChange(deleted=deleted, freed_bytes=freed)

    async def remove(self, row: TrashRow) -> bool:
        """For good. It was marked before, so that nothing half gone can be brought back."""
        await plainly(row.path, lambda: _remove(row))
        return await self.store.remove(row.id)

    async def _find(self, caller: Caller, trash_id: str) -> tuple[TrashRow, RootRow]:
        row = await self.store.get(trash_id)
        root = None if row is None else (await self._folders(caller)).get(row.folder)
        if row is None or root is None or row.purge_at is not None:
            raise NotFound("That is not in the trash any more.")
        return row, root

    async def _folders(self, caller: Caller) -> dict[str, RootRow]:
        rows = (await self._roots.readable(caller)).values()
        return {row.folder: row for row in rows if await self._roots.access(caller, row) == "write"}

    def _shown(self, row: TrashRow, root: RootRow) -> Trashed:
        return Trashed.model_validate(
            {
                "id": row.id,
                "name": row.path.rpartition("/")[2],
                "path": f"/{root.id}/{row.path}",
                "kind": row.kind,
                "size_bytes": row.size_bytes,
                "deleted_at": from_ms(row.deleted_at),
                "deleted_by": row.deleted_by,
                "expires_at": from_ms(row.deleted_at) + timedelta(days=self.days),
            }
        )

    @property
    def days(self) -> float:
        return self._settings.number(TRASH_DAYS)

    @property
    def percent(self) -> float:
        return self._settings.number(TRASH_PERCENT)


class Sweep(Background):
    """Deletes for good what is too old or too much in the trash, what was marked for it, and uploads that nobody went
    on with."""

    EVERY_S: Final = 3600.0
    SOON_S: Final = 15.0
    FIRST_S: Final = 30.0

    def __init__(self, trash: Trash, expire_uploads: Callable[[], Awaitable[None]]) -> None:
        self._trash = trash
        self._expire_uploads = expire_uploads
        self._woken = asyncio.Event()
        trash.wake = self._woken.set

    async def _work(self) -> None:
        await asyncio.sleep(self.FIRST_S)
        while True:
            self._woken.clear()
            await self._expire_uploads()
            more = await self.sweep()
            await asyncio.sleep(self.SOON_S)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), 0 if more else self.EVERY_S)

    async def sweep(self) -> bool:
        """One look at everything in the trash; whether more is to go soon. A disk that is not there now is passed
        over."""
        store, oldest = self._trash.store, now_ms() - int(self._trash.days * 86_400_000)
        by_folder: dict[str, list[TrashRow]] = {}
        for row in await store.all():
            by_folder.setdefault(row.folder, []).append(row)
        for folder, rows in by_folder.items():
            with suppress(TalomeError, OSError):
                await self._sweep_folder(folder, rows, oldest)
        return any(row.purge_at is not None and row.purge_at > now_ms() for row in await store.all())

    async def _sweep_folder(self, folder: str, rows: list[TrashRow], oldest: int) -> None:
        sizes, lost, allowed = await asyncio.to_thread(_measured, folder, rows, self._trash.percent)
        for trash_id in lost:
            await self._trash.store.remove(trash_id)
        for row in rows:
            if row.size_bytes is None and row.id in sizes:
                await self._trash.store.measured(row.id, sizes[row.id])
        here = [row for row in rows if row.id not in lost]
        surplus = sum(sizes.get(row.id, 0) for row in here) - allowed
        for row in here:
            marked = row.purge_at is not None and row.purge_at <= now_ms()
            if marked or row.deleted_at < oldest or surplus > 0:
                await self._trash.store.purge_at([row.id], now_ms())
                await self._trash.remove(row)
                surplus -= sizes.get(row.id, 0)


def _nobody() -> None:
    return None


def _joined(parts: Parts) -> str:
    return "/".join(map(names.shown, parts))


def _parts(joined: str) -> Parts:
    return tuple(map(names.kept, joined.split("/")))


def _lies(row: TrashRow) -> bool:
    with Beneath.at(row.folder) as root:
        return root.exists(_parts(row.place))


def _look(place: Place) -> os.stat_result:
    with place.open() as root:
        return root.stat(place.parts)


def _taken(place: Place) -> bool:
    with place.open() as root:
        return root.exists(place.parts)


def _free(place: Place, *, folder: bool) -> Place:
    """The same place with the next name that is free."""
    with place.open() as root:
        number = 2
        while True:
            other = place.above.below(names.numbered(place.parts[-1], number, folder=folder))
            if not root.exists(other.parts):
                return other
            number += 1


def _move(place: Place, holder: Parts) -> bool:
    with place.open() as root:
        for end in range(len(holder) - 2, len(holder) + 1):
            with suppress(FileExistsError):
                root.mkdir(holder[:end], 0o700)
        try:
            root.rename(place.parts, root, (*holder, place.parts[-1]))
            return True
        except OSError as error:
            for end in (len(holder), len(holder) - 1, len(holder) - 2):
                with suppress(OSError), root.above(holder[:end]) as folder:
                    os.rmdir(holder[end - 1], dir_fd=folder)
            if error.errno == _ACROSS:
                return False
            raise


def _move_back(place: Place, lies: Parts) -> Entry:
    with place.open() as root:
        owner = owner_of_new(place.root, root)
        for end in range(1, len(place.parts)):
            with suppress(FileExistsError):
                root.mkdir(place.parts[:end])
                if owner is not None:
                    root.chown(place.parts[:end], *owner)
        root.rename(lies, root, place.parts)
        _tidy(root, lies)
        return entry_of(place, root.stat(place.parts))


def _tidy(root: Beneath, lies: Parts) -> None:
    """The folders of the id and of the day, where nothing else is in them."""
    for end in (len(lies) - 1, len(lies) - 2):
        with suppress(OSError), root.above(lies[:end]) as folder:
            os.rmdir(lies[end - 1], dir_fd=folder)


def _remove(row: TrashRow) -> None:
    lies = _parts(row.place)
    with Beneath.at(row.folder) as root:
        root.remove(lies)
        _tidy(root, lies)


def _measured(folder: str, rows: list[TrashRow], percent: float) -> tuple[dict[str, int], set[str], int]:
    """The sizes of what is there, what is there no more although its trash is, and how much there may be."""
    sizes: dict[str, int] = {}
    lost: set[str] = set()
    end = time.monotonic() + _MEASURE_S
    with Beneath.at(folder) as root:
        room = os.fstatvfs(root.descriptor)
        for row in rows:
            lies = _parts(row.place)
            try:
                known = root.stat(lies)
            except (FileNotFoundError, NotADirectoryError):
                if root.exists(lies[:-3]):
                    lost.add(row.id)
                continue
            if row.size_bytes is not None:
                sizes[row.id] = row.size_bytes
            elif not stat.S_ISDIR(known.st_mode):
                sizes[row.id] = known.st_size if stat.S_ISREG(known.st_mode) else 0
            elif time.monotonic() < end:
                sizes[row.id] = sum(met.known.st_blocks * 512 for met in root.walk(lies))
    return sizes, lost, int(room.f_frsize * room.f_blocks * percent / 100)
