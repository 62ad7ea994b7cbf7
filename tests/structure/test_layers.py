"""The import contracts of pyproject.toml hold, and break when a forbidden import is planted in a house of paper."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.structure.source import ROOT

AREAS = ("dashboard", "agents", "home", "memory", "gateway", "accounts", "engines", "core")


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    """import-linter with the project's own contracts over the package in `folder`."""
    shutil.copy(ROOT / "pyproject.toml", folder)
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache", "--no-logo"]
    return subprocess.run(command, check=False, cwd=folder, capture_output=True, text=True)


def house(folder: Path) -> Path:
    """A package with every area and two features in each, and no imports."""
    package = folder / "talome"
    for area in AREAS:
        for feature in ("plants", "pets"):
            (package / area / feature).mkdir(parents=True)
            for name in ("__init__", "service", "api"):
                (package / area / feature / f"{name}.py").write_text("")
        (package / area / "__init__.py").write_text("")
    for name in ("__init__", "app", "__main__"):
        (package / f"{name}.py").write_text("")
    return package


def test_the_package_keeps_the_contracts() -> None:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache", "--no-logo"]
    done = subprocess.run(command, check=False, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_a_house_with_imports_downwards_is_kept(tmp_path: Path) -> None:
    package = house(tmp_path)
    (package / "app.py").write_text("import talome.dashboard.plants, talome.home.plants.api, talome.core.plants\n")
    (package / "home/plants/service.py").write_text(
        "import talome.accounts.pets, talome.engines.pets, talome.home.pets\n"
    )
    done = lint_imports(tmp_path)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("importer", "imported"),
    [
        ("core/plants/service.py", "talome.engines.plants"),
        ("engines/plants/service.py", "talome.accounts.plants"),
        ("accounts/plants/service.py", "talome.home.plants"),
        ("home/plants/service.py", "talome.memory.plants"),
        ("memory/plants/service.py", "talome.gateway.plants"),
        ("gateway/plants/service.py", "talome.agents.plants"),
        ("agents/plants/service.py", "talome.dashboard.plants"),
        ("dashboard/plants/service.py", "talome.app"),
        ("app.py", "talome.__main__"),
    ],
)
def test_an_import_upwards_breaks_the_contract(tmp_path: Path, importer: str, imported: str) -> None:
    (house(tmp_path) / importer).write_text(f"import {imported}\n")
    done = lint_imports(tmp_path)
    assert done.returncode == 1
    assert "Areas stand in one order BROKEN" in done.stdout


@pytest.mark.parametrize("importer", ["home/plants/service.py", "core/plants/service.py"])
def test_a_circle_between_siblings_breaks_the_contract(tmp_path: Path, importer: str) -> None:
    package = house(tmp_path)
    area = importer.split("/", maxsplit=1)[0]
    (package / importer).write_text(f"import talome.{area}.pets.service\n")
    (package / area / "pets/api.py").write_text(f"import talome.{area}.plants.api\n")
    done = lint_imports(tmp_path)
    assert done.returncode == 1
    assert "No circle of imports between siblings, at any level BROKEN" in done.stdout


def test_a_circle_inside_a_feature_breaks_the_contract(tmp_path: Path) -> None:
    feature = house(tmp_path) / "home/plants"
    (feature / "service.py").write_text("import talome.home.plants.api\n")
    (feature / "api.py").write_text("import talome.home.plants.service\n")
    assert lint_imports(tmp_path).returncode == 1
