"""Unpacks a ZIP or tar that a stranger made. Every name in it is checked, and what comes out is counted while it does:
no path leads out of the folder, no link or device is made, and no bomb goes off. Of a ZIP everything is looked at
before the first byte is written; a tar tells what it holds only as it goes.
"""

import bz2
import gzip
import lzma
import os
import shutil
import stat
import tarfile
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

from talome.core.errors import Invalid

_DIRECTORY_BYTES: Final = 16 * 1024 * 1024
"""The list of contents is read into memory whole."""
_END_BYTES: Final = 65_557
_END_MARK: Final = b"PK\x05\x06"
_CHUNK_BYTES: Final = 262_144
_LONGEST_PATH: Final = 500
_DEEPEST: Final = 30
_MOST_NAMED: Final = 100
_UNPROVEN_BYTES: Final = 1024 * 1024
"""Up to this size a file may be packed as tightly as it likes."""


@dataclass(frozen=True, slots=True)
class Limits:
    """`ratio`: so many bytes may come out of one packed byte."""

    entries: int = 50_000
    total_bytes: int = 1024**3
    file_bytes: int = 128 * 1024**2
    ratio: int = 200


Make = Callable[[tuple[str, ...]], BinaryIO]
"""Makes a file below the folder that is unpacked into, with the folders above it; the names are checked already."""


def unpack_zip(archive: Path, folder: Path, limits: Limits | None = None) -> list[str]:
    """Unpack into `folder`, which must not be there yet, and is not there after a failure. Returns what was left out:
    links and other things that are no file. Raises `Invalid` with the reason. Blocking."""
    folder.mkdir(mode=0o700)
    try:
        with archive.open("rb") as file:
            return unzip_into(file, lambda parts: _make_file(folder, parts), limits or Limits())
    except BaseException:
        shutil.rmtree(folder)
        raise


def unzip_into(file: BinaryIO, make: Make, limits: Limits) -> list[str]:
    """Unpack into whatever `make` makes. Returns what was left out; what was made before a failure stays. Blocking."""
    try:
        _check_end(file)
        with zipfile.ZipFile(file) as opened:
            return _unpack(opened, make, limits)
    except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, NotImplementedError, ValueError) as error:
        raise _damaged(error) from None
    except RuntimeError as error:
        raise _damaged(error) from None


def untar_into(file: BinaryIO, make: Make, limits: Limits) -> list[str]:
    """The same of a tar, as it is or packed by gzip or bzip2."""
    try:
        unpacked = _unpacked(file)
        with tarfile.TarFile(fileobj=cast("Any", _Guarded(unpacked, limits)), encoding="utf-8") as opened:
            return _untar(opened, make, limits)
    except (tarfile.TarError, zlib.error, EOFError, ValueError, gzip.BadGzipFile) as error:
        raise _damaged(error) from None


def _make_file(folder: Path, parts: tuple[str, ...]) -> BinaryIO:
    target = folder.joinpath(*parts)
    target.parent.mkdir(parents=True, exist_ok=True)
    return target.open("xb")


def _damaged(error: Exception) -> Invalid:
    return Invalid(f"The archive is damaged, or of no kind that Talome can read ({error}).")


def _check_end(file: BinaryIO) -> None:
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - _END_BYTES))
    tail = file.read()
    place = tail.rfind(_END_MARK)
    if place < 0 or len(tail) < place + 22:
        raise zipfile.BadZipFile("its end is missing")
    if int.from_bytes(tail[place + 12 : place + 16], "little") > _DIRECTORY_BYTES:
        raise Invalid("The archive's list of contents is too long.")
    file.seek(0)


def _unpack(opened: zipfile.ZipFile, make: Make, limits: Limits) -> list[str]:
    infos = opened.infolist()
    if len(infos) > limits.entries:
        raise Invalid(f"The archive holds more than {limits.entries} files.")
    files, left_out = _sorted(infos)
    if sum(info.file_size for info, _ in files) > limits.total_bytes:
        raise Invalid(f"The archive would unpack to more than {limits.total_bytes // 1_000_000} MB.")
    written = 0
    for info, parts in files:
        allowed = min(limits.file_bytes, limits.total_bytes - written)
        with make(parts) as file:
            written += _write(opened, info, file, allowed, limits.ratio)
    return left_out


def _sorted(infos: list[zipfile.ZipInfo]) -> tuple[list[tuple[zipfile.ZipInfo, tuple[str, ...]]], list[str]]:
    """The files with the parts of their paths, all checked, and the names of what is no file."""
    files: list[tuple[zipfile.ZipInfo, tuple[str, ...]]] = []
    left_out: list[str] = []
    taken: set[tuple[str, ...]] = set()
    folders: set[tuple[str, ...]] = set()
    for info in infos:
        parts = _checked_path(info.filename)
        if info.is_dir():
            folders.add(_folded(parts))
        elif not _is_file(info):
            left_out.append(info.filename)
        elif info.flag_bits & 0x1:
            raise Invalid(f"The archive needs a password for “{_short(info.filename)}”.")
        else:
            if _folded(parts) in taken:
                raise Invalid(f"The archive holds “{_short(info.filename)}” twice, as some machines read names.")
            taken.add(_folded(parts))
            folders.update(_above(_folded(parts)))
            files.append((info, parts))
    if taken & folders:
        raise Invalid("The archive has a file and a folder of one name.")
    return files, left_out


def _above(parts: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    return (parts[:length] for length in range(1, len(parts)))


def _folded(parts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(unicodedata.normalize("NFC", part).casefold() for part in parts)


def _checked_path(name: str) -> tuple[str, ...]:
    parts = tuple(name.rstrip("/").split("/"))
    strange = any(part in ("", ".", "..") or len(part.encode(errors="replace")) > 255 for part in parts)
    steering = any(ord(character) < 32 or character in "\\\x7f" for character in name)
    if strange or steering or len(name) > _LONGEST_PATH or len(parts) > _DEEPEST or ":" in parts[0]:
        raise Invalid(f"The archive holds a path that leads elsewhere or cannot be: “{_short(name)}”.")
    return parts


def _is_file(info: zipfile.ZipInfo) -> bool:
    kind = stat.S_IFMT(info.external_attr >> 16)
    return kind in (0, stat.S_IFREG)


def _write(opened: zipfile.ZipFile, info: zipfile.ZipInfo, file: BinaryIO, allowed: int, ratio: int) -> int:
    """What an entry says of its own size is not believed."""
    tight = max(_UNPROVEN_BYTES, info.compress_size * ratio)
    size = 0
    with opened.open(info) as source:
        while chunk := source.read(_CHUNK_BYTES):
            size += len(chunk)
            if size > allowed:
                raise Invalid(f"“{_short(info.filename)}” in the archive is too large.")
            if size > tight:
                raise Invalid(f"“{_short(info.filename)}” in the archive is packed like a bomb.")
            file.write(chunk)
    return size


class _Guarded:
    """What is read of a tar, no more of it than may come out, and never much at once: its own headers may claim any
    length, and tarfile reads them whole into memory."""

    def __init__(self, source: BinaryIO, limits: Limits) -> None:
        self._source = source
        self._most = limits.total_bytes + limits.entries * 2048 + _UNPROVEN_BYTES
        self._place = 0

    def read(self, size: int = -1) -> bytes:
        if not 0 <= size <= _UNPROVEN_BYTES:
            raise Invalid("The archive has a header that is too long.")
        piece = self._source.read(size)
        self._place += len(piece)
        self._check()
        return piece

    def tell(self) -> int:
        return self._place

    def seek(self, place: int) -> int:
        """Forward only, by reading: what is passed over counts too."""
        while self._place < place:
            if not self.read(min(_CHUNK_BYTES, place - self._place)):
                break
        return self._place

    def _check(self) -> None:
        if self._place > self._most:
            raise Invalid("The archive is packed like a bomb, or too large.")


def _unpacked(file: BinaryIO) -> BinaryIO:
    start = file.read(3)
    file.seek(0)
    if start[:2] == b"\x1f\x8b":
        return cast("BinaryIO", gzip.GzipFile(fileobj=file))
    return cast("BinaryIO", bz2.BZ2File(file)) if start == b"BZh" else file


def _untar(opened: tarfile.TarFile, make: Make, limits: Limits) -> list[str]:
    left_out: list[str] = []
    taken: set[tuple[str, ...]] = set()
    written = 0
    for number in range(limits.entries + 1):
        if (info := opened.next()) is None:
            break
        opened.members = []  # type: ignore[attr-defined]  # it would remember each; typeshed keeps the name to itself
        if number == limits.entries:
            raise Invalid(f"The archive holds more than {limits.entries} files.")
        parts = _checked_path(info.name.removeprefix("./") or ".") if info.name not in (".", "./") else ()
        if info.isdir():
            continue
        if not info.isreg() or info.sparse is not None:
            if len(left_out) < _MOST_NAMED:
                left_out.append(info.name)
            continue
        if _folded(parts) in taken:
            raise Invalid(f"The archive holds “{_short(info.name)}” twice, as some machines read names.")
        taken.add(_folded(parts))
        written += info.size
        if info.size > limits.file_bytes or written > limits.total_bytes:
            raise Invalid(f"“{_short(info.name)}” in the archive is too large.")
        with make(parts) as file:
            _write_member(opened, info, file)
    return left_out


def _write_member(opened: tarfile.TarFile, info: tarfile.TarInfo, file: BinaryIO) -> None:
    source, left = opened.extractfile(info), info.size
    while source is not None and left:
        if not (piece := source.read(min(_CHUNK_BYTES, left))):
            raise EOFError("it ends too early")
        file.write(piece)
        left -= len(piece)


def _short(name: str) -> str:
    shown = "".join(character if character.isprintable() else "�" for character in name)
    return shown if len(shown) <= 80 else f"{shown[:79]}…"
