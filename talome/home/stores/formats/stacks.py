"""Stacks of a store in Talome's format: `stacks/<id>.yml`, apps of the same store that work together."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from talome.home.manifest import STACK_PLACEHOLDER, StackFile
from talome.home.stores.formats.files import read_content
from talome.home.stores.formats.found import BadApp, BadManifest
from talome.home.stores.formats.yaml import read_yaml

FOLDER: Final = "stacks"
_LARGEST: Final = 64 * 1024
_MOST: Final = 100


def read_stacks(root: Path) -> Iterator[StackFile | BadApp]:
    """Every stack of the store by its id, or why it cannot be read."""
    for name in _names(root):
        path = f"{FOLDER}/{name}"
        try:
            yield _stack(root, path, name.removesuffix(".yml"))
        except BadManifest as error:
            yield BadApp(path, str(error))
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            yield BadApp(path, f"{'.'.join(map(str, first['loc']))[:80]}: {first['msg']}.")


def _names(root: Path) -> list[str]:
    folder = root / FOLDER
    if folder.is_symlink() or not folder.is_dir():
        return []
    with os.scandir(folder) as entries:
        return sorted(one.name for one in entries if one.name.endswith(".yml"))[:_MOST]


def _stack(root: Path, path: str, id: str) -> StackFile:
    content = read_content(root, path, limit=_LARGEST)
    stack = StackFile.model_validate(read_yaml(content or b"", path))
    if stack.id != id:
        raise BadManifest(f"The file must be named like its id, {stack.id}.yml.")
    members = [member.app for member in stack.apps]
    if len(set(members)) < len(members):
        raise BadManifest("An app is named twice.")
    for wire in stack.wiring:
        if wire.app not in members or wire.to not in members:
            raise BadManifest(f"The wiring from {wire.app} to {wire.to} names an app that is not of the stack.")
        for text in wire.set.values():
            _check_text(text, members[: members.index(wire.app)], wire.app)
    return stack


def _check_text(text: str, before: list[str], app: str) -> None:
    for name, _ in STACK_PLACEHOLDER.findall(text):
        if name not in before:
            raise BadManifest(f"What {app} is given comes from {name}, which must stand before it.")
    if {"{", "}"} & set(STACK_PLACEHOLDER.sub("", text)):
        raise BadManifest(f"{text[:80]!r} has braces around something that is neither a port nor a variable of an app.")
