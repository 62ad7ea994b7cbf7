"""Numbered forward migrations for each feature.

The file is copied before anything changes; a failure changes nothing.
"""

import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Final

from talome.core.clock import now_ms
from talome.core.secrets import write_whole

KEPT_COPIES: Final = 5
_TABLE: Final = """
    CREATE TABLE IF NOT EXISTS schema_migrations (
        feature TEXT NOT NULL, number INTEGER NOT NULL, applied_at INTEGER NOT NULL, PRIMARY KEY (feature, number)
    )
"""


class MigrationFailed(Exception):
    """The database could not be brought to this release; the server refuses to start and the file is as it was."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One SQL file of one feature, such as `accounts.users` number 1."""

    feature: str
    number: int
    sql: str


@lru_cache(maxsize=16)
def find_migrations(*packages: str) -> tuple[Migration, ...]:
    """The files `migrations/NNN_name.sql` of the given packages, in the order of the packages, then of the numbers."""
    found = []
    for package in packages:
        folder = files(package) / "migrations"
        for file in sorted(folder.iterdir(), key=lambda item: item.name):
            if match := re.fullmatch(r"(\d{3})_\w+\.sql", file.name):
                feature = package.removeprefix("talome.")
                found.append(Migration(feature, int(match[1]), file.read_text(encoding="utf-8")))
    return tuple(found)


def migrate(path: Path, migrations: Sequence[Migration]) -> None:
    """Apply what is missing, each migration in its own transaction, after a copy beside the file. A file that is not
    there yet comes to be at once, with all of them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        for left in ("-wal", "-shm"):  # of a file that somebody deleted; SQLite would take it for a part of the new one
            path.with_name(path.name + left).unlink(missing_ok=True)
        write_whole(path, _new_database(path.name, tuple(migrations)))
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        path.chmod(0o600)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA busy_timeout=5000")
        connection.execute(_TABLE)
        applied = {(row[0], row[1]) for row in connection.execute("SELECT feature, number FROM schema_migrations")}
        _refuse_newer(path, applied, migrations)
        missing = [item for item in migrations if (item.feature, item.number) not in applied]
        if missing:
            _copy(connection, path)
        for migration in missing:
            _apply(connection, path, migration)


def _new_database(name: str, migrations: tuple[Migration, ...]) -> bytes:
    """The file as it is when all is applied. Made in memory, where no step of it waits for the disk."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.execute(_TABLE)
        for migration in migrations:
            _apply(connection, Path(name), migration)
        return connection.serialize()


def _refuse_newer(path: Path, applied: set[tuple[str, int]], migrations: Sequence[Migration]) -> None:
    unknown = applied - {(item.feature, item.number) for item in migrations}
    if unknown:
        feature, number = min(unknown)
        raise MigrationFailed(
            f"{path} was written by a newer release of Talome ({feature} {number} is unknown here). "
            "Install that release again, or restore a copy from the folder “backups/database” beside it."
        )


def _apply(connection: sqlite3.Connection, path: Path, migration: Migration) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        for statement in _statements(migration.sql):
            connection.execute(statement)
        connection.execute(
            "INSERT INTO schema_migrations VALUES (?, ?, ?)", (migration.feature, migration.number, now_ms())
        )
        connection.execute("COMMIT")
    except sqlite3.Error as error:
        connection.execute("ROLLBACK")
        raise MigrationFailed(f"{path}: migration {migration.feature} {migration.number} failed: {error}") from error


def _statements(sql: str) -> Iterator[str]:
    statement = ""
    for piece in re.split(r"(?<=;)", sql):
        statement += piece
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
    if statement.strip():
        yield statement


def _copy(connection: sqlite3.Connection, path: Path) -> None:
    folder = path.parent / "backups" / "database"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    target = folder / f"{path.stem}-{now_ms()}.db"
    with closing(sqlite3.connect(target)) as copy:
        connection.backup(copy)
    target.chmod(0o600)
    for old in sorted(folder.glob(f"{path.stem}-*.db"))[:-KEPT_COPIES]:
        old.unlink()
