"""The images of an app: fetched with progress, then named by their digests, so that a moving tag changes nothing."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from talome.core.errors import NotFound, Unavailable
from talome.engines.docker.models import ImageDetails
from talome.engines.docker.protocol import ContainerEngine
from talome.home.apps.folders import Revision
from talome.home.apps.overrides import Origin, settled
from talome.home.apps.rendering import PulledImage
from talome.home.registries.service import Registries

Told = Callable[[str, int, int], Awaitable[None]]
"""Takes the image's name, and bytes done and in all."""
_REMOTE_PATIENCE_S: Final = 30.0


class AppImages:
    """Fetches for whole apps. Whoever wants to be told of the progress of a job says so in `listeners`."""

    def __init__(self, engine: ContainerEngine, registries: Registries) -> None:
        self._engine = engine
        self._registries = registries
        self.listeners: dict[str, Told] = {}

    async def fetch(self, revision: Revision, *, fresh: bool, job: str) -> dict[str, str]:
        """Each image by the manifest's name, pinned. What is here is not fetched again unless it is to be `fresh`."""
        pinned = {}
        for image in image_names(revision):
            kept = revision.images.get(image)
            if not fresh and kept is not None:  # the tag may mean something else by now
                if await self._find(kept) is None:
                    await self._pull(kept, job)
                pinned[image] = kept
                continue
            if fresh or await self._find(image) is None:
                await self._pull(image, job)
            details = await self._engine.images.inspect(image)
            pinned[image] = pinned_name(image, details.repo_digests)
        return pinned

    async def of(self, revision: Revision) -> dict[str, PulledImage]:
        """The images as they are pinned, with what they declare as volumes."""
        found = {}
        for name, pinned in revision.images.items():
            details = await self._engine.images.inspect(pinned)
            found[name] = PulledImage(pinned, tuple(details.volumes))
        return found

    async def pinned(self, name: str, reference: str) -> str:
        """The name by which an image that is here stays the same, whatever its tag comes to mean."""
        details = await self._engine.images.inspect(reference)
        known = pinned_name(name, details.repo_digests)
        if known != name or ((tagged := await self._find(name)) is not None and tagged.id == details.id):
            return known
        return details.id

    async def origin(self, revision: Revision) -> Origin | None:
        """Where the revision comes from. It is as found only while its tags still mean the images that were found."""
        if revision.origin is None or not revision.origin.as_found:
            return revision.origin
        for name, pinned in revision.images.items():
            now, then = await self._find(name), await self._find(pinned)
            if now is None or (then is not None and now.id != then.id):
                return settled(revision.origin)
        return revision.origin

    async def present(self, image: str) -> bool:
        return await self._find(image) is not None

    async def moved(self, revision: Revision) -> list[str]:
        """The images whose tags mean something else in their registries now. What cannot be asked is left out."""

        async def has_moved(image: str, pinned: str) -> bool:
            if "@" in image or "@" not in pinned:
                return False
            try:
                async with asyncio.timeout(_REMOTE_PATIENCE_S), self._registries.signed_in(image) as auth:
                    return await self._engine.images.remote_digest(image, auth=auth) != pinned.partition("@")[2]
            except (Unavailable, NotFound, TimeoutError):
                return False

        asked = list(revision.images.items())
        answers = await asyncio.gather(*(has_moved(image, pinned) for image, pinned in asked))
        return [image for (image, _), moved in zip(asked, answers, strict=True) if moved]

    async def _find(self, image: str) -> ImageDetails | None:
        try:
            return await self._engine.images.inspect(image)
        except NotFound:
            return None

    async def _pull(self, image: str, job: str) -> None:
        async with (
            self._registries.signed_in(image) as auth,
            await self._engine.images.pull(image, auth=auth) as stream,
        ):
            async for progress in stream:
                if (told := self.listeners.get(job)) is not None:
                    await told(image, progress.bytes_done, progress.bytes_total)


def image_names(revision: Revision) -> list[str]:
    """The images of the app's services, each once."""
    services = revision.manifest.compose.get("services", {}).values()
    return list(dict.fromkeys(str(body["image"]) for body in services if body.get("image")))


def pinned_name(image: str, repo_digests: tuple[str, ...] | list[str]) -> str:
    """Name, tag and digest; an image that came from no registry has no digest and keeps its name."""
    if "@" in image or not repo_digests:
        return image
    name = image.rpartition(":")[0] if ":" in image.rpartition("/")[2] else image
    own = [one for one in repo_digests if one.partition("@")[0] == name]
    return f"{image}@{(own or list(repo_digests))[0].partition('@')[2]}"
