"""Each check under good and bad conditions, on the real machine."""

import io
import json
import os
import shutil
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from talome.core.cli.render import Output
from talome.core.settings.boot import BootSettings
from talome.doctor import data, engines, machine
from talome.doctor.command import CHECKS, doctor_command
from talome.doctor.findings import Finding


@pytest.fixture
def settings(tmp_path: Path) -> BootSettings:
    home = tmp_path / "data"
    home.mkdir(mode=0o700)
    return BootSettings(home=home, docker_host=f"unix://{tmp_path}/docker.sock")


def with_home(home: Path) -> BootSettings:
    return BootSettings(home=home)


def test_python(settings: BootSettings) -> None:
    assert machine.check_python(settings).state == "ok"
    assert machine.check_python(settings, version=(3, 10, 9)).state == "problem"


def test_folder_in_order(settings: BootSettings) -> None:
    assert data.check_folder(settings).state == "ok"


def test_folder_not_there_yet(tmp_path: Path) -> None:
    assert data.check_folder(with_home(tmp_path / "a" / "b")).state == "ok"
    assert data.check_folder(with_home(Path("/proc/nothing/here"))).state in ("ok", "problem")


def test_folder_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert "not a folder" in data.check_folder(with_home(tmp_path / "file")).detail


@pytest.mark.parametrize(("mode", "state"), [(0o755, "warning"), (0o750, "warning"), (0o770, "problem"), (0o700, "ok")])
def test_folder_open_to_others(settings: BootSettings, mode: int, state: str) -> None:
    settings.home.chmod(mode)
    found = data.check_folder(settings)
    assert found.state == state
    assert state == "ok" or "chmod 700" in str(found.action)


def test_folder_of_somebody_else(settings: BootSettings) -> None:
    assert data.check_folder(settings, user_id=os.geteuid() + 1).state == "problem"


def test_secret(settings: BootSettings) -> None:
    assert data.check_secret(settings).state == "ok"
    (settings.home / "talome.db").touch()
    assert "missing" in data.check_secret(settings).detail
    secret = settings.home / "secret"
    secret.touch(mode=0o600)
    assert data.check_secret(settings).state == "ok"
    secret.chmod(0o640)
    found = data.check_secret(settings)
    assert (found.state, found.action) == ("problem", f"Run: chmod 600 {secret}")
    given = BootSettings(home=settings.home, secret="00" * 32)
    assert data.check_secret(given).state == "ok"


def test_space(settings: BootSettings) -> None:
    free = shutil.disk_usage(settings.home).free
    assert data.check_space(settings, least=0, scarce=0).state == "ok"
    assert data.check_space(settings, least=0, scarce=free * 2).state == "warning"
    assert data.check_space(settings, least=free * 2).state == "problem"
    assert data.check_space(with_home(settings.home / "not" / "yet"), least=0, scarce=0).state == "ok"


def test_no_docker(settings: BootSettings) -> None:
    found = engines.check_docker(settings)
    assert found.state == "problem"
    assert "systemctl start docker" in str(found.action)


def test_something_else_behind_the_socket(settings: BootSettings, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "docker.sock"))
        assert engines.check_docker(settings).state == "problem"


def test_compose(settings: BootSettings) -> None:
    found = engines.check_compose(settings)
    assert found.state == "ok"
    assert "Compose 2." in found.detail or "Compose v2" in found.detail


def test_ffmpeg(settings: BootSettings, tmp_path: Path) -> None:
    assert engines.check_ffmpeg(settings, program="no-such-ffmpeg").state == "warning"
    broken = tmp_path / "ffmpeg"
    broken.write_text("#!/bin/sh\nexit 1\n")
    broken.chmod(0o755)
    assert "does not start" in engines.check_ffmpeg(settings, program=str(broken)).detail
    broken.write_text("#!/bin/sh\necho ffmpeg version 9.1-test Copyright\n")
    assert engines.check_ffmpeg(settings, program=str(broken)).detail == "ffmpeg 9.1-test"


def test_ports(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        taken = machine.check_server_port(BootSettings(home=tmp_path, port=port, bind="127.0.0.1"))
        assert taken.state == "problem"
        assert f"process {os.getpid()}" in taken.detail
        terminal = machine.check_terminal_port(BootSettings(home=tmp_path, terminal_port=port))
        assert "TERMINAL_DAEMON_PORT" in str(terminal.action)
    assert machine.check_server_port(BootSettings(home=tmp_path, port=port, bind="127.0.0.1")).state == "ok"
    foreign = machine.check_server_port(BootSettings(home=tmp_path, port=port, bind="203.0.113.7"))
    assert "TALOME_BIND" in str(foreign.action)


def test_a_port_that_talome_holds(tmp_path: Path) -> None:
    import subprocess

    code = "import socket, time; s = socket.create_server(('127.0.0.1', 0)); print(s.getsockname()[1], flush=True); "
    with subprocess.Popen(
        [sys.executable, "-c", f"{code} time.sleep(60)", "/usr/bin/talome", "serve"], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        found = machine.check_server_port(BootSettings(home=tmp_path, port=port, bind="127.0.0.1"))
        process.terminate()
    assert (found.state, found.detail) == ("ok", f"Talome is running on port {port}.")


def no(value: bool | None) -> Callable[[], bool | None]:
    return lambda: value


def test_clock(settings: BootSettings, tmp_path: Path) -> None:
    rtc = tmp_path / "since_epoch"
    check = machine.check_clock
    assert check(settings, synchronised=no(True), rtc=rtc).state == "ok"
    assert check(settings, synchronised=no(None), rtc=rtc).state == "ok"
    assert check(settings, synchronised=no(False), rtc=rtc).state == "warning"
    assert check(settings, now=lambda: 86400.0, rtc=rtc).state == "problem"
    rtc.write_text(f"{int(time.time()) + 10}\n")
    assert check(settings, synchronised=no(True), rtc=rtc).state == "ok"
    rtc.write_text("12345\n")
    assert "hwclock" in str(check(settings, synchronised=no(True), rtc=rtc).action)
    rtc.write_text("nonsense")
    assert check(settings, synchronised=no(True), rtc=rtc).state == "ok"
    assert check(settings).state in ("ok", "warning")


def test_cgroups(settings: BootSettings, tmp_path: Path) -> None:
    assert machine.check_cgroups(settings).state in ("ok", "warning")
    assert machine.check_cgroups(settings, proc=tmp_path).state == "warning"


def run(monkeypatch: pytest.MonkeyPatch, home: Path, *findings: Finding, as_json: bool = False) -> tuple[int, str]:
    monkeypatch.setenv("TALOME_HOME", str(home))
    output = Output(io.StringIO(), io.StringIO(), as_json=as_json)

    def always(finding: Finding) -> Callable[[BootSettings], Finding]:
        return lambda _: finding

    code = doctor_command([], output, [always(finding) for finding in findings] or CHECKS)
    return code, output.out.getvalue()  # type: ignore[attr-defined]


GOOD = Finding("a", "Apples", "ok", "There are some.")
POOR = Finding("b", "Pears", "warning", "Few.", "Buy pears.")
BAD = Finding("c", "Plums", "problem", "None \x1b[2J.", "Buy plums.")


def test_only_problems_fail(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    code, out = run(monkeypatch, tmp_path, GOOD, POOR)
    assert (code, out.splitlines()[-1]) == (0, "Nothing stands in Talome's way.")
    assert "Buy pears." in out
    code, out = run(monkeypatch, tmp_path, GOOD, BAD)
    assert (code, out.splitlines()[-1]) == (1, "1 problem to solve before Talome can run well.")
    assert "\x1b" not in out


def test_as_json(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    code, out = run(monkeypatch, tmp_path, GOOD, BAD, as_json=True)
    assert (code, json.loads(out)["ok"]) == (1, False)
    assert json.loads(out)["checks"][0] == {
        "id": "a",
        "title": "Apples",
        "state": "ok",
        "detail": "There are some.",
        "action": None,
    }


def test_all_checks_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    _, out = run(monkeypatch, tmp_path, as_json=True)
    found = json.loads(out)["checks"]
    assert len(found) == len(CHECKS) == len({check["id"] for check in found})
    assert all(check["action"] for check in found if check["state"] != "ok")
