"""The XML of WebDAV: read by expat without document types, so without entities that grow, and written as text."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from talome.core.errors import Invalid

DAV_NS: Final = "DAV:"
XML_NS: Final = "http://www.w3.org/XML/1998/namespace"
HEAD: Final = '<?xml version="1.0" encoding="utf-8"?>\n'
_UNWRITABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_DEEPEST: Final = 32
_MOST_ELEMENTS: Final = 4000


@dataclass(slots=True)
class Element:
    """`name` and the names of attributes are `{namespace}local`."""

    name: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    children: list["Element"] = field(default_factory=list)
    text: str = ""
    tail: str = ""

    def find(self, local: str) -> "Element | None":
        """The first child of this name in WebDAV's own namespace."""
        return next(self.all(local), None)

    def all(self, local: str) -> Iterator["Element"]:
        return (child for child in self.children if child.name == dav(local))


def dav(local: str) -> str:
    return f"{{{DAV_NS}}}{local}"


def parse(body: bytes) -> Element:
    """The document's element. Raises `Invalid` for what is not well-formed, too deep or too much."""
    reader = _Reader()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = reader.refuse
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    try:
        parser.Parse(body, True)
    except expat.ExpatError as error:
        raise Invalid(f"The body is no XML: {expat.ErrorString(error.code)}.", field="body") from None
    if reader.top is None:
        raise Invalid("The body is empty.", field="body")
    return reader.top


class _Reader:
    def __init__(self) -> None:
        self.top: Element | None = None
        self._open: list[Element] = []
        self._count = 0

    def refuse(self, *_: object) -> None:
        raise Invalid("The body has a document type, which is not read.", field="body")

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._count += 1
        if self._count > _MOST_ELEMENTS or len(self._open) >= _DEEPEST:
            raise Invalid("The body has too many elements, or too many in each other.", field="body")
        element = Element(_full(name), {_full(key): value for key, value in attributes.items()})
        if self._open:
            self._open[-1].children.append(element)
        else:
            self.top = element
        self._open.append(element)

    def end(self, _: str) -> None:
        self._open.pop()

    def text(self, text: str) -> None:
        if self._open:
            above = self._open[-1]
            if above.children:
                above.children[-1].tail += text
            else:
                above.text += text


def _full(name: str) -> str:
    """expat puts the namespace first, a space, and the local name; names in no namespace stand alone."""
    namespace, space, local = name.rpartition(" ")
    return f"{{{namespace}}}{local}" if space else f"{{}}{name}"


def split(name: str) -> tuple[str, str]:
    namespace, _, local = name[1:].rpartition("}")
    return namespace, local


def written(element: Element) -> str:
    """The element with its namespaces, wherever it is put. WebDAV's own has the prefix D around it already."""
    content = escape(element.text) + "".join(written(child) + escape(child.tail) for child in element.children)
    opening, closing = tag(element.name)
    attributes = "".join(_attribute(number, *pair) for number, pair in enumerate(element.attributes.items()))
    return f"<{opening}{attributes}>{content}</{closing}>" if content else f"<{opening}{attributes}/>"


def tag(name: str) -> tuple[str, str]:
    """What stands in the opening tag, and in the closing one."""
    namespace, local = split(name)
    if namespace == DAV_NS:
        return f"D:{local}", f"D:{local}"
    if not namespace:
        return f'{local} xmlns=""', local
    return f"P:{local} xmlns:P={quoteattr(namespace)}", f"P:{local}"


def _attribute(number: int, name: str, value: str) -> str:
    namespace, local = split(name)
    if namespace == XML_NS:
        return f" xml:{local}={quoteattr(value)}"
    if not namespace:
        return f" {local}={quoteattr(value)}"
    return f" xmlns:a{number}={quoteattr(namespace)} a{number}:{local}={quoteattr(value)}"


def empty(name: str) -> str:
    return f"<{tag(name)[0]}/>"


def is_text(value: str) -> bool:
    """Whether XML 1.0 can hold it: names of files may have control characters, which it cannot."""
    return _UNWRITABLE.search(value) is None
