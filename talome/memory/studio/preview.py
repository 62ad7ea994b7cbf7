"""Markdown as HTML for looking at: everything of the text is escaped first, and only headings, lists, tables, code,
quotes, emphasis and citations of our own making become elements. There are no links but those to the citations."""

import re
from collections.abc import Callable, Iterator
from html import escape
from typing import Final

_HEADING: Final = re.compile(r"(#{1,6})[ \t]+(.*)")
_ITEM: Final = re.compile(r"\s*(?:[-*+]|(\d{1,4})[.)])[ \t]+(.*)")
_RULE: Final = re.compile(r"\|?[ \t]*:?-{2,}:?[ \t|:-]*")
_CODE: Final = re.compile(r"`([^`\n]+)`")
_STRONG: Final = re.compile(r"\*\*([^*\n]+)\*\*")
_EMPHASIS: Final = re.compile(r"(?<![*\w])[*_]([^*_\n]+)[*_](?![*\w])")
_ESCAPED: Final = re.compile(r"\\([(:~])")
_CITED: Final = re.compile(r"\[(\d{1,4})\]")


def as_html(markdown: str) -> str:
    return "\n".join(_Blocks(markdown.split("\n")).rendered())


class _Blocks:
    def __init__(self, lines: list[str]) -> None:
        self._lines = lines
        self._at = 0

    def rendered(self) -> Iterator[str]:
        while self._at < len(self._lines):
            line = self._lines[self._at]
            if not line.strip():
                self._at += 1
            elif line.startswith("```"):
                yield self._code()
            elif (heading := _HEADING.match(line)) is not None:
                self._at += 1
                level = len(heading[1])
                yield f"<h{level}>{_inline(heading[2])}</h{level}>"
            elif _kind_of(line):
                yield self._list(_kind_of(line))
            elif line.lstrip().startswith("|"):
                yield self._table()
            elif line.startswith(">"):
                quoted = self._while(lambda text: text.startswith(">"))
                yield f"<blockquote>{_inline(' '.join(text[1:].strip() for text in quoted))}</blockquote>"
            else:
                yield f"<p>{_inline(' '.join(text.strip() for text in self._while(_is_prose)))}</p>"

    def _while(self, belongs: Callable[[str], bool]) -> list[str]:
        """The next lines: at least one, then those that belong to it."""
        begin = self._at
        self._at += 1
        while self._at < len(self._lines) and belongs(self._lines[self._at]):
            self._at += 1
        return self._lines[begin : self._at]

    def _code(self) -> str:
        lines = self._while(lambda text: not text.startswith("```"))
        self._at += 1
        return f"<pre><code>{escape(chr(10).join(lines[1:]))}</code></pre>"

    def _list(self, kind: str) -> str:
        items = []
        for line in self._while(lambda text: _kind_of(text) == kind):
            item = _ITEM.match(line)
            items.append(f"<li>{_inline(item[2] if item else line)}</li>")
        return f"<{kind}>{''.join(items)}</{kind}>"

    def _table(self) -> str:
        rows = [line.strip() for line in self._while(lambda text: text.lstrip().startswith("|"))]
        cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows if not _RULE.fullmatch(row)]
        has_head = len(rows) > 1 and _RULE.fullmatch(rows[1]) is not None
        made = []
        for number, row in enumerate(cells):
            name = "th" if has_head and number == 0 else "td"
            made.append(f"<tr>{''.join(f'<{name}>{_inline(cell)}</{name}>' for cell in row)}</tr>")
        return f"<table>{''.join(made)}</table>"


def _kind_of(line: str) -> str:
    """Of the list that a line is an item of; empty where it is none."""
    item = _ITEM.match(line)
    return "" if item is None else "ul" if item[1] is None else "ol"


def _is_prose(line: str) -> bool:
    return bool(line.strip()) and not (
        line.startswith(("```", ">")) or line.lstrip().startswith("|") or _HEADING.match(line) or _ITEM.match(line)
    )


def _inline(text: str) -> str:
    """What is escaped in the Markdown already is not escaped twice."""
    safe = escape(_ESCAPED.sub(r"\1", text.replace("&lt;", "<")))
    safe = _CODE.sub(r"<code>\1</code>", safe)
    safe = _STRONG.sub(r"<strong>\1</strong>", safe)
    safe = _EMPHASIS.sub(r"<em>\1</em>", safe)
    return _CITED.sub(r'<a href="#citation-\1">[\1]</a>', safe)
