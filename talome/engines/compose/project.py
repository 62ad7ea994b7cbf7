"""One Compose project: checked, brought up and taken down by the Compose binary. It never pulls and never builds."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Final

from talome.core.errors import Invalid, Unavailable
from talome.engines.compose.find import Compose
from talome.engines.compose.process import Finished, run
from talome.engines.compose.words import read_line, why

PROJECT: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
_READ_S: Final = 60.0
_CHANGE_S: Final = 300.0
_UP_S: Final = 900.0
_MOST_WARNINGS: Final = 50

OnProgress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class ServiceState:
    """One container of a service. `state` and `health` in Docker's words ("running", "healthy", "none");
    `exit_code` only once it has ended."""

    service: str
    container: str
    state: str
    health: str
    exit_code: int | None


class ComposeProject:
    """`files` lie in `folder`; a `.env` beside them gives the variables. Every call may be cancelled, which ends
    Compose and leaves what it had done so far. What is running is found by its labels, so `down`, `stop`, `start`,
    `restart` and `ps` work with broken files and without any."""

    def __init__(
        self,
        compose: Compose,
        docker_host: str,
        project: str,
        folder: Path,
        files: Sequence[str] = ("compose.yml",),
    ) -> None:
        if not PROJECT.fullmatch(project):
            raise Invalid("A project is named with small letters, digits, dashes and underscores.", field="project")
        if not files or any(not _lies_inside(name) for name in files):
            raise Invalid("A Compose file is named by its path inside the project's folder.", field="files")
        self._compose, self._host = compose, docker_host
        self._project, self._folder, self._files = project, folder, tuple(files)

    async def check(self) -> list[str]:
        """Compose's warnings, such as that a variable is not set. Raises `Invalid` with its words."""
        done = await self._with_files("config", "-q", checking=True)
        lines = (read_line(line, self._project) for line in done.stderr)
        warnings = dict.fromkeys(line.text for line in lines if line.kind == "warning")
        return list(warnings)[:_MOST_WARNINGS]

    async def resolved(self) -> dict[str, Any]:
        """The project as Compose understands it, every variable filled in. It holds secrets."""
        done = await self._with_files("config", "--format", "json", checking=True)
        try:
            said = json.loads(done.stdout) if done.whole else None
        except ValueError:
            said = None
        if not isinstance(said, dict):
            raise Invalid("Docker Compose's reading of the file is too large or not JSON.")
        return said

    async def up(self, *, on_progress: OnProgress | None = None, limit_s: float = _UP_S) -> None:
        """Bring it to what the files say. Every image must be there already. Returns once all containers are started
        and those that others wait for are healthy. Raises `Conflict` with a code ("port_taken", "image_missing",
        "name_taken", "unhealthy", ...) and what it is about in `details["subject"]`, `Invalid`, `Unavailable`."""
        options = ("--no-build", "--pull", "never", "--remove-orphans")
        await self._with_files("up", "-d", *options, on_progress=on_progress, limit_s=limit_s)

    async def down(self, *, timeout_s: int | None = None, on_progress: OnProgress | None = None) -> None:
        """Remove its containers and networks; never volumes or images. See `stop` for the time that they get."""
        await self._by_labels("down", "--remove-orphans", *_patience(timeout_s), on_progress=on_progress)

    async def stop(self, timeout_s: int | None = None) -> None:
        """Ask the containers to end, and kill them after `timeout_s`, or after the time that each asks for itself."""
        await self._by_labels("stop", *_patience(timeout_s))

    async def start(self) -> None:
        """Start what was stopped, in the order in which it depends on each other."""
        await self._by_labels("start")

    async def restart(self, timeout_s: int | None = None) -> None:
        await self._by_labels("restart", *_patience(timeout_s))

    async def ps(self) -> list[ServiceState]:
        """Every container of it, ended ones too."""
        done = await self._by_labels("ps", "-a", "--format", "json", limit_s=_READ_S)
        try:
            return [_state(row) for row in _rows(done.stdout)]
        except (ValueError, KeyError, TypeError):
            raise Unavailable("Docker Compose gave an answer that was not understood.") from None

    async def _with_files(
        self,
        *arguments: str,
        checking: bool = False,
        on_progress: OnProgress | None = None,
        limit_s: float = _READ_S,
    ) -> Finished:
        options = ["--project-directory", str(self._folder)]
        for name in self._files:
            options += ["-f", str(self._folder / name)]
        if (self._folder / ".env").is_file():
            options += ["--env-file", str(self._folder / ".env")]
        return await self._run([*options, *arguments], checking=checking, on_progress=on_progress, limit_s=limit_s)

    async def _by_labels(
        self, *arguments: str, on_progress: OnProgress | None = None, limit_s: float = _CHANGE_S
    ) -> Finished:
        return await self._run(arguments, checking=False, on_progress=on_progress, limit_s=limit_s)

    async def _run(
        self, arguments: Sequence[str], *, checking: bool, on_progress: OnProgress | None, limit_s: float
    ) -> Finished:
        def tell(line: str) -> None:
            read = read_line(line, self._project)
            if on_progress is not None and read.kind == "progress":
                on_progress(read.text)

        told_as = ["--progress", "json"] if self._compose.tells_json else ["--ansi", "never"]
        argv = [*self._compose.command, *told_as, "-p", self._project, *arguments]
        done = await run(argv, docker_host=self._host, limit_s=limit_s, on_line=tell)
        if done.exit_code != 0:
            raise why(done.stderr, project=self._project, folder=str(self._folder), checking=checking)
        return done


def _patience(timeout_s: int | None) -> list[str]:
    return [] if timeout_s is None else ["-t", str(timeout_s)]


def _lies_inside(name: str) -> bool:
    path = PurePosixPath(name)
    return bool(name) and not name.startswith(("-", "/")) and ".." not in path.parts and "\0" not in name


def _rows(content: bytes) -> list[dict[str, Any]]:
    """Since 2.21 one object a line, before that one list."""
    text = content.decode(errors="replace").strip()
    if text.startswith("["):
        return list(json.loads(text))
    return [json.loads(line) for line in text.splitlines() if line.strip()]


def _state(row: dict[str, Any]) -> ServiceState:
    state = str(row["State"])
    return ServiceState(
        service=str(row["Service"]),
        container=str(row["Name"]),
        state=state,
        health=str(row.get("Health") or "none"),
        exit_code=int(row.get("ExitCode") or 0) if state in ("exited", "dead") else None,
    )
