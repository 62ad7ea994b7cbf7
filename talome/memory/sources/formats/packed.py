"""Office files are zip archives of XML: their members, read piece by piece with bounds, and the XML in them, without
entities and without a tree."""

import re
import zipfile
from collections.abc import Iterator
from posixpath import dirname, normpath
from typing import BinaryIO, Final, Literal, NamedTuple
from xml.parsers import expat

from talome.memory.sources.formats.parts import Unreadable, one_line

_LARGEST_MEMBER_BYTES: Final = 128 * 1024 * 1024
_MOST_MEMBERS: Final = 20_000
_PIECE_BYTES: Final = 65_536
_DEEPEST: Final = 1000
_NUMBER: Final = re.compile(r"\d+")


class Event(NamedTuple):
    """`name` is the tag without its namespace; of text it is the text itself. Attributes lose their namespace too."""

    kind: Literal["start", "end", "text"]
    name: str
    attributes: dict[str, str] = {}  # noqa: RUF012 - a tuple's default, never changed


class Archive:
    """An Office file that is open."""

    def __init__(self, file: BinaryIO) -> None:
        try:
            self._zip = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
            raise Unreadable("It is no whole Office file.") from None
        names = self._zip.namelist()
        if len(names) > _MOST_MEMBERS:
            raise Unreadable(f"It has more than {_MOST_MEMBERS} parts.")
        self._names = frozenset(names)

    def __contains__(self, name: str) -> bool:
        return name in self._names

    def numbered(self, pattern: str) -> list[str]:
        """The members whose whole names match, by the number in them."""
        found = [name for name in self._names if re.fullmatch(pattern, name)]
        return sorted(found, key=lambda name: (int((_NUMBER.findall(name) or ["0"])[-1][:9]), name))

    def events(self, name: str) -> Iterator[Event]:
        """The XML of a member; nothing where it is not there."""
        if name not in self._names:
            return
        reader = _Reader()
        try:
            with self._zip.open(name) as member:
                size = 0
                while piece := member.read(_PIECE_BYTES):
                    size += len(piece)
                    if size > _LARGEST_MEMBER_BYTES:
                        raise Unreadable("Unpacked, it is larger than Talome reads.")
                    yield from reader.feed(piece, last=False)
            yield from reader.feed(b"", last=True)
        except (zipfile.BadZipFile, expat.ExpatError, OSError, EOFError, RuntimeError, NotImplementedError, ValueError):
            raise Unreadable("It is no whole Office file.") from None
        except zipfile.zlib.error:  # type: ignore[attr-defined]  # the module that zipfile unpacks with
            raise Unreadable("It is no whole Office file.") from None

    def related(self, name: str) -> dict[str, str]:
        """By id, the members that a member names."""
        folder = dirname(name)
        found = {}
        for event in self.events(f"{folder}/_rels/{name.removeprefix(folder + '/')}.rels"):
            if event.kind == "start" and event.name == "Relationship":
                target = event.attributes.get("Target", "")
                whole = target.lstrip("/") if target.startswith("/") else normpath(f"{folder}/{target}")
                found[event.attributes.get("Id", "")] = whole
        return found

    def title(self) -> str:
        """What the file says of itself."""
        inside, said = False, ""
        for event in self.events("docProps/core.xml"):
            if event.kind == "text" and inside:
                said += event.name
            elif event.kind != "text":
                inside = event.kind == "start" and event.name == "title"
        return one_line(said)


class _Reader:
    """Expat, asked piece by piece. A document type is refused: entities are declared there, nothing else we need."""

    def __init__(self) -> None:
        self._found: list[Event] = []
        self._depth = 0
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = self._refuse
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text

    def feed(self, piece: bytes, *, last: bool) -> Iterator[Event]:
        self._parser.Parse(piece, last)
        found, self._found = self._found, []
        yield from found

    def _refuse(self, *_: object) -> None:
        raise Unreadable("It declares a document type, which no Office file needs.")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise Unreadable("Its parts stand deeper in each other than any Office program writes them.")
        plain = {key.rpartition(":")[2]: value for key, value in attributes.items()}
        self._found.append(Event("start", name.rpartition(":")[2], plain))

    def _end(self, name: str) -> None:
        self._depth -= 1
        self._found.append(Event("end", name.rpartition(":")[2]))

    def _text(self, text: str) -> None:
        self._found.append(Event("text", text))
