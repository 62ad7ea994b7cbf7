"""YAML of strangers. Read from the parser's events, so that depth, size and aliases are bounded while it is read.

Plain scalars mean what they mean to Compose (YAML 1.2): `yes` and `22:22` are texts, and so is `022`, which nobody
means as 18. Aliases and merge keys are copied, so nothing in the result is shared.
"""

import re
from typing import Any, Final

import yaml

from talome.home.stores.formats.found import BadManifest

MAX_BYTES: Final = 1_000_000
MAX_DEPTH: Final = 40
MAX_NODES: Final = 50_000
MAX_CHARACTERS: Final = 4_000_000
"""Of all texts together, after aliases are followed."""

_TAGS: Final = {f"tag:yaml.org,2002:{name}": name for name in ("str", "int", "float", "bool", "null", "map", "seq")}
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]{0,30})")
_OTHER_INTEGER = re.compile(r"0(x[0-9a-fA-F]{1,16}|o[0-7]{1,21}|b[01]{1,64})")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]{1,3})?")
_WORDS: Final[dict[str, Any]] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip
_MERGE: Final = object()


def read_yaml(content: bytes, what: str) -> Any:
    """The one document in it. Raises `BadManifest`, which begins with `what`."""
    if len(content) > MAX_BYTES:
        raise BadManifest(f"{what} is larger than {MAX_BYTES // 1_000_000} MB.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadManifest(f"{what} is not UTF-8 text.") from None
    try:
        return _Reader(text, what).document()
    except yaml.MarkedYAMLError as error:
        line = f", line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise BadManifest(f"{what} is not YAML: {error.problem or error.context}{line}.") from None
    except (yaml.YAMLError, ValueError) as error:
        reason = str(error).splitlines()[0][:120]
        raise BadManifest(f"{what} is not YAML: {reason}.") from None


class _Reader:
    def __init__(self, text: str, what: str) -> None:
        self._what = what
        self._parser = yaml.CSafeLoader(text)
        self._nodes = 0
        self._characters = 0
        self._depth = 0
        self._anchors: dict[str, Any] = {}

    def document(self) -> Any:
        parser = self._parser
        parser.get_event()  # the stream's start
        event = parser.get_event()
        if isinstance(event, yaml.StreamEndEvent):
            return None
        value = self._value(parser.get_event())
        parser.get_event()  # the document's end
        if not isinstance(parser.get_event(), yaml.StreamEndEvent):
            raise BadManifest(f"{self._what} holds more than one document.")
        return value

    def _value(self, event: Any) -> Any:
        kind = type(event)
        if kind is yaml.AliasEvent:
            if event.anchor not in self._anchors:  # also one inside itself: it is not complete yet
                raise BadManifest(f"{self._what} uses the anchor {event.anchor!r} before it is defined.")
            return self._copy(self._anchors[event.anchor], self._depth)
        if kind is yaml.ScalarEvent:
            value = self._scalar(event)
            self._count(value, self._depth)
        else:
            self._count(None, self._depth)
            self._depth += 1
            value = self._mapping(event) if kind is yaml.MappingStartEvent else self._sequence(event)
            self._depth -= 1
        if event.anchor is not None:
            self._anchors[event.anchor] = value
        return value

    def _sequence(self, event: Any) -> list[Any]:
        self._tagged(event, "seq")
        result = []
        while type(event := self._parser.get_event()) is not yaml.SequenceEndEvent:
            result.append(self._value(event))
        return result

    def _mapping(self, event: Any) -> dict[Any, Any]:
        self._tagged(event, "map")
        result: dict[Any, Any] = {}
        merged: list[Any] = []
        while type(event := self._parser.get_event()) is not yaml.MappingEndEvent:
            key = _MERGE if _is_merge(event) else self._value(event)
            value = self._value(self._parser.get_event())
            if key is _MERGE:
                merged.append(value)
            elif isinstance(key, dict | list):
                raise BadManifest(f"{self._what} has a list or a map as a key.")
            elif key in result:
                raise BadManifest(f"{self._what} has the key {str(key)[:80]!r} twice in one map.")
            else:
                result[key] = value
        for value in merged:
            self._merge(result, value)
        return result

    def _merge(self, into: dict[Any, Any], value: Any) -> None:
        for source in value if isinstance(value, list) else [value]:
            if not isinstance(source, dict):
                raise BadManifest(f"{self._what} merges something that is not a map with <<.")
            for key, item in source.items():
                into.setdefault(key, item)

    def _scalar(self, event: Any) -> Any:
        text: str = event.value
        if not text.isascii():
            text.encode()  # a lone half of a surrogate pair cannot be written anywhere
        if "\0" in text:
            raise BadManifest(f"{self._what} holds a NUL character.")
        tag = event.tag
        if tag is None or tag == "!":
            return _plain(text) if event.implicit[0] else text
        name = _TAGS.get(tag)
        value = text if name == "str" else _plain(text)
        kinds = {"str": str, "int": int, "float": float, "bool": bool, "null": type(None)}
        if name == "float" and type(value) is int:
            value = float(value)
        if name is None or type(value) is not kinds.get(name):
            raise BadManifest(f"{self._what} uses the tag {str(tag)[:80]!r}, which is not taken from a store.")
        return value

    def _tagged(self, event: Any, expected: str) -> None:
        if event.tag is not None and _TAGS.get(event.tag) != expected:
            raise BadManifest(f"{self._what} uses the tag {str(event.tag)[:80]!r}, which is not taken from a store.")

    def _copy(self, value: Any, depth: int) -> Any:
        self._count(value, depth)
        if isinstance(value, dict):
            return {key: self._copy(item, depth + 1) for key, item in value.items()}
        if isinstance(value, list):
            return [self._copy(item, depth + 1) for item in value]
        return value

    def _count(self, value: Any, depth: int) -> None:
        self._nodes += 1
        if type(value) is str:
            self._characters += len(value)
        if self._nodes > MAX_NODES or self._characters > MAX_CHARACTERS:
            raise BadManifest(f"{self._what} has too many parts: more than {MAX_NODES} after its aliases are followed.")
        if depth > MAX_DEPTH:
            raise BadManifest(f"{self._what} is nested more than {MAX_DEPTH} deep.")


def _is_merge(event: Any) -> bool:
    return type(event) is yaml.ScalarEvent and event.value == "<<" and bool(event.implicit[0])


def _plain(text: str) -> Any:
    if len(text) <= 5 and text in _WORDS:
        return _WORDS[text]
    if text[0] not in "0123456789+-.":
        return text
    if _INTEGER.fullmatch(text):
        return int(text)
    if _OTHER_INTEGER.fullmatch(text):
        return int(text, 0)
    if _FLOAT.fullmatch(text) and not re.match(r"[-+]?0[0-9]", text):
        return float(text)
    return text


def text_of(value: Any) -> str:
    """A scalar as Compose would write it into the environment."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e21:
        return str(int(value))
    return str(value)
