"""SQL of mem0's own databases, which are only read."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from talome.memory.transfer.formats.lines import Line, Unreadable
from talome.memory.transfer.formats.mem0.export import note_of


def read_history(path: Path) -> Iterator[Line]:
    """The latest text of every memory that was not deleted. Raises `Unreadable`."""
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)) as connection:
            connection.execute("PRAGMA trusted_schema=OFF")
            connection.execute("PRAGMA cell_size_check=ON")
            yield from _history(connection)
    except sqlite3.Error as error:
        raise Unreadable(f"The database cannot be read: {error}.") from None


def _history(connection: sqlite3.Connection) -> Iterator[Line]:
    tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if "points" in tables:
        raise Unreadable(
            "This is mem0's vector store, which holds Python pickles: reading one runs the code in it, so Talome does "
            "not. Write what mem0's get_all() returns into a JSON file and import that, or import its history.db."
        )
    columns = {row[1] for row in connection.execute("PRAGMA table_info(history)")} if "history" in tables else set()
    if not {"memory_id", "new_memory", "event"} <= columns:
        raise Unreadable("This is a database, but not the history of mem0.")
    latest: dict[str, dict[str, Any]] = {}
    connection.row_factory = sqlite3.Row
    for row in connection.execute("SELECT * FROM history ORDER BY rowid"):
        one = dict(row)
        if one["event"] == "DELETE" or one.get("is_deleted"):
            latest.pop(str(one["memory_id"]), None)
        elif isinstance(one["new_memory"], str) and one["new_memory"].strip():
            latest[str(one["memory_id"])] = {**one, "id": one["memory_id"], "memory": one["new_memory"]}
    for one in latest.values():
        yield note_of(one)
