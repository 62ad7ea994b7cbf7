#!/usr/bin/env python3
"""The search over files, as somebody types, against a plain LIKE over the same names and `find`, in the same run.

    python scripts/bench/search.py [--files 100000] [--rounds 5] [--folder FOLDER]

Makes that many small files in a temporary folder, reads them into the index, and asks for a few words letter by letter.
Times are of the whole question (thread hops included) and of the processor; for `find`, of its process.
"""

import argparse
import asyncio
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parents[2])  # instead of this folder, whose names hide the library's

from talome.home.search import indexer
from tests.home.search.searching import Searching, root, searching

LETTERS = "etaoinshrdlcumwfgypbvk"
TYPED = ("holiday norway", "invoice 2024", "thrid man", "rechnung", "quarterly report", "zzyzx")
KINDS = (".jpg", ".mkv", ".pdf", ".txt", ".flac", ".epub")
Times = list[tuple[float, float]]


def make(folder: Path, files: int) -> None:
    """Names of three words of a vocabulary in which a few words are frequent, in folders of a hundred."""
    dice = random.Random(7)
    words = [
        "".join(dice.choices(LETTERS, weights=range(len(LETTERS), 0, -1), k=dice.randint(3, 9))) for _ in range(20_000)
    ]
    words[:8] = ["holiday", "norway", "invoice", "third", "man", "stromrechnung", "quarterly", "report"]
    weights = [1 / (rank + 1) for rank in range(len(words))]
    chosen = dice.choices(words, weights, k=4 * files)
    below = folder
    for number in range(files):
        if number % 100 == 0:
            below = folder / chosen[-number - 1] / f"{number // 100}"
            below.mkdir(parents=True)
        name = " ".join(chosen[number * 3 : number * 3 + 3]) + f" {2000 + number % 25} {number}"
        (below / f"{name}{KINDS[number % len(KINDS)]}").touch()


def beginnings() -> list[str]:
    return [typed[:length] for typed in TYPED for length in range(1, len(typed) + 1)]


async def timed(ask: Callable[[str], Awaitable[object]], rounds: int) -> Times:
    times = []
    for _ in range(rounds):
        for typed in beginnings():
            wall, cpu = time.perf_counter(), time.process_time()
            await ask(typed)
            times.append(((time.perf_counter() - wall) * 1000, (time.process_time() - cpu) * 1000))
    return times


def with_find(folder: Path) -> Times:
    times = []
    for typed in TYPED:
        before, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        subprocess.run(["find", folder, "-iname", f"*{typed}*"], check=True, stdout=subprocess.DEVNULL)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        times.append(((time.perf_counter() - wall) * 1000, cpu * 1000))
    return times


def show(name: str, times: Times, base: float) -> None:
    walls, cpus = sorted(wall for wall, _ in times), [cpu for _, cpu in times]
    p95 = walls[int(len(walls) * 0.95) - 1] if len(walls) > 20 else walls[-1]
    mean = statistics.mean(walls)
    print(
        f"{name:28}{statistics.median(walls):9.2f}{mean:9.2f}{p95:9.2f}{walls[-1]:9.2f}"
        f"{statistics.mean(cpus):9.2f}{base / mean:9.1f}"
    )


async def measure(folder: Path, files: int, rounds: int) -> None:
    indexer.DELAY_S = 0.0
    media = root(folder / "media")
    make(media.path, files)
    cpu, wall = time.process_time(), time.perf_counter()
    async with searching(folder / "home", media) as it:
        await it.walked(1800)
        took, used = time.perf_counter() - wall, time.process_time() - cpu
        size = sum(file.stat().st_size for file in (folder / "home").glob("search.db*"))
        print(
            f"indexed {it.indexer.progress.entries} in {took:.0f} s, {used:.0f} s of the processor, {size / 1e6:.0f} MB"
        )
        await compare(it, media.path, rounds)


async def compare(it: Searching, folder: Path, rounds: int) -> None:
    async def like(typed: str) -> object:
        sql = "SELECT id, CAST(name AS TEXT) AS text FROM entries WHERE text LIKE ? ORDER BY id DESC LIMIT 30"
        return await it.store.db.fetch_all(sql, (f"%{typed}%",))

    async def ours(typed: str) -> object:
        return await it.find(typed, limit=30)

    await timed(ours, 1)
    indexed, plain, found = await timed(ours, rounds), await timed(like, rounds), with_find(folder)
    base = statistics.mean(wall for wall, _ in plain)
    print(f"{'milliseconds':28}{'median':>9}{'mean':>9}{'p95':>9}{'longest':>9}{'CPU':>9}{'x LIKE':>9}")
    show("the search, each letter", indexed, base)
    show("LIKE over the names", plain, base)
    show("find -iname, whole words", found, base)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--folder", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        asyncio.run(measure(Path(folder), given.files, given.rounds))


if __name__ == "__main__":
    main()
