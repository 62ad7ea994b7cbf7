"""A store in Runtipi's format, written by the tests."""

import json
from pathlib import Path
from typing import Any

import yaml

from talome.home.manifest import AppManifest
from talome.home.stores.formats.found import StoreSource
from talome.home.stores.formats.runtipi import read
from tests.home.stores.rendering import apps

SOURCE = StoreSource("tipi", "Runtipi")
MAIN: dict[str, Any] = {"name": "web", "image": "notes:1", "isMain": True, "internalPort": 3000}


def write(root: Path, name: str = "notes", *, services: Any = None, **config: Any) -> Path:
    """An app with a dynamic compose file."""
    folder = root / "apps" / name
    folder.mkdir(parents=True, exist_ok=True)
    told = {"id": name, "name": "Notes", "available": True, "tipi_version": 3, "version": "1.2", "port": 8200}
    (folder / "config.json").write_text(json.dumps(told | config))
    document = {"schemaVersion": 2, "services": [MAIN] if services is None else services}
    (folder / "docker-compose.json").write_text(json.dumps(document))
    return folder


def write_yaml(root: Path, document: Any, **config: Any) -> Path:
    """An app with a YAML file only."""
    folder = write(root, **config)
    (folder / "docker-compose.json").unlink()
    (folder / "docker-compose.yml").write_text(yaml.safe_dump(document))
    return folder


def only(root: Path, name: str = "notes") -> AppManifest:
    """The app of that name."""
    return apps(list(read(root, SOURCE)))[name]
