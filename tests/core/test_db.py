"""The database: what is committed is on disk, what fails takes nothing with it, what is newer is refused."""

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
import textwrap
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from talome.core.db import Database
from talome.core.errors import StorageFull
from talome.core.events import Events
from talome.core.migrations import Migration, MigrationFailed

NOTES = Migration("notes", 1, "CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT;")
TAGS = Migration("notes", 2, "ALTER TABLE notes ADD COLUMN tag TEXT; CREATE INDEX notes_tag ON notes (tag);")
BROKEN = Migration("notes", 2, "ALTER TABLE notes ADD COLUMN tag TEXT; INSERT INTO nowhere VALUES (1);")


@dataclass(frozen=True)
class NoteAdded:
    text: str


@pytest.fixture
async def db(tmp_path: Path, events: Events):
    database = Database(tmp_path / "notes.db", events)
    await database.open([NOTES])
    yield database
    await database.close()


async def add(db: Database, text: str) -> None:
    async with db.write() as tx:
        await tx.execute("INSERT INTO notes (text) VALUES (?)", (text,))
        tx.emit(NoteAdded(text))


async def texts(db: Database) -> list[str]:
    return [row["text"] for row in await db.fetch_all("SELECT text FROM notes ORDER BY id")]


async def test_a_failing_write_keeps_nothing_and_tells_nobody(db: Database, events: Events) -> None:
    with events.subscribe(NoteAdded) as told:
        with pytest.raises(ZeroDivisionError):
            async with db.write() as tx:
                await tx.execute("INSERT INTO notes (text) VALUES ('lost')")
                tx.emit(NoteAdded("lost"))
                raise ZeroDivisionError
        await add(db, "kept")
        assert [event.text for event in told.pending()] == ["kept"]
    assert await texts(db) == ["kept"]


async def test_writers_that_wait_share_commits_and_a_failing_one_takes_nothing_with_it(db: Database) -> None:
    commits = 0

    def count(statement: str) -> None:
        nonlocal commits
        commits += statement == "COMMIT"

    await db._writer.set_trace_callback(count)

    async def fail() -> None:
        async with db.write() as tx:
            await tx.execute("INSERT INTO notes (text) VALUES ('lost')")
            raise ZeroDivisionError

    results = await asyncio.gather(
        *(fail() if n % 5 == 0 else add(db, str(n)) for n in range(100)), return_exceptions=True
    )
    assert sum(isinstance(result, ZeroDivisionError) for result in results) == 20
    assert sorted(map(int, await texts(db))) == [n for n in range(100) if n % 5]
    assert commits < 20, "a hundred writers should share a few commits"


async def test_a_cancelled_waiter_does_not_leave_the_others_uncommitted(db: Database) -> None:
    entered = asyncio.Event()

    async def slow() -> None:
        async with db.write() as tx:
            await tx.execute("INSERT INTO notes (text) VALUES ('slow')")
            entered.set()
            await asyncio.sleep(0.05)

    first = asyncio.create_task(slow())
    await entered.wait()
    second = asyncio.create_task(add(db, "cancelled"))
    await asyncio.sleep(0)
    second.cancel()
    await asyncio.wait_for(first, 5)
    assert "slow" in await texts(db)
    await asyncio.wait_for(add(db, "after"), 5)


async def test_a_write_inside_a_write_is_told_and_does_not_hang(db: Database) -> None:
    with pytest.raises(RuntimeError, match="inside a write"):
        async with db.write():
            await add(db, "inner")


async def test_readers_cannot_write(db: Database) -> None:
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        await db.fetch_all("INSERT INTO notes (text) VALUES ('x') RETURNING id")


async def test_migrations_copy_the_file_first_and_a_newer_file_is_refused(tmp_path: Path, events: Events) -> None:
    path = tmp_path / "notes.db"
    for migrations in ([NOTES], [NOTES, TAGS]):
        database = Database(path, events)
        await database.open(migrations)
        await add(database, "row")
        await database.close()
    (copy,) = (tmp_path / "backups" / "database").glob("notes-*.db")
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("SELECT COUNT(*) FROM notes").fetchone() == (1,)
    with pytest.raises(MigrationFailed, match="newer release"):
        await Database(path, events).open([NOTES])


async def test_a_new_file_is_whole_or_not_there_and_takes_over_nothing_of_one_that_was_deleted(
    tmp_path: Path, events: Events
) -> None:
    path = tmp_path / "notes.db"
    with pytest.raises(MigrationFailed, match="notes 2 failed"):
        await Database(path, events).open([NOTES, BROKEN])
    assert list(tmp_path.iterdir()) == [], "no half of a file that the next start would take for a whole one"
    old = Database(path, events)
    await old.open([NOTES])
    await add(old, "row")
    log = tmp_path / "notes.db-wal"
    left = log.read_bytes()
    await old.close()
    path.unlink()
    log.write_bytes(left)  # as after a power cut, where only the database itself was deleted then
    database = Database(path, events)
    await database.open([NOTES, TAGS])
    assert await database.fetch_all("SELECT * FROM notes") == []
    assert await database.check() == "ok"
    assert path.stat().st_mode & 0o777 == 0o600
    await database.close()


async def test_a_failing_migration_changes_nothing(tmp_path: Path, events: Events) -> None:
    path = tmp_path / "notes.db"
    database = Database(path, events)
    await database.open([NOTES])
    await add(database, "row")
    await database.close()
    with pytest.raises(MigrationFailed, match="notes 2 failed"):
        await Database(path, events).open([NOTES, BROKEN])
    with closing(sqlite3.connect(path)) as connection:
        assert [row[1] for row in connection.execute("PRAGMA table_info(notes)")] == ["id", "text"]


WRITER = textwrap.dedent("""
    import asyncio, sys
    from pathlib import Path
    from talome.core.db import Database
    from talome.core.events import Events

    async def main():
        db = Database(Path(sys.argv[1]), Events())
        await db.open(None)
        async def write(worker):
            for n in range(10_000):
                async with db.write() as tx:
                    await tx.execute("INSERT INTO notes (text) VALUES (?)", (f"{worker}-{n}",))
                print(f"{worker}-{n}", flush=True)
        await asyncio.gather(*(write(worker) for worker in range(4)))

    asyncio.run(main())
""")


async def test_kill_9_loses_no_committed_row(db: Database) -> None:
    for _ in range(3):
        process = subprocess.Popen([sys.executable, "-c", WRITER, str(db.path)], stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        acknowledged = [process.stdout.readline().strip() for _ in range(60)]
        os.kill(process.pid, signal.SIGKILL)
        acknowledged += [line.strip() for line in process.stdout if line.endswith("\n")]
        process.wait()
        process.stdout.close()
        assert set(acknowledged) <= set(await texts(db))
        assert await db.check() == "ok"
        async with db.write() as tx:
            await tx.execute("DELETE FROM notes")


@pytest.fixture
def small_disk(tmp_path: Path):
    """A file system of 1 MiB, mounted in the tests' own mount namespace."""
    if os.environ.get("TALOME_TEST_NAMESPACE") != "1":
        pytest.skip("mounting needs the namespaces that scripts/test makes")
    folder = tmp_path / "small"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)], check=True)
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


async def test_a_full_disk_is_said_plainly_and_leaves_nothing_half_written(small_disk: Path, events: Events) -> None:
    database = Database(small_disk / "notes.db", events)
    await database.open([NOTES])
    await add(database, "before")
    with pytest.raises(StorageFull, match="disk is full"):
        async with database.write() as tx:
            for _ in range(100):
                await tx.execute("INSERT INTO notes (text) VALUES (?)", ("x" * 50_000,))
    assert await texts(database) == ["before"]
    await add(database, "after")
    assert await texts(database) == ["before", "after"]
    await database.close()
