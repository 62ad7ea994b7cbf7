"""Word (docx) and PowerPoint (pptx)."""

from collections.abc import Iterator
from typing import Final

from talome.memory.sources.formats.packed import Archive, Event
from talome.memory.sources.formats.parts import Block, Given, Headings, Parts, Start, Unreadable, one_line, squeeze

_LEVELS: Final = 6
_MOST_SLIDES: Final = 5000


def read_docx(given: Given) -> Parts:
    archive = Archive(given.file)
    if "word/document.xml" not in archive:
        raise Unreadable("It is no whole Office file.")
    yield Start(archive.title())
    levels = _heading_styles(archive)
    for member in ("word/document.xml", "word/footnotes.xml", "word/endnotes.xml"):
        yield from _Document(levels).blocks(archive.events(member))


def _heading_styles(archive: Archive) -> dict[str, int]:
    """By the id of a style, the level of the heading that it makes."""
    found: dict[str, int] = {}
    style = ""
    for event in archive.events("word/styles.xml"):
        if event.kind != "start":
            continue
        if event.name == "style":
            style = event.attributes.get("styleId", "")
        elif event.name == "name":
            name = event.attributes.get("val", "").lower()
            if name == "title":
                found[style] = 1
            elif name.startswith("heading ") and name[8:].isdecimal():
                found[style] = min(int(name[8:][:2]), _LEVELS)
        elif event.name == "outlineLvl" and style not in found:
            level = event.attributes.get("val", "")
            if level.isdecimal() and int(level[:2]) < _LEVELS:
                found[style] = int(level) + 1
    return found


class _Document:
    """Paragraphs, and rows of tables with their cells apart."""

    def __init__(self, levels: dict[str, int]) -> None:
        self._levels = levels
        self._headings = Headings()
        self._paragraph: list[str] = []
        self._row: list[str] = []
        self._cell: list[str] = []
        self._cells = 0
        self._level = 0
        self._in_text = False

    def blocks(self, events: Iterator[Event]) -> Iterator[Block]:
        for event in events:
            if event.kind == "text":
                if self._in_text:
                    self._paragraph.append(event.name)
            elif event.kind == "start":
                self._start(event)
            else:
                yield from self._end(event.name)

    def _start(self, event: Event) -> None:
        if event.name == "t":
            self._in_text = True
        elif event.name == "p":
            self._level = 0
        elif event.name == "pStyle":
            self._level = self._levels.get(event.attributes.get("val", ""), 0)
        elif event.name in ("tab", "br", "cr"):
            self._paragraph.append("\t" if event.name == "tab" else "\n")
        elif event.name == "tc":
            self._cells += 1

    def _end(self, name: str) -> Iterator[Block]:
        if name == "t":
            self._in_text = False
        elif name == "p":
            yield from self._end_paragraph()
        elif name == "tc":
            self._cells = max(0, self._cells - 1)
            if not self._cells:
                self._row.append(one_line(" ".join(self._cell), 2000))
                self._cell = []
        elif name == "tr" and not self._cells:
            if any(self._row):
                yield Block(" | ".join(self._row), self._headings.path)
            self._row = []

    def _end_paragraph(self) -> Iterator[Block]:
        text = squeeze("".join(self._paragraph))
        self._paragraph = []
        if self._cells:
            self._cell.append(text)
        elif self._level and text:
            self._headings.enter(self._level, text)
        elif text:
            yield Block(text, self._headings.path)


def read_pptx(given: Given) -> Parts:
    archive = Archive(given.file)
    if "ppt/presentation.xml" not in archive:
        raise Unreadable("It is no whole Office file.")
    yield Start(archive.title())
    for number, slide in enumerate(_slides(archive)[:_MOST_SLIDES], 1):
        title, texts = _slide(archive, slide)
        heading = (title,) if title else (f"Slide {number}",)
        notes = [name for name in archive.related(slide).values() if "/notesSlide" in name]
        for text in (*texts, *(text for name in notes for text in _slide(archive, name)[1])):
            yield Block(text, heading, page=number)


def _slides(archive: Archive) -> list[str]:
    """In the order in which they are shown."""
    by_id = archive.related("ppt/presentation.xml")
    shown = [
        by_id.get(event.attributes.get("id", ""), "")
        for event in archive.events("ppt/presentation.xml")
        if event.kind == "start" and event.name == "sldId"
    ]
    return [name for name in shown if name in archive] or archive.numbered(r"ppt/slides/slide\d+\.xml")


def _slide(archive: Archive, name: str) -> tuple[str, list[str]]:
    """Its title, and its paragraphs."""
    title, texts, kept = "", [], list[str]()
    in_text = is_title = False
    for event in archive.events(name):
        if event.kind == "text":
            if in_text:
                kept.append(event.name)
            continue
        starts = event.kind == "start"
        if event.name == "sp":
            is_title = False
        elif event.name == "ph" and starts:
            is_title = event.attributes.get("type") in ("title", "ctrTitle")
        elif event.name == "t":
            in_text = starts
        elif event.name == "p" and not starts:
            text = one_line("".join(kept), 4000)
            kept = []
            if is_title and text and not title:
                title = text[:200]
            elif text:
                texts.append(text)
    return title, texts
