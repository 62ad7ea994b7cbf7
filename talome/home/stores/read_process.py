"""The process that reads a store for `reading`: it is told what to do on standard input, writes one line of JSON for
each app into a file, and may be killed at any time. A hostile store costs this process its memory, not the server.
"""

import resource
import sys
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import orjson

from talome.home.manifest import AppManifest, Part
from talome.home.stores.formats.found import BadApp, StoreSource, Told

_MEMORY_BYTES: Final = 3 * 1024**3
_CPU_S: Final = 300
_LARGEST_MANIFEST: Final = 1024 * 1024
_LONGEST: Final = 300
_READERS: Final = {
    "talome": "talome",
    "casaos": "casaos",
    "casaos-static": "casaos",
    "umbrel": "umbrel",
    "runtipi": "runtipi",
}
Reader = Callable[[Path, StoreSource], Iterator[AppManifest | BadApp]]


def main() -> None:
    """Read the store that standard input names."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_S, _CPU_S))
    asked = orjson.loads(sys.stdin.buffer.read())
    reader: Reader = import_module(f"talome.home.stores.formats.{_READERS[asked['kind']]}").read
    source = StoreSource(asked["id"], asked["name"], told_of(asked["told"]))
    with Path(asked["out"]).open("xb") as out:
        for found in reader(Path(asked["folder"]), source):
            line = orjson.dumps(line_of(found))
            out.write(line + b"\n")


def told_of(raw: Mapping[str, Any]) -> dict[str, Told]:
    """By app, from `{digest, values: {name: parts}}`."""
    return {
        app: Told(
            said["digest"],
            {name: tuple(Part.model_validate(part) for part in parts) for name, parts in said["values"].items()},
        )
        for app, said in raw.items()
    }


def line_of(found: AppManifest | BadApp) -> dict[str, Any]:
    """What the server keeps of it: a manifest with its summary, or the reason why there is none."""
    if isinstance(found, BadApp):
        return {"path": found.path, "reason": found.reason}
    manifest = found.model_dump_json(by_alias=True, exclude_defaults=True)
    if len(manifest) > _LARGEST_MANIFEST:
        return {"path": found.folder, "reason": "The app is larger than Talome keeps."}
    return {"path": found.folder, "id": found.id, "summary": _summary(found), "manifest": manifest}


def _summary(app: AppManifest) -> dict[str, Any]:
    return {
        "id": app.id,
        "name": app.name[:_LONGEST],
        "tagline": app.tagline[:_LONGEST],
        "category": app.category,
        "version": app.version[:_LONGEST],
        "developer": app.developer[:_LONGEST],
        "icon": bool(app.icon),
        "architectures": app.architectures,
        "lacks": app.lacks,
        "warnings": len(app.warnings),
        "hidden": app.hidden,
    }


if __name__ == "__main__":
    main()
