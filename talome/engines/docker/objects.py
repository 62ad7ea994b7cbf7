"""Networks and images of a Docker engine."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from talome.core.errors import Conflict, Invalid
from talome.engines.docker import parse
from talome.engines.docker.models import SCRATCH_IMAGE, Image, ImageDetails, Network, RegistryAuth
from talome.engines.docker.names import check_id, check_name, check_reference, parse_image_name
from talome.engines.docker.pulls import ImagePull
from talome.engines.docker.registry import RegistryWire
from talome.engines.docker.transport import Transport


class DockerNetworks:
    """Keeps `protocol.Networks`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def all(self) -> list[Network]:
        return [parse.network(said) for said in await self._transport.call("GET", "/networks")]

    async def inspect(self, id: str) -> Network:
        return parse.network(await self._transport.call("GET", f"/networks/{check_id(id, 'network')}"))

    async def create(
        self, name: str, *, driver: str = "bridge", internal: bool = False, labels: Mapping[str, str] | None = None
    ) -> Network:
        body = {
            "Name": check_name(name, "network"),
            "Driver": driver,
            "Internal": internal,
            "Labels": dict(labels or {}),
            "CheckDuplicate": True,  # engines before 25 allow two networks of one name otherwise
        }
        said = await self._transport.call("POST", "/networks/create", body=body, timeout_s=60.0)
        return await self.inspect(str(said["Id"]))

    async def remove(self, id: str) -> None:
        found = await self.inspect(id)
        if found.members and not found.builtin:
            # Engines disagree about the status of this (403 or 409), so it is told apart here.
            names = ", ".join(sorted(found.members.values()))
            raise Conflict(f"The network {found.name} is in use by {names}.")
        await self._transport.call("DELETE", f"/networks/{found.id}", timeout_s=60.0)


class DockerImages:
    """Keeps `protocol.Images`."""

    def __init__(self, transport: Transport, registries: RegistryWire) -> None:
        self._transport = transport
        self._registries = registries

    async def all(self) -> list[Image]:
        images = [parse.image(said) for said in await self._transport.call("GET", "/images/json")]
        return [image for image in images if image.tags != (SCRATCH_IMAGE,)]

    async def remove(self, id: str, *, force: bool = False) -> None:
        await self._transport.call("DELETE", _path(id), params={"force": int(force)}, timeout_s=120.0)

    async def inspect(self, reference: str) -> ImageDetails:
        return parse.image_details(await self._transport.call("GET", f"{_path(reference)}/json"))

    async def tag(self, reference: str, new: str) -> None:
        named = parse_image_name(new)
        if named.digest is not None:
            raise Invalid("An image is given a name and a tag; its digest is its own.", field="new")
        params = {"repo": named.name, "tag": named.version}
        await self._transport.call("POST", f"{_path(reference)}/tag", params=params)

    async def pull(self, reference: str, *, auth: RegistryAuth | None = None) -> ImagePull:
        named = parse_image_name(reference)
        # Without a tag the engine would fetch every one there is.
        params = {"fromImage": named.name, "tag": named.version}
        return ImagePull(await self._registries.open("POST", "/images/create", params=params, auth=auth))

    async def remote_digest(self, reference: str, *, auth: RegistryAuth | None = None) -> str:
        named = parse_image_name(reference)
        sign = "@" if named.digest else ":"
        said = await self._registries.ask(f"/distribution/{named.name}{sign}{named.version}/json", auth=auth)
        return str(said["Descriptor"]["digest"])

    async def sign_in(self, auth: RegistryAuth) -> None:
        await self._registries.sign_in(auth)


def _path(reference: str) -> str:
    return f"/images/{quote(check_reference(reference), safe='/:@')}"
