"""Writes a ZIP of any size as a stream, in the same small memory however many files go in.

Sizes are in ZIP64 form throughout; the list of contents gathers in a temporary file. Source: PKWARE's APPNOTE.TXT,
6.3.10. Blocking: it runs in a worker thread, and `write` may wait.
"""

import os
import struct
import tempfile
import time
import zlib
from collections.abc import Callable
from types import TracebackType
from typing import Final, Self

_LOCAL: Final = struct.Struct("<IHHHHHIIIHH")
_CENTRAL: Final = struct.Struct("<IHHHHHHIIIHHHHHII")
_FLAGS: Final = 0x0800  # names are UTF-8
_LATER: Final = 0x0008  # check sum and sizes follow the content
_VERSION: Final = 45
_FULL: Final = 0xFFFFFFFF
_PIECE_BYTES: Final = 256 * 1024
_WHOLE_BYTES: Final = 256 * 1024
"""Up to this size a file is read first, so that its sizes stand before it, as the simplest readers want."""
_IN_MEMORY_BYTES: Final = 1024 * 1024
_STORED, _DEFLATED = 0, 8


class ZipWriter:
    """Use it as a context, and `finish` before leaving it well. `deflate`: pack, where a name does not say that it is
    packed already. `told` hears of each piece that was read, and may raise to end it."""

    def __init__(
        self, write: Callable[[bytes], None], *, deflate: bool, told: Callable[[int], None] = lambda _: None
    ) -> None:
        self._write = write
        self._told = told
        self._deflate = deflate
        self._place = 0
        self._entries = 0
        self._contents = tempfile.SpooledTemporaryFile(_IN_MEMORY_BYTES)  # noqa: SIM115 - closed by __exit__
        self._waiting = bytearray()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._contents.close()

    def add_folder(self, name: str, known: os.stat_result) -> None:
        self._add_known(f"{name}/", known, b"", _STORED)

    def add_file(self, name: str, descriptor: int, known: os.stat_result) -> None:
        """Its content up to its end, also where it grew or shrank since `known`."""
        method = _DEFLATED if self._deflate and not _is_packed(name) else _STORED
        if known.st_size <= _WHOLE_BYTES:
            content = _read_up_to(descriptor, _WHOLE_BYTES + 1)
            if len(content) <= _WHOLE_BYTES:
                self._add_known(name, known, content, method)
                return
            os.lseek(descriptor, 0, os.SEEK_SET)
        self._add_streamed(name, descriptor, known, method)

    def _add_known(self, name: str, known: os.stat_result, content: bytes, method: int) -> None:
        self._told(len(content))
        body = content
        if method:
            packer = _packer()
            body = packer.compress(content) + packer.flush()
            if len(body) >= len(content):
                method, body = _STORED, content
        sizes = (zlib.crc32(content), len(body), len(content))
        start = self._place
        self._put(_local(name, known, method, _FLAGS, sizes))
        self._put(body)
        self._note(name, known, (method, _FLAGS), sizes, start)

    def _add_streamed(self, name: str, descriptor: int, known: os.stat_result, method: int) -> None:
        flags, start = _FLAGS | _LATER, self._place
        self._put(_local(name, known, method, flags, (0, _FULL, _FULL)))
        packer = _packer() if method else None
        crc = size = 0
        begin = self._place
        while piece := os.read(descriptor, _PIECE_BYTES):
            crc = zlib.crc32(piece, crc)
            size += len(piece)
            self._told(len(piece))
            self._put(piece if packer is None else packer.compress(piece))
        if packer is not None:
            self._put(packer.flush())
        sizes = (crc, self._place - begin, size)
        self._put(struct.pack("<IIQQ", 0x08074B50, *sizes))
        self._note(name, known, (method, flags), sizes, start)

    def _note(
        self, name: str, known: os.stat_result, how: tuple[int, int], sizes: tuple[int, int, int], start: int
    ) -> None:
        """A line in the list of contents."""
        method, flags = how
        crc, packed, size = sizes
        raw = _raw(name)
        extra = struct.pack("<HHQQQ", 1, 24, size, packed, start)
        attributes = (known.st_mode & 0o170777) << 16 | (0x10 if name.endswith("/") else 0)
        self._contents.write(
            _CENTRAL.pack(
                0x02014B50, 3 << 8 | _VERSION, _VERSION, flags, method, *_dos_time(known), crc, _FULL, _FULL,
                len(raw), len(extra), 0, 0, 0, attributes, _FULL,
            )
            + raw
            + extra
        )  # fmt: skip
        self._entries += 1

    def finish(self) -> None:
        """The list of contents, and with it the end."""
        begin = self._place
        self._contents.seek(0)
        while piece := self._contents.read(_PIECE_BYTES):
            self._put(piece)
        size, end = self._place - begin, self._place
        self._put(
            struct.pack(
                "<IQHHIIQQQQ", 0x06064B50, 44, 3 << 8 | _VERSION, _VERSION, 0, 0, self._entries, self._entries,
                size, begin,
            )
        )  # fmt: skip
        self._put(struct.pack("<IIQI", 0x07064B50, 0, end, 1))
        entries = min(self._entries, 0xFFFF)
        self._put(struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, entries, entries, min(size, _FULL), min(begin, _FULL), 0))
        if self._waiting:
            self._write(bytes(self._waiting))
            self._waiting.clear()

    def _put(self, content: bytes) -> None:
        """Small pieces wait for each other."""
        self._place += len(content)
        self._waiting += content
        if len(self._waiting) >= _PIECE_BYTES:
            self._write(bytes(self._waiting))
            self._waiting.clear()


def _local(name: str, known: os.stat_result, method: int, flags: int, sizes: tuple[int, int, int]) -> bytes:
    raw, (crc, packed, size) = _raw(name), sizes
    later = bool(flags & _LATER)
    extra = struct.pack("<HHQQ", 1, 16, 0, 0) if later else b""
    head = _LOCAL.pack(
        0x04034B50, _VERSION, flags, method, *_dos_time(known), crc, packed, size, len(raw), len(extra)
    )  # fmt: skip
    return head + raw + extra


def _packer() -> "zlib._Compress":
    return zlib.compressobj(6, zlib.DEFLATED, -15)


def _raw(name: str) -> bytes:
    """A backslash parts folders on other systems, so it does not stand in an archive."""
    return name.replace("\\", "_").encode("utf-8", "replace")[:65_000]


def _dos_time(known: os.stat_result) -> tuple[int, int]:
    try:
        at = time.localtime(known.st_mtime)
    except (OverflowError, ValueError, OSError):
        at = time.localtime(0)
    year = min(max(at.tm_year, 1980), 2107)
    return at.tm_hour << 11 | at.tm_min << 5 | at.tm_sec // 2, (year - 1980) << 9 | at.tm_mon << 5 | at.tm_mday


def _read_up_to(descriptor: int, size: int) -> bytes:
    found = bytearray()
    while len(found) < size and (piece := os.read(descriptor, size - len(found))):
        found += piece
    return bytes(found)


_PACKED: Final = frozenset(
    [
        "jpg",
        "jpeg",
        "png",
        "gif",
        "webp",
        "avif",
        "heic",
        "mp4",
        "m4v",
        "mkv",
        "webm",
        "avi",
        "mov",
        "mp3",
        "m4a",
        "aac",
        "ogg",
        "opus",
        "flac",
        "zip",
        "gz",
        "tgz",
        "bz2",
        "xz",
        "zst",
        "7z",
        "rar",
        "docx",
        "xlsx",
        "pptx",
        "odt",
        "ods",
        "epub",
        "apk",
        "jar",
        "br",
        "woff2",
    ]
)


def _is_packed(name: str) -> bool:
    return name.rpartition(".")[2].lower() in _PACKED
