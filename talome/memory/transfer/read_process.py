"""The process that reads what somebody wants to import: told on standard input which file, it writes lines of an export
into another one. A hostile file costs this process its memory or its time, not the server.
"""

import json
import os
import resource
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import orjson

from talome.core.errors import Invalid
from talome.engines.archives import Limits, unpack_zip
from talome.memory.transfer.formats import markdown
from talome.memory.transfer.formats.lines import MOST_LINES, Line, Unreadable, problem, read_json, read_lines
from talome.memory.transfer.formats.mem0.export import is_export, read_export
from talome.memory.transfer.formats.mem0.store import read_history

_MEMORY_BYTES: Final = 1536 * 1024**2
_CPU_S: Final = 240
_WRITTEN_BYTES: Final = 1024**3
_SQLITE: Final = b"SQLite format 3\0"
_LIMITS: Final = Limits(entries=100_000, total_bytes=512 * 1024**2, file_bytes=64 * 1024**2)


def main() -> None:
    """Read the file that standard input names; the last line on standard error says why that did not work."""
    for limit, most in (
        (resource.RLIMIT_AS, _MEMORY_BYTES),
        (resource.RLIMIT_CPU, _CPU_S),
        (resource.RLIMIT_FSIZE, _WRITTEN_BYTES),
    ):
        resource.setrlimit(limit, (most, most))
    asked = json.loads(sys.stdin.buffer.read())
    try:
        with Path(asked["out"]).open("xb") as out:
            for number, line in enumerate(read(Path(asked["file"]), Path(asked["folder"]), asked["name"])):
                if number >= MOST_LINES:
                    raise Unreadable(f"There is more in it than {MOST_LINES:,} entries. Import it in parts.")
                out.write(orjson.dumps(line) + b"\n")
            out.flush()
            os.fsync(out.fileno())
    except (Unreadable, Invalid) as error:
        sys.exit(str(error))


def read(file: Path, folder: Path, name: str) -> Iterator[Line]:
    """What is in it, whatever it is: told by the content, and not by the name. Raises `Unreadable` or `Invalid`."""
    with file.open("rb") as opened:
        start = opened.read(4096)
    if start.startswith(_SQLITE):
        return read_history(file)
    if zipfile.is_zipfile(file):
        unpack_zip(file, folder, _LIMITS)
        return _unpacked(folder)
    if start.lstrip()[:1] in (b"{", b"["):
        return _json(file)
    if name.lower().endswith((".md", ".markdown", ".txt")):
        return _one(file, name)
    raise Unreadable(
        "Talome does not know this file. It imports its own exports, a ZIP of a folder of Markdown, the JSON of mem0's "
        "get_all(), and mem0's history.db."
    )


def _unpacked(folder: Path) -> Iterator[Line]:
    """An export that was packed, or a folder of Markdown."""
    exports = [path for path in sorted(folder.rglob("*.jsonl")) if path.is_file()]
    if not exports and not any(folder.rglob("*.md")):
        raise Unreadable("There is no Markdown in this ZIP, and no export of Talome's.")
    for path in exports:
        yield from read_lines(path)
    if not exports:
        yield from markdown.read_folder(folder)


def _json(file: Path) -> Iterator[Line]:
    with file.open("rb") as opened:
        first = opened.readline(1024 * 1024)
    try:
        head = orjson.loads(first)
    except orjson.JSONDecodeError:
        head = None
    if isinstance(head, dict) and "record" in head:
        return read_lines(file)
    data = read_json(file)
    if is_export(data):
        return read_export(data)
    raise Unreadable("This is JSON, but neither an export of Talome's nor what mem0's get_all() returns.")


def _one(file: Path, name: str) -> Iterator[Line]:
    if file.stat().st_size > markdown.LARGEST_NOTE_BYTES:
        raise Unreadable("It is longer than a note may be. Add it as a source instead.")
    try:
        note, _ = markdown.read_note(file.read_text(encoding="utf-8-sig"), Path(name).name)
    except UnicodeDecodeError:
        raise Unreadable("It is no text in UTF-8.") from None
    yield problem(name, "There is nothing in it.") if note is None else note


if __name__ == "__main__":
    main()
