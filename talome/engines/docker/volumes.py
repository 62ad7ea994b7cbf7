"""Volumes of a Docker engine, and their content as a tar.

Docker has no call for a volume's content. It copies files in and out of containers, started or not, so an empty image
is made locally (nothing is pulled), a container of it is created with the volume mounted, used, and removed again
without ever having been started.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterable, Awaitable, Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import suppress
from typing import Any
from uuid import uuid4

from talome.core.errors import Conflict, NotFound, TalomeError, Unavailable
from talome.engines.docker import parse
from talome.engines.docker.models import SCRATCH_IMAGE, SCRATCH_LABEL, Volume
from talome.engines.docker.names import check_name
from talome.engines.docker.streams import ItemStream, Mailbox
from talome.engines.docker.transport import RawStream, Transport

_EMPTY_TAR = bytes(1024)
# The folder itself is in the tar, unpacked from above: only so its owner and mode come back, and a database that finds
# its folder owned by somebody else does not start.
_MOUNTED_AT = "/volume"
_AHEAD_BYTES = 1024 * 1024
_RESTORE_LIMIT_S = 6 * 3600.0
_UNPACK_S = 600.0


class DockerVolumes:
    """Keeps `protocol.Volumes`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._mounted_now: set[str] = set()

    async def all(self) -> list[Volume]:
        said = await self._transport.call("GET", "/volumes")
        return [parse.volume(found) for found in said.get("Volumes") or ()]

    async def inspect(self, name: str) -> Volume:
        return parse.volume(await self._transport.call("GET", f"/volumes/{check_name(name, 'volume')}"))

    async def create(
        self,
        name: str,
        *,
        driver: str = "local",
        options: Mapping[str, str] | None = None,
        labels: Mapping[str, str] | None = None,
    ) -> Volume:
        body = {
            "Name": check_name(name, "volume"),
            "Driver": driver,
            "DriverOpts": dict(options or {}),
            "Labels": dict(labels or {}),
        }
        return parse.volume(await self._transport.call("POST", "/volumes/create", body=body))

    async def remove(self, name: str) -> None:
        path = f"/volumes/{check_name(name, 'volume')}"
        try:
            await self._transport.call("DELETE", path, timeout_s=60.0)
        except Conflict:
            if not await self._sweep(name):
                raise
            await self._transport.call("DELETE", path, timeout_s=60.0)

    async def _sweep(self, name: str) -> bool:
        """Remove what an interrupted archive or restore left behind, which would keep the volume in use for ever."""
        params: dict[str, str | int] = {"all": 1, "filters": json.dumps({"label": [f"{SCRATCH_LABEL}={name}"]})}
        rows = await self._transport.call("GET", "/containers/json", params=params)
        left = [str(row["Id"]) for row in rows if str(row["Id"]) not in self._mounted_now]
        for container in left:
            await self._discard(container)
        return bool(left)

    async def archive(self, name: str) -> ArchiveStream:
        container = await self._mounted(name)
        try:
            raw = await self._transport.open(f"/containers/{container}/archive", params={"path": _MOUNTED_AT})
        except BaseException:
            await self._discard(container)
            raise
        mailbox: Mailbox[bytes] = Mailbox(asyncio.get_running_loop(), capacity=_AHEAD_BYTES, weigh=len, full="wait")
        return ArchiveStream(self._transport, raw, mailbox, _chunks, after=lambda: self._discard(container))

    async def restore(self, name: str, tar: AsyncIterable[bytes]) -> None:
        container = await self._mounted(name)
        feed = _Feed(tar, asyncio.get_running_loop())

        def upload() -> None:
            self._transport.request(
                "PUT",
                f"/containers/{container}/archive",
                params={"path": "/"},
                data=feed,
                timeout_s=_UNPACK_S,
            )

        try:
            await self._transport.run(upload, timeout_s=_RESTORE_LIMIT_S, slow=True)
        except Exception:
            if feed.error is not None:
                raise feed.error from None
            raise
        finally:
            feed.stop()
            await self._discard(container)

    async def _mounted(self, name: str) -> str:
        """The id of a new, never started container that has the volume mounted."""
        volume = await self.inspect(name)  # a container would silently create an absent one
        mount = {
            "Type": "volume",
            "Source": volume.name,
            "Target": _MOUNTED_AT,
            "VolumeOptions": {"NoCopy": True},
        }
        body: dict[str, Any] = {
            "Image": SCRATCH_IMAGE,
            "Cmd": ["never-started"],
            "Labels": {SCRATCH_LABEL: volume.name},
            "NetworkDisabled": True,
            "HostConfig": {"Mounts": [mount], "NetworkMode": "none"},
        }
        params = {"name": f"talome-volume-{uuid4().hex[:12]}"}
        try:
            said = await self._transport.call("POST", "/containers/create", params=params, body=body)
        except NotFound:
            await self._make_scratch_image()
            said = await self._transport.call("POST", "/containers/create", params=params, body=body)
        self._mounted_now.add(str(said["Id"]))
        return str(said["Id"])

    async def _make_scratch_image(self) -> None:
        repository, _, tag = SCRATCH_IMAGE.partition(":")
        params = {"fromSrc": "-", "repo": repository, "tag": tag}

        def load() -> None:
            self._transport.request(
                "POST", "/images/create", params=params, data=iter([_EMPTY_TAR]), timeout_s=self._transport.timeout_s
            )

        await self._transport.run(load, timeout_s=self._transport.timeout_s, slow=False)

    async def _discard(self, container: str) -> None:
        self._mounted_now.discard(container)
        removal = self._transport.call("DELETE", f"/containers/{container}", params={"force": 1}, timeout_s=60.0)
        with suppress(TalomeError):  # what is left is swept when it is in the way
            await asyncio.shield(removal)


class ArchiveStream(ItemStream[bytes]):
    """The tar as it comes. Only a whole one ends without an error: a cut one lacks the zeros that close a tar."""

    def __init__(
        self,
        transport: Transport,
        raw: RawStream,
        mailbox: Mailbox[bytes],
        decode: Callable[[bytes], Iterable[bytes]],
        *,
        after: Callable[[], Awaitable[None]],
    ) -> None:
        super().__init__(transport, raw, mailbox, decode)
        self._after: Callable[[], Awaitable[None]] | None = after
        self._tail = b""

    async def __anext__(self) -> bytes:
        try:
            chunk = await super().__anext__()
        except StopAsyncIteration:
            if self._tail != _EMPTY_TAR:
                raise Unavailable("The content of the volume could not be read whole.", code="engine_failed") from None
            raise
        self._tail = (self._tail + chunk)[-len(_EMPTY_TAR) :]
        return chunk

    async def aclose(self) -> None:
        after, self._after = self._after, None
        await super().aclose()
        if after is not None:
            await after()


class _Feed:
    """A tar that comes from a coroutine, for a thread that sends it: each side waits for the other."""

    def __init__(self, tar: AsyncIterable[bytes], loop: asyncio.AbstractEventLoop) -> None:
        self._source = aiter(tar)
        self._loop = loop
        self._lock = threading.Lock()
        self._pending: Future[bytes | None] | None = None
        self._stopped = False
        self.error: Exception | None = None

    def __iter__(self) -> Iterator[bytes]:
        while True:
            with self._lock:
                if self._stopped:
                    raise ConnectionAbortedError("the caller went away")
                self._pending = asyncio.run_coroutine_threadsafe(self._next(), self._loop)
            try:
                chunk = self._pending.result()
            except Exception as error:
                self.error = error
                raise
            if chunk is None:
                return
            if chunk:  # an empty chunk would end the body
                yield chunk

    async def _next(self) -> bytes | None:
        return await anext(self._source, None)

    def stop(self) -> None:
        with self._lock:
            self._stopped = True
            if self._pending is not None:
                self._pending.cancel()


def _chunks(chunk: bytes) -> tuple[bytes, ...]:
    return (chunk,) if chunk else ()
