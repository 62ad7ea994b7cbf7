"""When the dashboard is built, and when what is there is kept."""

import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.structure.source import ROOT

sys.path.insert(0, str(ROOT / "scripts"))
from build_ui import BuildError, DashboardBuild, system_node

BUILD = "mkdir -p ../static && cp index.html ../static/ && node -e \"console.log('x'.repeat(2000))\" > ../static/a.js"
PACKAGE = '{"name": "x", "version": "1.0.0", "scripts": {"build": %s}}'
LOCK = '{"name": "x", "version": "1.0.0", "lockfileVersion": 3, "packages": {"": {"name": "x", "version": "1.0.0"}}}'


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout whose dashboard is one page and one script, and which needs no package."""
    ui = tmp_path / "talome/dashboard/ui"
    ui.mkdir(parents=True)
    (ui / "index.html").write_text("<p>home</p>")
    write_package(ui, BUILD)
    (ui / "package-lock.json").write_text(LOCK)
    (tmp_path / "scripts").symlink_to(ROOT / "scripts")
    return tmp_path


def write_package(ui: Path, command: str) -> None:
    quoted = '"' + command.replace('"', '\\"') + '"'
    (ui / "package.json").write_text(PACKAGE % quoted)


def dashboard(checkout: Path, environment: Mapping[str, str] | None = None) -> DashboardBuild:
    return DashboardBuild(checkout, environment or {})


@pytest.mark.skipif(system_node() is None, reason="no Node.js on PATH")
def test_a_build_is_compressed_and_fresh_until_a_source_changes(checkout: Path) -> None:
    assert dashboard(checkout).is_stale()
    dashboard(checkout).build(log=lambda _: None)
    static = checkout / "talome/dashboard/static"
    assert {path.name for path in static.iterdir()} == {".stamp", "index.html", "a.js", "a.js.br", "a.js.gz"}
    assert not dashboard(checkout).is_stale()
    (checkout / "talome/dashboard/ui/index.html").write_text("<p>another home</p>")
    assert dashboard(checkout).is_stale()


@pytest.mark.skipif(system_node() is None, reason="no Node.js on PATH")
def test_a_failed_build_says_why_and_stays_stale(checkout: Path) -> None:
    dashboard(checkout).build(log=lambda _: None)
    write_package(checkout / "talome/dashboard/ui", "echo the wall is wet; exit 3")
    with pytest.raises(BuildError, match="the wall is wet"):
        dashboard(checkout).build(log=lambda _: None)
    assert dashboard(checkout).is_stale()


def test_what_npm_leaves_behind_is_no_source(checkout: Path) -> None:
    before = dashboard(checkout).source_hash()
    modules = checkout / "talome/dashboard/ui/node_modules/x"
    modules.mkdir(parents=True)
    (modules / "index.js").write_text("")
    assert dashboard(checkout).source_hash() == before


def test_nothing_is_built_where_it_is_not_wanted_or_cannot_be(checkout: Path, tmp_path: Path) -> None:
    assert not dashboard(checkout, {"TALOME_SKIP_UI": "1"}).is_stale()
    assert dashboard(checkout, {"TALOME_SKIP_UI": "0"}).is_stale()
    assert not dashboard(tmp_path / "elsewhere").is_stale()
