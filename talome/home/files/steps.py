"""The steps of copying, moving, packing and unpacking, each of which may run twice and can be undone.

New things are made under a name of Talome's own beside where they will be, and then renamed: whole or not at all. A
thing is known again by its inode, so that what somebody else put in its place is left alone.
"""

import asyncio
import io
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import count
from typing import Any, BinaryIO, Final, TypeVar, cast

from talome.core.clock import now_ms
from talome.core.errors import Conflict, NotFound, StorageFull
from talome.core.jobs.service import Step
from talome.engines.archives import Limits, untar_into, unzip_into
from talome.engines.beneath import Beneath, Parts
from talome.engines.beneath import Found as Met
from talome.engines.transfer import Copier, Progress, flush
from talome.engines.zips import ZipWriter
from talome.home.files import names
from talome.home.files.ground import AS_ROOT, Ground, owner_of_new, plainly
from talome.home.files.roots import Place
from talome.home.files.trash import Trash

T = TypeVar("T")
_ENTRIES: Final = 200_000
_RATIO: Final = 200
_SMALL_BYTES: Final = 64 * 1024 * 1024
_PURGE_AFTER_MS: Final = 10_000


class FileSteps:
    """`working` holds the progress of each job that runs."""

    def __init__(self, ground: Ground, trash: Trash) -> None:
        self._ground = ground
        self._trash = trash
        self.working: dict[str, Progress] = {}
        self.kinds = {
            "files.copy_part": Step(self._copy_part, self._remove_part),
            "files.zip_part": Step(self._zip_part, self._remove_part),
            "files.unzip_part": Step(self._unzip_part, self._remove_part),
            "files.put_aside": Step(self._put_aside, self._put_back),
            "files.place": Step(self._place, self._unplace),
            "files.move_one": Step(self._move_one, self._unmove),
            "files.let_go": Step(self._let_go, self._keep_after_all),
        }

    def at(self, path: str) -> Place:
        """A place that was somebody's to use when the job began."""
        root_id, parts = names.parse(path)
        if (root := self._ground.roots.get(root_id)) is None:
            raise NotFound(f"There is no root “{root_id}” any more.")
        return Place(root, parts, "write")

    async def worked(self, step: dict[str, Any], place: Place, work: Callable[[Progress], T]) -> T:
        """In a thread that is told to stop, and waited for, when the job is cancelled or the server stops."""
        progress = self.working.setdefault(step["job"], Progress())
        task = asyncio.ensure_future(plainly(place.name, lambda: work(progress)))
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            progress.stop()
            await asyncio.wait({task})
            with suppress(Exception):  # it was stopped, and says so; whatever else it met is undone as well
                task.result()
            raise

    # --- making what is new, beside where it will be ---

    async def _copy_part(self, step: dict[str, Any]) -> int:
        source, to = self.at(step["source"]), self.at(step["to"])
        return await self.worked(step, source, lambda told: _copy(source, to, step["part"], told, step["keep_owner"]))

    async def _zip_part(self, step: dict[str, Any]) -> int:
        sources, to = [self.at(path) for path in step["sources"]], self.at(step["to"])
        return await self.worked(step, to, lambda told: _zip(sources, to, step["part"], told))

    async def _unzip_part(self, step: dict[str, Any]) -> int:
        source, to = self.at(step["source"]), self.at(step["to"])
        return await self.worked(step, source, lambda told: _unzip(source, to, step["part"], told))

    async def _remove_part(self, step: dict[str, Any], _: object) -> None:
        to = self.at(step["to"])

        def remove() -> None:
            with to.open() as root:
                root.remove((*to.parts, step["part"]))

        await plainly(to.name, remove)

    # --- what is in the way, and what is moved to another disk ---

    async def _put_aside(self, step: dict[str, Any]) -> bool:
        with suppress(NotFound):
            await self._trash.take(self.at(step["path"]), step["trash"], by=step["by"])
            return True
        return False

    async def _put_back(self, step: dict[str, Any], _: object) -> None:
        if (row := await self._trash.store.get(step["trash"])) is not None:
            await self._trash.put_back(row, self.at(step["path"]), "fail", by=step["by"])

    async def _let_go(self, step: dict[str, Any]) -> None:
        """What was moved to another disk has no need of its original; a moment later, when nothing can be undone."""
        to = self.at(step["to"])

        def flushed() -> None:
            with to.open() as root, root.folder(to.parts) as folder:
                flush(folder)

        await plainly(to.name, flushed)
        await self._trash.store.purge_at(step["trash"], now_ms() + _PURGE_AFTER_MS)
        self._trash.wake()

    async def _keep_after_all(self, step: dict[str, Any], _: object) -> None:
        await self._trash.store.purge_at(step["trash"], None)

    # --- putting it where it belongs ---

    async def _place(self, step: dict[str, Any]) -> str | None:
        to = self.at(step["to"])

        def place() -> str | None:
            with to.open() as root:
                part = (*to.parts, step["part"])
                if not root.exists(part):
                    return names.shown(_require_ours(root, to.parts, step))
                found = _rename_free(root, part, root, to.parts, step)
                if found is None:
                    root.remove(part)
                return None if found is None else names.shown(found)

        placed = await plainly(names.shown(step["name"]), place)
        self._ground.changed(to)
        return placed

    async def _unplace(self, step: dict[str, Any], _: object) -> None:
        to = self.at(step["to"])

        def unplace() -> None:
            with to.open() as root:
                if (ours := _ours(root, to.parts, step)) is not None:
                    root.remove((*to.parts, ours))

        await plainly(to.name, unplace)
        self._ground.changed(to)

    async def _move_one(self, step: dict[str, Any]) -> str | bool | None:
        """The new name; None where it stays because the name is taken; False where it lies on another disk."""
        source, to = self.at(step["source"]), self.at(step["to"])

        def move() -> str | bool | None:
            with source.open() as from_, to.open() as root:
                if _inode(from_, source.parts) != step["inode"]:
                    return names.shown(_require_ours(root, to.parts, step))
                with from_.above(source.parts) as here, root.folder(to.parts) as there:
                    if os.fstat(here).st_dev != os.fstat(there.descriptor).st_dev:
                        return False
                found = _rename_free(from_, source.parts, root, to.parts, step)
                return None if found is None else names.shown(found)

        moved = await plainly(source.name, move)
        self._ground.changed(source.above, to)
        return moved

    async def _unmove(self, step: dict[str, Any], _: object) -> None:
        source, to = self.at(step["source"]), self.at(step["to"])

        def unmove() -> None:
            with source.open() as from_, to.open() as root:
                if _inode(from_, source.parts) == step["inode"]:
                    return
                if (ours := _ours(root, to.parts, step)) is not None:
                    root.rename((*to.parts, ours), from_, source.parts)

        await plainly(source.name, unmove)
        self._ground.changed(source.above, to)


def _inode(root: Beneath, parts: Parts) -> int | None:
    try:
        return root.stat(parts).st_ino
    except (FileNotFoundError, NotADirectoryError):
        return None


def _candidates(step: dict[str, Any]) -> Iterator[str]:
    name = names.kept(step["name"])
    yield name
    if step["on_conflict"] == "keep_both":
        yield from (names.numbered(name, number, folder=step["folder"]) for number in count(2))


def _rename_free(source: Beneath, parts: Parts, target: Beneath, to: Parts, step: dict[str, Any]) -> str | None:
    """Rename it to the first name that is free; None where none may be looked for."""
    for name in _candidates(step):
        try:
            source.rename(parts, target, (*to, name))
            return name
        except FileExistsError:
            if step["on_conflict"] not in ("keep_both", "skip"):
                raise
    return None


def _ours(root: Beneath, to: Parts, step: dict[str, Any]) -> str | None:
    """Under which name this step's thing lies there."""
    for name in _candidates(step):
        inode = _inode(root, (*to, name))
        if inode == step["inode"]:
            return name
        if inode is None:
            return None
    return None


def _require_ours(root: Beneath, to: Parts, step: dict[str, Any]) -> str:
    if (name := _ours(root, to, step)) is None:
        raise Conflict(f"“{step['name']}” was taken away or changed meanwhile.", code="changed")
    return name


def is_theirs(found: Met) -> bool:
    """Whether a walk met something of people's, and not of Talome's own."""
    return not found.name.startswith(names.OWN)


def _copy(source: Place, to: Place, part: str, progress: Progress, keep_owner: bool) -> int:
    new = (*to.parts, part)
    with source.open() as from_, to.open() as root:
        root.remove(new)
        progress.total_bytes += _measure(from_, source.parts, progress)
        _require_room(from_, root, to, progress)
        owner = None if keep_owner else owner_of_new(to.root, root)
        Copier(progress, is_theirs, owner).copy(from_, source.parts, root, new)
        return root.stat(new).st_ino


def _measure(root: Beneath, parts: Parts, progress: Progress) -> int:
    total = _bytes(root.stat(parts))
    if stat.S_ISDIR(root.stat(parts).st_mode):
        for met in root.walk(parts, is_theirs):
            progress.check()
            total += _bytes(met.known)
    return total


def _bytes(known: os.stat_result) -> int:
    return known.st_size if stat.S_ISREG(known.st_mode) else 0


def _require_room(source: Beneath, target: Beneath, to: Place, progress: Progress) -> None:
    """Between disks; on one disk blocks may be shared, so there the copy itself finds out."""
    with target.folder(to.parts) as folder:
        if os.fstat(folder.descriptor).st_dev == os.fstat(source.descriptor).st_dev:
            return
        room = os.fstatvfs(folder.descriptor)
    needed, free = progress.total_bytes - progress.done_bytes, room.f_bavail * room.f_frsize
    if needed > free:
        raise StorageFull(f"{needed // 10**6} MB are needed in “{to.name}”, and {free // 10**6} MB are free.")


def _zip(sources: list[Place], to: Place, part: str, progress: Progress) -> int:
    new = (*to.parts, part)
    with to.open() as root:
        root.remove(new)
        for source in sources:
            with source.open() as from_:
                progress.total_bytes += _measure(from_, source.parts, progress)
        descriptor = root.make(new)
        with (
            _Counted(descriptor, None) as file,
            ZipWriter(lambda piece: _write_all(file, piece), deflate=True, told=progress.moved) as zipped,
        ):
            for source in sources:
                with source.open() as from_:
                    pack(from_, source.parts, zipped, progress)
            zipped.finish()
            known = os.fstat(descriptor)
            if (owner := owner_of_new(to.root, root)) is not None:
                os.fchown(descriptor, *owner)
        return known.st_ino


def pack(root: Beneath, parts: Parts, zipped: ZipWriter, progress: Progress) -> None:
    """A file or a folder with all below it, under its own name. Links and what is no file are left out."""
    known = root.stat(parts)
    if not stat.S_ISDIR(known.st_mode):
        _pack_one(root, Met(parts, known, -1), names.shown(parts[-1]), zipped, progress)
        return
    top = names.shown(parts[-1]) if parts else ""
    if top:
        zipped.add_folder(top, known)
    for met in root.walk(parts, is_theirs):
        progress.check()
        if is_theirs(met):
            name = "/".join(map(names.shown, met.parts[len(parts) :]))
            _pack_one(root, met, f"{top}/{name}" if top else name, zipped, progress)


def _pack_one(root: Beneath, met: Met, name: str, zipped: ZipWriter, progress: Progress) -> None:
    if stat.S_ISDIR(met.known.st_mode):
        zipped.add_folder(name, met.known)
        return
    if not stat.S_ISREG(met.known.st_mode):
        progress.leave_out(name)
        return
    try:
        descriptor = root.file(met.parts)
    except FileNotFoundError:
        return  # it went away meanwhile
    try:
        zipped.add_file(name, descriptor, os.fstat(descriptor))
    finally:
        os.close(descriptor)


def _unzip(source: Place, to: Place, part: str, progress: Progress) -> int:
    new = (*to.parts, part)
    with source.open() as from_, to.open() as root:
        root.remove(new)
        with os.fdopen(from_.file(source.parts), "rb") as archive:
            root.mkdir(new, 0o700)
            with root.folder(new) as folder:
                owner = owner_of_new(to.root, root)
                limits = _limits(os.fstat(archive.fileno()).st_size, folder)
                unpack = unzip_into if archive.peek(4)[:2] == b"PK" else untar_into
                left_out = unpack(archive, lambda parts: _make(folder, parts, progress, owner), limits)
                for name in left_out:
                    progress.leave_out(name)
                os.fchmod(folder.descriptor, 0o755)
                if owner is not None:
                    os.fchown(folder.descriptor, *owner)
                return os.fstat(folder.descriptor).st_ino


def _limits(size: int, folder: Beneath) -> Limits:
    room = os.fstatvfs(folder.descriptor)
    most = min(max(_SMALL_BYTES, size * _RATIO), room.f_bavail * room.f_frsize)
    return Limits(entries=_ENTRIES, total_bytes=most, file_bytes=most, ratio=_RATIO)


def _make(folder: Beneath, parts: Parts, progress: Progress, owner: tuple[int, int] | None) -> BinaryIO:
    for end in range(1, len(parts)):
        with suppress(FileExistsError):
            folder.mkdir(parts[:end])
            if owner is not None:
                folder.chown(parts[:end], *owner)
    descriptor = folder.make(parts)
    if AS_ROOT and owner is not None:
        os.fchown(descriptor, *owner)
    return cast("BinaryIO", io.BufferedWriter(_Counted(descriptor, progress), 256 * 1024))


class _Counted(io.FileIO):
    """A file that tells how much was written to it."""

    def __init__(self, descriptor: int, progress: Progress | None) -> None:
        super().__init__(descriptor, "w")
        self._progress = progress

    def write(self, content: Any, /) -> int:
        done = super().write(content)
        if self._progress is not None:
            self._progress.moved(done or 0)
        return done or 0


def _write_all(file: io.FileIO, content: bytes) -> None:
    left = memoryview(content)
    while left:
        left = left[file.write(left) :]
