"""From `talome serve` to signing out, each in a process of its own: the whole application, without Docker."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

PASSWORD = "correct horse battery"


@dataclass
class Box:
    """One data folder, one user's login file, one port."""

    folder: Path
    port: int

    @property
    def environment(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(Path.cwd()),
            "TALOME_HOME": str(self.folder / "data"),
            "XDG_CONFIG_HOME": str(self.folder / "config"),
            "CORE_PORT": str(self.port),
            "TALOME_BIND": "127.0.0.1",
            "DOCKER_HOST": f"unix://{self.folder}/none.sock",
        }

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        command = [sys.executable, "-m", "talome", *arguments]
        return subprocess.Popen(
            command,
            env=self.environment,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def talome(self, *arguments: str, stdin: str = "") -> "subprocess.CompletedProcess[str]":
        with self.start(*arguments) as process:
            out, err = process.communicate(stdin, timeout=40)
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    def wait_until_up(self, process: "subprocess.Popen[str]") -> None:
        deadline = time.monotonic() + 40
        while time.monotonic() < deadline and process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.1)
        raise AssertionError(process.communicate(timeout=5))


@pytest.fixture
def box(tmp_path: Path, unused_tcp_port: int) -> Box:
    return Box(tmp_path, unused_tcp_port)


@pytest.fixture
def server(box: Box) -> Iterator[Box]:
    with box.start("serve") as process:
        try:
            box.wait_until_up(process)
            yield box
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=20)
    assert process.returncode == 0


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_from_the_first_login_to_a_lost_password(server: Box) -> None:
    first = server.talome("login", "--username", "ada", "--password-stdin", stdin=f"{PASSWORD}\n")
    assert first.returncode == 0, first.stderr
    assert "recovery codes" in first.stderr
    assert json.loads(server.talome("users", "list", "--json").stdout)[0]["username"] == "ada"
    assert "role" in server.talome("users", "add", "--help").stdout
    person = ("--username", "bob", "--password", "-", "--permissions", "system:read")
    added = server.talome("users", "add", *person, stdin=f"{PASSWORD}2\n")
    assert added.returncode == 0, added.stderr
    assert PASSWORD not in added.stdout + added.stderr
    assert "  bob  " in server.talome("users", "list").stdout
    assert server.talome("containers", "get", "nothing", "--json").returncode == 1
    second = server.talome("serve")
    assert (second.returncode, second.stdout) == (1, "")
    assert "Another Talome is running" in second.stderr
    reset = server.talome("user", "reset-password", "ada", "--password-stdin", stdin="another horse battery\n")
    assert (reset.returncode, reset.stdout) == (0, "Done.\n"), reset.stderr
    deadline = time.monotonic() + 10
    while server.talome("auth", "me").returncode == 0 and time.monotonic() < deadline:
        time.sleep(0.2)
    assert server.talome("auth", "me").returncode == 3
    again = server.talome("login", "--username", "ada", "--password-stdin", stdin="another horse battery\n")
    assert again.returncode == 0, again.stderr
    unknown = server.talome("user", "reset-password", "nobody", "--password-stdin", stdin=f"{PASSWORD}\n")
    assert unknown.returncode == 4
    weak = server.talome("user", "reset-password", "ada", "--password-stdin", stdin="x\n")
    assert weak.returncode == 1
    assert server.talome("logout").returncode == 0
    assert server.talome("users", "list").returncode == 3


def test_a_port_in_use_is_one_sentence(box: Box) -> None:
    with socket.create_server(("127.0.0.1", box.port)):
        ended = box.talome("serve")
    assert ended.returncode == 1
    assert f"talome: Port {box.port} is in use" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_secret_that_others_can_read_stops_it(box: Box) -> None:
    data = box.folder / "data"
    data.mkdir(mode=0o700)
    (data / "secret").write_text("ab" * 32)
    (data / "secret").chmod(0o644)
    ended = box.talome("serve")
    assert (ended.returncode, ended.stderr.count("\n")) == (1, 1)
    assert "chmod 600" in ended.stderr


def test_a_database_of_a_newer_release_stops_it(box: Box) -> None:
    import sqlite3

    data = box.folder / "data"
    data.mkdir(mode=0o700)
    with sqlite3.connect(data / "talome.db") as db:
        db.execute("CREATE TABLE schema_migrations (feature, number, applied_at)")
        db.execute("INSERT INTO schema_migrations VALUES ('core.jobs', 999, 0)")
    db.close()
    ended = box.talome("serve")
    assert ended.returncode == 1
    assert "newer release" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_folder_that_cannot_be_made_is_one_sentence(box: Box) -> None:
    (box.folder / "data").write_text("a file")
    ended = box.talome("serve")
    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr
