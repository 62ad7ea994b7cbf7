"""Has files read in processes of their own, a batch at a time. A file that kills its process is passed over, and the
rest of the batch goes to the next one."""

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

import orjson

from talome.engines.child import Ended, run_module

READER: Final = 1
"""Raised when the readers give more than they did, so that what was read before is read again."""
FILE_S: Final = 60
"""So long may one file take."""
_BATCH: Final = 40
_START_S: Final = 30.0
_TOO_MUCH: Final = "It takes more memory or time to read than is allowed."
Line = dict[str, Any]
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class FileOrder:
    """`path` is below the root. `known`: the sha256 with which there is nothing to do."""

    path: str
    name: str
    type: str = ""
    known: str = ""
    limit_bytes: int = 0


@dataclass(frozen=True, slots=True)
class ReadDocument:
    """A document of a file, with its chunks as `read_process` writes them."""

    file: FileOrder
    title: str
    part: str
    kind: str
    sha256: str
    cut: bool
    chunks: list[Line]


@dataclass(frozen=True, slots=True)
class ReadFile:
    """A file was brought to its end. `reason` says why it could not be read, else it is empty."""

    file: FileOrder
    same: bool = False
    reason: str = ""


async def read_files(
    root: Path, files: Sequence[FileOrder], out: Path, file_s: int = FILE_S
) -> AsyncGenerator[ReadDocument | ReadFile, None]:
    """The documents of each file and then its end, in their order. `out` is a file that may be overwritten."""
    waiting = list(files)
    while waiting:
        batch = waiting[:_BATCH]
        ended = await _run(root, batch, out, file_s)
        finished = 0
        async for item in _items(out, batch):
            if isinstance(item, ReadFile):
                finished += 1
            yield item
        if finished < len(batch):
            _log.info("Reading a file ended its process with %s: %s", ended.code, ended.said)
            yield ReadFile(batch[finished], reason=_TOO_MUCH)
            finished += 1
        waiting = waiting[finished:]
    await asyncio.to_thread(out.unlink, missing_ok=True)


async def _run(root: Path, batch: Sequence[FileOrder], out: Path, file_s: int) -> Ended:
    """A process that is ended for its time has failed as one that ends itself has."""
    await asyncio.to_thread(out.write_bytes, b"")
    order = {
        "root": str(root),
        "out": str(out),
        "file_s": file_s,
        "files": [
            {
                "path": file.path,
                "name": file.name,
                "type": file.type,
                "known": file.known,
                "limit_bytes": file.limit_bytes,
            }
            for file in batch
        ],
    }
    try:
        timeout_s = _START_S + file_s * len(batch)
        return await run_module("talome.memory.sources.read_process", orjson.dumps(order), timeout_s=timeout_s)
    except TimeoutError:
        return Ended(-1, "")


async def _items(out: Path, batch: Sequence[FileOrder]) -> AsyncIterator[ReadDocument | ReadFile]:
    with await asyncio.to_thread(out.open, "rb") as file:
        following = _Following(file, batch)
        while (item := await asyncio.to_thread(following.next)) is not None:
            yield item


class _Following:
    """Reads the lines as far as they are whole; holds one document at a time."""

    def __init__(self, file: BinaryIO, batch: Sequence[FileOrder]) -> None:
        self._file = file
        self._batch = batch
        self._document: Line | None = None
        self._at = 0
        self._chunks: list[Line] = []
        self._ended: ReadFile | None = None

    def next(self) -> ReadDocument | ReadFile | None:
        """None at the end, also where it breaks off in the middle."""
        if self._ended is not None:
            ended, self._ended = self._ended, None
            return ended
        for raw in self._file:
            if not raw.endswith(b"\n"):
                return None
            item = self._take(orjson.loads(raw))
            if item is not None:
                return item
        return None

    def _take(self, line: Line) -> ReadDocument | ReadFile | None:
        if "chunk" in line:
            self._chunks.append(line["chunk"])
            return None
        if "file" in line:
            self._at, self._document, self._chunks = line["file"], None, []
            return None
        done = self._finished()
        if "document" in line:
            self._document = line["document"]
            return done
        ended = ReadFile(self._batch[self._at], same="same" in line, reason=line.get("reason", ""))
        if done is None:
            return ended
        self._ended = ended
        return done

    def _finished(self) -> ReadDocument | None:
        document, chunks = self._document, self._chunks
        self._document, self._chunks = None, []
        return None if document is None else ReadDocument(self._batch[self._at], chunks=chunks, **document)
