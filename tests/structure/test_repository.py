"""What lies in the repository besides code."""

import json
import subprocess
import tomllib
from pathlib import Path

import pytest

from tests.structure.source import ROOT, modules

LOCK = ROOT / "talome/dashboard/ui/package-lock.json"


def tracked() -> list[str]:
    """Names of the files that are, or would be, in git; all of them in a copy without git."""
    command = ["git", "-C", str(ROOT), "ls-files", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        pytest.skip("this copy of the sources is not a git checkout")
    return done.stdout.splitlines()


def test_no_lock_file_names_a_registry() -> None:
    assert "uv.lock" not in tracked()
    if LOCK.is_file():
        packages = json.loads(LOCK.read_text())["packages"]
        assert [name for name, package in packages.items() if "resolved" in package] == []


def test_nothing_built_or_fetched_is_tracked() -> None:
    unwanted = ("node_modules/", "dashboard/static/", "__pycache__/", ".venv/")
    assert [name for name in tracked() if any(part in name for part in unwanted)] == []


def test_every_dependency_is_pinned_once() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    pins = {line.split(" ;")[0] for line in (ROOT / "constraints.txt").read_text().splitlines() if "==" in line}
    assert [name for name in wanted if name not in pins] == []
    assert len({pin.split("==")[0] for pin in pins}) == len(pins)


def test_binaries_are_pinned_by_hash() -> None:
    lines = (ROOT / "binaries.txt").read_text().replace("\\\n", " ").splitlines()
    entries = [line for line in lines if line and not line.startswith("#")]
    assert entries
    assert all("==" in entry and "--hash=sha256:" in entry for entry in entries)


def test_every_package_says_what_it_is() -> None:
    packages = [module for module in modules() if module.path.name == "__init__.py"]
    assert [str(module.path) for module in packages if not module.docstrings] == []


@pytest.mark.parametrize(
    "name", ["install.sh", ".ci/run", "scripts/test", "scripts/check", "scripts/dev", "scripts/build-ui"]
)
def test_scripts_can_be_run(name: str) -> None:
    script = Path(ROOT / name)
    assert script.stat().st_mode & 0o111
    assert script.read_text().startswith("#!")
