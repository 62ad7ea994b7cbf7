"""Networks and volumes of the fake engine. A volume's content is a real tar in memory."""

from __future__ import annotations

import io
import secrets
import tarfile
from collections.abc import AsyncIterable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from talome.core.errors import Conflict, Forbidden, NotFound, Unavailable
from talome.engines.docker.models import Network, Volume
from talome.engines.docker.names import check_id, check_name

if TYPE_CHECKING:
    from tests.fakes.docker import FakeEngine, FakeStream

_CHUNK_BYTES = 16 * 1024


class FakeNetworks:
    def __init__(self, engine: FakeEngine) -> None:
        self._engine = engine
        self.kept: dict[str, Network] = {}
        for name, driver in (("bridge", "bridge"), ("host", "host"), ("none", "null")):
            self._add(name, driver, internal=False, labels={})

    async def all(self) -> list[Network]:
        await self._engine.answer("networks.all")
        return list(self.kept.values())

    async def inspect(self, id: str) -> Network:
        await self._engine.answer("networks.inspect")
        return self._with_members(self.require(id))

    async def create(
        self, name: str, *, driver: str = "bridge", internal: bool = False, labels: Mapping[str, str] | None = None
    ) -> Network:
        check_name(name, "network")
        await self._engine.answer("networks.create")
        if any(known.name == name for known in self.kept.values()):
            raise Conflict(f"network with name {name} already exists")
        made = self._add(name, driver, internal=internal, labels=dict(labels or {}))
        self._engine.announce("network", "create", made.id, {"name": name, "type": driver})
        return self._with_members(made)

    async def remove(self, id: str) -> None:
        await self._engine.answer("networks.remove")
        found = self._with_members(self.require(id))
        if found.builtin:
            raise Forbidden(f"{found.name} is a pre-defined network and cannot be removed")
        if found.members:
            raise Conflict(f"The network {found.name} is in use by {', '.join(sorted(found.members.values()))}.")
        del self.kept[found.id]
        self._engine.announce("network", "destroy", found.id, {"name": found.name, "type": found.driver})

    def require(self, id: str) -> Network:
        check_id(id, "network")
        for known in self.kept.values():
            if id in (known.id, known.name, known.id[:12]):
                return known
        raise NotFound(f"network {id} not found")

    def _add(self, name: str, driver: str, *, internal: bool, labels: dict[str, str]) -> Network:
        made = Network(
            id=secrets.token_hex(32),
            name=name,
            driver=driver,
            scope="local",
            internal=internal,
            created_at=datetime.now(UTC),
            subnets=(f"172.{17 + len(self.kept)}.0.0/16",) if driver == "bridge" else (),
            labels=labels,
        )
        self.kept[made.id] = made
        return made

    def _with_members(self, network: Network) -> Network:
        members = {
            box.id: box.name
            for box in self._engine.box.values()
            if box.running and any(each.network_id == network.id for each in box.networks)
        }
        return replace(network, members=members)


@dataclass
class _Content:
    """A volume and its files: name in the tar to header and bytes."""

    volume: Volume
    files: dict[str, tuple[tarfile.TarInfo, bytes]] = field(default_factory=dict)


class FakeVolumes:
    def __init__(self, engine: FakeEngine) -> None:
        self._engine = engine
        self.kept: dict[str, _Content] = {}

    async def all(self) -> list[Volume]:
        await self._engine.answer("volumes.all")
        return [content.volume for content in self.kept.values()]

    async def inspect(self, name: str) -> Volume:
        return (await self._find("inspect", name)).volume

    async def create(
        self,
        name: str,
        *,
        driver: str = "local",
        options: Mapping[str, str] | None = None,
        labels: Mapping[str, str] | None = None,
    ) -> Volume:
        check_name(name, "volume")
        await self._engine.answer("volumes.create")
        if name not in self.kept:
            self.kept[name] = _Content(
                Volume(
                    name=name,
                    driver=driver,
                    mountpoint=f"/var/lib/docker/volumes/{name}/_data",
                    scope="local",
                    created_at=datetime.now(UTC),
                    labels=dict(labels or {}),
                    options=dict(options or {}),
                    anonymous="com.docker.volume.anonymous" in (labels or {}),
                )
            )
            self._engine.announce("volume", "create", name, {"driver": driver})
        return self.kept[name].volume

    async def remove(self, name: str) -> None:
        await self._find("remove", name)
        users = [box.id for box in self._engine.box.values() if any(mount.name == name for mount in box.mounts)]
        if users:
            raise Conflict(f"remove {name}: volume is in use - [{', '.join(users)}]")
        del self.kept[name]
        self._engine.announce("volume", "destroy", name, {"driver": "local"})

    async def archive(self, name: str) -> FakeStream[bytes]:
        from tests.fakes.docker import FakeStream

        content = await self._find("archive", name)
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w") as tar:
            for path in sorted(content.files):
                header, data = content.files[path]
                tar.addfile(header, io.BytesIO(data))
        stream: FakeStream[bytes] = FakeStream()
        whole = packed.getvalue()
        for start in range(0, len(whole), _CHUNK_BYTES):
            stream.put(whole[start : start + _CHUNK_BYTES])
        stream.end()
        return stream

    async def restore(self, name: str, tar: AsyncIterable[bytes]) -> None:
        content = await self._find("restore", name)
        packed = io.BytesIO(b"".join([chunk async for chunk in tar]))
        try:
            with tarfile.open(fileobj=packed, mode="r:") as source:
                for header in source:
                    data = source.extractfile(header) if header.isfile() else None
                    content.files[header.name] = (header, data.read() if data else b"")
        except tarfile.TarError as error:
            raise Unavailable(f"Error processing tar file: {error}", code="engine_failed") from None

    def forget_anonymous(self, names: Iterable[str | None]) -> None:
        for name in names:
            if name in self.kept and self.kept[name].volume.anonymous:
                del self.kept[name]

    def counted(self) -> list[Volume]:
        mounts = [mount.name for box in self._engine.box.values() for mount in box.mounts]
        return [
            replace(
                content.volume,
                size_bytes=sum(len(data) for _, data in content.files.values()),
                references=mounts.count(content.volume.name),
            )
            for content in self.kept.values()
        ]

    async def _find(self, call: str, name: str) -> _Content:
        check_name(name, "volume")
        await self._engine.answer(f"volumes.{call}")
        if name not in self.kept:
            raise NotFound(f"get {name}: no such volume")
        return self.kept[name]
