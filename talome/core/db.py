"""SQLite: one writer, several readers, write-ahead log, numbered forward migrations, events held back until commit.

Writers that wait for each other share one transaction and so one fsync (group commit); each has its own savepoint,
so a failing one takes nothing with it. `write` returns only when the shared transaction is on disk.
Sources: sqlite.org/wal.html, sqlite.org/lang_savepoint.html.
"""

import asyncio
import logging
import sqlite3
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Sequence
from contextlib import asynccontextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any, Literal, TypeVar

import aiosqlite

from talome.core.errors import StorageFull, Unavailable
from talome.core.events import Events
from talome.core.migrations import Migration, migrate

Row = aiosqlite.Row
Parameters = Sequence[Any] | dict[str, Any]
T = TypeVar("T")
_log = logging.getLogger(__name__)
_writing: ContextVar[bool] = ContextVar("writing", default=False)
_GROUP_LIMIT = 64


class Transaction:
    """What a writer holds inside `async with db.write() as tx`."""

    def __init__(self, connection: aiosqlite.Connection) -> None:
        self._connection = connection
        self.events: list[object] = []

    async def execute(self, sql: str, parameters: Parameters = ()) -> int:
        """Run a statement; returns the number of rows it changed."""
        return await _hop(self._connection, lambda connection: _changed(connection, sql, parameters))

    async def execute_many(self, sql: str, rows: Iterable[Parameters]) -> None:
        await _hop(self._connection, lambda connection: connection.executemany(sql, rows).close())

    async def fetch_one(self, sql: str, parameters: Parameters = ()) -> Row | None:
        return await _hop(self._connection, lambda connection: _first(connection, sql, parameters))

    async def fetch_all(self, sql: str, parameters: Parameters = ()) -> list[Row]:
        return await _hop(self._connection, lambda connection: connection.execute(sql, parameters).fetchall())

    def emit(self, event: object) -> None:
        """Publish an event once this transaction is committed."""
        self.events.append(event)


class _Group:
    """Writers that share a transaction. `done` resolves when it is committed, or fails with it."""

    def __init__(self) -> None:
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.events: list[object] = []
        self.size = 0


class Database:
    """One SQLite file. `durable` is for money and state (an fsync a commit); logs and metrics can do without."""

    def __init__(self, path: Path, events: Events, *, durable: bool = True, readers: int = 2) -> None:
        self.path = path
        self._events = events
        self._synchronous: Literal["FULL", "NORMAL"] = "FULL" if durable else "NORMAL"
        self._reader_count = readers
        self._readers: asyncio.Queue[aiosqlite.Connection] = asyncio.Queue()
        self._connections: list[aiosqlite.Connection] = []
        self._lock = asyncio.Lock()
        self._waiting = 0
        self._group: _Group | None = None

    async def open(self, migrations: Sequence[Migration] | None) -> None:
        """Bring the file up to date (None: leave it as it is) and open it. Raises `MigrationFailed`."""
        if migrations is not None:
            await asyncio.to_thread(migrate, self.path, migrations)
        self._writer = await self._connect(f"PRAGMA synchronous={self._synchronous}")
        for _ in range(self._reader_count):
            self._readers.put_nowait(await self._connect("PRAGMA query_only=ON"))

    async def _connect(self, pragma: str) -> aiosqlite.Connection:
        connection = await aiosqlite.connect(self.path, isolation_level=None)
        self._connections.append(connection)
        connection.row_factory = aiosqlite.Row
        await _hop(connection, lambda bare: _prepare(bare, pragma))
        return connection

    async def close(self) -> None:
        for connection in self._connections:
            await connection.close()

    async def check(self) -> str:
        """`ok`, or what SQLite finds wrong with the file."""
        row = await self.fetch_one("PRAGMA quick_check(1)")
        return str(row[0]) if row else "no answer"

    @asynccontextmanager
    async def read(self) -> AsyncIterator[aiosqlite.Connection]:
        connection = await self._readers.get()
        try:
            yield connection
        finally:
            self._readers.put_nowait(connection)

    async def fetch_one(self, sql: str, parameters: Parameters = ()) -> Row | None:
        async with self.read() as reader:
            return await _hop(reader, lambda connection: _first(connection, sql, parameters))

    async def fetch_all(self, sql: str, parameters: Parameters = ()) -> list[Row]:
        async with self.read() as reader:
            return await _hop(reader, lambda connection: connection.execute(sql, parameters).fetchall())

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Transaction]:
        """A transaction. Everything in the block is kept, or nothing; it is on disk when the block is left."""
        if _writing.get():
            raise RuntimeError("A write inside a write would wait for itself")
        token = _writing.set(True)
        try:
            with _SaidPlainly():
                group = None
                try:
                    await self._queue_up()
                    try:
                        group, transaction = await _undisturbed(self._join())
                        try:
                            yield transaction
                        except BaseException as error:
                            await _undisturbed(self._leave(group, transaction, error))
                            raise
                        await _undisturbed(self._leave(group, transaction, None))
                    finally:
                        self._lock.release()
                finally:
                    if self._group is not None and not self._waiting:
                        await asyncio.shield(self._finish_orphan())
                await asyncio.shield(group.done)
        finally:
            _writing.reset(token)

    async def _queue_up(self) -> None:
        self._waiting += 1
        try:
            await self._lock.acquire()
        finally:
            self._waiting -= 1

    async def _finish_orphan(self) -> None:
        """Commit a group that counted on a further writer, which was cancelled while it waited."""
        async with self._lock:
            if self._group is not None and not self._waiting:
                await self._commit(self._group)

    async def _join(self) -> tuple[_Group, Transaction]:
        if self._group is None:
            try:
                await self._run("BEGIN IMMEDIATE", "SAVEPOINT writer")
            except sqlite3.Error:
                if self._writer.in_transaction:  # it began, and nobody would end it
                    await self._run("ROLLBACK")
                raise
            self._group = _Group()
        else:
            await self._run("SAVEPOINT writer")
        self._group.size += 1
        return self._group, Transaction(self._writer)

    async def _leave(self, group: _Group, transaction: Transaction, failure: BaseException | None) -> None:
        """End one writer's part; the last of a group commits for all, and so does one that filled it."""
        last = not self._waiting or group.size >= _GROUP_LIMIT
        try:
            back = () if failure is None else ("ROLLBACK TO writer",)
            await self._run(*back, "RELEASE writer", *(("COMMIT",) if last else ()))
        except sqlite3.Error as error:  # a full disk makes SQLite roll back the whole transaction by itself
            reason = failure if isinstance(failure, sqlite3.Error) else error
            await self._abandon(group, reason)
            raise reason from None
        if failure is None:
            group.events += transaction.events
        if last:
            self._committed(group)
        elif not self._waiting:  # who was waited for went away meanwhile
            await self._commit(group)

    async def _commit(self, group: _Group) -> None:
        try:
            await self._run("COMMIT")
        except sqlite3.Error as error:
            await self._abandon(group, error)
            raise
        self._committed(group)

    def _committed(self, group: _Group) -> None:
        self._group = None
        group.done.set_result(None)
        for event in group.events:
            self._events.publish(event)

    async def _abandon(self, group: _Group, error: sqlite3.Error) -> None:
        """Give up a group whose transaction cannot be kept; each of its writers fails with the same reason."""
        self._group = None
        group.done.set_exception(error)
        group.done.exception()  # marks it as seen: a group of one raises the error itself
        if self._writer.in_transaction:
            try:
                await self._run("ROLLBACK")
            except sqlite3.Error:
                _log.exception("A failed transaction could not be rolled back")

    async def _run(self, *statements: str) -> None:
        await _hop(self._writer, lambda connection: _each(connection, statements))


async def _hop(connection: aiosqlite.Connection, work: Callable[[sqlite3.Connection], T]) -> T:
    """Do all of `work` in the thread of the connection at once: going there and back costs more than most statements,
    and `execute`, `fetchone` and `close` of aiosqlite each go there."""
    done: T = await connection._execute(work, connection._conn)  # type: ignore[no-untyped-call]  # noqa: SLF001 - see above
    return done


def _prepare(connection: sqlite3.Connection, pragma: str) -> None:
    for statement in ("PRAGMA busy_timeout=5000", "PRAGMA foreign_keys=ON", "PRAGMA cache_size=-2000", pragma):
        connection.execute(statement).close()


def _each(connection: sqlite3.Connection, statements: Sequence[str]) -> None:
    for statement in statements:
        connection.execute(statement).close()


def _changed(connection: sqlite3.Connection, sql: str, parameters: Parameters) -> int:
    cursor = connection.execute(sql, parameters)
    cursor.close()
    return cursor.rowcount


def _first(connection: sqlite3.Connection, sql: str, parameters: Parameters) -> Row | None:
    cursor = connection.execute(sql, parameters)
    row: Row | None = cursor.fetchone()
    cursor.close()
    return row


async def _undisturbed(work: Coroutine[Any, Any, T]) -> T:
    """Carry `work` to its end before a cancellation counts, which is then met at the next `await`.

    A statement that began runs on in the writer's thread whoever left; who waits for the lock must find it noted.
    """
    task, caller, cancelled = asyncio.ensure_future(work), asyncio.current_task(), False
    while not task.done():
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError:
            cancelled = True
    if cancelled and caller is not None:
        caller.uncancel()  # the same cancellation again, not a second one
        caller.cancel()
    return task.result()


class _SaidPlainly:
    """Turns the failures that a household can do something about into errors that say so."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if isinstance(error, sqlite3.OperationalError | sqlite3.DatabaseError):
            text = str(error)
            if "disk is full" in text or "disk I/O error" in text:
                raise StorageFull("The disk is full, so nothing was saved. Free some space and try again.") from error
            if "readonly" in text or "locked" in text:
                raise Unavailable(f"The database cannot be written right now ({text}).") from error
