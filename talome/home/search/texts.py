"""The words of small documents. Whatever is read may be hostile: sizes are bounded before anything is opened up."""

import html
import io
import os
import re
import struct
import zipfile
import zlib
from typing import Final

LONGEST_TEXT: Final = 64 * 1024
"""So much of a document is searched."""
_LARGEST_PLAIN: Final = 256 * 1024
_LARGEST_PACKED: Final = 8 * 1024 * 1024
_LARGEST_PART: Final = 2 * 1024 * 1024
_LARGEST_DIRECTORY: Final = 128 * 1024
_PLAIN: Final = frozenset(
    (
        *("txt", "md", "markdown", "rst", "org", "tex", "csv", "tsv", "srt", "vtt", "ics", "vcf", "eml", "bib"),
        *("json", "yaml", "yml", "toml", "ini", "cfg", "conf", "xml", "html", "htm", "css", "sql", "sh"),
        *("js", "ts", "jsx", "tsx", "py", "c", "h", "cpp", "go", "rs", "java", "kt", "rb", "php"),
    )
)
_PACKED: Final = {"docx": "word/document.xml", **dict.fromkeys(("odt", "ods", "odp"), "content.xml")}
_MARKED_UP: Final = frozenset(("xml", "html", "htm"))
_TAG: Final = re.compile(r"<[^>]{0,2000}>")
_END: Final = struct.Struct("<4s4H2LH")
_BROKEN: Final = (zipfile.BadZipFile, KeyError, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError)


def may_hold_text(name: str, size_bytes: int) -> bool:
    """Whether it is worth opening, by its name and its size."""
    kind = _kind(name)
    return 0 < size_bytes <= (_LARGEST_PLAIN if kind in _PLAIN else _LARGEST_PACKED if kind in _PACKED else 0)


def text_of(name: str, descriptor: int) -> str:
    """The text of an open file in one line, cut off; empty where it has none after all."""
    kind = _kind(name)
    most = _LARGEST_PLAIN if kind in _PLAIN else _LARGEST_PACKED
    with os.fdopen(os.dup(descriptor), "rb") as file:
        data = file.read(most + 1)
    if len(data) > most:
        return ""
    text = _unpacked(data, _PACKED[kind]) if kind in _PACKED else _decoded(data)
    if kind in _MARKED_UP or kind in _PACKED:
        text = html.unescape(_TAG.sub(" ", text))
    return " ".join(text.split())[:LONGEST_TEXT]


def _kind(name: str) -> str:
    return name.rpartition(".")[2].lower() if "." in name else ""


def _decoded(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace")
    if b"\0" in data:
        return ""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _unpacked(data: bytes, part: str) -> str:
    """One part of a packed document. Its directory is looked at first: a list of millions of files is none."""
    try:
        mark, disk, *_, directory_bytes, _, comment = _END.unpack(data[-_END.size :])
        if mark != b"PK\5\6" or disk or comment or directory_bytes > _LARGEST_DIRECTORY:
            return ""
        with zipfile.ZipFile(io.BytesIO(data)) as packed, packed.open(part) as file:
            return file.read(_LARGEST_PART).decode(errors="replace")
    except (struct.error, *_BROKEN):
        return ""
