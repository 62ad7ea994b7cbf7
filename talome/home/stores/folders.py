"""A store's folder: of which kind it is, where its apps are, and what of it changed since the last time. Blocking."""

import hashlib
import os
import shutil
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final

from talome.core.errors import Invalid
from talome.home.stores.models import StoreType

MOST_APPS: Final = 10_000
_LARGEST_COPY_BYTES: Final = 1024**3
_DEEPEST_ROOT: Final = 3
_DEEPEST_APP: Final = 20
_CHUNK_BYTES: Final = 1024 * 1024
_NOT_THE_STORES: Final = frozenset({".git", ".github"})
_TOLD_AT_THE_TOP: Final = (".json", ".yml", ".yaml")
"""What at the top of a store may be about all its apps."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Where a kind has its apps: in folders of `below` (empty: at the top), each with one of the files `marks`. What
    the reading of one app may take from the others is in files of the names `shared`."""

    below: tuple[str, ...]
    marks: tuple[str, ...]
    shared: tuple[str, ...] = ()


LAYOUTS: Final[Mapping[StoreType, Layout]] = {
    "umbrel": Layout(("",), ("umbrel-app.yml",), ("exports.sh",)),
    "runtipi": Layout(("apps",), ("config.json",)),
    "talome": Layout(("apps", ""), ("app.yml",)),
    "casaos": Layout(("Apps",), ("docker-compose.yml", "docker-compose.yaml")),
}
"""In the order in which they are tried."""


def layout_of(kind: StoreType) -> Layout:
    """The static files of a CasaOS store are laid out like the repository they were made from."""
    return LAYOUTS["casaos" if kind == "casaos-static" else kind]


def find_root(folder: Path, kind: StoreType | None) -> tuple[Path, StoreType]:
    """Where the store begins, and its kind. An archive often has one folder around everything. Raises `Invalid`."""
    kinds: list[StoreType] = list(LAYOUTS) if kind is None else [kind]
    root = folder
    for _ in range(_DEEPEST_ROOT):
        for one in kinds:
            if any(True for _ in app_folders(root, one)):
                return root, one
        inside = [name for name in _folders(root) if name not in _NOT_THE_STORES]
        if len(inside) != 1:
            break
        root /= inside[0]
    what = "an app store that Talome knows" if kind is None else f"a store of the kind “{kind}”"
    raise Invalid(f"This is not {what}: no app was found in it.")


def app_folders(root: Path, kind: StoreType) -> Iterator[str]:
    """Paths of the apps' folders below the root."""
    layout = layout_of(kind)
    for below in layout.below:
        for name in _folders(root / below):
            path = f"{below}/{name}" if below else name
            if any((root / path / mark).is_file() for mark in layout.marks):
                yield path


def _folders(folder: Path) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entry.name for entry in entries if entry.is_dir(follow_symlinks=False))
    except OSError:
        return []


@dataclass(frozen=True, slots=True)
class Contents:
    """Digests of each app's folder, and one of everything else that the reading depends on."""

    apps: Mapping[str, str]
    reading: str


def contents_of(root: Path, kind: StoreType) -> Contents:
    layout = layout_of(kind)
    apps: dict[str, str] = {}
    shared = hashlib.blake2b(digest_size=16)
    for name in _files(root):
        if name.endswith(_TOLD_AT_THE_TOP):
            _add(shared, root / name, name)
    for path in app_folders(root, kind):
        if len(apps) >= MOST_APPS:
            raise Invalid(f"The store holds more than {MOST_APPS} apps.")
        digest = hashlib.blake2b(digest_size=16)
        for name in _all_files(root / path):
            _add(digest, root / path / name, name)
            if name in layout.shared:
                _add(shared, root / path / name, f"{path}/{name}")
        apps[path] = digest.hexdigest()
    return Contents(apps, f"{readers()}:{shared.hexdigest()}")


@cache
def readers() -> str:
    """Names the code that reads stores. A release that reads otherwise reads everything anew."""
    digest = hashlib.blake2b(digest_size=16)
    package = files("talome.home.stores")
    sources = [files("talome.home") / "manifest.py", package / "read_process.py", *(package / "formats").iterdir()]
    for source in sorted(sources, key=lambda item: item.name):
        if source.name.endswith(".py"):
            digest.update(source.read_bytes())
    return digest.hexdigest()


def _add(digest: hashlib.blake2b, file: Path, name: str) -> None:
    size = 0
    digest.update(f"{len(os.fsencode(name))}:".encode() + os.fsencode(name))
    try:
        with os.fdopen(os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as opened:
            while chunk := opened.read(_CHUNK_BYTES):
                size += len(chunk)
                digest.update(chunk)
    except OSError as error:
        digest.update(f"!{error.errno}".encode())
    digest.update(f":{size};".encode())


def _files(folder: Path) -> list[str]:
    with suppress(OSError), os.scandir(folder) as entries:
        return sorted(entry.name for entry in entries if entry.is_file(follow_symlinks=False))
    return []


def _all_files(folder: Path, below: str = "", depth: int = 0) -> Iterator[str]:
    """Paths of all plain files and links; a link's own path counts, where it leads does not."""
    with suppress(OSError), os.scandir(folder / below) as entries:
        for entry in sorted(entries, key=lambda item: item.name):
            path = f"{below}/{entry.name}" if below else entry.name
            if entry.is_dir(follow_symlinks=False):
                if depth < _DEEPEST_APP:
                    yield from _all_files(folder, path, depth + 1)
            elif entry.is_file(follow_symlinks=False) or entry.is_symlink():
                yield path


def with_shared(root: Path, kind: StoreType, paths: Collection[str]) -> list[str]:
    """The folders of all apps that hold something shared."""
    shared = layout_of(kind).shared
    return [path for path in paths if any((root / path / name).is_file() for name in shared)]


def make_view(root: Path, view: Path, apps: Collection[str]) -> None:
    """A store with only these apps, and the files at its top, that takes no room where links to files can be made."""
    view.mkdir()
    for name in _files(root):
        _link(root / name, view / name)
    for path in apps:
        (view / path).mkdir(parents=True, exist_ok=True)
        for name in _all_files(root / path):
            (view / path / name).parent.mkdir(parents=True, exist_ok=True)
            _link(root / path / name, view / path / name)


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:
        shutil.copyfile(source, target, follow_symlinks=False)


def copy_store(source: Path, target: Path) -> None:
    """A copy of a folder of this machine, without its links and its history. Raises `Invalid` where it is too large."""
    if not source.is_dir():
        raise Invalid("This folder is not there.", field="url")
    target.mkdir()
    total = 0
    for name in _all_files(source):
        if name.split("/", 1)[0] in _NOT_THE_STORES or (source / name).is_symlink():
            continue
        total += (source / name).stat().st_size
        if total > _LARGEST_COPY_BYTES:
            raise Invalid("The folder is larger than 1 GB.", field="url")
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source / name, target / name, follow_symlinks=False)
