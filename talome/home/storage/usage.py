"""Who takes up the room: measured by `du` at low priority as a job, kept in a file, shown as a tree."""

import asyncio
import os
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from talome.core.clock import now
from talome.core.errors import TalomeError, Unavailable
from talome.core.jobs.service import Job, JobKind, Jobs
from talome.core.secrets import write_whole
from talome.engines.docker.models import DiskUsage
from talome.engines.docker.protocol import ContainerEngine
from talome.engines.programs import Programs
from talome.home.jobs.models import Job as ShownJob
from talome.home.storage import tree
from talome.home.storage.models import SpaceUsage, UsageNode
from talome.home.storage.tree import Sizes

MEASURE: Final = "storage.measure"
VISIBLE_TO: Final = "storage:read"
SYSTEM_LOGS: Final = Path("/var/log")
_FILE: Final = "usage.json"
_DU_TIMEOUT_S: Final = 1800.0
_DOCKER_TIMEOUT_S: Final = 120.0
_LARGEST_FILE: Final = 4 * 1024 * 1024
Folders = Callable[[], Sequence[tuple[str, Path]]]


class UsageMeter:
    """`folders` gives the folders of people, with their names. One measurement goes on at a time."""

    def __init__(
        self, jobs: Jobs, engine: ContainerEngine, home: Path, folders: Folders, programs: Programs,
        *, system_logs: Path = SYSTEM_LOGS,
    ) -> None:  # fmt: skip
        self._jobs = jobs
        self._engine = engine
        self._home = home
        self._folders = folders
        self._programs = programs
        self._system_logs = system_logs
        self._current: str | None = None
        self._starting = asyncio.Lock()
        jobs.register(MEASURE, JobKind(run=self._run, steps={}, interrupted="undo"))

    async def last(self) -> SpaceUsage:
        """As last measured, with the job that measures now."""
        kept = await asyncio.to_thread(self._read)
        job = await self._going_on()
        return kept.model_copy(update={"job": job})

    async def measure(self, by: str) -> ShownJob:
        """Begin, or join the measurement that goes on."""
        async with self._starting:
            if (job := await self._going_on()) is not None:
                return job
            row = await self._jobs.start(MEASURE, "Measure what takes up the room", {}, scope=VISIBLE_TO, by=by)
            self._current = row.id
            return ShownJob.of(row)

    async def _going_on(self) -> ShownJob | None:
        if self._current is None:
            return None
        row = await self._jobs.get(self._current)
        return ShownJob.of(row) if row.finished_at is None else None

    def _read(self) -> SpaceUsage:
        nothing = SpaceUsage(measured_at=None, took_s=None, root=None, notes=[], job=None)
        try:
            with (self._home / "cache" / _FILE).open("rb") as file:
                return SpaceUsage.model_validate_json(file.read(_LARGEST_FILE))
        except (OSError, ValidationError):  # never measured, or by another release
            return nothing

    async def _run(self, job: Job, _: dict[str, Any]) -> None:
        began, notes = time.monotonic(), list[str]()
        root = await self._measured(job, notes)
        took_s = round(time.monotonic() - began, 1)
        kept = SpaceUsage(measured_at=now(), took_s=took_s, root=root, notes=notes, job=None)
        await asyncio.to_thread(self._keep, kept.model_dump_json(by_alias=True))
        await job.log(f"Measured in {timedelta(seconds=round(took_s))}.")

    def _keep(self, text: str) -> None:
        (self._home / "cache").mkdir(mode=0o700, exist_ok=True)
        write_whole(self._home / "cache" / _FILE, text)

    async def _measured(self, job: Job, notes: list[str]) -> UsageNode:
        folders = self._folders()
        total = len(folders) + 4
        await job.progress("Asking Docker", 0, total)
        docker, docker_root, names = await self._docker(notes)
        await job.progress("Talome's own folder", 1, total)
        own = await self._sizes(self._home, 2, [], notes)
        await job.progress("Logs", 2, total)
        logs = await self._sizes(self._system_logs, 1, [], notes)
        of_containers = Sizes.none()
        if docker_root is not None and await asyncio.to_thread(os.access, docker_root / "containers", os.R_OK):
            of_containers = await self._sizes(docker_root / "containers", 1, [], notes)
        apart = [path for path in (self._home, docker_root, self._system_logs) if path is not None]
        nodes = [
            *tree.of_docker(docker, own),
            tree.of_logs(logs, of_containers, names),
            tree.of_talome(own),
        ]
        for number, (name, path) in enumerate(folders):
            await job.progress(f"The folder “{name}”", 3 + number, total)
            others = [*apart, *(other for _, other in folders if other != path)]
            sizes = await self._sizes(path, 2, [other for other in others if other.is_relative_to(path)], notes)
            nodes.append(tree.of_folder(name, sizes))
        await job.progress("The rest", total - 1, total)
        used = await asyncio.to_thread(_used, self._home)
        here = await asyncio.to_thread(_same_disk, self._home, [path for _, path in folders])
        return tree.whole([node for node in nodes if node.size_bytes > 0], used, elsewhere=_outside(nodes, here))

    async def _docker(self, notes: list[str]) -> tuple[DiskUsage | None, Path | None, Mapping[str, str]]:
        try:
            info = await self._engine.info()
            usage = await self._engine.disk_usage(timeout_s=_DOCKER_TIMEOUT_S)
            names = {one.id: one.name for one in await self._engine.containers.all()}
        except TalomeError as error:
            notes.append(f"Docker is left out: {error.message}")
            return None, None, {}
        return usage, Path(info.root_dir) if info.root_dir else None, names

    async def _sizes(self, path: Path, depth: int, without: Sequence[Path], notes: list[str]) -> Sizes:
        """Room on the disk of a folder and of what is in it, on this file system only."""
        argv = ["nice", "-n", "19", "du", "--one-file-system", "--block-size=1", "--null", f"--max-depth={depth}"]
        argv += [f"--exclude={_literally(str(other))}" for other in without]
        try:
            ran = await self._programs.run([*argv, "--", str(path)], timeout_s=_DU_TIMEOUT_S)
        except Unavailable as error:
            notes.append(f"“{path.name}” is left out: {error.message}")
            return Sizes.none()
        if ran.code != 0 and ran.out and "Permission denied" in ran.said:
            notes.append(f"Parts of “{path.name}” may not be looked into, and are not counted.")
        return Sizes.parsed(path, ran.out)


def _literally(path: str) -> str:
    """As a pattern of `du` that means just this path."""
    return "".join(f"\\{one}" if one in "*?[]\\" else one for one in path)


def _used(folder: Path) -> int:
    known = os.statvfs(folder)
    return (known.f_blocks - known.f_bfree) * known.f_frsize


def _same_disk(home: Path, folders: Sequence[Path]) -> set[str]:
    disk = home.stat().st_dev
    return {str(path) for path in folders if path.exists() and path.stat().st_dev == disk}


def _outside(nodes: Sequence[UsageNode], here: set[str]) -> int:
    return sum(node.size_bytes for node in nodes if node.kind == "folder" and node.path not in here)
