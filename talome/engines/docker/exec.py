"""One command in a running container: output demultiplexed and bounded, and really ended when it takes too long."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from talome.core.errors import TalomeError, Unavailable
from talome.engines.docker.models import ExecResult
from talome.engines.docker.transport import RawStream, Transport

_HEADER = 8
_SETTLE_S = 5.0


@dataclass(frozen=True, slots=True)
class Command:
    argv: Sequence[str]
    user: str | None
    workdir: str | None
    env: Mapping[str, str]
    timeout_s: float
    output_limit_bytes: int

    def body(self) -> dict[str, Any]:
        said: dict[str, Any] = {"AttachStdout": True, "AttachStderr": True, "Tty": False, "Cmd": list(self.argv)}
        if self.user:
            said["User"] = self.user
        if self.workdir:
            said["WorkingDir"] = self.workdir
        if self.env:
            said["Env"] = [f"{name}={value}" for name, value in self.env.items()]
        return said


class Execution:
    """Runs in a worker thread; `cancel` may come from any other and ends the command as a time-out does."""

    def __init__(self, transport: Transport, container: str, command: Command) -> None:
        self._transport = transport
        self._container = container
        self._command = command
        self._raw: RawStream | None = None
        self._cancelled = threading.Event()

    def cancel(self) -> None:
        self._cancelled.set()
        if self._raw is not None:
            self._raw.close()

    def run(self) -> ExecResult:
        started = time.monotonic()
        timeout_s = self._transport.timeout_s
        created = self._transport.request(
            "POST", f"/containers/{self._container}/exec", body=self._command.body(), timeout_s=timeout_s
        )
        id = str(created["Id"])
        output = _Output(self._command.output_limit_bytes)
        # Without an upgrade to a raw socket the first bytes of output cannot be lost behind the response's headers.
        raw = self._raw = self._transport.stream("POST", f"/exec/{id}/start", body={"Detach": False, "Tty": False})
        try:
            ended = self._collect(raw, output, started + self._command.timeout_s)
        finally:
            raw.release()
        return ExecResult(
            exit_code=self._exit_code(id) if ended else None,
            stdout=bytes(output.stdout),
            stderr=bytes(output.stderr),
            truncated=output.truncated,
            timed_out=not ended,
            killed=not ended and self._kill(id),
            duration_s=time.monotonic() - started,
        )

    def _collect(self, raw: RawStream, output: _Output, deadline: float) -> bool:
        """Whether the command ended by itself before the deadline."""
        while True:
            remaining = deadline - time.monotonic()
            if remaining <= 0 or self._cancelled.is_set():
                return False
            try:
                chunk = raw.read(remaining)
            except TimeoutError:
                return False
            if not chunk:
                return not self._cancelled.is_set()
            output.feed(chunk)

    def _inspect(self, id: str) -> dict[str, Any]:
        answer: dict[str, Any] = self._transport.request("GET", f"/exec/{id}/json", timeout_s=self._transport.timeout_s)
        return answer

    def _exit_code(self, id: str) -> int:
        # The output ends a moment before the engine has noted the exit code.
        deadline = time.monotonic() + _SETTLE_S
        while time.monotonic() < deadline:
            said = self._inspect(id)
            if not said.get("Running") and said.get("ExitCode") is not None:
                return int(said["ExitCode"])
            time.sleep(0.01)
        raise Unavailable("The Docker engine did not say how the command ended.", code="engine_failed")

    def _kill(self, id: str) -> bool:
        """True once the process is gone. The engine has no call for this: it is killed through its host pid, and only
        when that pid is seen here and belongs to this very container."""
        deadline = time.monotonic() + _SETTLE_S
        try:
            while time.monotonic() < deadline:
                said = self._inspect(id)
                if not said.get("Running") and said.get("ExitCode") is not None:
                    return True
                # On a busy machine it may only be about to start: then the pid comes later.
                if pid := int(said.get("Pid") or 0):
                    _kill_tree(pid, str(said.get("ContainerID") or ""))
                time.sleep(0.02)
        except TalomeError:
            return False
        return False


class _Output:
    """Takes frames apart and keeps the first `limit_bytes` of both streams together."""

    def __init__(self, limit_bytes: int) -> None:
        self.stdout, self.stderr = bytearray(), bytearray()
        self.truncated = False
        self._room = limit_bytes
        self._header = bytearray()
        self._missing = 0
        self._target = self.stdout

    def feed(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            if self._missing == 0:
                taken = view[: _HEADER - len(self._header)]
                self._header += taken
                view = view[len(taken) :]
                if len(self._header) == _HEADER:
                    self._target = self.stderr if self._header[0] == 2 else self.stdout
                    self._missing = int.from_bytes(self._header[4:], "big")
                    self._header.clear()
                continue
            piece = view[: self._missing]
            self._missing -= len(piece)
            view = view[len(piece) :]
            self.truncated = self.truncated or len(piece) > self._room
            kept = piece[: self._room]
            self._target += kept
            self._room -= len(kept)


def _kill_tree(pid: int, container: str) -> None:
    """Kill a process and its descendants, each only if it lives in that container's cgroup."""
    with suppress(psutil.Error):
        root = psutil.Process(pid)
        for process in [root, *root.children(recursive=True)]:
            if _belongs(process.pid, container):
                with suppress(ProcessLookupError, PermissionError):
                    os.kill(process.pid, signal.SIGKILL)


def _belongs(pid: int, container: str) -> bool:
    try:
        return bool(container) and container in Path(f"/proc/{pid}/cgroup").read_text()
    except OSError:
        return False
