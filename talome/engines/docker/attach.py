"""Terminals in containers and their logs as raw bytes, without the Docker SDK: the small terminal process uses this.

Paths carry no API version, so each engine answers in its own; only fields that all of them share are read.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from talome.core.errors import Conflict, Invalid, NotFound, TalomeError, Unavailable
from talome.engines.pty import session_members

_TIMEOUT_S: Final = 10.0
_SETTLE_S: Final = 2.0
_READ_BYTES: Final = 64 * 1024
_FRAME_HEAD_BYTES: Final = 8


class DockerWire:
    """The engine at `host` ("unix:///var/run/docker.sock", "tcp://..."), one connection for each call."""

    def __init__(self, host: str) -> None:
        self._host = host

    async def call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """One request; the answer's JSON, an empty object where it has none."""
        async with asyncio.timeout(_TIMEOUT_S):
            reader, writer = await self._send(method, path, body, upgrade=False)
            try:
                text = await reader.read()
            finally:
                writer.close()
        return json.loads(text) if text.strip() else {}

    async def stream(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, *, upgrade: bool = False
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """An open answer: `reader` stands behind its headers. With `upgrade`, `writer` goes to the program."""
        async with asyncio.timeout(_TIMEOUT_S):
            return await self._send(method, path, body, upgrade=upgrade)

    async def _send(
        self, method: str, path: str, body: Mapping[str, Any] | None, *, upgrade: bool
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await self._connect()
        try:
            payload = b"" if body is None else json.dumps(body).encode()
            # HTTP/1.0 asks for an answer without chunks; only a hijacked connection needs 1.1.
            head = [f"{method} {path} HTTP/1.{int(upgrade)}", "Host: docker", f"Content-Length: {len(payload)}"]
            head += ["Content-Type: application/json"] if payload else []
            head += ["Connection: Upgrade", "Upgrade: tcp"] if upgrade else ["Connection: close"]
            writer.write("\r\n".join(head).encode() + b"\r\n\r\n" + payload)
            await writer.drain()
            status = await _status(reader)
            if status >= 400:
                raise _refusal(status, await reader.read())
        except BaseException as error:
            writer.close()
            if isinstance(error, OSError | asyncio.IncompleteReadError | asyncio.LimitOverrunError):
                raise _lost() from None
            raise
        return reader, writer

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        address = urlsplit(self._host)
        try:
            if address.scheme == "unix":
                return await asyncio.open_unix_connection(address.path, limit=_READ_BYTES)
            if address.scheme in ("tcp", "http") and address.hostname:
                return await asyncio.open_connection(address.hostname, address.port or 2375, limit=_READ_BYTES)
        except OSError:
            raise _lost() from None
        raise Unavailable("Terminals in containers need a Docker engine at unix:// or tcp://.")


class ExecTerminal:
    """A program on a terminal inside a running container. Use `await ExecTerminal.open(...)`."""

    def __init__(
        self, wire: DockerWire, id: str, container: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._wire, self._id, self._container = wire, id, container
        self._reader, self._writer = reader, writer

    @classmethod
    async def open(
        cls, wire: DockerWire, container: str, argv: Sequence[str], *, user: str | None, columns: int, rows: int
    ) -> ExecTerminal:
        """Raises `NotFound`, `Conflict` (it does not run), `Unavailable`."""
        wanted = {"AttachStdin": True, "AttachStdout": True, "AttachStderr": True, "Tty": True, "Cmd": list(argv)}
        environment = ["TERM=xterm-256color", "COLORTERM=truecolor"]
        body = {**wanted, "Env": environment, **({"User": user} if user else {})}
        made = await wire.call("POST", f"/containers/{container}/exec", body)
        id = str(made["Id"])
        start = {"Detach": False, "Tty": True}
        reader, writer = await wire.stream("POST", f"/exec/{id}/start", start, upgrade=True)
        opened = cls(wire, id, container, reader, writer)
        await opened.resize(columns, rows)
        return opened

    async def read(self) -> bytes:
        """The next bytes; empty once the program has ended."""
        try:
            return await self._reader.read(_READ_BYTES)
        except OSError:
            return b""

    async def write(self, data: bytes) -> None:
        """Waits while the program takes no input."""
        with suppress(OSError):
            self._writer.write(data)
            await self._writer.drain()

    async def resize(self, columns: int, rows: int) -> None:
        with suppress(TalomeError, TimeoutError):  # it may have ended meanwhile
            await self._wire.call("POST", f"/exec/{self._id}/resize?h={rows}&w={columns}")

    async def exit_code(self) -> int | None:
        """How it ended; None where the engine does not say so within two seconds."""
        with suppress(TalomeError, TimeoutError):
            async with asyncio.timeout(_SETTLE_S):
                while True:
                    said = await self._inspect()
                    if not said.get("Running"):
                        return int(said["ExitCode"])
                    await asyncio.sleep(0.01)
        return None

    async def close(self) -> None:
        """End the program and what it started. The engine has no call for this: it is done through the host's pids,
        and only where they are seen here and lie in this very container."""
        self._writer.close()
        with suppress(TalomeError, TimeoutError):
            said = await self._inspect()
            pid = int(said.get("Pid") or 0)
            if said.get("Running") and pid > 0 and _lies_in(pid, self._container):
                for member in {pid, *session_members(pid)}:
                    with suppress(ProcessLookupError, PermissionError):
                        os.kill(member, signal.SIGKILL)

    async def _inspect(self) -> Any:
        return await self._wire.call("GET", f"/exec/{self._id}/json")


async def follow_log(wire: DockerWire, container: str, tail: int, since_s: int | None = None) -> AsyncIterator[bytes]:
    """The last `tail` lines of a container, or all since then, and what comes, both streams, until it ends."""
    inspected = await wire.call("GET", f"/containers/{container}/json")
    raw = bool((inspected.get("Config") or {}).get("Tty"))
    first = f"tail={tail}" if since_s is None else f"since={since_s}"
    path = f"/containers/{container}/logs?follow=1&stdout=1&stderr=1&{first}"
    reader, writer = await wire.stream("GET", path)
    return _log_bytes(reader, writer, raw=raw)


async def _log_bytes(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, raw: bool) -> AsyncIterator[bytes]:
    try:
        while True:
            if raw:
                data = await reader.read(_READ_BYTES)
            else:
                head = await reader.readexactly(_FRAME_HEAD_BYTES)
                data = await reader.readexactly(int.from_bytes(head[4:], "big"))
            if not data and raw:
                return
            yield data
    except (asyncio.IncompleteReadError, OSError):
        return
    finally:
        writer.close()


async def _status(reader: asyncio.StreamReader) -> int:
    """Read the head of an answer; its status."""
    lines = (await reader.readuntil(b"\r\n\r\n")).split(b"\r\n")
    return int(lines[0].split()[1])


def _refusal(status: int, body: bytes) -> TalomeError:
    try:
        message = str(json.loads(body)["message"])
    except (ValueError, KeyError, TypeError):
        message = f"The Docker engine refused this ({status})."
    kinds: dict[int, type[TalomeError]] = {404: NotFound, 409: Conflict, 400: Invalid}
    return kinds.get(status, Unavailable)(message)


def _lost() -> Unavailable:
    return Unavailable("The Docker engine cannot be reached.", code="engine_unreachable")


def _lies_in(pid: int, container: str) -> bool:
    try:
        return bool(container) and container in Path(f"/proc/{pid}/cgroup").read_text()
    except OSError:
        return False
