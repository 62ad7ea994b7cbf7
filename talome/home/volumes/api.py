"""Operations on volumes."""

from typing import Annotated

from pydantic import Field

from talome.core.operations import Caller, operation
from talome.home.jobs.models import Job
from talome.home.prune import PruneReport
from talome.home.volumes.models import TrashedVolume, TrashEmptied, Volume
from talome.home.volumes.service import Volumes
from talome.home.volumes.trashed import TrashedVolumes

Name = Annotated[str, Field(pattern=r"^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,254}$")]
TrashId = Annotated[str, Field(pattern=r"^[0-9a-f]{32,64}$")]


class VolumesApi:
    """Faces of `Volumes` and `TrashedVolumes`."""

    def __init__(self, volumes: Volumes, trashed: TrashedVolumes) -> None:
        self._volumes = volumes
        self._trashed = trashed

    @operation("GET", "/api/volumes", scope="containers:read", risk="read")
    async def list_(self, caller: Caller) -> list[Volume]:
        """All volumes by name, with their size as far as Docker has counted it, and the containers that use them."""
        return await self._volumes.all()

    @operation("POST", "/api/volumes/prune", scope="containers:write", risk="destructive")
    async def prune(
        self,
        caller: Caller,
        dry_run: bool = True,
        names: Annotated[list[Name] | None, Field(max_length=200)] = None,
    ) -> PruneReport:
        """List the volumes that no container uses; with `dry_run` false, remove those in `names` as a job. Each is
        first kept as a tar in the trash of Talome's data folder. Cancelling puts them back."""
        return await self._volumes.prune(dry_run=dry_run, names=names, by=caller.name)

    @operation("GET", "/api/volumes/trash", scope="containers:read", risk="read")
    async def trash(self, caller: Caller) -> list[TrashedVolume]:
        """Removed volumes that can still come back, the latest first, with the moment when each is deleted for good."""
        return await self._trashed.all()

    @operation("POST", "/api/volumes/trash/{id}/restore", scope="containers:write", risk="modify")
    async def restore(self, caller: Caller, id: TrashId) -> Job:
        """Bring a volume back from the trash, as a job. It never writes over a volume that has the same name."""
        return await self._trashed.restore(id, by=caller.name)

    @operation("DELETE", "/api/volumes/trash/{id}", scope="containers:write", risk="destructive")
    async def delete(self, caller: Caller, id: TrashId) -> TrashEmptied:
        """Delete a volume in the trash for good."""
        return await self._trashed.delete([id])

    @operation("POST", "/api/volumes/trash/empty", scope="containers:write", risk="destructive")
    async def empty(
        self, caller: Caller, ids: Annotated[list[TrashId], Field(min_length=1, max_length=1000)]
    ) -> TrashEmptied:
        """Delete exactly these volumes in the trash for good, all or none."""
        return await self._trashed.delete(ids)
