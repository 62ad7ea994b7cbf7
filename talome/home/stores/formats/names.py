"""Variables inside Compose's strings: `$NAME`, `${NAME}`, `${NAME:-default}` and their kin; `$$` is a dollar."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

Replace = Callable[[str, str | None, str], str | None]
"""Takes the name, the operator ("" for none, else one of :- - :? ? :+ +) and the text after it. None means that it is
no variable after all: its dollar is doubled."""

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_OPERATOR = re.compile(r":?[-?+]")
_BRACE = re.compile(r"\$\{|\}")
_MOST_NESTED = 8


@dataclass(frozen=True, slots=True)
class _Used:
    start: int
    end: int
    name: str | None
    """None for a dollar that starts no variable."""
    operator: str = ""
    default: str = ""


def escape(text: str) -> str:
    """A literal text as it stands in a Compose file."""
    return text.replace("$", "$$")


def unescape(text: str) -> str:
    """What a text without variables says."""
    return text.replace("$$", "$")


def names_in(value: Any) -> set[str]:
    """The variables that are used anywhere in a text, a list or a map, those inside defaults among them."""
    if isinstance(value, str):
        found: set[str] = set()
        for used in _uses(value) if "$" in value else ():
            if used.name is not None:
                found |= {used.name} | names_in(used.default)
        return found
    if isinstance(value, dict):
        return set().union(*map(names_in, value.values()))
    if isinstance(value, list | tuple):
        return set().union(*map(names_in, value))
    return set()


def replace_names(value: Any, function: Replace) -> Any:
    """The same with each variable replaced by what `function` returns, and each stray dollar doubled.

    Keys stay as they are: Compose does not look into them.
    """
    if isinstance(value, str):
        return _replaced(value, function) if "$" in value else value
    if isinstance(value, dict):
        return {key: replace_names(item, function) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [replace_names(item, function) for item in value]
    return value


def split_outside(text: str, separator: str) -> list[str]:
    """`text.split(separator)`, but not inside `${…}`."""
    if "${" not in text:
        return text.split(separator)
    pieces = [""]
    position = 0
    for used in [*_uses(text), _Used(len(text), len(text), None)]:
        first, *more = text[position : used.start].split(separator)
        pieces[-1] += first
        pieces.extend(more)
        pieces[-1] += text[used.start : used.end]
        position = used.end
    return pieces


def _replaced(text: str, function: Replace) -> str:
    result = []
    position = 0
    for used in _uses(text):
        result.append(text[position : used.start])
        position = used.end
        new = "$$" if used.name is None else function(used.name, used.operator, used.default)
        result.append("$" + text[used.start : used.end] if new is None else new)
    result.append(text[position:])
    return "".join(result)


def _uses(text: str) -> Iterator[_Used]:
    position = text.find("$")
    while position != -1:
        used = _use(text, position)
        yield used
        position = text.find("$", used.end)


def _use(text: str, start: int) -> _Used:
    following = text[start + 1 : start + 2]
    if following == "$":
        return _Used(start, start + 2, None)
    braced = following == "{"
    named = _NAME.match(text, start + 1 + braced)
    if named is None:
        return _Used(start, start + 1, None)
    if not braced:
        return _Used(start, named.end(), named[0])
    closing = _closing(text, named.end())
    operator = _OPERATOR.match(text, named.end())
    if closing is None or (operator is None and closing != named.end()):
        return _Used(start, start + 1, None)
    if operator is None:
        return _Used(start, closing + 1, named[0])
    return _Used(start, closing + 1, named[0], operator[0], text[operator.end() : closing])


def _closing(text: str, position: int) -> int | None:
    depth = 1
    for match in _BRACE.finditer(text, position):
        depth += 1 if match[0] == "${" else -1
        if depth == 0:
            return match.start()
        if depth > _MOST_NESTED:
            break
    return None
