"""Pages of the web: the text that a reader sees, under its headings. Scripts, frames and what a page hides are left
out, and so is what stands around the text where the page says which part is its own."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Final

from talome.memory.sources.formats.parts import (
    Block,
    Given,
    Headings,
    Parts,
    Start,
    clean,
    decode,
    one_line,
    read_bytes,
)

_LEFT_OUT: Final = frozenset(
    {
        "script", "style", "noscript", "template", "svg", "math", "iframe", "object", "canvas", "audio", "video",
        "nav", "aside", "form", "button", "select", "dialog", "footer",
    }
)  # fmt: skip
_EMPTY: Final = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
)
_BLOCKS: Final = frozenset(
    {
        "address", "article", "blockquote", "body", "dd", "details", "div", "dl", "dt", "figcaption", "figure",
        "header", "hr", "li", "main", "ol", "p", "pre", "section", "summary", "table", "tbody", "thead", "tr", "ul",
    }
)  # fmt: skip
_LEVELS: Final = {"h1": 1, "h2": 2, "h3": 3, "h4": 4, "h5": 5, "h6": 6}
_HIDDEN: Final = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?![.\d]*[1-9])", re.IGNORECASE
)
_CHARSET: Final = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?([A-Za-z0-9_-]{2,30})", re.IGNORECASE)
_OWN_PART: Final = re.compile(r"<(main|article)[\s>]", re.IGNORECASE)
_PIECE_CHARACTERS: Final = 65_536


def read_html(given: Given) -> Parts:
    yield from blocks_of(_decoded(read_bytes(given)))


def blocks_of(markup: str) -> Iterator[Start | Block]:
    """Of a whole page or of a piece of one."""
    own = _OWN_PART.search(markup)
    page = _Page(own[1].lower() if own else "")
    for begin in range(0, len(markup), _PIECE_CHARACTERS):
        page.feed(markup[begin : begin + _PIECE_CHARACTERS])
    page.close()
    page.flush()
    found = page.found or page.outside
    yield Start(one_line(page.title))
    yield from found


def _decoded(data: bytes) -> str:
    told = _CHARSET.search(data[:4096])
    if told is not None:
        try:
            return data.decode(told[1].decode("ascii"), errors="replace")
        except (LookupError, ValueError):  # a name that is none, or of a codec that gives no text
            return decode(data)
    return decode(data)


class _Page(HTMLParser):
    """`own` is the element that holds the page's own text, `main` or `article`, or empty. What stands outside it is
    kept apart, for the case that there is nothing inside."""

    def __init__(self, own: str) -> None:
        super().__init__(convert_charrefs=True)
        self.title = ""
        self.found: list[Block] = []
        self.outside: list[Block] = []
        self._own = own
        self._inside = 0
        self._headings = Headings()
        self._text: list[str] = []
        self._line = 1
        self._skipped: list[str] = []
        self._in_title = False
        self._in_pre = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._skipped:
            if tag == self._skipped[-1]:
                self._skipped.append(tag)
            return
        if tag in _LEFT_OUT or _is_hidden(attrs):
            if tag not in _EMPTY:
                self._skipped.append(tag)
            return
        self._in_title = tag == "title"
        if tag in _BLOCKS or tag in _LEVELS:
            self.flush()
        if tag == self._own:
            self._inside += 1
        self._open(tag)

    def _open(self, tag: str) -> None:
        if tag == "li":
            self._add("- ")
        elif tag == "br":
            self._add("\n")
        elif tag in ("td", "th") and self._text:
            self._add(" | ")
        elif tag == "pre":
            self._in_pre += 1

    def handle_endtag(self, tag: str) -> None:
        if self._skipped:
            if tag == self._skipped[-1]:
                self._skipped.pop()
            return
        self._in_title = False
        if tag in _LEVELS:
            self._headings.enter(_LEVELS[tag], "".join(self._text))
            self._text = []
        elif tag in _BLOCKS:
            self.flush()
        if tag == "pre":
            self._in_pre = max(0, self._in_pre - 1)
        if tag == self._own:
            self._inside = max(0, self._inside - 1)

    def handle_data(self, data: str) -> None:
        if self._in_title and not self._skipped:
            self.title = (self.title + data)[:500]
        elif not self._skipped:
            self._add(data if self._in_pre else re.sub(r"\s+", " ", data))

    def _add(self, text: str) -> None:
        if not self._text:
            self._line = self.getpos()[0]
        self._text.append(text)

    def flush(self) -> None:
        text = clean("".join(self._text)).strip()
        self._text = []
        if text.strip("-| \n"):
            kept = self.found if self._inside or not self._own else self.outside
            kept.append(Block(text, self._headings.path, line=self._line))


def _is_hidden(attrs: list[tuple[str, str | None]]) -> bool:
    """What a person does not see must not be told to a model as if they did."""
    for name, value in attrs:
        if name == "hidden" or (name == "aria-hidden" and value == "true"):
            return True
        if name == "style" and value and _HIDDEN.search(value):
            return True
    return False
