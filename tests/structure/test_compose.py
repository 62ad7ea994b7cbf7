"""The compose files are ones that Compose accepts, and say what they must."""

import importlib.util
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.structure.source import ROOT

FILES = sorted((ROOT / "compose").glob("*.yml"))


def compose() -> str:
    spec = importlib.util.find_spec("compose")
    folders = list(spec.submodule_search_locations or []) if spec else []
    programs = [
        str(Path(folder) / "docker-compose") for folder in folders if (Path(folder) / "docker-compose").is_file()
    ]
    if not programs:
        pytest.skip("no compose program; scripts/install-binaries puts it into the environment")
    return programs[0]


def read(file: Path) -> dict[str, Any]:
    command = [compose(), "--file", str(file), "config", "--format", "json"]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "warning" not in done.stderr.lower()
    result: dict[str, Any] = json.loads(done.stdout)
    return result


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_compose_accepts_the_file(file: Path) -> None:
    assert read(file)["services"]


def test_talome_reaches_what_it_looks_after() -> None:
    service = read(ROOT / "compose/talome.yml")["services"]["talome"]
    mounts = {volume["target"]: volume.get("read_only", False) for volume in service["volumes"]}
    assert mounts == {"/var/lib/talome": False, "/var/run/docker.sock": False, "/sys/fs/cgroup": True}
    assert (service["pid"], service["network_mode"]) == ("host", "host")
    compile(service["healthcheck"]["test"][-1], "healthcheck", "exec")


def test_the_image_is_built_from_files_that_exist() -> None:
    recipe = (ROOT / "compose/Dockerfile").read_text()
    for name in ("scripts/install-binaries", "constraints.txt"):
        assert name in recipe
        assert (ROOT / name).is_file()
