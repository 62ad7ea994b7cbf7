"""Images, who stands on them, and the removal of those that nobody needs."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from talome.core.errors import Conflict, NotFound
from talome.core.jobs.service import Job, JobKind, Jobs, Step
from talome.engines.docker.models import SCRATCH_IMAGE
from talome.engines.docker.models import Image as EngineImage
from talome.engines.docker.protocol import ContainerEngine
from talome.home.containers.service import Containers
from talome.home.images.models import Image, ImageDetail
from talome.home.jobs.models import Job as ShownJob
from talome.home.prune import PruneItem, PruneReport, report

PRUNE: Final = "images.prune"
VISIBLE_TO: Final = "containers:read"


class Images:
    """Asks Docker for the images, and Docker's list of containers for who stands on them before removing any."""

    def __init__(self, engine: ContainerEngine, containers: Containers, jobs: Jobs) -> None:
        self._engine = engine
        self._containers = containers
        self._jobs = jobs
        jobs.register(PRUNE, JobKind(run=self._run, steps={"images.remove": Step(self._remove)}))

    async def all(self) -> list[Image]:
        """The newest first."""
        users = self._containers.names_by_image()
        images = [_shown(image, users.get(image.id, [])) for image in await self._kept()]
        return sorted(images, key=lambda image: image.created_at, reverse=True)

    async def _kept(self) -> list[EngineImage]:
        """Without the empty image that Talome itself uses to read volumes."""
        return [image for image in await self._engine.images.all() if SCRATCH_IMAGE not in image.tags]

    async def get(self, id: str) -> ImageDetail:
        """Raises `NotFound`."""
        image = await self._find(id)
        shown = _shown(image, self._containers.names_by_image().get(image.id, []))
        return ImageDetail(**shown.model_dump(), digests=list(image.digests), labels=dict(image.labels))

    async def remove(self, id: str) -> None:
        """Raises `Conflict` where a container stands on it, running or not."""
        image = await self._find(id)
        if reason := await self._remove({"id": image.id, "tags": list(image.tags)}):
            raise Conflict(f"“{_name(image)}” stays: {reason}")

    async def _find(self, id: str) -> EngineImage:
        wanted = f"sha256:{id.removeprefix('sha256:')}"
        for image in await self._kept():
            if image.id == wanted:
                return image
        raise NotFound("There is no such image any more.")

    async def prune(self, *, dry_run: bool, everything: bool, ids: Sequence[str] | None, by: str) -> PruneReport:
        """Images without a tag, or with `everything` all images, on which no container stands, running or not; of
        those, or of all that are unused, what `ids` names."""
        used = {summary.image_id: summary.name for summary in await self._engine.containers.all()}
        kept = await self._kept()
        if ids is None:
            unused = [image for image in kept if image.id not in used and (everything or image.dangling)]
        else:
            unused = _chosen(kept, ids, used)
        items = [PruneItem(id=image.id, name=_name(image), size_bytes=image.size_bytes) for image in unused]
        if dry_run or not unused:
            return report(items, None, dry_run=dry_run)
        wanted = [{"id": image.id, "tags": list(image.tags), "title": _name(image)} for image in unused]
        title = f"Remove the image {items[0].name}" if len(items) == 1 else f"Remove {len(items)} unused images"
        row = await self._jobs.start(PRUNE, title, {"images": wanted}, scope=VISIBLE_TO, by=by)
        return report(items, ShownJob.of(row), dry_run=False)

    async def _run(self, job: Job, arguments: dict[str, Any]) -> None:
        images = arguments["images"]
        await self._containers.connected()
        for number, image in enumerate(images):
            await job.progress(image["title"], number, len(images))
            kept = await job.step("images.remove", **image)
            await job.log(f"“{image['title']}” was kept: {kept}" if kept else f"“{image['title']}” is removed.")
        await job.progress("Done", len(images), len(images))

    async def _remove(self, image: dict[str, Any]) -> str | None:
        """The reason why it is kept, where it has come into use since. Without its tags an image goes by itself."""
        used = {summary.image_id for summary in await self._engine.containers.all()}
        if image["id"] in used:
            return "a container stands on it now."
        for reference in image["tags"] or [image["id"]]:
            try:
                await self._engine.images.remove(reference)
            except NotFound:
                continue
            except Conflict as error:
                return error.message
        return None


def _chosen(kept: Sequence[EngineImage], ids: Sequence[str], used: Mapping[str, str]) -> list[EngineImage]:
    """All or none of them."""
    known = {image.id: image for image in kept}
    wanted = list(dict.fromkeys(f"sha256:{id.removeprefix('sha256:')}" for id in ids))
    if missing := [id for id in wanted if id not in known]:
        raise NotFound("One of these images is not there any more. Nothing was removed.", images=missing)
    if busy := [f"“{_name(known[id])}” by {used[id]}" for id in wanted if id in used]:
        raise Conflict(f"In use: {', '.join(busy)}. Nothing was removed.")
    return [known[id] for id in wanted]


def _name(image: EngineImage) -> str:
    return ", ".join(image.tags) or image.id.removeprefix("sha256:")[:12]


def _shown(image: EngineImage, containers: list[str]) -> Image:
    return Image(
        id=image.id,
        tags=list(image.tags),
        size_bytes=image.size_bytes,
        created_at=image.created_at,
        containers=containers,
        dangling=image.dangling,
    )
