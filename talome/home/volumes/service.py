"""Volumes with their sizes and users, and the removal of unused ones by way of the trash."""

import asyncio
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Final, Self

from talome.core.errors import Conflict, Invalid, NotFound, TalomeError, Unavailable
from talome.core.jobs.service import Job, JobKind, Jobs, Step
from talome.core.settings.service import Setting
from talome.engines.docker.models import Volume as EngineVolume
from talome.engines.docker.protocol import ContainerEngine
from talome.home.containers.service import Containers
from talome.home.jobs.models import Job as ShownJob
from talome.home.prune import PruneItem, PruneReport, report
from talome.home.volumes.models import Volume
from talome.home.volumes.trash import VolumeTrash, lives_elsewhere

__all__ = ["PRUNE", "SETTINGS", "TRASH_DAYS", "VISIBLE_TO", "VolumeTrash", "Volumes", "lives_elsewhere"]

PRUNE: Final = "volumes.prune"
VISIBLE_TO: Final = "containers:read"
TRASH_DAYS: Final = "volumes.trash_days"
SETTINGS: Final[tuple[Setting, ...]] = (
    Setting(
        key=TRASH_DAYS,
        kind="number",
        default=30,
        title="Days to keep removed volumes in the trash",
        help="Until then a removed volume can come back. The trash takes as much room as the volumes did.",
        feature="volumes",
        minimum=1,
        maximum=3650,
        people_only=True,
    ),
)
_SIZES_FRESH_S: Final = 300.0
_SIZES_TIMEOUT_S: Final = 120.0
_SIZES_PATIENCE_S: Final = 2.0


class Volumes:
    """Enter it, so that a count of sizes that goes on is ended on leaving."""

    def __init__(self, engine: ContainerEngine, containers: Containers, jobs: Jobs, trash: VolumeTrash) -> None:
        self._engine = engine
        self._containers = containers
        self._jobs = jobs
        self._trash = trash
        self._sizes: dict[str, int | None] = {}
        self._counted_at: float | None = None
        self._counting: asyncio.Task[None] | None = None
        steps = {
            "volumes.archive": Step(self._archive),
            "volumes.remove": Step(self._remove, self._put_back),
        }
        jobs.register(PRUNE, JobKind(run=self._run, steps=steps))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._counting is not None:
            self._counting.cancel()
            await asyncio.gather(self._counting, return_exceptions=True)

    async def all(self) -> list[Volume]:
        """By name. Sizes are counted beside, at most every five minutes; where that takes long they come later."""
        found = await self._engine.volumes.all()
        await self._count_sizes({volume.name for volume in found})
        users = self._containers.names_by_volume()
        shown = [_shown(volume, self._sizes.get(volume.name), users.get(volume.name, [])) for volume in found]
        return sorted(shown, key=lambda volume: volume.name)

    async def _count_sizes(self, names: set[str]) -> None:
        fresh = self._counted_at is not None and time.monotonic() - self._counted_at < _SIZES_FRESH_S
        if fresh and names <= self._sizes.keys():
            return
        if self._counting is None or self._counting.done():
            self._counting = asyncio.create_task(self._count(), name="volume sizes")
        if self._counted_at is None or not names <= self._sizes.keys():
            await asyncio.wait({self._counting}, timeout=_SIZES_PATIENCE_S)

    async def _count(self) -> None:
        try:
            usage = await self._engine.disk_usage(timeout_s=_SIZES_TIMEOUT_S)
        except TalomeError:
            return  # the sizes stay unknown, or as they were
        self._sizes = {volume.name: volume.size_bytes for volume in usage.volumes}
        self._counted_at = time.monotonic()

    # --- removal ---

    async def prune(self, *, dry_run: bool, names: Sequence[str] | None, by: str) -> PruneReport:
        """What is unused; or remove what `names` says, as long as every one of them is unused."""
        unused = await self._unused()
        await self._count_sizes(set(unused))
        if dry_run and names is None:
            return report([self._item(name) for name in sorted(unused)], None, dry_run=True)
        chosen = list(dict.fromkeys(names or ()))
        if not chosen:
            raise Invalid("Say by name which volumes are to go; the dry run lists those that may.", field="names")
        await self._refuse_others(chosen, unused)
        items = [self._item(name) for name in chosen]
        if dry_run:
            return report(items, None, dry_run=True)
        title = f"Remove the volume {chosen[0]}" if len(chosen) == 1 else f"Remove {len(chosen)} volumes"
        wanted = [_recipe(unused[name]) for name in chosen]
        row = await self._jobs.start(PRUNE, title, {"volumes": wanted}, scope=VISIBLE_TO, by=by)
        return report(items, ShownJob.of(row), dry_run=False)

    async def _unused(self) -> dict[str, EngineVolume]:
        used = await self._used()
        return {volume.name: volume for volume in await self._engine.volumes.all() if volume.name not in used}

    async def _used(self) -> dict[str, str]:
        """Volumes that Docker's own list of containers names, with one container of each."""
        return {
            mount.name: summary.name
            for summary in await self._engine.containers.all()
            for mount in summary.mounts
            if mount.name
        }

    async def _refuse_others(self, names: Sequence[str], unused: dict[str, EngineVolume]) -> None:
        others = [name for name in names if name not in unused]
        if not others:
            return
        used = await self._used()
        if busy := [f"“{name}” by {used[name]}" for name in others if name in used]:
            raise Conflict(f"In use: {', '.join(busy)}. Nothing was removed.", volumes=others)
        raise NotFound(f"There is no volume {', '.join(f'“{name}”' for name in others)}.")

    def _item(self, name: str) -> PruneItem:
        return PruneItem(id=name, name=name, size_bytes=self._sizes.get(name))

    async def _run(self, job: Job, arguments: dict[str, Any]) -> None:
        volumes = arguments["volumes"]
        await self._containers.connected()
        for number, volume in enumerate(volumes):
            name = volume["volume"]
            await job.progress(f"Keeping {name} in the trash", 2 * number, 2 * len(volumes))
            kept = await job.step("volumes.archive", volume=name, job=job.row.id, recipe=volume)
            await job.log(f"“{name}” is kept as {kept['place']} ({kept['size_bytes']} bytes).")
            await job.progress(f"Removing {name}", 2 * number + 1, 2 * len(volumes))
            await job.step("volumes.remove", **volume, **kept)
            await job.log(f"“{name}” is removed.")
        await job.progress("Done", 2 * len(volumes), 2 * len(volumes))

    async def _archive(self, step: dict[str, Any]) -> dict[str, Any]:
        """It stays in the trash whatever becomes of the job."""
        name = step["volume"]
        await self._refuse_used(name)
        await self._trash.require_room(self._sizes.get(name) or 0)
        place = self._trash.place(name, step["job"])
        await self._trash.describe(place, step.get("recipe") or {"volume": name}, step["job"])
        async with await self._engine.volumes.archive(name) as content:
            size_bytes = await self._trash.keep(place, content)
        return {"place": place, "size_bytes": size_bytes}

    async def _remove(self, step: dict[str, Any]) -> None:
        if self._trash.size(step["place"]) != step["size_bytes"]:
            raise Unavailable(f"The copy of “{step['volume']}” in the trash is gone or changed, so the volume stays.")
        await self._refuse_used(step["volume"])
        try:
            await self._engine.volumes.remove(step["volume"])
        except NotFound:
            return
        self._sizes.pop(step["volume"], None)

    async def _put_back(self, step: dict[str, Any], _: object) -> None:
        """Also where it is not known whether it went: an unused volume filled from its own copy is what it was."""
        name = step["volume"]
        await self._containers.connected()
        if name in await self._used():
            raise Conflict(f"“{name}” is in use again and was left as it is; its copy is {step['place']}.")
        await self._engine.volumes.create(name, driver=step["driver"], options=step["options"], labels=step["labels"])
        if not lives_elsewhere(step["options"]):
            await self._engine.volumes.restore(name, self._trash.read(step["place"]))

    async def _refuse_used(self, name: str) -> None:
        if user := (await self._used()).get(name):
            raise Conflict(f"“{name}” is used by {user} now, so it stays.")


def _recipe(volume: EngineVolume) -> dict[str, Any]:
    """What it takes to create the same volume again."""
    return {
        "volume": volume.name,
        "driver": volume.driver,
        "options": dict(volume.options),
        "labels": dict(volume.labels),
    }


def _shown(volume: EngineVolume, size_bytes: int | None, users: list[str]) -> Volume:
    return Volume(
        name=volume.name,
        driver=volume.driver,
        mountpoint=volume.mountpoint,
        created_at=volume.created_at,
        labels=dict(volume.labels),
        size_bytes=size_bytes,
        used_by=users,
        anonymous=volume.anonymous,
    )
