#!/usr/bin/env python3
"""The memory's index: what a search and an add take, what a kill loses, and what is found. mem0 beside it if given.

    python scripts/bench/memory.py [--data FOLDER] [--sizes 10000 100000] [--kills 50] [--models wordllama-256 …]
                                   [--mem0 /path/to/venv/bin/python]

`--data` holds locomo*.json, cran.all.1400, cran.qry* and cranqrel*. `--mem0` is the Python of an environment that has
mem0ai, which gets the same texts and vectors and stores them as they are (infer=False, Qdrant in a local folder).
Times are of the processor; each size runs in a process of its own, so that its memory is its own.
"""

import argparse
import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

sys.path[0] = str(Path(__file__).resolve().parents[2])  # instead of this folder, whose names hide the library's

from scripts.bench.memory_quality import conversations, cranfield, locomo
from talome.engines.embeddings.local import local_model
from talome.memory.index.models import Item, Query
from tests.memory.index.ground import HOUSE, Ground, opened

TABLE = "wordllama-256"
QUERIES = 200
ADDS = 300
LETTERS = "etaoinshrdlcumwfgypbvk"


def texts(many: int) -> list[str]:
    """Notes of 8 to 30 words; a few words are frequent, most are rare, as in any language."""
    dice = random.Random(7)
    words = [
        "".join(dice.choices(LETTERS, weights=range(len(LETTERS), 0, -1), k=dice.randint(3, 9))) for _ in range(20_000)
    ]
    weights = [1 / (rank + 1) ** 0.9 for rank in range(len(words))]
    return [" ".join(dice.choices(words, weights=weights, k=dice.randint(8, 30))) for _ in range(many)]


def queries(notes: list[str]) -> list[str]:
    """Four to six words of some note."""
    dice = random.Random(11)
    return [" ".join(dice.sample(dice.choice(notes).split(), dice.randint(4, 6))) for _ in range(QUERIES)]


def loop_ms() -> float:
    """What a million additions take here and now: on a busy machine more, and so does all else."""
    start, total = time.process_time(), 0
    for number in range(1_000_000):
        total += number
    return 1000 * (time.process_time() - start)


def memory_mb() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


async def speed(size: int, model: str) -> None:
    """One line of JSON on standard output."""
    notes = texts(size)
    with tempfile.TemporaryDirectory() as folder:
        async with opened(Path(folder), model) as ground:
            start = time.process_time()
            for first in range(0, size, 500):
                await ground.put(*_items(notes, first, min(size, first + 500)))
            bulk = time.process_time() - start
            asked = queries(notes)
            await ground.hits(asked[0])
            took, waited = [], []
            for text in asked:
                cpu, wall = time.process_time(), time.perf_counter()
                await ground.hits(text)
                took.append(1000 * (time.process_time() - cpu))
                waited.append(1000 * (time.perf_counter() - wall))
            added = texts(ADDS)
            start = time.process_time()
            for number, text in enumerate(added):
                await ground.put(Item(f"added{number}", "note", "house", f"{text} added"))
            adds = 1000 * (time.process_time() - start) / ADDS
            after = 0.0
            for number, text in enumerate(asked[:50]):
                await ground.put(Item(f"between{number}", "note", "house", f"{text} between"))
                start = time.process_time()
                await ground.hits(text)
                after += 1000 * (time.process_time() - start) / 50
            answer = {
                "notes": size, "model": model, "search after an add CPU ms": after,
                "search CPU ms": sum(took) / len(took), "search p50 ms": median(waited),
                "search p99 ms": sorted(waited)[len(waited) * 99 // 100], "add and commit CPU ms": adds,
                "in bulk CPU ms": 1000 * bulk / size, "MB": memory_mb(),
                "MB on disk": on_disk_mb(folder), "a million additions, ms": loop_ms(),
            }  # fmt: skip
    print(json.dumps(answer))


def on_disk_mb(folder: str) -> float:
    return sum(file.stat().st_size for file in Path(folder).glob("memory.db*")) / 1e6


def _items(notes: list[str], first: int, last: int) -> list[Item]:
    return [
        Item(f"n{number}", "note", "house", notes[number], parent=f"p{number // 20}", seq=number % 20)
        for number in range(first, last)
    ]


async def write_on(folder: Path) -> None:
    """Adds until it is killed, and says each id once its transaction is on disk. Every third one is removed again,
    which is said before and after: what was killed between may be there or not."""
    async with opened(folder, TABLE) as ground:
        notes = texts(2000)
        for number in range(1_000_000):
            id = f"{os.getpid()}-{number}"
            await ground.put(Item(id, "note", "house", f"{notes[number % 2000]} {id.replace('-', 'x')}"))
            print(f"+{id}", flush=True)
            if number % 3 == 0:
                print(f"?{id}", flush=True)
                await ground.remove(id)
                print(f"-{id}", flush=True)


def kills(rounds: int) -> dict[str, int]:
    """Acknowledged writes that are gone, and removed ones that are found, after each kill -9."""
    dice = random.Random(3)
    there: set[str] = set()
    gone: set[str] = set()
    lost = back = 0
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(rounds):
            order = [sys.executable, __file__, "--child", "write", "--data", folder]
            child = subprocess.Popen(order, stdout=subprocess.PIPE, text=True)
            assert child.stdout is not None
            first = child.stdout.readline()
            time.sleep(dice.uniform(0.05, 0.6))  # the kill is to fall anywhere
            child.send_signal(signal.SIGKILL)
            for line in (first, *child.stdout):
                sign, id = line[:1], line[1:-1]
                if not line.endswith("\n"):
                    continue
                if sign == "+":
                    there.add(id)
                elif sign == "?":
                    there.discard(id)
                elif sign == "-":
                    gone.add(id)
            child.wait()
            missing, found = asyncio.run(after_kill(Path(folder), there, gone))
            lost += missing
            back += found
    return {"kills": rounds, "acknowledged": len(there) + len(gone), "lost": lost, "back again": back}


async def after_kill(folder: Path, there: set[str], gone: set[str]) -> tuple[int, int]:
    async with opened(folder, TABLE) as ground:
        return await _missing(ground, there), len(gone) - await _missing(ground, gone)


async def _missing(ground: Ground, ids: set[str]) -> int:
    """By the row, its vector, and a search for the word that only it has."""
    missing = 0
    rows = await ground.db.fetch_all("SELECT i.id FROM index_items AS i JOIN index_vectors AS v ON v.item = i.number")
    whole = {row["id"] for row in rows}
    for id in sorted(ids):
        hits = await ground.index.search(Query(HOUSE, f'"{id.replace("-", "x")}"', 3))
        missing += id not in whole or not any(hit.id == id for hit in hits)
    return missing


async def quality(folder: Path, model: str) -> None:
    with tempfile.TemporaryDirectory() as place:
        async with opened(Path(place), model) as ground:
            show(f"LoCoMo, {model}", await locomo(ground, folder))
            show(f"Cranfield, {model}", await cranfield(ground, folder))


def beside_mem0(python: str, size: int, data: Path | None) -> None:
    """The same notes, queries and vectors; and the conversations, by meaning alone and as its search is."""
    model = local_model(TABLE)
    if model is None:
        sys.exit("install talome[vectors] first")
    notes = texts(size)
    order = {"notes": notes, "queries": queries(notes), "talks": []}
    for talk in conversations(data) if data else ():
        order["talks"].append(
            {
                "space": talk.space,
                "notes": [[item.id, f"{item.title}: {item.body}"] for item in talk.items],
                "questions": [[question.text, sorted(question.evidence)] for question in talk.questions],
            }
        )
    every = {*notes, *order["queries"]}
    for told in order["talks"]:
        every |= {text for _, text in told["notes"]} | {text for text, _ in told["questions"]}
    ordered = sorted(every)
    order["vectors"] = dict(zip(ordered, model.embed(ordered).round(6).tolist(), strict=True))
    peer = Path(__file__).with_name("memory_mem0.py")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "order.json"
        file.write_text(json.dumps(order))
        environment = {"PATH": os.environ["PATH"], "HOME": folder, "MEM0_DIR": folder, "MEM0_TELEMETRY": "False"}
        done = subprocess.run(
            [python, str(peer), str(file)], env=environment, capture_output=True, text=True, check=False
        )
    if done.returncode:
        sys.exit(done.stderr[-2000:])
    show("mem0, same vectors", json.loads(done.stdout.splitlines()[-1]))


def show(title: str, numbers: dict[str, float]) -> None:
    told = ", ".join(
        f"{name} {value:.3f}" if isinstance(value, float) else f"{name} {value}" for name, value in numbers.items()
    )
    print(f"{title}: {told}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--sizes", type=int, nargs="*", default=[10_000, 100_000])
    parser.add_argument("--models", nargs="*", default=["none", TABLE])
    parser.add_argument("--kills", type=int, default=5)
    parser.add_argument("--mem0", help="the Python of an environment with mem0ai")
    parser.add_argument("--child", choices=["speed", "write"], help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child == "speed":
        return asyncio.run(speed(given.sizes[0], given.models[0]))
    if given.child == "write":
        return asyncio.run(write_on(given.data))
    for size in given.sizes:
        order = [sys.executable, __file__, "--child", "speed", "--sizes", str(size), "--models", TABLE]
        show("speed", json.loads(subprocess.run(order, check=True, capture_output=True, text=True).stdout))
    if given.mem0:
        beside_mem0(given.mem0, min(given.sizes, default=10_000), given.data)
    if given.kills:
        show("kill -9", kills(given.kills))
    for model in given.models if given.data else ():
        asyncio.run(quality(given.data, model))
    return None


if __name__ == "__main__":
    main()
