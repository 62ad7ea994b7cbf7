#!/usr/bin/env python3
"""What a house costs that nobody uses: start to first answer, memory and CPU of the server and all it started.

    scripts/bench/idle.py [--idle-s 60] [--starts 3] [--stores FOLDER …]

Each FOLDER is a store that is synced before, so that the catalog is as full as in a house that uses it. PSS counts
what several processes share once; the budget (120 MB) is for RSS. CPU is of the processes alone, from /proc.
"""

import sys

sys.path.pop(0)  # this folder: its http.py would stand before the standard library's

import argparse
import asyncio
import os
import statistics
import tempfile
from pathlib import Path

import aiohttp
import psutil

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

from scripts.bench.http import answers, cpu_s, free_port, server, token_of

SERVE = [sys.executable, "-m", "talome", "serve"]


def of_house(home: str) -> list[psutil.Process]:
    """The server, the terminal process, and whatever else was started with this data folder."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("TALOME_HOME") == home:
                found.append(process)
        except psutil.Error:  # gone, or another user's
            continue
    return found


async def fill(base: str, stores: list[Path]) -> None:
    """Sync the stores; done when none of the jobs runs."""
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {await token_of(base)}"}) as http:
        for folder in stores:
            async with http.post(f"{base}/api/stores", json={"url": str(folder.resolve())}) as response:
                response.raise_for_status()
        while True:
            async with http.get(f"{base}/api/jobs") as response:
                if all(job["finishedAt"] is not None for job in await response.json()):
                    break
            await asyncio.sleep(0.2)
        async with http.get(f"{base}/api/apps", params={"limit": 1}) as response:
            print(f"apps in the catalog          {(await response.json())['total']:8d}")


async def rest(home: str, idle_s: float) -> None:
    """Print what the house takes while nobody asks it anything."""
    await asyncio.sleep(5)  # what follows the start, such as the first look at the machine, is not idleness
    before = {process.pid: cpu_s(process.pid) for process in of_house(home)}
    await asyncio.sleep(idle_s)
    used, rss, pss = 0.0, 0.0, 0.0
    for process in of_house(home):
        memory, cpu = process.memory_full_info(), cpu_s(process.pid) - before.get(process.pid, 0.0)
        used, rss, pss = used + cpu, rss + memory.rss / 2**20, pss + memory.pss / 2**20
        name = " ".join(process.cmdline()[1:])[-26:]
        print(f"{name:26} {memory.rss / 2**20:8.1f} MB RSS {memory.pss / 2**20:8.1f} MB PSS {cpu:6.2f} s CPU")
    print(f"together                   {rss:8.1f} MB RSS {pss:8.1f} MB PSS (budget 120 MB RSS)")
    print(f"CPU of {idle_s:.0f} s idle            {used / idle_s * 100:8.2f} % of a core (budget 1)")


async def measure(arguments: argparse.Namespace, home: str) -> None:
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    settings = {"TALOME_HOME": home, "CORE_PORT": str(port), "TALOME_BIND": "127.0.0.1", "TALOME_SECRET": "5e" * 32}
    with server(SERVE, **settings):
        await answers(base, "/api/health")
        await fill(base, arguments.stores)
    walls, cpus = [], []
    for number in range(arguments.starts):
        with server(SERVE, **settings) as pid:
            walls.append(await answers(base, "/api/health"))
            cpus.append(cpu_s(pid))
            if number == arguments.starts - 1:
                await rest(home, arguments.idle_s)
    median = statistics.median
    print(f"start to the first answer  {median(walls):8.2f} s, {median(cpus):.2f} s of them CPU (budget 1.5)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--idle-s", type=float, default=60)
    parser.add_argument("--starts", type=int, default=3)
    parser.add_argument("--stores", type=Path, nargs="*", default=[], metavar="FOLDER")
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(measure(parser.parse_args(), os.path.realpath(folder)))


if __name__ == "__main__":
    main()
