"""PDF by PDFium: the text of each page, under the headings of the document's own outline."""

import re
from typing import Final

import pypdfium2

from talome.engines.pdf_process import page_text
from talome.memory.sources.formats.parts import (
    Block,
    Given,
    Headings,
    Parts,
    Start,
    Unreadable,
    clean,
    one_line,
    read_bytes,
    squeeze,
)
from talome.memory.sources.formats.text import paragraphs

MOST_PAGES: Final = 5000
_MOST_HEADINGS: Final = 20_000
_HYPHEN_AT_END: Final = re.compile(r"(?<=[a-zà-ÿ])-\n(?=[a-zà-ÿ])")


def read_pdf(given: Given) -> Parts:
    try:
        document = pypdfium2.PdfDocument(read_bytes(given))
    except pypdfium2.PdfiumError as error:
        locked = "password" in str(error).lower()
        raise Unreadable(
            "The PDF is locked with a password. Take it off, then add it again." if locked else "It is no whole PDF."
        ) from None
    with document:
        yield Start(one_line(document.get_metadata_value("Title")))
        outline = _outline(document)
        headings, seen = Headings(), False
        for number in range(min(len(document), MOST_PAGES)):
            for level, title in outline.get(number, ()):
                headings.enter(level, title)
            for _, text in paragraphs(_text(document, number)):
                seen = True
                yield Block(squeeze(text), headings.path, page=number + 1)
    if not seen:
        raise Unreadable("There is no text in this PDF; it may hold scans. Run a text recognition on it first.")


def _outline(document: pypdfium2.PdfDocument) -> dict[int, list[tuple[int, str]]]:
    """By page, from 0: the headings that begin on it, with their level."""
    found: dict[int, list[tuple[int, str]]] = {}
    for count, mark in enumerate(document.get_toc(max_depth=6)):
        if count >= _MOST_HEADINGS:
            break
        target = mark.get_dest()
        page = target.get_index() if target is not None else None
        if page is not None:
            found.setdefault(page, []).append((mark.level + 1, mark.get_title()))
    return found


def _text(document: pypdfium2.PdfDocument, number: int) -> str:
    return _HYPHEN_AT_END.sub("", clean(page_text(document, number)))
