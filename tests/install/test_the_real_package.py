"""This checkout, installed on a machine that is a folder: what the installer makes really is Talome."""

import json
import subprocess
import urllib.request
from pathlib import Path

import pytest

from tests.install.checkout import Machine, real_checkout

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def test_talome_is_installed_serves_and_goes(
    new_machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TALOME_SKIP_UI", "1")  # the dashboard that is built, if there is one; none is built without npm
    checkout = real_checkout(tmp_path / "checkout")
    done = new_machine.install(checkout, "--port", str(new_machine.port), "--bind", "127.0.0.1")
    assert done.returncode == 0, done.stderr
    assert (new_machine.data / "setup-code").read_text().strip() in done.stdout
    with urllib.request.urlopen(f"http://127.0.0.1:{new_machine.port}/api/setup", timeout=5) as answer:
        setup = json.load(answer)
    assert setup["needsAdmin"]
    command = [new_machine.root / "usr/local/bin/talome", "version"]
    version = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
    assert setup["version"] == version
    assert new_machine.current.startswith(f"{version}-")
    compose = new_machine.root / "opt/talome/current/venv/lib"
    assert [path.stat().st_mode & 0o111 for path in compose.glob("python3*/site-packages/compose/docker-compose")]
    done = new_machine.install(checkout, "--uninstall", "--purge", "--yes")
    assert done.returncode == 0, done.stderr
    assert new_machine.files() == {}
