"""Unpacks a ZIP that a stranger made. Everything in it is looked at before the first byte is written, and what comes
out is counted while it does: no path leads out of the folder, no link or device is made, and no bomb goes off.
"""

import os
import shutil
import stat
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from talome.core.errors import Invalid

_DIRECTORY_BYTES: Final = 16 * 1024 * 1024
"""The list of contents is read into memory whole."""
_END_BYTES: Final = 65_557
_END_MARK: Final = b"PK\x05\x06"
_CHUNK_BYTES: Final = 262_144
_LONGEST_PATH: Final = 500
_DEEPEST: Final = 30
_UNPROVEN_BYTES: Final = 1024 * 1024
"""Up to this size a file may be packed as tightly as it likes."""


@dataclass(frozen=True, slots=True)
class Limits:
    """`ratio`: so many bytes may come out of one packed byte."""

    entries: int = 50_000
    total_bytes: int = 1024**3
    file_bytes: int = 128 * 1024**2
    ratio: int = 200


def unpack_zip(archive: Path, folder: Path, limits: Limits | None = None) -> list[str]:
    """Unpack into `folder`, which must not be there yet, and is not there after a failure. Returns what was left out:
    links and other things that are no file. Raises `Invalid` with the reason. Blocking."""
    folder.mkdir(mode=0o700)
    try:
        with archive.open("rb") as file:
            _check_end(file)
            with zipfile.ZipFile(file) as opened:
                return _unpack(opened, folder, limits or Limits())
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, RuntimeError) as error:
        shutil.rmtree(folder)
        raise Invalid(f"The archive is damaged, or no ZIP that Talome can read ({error}).") from None
    except BaseException:
        shutil.rmtree(folder)
        raise


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


def _unpack(opened: zipfile.ZipFile, folder: Path, limits: Limits) -> list[str]:
    infos = opened.infolist()
    if len(infos) > limits.entries:
        raise Invalid(f"The archive holds more than {limits.entries} files.")
    files, left_out = _sorted(infos)
    if sum(info.file_size for info, _ in files) > limits.total_bytes:
        raise Invalid(f"The archive would unpack to more than {limits.total_bytes // 1_000_000} MB.")
    written = 0
    for info, parts in files:
        target = folder.joinpath(*parts)
        target.parent.mkdir(parents=True, exist_ok=True)
        allowed = min(limits.file_bytes, limits.total_bytes - written)
        written += _write(opened, info, target, allowed, limits.ratio)
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


def _write(opened: zipfile.ZipFile, info: zipfile.ZipInfo, target: Path, allowed: int, ratio: int) -> int:
    """What an entry says of its own size is not believed."""
    tight = max(_UNPROVEN_BYTES, info.compress_size * ratio)
    size = 0
    with opened.open(info) as source, target.open("xb") as file:
        while chunk := source.read(_CHUNK_BYTES):
            size += len(chunk)
            if size > allowed:
                raise Invalid(f"“{_short(info.filename)}” in the archive is too large.")
            if size > tight:
                raise Invalid(f"“{_short(info.filename)}” in the archive is packed like a bomb.")
            file.write(chunk)
    return size


def _short(name: str) -> str:
    shown = "".join(character if character.isprintable() else "�" for character in name)
    return shown if len(shown) <= 80 else f"{shown[:79]}…"
