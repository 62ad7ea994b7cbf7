"""A receiver of webhooks on loopback that keeps what came, answers on order, and may be down."""

import asyncio
import hashlib
import hmac
import socket
from collections import deque
from dataclasses import dataclass
from typing import Any

import orjson
from aiohttp import web


@dataclass(frozen=True)
class Arrived:
    body: bytes
    headers: dict[str, str]

    @property
    def json(self) -> Any:
        return orjson.loads(self.body)

    def is_signed_with(self, secret: str) -> bool:
        """As the reference's own example does it, with the prefix of the header."""
        expected = "sha256=" + hmac.new(secret.encode(), self.body, hashlib.sha256).hexdigest()
        return hmac.compare_digest(expected, self.headers["X-ChaozCode-Signature"])


class Receiver:
    """Has its port from the beginning, and nobody listens there before `start`."""

    def __init__(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self.arrived: list[Arrived] = []
        self.answers: deque[web.Response] = deque()
        self.hold: asyncio.Event | None = None
        self._changed = asyncio.Condition()
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?token=s3cr3t"

    async def start(self) -> None:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        async with self._changed:
            self.arrived.append(Arrived(body, dict(request.headers)))
            self._changed.notify_all()
        if self.hold is not None:
            await self.hold.wait()
        return self.answers.popleft() if self.answers else web.Response(text="thank you")

    async def wait_for(self, count: int) -> list[Arrived]:
        async with asyncio.timeout(15), self._changed:
            await self._changed.wait_for(lambda: len(self.arrived) >= count)
        return self.arrived
