"""Operations on images."""

from typing import Annotated

from pydantic import Field

from talome.core.models import Done
from talome.core.operations import Caller, operation
from talome.home.images.models import Image, ImageDetail
from talome.home.images.service import Images
from talome.home.prune import PruneReport

All = Annotated[bool, Field(description="Also images with a tag, as long as no container stands on them.")]

ImageId = Annotated[str, Field(pattern=r"^(sha256:)?[0-9a-f]{64}$")]


class ImagesApi:
    """Faces of `Images`."""

    def __init__(self, images: Images) -> None:
        self._images = images

    @operation("GET", "/api/images", scope="containers:read", risk="read")
    async def list_(self, caller: Caller) -> list[Image]:
        """All images, the newest first, with the containers that stand on each."""
        return await self._images.all()

    @operation("GET", "/api/images/{id}", scope="containers:read", risk="read")
    async def get(self, caller: Caller, id: ImageId) -> ImageDetail:
        """An image with its digests and labels."""
        return await self._images.get(id)

    @operation("DELETE", "/api/images/{id}", scope="containers:write", risk="destructive")
    async def remove(self, caller: Caller, id: ImageId) -> Done:
        """Remove an image, with all its tags, that no container stands on."""
        await self._images.remove(id)
        return Done()

    @operation("POST", "/api/images/prune", scope="containers:write", risk="destructive")
    async def prune(
        self,
        caller: Caller,
        dry_run: bool = True,
        all: All = False,
        ids: Annotated[list[ImageId] | None, Field(max_length=1000)] = None,
    ) -> PruneReport:
        """List the images that nobody needs; with `dry_run` false, remove exactly those as a job. With `ids`, only
        these, and none of them where a container stands on one."""
        return await self._images.prune(dry_run=dry_run, everything=all, ids=ids, by=caller.name)
