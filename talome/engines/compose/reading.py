"""Compose's own reading of files: of projects that somebody else made, and the hashes by which it sees a change."""

from __future__ import annotations

import json
import pwd
import re
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from talome.core.errors import Invalid
from talome.engines.compose.find import ComposeFinder
from talome.engines.compose.process import Finished, run

_LIMIT_S: Final = 30.0
_MOST_FILES: Final = 10
_MOST_BYTES: Final = 1024 * 1024
_KINDS: Final = (".yml", ".yaml")
_ONLY_FROM_HERE: Final = {"COMPOSE_EXPERIMENTAL_GIT_REMOTE": "false", "COMPOSE_EXPERIMENTAL_OCI_REMOTE": "false"}
"""What a file takes over from elsewhere is not fetched."""
_HASH: Final = re.compile(r"(\S+) ([0-9a-f]{64})")


class ComposeReader:
    """Asks the Compose binary; nothing is started, fetched or built."""

    def __init__(self, compose: ComposeFinder, docker_host: str) -> None:
        self._compose = compose
        self._host = docker_host

    async def resolved(
        self, project: str, folder: Path, files: Sequence[Path], env_files: Sequence[Path] = ()
    ) -> dict[str, Any]:
        """Somebody's project with all variables filled in and the paths made whole, services of every profile among
        it. It holds secrets. Raises `Invalid` where the files are not there, or no Compose files."""
        if not files or len(files) > _MOST_FILES or not all(map(_is_small_file, (*files, *env_files))):
            raise Invalid("Its Compose file is not on this machine, or not to be read.")
        if any(file.suffix.lower() not in _KINDS for file in files):
            raise Invalid("Its Compose file has another name than one usually has.")
        arguments = ["--project-directory", str(folder)]
        for file in files:
            arguments += ["-f", str(file)]
        for file in env_files:
            arguments += ["--env-file", str(file)]
        done = await self._run(project, [*arguments, "--profile", "*", "config", "--format", "json"], home=files[0])
        try:
            said = json.loads(done.stdout) if done.whole else None
        except ValueError:
            said = None
        if not isinstance(said, dict):
            raise Invalid("Its Compose file is too large.")
        return said

    async def hashes(self, project: str, files: Mapping[str, str]) -> dict[str, str]:
        """By service, what Compose would label the containers of this `compose.yml` and `.env` with. It makes a
        container anew where that is another one."""
        with tempfile.TemporaryDirectory(prefix="talome-compose-") as folder:
            for name in ("compose.yml", ".env"):
                (Path(folder) / name).write_text(files.get(name, ""))
            arguments = ["--project-directory", folder, "-f", f"{folder}/compose.yml", "--env-file", f"{folder}/.env"]
            done = await self._run(project, [*arguments, "config", "--hash", "*"])
        return {found[1]: found[2] for found in _HASH.finditer(done.stdout.decode(errors="replace"))}

    async def _run(self, project: str, arguments: Sequence[str], home: Path | None = None) -> Finished:
        compose = await self._compose.get()
        argv = [*compose.command, "--ansi", "never", "-p", project, *arguments]
        more = dict(_ONLY_FROM_HERE)
        if home is not None and (folder := _home_of_owner(home)) is not None:
            more["HOME"] = folder  # which the file may name
        done = await run(argv, docker_host=self._host, limit_s=_LIMIT_S, environment=more)
        if done.exit_code != 0:  # its words may repeat what is in the file
            raise Invalid("Docker Compose does not understand its Compose file.")
        return done


def _is_small_file(path: Path) -> bool:
    try:
        return path.is_absolute() and path.is_file() and path.stat().st_size <= _MOST_BYTES
    except OSError:
        return False


def _home_of_owner(path: Path) -> str | None:
    try:
        return pwd.getpwuid(path.stat().st_uid).pw_dir
    except (KeyError, OSError):
        return None
