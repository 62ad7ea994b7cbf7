"""The texts of PDFs for the index. Each costs a process, so they are read one after the other, outside the thread that
looks into folders."""

import asyncio
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from talome.core.errors import TalomeError
from talome.engines.beneath import Beneath
from talome.engines.pdf_texts import text_of_pdf
from talome.home.search.reading import Seen, parts_below
from talome.home.search.texts import LONGEST_TEXT

LARGEST_BYTES: Final = 64 * 1024 * 1024


async def read_pdfs(root: Path, path: bytes, wanted: Iterable[Seen], room_bytes: int) -> dict[str, str]:
    """By name, of those in a folder that have words, as long as there is room."""
    found: dict[str, str] = {}
    for seen in wanted:
        if room_bytes <= 0:
            break
        if seen.is_folder or not seen.name.lower().endswith(".pdf") or not 0 < seen.size_bytes <= LARGEST_BYTES:
            continue
        if (descriptor := await asyncio.to_thread(_opened, root, path, seen.name)) is None:
            continue
        try:
            text = await text_of_pdf(descriptor, LONGEST_TEXT)
        finally:
            os.close(descriptor)
        if text:
            found[seen.name] = text
            room_bytes -= len(text)
    return found


def _opened(root: Path, path: bytes, name: str) -> int | None:
    """None where it is gone, forbidden, or something else by now."""
    try:
        with Beneath.at(root) as top:
            return top.file((*parts_below(path), name))
    except (OSError, TalomeError):
        return None
