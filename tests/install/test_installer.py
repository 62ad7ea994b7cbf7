"""What the installer promises, on a machine that is a folder, with a small server in Talome's place."""

import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from tests.install.checkout import SERVER, Machine, paper_checkout

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

GIVES_UP = SERVER.replace('(home / "setup-code")', 'sys.exit("the cellar is flooded")\n    (home / "setup-code")')
TOOLS = "awk basename bash cat cut date df dirname flock id install mkdir readlink rm rmdir sed tail uname"


def kept(machine: Machine) -> dict[str, bytes]:
    """The machine's files without what changes from run to run."""
    return {name: content for name, content in machine.files().items() if not name.startswith(("run/", "opt/"))}


def test_a_first_installation(new_machine: Machine, tmp_path: Path) -> None:
    checkout = paper_checkout(tmp_path / "one", version="1.0.0")
    before = set(checkout.rglob("*"))
    done = new_machine.install(checkout, "--port", str(new_machine.port))
    assert done.returncode == 0, done.stderr
    assert f"http://localhost:{new_machine.port}" in done.stdout
    assert "1234-5678" in done.stdout
    assert new_machine.serving() == "1.0.0"
    assert new_machine.service("status").stdout.startswith("running")
    assert stat.S_IMODE(new_machine.settings.stat().st_mode) == 0o600
    assert stat.S_IMODE(new_machine.data.stat().st_mode) == 0o700
    assert set(checkout.rglob("*")) == before


def test_upgrades_keep_settings_and_data_and_one_release_to_go_back_to(machine: Machine, tmp_path: Path) -> None:
    with machine.settings.open("a") as settings:
        settings.write("TALOME_LOG_LEVEL=debug\n")
    (machine.data / "apps").mkdir()
    (machine.data / "apps/compose.yml").write_text("services: {}\n")
    before = kept(machine)
    again = machine.install(paper_checkout(tmp_path / "one", version="1.0.0"))
    assert again.returncode == 0, again.stderr
    assert kept(machine) == before
    done = machine.install(paper_checkout(tmp_path / "two", version="1.1.0"))
    assert done.returncode == 0, done.stderr
    assert machine.serving() == "1.1.0"
    assert [name.split("-")[0] for name in machine.releases] == ["1.0.0", "1.1.0"]
    assert machine.current.startswith("1.1.0-")
    assert kept(machine) == before | {"var/lib/talome/talome.db": b"made by 1.1.0"}


@pytest.mark.parametrize(
    ("server", "dependencies", "reason"),
    [
        pytest.param(SERVER, '"no-such-package-anywhere"', "no-such-package-anywhere", marks=pytest.mark.whole),
        pytest.param("def main(:\n", "", "SyntaxError", marks=pytest.mark.whole),  # the third is the furthest
        (GIVES_UP, "", "the cellar is flooded"),
    ],
    ids=["a package is missing", "the code is broken", "the server ends"],
)
def test_a_failed_upgrade_leaves_the_machine_as_it_was(
    machine: Machine, tmp_path: Path, server: str, dependencies: str, reason: str
) -> None:
    before, releases = kept(machine), machine.releases
    broken = paper_checkout(tmp_path / "two", version="2.0.0", server=server, dependencies=dependencies)
    done = machine.install(broken, "--port", str(machine.port), "--bind", "127.0.0.1")
    assert done.returncode != 0
    assert "this did not work" in done.stderr
    assert reason in done.stderr
    assert "The machine is as it was before" in done.stderr
    machine.wait_until_up()
    assert machine.serving() == "1.0.0"
    assert (kept(machine), machine.releases) == (before, releases)


def test_a_failed_first_installation_leaves_nothing(new_machine: Machine, tmp_path: Path) -> None:
    done = new_machine.install(paper_checkout(tmp_path / "one", version="1.0.0", server=GIVES_UP))
    assert done.returncode != 0
    assert "the cellar is flooded" in done.stderr
    assert new_machine.files() == {}
    assert not new_machine.data.exists()


def test_a_taken_port_is_a_failure_although_somebody_answers_there(
    machine: Machine, new_machine: Machine, tmp_path: Path
) -> None:
    done = new_machine.install(paper_checkout(tmp_path / "one", version="1.0.0"), "--port", str(machine.port))
    assert done.returncode != 0
    assert f"port {machine.port} is in use" in done.stderr
    assert new_machine.files() == {}
    assert machine.serving() == "1.0.0"


def test_the_server_in_the_background(installed_machine: Machine) -> None:
    assert installed_machine.service("status").returncode == 3
    assert installed_machine.service("start").returncode == 0
    installed_machine.wait_until_up()
    assert "already running" in installed_machine.service("start").stdout
    assert installed_machine.service("restart").returncode == 0
    installed_machine.wait_until_up()
    assert installed_machine.service("stop").returncode == 0
    assert installed_machine.is_dark()
    assert installed_machine.service("status").stdout == "stopped\n"
    assert installed_machine.service("dance").returncode == 2


def test_uninstalling_keeps_the_data_and_purging_does_not(machine: Machine, tmp_path: Path) -> None:
    stranger = machine.root / "srv/photos/one.jpg"
    stranger.parent.mkdir(parents=True)
    stranger.write_text("a photo")
    done = machine.install(machine.root / "opt/talome/current", "--uninstall")  # the checkout may be long gone
    assert done.returncode == 0, done.stderr
    assert machine.is_dark()
    assert machine.settings.is_file()
    assert (machine.data / "talome.db").read_text() == "made by 1.0.0"
    assert not (machine.root / "opt/talome").exists()
    checkout = paper_checkout(tmp_path / "one", version="1.0.0")
    refused = machine.install(checkout, "--uninstall", "--purge")
    assert refused.returncode != 0
    assert "--yes" in refused.stderr
    assert (machine.data / "talome.db").is_file()
    done = machine.install(checkout, "--uninstall", "--purge", "--yes")
    assert done.returncode == 0, done.stderr
    assert machine.files() == {"srv/photos/one.jpg": b"a photo"}


def test_purging_a_shared_folder_takes_only_what_is_talomes(installed_machine: Machine) -> None:
    shared = installed_machine.root / "srv/shared"
    shared.mkdir(parents=True)
    (shared / "thesis.txt").write_text("years of work")
    text = installed_machine.settings.read_text().replace(str(installed_machine.data), str(shared))
    installed_machine.settings.write_text(text)
    installed_machine.service("start")
    installed_machine.wait_until_up()
    assert (shared / "talome.db").is_file()
    done = installed_machine.install(installed_machine.root / "opt/talome/current", "--uninstall", "--purge", "--yes")
    assert done.returncode == 0, done.stderr
    assert installed_machine.files() == {"srv/shared/thesis.txt": b"years of work"}


@pytest.mark.parametrize(
    "options",
    [
        ["--port", "0"],
        ["--port", "65536"],
        ["--port", "4000;reboot"],
        ["--bind", "$(reboot)"],
        ["--sudo"],
        ["--purge"],
    ],
)
def test_nonsense_is_refused_before_anything_happens(new_machine: Machine, tmp_path: Path, options: list[str]) -> None:
    done = new_machine.install(paper_checkout(tmp_path / "one", version="1.0.0"), *options)
    assert done.returncode != 0
    assert done.stderr.startswith("\nerror: ")
    assert new_machine.files() == {}


def test_without_a_new_enough_python_it_says_what_to_do(new_machine: Machine, tmp_path: Path) -> None:
    checkout = paper_checkout(tmp_path / "one", version="1.0.0")
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in TOOLS.split():
        found = shutil.which(name)
        assert found, name
        (tools / name).symlink_to(found)
    environment = {**os.environ, "TALOME_PREFIX": str(new_machine.root), "PATH": str(tools)}
    done = subprocess.run([checkout / "install.sh"], check=False, env=environment, text=True, capture_output=True)
    assert done.returncode != 0
    assert "Python 3.11 or newer" in done.stderr
    assert new_machine.files() == {}
