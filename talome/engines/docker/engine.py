"""The real engine behind `protocol.ContainerEngine`."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from talome.engines.docker import parse
from talome.engines.docker.containers import DockerContainers
from talome.engines.docker.models import SCRATCH_LABEL, DiskUsage, EngineEvent, EngineInfo, EngineVersion
from talome.engines.docker.objects import DockerImages, DockerNetworks
from talome.engines.docker.protocol import ContainerEngine
from talome.engines.docker.registry import RegistryWire
from talome.engines.docker.streams import ItemStream, Mailbox
from talome.engines.docker.transport import Transport, agree
from talome.engines.docker.volumes import DockerVolumes

_EVENTS_AHEAD = 10_000
# Each health check is an exec: three events that change nothing anybody shows. Scratch containers are our own.
_NOISE = (b'"Action":"exec_', b'"Action":"top"', f'"{SCRATCH_LABEL}":'.encode())
_KINDS = ("container", "network", "volume", "image", "daemon")


class Docker:
    """Docker at `host` ("unix:///var/run/docker.sock", "tcp://..."). Connects on first use and again when needed."""

    def __init__(self, host: str = "unix:///var/run/docker.sock", *, timeout_s: float = 15.0) -> None:
        self._transport = Transport(host, timeout_s=timeout_s)
        self.containers = DockerContainers(self._transport)
        self.networks = DockerNetworks(self._transport)
        self._registries = RegistryWire(host)
        self.images = DockerImages(self._transport, self._registries)
        self.volumes = DockerVolumes(self._transport)

    async def ping(self, *, timeout_s: float = 5.0) -> None:
        await self._transport.call("GET", "/_ping", timeout_s=min(timeout_s, self._transport.timeout_s))

    async def version(self) -> EngineVersion:
        said = await self._transport.call("GET", "/version")
        return parse.version(said, agree(str(said.get("ApiVersion", "")), str(said.get("MinAPIVersion", ""))))

    async def info(self) -> EngineInfo:
        return parse.info(await self._transport.call("GET", "/info"))

    async def events(self, *, since_ns: int | None = None) -> ItemStream[EngineEvent]:
        params: dict[str, str | int] = {"filters": json.dumps({"type": list(_KINDS)})}
        if since_ns is not None:
            params["since"] = f"{since_ns // 1_000_000_000}.{since_ns % 1_000_000_000:09d}"
        raw = await self._transport.open("/events", params=params, needed=True)
        mailbox: Mailbox[EngineEvent] = Mailbox(
            asyncio.get_running_loop(), capacity=_EVENTS_AHEAD, weigh=lambda _: 1, full="fail"
        )
        return ItemStream(self._transport, raw, mailbox, _event_decoder(), endless=True)

    async def disk_usage(self, *, timeout_s: float = 60.0) -> DiskUsage:
        said = await self._transport.call("GET", "/system/df", timeout_s=max(timeout_s, 0.1))
        return DiskUsage(
            layers_bytes=int(said.get("LayersSize") or 0),
            images=tuple(parse.image(found) for found in said.get("Images") or ()),
            volumes=tuple(parse.volume(found) for found in said.get("Volumes") or ()),
            container_bytes={str(found["Id"]): int(found.get("SizeRw") or 0) for found in said.get("Containers") or ()},
            build_cache_bytes=sum(int(found.get("Size") or 0) for found in said.get("BuildCache") or ()),
        )

    async def close(self) -> None:
        await self._registries.close()
        await self._transport.close()


def _event_decoder() -> Callable[[bytes], Iterable[EngineEvent]]:
    rest = b""

    def decode(chunk: bytes) -> list[EngineEvent]:
        nonlocal rest
        *lines, rest = (rest + chunk).split(b"\n")
        return [parse.event(json.loads(line)) for line in lines if line.strip() and not any(x in line for x in _NOISE)]

    return decode


if TYPE_CHECKING:
    _KEPT: ContainerEngine = Docker()
