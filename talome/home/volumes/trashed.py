"""The trash of volumes: what lies in it and until when, bringing back, deleting for good, and the daily sweep."""

import asyncio
import logging
import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

import orjson

from talome.core.background import Background
from talome.core.clock import now
from talome.core.errors import Conflict, NotFound, TalomeError, Unavailable
from talome.core.jobs.service import Job, JobKind, Jobs, Step
from talome.core.settings.service import Settings
from talome.engines.docker.protocol import ContainerEngine
from talome.home.containers.service import Containers
from talome.home.jobs.models import Job as ShownJob
from talome.home.volumes.models import TrashedVolume, TrashEmptied
from talome.home.volumes.service import PRUNE, TRASH_DAYS, VISIBLE_TO
from talome.home.volumes.trash import Kept, VolumeTrash, lives_elsewhere

RESTORE: Final = "volumes.restore"
RESTORED_BY: Final = "talome.restored"
"""The label that tells a volume of ours, to be filled again after a crash, from one that somebody else made."""
_FIRST_SWEEP_S: Final = 600.0
_SWEEP_S: Final = 86_400.0
_CLOCK_JUMP_S: Final = 3600.0
_log = logging.getLogger(__name__)


class TrashedVolumes(Background):
    """Enter it to have what is older than the setting says deleted once a day."""

    def __init__(
        self, engine: ContainerEngine, containers: Containers, jobs: Jobs, trash: VolumeTrash, settings: Settings
    ) -> None:
        self._engine = engine
        self._containers = containers
        self._jobs = jobs
        self._trash = trash
        self._settings = settings
        self._clock_offset_s = _clock_offset_s()
        steps = {
            "volumes.make": Step(self._make, self._unmake),
            "volumes.fill": Step(self._fill),
            "volumes.forget_copy": Step(self._forget_copy),
        }
        jobs.register(RESTORE, JobKind(run=self._run, steps=steps))

    async def all(self) -> list[TrashedVolume]:
        """The latest first, each with the moment from which on the daily sweep deletes it."""
        try:
            there = {volume.name for volume in await self._engine.volumes.all()}
        except TalomeError:
            there = set()  # the trash is told of also while Docker is away
        days = timedelta(days=self._settings.number(TRASH_DAYS))
        return [
            TrashedVolume(
                id=kept.id,
                name=kept.name,
                size_bytes=kept.size_bytes,
                removed_at=kept.at,
                expires_at=kept.at + days,
                name_taken=kept.name in there,
                job_id=kept.job,
            )
            for kept in await self._trash.all()
        ]

    async def restore(self, id: str, by: str) -> ShownJob:
        """Raises `Conflict` where a volume of that name is there again: nothing is ever written over."""
        kept = await self._trash.find(id)
        await self._refuse_busy([kept])
        await self._refuse_taken(kept.name, job=None)
        arguments = {"recipe": kept.recipe, "place": kept.place, "size_bytes": kept.size_bytes}
        row = await self._jobs.start(RESTORE, f"Bring back the volume {kept.name}", arguments, scope=VISIBLE_TO, by=by)
        return ShownJob.of(row)

    async def delete(self, ids: Sequence[str]) -> TrashEmptied:
        """Delete for good exactly these; all or none. Raises `NotFound`, and `Conflict` while a job needs one."""
        known = {kept.id: kept for kept in await self._trash.all()}
        if missing := [id for id in ids if id not in known]:
            raise NotFound("This volume is not in the trash any more. Nothing was deleted.", ids=missing)
        chosen = [known[id] for id in dict.fromkeys(ids)]
        await self._refuse_busy(chosen)
        for kept in chosen:
            await self._trash.forget(kept.place)
        return TrashEmptied(deleted=len(chosen), freed_bytes=sum(kept.size_bytes for kept in chosen))

    # --- the daily sweep ---

    async def _work(self) -> None:
        await asyncio.sleep(_FIRST_SWEEP_S)
        while True:
            try:
                await self.sweep()
            except (TalomeError, OSError):
                _log.exception("The trash of volumes could not be swept")
            await asyncio.sleep(_SWEEP_S)

    async def sweep(self) -> None:
        """Delete what is too old, unless the clock was moved since: then ages mean nothing, and it waits a day."""
        offset_s = _clock_offset_s()
        moved_s, self._clock_offset_s = abs(offset_s - self._clock_offset_s), offset_s
        if moved_s > _CLOCK_JUMP_S:
            _log.warning("The clock was moved by %.0f minutes, so the trash is not swept today", moved_s / 60)
            return
        oldest = now() - timedelta(days=self._settings.number(TRASH_DAYS))
        busy = await self._busy_places()
        for kept in await self._trash.all():
            if kept.at < oldest and kept.place not in busy:
                await self._trash.forget(kept.place)
                _log.info("The volume %s was deleted from the trash, as it was older than the setting says", kept.name)

    # --- what open jobs need ---

    async def _busy_places(self) -> set[str]:
        """Copies that a removal may still have to put back, or a restoring is reading."""
        places = set()
        for row in await self._jobs.store.unfinished():
            if row.kind not in (PRUNE, RESTORE):
                continue
            texts = [row.arguments]
            for step in await self._jobs.store.steps(row.id):
                texts += [step.arguments, step.result or "null"]
            known = [value for value in map(orjson.loads, texts) if isinstance(value, dict)]
            places |= {value["place"] for value in known if "place" in value}
        return places

    async def _refuse_busy(self, chosen: Sequence[Kept]) -> None:
        busy = await self._busy_places()
        if names := [kept.name for kept in chosen if kept.place in busy]:
            raise Conflict(f"A job is working with the copy of “{names[0]}”. Wait until it has ended.", volumes=names)

    # --- restoring ---

    async def _run(self, job: Job, arguments: dict[str, Any]) -> None:
        name = arguments["recipe"]["volume"]
        await self._containers.connected()
        await job.progress("Creating the volume", 0, 3)
        await job.step("volumes.make", job=job.row.id, **arguments)
        if lives_elsewhere(arguments["recipe"].get("options")):
            await job.log(f"“{name}” points at its data again, which was never removed. The copy stays in the trash.")
            return
        await job.progress("Filling it from the trash", 1, 3)
        await job.step("volumes.fill", job=job.row.id, **arguments)
        await job.log(f"“{name}” is back, with {arguments['size_bytes']} bytes from {arguments['place']}.")
        await job.progress("Clearing the trash", 2, 3)
        await job.step("volumes.forget_copy", place=arguments["place"])
        await job.progress("Done", 3, 3)

    async def _make(self, step: dict[str, Any]) -> None:
        recipe = step["recipe"]
        if self._trash.size(step["place"]) != step["size_bytes"]:
            raise Unavailable(f"The copy of “{recipe['volume']}” in the trash is gone or changed.")
        await self._refuse_taken(recipe["volume"], step["job"])
        await self._engine.volumes.create(
            recipe["volume"],
            driver=recipe.get("driver") or "local",
            options=recipe.get("options") or {},
            labels={**(recipe.get("labels") or {}), RESTORED_BY: step["job"]},
        )

    async def _unmake(self, step: dict[str, Any], _: object) -> None:
        """While the copy in the trash is whole, the half-filled volume may go; not one that is used or not ours."""
        await self._containers.connected()
        name = step["recipe"]["volume"]
        if self._trash.size(step["place"]) != step["size_bytes"]:
            raise Conflict(f"The copy of “{name}” is cleared away already, so the volume stays: nothing else has it.")
        if not await self._is_ours(name, step["job"]):
            return
        await self._refuse_used(name)
        await self._engine.volumes.remove(name)

    async def _fill(self, step: dict[str, Any]) -> None:
        name = step["recipe"]["volume"]
        await self._refuse_used(name)
        if not await self._is_ours(name, step["job"]):
            raise Conflict(f"The volume “{name}” was removed or replaced meanwhile, so nothing was written to it.")
        if self._trash.size(step["place"]) != step["size_bytes"]:
            raise Unavailable(f"The copy of “{name}” in the trash is gone or changed.")
        await self._engine.volumes.restore(name, self._trash.read(step["place"]))

    async def _forget_copy(self, step: dict[str, Any]) -> None:
        """To its end, even where the job is cancelled meanwhile: undoing must know whether the copy is still there."""
        forgetting = asyncio.ensure_future(self._trash.forget(step["place"]))
        try:
            await asyncio.shield(forgetting)
        except asyncio.CancelledError:
            await asyncio.wait({forgetting})
            raise

    async def _is_ours(self, name: str, job: str) -> bool:
        try:
            return (await self._engine.volumes.inspect(name)).labels.get(RESTORED_BY) == job
        except NotFound:
            return False

    async def _refuse_taken(self, name: str, job: str | None) -> None:
        """`job` may go on with the volume that it made itself."""
        try:
            volume = await self._engine.volumes.inspect(name)
        except NotFound:
            return
        if job is None or volume.labels.get(RESTORED_BY) != job:
            raise Conflict(f"There is a volume “{name}” again. Remove it first, then bring this one back.")

    async def _refuse_used(self, name: str) -> None:
        """By Docker's own list, as the mirror may lag."""
        for summary in await self._engine.containers.all():
            if any(mount.name == name for mount in summary.mounts):
                raise Conflict(f"“{name}” is used by {summary.name} now and was left as it is.")


def _clock_offset_s() -> float:
    """Changes when somebody moves the clock, not when the machine sleeps."""
    return time.time() - time.clock_gettime(time.CLOCK_BOOTTIME)
