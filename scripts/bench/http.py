#!/usr/bin/env python3
"""What Talome adds to a request: CPU of a trivial authenticated GET, cold start and idle memory, against bare aiohttp.

    scripts/bench/http.py [--requests N]

Both servers run one after the other in child processes on the same machine; CPU is theirs alone (user and system,
from /proc), so the load generator and the wall clock do not matter. Prints ratios.
"""

import sys

sys.path.pop(0)  # this folder: its http.py would stand before the standard library's

import argparse
import asyncio
import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import aiohttp

ROOT = Path(__file__).resolve().parent.parent.parent
TICKS = os.sysconf("SC_CLK_TCK")
BARE = """
from aiohttp import web
async def handle(request):
    return web.json_response({"status": "ok"})
app = web.Application()
app.router.add_get("/api/auth/me", handle)
web.run_app(app, host="127.0.0.1", port=PORT, access_log=None, print=None)
"""


def cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def rss_mb(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0.0


def free_port() -> int:
    import socket

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextmanager
def server(command: list[str], **environment: str) -> Iterator[int]:
    process = subprocess.Popen(command, env={**os.environ, **environment}, cwd=ROOT, stderr=subprocess.DEVNULL)
    try:
        yield process.pid
    finally:
        process.terminate()
        process.wait()


async def answers(base: str, path: str) -> float:
    """Seconds until the server answers."""
    started = time.perf_counter()
    async with aiohttp.ClientSession() as http:
        while time.perf_counter() - started < 30:
            try:
                async with http.get(base + path):
                    return time.perf_counter() - started
            except aiohttp.ClientConnectionError:
                await asyncio.sleep(0.005)
    raise TimeoutError(base)


async def cpu_ms_per_request(base: str, pid: int, path: str, headers: dict[str, str], requests: int) -> float:
    """The median of five rounds; the first, which warms up, does not count."""
    rounds = []
    async with aiohttp.ClientSession(headers=headers, connector=aiohttp.TCPConnector(limit=4)) as http:

        async def worker(count: int) -> None:
            for _ in range(count):
                async with http.get(base + path) as response:
                    await response.read()
                    assert response.status == 200, response.status

        for number in range(6):
            before = cpu_s(pid)
            await asyncio.gather(*(worker(requests // 4) for _ in range(4)))
            if number:
                rounds.append((cpu_s(pid) - before) / (requests // 4 * 4) * 1000)
    return statistics.median(rounds)


async def token_of(base: str) -> str:
    async with aiohttp.ClientSession() as http:
        body = {"username": "ada", "password": "correct horse battery"}
        async with http.post(f"{base}/api/auth/login", json=body) as response:
            return str((await response.json())["token"])


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--requests", type=int, default=4000)
    count = parser.parse_args().requests
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    with server([sys.executable, "-c", BARE.replace("PORT", str(port))]) as pid:
        await answers(base, "/api/auth/me")
        bare = await cpu_ms_per_request(base, pid, "/api/auth/me", {}, count)
    with tempfile.TemporaryDirectory() as folder:
        environment = {"TALOME_HOME": folder, "CORE_PORT": str(port), "TALOME_BIND": "127.0.0.1"}
        with server([sys.executable, "-m", "talome", "serve"], **environment):
            await answers(base, "/api/health")
            token = await token_of(base)
        with server([sys.executable, "-m", "talome", "serve"], **environment) as pid:
            start = await answers(base, "/api/health")
            headers = {"Authorization": f"Bearer {token}"}
            print(f"cold start to /api/health         {start:6.2f} s     (budget 1.5)")
            whole = await cpu_ms_per_request(base, pid, "/api/system/gpu", headers, count)
            stored = await cpu_ms_per_request(base, pid, "/api/auth/me", headers, count)
            open_route = await cpu_ms_per_request(base, pid, "/api/health", {}, count)
            print(f"bare aiohttp handler              {bare:6.3f} ms CPU")
            print(f"GET /api/health                   {open_route:6.3f} ms CPU  ratio {open_route / bare:.2f}")
            print(f"GET /api/system/gpu, authenticated{whole:6.3f} ms CPU  ratio {whole / bare:.2f}  (budget 0.4)")
            print(f"GET /api/auth/me, one row read    {stored:6.3f} ms CPU  ratio {stored / bare:.2f}")
            print(f"memory after {18 * count} requests       {rss_mb(pid):6.1f} MB")


if __name__ == "__main__":
    asyncio.run(main())
