"""An import whose server is killed again and again goes on to its end, and nothing is there twice."""

import asyncio
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import orjson
import pytest

from tests.memory.ground import ADA, open_ground

ROOT = Path(__file__).parents[3]
NOTES = 1500


async def until_it_has(home: Path, file: Path, done: int) -> None:
    """Runs until so many lines are kept, then is killed."""
    command = [sys.executable, "-m", "tests.memory.transfer.killed", str(home), str(file)]
    child = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    state, kept = "", 0
    while state != "storing" or kept < done:
        line = await asyncio.to_thread(child.stdout.readline)
        state, kept = line.split()[0], int(line.split()[1])
        assert state in ("waiting", "reading", "storing"), line
    child.send_signal(signal.SIGKILL)
    child.wait()
    child.stdout.close()


@pytest.mark.whole  # starts four servers
@pytest.mark.timeout(240)
async def test_an_import_that_is_killed_three_times_is_whole(tmp_path: Path) -> None:
    home, file = tmp_path / "home", tmp_path / "notes.jsonl"
    home.mkdir(mode=0o700)
    lines = [{"record": "note", "id": str(n), "content": f"The cable with number {n} is blue."} for n in range(NOTES)]
    file.write_bytes(b"\n".join(map(orjson.dumps, lines)))
    for done in (1, 500, 1000):
        await until_it_has(home, file, done)
    async with open_ground(home) as ground:
        await ground.kernel.jobs.resume()
        async with asyncio.timeout(120):
            while (shown := (await ground.call(ADA, "memory_imports.list"))["data"][0])["finished_at"] is None:
                await asyncio.sleep(0.05)
        assert (shown["state"], shown["done"], shown["left_out"]) == ("done", NOTES, 0), shown
    with closing(sqlite3.connect(home / "memory.db")) as db:
        rows = db.execute("SELECT content FROM notes WHERE status = 'active' ORDER BY content").fetchall()
        [versions] = db.execute("SELECT count(*) FROM note_versions").fetchone()
    assert [row[0] for row in rows] == sorted(str(line["content"]) for line in lines)
    assert versions == NOTES, "a note that came again is no new version"
    assert not list((home / "memory").rglob("imp_*"))
