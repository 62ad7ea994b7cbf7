"""Containers of a Docker engine."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from talome.core.errors import Unavailable
from talome.engines.docker import parse
from talome.engines.docker.exec import Command, Execution
from talome.engines.docker.logs import LogDecoder, log_params, read_page, weigh
from talome.engines.docker.models import (
    SCRATCH_LABEL,
    ContainerInspection,
    ContainerSummary,
    ExecResult,
    LogLine,
    LogPage,
    SealedRun,
)
from talome.engines.docker.names import check_id, check_name
from talome.engines.docker.sealed import SealedScript, run_sealed
from talome.engines.docker.streams import LogFollower, Mailbox
from talome.engines.docker.transport import RawStream, Transport

_LOG_LIMIT_S = 20.0
_FOLLOW_BYTES = 2 * 1024 * 1024
_KILL_ROOM_S = 15.0


class DockerContainers:
    """Keeps `protocol.Containers`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def all(self) -> list[ContainerSummary]:
        rows = await self._transport.call("GET", "/containers/json", params={"all": 1})
        return [parse.summary(row) for row in rows if SCRATCH_LABEL not in (row.get("Labels") or ())]

    async def inspect(self, id: str) -> ContainerInspection:
        return parse.inspection(await self._transport.call("GET", f"/containers/{_checked(id)}/json"))

    async def start(self, id: str) -> None:
        # Pulling a device, a network and a mount together may take a while on a small board.
        await self._transport.call("POST", f"/containers/{_checked(id)}/start", timeout_s=60.0)

    async def stop(self, id: str, *, timeout_s: int = 10) -> None:
        await self._end(id, "stop", timeout_s)

    async def restart(self, id: str, *, timeout_s: int = 10) -> None:
        await self._end(id, "restart", timeout_s)

    async def _end(self, id: str, verb: str, timeout_s: int) -> None:
        path = f"/containers/{_checked(id)}/{verb}"
        limit_s = timeout_s + self._transport.timeout_s + _KILL_ROOM_S
        await self._transport.call("POST", path, params={"t": timeout_s}, timeout_s=limit_s)

    async def pause(self, id: str) -> None:
        await self._transport.call("POST", f"/containers/{_checked(id)}/pause")

    async def unpause(self, id: str) -> None:
        await self._transport.call("POST", f"/containers/{_checked(id)}/unpause")

    async def kill(self, id: str, *, signal: str = "SIGKILL") -> None:
        await self._transport.call("POST", f"/containers/{_checked(id)}/kill", params={"signal": signal})

    async def rename(self, id: str, name: str) -> None:
        params = {"name": check_name(name, "container")}
        await self._transport.call("POST", f"/containers/{_checked(id)}/rename", params=params)

    async def remove(self, id: str, *, force: bool = False, volumes: bool = False) -> None:
        params = {"force": int(force), "v": int(volumes)}
        await self._transport.call("DELETE", f"/containers/{_checked(id)}", params=params, timeout_s=60.0)

    async def logs(
        self,
        id: str,
        *,
        tail: int | None = 200,
        since_ns: int | None = None,
        until_ns: int | None = None,
        limit_bytes: int = 4 * 1024 * 1024,
    ) -> LogPage:
        params = log_params(tail=tail, since_ns=since_ns, until_ns=until_ns)
        tty = (await self.inspect(id)).tty
        path = f"/containers/{_checked(id)}/logs"
        opened: list[RawStream] = []

        def read() -> LogPage:
            raw = self._transport.stream("GET", path, params=params)
            opened.append(raw)
            try:
                return read_page(raw, tty=tty, limit_bytes=limit_bytes, limit_s=_LOG_LIMIT_S)
            finally:
                raw.release()

        try:
            return await self._transport.run(read, timeout_s=self._transport.timeout_s + _LOG_LIMIT_S, slow=True)
        finally:
            for raw in opened:  # the caller went away: let the thread go too
                raw.close()

    async def follow_logs(self, id: str, *, tail: int | None = 200, since_ns: int | None = None) -> LogFollower:
        tty = (await self.inspect(id)).tty
        params = log_params(tail=tail, since_ns=since_ns, follow=True)
        raw = await self._transport.open(f"/containers/{_checked(id)}/logs", params=params)
        mailbox: Mailbox[LogLine] = Mailbox(
            asyncio.get_running_loop(), capacity=_FOLLOW_BYTES, weigh=weigh, full="drop"
        )
        return LogFollower(self._transport, raw, mailbox, LogDecoder(tty=tty).feed)

    async def read_logs(
        self, id: str, *, tail: int | None = None, since_ns: int | None = None, until_ns: int | None = None
    ) -> LogFollower:
        tty = (await self.inspect(id)).tty
        params = log_params(tail=tail, since_ns=since_ns, until_ns=until_ns)
        raw = await self._transport.open(f"/containers/{_checked(id)}/logs", params=params)
        mailbox: Mailbox[LogLine] = Mailbox(
            asyncio.get_running_loop(), capacity=_FOLLOW_BYTES, weigh=weigh, full="wait"
        )
        return LogFollower(self._transport, raw, mailbox, LogDecoder(tty=tty).feed)

    async def exec(
        self,
        id: str,
        argv: Sequence[str],
        *,
        user: str | None = None,
        workdir: str | None = None,
        env: Mapping[str, str] | None = None,
        timeout_s: float = 30.0,
        output_limit_bytes: int = 1024 * 1024,
    ) -> ExecResult:
        command = Command(argv, user, workdir, env or {}, timeout_s, output_limit_bytes)
        execution = Execution(self._transport, _checked(id), command)
        limit_s = timeout_s + 3 * self._transport.timeout_s
        try:
            return await self._transport.run(execution.run, timeout_s=limit_s, slow=True)
        except (asyncio.CancelledError, Unavailable):
            execution.cancel()
            raise

    async def run_sealed(
        self, image: str, script: str, *, env: Mapping[str, str] | None = None, limit_s: float = 20.0
    ) -> SealedRun:
        return await run_sealed(self._transport, self, SealedScript(image, script, env or {}), limit_s)


def _checked(id: str) -> str:
    return check_id(id, "container")
