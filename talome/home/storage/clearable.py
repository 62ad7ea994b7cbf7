"""What can be cleared: one class for each kind, which lists it exactly and clears exactly what it is told."""

import asyncio
import re
import stat
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, Protocol

from talome.core.clock import now_ms
from talome.core.errors import NotFound
from talome.core.jobs.service import Job, JobKind, Jobs, Step
from talome.core.operations import Caller
from talome.engines.beneath import Beneath
from talome.engines.trees import size_of_tree
from talome.home.files.service import Roots, Trash, kept
from talome.home.images.service import Images
from talome.home.jobs.models import Job as ShownJob
from talome.home.storage.models import ReclaimCategory, ReclaimItem
from talome.home.volumes.models import TrashedVolume, TrashEmptied
from talome.home.volumes.service import Volumes

VISIBLE_TO: Final = "storage:read"
JOURNAL: Final = Path("/var/log/journal")
_PATIENCE_S: Final = 10.0
_ARCHIVED: Final = re.compile(r"[0-9a-f]{32}/[^/]+@[^/]*\.journal~?")


class Clearable(Protocol):
    """A kind of thing that takes up room without need. `frees_now`: its room is free when the job ends;
    `recoverable`: it can be brought back or fetched again."""

    category: ReclaimCategory
    title: str
    detail: str
    frees_now: bool
    recoverable: bool

    async def items(self) -> list[ReclaimItem]:
        """All of them. Raises a `TalomeError` where they cannot be known."""

    async def clear(self, items: Sequence[ReclaimItem], by: Caller) -> ShownJob | None:
        """Begin a job that clears exactly these."""


class TrashedVolumes(Protocol):
    """The volumes in the trash."""

    async def all(self) -> list[TrashedVolume]: ...
    async def delete(self, ids: Sequence[str]) -> TrashEmptied:
        """Raises `NotFound` for one that is gone."""


class UnusedImages:
    category: ReclaimCategory = "images"
    title = "Unused images"
    detail = "Images that no container stands on. They are fetched again when an app needs them."
    frees_now, recoverable = True, True

    def __init__(self, images: Images) -> None:
        self._images = images

    async def items(self) -> list[ReclaimItem]:
        report = await self._images.prune(dry_run=True, everything=True, ids=None, by="")
        return [ReclaimItem(id=one.id, name=one.name, size_bytes=one.size_bytes) for one in report.items]

    async def clear(self, items: Sequence[ReclaimItem], by: Caller) -> ShownJob | None:
        ids = [item.id for item in items]
        return (await self._images.prune(dry_run=False, everything=True, ids=ids, by=by.name)).job


class UnusedVolumes:
    category: ReclaimCategory = "volumes"
    title = "Unused volumes"
    detail = "Volumes that no container uses. Each goes into the trash first; its room is free when that is emptied."
    frees_now, recoverable = False, True

    def __init__(self, volumes: Volumes) -> None:
        self._volumes = volumes

    async def items(self) -> list[ReclaimItem]:
        report = await self._volumes.prune(dry_run=True, names=None, by="")
        return [ReclaimItem(id=one.id, name=one.name, size_bytes=one.size_bytes) for one in report.items]

    async def clear(self, items: Sequence[ReclaimItem], by: Caller) -> ShownJob | None:
        return (await self._volumes.prune(dry_run=False, names=[item.id for item in items], by=by.name)).job


class _ByJob(ABC):
    """What is deleted for good, one thing a step. Deleting again what is gone is nothing."""

    category: ReclaimCategory
    title: str

    def __init__(self, jobs: Jobs) -> None:
        self._jobs = jobs
        self._kind = f"storage.clear_{self.category}"
        jobs.register(self._kind, JobKind(run=self._run, steps={"storage.delete": Step(self._step)}))

    async def clear(self, items: Sequence[ReclaimItem], by: Caller) -> ShownJob | None:
        wanted = {"items": [item.model_dump() for item in items]}
        title = f"Clear: {self.title.lower()}"
        return ShownJob.of(await self._jobs.start(self._kind, title, wanted, scope=VISIBLE_TO, by=by.name))

    async def _run(self, job: Job, arguments: dict[str, Any]) -> None:
        items = arguments["items"]
        for number, item in enumerate(items):
            await job.progress(item["name"], number, len(items))
            await job.step("storage.delete", id=item["id"])
        freed = sum(item["size_bytes"] or 0 for item in items)
        await job.log(f"{len(items)} cleared, {freed} bytes.")
        await job.progress("Done", len(items), len(items))

    async def _step(self, step: dict[str, Any]) -> None:
        await self._delete(step["id"])

    @abstractmethod
    async def _delete(self, id: str) -> None:
        """Of one thing; gone already is as good."""


class VolumeTrash(_ByJob):
    category: ReclaimCategory = "volume_trash"
    title = "Removed volumes in the trash"
    detail = "Copies of volumes that were removed. After this they cannot come back."
    frees_now, recoverable = True, False

    def __init__(self, jobs: Jobs, trashed: TrashedVolumes) -> None:
        super().__init__(jobs)
        self._trashed = trashed

    async def items(self) -> list[ReclaimItem]:
        return [ReclaimItem(id=one.id, name=one.name, size_bytes=one.size_bytes) for one in await self._trashed.all()]

    async def _delete(self, id: str) -> None:
        try:
            await self._trashed.delete([id])
        except NotFound:
            return


class FileTrash(_ByJob):
    category: ReclaimCategory = "file_trash"
    title = "Deleted files in the trash"
    detail = "Files and folders that people deleted. After this they cannot come back."
    frees_now, recoverable = True, False

    def __init__(self, jobs: Jobs, roots: Roots, trash: Trash) -> None:
        super().__init__(jobs)
        self._roots = roots
        self._trash = trash

    async def items(self) -> list[ReclaimItem]:
        rows = await self._trash.store.of_folders([root.folder for root in self._roots.all()])
        until = time.monotonic() + _PATIENCE_S
        places = [Path(row.folder, *(kept(name) for name in row.place.split("/"))) for row in rows]
        sizes = await asyncio.to_thread(lambda: [_size_in_time(place, until) for place in places])
        return [
            ReclaimItem(id=row.id, name=row.path.rpartition("/")[2], size_bytes=size)
            for row, size in zip(rows, sizes, strict=True)
        ]

    async def _delete(self, id: str) -> None:
        if (row := await self._trash.store.get(id)) is not None:
            await self._trash.store.purge_at([id], now_ms())
            await self._trash.remove(row)


class _InFolder(_ByJob):
    """Files below one folder, each named by its path there."""

    def __init__(self, jobs: Jobs, folder: Path) -> None:
        super().__init__(jobs)
        self._folder = folder

    async def _delete(self, id: str) -> None:
        await asyncio.to_thread(self._remove, id)

    def _remove(self, id: str) -> None:
        if self._folder.is_dir():
            with Beneath.at(self._folder) as folder:
                folder.remove(tuple(id.split("/")))


class Exports(_InFolder):
    category: ReclaimCategory = "exports"
    title = "Exports of apps"
    detail = "Archives that were made for downloading. They can be made again."
    frees_now, recoverable = True, True

    async def items(self) -> list[ReclaimItem]:
        return await asyncio.to_thread(self._list)

    def _list(self) -> list[ReclaimItem]:
        if not self._folder.is_dir():
            return []
        return [
            ReclaimItem(id=path.name, name=path.name, size_bytes=_size(path))
            for path in sorted(self._folder.iterdir())
            if path.name.isprintable()
        ]


class Journal(_InFolder):
    category: ReclaimCategory = "journal"
    title = "Old logs of the system"
    detail = "Archived files of the system's journal. The one that is written now stays."
    frees_now, recoverable = True, False

    async def items(self) -> list[ReclaimItem]:
        return await asyncio.to_thread(self._list)

    def _list(self) -> list[ReclaimItem]:
        found = []
        for path in sorted(self._folder.glob("*/*@*.journal*")):
            id = str(path.relative_to(self._folder))
            if _ARCHIVED.fullmatch(id) and stat.S_ISREG(path.lstat().st_mode):
                found.append(ReclaimItem(id=id, name=path.name, size_bytes=_size(path)))
        return found


def _size_in_time(path: Path, until: float) -> int | None:
    """None where counting would take too long, or it is gone."""
    try:
        return None if time.monotonic() > until else _size(path)
    except OSError:
        return None


def _size(path: Path) -> int:
    known = path.lstat()
    return size_of_tree(path) if stat.S_ISDIR(known.st_mode) else known.st_blocks * 512
