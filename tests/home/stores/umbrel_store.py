"""A store in Umbrel's format, written by the tests."""

from pathlib import Path
from typing import Any

import yaml

from talome.home.manifest import AppManifest
from talome.home.stores.formats.found import StoreSource
from talome.home.stores.formats.umbrel import read
from tests.home.stores.rendering import apps

SOURCE = StoreSource("umbrel", "Umbrel")
WEB: dict[str, Any] = {"image": "notes:1", "volumes": ["${APP_DATA_DIR}/data:/data"]}
PROXY = {"environment": {"APP_HOST": "notes_web_1", "APP_PORT": 3000, "PROXY_AUTH_ADD": "false"}}


def write(root: Path, name: str = "notes", *, services: Any = None, exports: str = "", **manifest: Any) -> Path:
    """An app of a store at `root`."""
    folder = root / name
    folder.mkdir(parents=True, exist_ok=True)
    told = {"manifestVersion": 1.1, "id": name, "name": "Notes", "version": "1.0", "category": "files", "port": 8200}
    (folder / "umbrel-app.yml").write_text(yaml.safe_dump(told | manifest))
    document = {"version": "3.7", "services": {"app_proxy": PROXY, "web": WEB} if services is None else services}
    (folder / "docker-compose.yml").write_text(yaml.safe_dump(document))
    if exports:
        (folder / "exports.sh").write_text(exports)
    return folder


def only(root: Path, name: str = "notes") -> AppManifest:
    """The app of that name."""
    return apps(list(read(root, SOURCE)))[name]
