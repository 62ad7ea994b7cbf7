"""A real image registry on loopback, and a front before it that misbehaves as registries on the internet do.

Engines take plain HTTP from 127.0.0.1. The registry runs in the namespace of the test run, like the engine.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import shutil
import socket
import subprocess
import tempfile
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web

from tests.support.docker_engine import missing_for_engine, wait_until

_PIECE = 16 * 1024
_CONFIG = """\
version: 0.1
log: {{level: error}}
storage:
  filesystem: {{rootdirectory: {root}}}
http:
  addr: {address}
  secret: of-a-test
"""


class Registry:
    """The process; `address` is host:port, the beginning of every name of an image in it."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self.address = f"127.0.0.1:{free_port()}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        config = self._root / "config.yml"
        config.write_text(_CONFIG.format(root=self._root / "data", address=self.address))
        with (self._root / "registry.log").open("ab") as log:
            self._process = subprocess.Popen(["docker-registry", "serve", str(config)], stdout=log, stderr=log)
        wait_until(self._answers, "the registry to answer")

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://{self.address}/v2/", timeout=2) as answer:
                return int(answer.status) == 200
        except (urllib.error.URLError, OSError):
            return False

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()


class Front:
    """Passes reading requests on to the registry, unless told otherwise. All fields may be changed at any time.
    Images are pushed to the registry itself."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
        self.address = ""
        self.password: tuple[str, str] | None = None
        self.limited: str | None = None
        """What it says when it answers 429 to everything."""
        self.cut = False
        """It breaks off in the middle of each layer."""
        self.let_through = asyncio.Event()
        """Until it is set, layers stop half-way."""
        self.let_through.set()
        self.answers = asyncio.Event()
        """Until it is set, manifests are not answered at all."""
        self.answers.set()
        self.waiting = 0
        """How many requests wait for one of the two."""

    async def start(self) -> None:
        self._session = aiohttp.ClientSession(auto_decompress=False)
        application = web.Application()
        application.router.add_get("/{path:.*}", self._handle)
        self._runner = web.AppRunner(application, handler_cancellation=True, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.address = f"127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        await self._runner.cleanup()
        await self._session.close()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        if self.password is not None and request.headers.get("Authorization") != _basic(*self.password):
            return _refused(
                request, 401, "UNAUTHORIZED", "authentication required", {"WWW-Authenticate": "Basic realm=x"}
            )
        if self.limited is not None:
            return _refused(request, 429, "TOOMANYREQUESTS", self.limited, {"Retry-After": "7"})
        if "/manifests/" in request.path:
            await self._held(self.answers)
        # Engines send one Accept line for each kind of manifest.
        headers = [(name, value) for name, value in request.headers.items() if name.lower() in ("accept", "range")]
        url = f"http://{self.registry.address}{request.raw_path}"
        async with self._session.request(request.method, url, headers=headers) as answer:
            return await self._pass_on(request, answer)

    async def _pass_on(self, request: web.Request, answer: aiohttp.ClientResponse) -> web.StreamResponse:
        response = web.StreamResponse(status=answer.status)
        for name, value in answer.headers.items():
            if name.lower() not in ("transfer-encoding", "date", "connection"):
                response.headers[name] = value
        await response.prepare(request)
        content = await answer.read()
        held = "/blobs/sha256" in request.path and request.method == "GET" and len(content) > _PIECE
        if held:
            half = len(content) // 2
            await response.write(content[:half])
            await self._held(self.let_through)
            if self.cut:
                assert request.transport is not None
                request.transport.abort()
                return response
            content = content[half:]
        if request.method == "HEAD":
            return response
        with suppress(ConnectionResetError):
            await response.write(content)
            await response.write_eof()
        return response

    async def _held(self, event: asyncio.Event) -> None:
        self.waiting += 1
        try:
            await event.wait()
        finally:
            self.waiting -= 1


def _refused(request: web.Request, status: int, code: str, message: str, headers: dict[str, str]) -> web.Response:
    body = json.dumps({"errors": [{"code": code, "message": message}]})
    headers = {**headers, "Docker-Distribution-Api-Version": "registry/2.0", "Content-Type": "application/json"}
    return web.Response(status=status, headers=headers, text=body)


def _basic(name: str, password: str) -> str:
    return f"Basic {base64.b64encode(f'{name}:{password}'.encode()).decode()}"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def registry() -> Iterator[Registry]:
    """An empty registry; tests share it, so each takes names of its own."""
    reason = missing_for_engine()
    if reason is None and shutil.which("docker-registry") is None:
        reason = "docker-registry is not installed"
    if reason is not None:
        if os.environ.get("CI"):
            pytest.fail(f"no registry: {reason}")
        pytest.skip(f"no registry: {reason}")
    root = Path(tempfile.mkdtemp(prefix="tlmreg"))
    made = Registry(root)
    try:
        made.start()
        yield made
    finally:
        made.stop()
        shutil.rmtree(root, ignore_errors=True)


@pytest_asyncio.fixture
async def front(registry: Registry) -> AsyncIterator[Front]:
    made = Front(registry)
    await made.start()
    yield made
    await made.stop()
