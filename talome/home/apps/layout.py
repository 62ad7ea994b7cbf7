"""Which folders and files an app wants to find on the disk, and whose they are to be."""

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from talome.home.apps.rendering import DATA
from talome.home.manifest import AppManifest

Owner = tuple[int, int]
_VARIABLE: Final = re.compile(r"\$(?:\$|\{([A-Za-z_][A-Za-z0-9_]*)\})")
_FILE: Final = re.compile(
    r"\.(conf|config|cfg|ini|json|ya?ml|toml|xml|env|txt|log|db|sqlite3?|key|pem|crt|sh|properties)\Z"
)
"""Docker makes a folder of a bind's missing source, and an app that expected its settings there does not start."""
_USER: Final = re.compile(r"(\d+)(?::(\d+))?\Z")


@dataclass(frozen=True, slots=True)
class Layout:
    """`folders` and `files` are paths below the app's `data/`; `shared` are folders elsewhere, by absolute path."""

    folders: dict[str, Owner | None] = field(default_factory=dict)
    files: dict[str, Owner | None] = field(default_factory=dict)
    shared: dict[str, Owner | None] = field(default_factory=dict)
    programs: set[str] = field(default_factory=set)
    """Those of the files that are run."""


def data_layout(
    manifest: AppManifest, compose: Mapping[str, Any], values: Mapping[str, str], shared_folders: Mapping[str, str]
) -> Layout:
    """`values` are the variables'; a bind elsewhere than in `data/` or a shared folder is the machine's own affair."""
    layout = Layout(programs={scaffold.path for scaffold in manifest.scaffold if scaffold.executable})
    theirs = None if manifest.uid is None else (manifest.uid, manifest.uid if manifest.gid is None else manifest.gid)
    for body in compose.get("services", {}).values():
        owner = _owner(body, values) or theirs
        for volume in body.get("volumes") or []:
            if volume.get("type") == "bind":
                _place(layout, filled(str(volume.get("source", "")), values), owner, shared_folders)
    return layout


def bounds(
    compose: Mapping[str, Any], values: Mapping[str, str], data: str, shared_folders: Mapping[str, str]
) -> set[tuple[str, str]]:
    """What the app mounts of its own `data` and of shared folders: the folder, and the path that must not leave it."""
    own = posixpath.normpath(DATA)
    found = {(data, data)}
    for volume in (volume for body in compose.get("services", {}).values() for volume in body.get("volumes") or []):
        if volume.get("type") != "bind":
            continue
        path = posixpath.normpath(filled(str(volume.get("source", "")), values))
        if path.startswith(f"{own}/"):
            found.add((data, f"{data}/{path[len(own) + 1 :]}"))
        found |= {(root, path) for root in shared_folders.values() if path.startswith(f"{root}/")}
    return found


def filled(text: str, values: Mapping[str, str]) -> str:
    """A text of the Compose file with its variables."""
    return _VARIABLE.sub(lambda found: values.get(found[1], "") if found[1] else "$", text)


def _place(layout: Layout, source: str, owner: Owner | None, shared_folders: Mapping[str, str]) -> None:
    path = posixpath.normpath(source)
    own = posixpath.normpath(DATA)
    if path.startswith(f"{own}/"):
        name = path[len(own) + 1 :]
        if _FILE.search(name):
            layout.files[name] = owner
        elif layout.folders.get(name) is None:
            layout.folders[name] = owner
    elif any(path == folder or path.startswith(f"{folder}/") for folder in shared_folders.values()):
        layout.shared[path] = owner


def _owner(body: Mapping[str, Any], values: Mapping[str, str]) -> Owner | None:
    """Who writes there: the service's user, else the one it is told to become."""
    environment = body.get("environment") or {}
    told = f"{environment.get('PUID') or ''}:{environment.get('PGID') or environment.get('PUID') or ''}"
    for said in (str(body.get("user") or ""), told):
        if found := _USER.match(filled(said, values)):
            return int(found[1]), int(found[2] or found[1])
    return None
