"""Machines made of a folder, for the tests of the installer. Packages come from a folder that scripts/test fills."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.install.checkout import Machine, free_port, paper_checkout


@pytest.fixture(scope="session")
def wheelhouse() -> Path:
    folder = Path(os.environ.get("TALOME_TEST_WHEELHOUSE", ""))
    if not (folder / ".stamp").is_file():
        pytest.skip("no packages to install from: scripts/test collects them")
    return folder


def stop(machine: Machine) -> None:
    if (machine.root / "usr/local/bin/talome-service").exists():
        machine.service("stop")


@pytest.fixture
def new_machine(tmp_path: Path, wheelhouse: Path) -> Iterator[Machine]:
    """A machine that never saw Talome."""
    machine = Machine(tmp_path / "machine", free_port(), wheelhouse)
    machine.root.mkdir()
    yield machine
    stop(machine)


@pytest.fixture(scope="session")
def first_installation(tmp_path_factory: pytest.TempPathFactory, wheelhouse: Path) -> tuple[Machine, Path]:
    """A machine with release 1.0.0 that was never started, and a copy of all its files."""
    folder = tmp_path_factory.mktemp("first")
    machine = Machine(folder / "machine", free_port(), wheelhouse)
    machine.root.mkdir()
    checkout = paper_checkout(folder / "checkout", version="1.0.0")
    done = machine.install(checkout, "--no-service", "--port", str(machine.port))
    assert done.returncode == 0, done.stderr
    copy = folder / "copy"
    shutil.copytree(machine.root, copy, symlinks=True)
    return machine, copy


@pytest.fixture
def installed_machine(first_installation: tuple[Machine, Path]) -> Iterator[Machine]:
    """A machine with release 1.0.0, not running. Put back by copying: an environment works only where it was made."""
    machine, copy = first_installation
    shutil.rmtree(machine.root)
    shutil.copytree(copy, machine.root, symlinks=True)
    yield machine
    stop(machine)


@pytest.fixture
def machine(installed_machine: Machine) -> Machine:
    """A machine with release 1.0.0, serving."""
    assert installed_machine.service("start").returncode == 0
    installed_machine.wait_until_up()
    return installed_machine
