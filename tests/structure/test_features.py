"""A feature reaches another only through its service and its models; agents reach the home only through operations."""

import subprocess
import sys
from pathlib import Path

import grimp
import pytest

from tests.structure.source import ROOT
from tests.structure.test_layers import house

AREAS = ("accounts", "home", "memory", "gateway", "agents")
DOORS = ("service", "models")


def trespasses(graph: grimp.ImportGraph) -> list[str]:
    """`importer -> imported` for every import that goes around a feature's doors."""
    found = []
    for imported in sorted(graph.modules):
        feature = _feature(imported)
        if feature is None:
            continue
        importers = sorted(graph.find_modules_that_directly_import(imported))
        found += [f"{one} -> {imported}" for one in importers if not _may_enter(graph, one, imported, feature)]
    return found


def _feature(module: str) -> str | None:
    """The feature `talome.home.plants` that a module belongs to."""
    parts = module.split(".")
    return ".".join(parts[:3]) if len(parts) > 2 and parts[1] in AREAS else None


def _may_enter(graph: grimp.ImportGraph, importer: str, imported: str, feature: str) -> bool:
    if importer in ("talome.app", "talome.__main__") or _feature(importer) == feature:
        return True
    if importer == f"{feature.rpartition('.')[0]}.opening":
        return True  # an area's opening puts its features together for app.py
    inside = imported.removeprefix(feature).removeprefix(".")
    if importer.startswith("talome.agents.") and feature.startswith("talome.home."):
        return inside == "models"
    alone = inside == "" and not graph.find_children(feature)  # a feature of one file
    return alone or inside in DOORS


GRAPH = """
import sys, grimp
sys.path.insert(0, sys.argv[1])
from tests.structure.test_features import trespasses
print("\\n".join(trespasses(grimp.build_graph("talome", cache_dir=None))))
"""


def trespasses_in(folder: Path) -> list[str]:
    """In a process of its own: grimp finds the package through sys.path, where the real one stands already."""
    done = subprocess.run([sys.executable, "-c", GRAPH, folder], check=True, cwd=ROOT, capture_output=True, text=True)
    return done.stdout.split("\n")[:-1] if done.stdout.strip() else []


def test_the_package_keeps_its_doors() -> None:
    assert trespasses_in(ROOT) == []


@pytest.mark.parametrize(
    ("importer", "imported"),
    [
        ("home/plants/service.py", "talome.home.pets.api"),
        ("home/plants/service.py", "talome.accounts.pets.api"),
        ("home/plants/service.py", "talome.home.pets"),
        ("agents/plants/service.py", "talome.home.pets.service"),
        ("dashboard/plants/service.py", "talome.home.pets.api"),
    ],
)
def test_going_around_a_door_is_seen(tmp_path: Path, importer: str, imported: str) -> None:
    (house(tmp_path) / importer).write_text(f"import {imported}\n")
    [found] = trespasses_in(tmp_path)
    assert found.endswith(f"-> {imported}")


def test_the_doors_are_open(tmp_path: Path) -> None:
    package = house(tmp_path)
    (package / "home/pets/models.py").write_text("")
    (package / "home/alone.py").write_text("")
    (package / "home/plants/service.py").write_text(
        "import talome.home.pets.service, talome.home.pets.models, talome.home.alone, talome.home.plants.api\n"
    )
    (package / "agents/plants/service.py").write_text("import talome.home.pets.models\n")
    (package / "app.py").write_text("import talome.home.pets.api\n")
    assert trespasses_in(tmp_path) == []
