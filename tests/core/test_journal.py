"""The journal: group commit, what fails alone, a disk that is full for a while, and what is left after a kill."""

import asyncio
import signal
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from talome.core.journal import Journal
from talome.core.migrations import Migration

TABLE = Migration("test", 1, "CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT;")
ADD = "INSERT INTO notes (id, text) VALUES (?, ?)"
LIST = "SELECT id FROM notes ORDER BY id"


@pytest.fixture
async def journal(tmp_path: Path) -> AsyncIterator[Journal]:
    journal = Journal(tmp_path / "notes.db", durable=True)
    await journal.open([TABLE])
    yield journal
    await journal.close()


async def listed(journal: Journal) -> list[int]:
    return [row["id"] for row in await journal.fetch_all(LIST)]


async def test_many_callers_share_a_commit(journal: Journal) -> None:
    commits = 0

    def count(statement: str) -> None:
        nonlocal commits
        commits += statement == "COMMIT"

    journal._writer.set_trace_callback(count)
    await asyncio.gather(*(journal.kept((ADD, (number, "x"))) for number in range(300)))
    assert await listed(journal) == list(range(300))
    assert commits == 1


async def test_what_nobody_waits_for_is_written_too_and_in_order(journal: Journal) -> None:
    journal.put((ADD, (1, "a")))
    journal.put(("UPDATE notes SET text = 'b' WHERE id = 1", ()))
    [row] = await journal.fetch_all("SELECT text FROM notes")
    assert row["text"] == "b"


async def test_an_item_is_kept_whole_or_not_at_all(journal: Journal) -> None:
    good = journal.kept((ADD, (1, "a")))
    bad = journal.kept((ADD, (2, "b")), (ADD, (1, "again")))
    late = journal.kept((ADD, (3, "c")))
    await good
    with pytest.raises(sqlite3.IntegrityError):
        await bad
    await late
    assert await listed(journal) == [1, 3]


async def test_a_full_disk_loses_nothing(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("talome.core.journal._AGAIN_S", 0.05)
    journal._writer.execute("PRAGMA max_page_count=3")
    kept = [journal.kept((ADD, (number, "x" * 3000))) for number in range(20)]
    _, waiting = await asyncio.wait(kept, timeout=0.3)
    assert len(waiting) == 20, "the disk is full"
    journal._writer.execute("PRAGMA max_page_count=1000000")
    await asyncio.gather(*kept)
    assert await listed(journal) == list(range(20))


async def test_it_says_when_it_cannot_follow(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "notes.db", durable=True, most_waiting=3)
    await journal.open([TABLE])
    for number in range(3):
        assert not journal.is_full
        journal.put((ADD, (number, "x")))
    assert journal.is_full
    await journal.close()
    assert sqlite3.connect(tmp_path / "notes.db").execute("SELECT COUNT(*) FROM notes").fetchone() == (3,)


WRITES = """
import asyncio, sys
from pathlib import Path
from talome.core.journal import Journal
from tests.core.test_journal import ADD, TABLE

async def main():
    journal = Journal(Path(sys.argv[1]), durable=True)
    await journal.open([TABLE])
    for number in range(100_000):
        await journal.kept((ADD, (2 * number, "a")), (ADD, (2 * number + 1, "b")))
        print(number, flush=True)

asyncio.run(main())
"""


def test_what_was_told_to_be_kept_outlives_a_kill(tmp_path: Path) -> None:
    path = tmp_path / "notes.db"
    with subprocess.Popen([sys.executable, "-c", WRITES, path], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        told = [int(process.stdout.readline()) for _ in range(50)][-1]
        process.send_signal(signal.SIGKILL)
        rest = process.stdout.read().split()
    told = int(rest[-1]) if rest else told
    found = [row[0] for row in sqlite3.connect(path).execute(LIST)]
    assert len(found) >= 2 * (told + 1)
    assert found == list(range(len(found)))
    assert len(found) % 2 == 0, "an item is whole"
