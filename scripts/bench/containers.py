#!/usr/bin/env python3
"""GET /api/containers with usage against asking Docker directly, and what the server costs while nobody asks.

    sudo scripts/bench/containers.py [--containers 50] [--idle-s 60]

Starts a private Docker Engine in namespaces of its own, fills it, and measures in one run: p50 and p95 of our list, of
`GET /containers/json`, and of `GET /containers/{id}/stats` for each container, which is what a list with usage costs a
server that asks. Then the CPU and the memory of the idle server, from /proc.
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
from collections.abc import Awaitable, Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from tests.support.namespaces import enter_namespaces

TICKS = os.sysconf("SC_CLK_TCK")


def cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def rss_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


async def times_ms(call: Callable[[], Awaitable[object]], rounds: int) -> tuple[float, float]:
    """Median and 95th percentile."""
    await call()
    taken = []
    for _ in range(rounds):
        started = time.perf_counter()
        await call()
        taken.append((time.perf_counter() - started) * 1000)
    return statistics.median(taken), statistics.quantiles(taken, n=20)[-1]


async def measure(daemon, pid: int, base: str, containers: int, idle_s: int) -> None:
    import aiohttp

    docker = aiohttp.ClientSession("http://docker", connector=aiohttp.UnixConnector(str(daemon.socket)))
    async with docker, aiohttp.ClientSession(base) as http:
        body = {"username": "ada", "password": "correct horse battery"}
        async with http.post("/api/auth/login", json=body) as response:
            headers = {"Authorization": f"Bearer {(await response.json())['token']}"}

        async def ours() -> list[dict]:
            async with http.get("/api/containers", headers=headers) as response:
                return await response.json()

        async def listed() -> list[dict]:
            async with docker.get("/containers/json?all=1") as response:
                return await response.json()

        async def with_stats() -> None:
            async def one(identifier: str) -> bytes:
                async with docker.get(f"/containers/{identifier}/stats?stream=false&one-shot=true") as response:
                    return await response.read()

            await asyncio.gather(*(one(item["Id"]) for item in await listed()))

        for _ in range(150):
            if all(item["usage"] for item in await ours()):
                break
            await asyncio.sleep(0.2)
        before = cpu_s(pid)
        our_p50, our_p95 = await times_ms(ours, 300)
        our_cpu = (cpu_s(pid) - before) / 301 * 1000
        list_p50, list_p95 = await times_ms(listed, 60)
        stats_p50, stats_p95 = await times_ms(with_stats, 8)
        print(f"{containers} containers{'':20}  p50 ms   p95 ms   ratio of p95")
        print(
            f"GET /api/containers, with usage   {our_p50:7.1f}  {our_p95:7.1f}   1   (budget 20; {our_cpu:.2f} ms CPU)"
        )
        print(f"Docker: list, without usage       {list_p50:7.1f}  {list_p95:7.1f}   {list_p95 / our_p95:.1f}")
        print(f"Docker: list and one-shot stats   {stats_p50:7.1f}  {stats_p95:7.1f}   {stats_p95 / our_p95:.1f}")
    await asyncio.sleep(5)
    before = cpu_s(pid)
    await asyncio.sleep(idle_s)
    print(f"idle CPU over {idle_s} s                {(cpu_s(pid) - before) / idle_s * 100:7.2f} % of a core (budget 1)")
    print(f"idle memory of the server         {rss_mb(pid):7.1f} MB (budget 120 with the terminal process)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--containers", type=int, default=50)
    parser.add_argument("--idle-s", type=int, default=60)
    arguments = parser.parse_args()
    enter_namespaces()
    from tests.support.docker_engine import EngineDaemon

    with tempfile.TemporaryDirectory(prefix="tlb", dir="/tmp") as folder:
        daemon = EngineDaemon(Path(folder))
        daemon.start()
        daemon.load_image()
        for number in range(arguments.containers):
            daemon.run(["sh", "-c", "while true; do sleep 5; done"], name=f"app{number}")
        environment = {
            **os.environ,
            "TALOME_HOME": f"{folder}/home",
            "CORE_PORT": "4000",
            "TALOME_BIND": "127.0.0.1",
            "DOCKER_HOST": daemon.host,
        }
        command = [sys.executable, "-m", "talome", "serve"]
        server = subprocess.Popen(command, env=environment, cwd=ROOT, stderr=subprocess.DEVNULL)
        try:
            wait_for_port(4000)
            asyncio.run(measure(daemon, server.pid, "http://127.0.0.1:4000", arguments.containers, arguments.idle_s))
        finally:
            server.terminate()
            server.wait()
            daemon.clean()
            daemon.destroy()


def wait_for_port(port: int) -> None:
    import socket

    for _ in range(600):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError(f"nothing listens on {port}")


main()
