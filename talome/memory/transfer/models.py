"""What of exports and imports crosses the wire."""

from datetime import datetime
from typing import ClassVar, Final, Literal

from talome.core.models import Plain

ExportFormat = Literal["jsonl", "markdown"]
ImportState = Literal["waiting", "reading", "storing", "done", "failed"]
MOST_PROBLEMS: Final = 100


class ImportProblem(Plain):
    """An entry that was left out. `place` is its file, its line or its id."""

    place: str
    reason: str


class MemoryImport(Plain):
    """How far an import is, or how it ended. `same` was here already; of what was left out, `problems` are the first.
    `problem` says why nothing came of it."""

    columns: ClassVar[tuple[str, ...]] = ("id", "name", "state", "added", "changed", "same", "left_out", "created_at")

    id: str
    object: Literal["memory_import"] = "memory_import"
    name: str
    workspace_id: str | None
    state: ImportState
    total: int | None
    done: int
    added: int
    changed: int
    same: int
    left_out: int
    problems: list[ImportProblem]
    problem: str | None
    created_at: datetime
    finished_at: datetime | None


class MemoryImportList(Plain):
    """The latest first."""

    object: Literal["list"] = "list"
    data: list[MemoryImport]
