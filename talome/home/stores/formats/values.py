"""Known values put into a compose document: text as it is, everything else as a variable."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from talome.home.manifest import Variable
from talome.home.stores.formats.compose import escape, replace_names
from talome.home.stores.formats.parts import Parts, as_text

LINK: Final = re.compile(r"https?://[^\s/?#\"'<>@]+(?:[/?#][^\s\"'<>]*)?", re.IGNORECASE)


def words(value: Any) -> str:
    """What a manifest says in words; numbers count as words, anything else says nothing."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return str(value).strip()


def link(value: Any) -> str | None:
    """An address of the web, if it is one."""
    found = words(value)
    return found if len(found) <= 2000 and LINK.fullmatch(found) else None


def sentence(reason: object) -> str:
    """A reason as people read it."""
    told = str(reason).strip()
    if told.startswith(("it ", "its ", "a ", "an ", "some", "service ")):
        told = told[0].upper() + told[1:]
    return told if told.endswith(".") else f"{told}."


def mapped(value: Any, function: Callable[[str], str]) -> Any:
    """The same document with every string, names excepted, run through `function`."""
    if isinstance(value, str):
        return function(value)
    if isinstance(value, list):
        return [mapped(item, function) for item in value]
    if isinstance(value, dict):
        return {key: mapped(item, function) for key, item in value.items()}
    return value


class Values:
    """Puts values where a document names them, and remembers what it needed."""

    def __init__(self, known: Mapping[str, Parts]) -> None:
        self._known = known
        self.variables: dict[str, Variable] = {}
        self.missing: dict[str, None] = {}
        """Names without a value and without a default, in the order they were met."""
        self.used: dict[str, None] = {}
        self.defaults: dict[str, str] = {}
        """What the document wants where a name has no value."""

    def put(self, name: str, operator: str | None, default: str) -> str:
        """The text for one `${name}`, for `replace_names`."""
        operator = operator or ""
        self.used[name] = None
        parts = self._known.get(name)
        empty = parts is None or (operator.startswith(":") and not parts)
        if operator in ("-", ":-"):
            self.defaults.setdefault(name, default)
            if empty:
                return str(replace_names(default, self.put))
        if operator in ("+", ":+"):
            return "" if empty else str(replace_names(default, self.put))
        if parts is None:
            self.missing[name] = None
            return ""
        return self.written(name, parts)

    def written(self, name: str, parts: Parts) -> str:
        """A value as it stands in the document."""
        known = as_text(parts)
        if known is not None:
            return escape(known)
        self.variables[name] = Variable(name=name, parts=list(parts))
        return f"${{{name}}}"
