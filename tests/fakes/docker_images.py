"""Images of the fake engine, and the registries it can reach: what `publish` put there, and how they misbehave."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from talome.core.errors import Conflict, Forbidden, Invalid, NotFound, TalomeError, Unavailable
from talome.engines.docker.models import Image, ImageDetails, PullProgress, RegistryAuth
from talome.engines.docker.names import ImageName, check_reference, parse_image_name

if TYPE_CHECKING:
    from tests.fakes.docker import FakeEngine, FakeStream


@dataclass
class Published:
    """An image in a registry. `failure` is raised instead of giving it, `goes_on` holds a pull back half-way."""

    digest: str
    size_bytes: int
    auth: RegistryAuth | None = None
    failure: TalomeError | None = None
    goes_on: asyncio.Event | None = None
    details: dict[str, Any] = field(default_factory=dict)


class FakeImages:
    def __init__(self, engine: FakeEngine) -> None:
        self._engine = engine
        self.kept: dict[str, Image] = {}
        self.published: dict[tuple[str, str], Published] = {}
        self.details: dict[str, dict[str, Any]] = {}
        self._pulls: set[asyncio.Task[None]] = set()
        self.add("talome-test/busybox:1")

    # --- for tests ---

    def add(self, *tags: str, size_bytes: int = 2_000_000) -> Image:
        """An image with these tags, a dangling one without any."""
        made = Image(f"sha256:{secrets.token_hex(32)}", tags, (), size_bytes, datetime.now(UTC), {})
        self.kept[made.id] = made
        return made

    def publish(
        self,
        reference: str,
        *,
        size_bytes: int = 1_000_000,
        auth: RegistryAuth | None = None,
        failure: TalomeError | None = None,
        goes_on: asyncio.Event | None = None,
        **details: Any,
    ) -> Published:
        """A new image in its registry under this name, which an older one loses. `details` are fields of
        `ImageDetails` that it has once it is pulled."""
        named = parse_image_name(reference)
        digest = f"sha256:{secrets.token_hex(32)}"
        made = Published(digest, size_bytes, auth, failure, goes_on, details)
        self.published[named.name, named.version] = self.published[named.name, digest] = made
        return made

    # --- the contract ---

    async def all(self) -> list[Image]:
        await self._engine.answer("images.all")
        return list(self.kept.values())

    async def remove(self, id: str, *, force: bool = False) -> None:
        check_reference(id)
        await self._engine.answer("images.remove")
        found = self.require(id)
        users = [box for box in self._engine.box.values() if box.image_id == found.id]
        if any(box.running for box in users) or (users and not force):
            raise Conflict(f"conflict: unable to remove {id} - container {users[0].id[:12]} is using its image")
        rest = tuple(tag for tag in found.tags if tag != id)
        if id in found.tags and rest:
            self.kept[found.id] = replace(found, tags=rest)
            self._engine.announce("image", "untag", found.id, {"name": found.id})
            return
        del self.kept[found.id]
        self._engine.announce("image", "delete", found.id, {"name": found.id})

    async def inspect(self, reference: str) -> ImageDetails:
        check_reference(reference)
        await self._engine.answer("images.inspect")
        found = self.require(reference)
        made = ImageDetails(
            id=found.id,
            tags=found.tags,
            repo_digests=found.digests,
            size_bytes=found.size_bytes,
            architecture="amd64",
            os="linux",
            exposed_ports=(),
            volumes=(),
            user=None,
            created_at=found.created_at,
            has_healthcheck=False,
            env=(),
            labels=found.labels,
        )
        return replace(made, **self.details.get(found.id, {}))

    async def tag(self, reference: str, new: str) -> None:
        check_reference(reference)
        named = parse_image_name(new)
        if named.digest is not None:
            raise Invalid("An image is given a name and a tag; its digest is its own.", field="new")
        await self._engine.answer("images.tag")
        self._name(self.require(reference), f"{named.name}:{named.version}")
        self._engine.announce("image", "tag", self.require(reference).id, {"name": f"{named.name}:{named.version}"})

    async def pull(self, reference: str, *, auth: RegistryAuth | None = None) -> FakeStream[PullProgress]:
        from tests.fakes.docker import FakeStream

        named = parse_image_name(reference)
        await self._engine.answer("images.pull")
        found = self._find(named, auth)
        stream: FakeStream[PullProgress] = FakeStream(lambda _: task.cancel())
        task = asyncio.create_task(self._pull(named, found, stream))
        self._pulls.add(task)
        task.add_done_callback(self._pulls.discard)
        return stream

    async def remote_digest(self, reference: str, *, auth: RegistryAuth | None = None) -> str:
        named = parse_image_name(reference)
        await self._engine.answer("images.remote_digest")
        return self._find(named, auth).digest

    async def sign_in(self, auth: RegistryAuth) -> None:
        await self._engine.answer("images.sign_in")
        if not self._lives(auth.server):
            message = f"The registry cannot be reached: dial tcp: lookup {auth.server}: no such host"
            raise Unavailable(message, code="registry_unreachable")
        wanted = {(one.auth.username, one.auth.password) for one in self.published.values() if one.auth is not None}
        if wanted and (auth.username, auth.password) not in wanted:
            message = "The registry wants another user name and password: unauthorized"
            raise Forbidden(message, code="registry_denied")

    # --- for the rest of the fake ---

    def require(self, id: str) -> Image:
        """Beside a digest, a tag says nothing."""
        name, at, digest = id.partition("@")
        if at and ":" in name.rpartition("/")[2]:
            id = f"{name.rpartition(':')[0]}@{digest}"
        for known in self.kept.values():
            names = (*known.tags, *known.digests, known.id, known.id.removeprefix("sha256:"))
            if id in names or f"{id}:latest" in known.tags:
                return known
        raise NotFound(f"No such image: {id}")

    def counted(self) -> list[Image]:
        used = [box.image_id for box in self._engine.box.values()]
        return [replace(image, containers=used.count(image.id)) for image in self.kept.values()]

    def _find(self, named: ImageName, auth: RegistryAuth | None) -> Published:
        if not self._lives(named.registry):
            message = f"The registry cannot be reached: dial tcp: lookup {named.registry}: no such host"
            raise Unavailable(message, code="registry_unreachable")
        found = self.published.get((named.name, named.version))
        if found is None:
            raise NotFound(f"There is no such image: manifest for {named.name}:{named.version} not found")
        given = auth and (auth.username, auth.password)
        if found.auth is not None and given != (found.auth.username, found.auth.password):
            message = "The registry wants another user name and password: unauthorized"
            raise Forbidden(message, code="registry_denied")
        if found.failure is not None:
            raise found.failure
        return found

    def _lives(self, registry: str) -> bool:
        return any(parse_image_name(name).registry == registry for name, _ in self.published)

    async def _pull(self, named: ImageName, found: Published, stream: FakeStream[PullProgress]) -> None:
        digest = f"{named.name}@{found.digest}"
        if not any(digest in image.digests for image in self.kept.values()):
            stream.put(PullProgress("Downloading", 0, 1, found.size_bytes // 2, found.size_bytes))
            if found.goes_on is not None:
                await found.goes_on.wait()
            made = self.add(size_bytes=found.size_bytes)
            self.kept[made.id] = replace(made, digests=(digest,))
            self.details[made.id] = found.details
            stream.put(PullProgress("Done", 1, 1, found.size_bytes, found.size_bytes))
        image = next(image for image in self.kept.values() if digest in image.digests)
        if named.digest is None:
            self._name(image, f"{named.name}:{named.version}")
        self._engine.announce("image", "pull", f"{named.name}:{named.version}", {"name": named.name})
        stream.end()

    def _name(self, image: Image, tag: str) -> None:
        for known in list(self.kept.values()):
            others = tuple(name for name in known.tags if name != tag)
            self.kept[known.id] = replace(known, tags=(*others, tag) if known.id == image.id else others)
