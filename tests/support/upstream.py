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
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest_asyncio
from aiohttp import web

Json = dict[str, Any]
PIXEL = base64.b64encode(b"\x89PNG\r\n\x1a\nnot much of a picture").decode()


@dataclass(frozen=True)
class Call:
    """A tool call; its arguments are streamed in two pieces."""

    name: str
    arguments: str = '{"city": "Bern"}'
    id: str = "call_1"
    index: int | None = 0


@dataclass(frozen=True)
class Script:
    """One answer. The pieces are what a stream sends one by one; an answer in one piece has them together.

    `tokens` are input, cached input, output and reasoning; None: the endpoint tells nothing. `cut_after` and
    `stall_after` count pieces, 0 being before the first byte of the body. `silent`: not even a head comes.
    """

    pieces: tuple[str, ...] = ("Good ", "morning", ".")
    thoughts: tuple[str, ...] = ()
    calls: tuple[Call, ...] = ()
    tokens: tuple[int, int, int, int] | None = (20, 8, 5, 2)
    pace_s: float = 0.0
    wait_s: float = 0.0
    silent: bool = False
    drop: bool = False
    cut_after: int | None = None
    stall_after: int | None = None
    error_after: int | None = None
    status: int = 200
    retry_after: str = ""
    raw: bytes | None = None
    content_type: str = ""
    packed: bool = False
    packed_size: int = 0
    headers: tuple[tuple[str, str], ...] = ()
    vector: tuple[float, ...] = (0.5, -0.25, 1.0)
    ends_well: bool = True

    @property
    def text(self) -> str:
        return "".join(self.pieces)


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
        shape = _shape(seen.path)
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


class Shape:
    """How one family of providers writes an answer."""

    @staticmethod
    def whole(script: Script) -> Json:
        raise NotImplementedError

    @staticmethod
    def events(script: Script) -> Iterator[str]:
        raise NotImplementedError

    @staticmethod
    def error() -> str:
        raise NotImplementedError


def _shape(path: str) -> type[Shape] | None:
    if path.endswith("/chat/completions"):
        return OpenAI
    if path.endswith("/messages"):
        return Anthropic
    if path.endswith((":generateContent", ":streamGenerateContent")):
        return Google
    return None


def _data(event: Json) -> str:
    return f"data: {json.dumps(event)}\n\n"


class OpenAI(Shape):
    @staticmethod
    def usage(script: Script) -> Json | None:
        if script.tokens is None:
            return None
        prompt, cached, output, reasoning = script.tokens
        return {
            "prompt_tokens": prompt,
            "completion_tokens": output,
            "total_tokens": prompt + output,
            "prompt_tokens_details": {"cached_tokens": cached},
            "completion_tokens_details": {"reasoning_tokens": reasoning},
        }

    @staticmethod
    def whole(script: Script) -> Json:
        message: Json = {"role": "assistant", "content": script.text or None}
        if script.thoughts:
            message["reasoning"] = "".join(script.thoughts)
        if script.calls:
            message["tool_calls"] = [
                {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
                for call in script.calls
            ]
        reason = "tool_calls" if script.calls else "stop"
        made: Json = {
            "id": "chatcmpl-upstream",
            "object": "chat.completion",
            "created": 1_760_000_000,
            "model": "upstream-model-0613",
            "system_fingerprint": "fp_upstream",
            "choices": [{"index": 0, "message": message, "finish_reason": reason}],
        }
        if script.tokens is not None:
            made["usage"] = OpenAI.usage(script)
        return made

    @staticmethod
    def events(script: Script) -> Iterator[str]:
        def chunk(delta: Json, reason: str | None = None) -> str:
            return _data(
                {
                    "id": "chatcmpl-upstream",
                    "object": "chat.completion.chunk",
                    "created": 1_760_000_000,
                    "model": "upstream-model-0613",
                    "usage": None,
                    "choices": [{"index": 0, "delta": delta, "finish_reason": reason}],
                }
            )

        beginning = chunk({"role": "assistant", "content": ""}) + ": a comment\n\n"
        deltas = [{"reasoning": thought} for thought in script.thoughts]
        deltas += [{"content": piece} for piece in script.pieces]
        for call in script.calls:
            place = {} if call.index is None else {"index": call.index}
            half = len(call.arguments) // 2
            first = {**place, "id": call.id, "type": "function"}
            first["function"] = {"name": call.name, "arguments": call.arguments[:half]}
            deltas.append({"tool_calls": [first]})
            deltas.append({"tool_calls": [{**place, "function": {"arguments": call.arguments[half:]}}]})
        yield from _joined(beginning, map(chunk, deltas))
        if script.ends_well:
            last = {"object": "chat.completion.chunk", "choices": [], "usage": OpenAI.usage(script)}
            told = _data(last) if script.tokens is not None else ""
            yield chunk({}, "tool_calls" if script.calls else "stop") + told + "data: [DONE]\n\n"

    @staticmethod
    def error() -> str:
        return _data({"error": {"message": "sk-upstream-secret broke", "type": "server_error", "code": 500}})


class Anthropic(Shape):
    @staticmethod
    def usage(script: Script) -> Json:
        if script.tokens is None:
            return {}
        prompt, cached, output, _ = script.tokens
        return {
            "input_tokens": prompt - cached,
            "cache_read_input_tokens": cached,
            "cache_creation_input_tokens": 0,
            "output_tokens": output,
        }

    @staticmethod
    def blocks(script: Script) -> list[Json]:
        blocks: list[Json] = []
        if script.thoughts:
            blocks.append({"type": "thinking", "thinking": "".join(script.thoughts), "signature": "c2lnbmVk"})
        if script.text:
            blocks.append({"type": "text", "text": script.text})
        for call in script.calls:
            arguments = json.loads(call.arguments)
            blocks.append({"type": "tool_use", "id": call.id, "name": call.name, "input": arguments})
        return blocks

    @staticmethod
    def whole(script: Script) -> Json:
        return {
            "id": "msg_upstream",
            "type": "message",
            "role": "assistant",
            "model": "claude-upstream",
            "content": Anthropic.blocks(script),
            "stop_reason": "tool_use" if script.calls else "end_turn",
            "stop_sequence": None,
            "usage": Anthropic.usage(script),
        }

    @staticmethod
    def events(script: Script) -> Iterator[str]:
        def event(kind: str, **fields: Any) -> str:
            return f"event: {kind}\n" + _data({"type": kind, **fields})

        message = {**Anthropic.whole(script), "content": [], "stop_reason": None}
        pieces: list[str] = []
        for place, block in enumerate(Anthropic.blocks(script)):
            opened, deltas = _anthropic_deltas(block, script)
            start = event("content_block_start", index=place, content_block=opened)
            told = [event("content_block_delta", index=place, delta=delta) for delta in deltas]
            pieces += _joined(start, told)
            pieces[-1] += event("content_block_stop", index=place)
        yield from _joined(event("message_start", message=message) + event("ping"), pieces)
        if script.ends_well:
            reason = "tool_use" if script.calls else "end_turn"
            told_at_last = {"output_tokens": script.tokens[2]} if script.tokens else {}
            delta = {"stop_reason": reason, "stop_sequence": None}
            yield event("message_delta", delta=delta, usage=told_at_last) + event("message_stop")

    @staticmethod
    def error() -> str:
        error = {"type": "overloaded_error", "message": "sk-upstream-secret is overloaded"}
        return f"event: error\n{_data({'type': 'error', 'error': error})}"


def _anthropic_deltas(block: Json, script: Script) -> tuple[Json, list[Json]]:
    if block["type"] == "text":
        return {**block, "text": ""}, [{"type": "text_delta", "text": piece} for piece in script.pieces]
    if block["type"] == "thinking":
        said = [{"type": "thinking_delta", "thinking": thought} for thought in script.thoughts]
        signature = {"type": "signature_delta", "signature": block["signature"]}
        return {"type": "thinking", "thinking": "", "signature": ""}, [*said, signature]
    arguments = json.dumps(block["input"])
    half = len(arguments) // 2
    halves = (arguments[:half], arguments[half:])
    return {**block, "input": {}}, [{"type": "input_json_delta", "partial_json": piece} for piece in halves]


class Google(Shape):
    @staticmethod
    def usage(script: Script) -> Json:
        if script.tokens is None:
            return {}
        prompt, cached, output, reasoning = script.tokens
        told = {"promptTokenCount": prompt, "cachedContentTokenCount": cached}
        return {"usageMetadata": {**told, "candidatesTokenCount": output - reasoning, "thoughtsTokenCount": reasoning}}

    @staticmethod
    def parts(script: Script) -> list[Json]:
        parts: list[Json] = [{"text": thought, "thought": True} for thought in script.thoughts]
        parts += [{"text": piece} for piece in script.pieces]
        return parts + [
            {"functionCall": {"name": call.name, "args": json.loads(call.arguments)}, "thoughtSignature": "c2lnbmVk"}
            for call in script.calls
        ]

    @staticmethod
    def _answer(parts: list[Json], reason: str | None) -> Json:
        candidate: Json = {"content": {"role": "model", "parts": parts}, "index": 0}
        return {"candidates": [candidate | ({"finishReason": reason} if reason else {})], "responseId": "upstream"}

    @staticmethod
    def whole(script: Script) -> Json:
        return Google._answer(Google.parts(script), "STOP") | Google.usage(script)

    @staticmethod
    def events(script: Script) -> Iterator[str]:
        yield from _joined("", (_data(Google._answer([part], None)) for part in Google.parts(script)))
        if script.ends_well:
            yield _data(Google._answer([], "STOP") | Google.usage(script))

    @staticmethod
    def error() -> str:
        return _data({"error": {"code": 503, "message": "sk-upstream-secret", "status": "UNAVAILABLE"}})


def _joined(beginning: str, events: Iterator[str] | list[str]) -> list[str]:
    """The beginning goes out together with the first event."""
    first, *others = [*events] or [""]
    return [beginning + first, *others]


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
