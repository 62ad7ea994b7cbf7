"""Operations on images."""

from typing import Annotated

from pydantic import Field

from talome.core.operations import Caller, operation
from talome.home.images.models import Image
from talome.home.images.service import Images
from talome.home.prune import PruneReport

All = Annotated[bool, Field(description="Also images with a tag, as long as no container stands on them.")]


class ImagesApi:
    """Faces of `Images`."""

    def __init__(self, images: Images) -> None:
        self._images = images

    @operation("GET", "/api/images", scope="containers:read", risk="read")
    async def list_(self, caller: Caller) -> list[Image]:
        """All images, the newest first, with the containers that stand on each."""
        return await self._images.all()

    @operation("POST", "/api/images/prune", scope="containers:write", risk="destructive")
    async def prune(self, caller: Caller, dry_run: bool = True, all: All = False) -> PruneReport:
        """List the images that nobody needs; with `dry_run` false, remove exactly those as a job."""
        return await self._images.prune(dry_run=dry_run, everything=all, by=caller.name)
