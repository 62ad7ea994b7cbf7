"""A SQLite file with one writing thread: many small writes a second, few costs for each.

Callers hand over items, an item being statements that are kept together or not at all, and go on. What gathered while
the thread wrote is its next transaction, and its callers are told after the commit (group commit). One hop between the
threads a batch, not four a statement as with `core.db`, which is for everything that is not written at this pace.
A full disk loses nothing: the batch is tried again until it can be kept. `is_full` asks callers who can to begin
nothing more meanwhile. Sources: sqlite.org/wal.html, sqlite.org/pragma.html#pragma_synchronous.
"""

import asyncio
import logging
import sqlite3
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Final

from talome.core.migrations import Migration, migrate

Parameters = Sequence[Any] | dict[str, Any]
Statement = tuple[str, Parameters]
_AGAIN_S: Final = 1.0
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Item:
    """Statements that belong together, and who waits for them."""

    statements: Sequence[Statement]
    kept: asyncio.Future[None] | None


_Batch = list[_Item]
_Failures = dict[int, sqlite3.Error]


class Journal:
    """`durable`: a commit is on the disk (money). `patience_s`: how long an item may wait that nobody waits for."""

    def __init__(self, path: Path, *, durable: bool, patience_s: float = 0.02, most_waiting: int = 20_000) -> None:
        self.path = path
        self._synchronous = "FULL" if durable else "NORMAL"
        self._patience_s = patience_s
        self._most_waiting = most_waiting
        self._pending: _Batch = []
        self._also: Callable[[], Sequence[Statement]] = tuple
        self._timer: asyncio.Handle | None = None
        self._urgent = False
        self._busy = False
        self._batches: SimpleQueue[_Batch | None] = SimpleQueue()
        self._closing = threading.Event()
        self._reading = ThreadPoolExecutor(1, thread_name_prefix=f"{path.stem}-reader")

    async def open(self, migrations: Sequence[Migration]) -> None:
        """Bring the file up to date and begin to write. Raises `MigrationFailed`."""
        self._loop = asyncio.get_running_loop()
        await asyncio.to_thread(migrate, self.path, migrations)
        self._writer = await asyncio.to_thread(self._connect, f"PRAGMA synchronous={self._synchronous}")
        self._reader = await self._loop.run_in_executor(self._reading, self._connect, "PRAGMA query_only=ON")
        self._thread = threading.Thread(target=self._write_on, name=f"{self.path.stem}-writer", daemon=True)
        self._thread.start()

    def _connect(self, pragma: str) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False)
        connection.row_factory = sqlite3.Row
        for statement in ("PRAGMA busy_timeout=5000", "PRAGMA cache_size=-2000", pragma):
            connection.execute(statement)
        return connection

    def with_each_batch(self, also: Callable[[], Sequence[Statement]]) -> None:
        """Ask for further statements whenever a batch is handed over, such as sums of what is in it: they are written
        once a batch, in its transaction, and not once an item."""
        self._also = also

    @property
    def is_full(self) -> bool:
        """Whether more waits than should; it is so when the disk does not keep up, or has no room."""
        return len(self._pending) >= self._most_waiting

    def put(self, *statements: Statement) -> None:
        """Have an item written soon, and do not wait for it."""
        self._take(_Item(statements, None), urgent=False)

    def kept(self, *statements: Statement) -> asyncio.Future[None]:
        """Have an item written at once; the answer is done when it is committed, and fails with the item."""
        future: asyncio.Future[None] = self._loop.create_future()
        self._take(_Item(statements, future), urgent=True)
        return future

    def _take(self, item: _Item, *, urgent: bool) -> None:
        self._pending.append(item)
        if urgent and not self._urgent:
            self._urgent = True
            self._set_timer(self._loop.call_soon(self._hand_over))
        elif self._timer is None and not self._busy:
            self._set_timer(self._loop.call_later(self._patience_s, self._hand_over))

    def _set_timer(self, timer: asyncio.Handle) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = timer

    def _hand_over(self) -> None:
        """Give the thread what gathered, unless it has enough to do; then it follows by itself."""
        self._timer = None
        if self._busy or not self._pending:
            return
        self._busy, self._urgent = True, False
        self._batches.put(self._gathered())

    def _gathered(self) -> _Batch:
        batch, self._pending = self._pending, []
        if also := self._also():
            batch.append(_Item(also, None))
        return batch

    def _handed_back(self, batch: _Batch, failures: _Failures) -> None:
        for number, item in enumerate(batch):
            if item.kept is not None and not item.kept.done():
                error = failures.get(number)
                if error is None:
                    item.kept.set_result(None)
                else:
                    item.kept.set_exception(error)
        self._busy = False
        if self._urgent:
            self._hand_over()
        elif self._pending and self._timer is None:
            self._set_timer(self._loop.call_later(self._patience_s, self._hand_over))

    async def fetch_all(self, sql: str, parameters: Parameters = ()) -> list[sqlite3.Row]:
        """The rows, with everything in them that was put before."""
        await self.kept()
        return await self._loop.run_in_executor(self._reading, lambda: self._reader.execute(sql, parameters).fetchall())

    async def close(self) -> None:
        """Write what is waiting, and end."""
        self._closing.set()
        if self._timer is not None:
            self._timer.cancel()
        self._batches.put(self._gathered())
        self._batches.put(None)
        await asyncio.to_thread(self._thread.join)
        self._reading.shutdown()
        for connection in (self._writer, self._reader):
            connection.close()

    def _write_on(self) -> None:
        while (batch := self._batches.get()) is not None:
            failures = self._write(batch)
            self._loop.call_soon_threadsafe(self._handed_back, batch, failures)

    def _write(self, batch: _Batch) -> _Failures:
        """Commit a batch, however often it takes; at the end of the process what cannot be kept is told as failed."""
        while True:
            try:
                return self._commit(batch)
            except sqlite3.Error as error:
                _log.error("%s cannot be written: %s", self.path.name, error)
                if self._writer.in_transaction:
                    self._writer.execute("ROLLBACK")
                if self._closing.wait(_AGAIN_S):
                    return dict.fromkeys(range(len(batch)), error)

    def _commit(self, batch: _Batch) -> _Failures:
        """Write all items in one transaction; those that are refused for what they are, are told and left out."""
        failures: _Failures = {}
        if not any(item.statements for item in batch):
            return failures
        run = self._writer.execute
        run("BEGIN IMMEDIATE")
        for number, item in enumerate(batch):
            try:
                self._run(item.statements)
            except (sqlite3.IntegrityError, sqlite3.ProgrammingError) as error:
                _log.error("%s refused an item: %s", self.path.name, error)
                failures[number] = error
        run("COMMIT")
        return failures

    def _run(self, statements: Sequence[Statement]) -> None:
        """All of them or none; one alone is so by itself."""
        run = self._writer.execute
        if len(statements) == 1:
            run(*statements[0])
            return
        run("SAVEPOINT item")
        try:
            for sql, parameters in statements:
                run(sql, parameters)
        except (sqlite3.IntegrityError, sqlite3.ProgrammingError):
            run("ROLLBACK TO item")
            raise
        finally:
            run("RELEASE item")
