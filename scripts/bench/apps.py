#!/usr/bin/env python3
"""What the app stores cost, reading, syncing and listing a thousand apps; and what an installation takes.

    scripts/bench/apps.py catalog [--apps N] [--store FOLDER]
    sudo scripts/bench/apps.py install [--rounds N]

`FOLDER` is a store in CasaOS's format, whose apps are repeated under new names until there are N; without one, apps are
made up. Times are CPU, of the processes that read too. Prints ratios: of reading to PyYAML alone over the same files,
of a page to the bare JSON of the same answer.

`install` starts a private Docker Engine in namespaces of its own. In turns, it installs an app whose image is there and
brings the very compose file that came of it up with `docker compose up --wait` alone, each time from nothing.
"""

import sys

sys.path.pop(0)  # this folder: its http.py would stand before the standard library's

import argparse
import asyncio
import os
import re
import resource
import shutil
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import orjson
import yaml

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from talome.engines.compose import find_compose
from tests.home.apps.shop import ICON, Apps
from tests.support.docker_engine import IMAGE, EngineDaemon
from tests.support.git_http import commit
from tests.support.house import open_house
from tests.support.namespaces import enter_namespaces
from tests.support.store_house import StoreHouse, casaos_app, open_stores, write

MANIFEST = """
id: page
name: Page
version: "1.0"
tagline: It serves a page
description: It serves a page.
category: other
icon: icon.svg
web: {service: web, port: 8080, path: /}
"""
COMPOSE = f"""
services:
  web:
    image: {IMAGE}
    command: sh -c "mkdir /www; echo well > /www/index.html; exec httpd -f -p 8080 -h /www"
    ports: ["18080:8080"]
    stop_grace_period: 0s
    volumes: ["${{APP_DATA_DIR}}/state:/state"]
"""
HEALTH = """
    healthcheck: {test: [CMD, wget, -q, -O, "-", "http://127.0.0.1:8080"], interval: 1s}
"""


def cpu_s() -> float:
    """Of this process and of those it has waited for."""
    usages = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


async def measured(work: Callable[[], Awaitable[Any]]) -> tuple[float, float]:
    """CPU and wall seconds."""
    started, wall = cpu_s(), time.perf_counter()
    await work()
    return cpu_s() - started, time.perf_counter() - wall


def files_of(store: Path | None, count: int) -> dict[str, str]:
    if store is None:
        return {f"Apps/app{number}/docker-compose.yml": casaos_app(f"app{number}") for number in range(count)}
    samples = [path.read_text() for path in sorted(store.glob("Apps/*/docker-compose.y*ml"))]
    found = {}
    for number in range(count):
        sample = samples[number % len(samples)]
        renamed = re.sub(r"^name:.*$", f"name: app{number}", sample, count=1, flags=re.MULTILINE)
        found[f"Apps/app{number}/docker-compose.yml"] = renamed
    return found


def parse_all(files: dict[str, str]) -> float:
    started = time.process_time()
    for text in files.values():
        yaml.load(text, yaml.CSafeLoader)
    return time.process_time() - started


async def page_cost(shop: StoreHouse, **arguments: Any) -> tuple[float, float]:
    """Milliseconds of CPU for a page with its checks and its JSON, and for the JSON alone."""
    operation = shop.registry["catalog.list"]
    whole, bare = [], []
    for _ in range(200):
        started = time.process_time()
        page = await shop.call("catalog.list", **arguments)
        body = operation.result.dump_json(page, by_alias=True) if operation.result else b""
        whole.append(time.process_time() - started)
        plain = orjson.loads(body)
        started = time.process_time()
        orjson.dumps(plain)
        bare.append(time.process_time() - started)
    return statistics.median(whole) * 1000, statistics.median(bare) * 1000


async def catalog(store: Path | None, count: int) -> None:
    files = files_of(store, count)
    alone = parse_all(files)
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder)
        (here / "bundled").mkdir()
        repository = here / "repo"
        commit(repository, files)
        async with open_stores(here / "home", here / "bundled") as shop:
            await shop.call("stores.change", id="talome", enabled=False)

            async def add() -> None:
                _, job = await shop.add(f"file://{repository}", name="bench")
                print(f"  {(await shop.log_of(job)).splitlines()[-1]}")

            async def sync() -> None:
                print(f"  {(await shop.log_of(await shop.sync('bench'))).splitlines()[-1]}")

            cpu, wall = await measured(add)
            print(f"first sync     {wall:6.2f} s, CPU {cpu:6.2f} s, {cpu / alone:5.2f} x PyYAML alone ({alone:.2f} s)")
            cpu, wall = await measured(sync)
            print(f"unchanged sync {wall:6.2f} s, CPU {cpu:6.2f} s, {cpu / alone:5.2f} x PyYAML alone")
            first = next(iter(files))
            commit(repository, {first: files[first].replace("services:", "# changed\nservices:", 1)})
            cpu, wall = await measured(sync)
            print(f"one app anew   {wall:6.2f} s, CPU {cpu:6.2f} s, {cpu / alone:5.2f} x PyYAML alone")
            for name, arguments in (("page of 50", {}), ("search", {"search": "jelyfin server"})):
                whole, bare = await page_cost(shop, **arguments)
                print(f"{name:14} {whole:6.2f} ms CPU, {whole / bare:5.1f} x the bare JSON ({bare:.3f} ms)")


async def install(daemon: EngineDaemon, rounds: int) -> None:
    for title, health in (("its port answers", ""), ("its health check is well", HEALTH.rstrip())):
        with tempfile.TemporaryDirectory() as folder:
            here = Path(folder)
            files = {"app.yml": MANIFEST, "compose.yml": COMPOSE.rstrip() + health + "\n", "icon.svg": ICON}
            write(here / "store/apps/page", files)
            async with open_house(here / "home", None, docker_host=daemon.host, start_terminal=False) as house:
                apps = Apps(house)
                await apps.add_store(here / "store")
                ours, bare = [], []
                for number in range(rounds + 1):
                    took = await timed_install(apps)
                    copied = shutil.copytree(apps.home / "apps/page/revisions/1", here / f"bare{number}")
                    job = await apps.ended(await apps.person.delete("/api/apps/page?keepData=false"))
                    assert job["state"] == "done", job
                    took_alone = await timed_compose(daemon, copied)
                    if number:  # the first of each finds nothing in memory
                        ours.append(took)
                        bare.append(took_alone)
        ratio = statistics.median(ours) / statistics.median(bare)
        print(
            f"until {title:24} {statistics.median(ours):6.2f} s, compose up --wait {statistics.median(bare):6.2f} s, "
            f"ratio {ratio:4.2f} (budget 1.3), medians of {rounds}"
        )


async def timed_install(apps: Apps) -> float:
    """From the request until somebody sees that the job has ended."""
    began = time.perf_counter()
    job = await apps.install("page")
    took = time.perf_counter() - began
    assert job["state"] == "done", job
    return took


async def timed_compose(daemon: EngineDaemon, folder: Path) -> float:
    """The same file, with networks and data of its own; from nothing, and back to nothing."""
    command = [*find_compose().command, "--project-directory", str(folder), "-p", "bare"]
    began = time.perf_counter()
    await run([*command, "up", "-d", "--wait"], daemon)
    took = time.perf_counter() - began
    await run([*command, "down", "-v"], daemon)
    return took


async def run(command: list[str], daemon: EngineDaemon) -> None:
    process = await asyncio.create_subprocess_exec(
        *command, env={**os.environ, "DOCKER_HOST": daemon.host}, stderr=asyncio.subprocess.PIPE
    )
    _, said = await process.communicate()
    assert process.returncode == 0, said.decode()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser("catalog", help="reading, syncing and listing")
    command.add_argument("--apps", type=int, default=1000)
    command.add_argument("--store", type=Path)
    command = commands.add_parser("install", help="installing an app whose image is there")
    command.add_argument("--rounds", type=int, default=15)
    arguments = parser.parse_args()
    if arguments.command == "catalog":
        asyncio.run(catalog(arguments.store, arguments.apps))
        return
    enter_namespaces()
    with tempfile.TemporaryDirectory(prefix="tlb", dir="/tmp") as folder:
        daemon = EngineDaemon(Path(folder))
        daemon.start()
        try:
            daemon.load_image()
            asyncio.run(install(daemon, arguments.rounds))
        finally:
            daemon.destroy()


if __name__ == "__main__":
    main()
