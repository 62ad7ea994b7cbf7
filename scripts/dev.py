"""Runs the parts of a development machine side by side and ends them together; see scripts/dev."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import build_ui

ROOT = Path(__file__).resolve().parent.parent
UI = ROOT / "talome" / "dashboard" / "ui"
DEV = ROOT / ".dev"
LOOK_EVERY_S = 0.5
STOP_CAP_S = 15


@dataclass
class Part:
    """A program that runs for as long as the others do."""

    name: str
    command: list[str]
    environment: dict[str, str]
    folder: Path = ROOT
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def start(self) -> None:
        say(f"{self.name}: {' '.join(self.command)}")
        # A session of its own: Ctrl-C reaches only this script, which then ends the parts in order.
        self.process = subprocess.Popen(self.command, cwd=self.folder, env=self.environment, start_new_session=True)

    def has_ended(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def stop(self) -> None:
        if self.process is None or self.process.poll() is not None:
            return
        os.killpg(self.process.pid, signal.SIGTERM)
        try:
            self.process.wait(STOP_CAP_S)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


def say(text: str) -> None:
    print(f"\033[1mdev\033[0m  {text}", flush=True)


def engine(environment: dict[str, str]) -> Part | None:
    """A Docker Engine for development, unless there is one already or it cannot be started here."""
    if environment.get("DOCKER_HOST") or Path("/var/run/docker.sock").is_socket():
        return None
    dockerd = shutil.which("dockerd", path=environment["PATH"])
    if dockerd is None or os.geteuid() != 0:
        say("Docker is not running; Talome runs without it")
        return None
    folder = DEV / "docker"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pid").unlink(missing_ok=True)  # of a run that was killed
    socket = f"unix://{folder}/docker.sock"
    environment["DOCKER_HOST"] = socket
    options = ["--host", socket, "--data-root", f"{folder}/data", "--exec-root", f"{folder}/exec"]
    quiet = ["--pidfile", f"{folder}/pid", "--log-level", "warn"]
    return Part("engine", [dockerd, *options, *quiet], environment)


def dashboard(environment: dict[str, str]) -> Part | None:
    """Vite's development server, which passes /api on to the server."""
    if not (UI / "package.json").is_file():
        return None
    try:
        node = build_ui.find_node()
    except build_ui.BuildError as error:
        say(f"without the dashboard: {error}")
        return None
    environment = {**environment, **node.environment}
    if not (UI / "node_modules").is_dir():
        subprocess.run([*node.npm, "ci", *build_ui.NPM_FLAGS], cwd=UI, env=environment, check=True)
    return Part("dashboard", [*node.npm, "run", "dev"], environment, UI)


def snapshot() -> dict[Path, float]:
    """When each Python file of the package was last changed."""
    found = {}
    for path in python_files(ROOT / "talome"):
        try:
            found[path] = path.stat().st_mtime
        except FileNotFoundError:  # removed meanwhile
            continue
    return found


def python_files(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.is_dir() and path.name not in ("ui", "static", "__pycache__"):
            yield from python_files(path)
        elif path.suffix in (".py", ".sql"):
            yield path


def watch(server: Part, others: list[Part]) -> None:
    """Start the server again on every change; return when another part has ended."""
    seen = snapshot()
    told = False
    while not any(part.has_ended() for part in others):
        time.sleep(LOOK_EVERY_S)
        now = snapshot()
        if now != seen:
            changed = {path for path in now.keys() | seen.keys() if now.get(path) != seen.get(path)}
            say(f"changed: {', '.join(sorted(str(path.relative_to(ROOT)) for path in changed)[:3])}")
            seen, told = now, False
            server.stop()
            server.start()
        elif server.has_ended() and not told:
            told = True
            say("the server has ended; it starts again when a file changes")
    say(f"{next(part.name for part in others if part.has_ended())} has ended, and so does the rest")


def main() -> int:
    """Run until Ctrl-C, or until a part other than the server ends."""
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    environment.setdefault("TALOME_HOME", str(DEV / "home"))
    environment.setdefault("TALOME_BIND", "127.0.0.1")
    (DEV / "home").mkdir(parents=True, exist_ok=True)
    terminal = Part("terminal", [sys.executable, "-m", "talome", "terminal"], environment)
    others = [terminal, *(part for part in (engine(environment), dashboard(environment)) if part)]
    server = Part("server", [sys.executable, "-m", "talome", "serve"], environment)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    try:
        for part in (*others, server):
            part.start()
        watch(server, others)
    except KeyboardInterrupt:
        print()
    finally:
        for part in (server, *reversed(others)):
            part.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
