"""Which features and verbs there are, read from the source: importing them all would take a second.

A feature is a class `XxxApi` with methods labelled `@operation`; only the one that is used gets imported.
"""

import ast
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from talome.core.cli.exits import BadUsage

_MARK: Final = b"@operation("
_NOT_SOURCE: Final = frozenset({"ui", "static", "node_modules", "migrations", "__pycache__"})


@dataclass(frozen=True, slots=True)
class Verb:
    """One operation: `name` as typed, `operation` as registered."""

    name: str
    operation: str
    summary: str
    class_name: str
    module: str


@dataclass(frozen=True, slots=True)
class Feature:
    name: str
    summary: str
    verbs: tuple[Verb, ...]

    def verb(self, name: str) -> Verb:
        for verb in self.verbs:
            if verb.name == name.replace("_", "-"):
                return verb
        raise BadUsage(f"“{self.name}” has no verb “{name}”. See: talome {self.name} --help")


def read_catalog(package: str) -> dict[str, Feature]:
    """Every feature below a package, given by its dotted name; sorted by name."""
    found: dict[str, Feature] = {}
    for root, path in _sources(package):
        source = path.read_bytes()
        if _MARK in source:
            module = ".".join((package, *path.relative_to(root).with_suffix("").parts))
            summary = _summary(path)
            for feature in _features(ast.parse(source), module.removesuffix(".__init__"), summary):
                known = found.get(feature.name)
                found[feature.name] = feature if known is None else _joined(known, feature)
    return dict(sorted(found.items()))


def load(verb: Verb) -> type:
    """The class that holds the verb; this imports its feature."""
    loaded: type = getattr(import_module(verb.module), verb.class_name)
    return loaded


def _sources(package: str) -> Iterator[tuple[str, Path]]:
    spec = find_spec(package)
    for root in (spec.submodule_search_locations or []) if spec else []:
        for folder, folders, files in os.walk(root):
            folders[:] = sorted(name for name in folders if name not in _NOT_SOURCE)
            yield from ((root, Path(folder, name)) for name in sorted(files) if name.endswith(".py"))


def _summary(path: Path) -> str:
    """What a feature is, in the words of its package; empty where it is a single module."""
    package = path.with_name("__init__.py")
    if path.name != "api.py" or not package.exists():
        return ""
    return ast.get_docstring(ast.parse(package.read_bytes())) or ""


def _features(tree: ast.Module, module: str, summary: str) -> Iterator[Feature]:
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and node.name.endswith("Api"):
            area = re.sub(r"(?<!^)(?=[A-Z])", "_", node.name.removesuffix("Api")).lower()
            verbs = tuple(_verbs(node, area, module))
            if verbs:
                own = ast.get_docstring(node) or ""
                said = own if not own.startswith("Faces of") else ""
                words = said or summary or own or ast.get_docstring(tree) or ""
                yield Feature(area.replace("_", "-"), _first_sentence(words), verbs)


def _verbs(owner: ast.ClassDef, area: str, module: str) -> Iterator[Verb]:
    for node in owner.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and any(map(_labels, node.decorator_list)):
            verb = node.name.rstrip("_")
            summary = _first_sentence(ast.get_docstring(node) or "")
            yield Verb(verb.replace("_", "-"), f"{area}.{verb}", summary, owner.name, module)


def _labels(decorator: ast.expr) -> bool:
    return isinstance(decorator, ast.Call) and getattr(decorator.func, "id", None) == "operation"


def _joined(first: Feature, second: Feature) -> Feature:
    return Feature(first.name, first.summary, (*first.verbs, *second.verbs))


def _first_sentence(text: str) -> str:
    paragraph = " ".join(text.partition("\n\n")[0].split())
    return re.split(r"(?<=[.:]) (?=[A-Z])", paragraph, maxsplit=1)[0]
