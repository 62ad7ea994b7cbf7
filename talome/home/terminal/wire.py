"""What the server and the terminal process say to each other on the unix socket: frames of text (JSON) or bytes.

A frame is one byte of kind, four of length (big endian), and the content. A connection begins with one request
`{"do": name, ...}` and one answer, `{"ok": ...}` or `{"error", "code", "status"}`; after `attach` both sides go on with
frames as a browser's socket would: bytes of the terminal, and control as text.
"""

import asyncio
import json
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

VERSION: Final = 1
"""Raised when the server and a process that outlived its update can no longer understand each other."""
TEXT: Final = 1
BYTES: Final = 2
LONGEST_BYTES: Final = 1024 * 1024
SOCKET_NAME: Final = "terminal.sock"
READ_LIMIT_BYTES: Final = 256 * 1024
_HEAD: Final = struct.Struct(">BI")
_LONGEST_PATH: Final = 100


def text_frame(value: Any) -> bytes:
    return bytes_frame(json.dumps(value).encode(), TEXT)


def bytes_frame(content: bytes | memoryview, kind: int = BYTES) -> bytes:
    return b"".join((_HEAD.pack(kind, len(content)), content))


async def read_frame(reader: asyncio.StreamReader) -> tuple[int, bytes] | None:
    """The next frame, None at the end of the connection. Raises `ValueError` for what is no frame."""
    try:
        kind, length = _HEAD.unpack(await reader.readexactly(_HEAD.size))
        if kind not in (TEXT, BYTES) or length > LONGEST_BYTES:
            raise ValueError("not a frame")
        return kind, await reader.readexactly(length)
    except (asyncio.IncompleteReadError, ConnectionError):
        return None


@contextmanager
def short_path(path: Path) -> Iterator[str]:
    """The path of a unix socket, in a form that fits into an address (107 bytes) for the time of the block."""
    if len(os.fsencode(path)) <= _LONGEST_PATH:
        yield str(path)
        return
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)
