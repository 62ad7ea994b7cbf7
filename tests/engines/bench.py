"""The bench of the contract suite: the same few things a test must prepare, done to the fake and to a real engine."""

from __future__ import annotations

import asyncio
import shlex
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any, Protocol

import pytest
import pytest_asyncio

from talome.core.errors import NotFound
from talome.engines.docker.engine import Docker
from talome.engines.docker.models import LogStream, Mount, PullProgress, RegistryAuth
from talome.engines.docker.protocol import ContainerEngine
from tests.fakes.docker import FakeEngine
from tests.support.docker_engine import IMAGE, EngineDaemon

Log = Sequence[tuple[LogStream, str]]
ENDS_WITH = 7  # what a container of the bench exits with when it ends by itself
STOPS_WITH = 143


async def eventually(check: Callable[[], Awaitable[bool]], what: str, timeout_s: float = 10.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not await check():
        assert time.monotonic() < deadline, f"waited {timeout_s:g} s for {what}"
        await asyncio.sleep(0.01)


async def pull(engine: ContainerEngine, reference: str, auth: RegistryAuth | None = None) -> list[PullProgress]:
    async with await engine.images.pull(reference, auth=auth) as progress:
        return [each async for each in progress]


class Bench(Protocol):
    engine: ContainerEngine

    async def run(
        self,
        name: str,
        *,
        log: Log = (),
        ended: bool = False,
        tty: bool = False,
        labels: dict[str, str] | None = None,
        volume: str | None = None,
        network: str = "none",
    ) -> str:
        """A container that wrote `log` and then waits (or has ended); its id. `volume` is mounted at /data. Without a
        network it starts in half the time."""

    async def write(self, id: str, text: str, stream: LogStream = "stdout") -> None: ...
    async def end(self, id: str) -> None: ...
    async def add_image(self, tag: str) -> None: ...


class FakeBench:
    def __init__(self) -> None:
        self.fake = FakeEngine()
        self.engine: ContainerEngine = self.fake

    async def run(
        self,
        name: str,
        *,
        log: Log = (),
        ended: bool = False,
        tty: bool = False,
        labels: dict[str, str] | None = None,
        volume: str | None = None,
        network: str = "none",
    ) -> str:
        mounts = (Mount("volume", f"/v/{volume}", "/data", False, volume),) if volume else ()
        made = self.fake.add_container(name, log=log, tty=tty, labels=labels, mounts=mounts, networks=(network,))
        if ended:
            self.fake.end_container(made.id, ENDS_WITH)
        return made.id

    async def write(self, id: str, text: str, stream: LogStream = "stdout") -> None:
        self.fake.write_log(id, text, stream)

    async def end(self, id: str) -> None:
        self.fake.end_container(id, ENDS_WITH)

    async def add_image(self, tag: str) -> None:
        self.fake.images.add(tag)


class RealBench:
    def __init__(self, engine: Docker, daemon: EngineDaemon) -> None:
        self.engine: ContainerEngine = engine
        self._daemon = daemon

    async def run(
        self,
        name: str,
        *,
        log: Log = (),
        ended: bool = False,
        tty: bool = False,
        labels: dict[str, str] | None = None,
        volume: str | None = None,
        network: str = "none",
    ) -> str:
        script = [f"trap 'exit {STOPS_WITH}' TERM; trap 'exit {ENDS_WITH}' USR1"]
        for stream, text in log:
            target = " >&2" if stream == "stderr" else ""
            script.append(f"{_print(text)}{target}")
        script.append("touch /tmp/ready")
        script.append(f"exit {ENDS_WITH}" if ended else "while :; do sleep 600 & wait $!; done")
        host: dict[str, Any] = {"binds": [f"{volume}:/data"]} if volume else {}
        host["network_mode"] = network
        id = await asyncio.to_thread(
            self._daemon.run, ["sh", "-c", "; ".join(script)], name=name, tty=tty, labels=labels, host=host
        )
        await eventually(lambda: self._settled(id, ended, len(log)), "the container to settle")
        return id

    async def _settled(self, id: str, ended: bool, lines: int) -> bool:
        if len((await self.engine.containers.logs(id)).lines) < lines:
            return False
        if ended:
            return (await self.engine.containers.inspect(id)).state == "exited"
        return (await self.engine.containers.exec(id, ["test", "-e", "/tmp/ready"])).exit_code == 0

    async def write(self, id: str, text: str, stream: LogStream = "stdout") -> None:
        number = 2 if stream == "stderr" else 1
        script = f"printf '%s\\n' {shlex.quote(text)} > /proc/1/fd/{number}"
        result = await self.engine.containers.exec(id, ["sh", "-c", script])
        assert result.exit_code == 0, result

    async def end(self, id: str) -> None:
        await self.engine.containers.kill(id, signal="SIGUSR1")

    async def add_image(self, tag: str) -> None:
        repository, _, name = tag.partition(":")
        # An image of its own, not a second tag of the one that other tests' containers use.
        await asyncio.to_thread(self._daemon.api.import_image_from_data, bytes(1024), repository=repository, tag=name)


@pytest_asyncio.fixture(params=["fake", pytest.param("real", marks=pytest.mark.docker)])
async def bench(request: pytest.FixtureRequest) -> AsyncIterator[Bench]:
    if request.param == "fake":
        yield FakeBench()
        return
    daemon: EngineDaemon = request.getfixturevalue("clean_daemon")
    engine = Docker(daemon.host)
    yield RealBench(engine, daemon)
    await engine.close()


def _print(text: str) -> str:
    if len(text) > 10_000:  # too long for an argument, and made of one letter
        return f"{{ head -c {len(text)} /dev/zero | tr '\\0' {text[0]}; echo; }}"
    return f"printf '%s\\n' {shlex.quote(text)}"


async def gone(engine: ContainerEngine, id: str) -> bool:
    try:
        await engine.containers.inspect(id)
    except NotFound:
        return True
    return False


__all__ = ["ENDS_WITH", "IMAGE", "STOPS_WITH", "Bench", "eventually", "gone"]
