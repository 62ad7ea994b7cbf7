"""Operations on the disks and what is on them."""

from typing import Annotated

from pydantic import Field

from talome.core.models import Identifier
from talome.core.operations import Caller, operation
from talome.home.jobs.models import Job
from talome.home.storage.models import (
    DriveHealth,
    Forecast,
    MountedPlace,
    NewMount,
    Reclaimable,
    ReclaimCategory,
    ReclaimReport,
    SpaceUsage,
    Storage,
)
from talome.home.storage.mounts import Mounts
from talome.home.storage.reclaim import Reclaim
from talome.home.storage.service import Disks
from talome.home.storage.usage import UsageMeter

MountId = Identifier
ItemId = Annotated[str, Field(min_length=1, max_length=255)]


class StorageApi:
    """Faces of `Disks`, `UsageMeter`, `Reclaim` and `Mounts`."""

    def __init__(self, disks: Disks, usage: UsageMeter, reclaim: Reclaim, mounts: Mounts) -> None:
        self._disks = disks
        self._usage = usage
        self._reclaim = reclaim
        self._mounts = mounts

    @operation("GET", "/api/storage", scope="storage:read", risk="read")
    async def overview(self, caller: Caller) -> Storage:
        """The drives with their partitions, the mounted file systems, and the state of RAID, Btrfs and ZFS."""
        return await self._disks.all()

    @operation("GET", "/api/storage/smart", scope="storage:read", risk="read")
    async def smart(self, caller: Caller) -> list[DriveHealth]:
        """What each drive says of its own health; “unavailable” with the reason where it says nothing."""
        return await self._disks.health()

    @operation("GET", "/api/storage/forecast", scope="storage:read", risk="read")
    async def forecast(self, caller: Caller) -> list[Forecast]:
        """When each file system will be full, judged by its growth in the last weeks."""
        return await self._disks.forecasts()

    @operation("GET", "/api/storage/usage", scope="storage:read", risk="read")
    async def usage(self, caller: Caller) -> SpaceUsage:
        """Who takes up the room, as last measured: apps, images, volumes, logs, folders, the rest."""
        return await self._usage.last()

    @operation("POST", "/api/storage/usage", scope="storage:read", risk="read")
    async def measure(self, caller: Caller) -> Job:
        """Measure anew who takes up the room, as a job. One goes on at a time; asked again, it is the same job."""
        return await self._usage.measure(by=caller.name)

    @operation("GET", "/api/storage/reclaimable", scope="storage:read", risk="read")
    async def reclaimable(self, caller: Caller) -> list[Reclaimable]:
        """What could be cleared, with exact sizes. Nothing is changed."""
        return await self._reclaim.all()

    @operation("POST", "/api/storage/reclaim", scope="storage:write", risk="destructive")
    async def reclaim(
        self,
        caller: Caller,
        category: ReclaimCategory,
        ids: Annotated[list[ItemId] | None, Field(max_length=1000)] = None,
        dry_run: bool = True,
    ) -> ReclaimReport:
        """Show what would go of one kind; with `dry_run` false, clear exactly the items in `ids`."""
        return await self._reclaim.clear(category, ids, dry_run=dry_run, by=caller)

    @operation("GET", "/api/storage/mounts", scope="storage:read", risk="read")
    async def mounts(self, caller: Caller) -> list[MountedPlace]:
        """The disks and network shares that people had mounted, by name."""
        return await self._mounts.all()

    @operation("POST", "/api/storage/mounts", scope="storage:write", risk="modify")
    async def mount(self, caller: Caller, place: NewMount) -> MountedPlace:
        """Mount a disk of this machine or a share of another, as a job, and keep how it is done."""
        return await self._mounts.add(place, by=caller.name)

    @operation("POST", "/api/storage/mounts/{id}/mount", scope="storage:write", risk="modify")
    async def remount(self, caller: Caller, id: MountId) -> Job:
        """Mount again what is kept, as a job."""
        return await self._mounts.mount(id, by=caller.name)

    @operation("POST", "/api/storage/mounts/{id}/unmount", scope="storage:write", risk="modify")
    async def unmount(self, caller: Caller, id: MountId) -> Job:
        """Unmount, as a job, so that a disk can be taken out. It is refused while something uses it."""
        return await self._mounts.unmount(id, by=caller.name)

    @operation("DELETE", "/api/storage/mounts/{id}", scope="storage:write", risk="modify")
    async def forget(self, caller: Caller, id: MountId) -> Job:
        """Unmount and forget how it was done, as a job. What is on the disk or share stays as it is."""
        return await self._mounts.forget(id, by=caller.name)
