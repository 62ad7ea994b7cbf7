"""Renders manifests with made-up values and asks the real Compose what it thinks of them."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from talome.engines.compose import find_compose
from talome.home.manifest import AppManifest, Part
from talome.home.stores.formats.found import BadApp
from talome.home.stores.formats.names import names_in

SAMPLES = Path(__file__).resolve().parents[3].parent / "shared" / "data" / "stores"
STARTS = ("subprocess.Popen", "os.exec", "os.system", "os.posix_spawn", "os.fork", "os.forkpty", "socket.connect")
ANSWERS = {"ip": "127.0.0.1", "number": "7", "boolean": "true", "url": "https://x.example", "email": "a@b.example"}
_seen: list[str] | None = None


def samples(kind: str) -> Path:
    """The sample store of a kind; skips where it is not."""
    if not (SAMPLES / kind).is_dir():
        pytest.skip(f"the samples of {kind} are not on this machine")
    return SAMPLES / kind


def parts(app: AppManifest) -> dict[str, list[Part]]:
    """What the variables stand for."""
    return {variable.name: variable.parts for variable in app.variables}


def umbrel_samples(root: Path) -> Path:
    """Umbrel's samples copied to `root`, each with its exports written anew."""
    shutil.copytree(samples("umbrel"), root)
    for name, told in json.loads((root / "exports.json").read_text()).items():
        lines = [f"export {variable}={value}\n" for variable, value in told["assignments"]]
        (root / name / "exports.sh").write_text("".join(lines))
    return root


def _hook(event: str, args: Any) -> None:
    if _seen is not None and event in STARTS:
        _seen.append(f"{event} {args!r:.200}")


sys.addaudithook(_hook)


@contextmanager
def nothing_started() -> Iterator[None]:
    """No process is started inside, and no connection opened."""
    global _seen  # noqa: PLW0603 - an audit hook can never be taken away again, so it has to be told when to look
    _seen = []
    try:
        yield
        assert _seen == []
    finally:
        _seen = None


def apps(found: list[AppManifest | BadApp]) -> dict[str, AppManifest]:
    """All of them by id; fails with the reasons of those that cannot be read."""
    assert [item for item in found if isinstance(item, BadApp)] == []
    return {item.id: item for item in found if isinstance(item, AppManifest)}


def all_accepted(manifests: list[AppManifest], folder: Path) -> None:
    """Compose takes each one, in silence, with no name left without a value."""
    command = find_compose().command

    def complaint(manifest: AppManifest) -> str:
        home = folder / manifest.id
        home.mkdir()
        unset = names_in(manifest.compose) - {variable.name for variable in manifest.variables}
        if unset:
            return f"{manifest.id}: nothing sets {unset}"
        for file in manifest.scaffold:
            path = home / file.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(file.text)
        (home / "compose.yml").write_text(yaml.safe_dump(manifest.compose))
        kinds = {field.name: field.kind for field in manifest.fields}
        values = {v.name: "".join(_value(part, home, kinds) for part in v.parts) for v in manifest.variables}
        done = subprocess.run(
            [*command, "--file", str(home / "compose.yml"), "config", "--quiet"],
            env=values, capture_output=True, text=True, check=False, timeout=20,
        )  # fmt: skip
        return f"{manifest.id}: {done.stderr}" if done.returncode or done.stderr else ""

    with ThreadPoolExecutor(4) as pool:
        assert [told for told in pool.map(complaint, manifests) if told] == []


def _value(part: Part, home: Path, kinds: dict[str, Any]) -> str:
    if part.text is not None:
        return part.text
    if part.folder is not None:
        return f"/srv/{part.folder}"
    if part.field is not None:
        return ANSWERS.get(kinds[part.field], "answer")
    if part.port is not None:
        return "8123"
    return {"data": str(home), "address": "192.168.1.5", "dns": "192.168.1.1"}.get(part.fact or "", "a1")
