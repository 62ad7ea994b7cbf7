"""The containers of the fake engine: states, logs, and a few commands that can be run in them."""

from __future__ import annotations

import asyncio
import shlex
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Self

from talome.core.errors import Conflict, Invalid
from talome.engines.docker.models import (
    ContainerInspection,
    ContainerSummary,
    ExecResult,
    LogBatch,
    LogLine,
    LogPage,
    SealedRun,
)
from talome.engines.docker.names import check_name

if TYPE_CHECKING:
    from tests.fakes.docker import FakeContainer, FakeEngine, FakeStream


class FakeContainers:
    def __init__(self, engine: FakeEngine) -> None:
        self._engine = engine

    async def all(self) -> list[ContainerSummary]:
        await self._engine.answer("containers.all")
        return [
            _summary(box) for box in sorted(self._engine.box.values(), key=lambda box: box.created_at, reverse=True)
        ]

    async def inspect(self, id: str) -> ContainerInspection:
        return _inspection(await self._find("inspect", id))

    async def start(self, id: str) -> None:
        box = await self._find("start", id)
        if box.state == "paused":
            raise Conflict("cannot start a paused container, try unpause instead")
        if not box.running:
            self._engine.run(box)

    async def stop(self, id: str, *, timeout_s: int = 10) -> None:
        box = await self._find("stop", id)
        if box.running:
            self._announce(box, "kill")
            self._engine.end_container(box.id, box.exits_with)
            self._announce(box, "stop")

    async def restart(self, id: str, *, timeout_s: int = 10) -> None:
        box = await self._find("restart", id)
        if box.running:
            self._announce(box, "kill")
            self._engine.end_container(box.id, box.exits_with)
            self._announce(box, "stop")
        self._engine.run(box)
        self._announce(box, "restart")

    async def pause(self, id: str) -> None:
        box = await self._find("pause", id)
        if box.state == "paused":
            raise Conflict(f"Container {box.id} is already paused")
        if not box.running:
            raise Conflict(f"Container {box.id} is not running")
        box.state = "paused"
        self._announce(box, "pause")

    async def unpause(self, id: str) -> None:
        box = await self._find("unpause", id)
        if box.state != "paused":
            raise Conflict(f"Container {box.id} is not paused")
        box.state = "running"
        self._announce(box, "unpause")

    async def kill(self, id: str, *, signal: str = "SIGKILL") -> None:
        box = await self._find("kill", id)
        if not box.running:
            raise Conflict(f"Cannot kill container: {id}: Container {box.id} is not running")
        if signal.removeprefix("SIG") not in ("KILL", "TERM"):
            raise Invalid(f"Invalid signal: {signal}")
        self._announce(box, "kill")
        self._engine.end_container(box.id, 137 if signal.endswith("KILL") else box.exits_with)

    async def rename(self, id: str, name: str) -> None:
        check_name(name, "container")
        box = await self._find("rename", id)
        if name == box.name:
            raise Invalid("Renaming a container with the same name as its current name")
        if any(other.name == name for other in self._engine.box.values()):
            raise Conflict(f'Conflict. The container name "/{name}" is already in use.')
        box.name = name
        self._announce(box, "rename")

    async def remove(self, id: str, *, force: bool = False, volumes: bool = False) -> None:
        box = await self._find("remove", id)
        if box.running:
            if not force:
                raise Conflict(f"You cannot remove a running container {box.id}. Stop the container or force remove")
            self._announce(box, "kill")
            self._engine.end_container(box.id, 137)
        del self._engine.box[box.id]
        if volumes:
            self._engine.volumes.forget_anonymous(mount.name for mount in box.mounts)
        self._announce(box, "destroy")

    async def logs(
        self,
        id: str,
        *,
        tail: int | None = 200,
        since_ns: int | None = None,
        until_ns: int | None = None,
        limit_bytes: int = 4 * 1024 * 1024,
    ) -> LogPage:
        box = await self._find("logs", id)
        lines = _chosen(box.lines, tail, since_ns, until_ns)
        weight = sum(len(line.text) for line in lines)
        kept = list(lines)
        while kept and weight > limit_bytes:
            weight -= len(kept.pop(0).text)
        return LogPage(tuple(kept), len(kept) < len(lines))

    async def follow_logs(self, id: str, *, tail: int | None = 200, since_ns: int | None = None) -> FakeFollower:
        from tests.fakes.docker import FakeStream

        box = await self._find("follow_logs", id)
        stream: FakeStream[LogLine] = FakeStream(box.followers.discard)
        for line in _chosen(box.lines, tail, since_ns, None):
            stream.put(line)
        if box.running:
            box.followers.add(stream)
        else:
            stream.end()
        return FakeFollower(stream)

    async def read_logs(
        self, id: str, *, tail: int | None = None, since_ns: int | None = None, until_ns: int | None = None
    ) -> FakeFollower:
        from tests.fakes.docker import FakeStream

        box = await self._find("read_logs", id)
        stream: FakeStream[LogLine] = FakeStream()
        for line in _chosen(box.lines, tail, since_ns, until_ns):
            stream.put(line)
        stream.end()
        return FakeFollower(stream)

    async def run_sealed(
        self, image: str, script: str, *, env: Mapping[str, str] | None = None, limit_s: float = 20.0
    ) -> SealedRun:
        """No shell here: it ends as one that wrote nothing."""
        await self._engine.answer("containers.run_sealed")
        self._engine.images.require(image)
        return SealedRun(0, (), ())

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
        box = await self._find("exec", id)
        if box.state == "paused":
            raise Conflict(f"Container {box.name} is paused, unpause the container before exec")
        if not box.running:
            raise Conflict(f"Container {box.id} is not running")
        started = time.monotonic()
        shell = _Shell(user or "root", workdir or "/", dict(env or {}))
        try:
            code: int | None = await asyncio.wait_for(shell.run(list(argv)), timeout_s)
        except TimeoutError:
            code = None
        stdout = bytes(shell.stdout[:output_limit_bytes])
        stderr = bytes(shell.stderr[: output_limit_bytes - len(stdout)])
        return ExecResult(
            exit_code=code,
            stdout=stdout,
            stderr=stderr,
            truncated=len(stdout) + len(stderr) < len(shell.stdout) + len(shell.stderr),
            timed_out=code is None,
            killed=code is None,
            duration_s=time.monotonic() - started,
        )

    async def _find(self, call: str, id: str) -> FakeContainer:
        await self._engine.answer(f"containers.{call}")
        return self._engine.require(id)

    def _announce(self, box: FakeContainer, action: str) -> None:
        self._engine.announce("container", action, box.id, self._engine.attributes(box))


class FakeFollower:
    """Batches of whatever waits in a stream of lines."""

    def __init__(self, stream: FakeStream[LogLine]) -> None:
        self._stream = stream

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> LogBatch:
        if not await self._stream.wait():
            raise StopAsyncIteration
        lines = tuple(self._stream.items)
        self._stream.items.clear()
        return LogBatch(lines)

    async def aclose(self) -> None:
        await self._stream.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()


class _Shell:
    """As much of busybox as the tests use: echo, printf, true, false, sleep, pwd, whoami, env, head -c, sh -c."""

    def __init__(self, user: str, workdir: str, env: dict[str, str]) -> None:
        self.stdout, self.stderr = bytearray(), bytearray()
        self._user, self._workdir, self._env = user, workdir, env

    async def run(self, argv: list[str]) -> int:
        name, *arguments = argv
        if name == "sh" and arguments[:1] == ["-c"]:
            return await self._script(arguments[1])
        if name == "sleep":
            await asyncio.sleep(float(arguments[0]))
            return 0
        if name == "head" and arguments[:1] == ["-c"]:
            self.stdout += bytes(int(arguments[1]))
            return 0
        answers = {
            "true": "",
            "echo": " ".join(arguments) + "\n",
            "printf": "".join(arguments[:1]).replace("\\n", "\n"),
            "pwd": self._workdir + "\n",
            "whoami": self._user + "\n",
            "env": "".join(f"{key}={value}\n" for key, value in self._env.items()),
        }
        if name in answers:
            self.stdout += answers[name].encode()
            return 0
        if name == "false":
            return 1
        self.stdout += (
            f'OCI runtime exec failed: exec: "{name}": executable file not found in $PATH: unknown\r\n'.encode()
        )
        return 127

    async def _script(self, text: str) -> int:
        code = 0
        for command in text.split(";"):
            words = shlex.split(command)
            if not words:
                continue
            if words[0] == "exit":
                return int(words[1])
            to_stderr = ">&2" in words
            before = len(self.stdout)
            code = await self.run([word for word in words if word != ">&2"])
            if to_stderr:
                self.stderr += self.stdout[before:]
                del self.stdout[before:]
        return code


def _chosen(lines: list[LogLine], tail: int | None, since_ns: int | None, until_ns: int | None) -> list[LogLine]:
    found = [
        line
        for line in lines
        if (since_ns is None or line.at_ns >= since_ns) and (until_ns is None or line.at_ns <= until_ns)
    ]
    if tail is None:
        return found
    return found[-tail:] if tail > 0 else []


def _status(box: FakeContainer) -> str:
    health = {"none": "", "starting": " (health: starting)"}.get(box.health, f" ({box.health})")
    words = {"running": "Up 1 second" + health, "paused": "Up 1 second (Paused)", "created": "Created", "dead": "Dead"}
    return words.get(box.state, f"Exited ({box.exit_code or 0}) 1 second ago")


def _summary(box: FakeContainer) -> ContainerSummary:
    return ContainerSummary(
        id=box.id,
        name=box.name,
        image=box.image,
        image_id=box.image_id,
        command=" ".join(box.command),
        created_at=box.created_at,
        state=box.state,
        status=_status(box),
        health=box.health,
        exit_code=box.exit_code if box.state == "exited" else None,
        ports=box.ports,
        labels=dict(box.labels),
        networks=box.networks,
        mounts=box.mounts,
    )


def _inspection(box: FakeContainer) -> ContainerInspection:
    return ContainerInspection(
        id=box.id,
        name=box.name,
        image=box.image,
        image_id=box.image_id,
        state=box.state,
        health=box.health,
        health_log=(),
        exit_code=box.exit_code if box.state == "exited" else None,
        error=None,
        oom_killed=False,
        pid=box.pid,
        created_at=box.created_at,
        started_at=box.started_at,
        finished_at=box.finished_at,
        command=box.command,
        entrypoint=(),
        env=box.env,
        labels=dict(box.labels),
        tty=box.tty,
        user=None,
        working_dir=None,
        hostname=box.id[:12],
        ports=box.ports,
        mounts=box.mounts,
        networks=box.networks,
        network_mode="default",
        restart_policy=box.restart_policy,
        restart_count=box.restart_count,
        memory_limit_bytes=box.memory_limit_bytes,
        cpu_limit=None,
        privileged=False,
        raw={"Id": box.id, "Name": f"/{box.name}", "Config": {"Env": list(box.env), "Labels": dict(box.labels)}},
    )
