"""A server on loopback that answers as OpenAI, Anthropic and Gemini do, by the path, and misbehaves on order.

async with scripted_upstream() as upstream:
    upstream.next(Script(status=429, retry_after="7"))     the next answer, whichever path is asked
    upstream.always(Script(pieces=("Hel", "lo")))          every answer after those in the queue
    upstream.openai, upstream.anthropic, upstream.google   base URLs
    upstream.seen[-1].body, .headers, .path                what was asked
    await upstream.left.wait()                             a client went away in the middle of an answer
"""

from __future__ import annotations

import asyncio
import base64
import gzip
import json
import struct
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest_asyncio
from aiohttp import web

from tests.support.upstream_script import Call, Script
from tests.support.upstream_shapes import Json, Shape, shape_of

__all__ = ["PIXEL", "Call", "Script", "Seen", "Upstream", "scripted_upstream", "upstream"]
PIXEL = base64.b64encode(b"\x89PNG\r\n\x1a\nnot much of a picture").decode()


@dataclass(frozen=True)
class Seen:
    method: str
    path: str
    query: str
    target: str
    headers: dict[str, str]
    body: Any
    raw: bytes = field(repr=False, default=b"")


class Upstream:
    def __init__(self) -> None:
        self.seen: list[Seen] = []
        self.left = asyncio.Event()
        self.peers: set[object] = set()
        self.address = ""
        self.models: tuple[str, ...] = ("small-model", "large-model")
        self._queue: deque[Script] = deque()
        self._usual = Script()

    def next(self, *scripts: Script) -> None:
        self._queue.extend(scripts)

    def always(self, script: Script) -> None:
        self._usual = script

    @property
    def openai(self) -> str:
        return f"http://{self.address}/v1"

    anthropic = openai

    @property
    def google(self) -> str:
        return f"http://{self.address}/v1beta"

    async def answer(self, request: web.Request) -> web.StreamResponse:
        raw = await request.read()
        seen = Seen(
            request.method, request.path, request.query_string, request.raw_path, dict(request.headers), _json(raw), raw
        )
        self.seen.append(seen)
        self.peers.add(request.transport and request.transport.get_extra_info("peername"))
        script = self._queue.popleft() if self._queue else self._usual
        try:
            return await self._act(request, seen, script)
        except (asyncio.CancelledError, ConnectionResetError):
            self.left.set()
            raise

    async def _act(self, request: web.Request, seen: Seen, script: Script) -> web.StreamResponse:
        if script.wait_s:
            await asyncio.sleep(script.wait_s)
        if script.silent:
            await asyncio.Event().wait()
        if script.drop:
            return _cut(request, web.Response())
        if script.status != 200 or script.raw is not None:
            return _plain(seen, script)
        shape = shape_of(seen.path)
        if shape is None:
            return _other(seen, script, self.models)
        streamed = "streamGenerateContent" in seen.path or (isinstance(seen.body, dict) and seen.body.get("stream"))
        if not streamed:
            return _packed(script, shape.whole(script))
        return await _stream(request, script, list(shape.events(script)), shape)


async def _stream(request: web.Request, script: Script, events: list[str], shape: type[Shape]) -> web.StreamResponse:
    """`events` are a beginning, one for each piece, and an end; faults count pieces."""
    response = web.StreamResponse(headers={"Content-Type": script.content_type or "text/event-stream"})
    response.headers.update(dict(script.headers))
    await response.prepare(request)
    for number, event in enumerate(events):
        if number == script.cut_after:
            return _cut(request, response)
        if number == script.stall_after:
            await asyncio.Event().wait()
        while number == script.comments_after:
            await response.write(b": one moment\n\n")
            await asyncio.sleep(0.01)
        if number == script.error_after:
            await response.write(shape.error().encode())
            return response
        if script.pace_s and number:
            await asyncio.sleep(script.pace_s)
        await response.write(event.encode())
    await response.write_eof()
    return response


def _cut(request: web.Request, response: web.StreamResponse) -> web.StreamResponse:
    if request.transport is not None:
        request.transport.abort()
    return response


def _plain(seen: Seen, script: Script) -> web.Response:
    body = script.raw
    if body is None:
        words = f"It failed for key sk-upstream-secret at http://internal.example{seen.path}"
        body = json.dumps({"error": {"message": words, "type": "upstream", "code": None}}).encode()
    headers = {"Content-Type": script.content_type or "application/json", **dict(script.headers)}
    if script.retry_after:
        headers["Retry-After"] = script.retry_after
    return web.Response(status=script.status, body=body, headers=headers)


def _packed(script: Script, answer: Json) -> web.Response:
    body = json.dumps(answer).encode() + b" " * script.packed_size
    headers = {"Content-Type": script.content_type or "application/json", **dict(script.headers)}
    if script.packed:
        body, headers["Content-Encoding"] = gzip.compress(body), "gzip"
    return web.Response(body=body, headers=headers)


def _json(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except ValueError:
        return None


def _other(seen: Seen, script: Script, names: tuple[str, ...]) -> web.Response:
    """Everything but chat."""
    body = seen.body if isinstance(seen.body, dict) else {}
    if seen.path.endswith("/embeddings"):
        return web.json_response(_embeddings(body, script))
    if seen.path.endswith(":batchEmbedContents"):
        return web.json_response({"embeddings": [{"values": list(script.vector)} for _ in body.get("requests", [])]})
    if seen.path.endswith("/messages/count_tokens"):
        return web.json_response({"input_tokens": 42})
    if seen.path.endswith("/models"):
        return web.json_response(_models(seen.path, names))
    if seen.path.endswith("/images/generations"):
        return web.json_response({"created": 1, "data": [{"b64_json": PIXEL} for _ in range(body.get("n") or 1)]})
    if seen.path.endswith("/audio/speech"):
        return web.Response(body=b"ID3" + b"\0" * 2_000, content_type="audio/mpeg")
    if seen.path.endswith("/audio/transcriptions"):
        segments = [{"start": 0.0, "end": 1.5, "text": " Good morning."}]
        return web.json_response({"text": "Good morning.", "language": "en", "duration": 1.5, "segments": segments})
    return _videos(seen)


def _videos(seen: Seen) -> web.Response:
    if seen.path.endswith("/content"):
        return web.Response(body=b"\0\0\0\x18ftypmp42", content_type="video/mp4")
    if "/videos" not in seen.path:
        return web.json_response({"error": {"message": "There is nothing here."}}, status=404)
    if seen.method == "POST":
        return web.json_response({"id": "video_1", "status": "queued"})
    return web.json_response({"id": "video_1", "status": "completed", "url": "https://films.example/1.mp4"})


def _embeddings(body: Json, script: Script) -> Json:
    given = body.get("input")
    amount = len(given) if isinstance(given, list) and given and not isinstance(given[0], int) else 1
    vector: Any = list(script.vector)
    if body.get("encoding_format") == "base64":
        vector = base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()
    rows = [{"object": "embedding", "index": place, "embedding": vector} for place in range(amount)]
    usage = {"prompt_tokens": script.tokens[0], "total_tokens": script.tokens[0]} if script.tokens else None
    return {"object": "list", "data": rows[::-1], "model": "upstream-embedding", "usage": usage}


def _models(path: str, names: tuple[str, ...]) -> Json:
    if path.startswith("/v1beta"):
        return {"models": [{"name": f"models/{name}"} for name in names]}
    return {"object": "list", "data": [{"id": name, "object": "model", "owned_by": "vllm"} for name in names]}


@asynccontextmanager
async def scripted_upstream() -> AsyncIterator[Upstream]:
    upstream = Upstream()
    server = web.Server(upstream.answer, handler_cancellation=True, access_log=None)
    runner = web.ServerRunner(server, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    upstream.address = f"{host}:{port}"
    try:
        yield upstream
    finally:
        await runner.cleanup()


@pytest_asyncio.fixture
async def upstream() -> AsyncIterator[Upstream]:
    async with scripted_upstream() as made:
        yield made
