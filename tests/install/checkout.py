"""Checkouts for the installer: this one, and a small one whose server can be told to fail."""

import json
import os
import shutil
import socket
import subprocess
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NOT_COPIED = shutil.ignore_patterns(
    ".git", ".venv", ".cache", ".dev", "node_modules", "__pycache__", ".*_cache", ".hypothesis"
)

PYPROJECT = """
[build-system]
requires = []
build-backend = "pack"
backend-path = ["."]
[project]
name = "talome"
version = "{version}"
dependencies = [{dependencies}]
[project.scripts]
talome = "talome.__main__:main"
"""

# A build backend (PEP 517) of the checkout's own, since fetching a real one takes longer than the rest of a test.
PACK = """
import pathlib, tomllib, zipfile

def build_wheel(folder, config_settings=None, metadata_directory=None):
    project = tomllib.loads(pathlib.Path("pyproject.toml").read_text())["project"]
    label = f"talome-{project['version']}"
    lines = ["Metadata-Version: 2.1", "Name: talome", f"Version: {project['version']}"]
    lines += [f"Requires-Dist: {name}" for name in project["dependencies"]]
    files = {str(path): path.read_text() for path in pathlib.Path("talome").glob("*.py")} | {
        f"{label}.dist-info/METADATA": "\\n".join([*lines, ""]),
        f"{label}.dist-info/WHEEL": "Wheel-Version: 1.0\\nGenerator: x\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
        f"{label}.dist-info/entry_points.txt": "[console_scripts]\\ntalome = talome.__main__:main\\n",
    }
    files[f"{label}.dist-info/RECORD"] = "".join(f"{name},,\\n" for name in [*files, f"{label}.dist-info/RECORD"])
    with zipfile.ZipFile(pathlib.Path(folder) / f"{label}-py3-none-any.whl", "w") as wheel:
        for name, text in files.items():
            wheel.writestr(name, text)
    return f"{label}-py3-none-any.whl"
"""

SERVER = """
import http.server, os, pathlib, sys

class Server(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"version": "VERSION"}')

def main():
    home = pathlib.Path(os.environ["TALOME_HOME"])
    (home / "talome.db").write_text("made by VERSION")
    (home / "setup-code").write_text("1234-5678")
    address = os.environ.get("TALOME_BIND") or "127.0.0.1", int(os.environ["CORE_PORT"])
    http.server.HTTPServer(address, Server).serve_forever()
"""


def paper_checkout(folder: Path, *, version: str, server: str = SERVER, dependencies: str = "") -> Path:
    """The installer with a package that needs nothing from a network and whose server is twenty lines."""
    package = folder / "talome"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(f'__version__ = "{version}"\n')
    (package / "app.py").write_text("")
    (package / "__main__.py").write_text(server.replace("VERSION", version))
    (folder / "pyproject.toml").write_text(PYPROJECT.format(version=version, dependencies=dependencies))
    (folder / "pack.py").write_text(PACK)
    (folder / "constraints.txt").write_text("")
    (folder / "scripts").mkdir()
    (folder / "scripts/install-binaries").write_text("#!/bin/sh\n")
    (folder / "scripts/install-binaries").chmod(0o755)
    shutil.copy(ROOT / "install.sh", folder)
    return folder


def real_checkout(folder: Path) -> Path:
    """A copy of this checkout."""
    shutil.copytree(ROOT, folder, ignore=NOT_COPIED)
    return folder


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Machine:
    """A folder that stands for a machine's file system, and the network port of its server."""

    root: Path
    port: int
    wheelhouse: Path

    @property
    def data(self) -> Path:
        return self.root / "var/lib/talome"

    @property
    def settings(self) -> Path:
        return self.root / "etc/talome/talome.env"

    @property
    def releases(self) -> list[str]:
        folder = self.root / "opt/talome/releases"
        return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []

    @property
    def current(self) -> str:
        return (self.root / "opt/talome/current").readlink().name

    def install(self, checkout: Path, *options: str) -> subprocess.CompletedProcess[str]:
        """Run the checkout's installer against this machine, without a network."""
        environment = {
            **os.environ,
            "TALOME_PREFIX": str(self.root),
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(self.wheelhouse),
        }
        command = [str(checkout / "install.sh"), *options]
        return subprocess.run(
            command, check=False, env=environment, text=True, capture_output=True, timeout=240, stdin=subprocess.DEVNULL
        )

    def service(self, verb: str) -> subprocess.CompletedProcess[str]:
        program = self.root / "usr/local/bin/talome-service"
        return subprocess.run([program, verb], check=False, text=True, capture_output=True, timeout=60)

    def serving(self) -> str:
        """The version that answers."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/api/health", timeout=5) as answer:
            return str(json.load(answer)["version"])

    def is_dark(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) != 0

    def wait_until_up(self, cap_s: float = 30) -> None:
        end = time.monotonic() + cap_s
        while self.is_dark():
            assert time.monotonic() < end, "the server does not listen"
            time.sleep(0.05)

    def files(self) -> dict[str, bytes]:
        """Everything on this machine except logs, by name."""
        return {
            str(path.relative_to(self.root)): path.read_bytes()
            for path in self.root.rglob("*")
            if path.is_file() and not path.is_relative_to(self.root / "var/log")
        }
