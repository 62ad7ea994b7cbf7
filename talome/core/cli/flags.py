"""One operation as flags, and what was typed as a request: path values by position, everything else as `--flag`."""

import argparse
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import Enum
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin
from urllib.parse import quote

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from talome.core.cli.client import Request
from talome.core.cli.exits import BadUsage
from talome.core.cli.parser import Parser
from talome.core.cli.waiting import begins_jobs
from talome.core.log import is_secret_name
from talome.core.operations import Operation

ASK: Final = ""
"""What a secret's flag holds when it came without a value."""
_IN_QUERY: Final = ("GET", "DELETE")
_TEXTS: Final = (datetime, date, time)


@dataclass(frozen=True, slots=True)
class Shape:
    """How a value is typed. `many`: the flag may be repeated; `one_too`: once gives one value and not a list; `pairs`:
    each time it gives one entry of a map."""

    parse: Callable[[str], Any]
    metavar: str
    many: bool = False
    one_too: bool = False
    secret: bool = False
    choices: tuple[Any, ...] = ()
    pairs: bool = False


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed behind an operation, and of the flags that all have: `--json` and `--wait`."""

    values: dict[str, Any]
    as_json: bool
    wait: bool


class Flags:
    """The flags of one operation."""

    def __init__(self, operation: Operation, prog: str) -> None:
        self._operation = operation
        fields = operation.arguments_model.model_fields
        self._fields: dict[str, FieldInfo] = dict(fields)
        self._shapes = {name: _shape_of(name, info) for name, info in fields.items()}
        self.parser = Parser(
            prog=prog,
            description=operation.description,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        for name in operation.path_names:
            self.parser.add_argument(f"in_{name}", metavar=name.upper())
        for name, info in self._fields.items():
            if name == operation.whole_body_name:
                self.parser.add_argument(f"in_{name}", metavar="KEY=VALUE", nargs="*", type=_pair)
            elif name not in operation.path_names:
                self._add(name, info)
        if begins_jobs(operation) and "wait" not in self._fields:
            self.parser.add_argument("--wait", action="store_true", help="stay until it is done; fail where it does")
        if "json" not in self._fields:
            self.parser.add_argument("--json", action="store_true", help="print the server's JSON")

    def parse(self, arguments: Sequence[str]) -> "Typed":
        """The values by their Python names, only those that were given."""
        typed, rest = list(arguments), None
        if self._takes_rest and "--" in typed:
            rest = typed[typed.index("--") + 1 :]
            typed = typed[: typed.index("--")]
            typed += [f"{_flag(str(self._takes_rest))}={word}" for word in rest]
        found = vars(self.parser.parse_args(typed))
        as_json = "json" not in self._fields and bool(found.pop("json", False))
        wait = "wait" not in self._fields and bool(found.pop("wait", False))
        values = {name.removeprefix("in_"): value for name, value in found.items()}
        for name, shape in self._shapes.items():
            if shape.pairs and name in values:
                values[name] = {key: value for entry in values[name] for key, value in entry.items()}
            if shape.one_too and rest is None and len(values.get(name, ())) == 1:
                values[name] = values[name][0]
        return Typed(values, as_json=as_json, wait=wait)

    def missing_secrets(self, values: Mapping[str, Any]) -> list[str]:
        """Secrets to ask for: required ones that were not given, and those whose flag came without a value."""
        return [
            name
            for name, shape in self._shapes.items()
            if shape.secret and (values.get(name) == ASK or (name not in values and self._fields[name].is_required()))
        ]

    @property
    def secrets(self) -> list[str]:
        return [name for name, shape in self._shapes.items() if shape.secret]

    def request(self, values: Mapping[str, Any]) -> Request:
        operation = self._operation
        path = operation.path
        for name in operation.path_names:
            path = path.replace(f"{{{name}}}", _path_part(name, values[name]))
        rest = {name: value for name, value in values.items() if name not in operation.path_names}
        if operation.whole_body_name is not None:
            return Request(operation.method, path, body=dict(rest[operation.whole_body_name]))
        named = {self._fields[name].alias or name: value for name, value in rest.items()}
        if operation.method in _IN_QUERY:
            return Request(operation.method, path, query=tuple(_query(named)))
        return Request(operation.method, path, body=named)

    @property
    def _takes_rest(self) -> str | None:
        """The one required list, which takes everything behind `--`."""
        lists = [name for name, shape in self._shapes.items() if shape.many and self._fields[name].is_required()]
        return lists[0] if len(lists) == 1 and lists[0] not in self._operation.path_names else None

    def _add(self, name: str, info: FieldInfo) -> None:
        shape = self._shapes[name]
        options: dict[str, Any] = {"dest": f"in_{name}", "default": argparse.SUPPRESS, "help": self._help(name, info)}
        if shape.metavar == "BOOLEAN":
            action = argparse.BooleanOptionalAction
            self.parser.add_argument(_flag(name), action=action, required=info.is_required(), **options)
            return
        options["metavar"] = None if shape.choices else shape.metavar
        if shape.secret:
            options |= {"nargs": "?", "const": ASK}
        else:
            options |= {"type": shape.parse, "required": info.is_required(), "choices": shape.choices or None}
        if shape.many:
            options["action"] = "append"
        self.parser.add_argument(_flag(name), **options)

    def _help(self, name: str, info: FieldInfo) -> str:
        shape, parts = self._shapes[name], []
        if info.description:
            parts.append(info.description)
        if shape.secret:
            parts.append("asked for when missing; - reads it from standard input")
        if shape.many:
            parts.append("may be repeated")
        if name == self._takes_rest:
            parts.append("or give it behind --")
        if info.is_required():
            parts.append("required")
        elif info.default not in (None, "") and not info.default_factory:
            parts.append(f"default: {info.default}")
        return "; ".join(parts).replace("%", "%%")


def _shape_of(name: str, info: FieldInfo) -> Shape:
    shape = _shape(info.annotation)
    if shape.parse is str and not shape.many and not shape.choices and is_secret_name(name):
        return Shape(str, "SECRET", secret=True)
    return shape


def _shape(annotation: Any) -> Shape:
    origin = get_origin(annotation)
    if origin is Annotated:
        return _shape(get_args(annotation)[0])
    if origin in (Union, UnionType):
        return _union([arm for arm in get_args(annotation) if arm is not NoneType])
    if origin is Literal:
        return _choice(get_args(annotation))
    if origin is dict:
        return _entries(get_args(annotation))
    if origin in (list, tuple, set, frozenset):
        inner = _shape(next(iter(get_args(annotation)), str))
        return Shape(inner.parse, inner.metavar, many=True, choices=inner.choices)
    return _plain(annotation)


def _entries(types: tuple[Any, ...]) -> Shape:
    """A map of plain values is typed entry by entry, and any other as JSON."""
    value = _shape(types[1]) if len(types) == 2 else Shape(_json, "JSON")
    if value.many or value.secret or value.metavar not in ("TEXT", "NUMBER"):
        return Shape(_json, "JSON")
    return Shape(_entry_of(value.parse), f"KEY={value.metavar}", many=True, pairs=True)


def _entry_of(parse: Callable[[str], Any]) -> Callable[[str], dict[str, Any]]:
    def entry(text: str) -> dict[str, Any]:
        key, separator, value = text.partition("=")
        if text.startswith("{"):
            return dict(_json(text))
        if not separator or not key:
            raise argparse.ArgumentTypeError(f"“{text}” is not KEY=VALUE")
        try:
            return {key: parse(value)}
        except ValueError:
            raise argparse.ArgumentTypeError(f"“{value}” is not a number") from None

    return entry


def _union(arms: list[Any]) -> Shape:
    shapes = [_shape(arm) for arm in arms]
    if len(shapes) == 1:
        return shapes[0]
    if all(shape.parse is str for shape in shapes):
        return Shape(str, "TEXT", many=any(shape.many for shape in shapes), one_too=True)
    return Shape(_json, "JSON")


def _choice(values: tuple[Any, ...]) -> Shape:
    named = {str(value): value for value in values}
    return Shape(lambda text: named.get(text, text), "CHOICE", choices=values)


def _plain(annotation: Any) -> Shape:
    if annotation is SecretStr:
        return Shape(str, "SECRET", secret=True)
    if not isinstance(annotation, type):
        return Shape(_json, "JSON")
    if issubclass(annotation, bool):
        return Shape(str, "BOOLEAN")
    if issubclass(annotation, Enum):
        return _choice(tuple(item.value for item in annotation))
    for kind, metavar in ((int, "NUMBER"), (float, "NUMBER"), (str, "TEXT")):
        if issubclass(annotation, kind):
            return Shape(kind, metavar)
    return Shape(str, "TEXT") if issubclass(annotation, _TEXTS) else Shape(_json, "JSON")


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise argparse.ArgumentTypeError(f"this is not valid JSON: {error.msg}") from None


def _pair(text: str) -> tuple[str, Any]:
    """`theme=dark`, `port=80`, `name="80"`: the value is JSON where it can be, else text."""
    key, separator, value = text.partition("=")
    if not separator or not key:
        raise argparse.ArgumentTypeError(f"“{text}” is not KEY=VALUE")
    try:
        return key, json.loads(value)
    except json.JSONDecodeError:
        return key, value


def _flag(name: str) -> str:
    return "--" + name.strip("_").replace("_", "-")


def _path_part(name: str, value: str) -> str:
    if value in ("", ".", ".."):
        raise BadUsage(f"“{value}” cannot be a {name}.")
    return quote(value, safe="")


def _query(named: Mapping[str, Any]) -> list[tuple[str, str]]:
    pairs = ((name, item) for name, value in named.items() for item in (value if isinstance(value, list) else [value]))
    return [(name, str(item).lower() if isinstance(item, bool) else str(item)) for name, item in pairs]
