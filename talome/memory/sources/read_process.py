"""The process that reads files for `reading`: its order comes on standard input, what it finds goes into a file as
lines of JSON, and it may be killed at any time. A hostile file costs this process its memory, not the server.

For each file: `{"file": n}`, then for each of its documents `{"document": …}` and `{"chunk": …}` lines, then
`{"end": n}`, or `{"same": n}` where the file is as it was, or `{"bad": n, "reason": …}`.
"""

import ctypes
import hashlib
import os
import resource
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader
from itertools import chain
from pathlib import Path
from typing import Any, Final

import orjson

from talome.core.errors import Invalid
from talome.engines.beneath import Beneath
from talome.memory.sources.chunking import chunked, size_of
from talome.memory.sources.formats.kinds import kind_of, reader_of
from talome.memory.sources.formats.parts import Block, Given, Start, Unreadable

MEMORY_BYTES: Final = 768 * 1024**2
OUT_BYTES: Final = 256 * 1024**2
MOST_DOCUMENT_BYTES: Final = 8 * 1024**2
_DIE_WITH_PARENT: Final = 1
_CPU_S: Final = 1200
_OPEN_FILES: Final = 64
_NO_TEXT: Final = "There is no text in it."
Line = dict[str, Any]


def main() -> None:
    """Read the files that standard input names."""
    order = orjson.loads(sys.stdin.buffer.read())
    ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
    for what, limit in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, _CPU_S),
        (resource.RLIMIT_FSIZE, OUT_BYTES),
        (resource.RLIMIT_NOFILE, _OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (limit, limit))
    signal.signal(signal.SIGALRM, signal.SIG_DFL)  # ends the process, also while it is inside a library
    with Path(order["out"]).open("ab") as out:
        for number, file in enumerate(order["files"]):
            signal.alarm(order["file_s"])
            out.write(b'{"file":%d}\n' % number)
            out.flush()
            out.writelines(orjson.dumps(line) + b"\n" for line in _read(Path(order["root"]), file, number))
            out.flush()
    signal.alarm(0)


def _read(root: Path, file: Line, number: int) -> Iterator[Line]:
    try:
        with _opened(root, file["path"], file["limit_bytes"]) as opened:
            digest = hashlib.file_digest(opened, "sha256").hexdigest()
            if digest == file["known"]:
                yield {"same": number}
                return
            opened.seek(0)
            yield from _documents(Given(opened, file["name"], file["type"]), digest)
            yield {"end": number}
    except (Unreadable, Invalid) as error:
        yield {"bad": number, "reason": str(error)}
    except RecursionError:
        yield {"bad": number, "reason": "Its parts stand deeper in each other than Talome reads."}
    except OSError as error:
        yield {"bad": number, "reason": f"It cannot be opened: {os.strerror(error.errno or 0)}."}


@contextmanager
def _opened(root: Path, path: str, limit_bytes: int) -> Iterator[BufferedReader]:
    with Beneath.at(root) as folder:
        descriptor = folder.file(tuple(path.split("/")))
    with os.fdopen(descriptor, "rb") as file:
        if os.fstat(descriptor).st_size > limit_bytes:
            raise Unreadable(f"It is larger than {limit_bytes // 1024**2} MB.")
        yield file


def _documents(given: Given, digest: str) -> Iterator[Line]:
    """Each document with its chunks; what has no text is none. What is too long is cut, and says so."""
    kind = kind_of(given)
    found = size = 0
    start, blocks = Start(), list[Block]()
    for part in chain(reader_of(kind)(given), (Start(),)):
        if isinstance(part, Block):
            size += size_of(part.text)
            if size <= MOST_DOCUMENT_BYTES:
                blocks.append(part)
            continue
        for line in _document(start, blocks, kind.name, digest, cut=size > MOST_DOCUMENT_BYTES):
            found += 1
            yield line
        start, blocks, size = part, [], 0
    if not found:
        raise Unreadable(_NO_TEXT)


def _document(start: Start, blocks: list[Block], kind: str, digest: str, *, cut: bool) -> Iterator[Line]:
    chunks = chunked(blocks)
    first = next(chunks, None)
    if first is None:
        return
    yield {"document": {"title": start.title, "part": start.part, "kind": kind, "sha256": digest, "cut": cut}}
    for chunk in chain((first,), chunks):
        yield {"chunk": {"text": chunk.text, "heading": chunk.heading, "page": chunk.page, "line": chunk.line}}


if __name__ == "__main__":
    main()
