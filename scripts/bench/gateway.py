#!/usr/bin/env python3
"""What the gateway adds to a call of a model: CPU, latency, first token, memory; beside other gateways in the same run.

    scripts/bench/gateway.py [--requests N] [--rounds N] [--streams N] [--endure N] [--litellm FILE] [--portkey FOLDER]

A small scripted endpoint in a process of its own answers at once. In turn, round after round, come: a plain
aiohttp pass-through without any feature, Talome with a local endpoint (free) and with a provider's key (priced, so it
reserves, settles and writes to a ledger on the disk), and where they are installed LiteLLM's proxy and Portkey's
gateway. CPU is that of the gateway's processes alone, from /proc, so the load generator does not count. Prints ratios
to the pass-through.
"""

import sys

sys.path.pop(0)  # this folder: its http.py would stand before the standard library's

import argparse
import asyncio
import os
import socket
import statistics
import subprocess
import tempfile
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field, fields
from pathlib import Path

import aiohttp

ROOT = Path(__file__).resolve().parent.parent.parent
TICKS = os.sysconf("SC_CLK_TCK")
EVENTS, EVERY_S = 200, 0.02
UPSTREAM = """
import asyncio, json, sys
WHOLE = json.dumps({"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "m", "choices": [
    {"index": 0, "message": {"role": "assistant", "content": "word " * 60}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 20, "completion_tokens": 60, "total_tokens": 80}}).encode()
MODELS = json.dumps({"object": "list", "data": [{"id": "gpt-4o-mini", "object": "model", "owned_by": "vllm"}]}).encode()
def event(delta, reason=None, **more):
    return b"data: " + json.dumps({"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m",
        "choices": [{"index": 0, "delta": delta, "finish_reason": reason}], **more}).encode() + b"\\n\\n"
PIECES = [event({"content": " word" if number % 10 else " word.\\n"}) for number in range(EVENTS)]
USAGE = {"prompt_tokens": 20, "completion_tokens": EVENTS, "total_tokens": 220}
LAST = event({}, "stop", usage=USAGE) + b"data: [DONE]\\n\\n"
def packed(body):
    return b"HTTP/1.1 200 OK\\r\\nContent-Type: application/json\\r\\nContent-Length: %d\\r\\n\\r\\n" % len(body) + body
def chunk(data):
    return b"%x\\r\\n" % len(data) + data + b"\\r\\n"
HEAD = b"HTTP/1.1 200 OK\\r\\nContent-Type: text/event-stream\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n"
async def serve(reader, writer):
    try:
        while head := await reader.readuntil(b"\\r\\n\\r\\n"):
            lines = head.lower().split(b"\\r\\n")
            size = next((int(line[15:]) for line in lines if line.startswith(b"content-length:")), 0)
            body = await reader.readexactly(size)
            if b"/models" in lines[0]:
                writer.write(packed(MODELS))
            elif b'"stream":true' in body.replace(b" ", b""):
                burst = b"burst" in body
                writer.write(HEAD + chunk(event({"role": "assistant", "content": ""})))
                for piece in PIECES:
                    if not burst:
                        await asyncio.sleep(EVERY_S)
                    writer.write(chunk(piece))
                writer.write(chunk(LAST) + b"0\\r\\n\\r\\n")
            else:
                writer.write(packed(WHOLE))
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()
async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", PORT)
    await server.serve_forever()
asyncio.run(main())
"""
PLAIN = """
import aiohttp
from aiohttp import web
async def begin(app):
    app["http"] = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), auto_decompress=False)
async def handle(request):
    body = await request.read()
    async with request.app["http"].request(request.method, "http://127.0.0.1:UPSTREAM" + request.path, data=body,
            headers={"Content-Type": "application/json"}) as answer:
        if answer.content_type != "text/event-stream":
            return web.Response(body=await answer.read(), content_type=answer.content_type)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        async for piece in answer.content.iter_any():
            await response.write(piece)
        return response
app = web.Application()
app.on_startup.append(begin)
app.router.add_route("*", "/{path:.*}", handle)
web.run_app(app, host="127.0.0.1", port=PORT, access_log=None, print=None)
"""
LITELLM = """
model_list:
  - model_name: gpt-4o-mini
    litellm_params: {model: openai/gpt-4o-mini, api_base: "http://127.0.0.1:UPSTREAM/v1", api_key: sk-none}
general_settings: {master_key: sk-a-long-enough-master-key-for-this}
"""
COLUMNS = (
    "CPU ms a request", "times pass-through", "requests/s", "p50 ms", "p95 ms", "first word ms",
    "µs CPU an event, at once", "µs CPU an event, paced", "MB idle", "MB after",
)  # fmt: skip
QUESTION = [{"role": "user", "content": "What is the capital of Switzerland, and since when? " * 4}]


@dataclass
class Target:
    """A gateway that runs; `pids` are all its processes."""

    name: str
    base: str
    root_pid: int
    headers: dict[str, str] = field(default_factory=dict)

    def pids(self) -> list[int]:
        found, todo = [], [self.root_pid]
        while todo:
            pid = todo.pop()
            found.append(pid)
            children = Path(f"/proc/{pid}/task/{pid}/children")
            todo += map(int, children.read_text().split()) if children.exists() else []
        return found

    def cpu_s(self) -> float:
        total = 0.0
        for pid in self.pids():
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            total += (int(fields[11]) + int(fields[12])) / TICKS
        return total

    def rss_mb(self) -> float:
        texts = [Path(f"/proc/{pid}/status").read_text() for pid in self.pids()]
        lines = [line for text in texts for line in text.splitlines() if line.startswith("VmRSS")]
        return sum(int(line.split()[1]) for line in lines) / 1024


@dataclass
class Figures:
    """The least CPU of all rounds, and the median of its ratio to the pass-through in the same round. `first_ms`: until
    the first word of a stream."""

    cpu_ms: float
    ratio: float
    rate: float
    p50_ms: float
    p95_ms: float
    first_ms: float
    event_us: float
    paced_us: float
    idle_mb: float
    after_mb: float

    def row(self) -> str:
        return " | ".join(f"{getattr(self, each.name):.4g}" for each in fields(self))


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextmanager
def process(command: list[str], **environment: str) -> Iterator[int]:
    running = subprocess.Popen(
        command, env={**os.environ, **environment}, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield running.pid
    finally:
        running.terminate()
        running.wait()


async def answers(url: str, patience_s: float = 60) -> None:
    started = time.perf_counter()
    async with aiohttp.ClientSession() as http:
        while time.perf_counter() - started < patience_s:
            try:
                async with http.get(url):
                    return
            except aiohttp.ClientConnectionError:
                await asyncio.sleep(0.02)
    raise TimeoutError(url)


class Load:
    def __init__(self, target: Target, http: aiohttp.ClientSession) -> None:
        self._target = target
        self._http = http
        self._url = f"{target.base}/v1/chat/completions"

    async def one(self) -> float:
        started = time.perf_counter()
        body = {"model": "gpt-4o-mini", "messages": QUESTION, "max_tokens": 100}
        async with self._http.post(self._url, json=body, headers=self._target.headers) as answer:
            text = await answer.read()
            if answer.status != 200:
                raise RuntimeError(f"{self._target.name}: {answer.status} {text[:300]!r}")
        return time.perf_counter() - started

    async def stream(self, user: str) -> None:
        async for _ in self.pieces(user):
            pass

    async def first(self) -> float:
        """Seconds until the first word of a stream, less the pause before it; the stream is then left."""
        started = time.perf_counter()
        async for piece in self.pieces("paced"):
            if b" word" in piece:
                break
        return time.perf_counter() - started - EVERY_S

    async def pieces(self, user: str) -> AsyncIterator[bytes]:
        body = {"model": "gpt-4o-mini", "messages": QUESTION, "max_tokens": 300, "stream": True, "user": user}
        async with self._http.post(self._url, json=body, headers=self._target.headers) as answer:
            async for piece in answer.content.iter_any():
                yield piece

    async def many(self, count: int, at_once: int) -> list[float]:
        times: list[float] = []

        async def worker() -> None:
            while len(times) < count:
                times.append(0.0)
                times[-1] = await self.one()

        await asyncio.gather(*(worker() for _ in range(at_once)))
        return [each for each in times if each]


async def one_round(target: Target, load: Load, requests: int, seen: dict[str, list[float]]) -> None:
    before, started = target.cpu_s(), time.perf_counter()
    await load.many(requests, 16)
    seen["rate"].append(requests / (time.perf_counter() - started))
    seen["cpu"].append((target.cpu_s() - before) / requests * 1000)
    seen["one"] += [await load.one() for _ in range(max(20, requests // 50))]
    seen["first"] += [await load.first() for _ in range(10)]
    seen["burst"].append(await per_event(target, load, "burst", 20))
    seen["paced"].append(await per_event(target, load, "paced", 40))


async def measure(running: list[Target], rounds: int, requests: int) -> dict[str, Figures]:
    """All in turn, round after round: what else the machine does strikes them alike."""
    seen: dict[str, dict[str, list[float]]] = {target.name: defaultdict(list) for target in running}
    idle = {target.name: target.rss_mb() for target in running}
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:
        loads = [(target, Load(target, http)) for target in running]
        for _, load in loads:
            await load.many(requests // 5, 16)  # warms up
        for _ in range(rounds):
            for target, load in loads:
                await one_round(target, load, requests, seen[target.name])
    return {
        target.name: figures(seen[target.name], seen[running[0].name]["cpu"], idle[target.name], target.rss_mb())
        for target in running
    }


def figures(seen: dict[str, list[float]], plain: list[float], idle: float, after: float) -> Figures:
    single = sorted(seen["one"])
    return Figures(
        min(seen["cpu"]),
        statistics.median(own / other for own, other in zip(seen["cpu"], plain, strict=True)),
        max(seen["rate"]),
        single[len(single) // 2] * 1000,
        single[len(single) * 95 // 100] * 1000,
        statistics.median(seen["first"]) * 1000,
        min(seen["burst"]),
        min(seen["paced"]),
        idle,
        after,
    )


async def per_event(target: Target, load: Load, kind: str, streams: int) -> float:
    before = target.cpu_s()
    await asyncio.gather(*(load.stream(kind) for _ in range(streams)))
    return (target.cpu_s() - before) / (streams * EVENTS) * 1e6


async def at_once(target: Target, http: aiohttp.ClientSession, streams: int) -> None:
    """So many paced streams beside each other: whether all words came, and what it took."""

    async def words() -> int:
        return b"".join([piece async for piece in Load(target, http).pieces("paced")]).count(b'" word')

    before, started = target.cpu_s(), time.perf_counter()
    whole = (await asyncio.gather(*(words() for _ in range(streams)), return_exceptions=True)).count(EVENTS)
    took_s, cpu_s = time.perf_counter() - started, target.cpu_s() - before
    event_us = cpu_s / (streams * EVENTS) * 1e6
    told = f"{whole} of {streams} streams whole in {took_s:.1f} s (paced {EVENTS * EVERY_S:.0f} s)"
    print(f"{target.name}: {told}, {event_us:.1f} µs CPU an event, {target.rss_mb():.0f} MB", flush=True)


async def endure(target: Target, http: aiohttp.ClientSession, requests: int) -> None:
    """Memory after each tenth of so many requests."""
    print(f"{target.name}, MB after each tenth of {requests} requests: {target.rss_mb():.1f}", end="")
    for _ in range(10):
        await Load(target, http).many(requests // 10, 16)
        print(f" {target.rss_mb():.1f}", end="", flush=True)
    print()


@asynccontextmanager
async def talome(upstream: int, *, priced: bool) -> AsyncIterator[Target]:
    port, person = free_port(), {"username": "ada", "password": "correct horse battery"}
    base, url = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{upstream}/v1"
    with tempfile.TemporaryDirectory() as home:
        environment = {"TALOME_HOME": home, "CORE_PORT": str(port), "TALOME_BIND": "127.0.0.1"}
        with process([sys.executable, "-m", "talome", "serve"], **environment) as pid:
            await answers(f"{base}/api/health")
            async with aiohttp.ClientSession() as http:

                async def ask(method: str, path: str, body: object) -> dict[str, object]:
                    async with http.request(method, base + path, json=body) as answer:
                        if answer.status >= 300:
                            raise RuntimeError(f"{path}: {answer.status} {await answer.text()}")
                        return dict(await answer.json())

                session = await ask("POST", "/api/auth/login", person)
                http.headers["Authorization"] = f"Bearer {session['token']}"
                if priced:
                    given = {"provider": "openai", "label": "bench", "secret": "sk-none", "base_url": url}
                    await ask("POST", "/v1/provider-keys", given)
                    user = (await ask("GET", "/api/auth/me", None))["id"]
                    await ask("POST", f"/api/gateway/wallets/{user}/grants", {"amount_usd": 100_000, "note": "bench"})
                else:
                    await ask("POST", "/v1/local-endpoints", {"url": url, "label": "bench"})
                await ask("PUT", "/api/settings", {"gateway.streams_per_key": 10_000})
                key = await ask("POST", "/v1/keys", {"name": "bench", "requests_per_minute": 1_000_000})
            headers = {"Authorization": f"Bearer {key['key']}"}
            yield Target("Talome, priced" if priced else "Talome, local endpoint", base, pid, headers)


@asynccontextmanager
async def targets(upstream: int, options: argparse.Namespace, name: str) -> AsyncIterator[Target]:
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    if name.startswith("talome"):
        async with talome(upstream, priced=name == "talome-priced") as target:
            yield target
    elif name == "plain":
        source = PLAIN.replace("PORT", str(port)).replace("UPSTREAM", str(upstream))
        with process([sys.executable, "-c", source]) as pid:
            await answers(base)
            yield Target("aiohttp pass-through", base, pid)
    elif name == "litellm":
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            file.write(LITELLM.replace("UPSTREAM", str(upstream)))
            file.flush()
            with process([options.litellm, "--config", file.name, "--port", str(port)]) as pid:
                await answers(f"{base}/health/liveliness", 180)
                key = {"Authorization": "Bearer sk-a-long-enough-master-key-for-this"}
                yield Target("LiteLLM", base, pid, key)
    else:
        with process(["node", f"{options.portkey}/build/start-server.js", f"--port={port}", "--headless"]) as pid:
            await answers(base)
            custom = {"x-portkey-provider": "openai", "x-portkey-custom-host": f"http://127.0.0.1:{upstream}/v1"}
            yield Target("Portkey", base, pid, {**custom, "Authorization": "Bearer sk-none"})


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--requests", type=int, default=1000, help="of each gateway in each round")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--litellm", help="the program of LiteLLM's proxy")
    parser.add_argument("--portkey", help="the folder of Portkey's gateway, built")
    parser.add_argument("--streams", type=int, default=0, help="how many paced streams to hold open at once")
    parser.add_argument("--endure", type=int, default=0, help="of how many requests to watch the memory")
    options = parser.parse_args()
    names = ["plain", "talome", "talome-priced", *(name for name in ("litellm", "portkey") if vars(options)[name])]
    upstream = free_port()
    source = UPSTREAM.replace("PORT", str(upstream)).replace("EVENTS", str(EVENTS)).replace("EVERY_S", str(EVERY_S))
    with process([sys.executable, "-c", source]):
        await answers(f"http://127.0.0.1:{upstream}/v1/models")
        async with AsyncExitStack() as stack:
            running = [await stack.enter_async_context(targets(upstream, options, name)) for name in names]
            if options.rounds:
                found = await measure(running, options.rounds, options.requests)
                print(f"| gateway | {' | '.join(COLUMNS)} |\n|{'---|' * (len(COLUMNS) + 1)}")
                print("\n".join(f"| {name} | {one.row()} |" for name, one in found.items()), flush=True)
            async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:
                for target in running if options.streams else ():
                    await at_once(target, http, options.streams)
                for target in running[1:3] if options.endure else ():
                    await endure(target, http, options.endure)


asyncio.run(main())
