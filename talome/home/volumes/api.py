"""Operations on volumes."""

from typing import Annotated

from pydantic import Field

from talome.core.operations import Caller, operation
from talome.home.prune import PruneReport
from talome.home.volumes.models import Volume
from talome.home.volumes.service import Volumes

Name = Annotated[str, Field(pattern=r"^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,254}$")]


class VolumesApi:
    """Faces of `Volumes`."""

    def __init__(self, volumes: Volumes) -> None:
        self._volumes = volumes

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
