"""The logs of all containers of a Compose project as one, each line after the name of its service.

Containers that come later, as after an update, are met by Docker's events; so it goes on until somebody closes it.
"""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from typing import Any, Final
from urllib.parse import quote

from talome.core.errors import NotFound, TalomeError
from talome.engines.docker.attach import DockerWire, follow_log

_PROJECT: Final = "com.docker.compose.project"
_SERVICE: Final = "com.docker.compose.service"
_NUMBER: Final = "com.docker.compose.container-number"
_COLOURS: Final = (36, 33, 32, 35, 34, 96, 93, 92, 95, 94)
_LONGEST_LINE: Final = 16 * 1024
_WAITING_PIECES: Final = 64
_UNSAFE: Final = re.compile(r"[^\w.-]")
_END: Final = b""


class ComposeLogs:
    """Use `await ComposeLogs.open(...)`, then read `pieces` until they end, which is when Docker goes away."""

    def __init__(self, docker: DockerWire, project: str, tail: int) -> None:
        self._docker = docker
        self._filters = quote(json.dumps({"label": [f"{_PROJECT}={project}"]}))
        self._tail = tail
        self._waiting: asyncio.Queue[bytes] = asyncio.Queue(_WAITING_PIECES)
        self._following: dict[str, asyncio.Task[None]] = {}
        self._colours: dict[str, int] = {}

    @classmethod
    async def open(cls, docker: DockerWire, project: str, tail: int) -> "ComposeLogs":
        """Raises `NotFound` where the project has no containers, `Unavailable` where Docker does not answer."""
        logs = cls(docker, project, tail)
        events, writer = await docker.stream("GET", f"/events?filters={logs._filters}")
        found = await docker.call("GET", f"/containers/json?all=1&filters={logs._filters}")
        if not found:
            writer.close()
            raise NotFound(f"No container belongs to “{project}”.")
        for container in sorted(found, key=lambda it: _name(it.get("Labels") or {})):
            logs._follow(str(container["Id"]), container.get("Labels") or {})
        logs._watching = asyncio.create_task(logs._watch(events, writer))
        return logs

    _watching: asyncio.Task[None]

    async def pieces(self) -> AsyncIterator[bytes]:
        try:
            while piece := await self._waiting.get():
                yield piece
        finally:
            tasks = [self._watching, *self._following.values()]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _follow(self, id: str, labels: Mapping[str, str], since_s: int | None = None) -> None:
        known = self._following.get(id)
        if known is None or known.done():
            self._following[id] = asyncio.create_task(self._read(id, _name(labels), since_s))

    async def _watch(self, events: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with suppress(OSError, ValueError, KeyError):
                while line := await events.readline():
                    event = json.loads(line)
                    actor: dict[str, Any] = event.get("Actor") or {}
                    if event.get("Type") == "container" and event.get("Action") == "start":
                        at = int(event["time"])
                        self._follow(str(actor["ID"]), actor.get("Attributes") or {}, at)
        finally:
            writer.close()
        await self._waiting.put(_END)

    async def _read(self, id: str, name: str, since_s: int | None) -> None:
        colour = self._colours.setdefault(name, _COLOURS[len(self._colours) % len(_COLOURS)])
        head = f"\x1b[{colour}m{name:<12} |\x1b[0m ".encode()
        rest = b""
        with suppress(TalomeError, TimeoutError):
            async for data in await follow_log(self._docker, id, self._tail, since_s):
                *lines, rest = (rest + data).split(b"\n")
                if len(rest) > _LONGEST_LINE:
                    lines, rest = [*lines, rest], b""
                if lines:
                    await self._waiting.put(b"".join(head + line.removesuffix(b"\r") + b"\r\n" for line in lines))
        if rest:
            await self._waiting.put(head + rest + b"\r\n")


def _name(labels: Mapping[str, str]) -> str:
    """As in `web-1`; labels may hold anything."""
    return _UNSAFE.sub("", f"{labels.get(_SERVICE, '')}-{labels.get(_NUMBER, '1')}")[:40]
