"""What can be done with containers: one at a time, and several as a job."""

import shlex
from collections.abc import Mapping, Sequence
from typing import Any, Final

from talome.core.errors import Conflict, Invalid, TalomeError, Unavailable
from talome.core.jobs.service import Job, JobKind, Jobs, Step
from talome.engines.docker.protocol import ContainerEngine
from talome.home.containers.mirror import Mirror
from talome.home.containers.models import BulkAction, Container, ExecOutput
from talome.home.containers.service import Containers
from talome.home.jobs.models import Job as ShownJob

BULK: Final = "containers.bulk"
VISIBLE_TO: Final = "containers:read"
_OUTPUT_BYTES: Final = 1024 * 1024
_ALIVE: Final = ("running", "paused", "restarting")
_DONE: Final[dict[BulkAction, str]] = {"start": "started", "stop": "stopped", "restart": "restarted"}
_BULK_TIMEOUT_S: Final = 10


class ContainerActions:
    """Acts through the engine, then looks, so that the answer is what became true. `own_id` is never harmed."""

    def __init__(
        self, engine: ContainerEngine, mirror: Mirror, containers: Containers, jobs: Jobs, own_id: str | None
    ) -> None:
        self._engine = engine
        self._mirror = mirror
        self._containers = containers
        self._jobs = jobs
        self._own_id = own_id
        self._kept: set[str] = set()
        jobs.register(
            BULK,
            JobKind(
                run=self._run_bulk,
                steps={
                    "containers.start": Step(self._step_start, self._undo_start),
                    "containers.stop": Step(self._step_stop, self._undo_stop),
                    "containers.restart": Step(self._step_restart, self._undo_stop),
                    "containers.keep": Step(self._step_keep, self._undo_keep),
                },
            ),
        )

    async def start(self, reference: str) -> Container:
        container = self._containers.find(reference)
        await self._engine.containers.start(container.id)
        return await self._now(container.id)

    async def stop(self, reference: str, timeout_s: int) -> Container:
        container = self._expendable(reference, "stopped")
        await self._engine.containers.stop(container.id, timeout_s=timeout_s)
        return await self._now(container.id)

    async def restart(self, reference: str, timeout_s: int) -> Container:
        container = self._expendable(reference, "restarted")
        await self._engine.containers.restart(container.id, timeout_s=timeout_s)
        return await self._now(container.id)

    async def pause(self, reference: str) -> Container:
        container = self._expendable(reference, "paused")
        await self._engine.containers.pause(container.id)
        return await self._now(container.id)

    async def unpause(self, reference: str) -> Container:
        container = self._containers.find(reference)
        await self._engine.containers.unpause(container.id)
        return await self._now(container.id)

    async def rename(self, reference: str, name: str) -> Container:
        container = self._containers.find(reference)
        await self._engine.containers.rename(container.id, name)
        return await self._now(container.id)

    async def remove(self, reference: str, *, force: bool) -> None:
        """Volumes stay, anonymous ones too."""
        container = self._expendable(reference, "removed")
        await self._engine.containers.remove(container.id, force=force, volumes=False)
        self._mirror.forget(container.id)

    async def exec(
        self,
        reference: str,
        command: str | Sequence[str],
        *,
        shell: bool,
        timeout_s: float,
        user: str | None,
        workdir: str | None,
    ) -> ExecOutput:
        """Run a command inside. A text is split as a shell would, but run without one unless `shell` is wanted."""
        container = self._containers.find(reference)
        if container.state != "running":
            raise Conflict(f"The container “{container.name}” does not run.")
        argv = _words(command, shell=shell)
        result = await self._engine.containers.exec(
            container.id, argv, user=user, workdir=workdir, timeout_s=timeout_s, output_limit_bytes=_OUTPUT_BYTES
        )
        return ExecOutput(
            exit_code=result.exit_code,
            stdout=result.stdout.decode(errors="replace"),
            stderr=result.stderr.decode(errors="replace"),
            truncated=result.truncated,
            timed_out=result.timed_out,
            duration_ms=round(result.duration_s * 1000),
        )

    def _expendable(self, reference: str, what: str) -> Container:
        container = self._containers.find(reference)
        if container.id == self._own_id:
            raise Conflict(
                f"Talome itself runs in the container “{container.name}”, so it cannot be {what} from here. "
                "Use “docker compose” on the machine.",
                code="own_container",
            )
        return container

    async def _now(self, id: str) -> Container:
        try:
            await self._mirror.refresh(id)
        except Unavailable:
            self._mirror.suspect(id)  # it was done all the same
        return self._containers.find(id)

    # --- several at once ---

    async def bulk(self, action: BulkAction, references: Sequence[str], by: str) -> ShownJob:
        """Start, stop or restart several, one after the other. One that fails does not keep the others from it."""
        find = self._containers.find if action == "start" else lambda item: self._expendable(item, _DONE[action])
        chosen = {container.id: container for container in map(find, references)}
        items = [{"id": item.id, "title": item.name, "was": item.state} for item in chosen.values()]
        names = ", ".join(item.name for item in chosen.values())
        title = f"{action.capitalize()} {names if len(names) <= 60 else f'{len(items)} containers'}"
        row = await self._jobs.start(BULK, title, {"action": action, "items": items}, scope=VISIBLE_TO, by=by)
        return ShownJob.of(row)

    async def _run_bulk(self, job: Job, arguments: dict[str, Any]) -> None:
        action: BulkAction = arguments["action"]
        items, failed = arguments["items"], []
        await self._containers.connected()
        for number, item in enumerate(items):
            await job.progress(item["title"], number, len(items))
            error = await job.step(f"containers.{action}", job=job.row.id, **item)
            if error:
                failed.append(f"{item['title']}: {error}")
                await job.log(f"“{item['title']}” could not be {_DONE[action]}: {error}")
            else:
                await job.log(f"“{item['title']}” is {_DONE[action]}.")
        if failed:
            await job.step("containers.keep", job=job.row.id)
            raise Conflict(f"{len(failed)} of {len(items)} could not be {_DONE[action]}. {' '.join(failed)}")
        await job.progress("Done", len(items), len(items))

    async def _step_start(self, step: dict[str, Any]) -> str | None:
        try:
            await self._engine.containers.start(step["id"])
            await self._now(step["id"])
        except TalomeError as error:
            return error.message
        return None

    async def _step_stop(self, step: dict[str, Any]) -> str | None:
        try:
            await self._engine.containers.stop(step["id"], timeout_s=_BULK_TIMEOUT_S)
            await self._now(step["id"])
        except TalomeError as error:
            return error.message
        return None

    async def _step_restart(self, step: dict[str, Any]) -> str | None:
        try:
            await self._engine.containers.restart(step["id"], timeout_s=_BULK_TIMEOUT_S)
            await self._now(step["id"])
        except TalomeError as error:
            return error.message
        return None

    async def _undo_start(self, step: dict[str, Any], error: str | None) -> None:
        if not self._stays(step, error) and step["was"] not in _ALIVE:
            await self._containers.connected()
            await self._engine.containers.stop(step["id"], timeout_s=_BULK_TIMEOUT_S)

    async def _undo_stop(self, step: dict[str, Any], error: str | None) -> None:
        if not self._stays(step, error) and step["was"] in _ALIVE:
            await self._containers.connected()
            await self._engine.containers.start(step["id"])

    def _stays(self, step: Mapping[str, Any], error: str | None) -> bool:
        return error is not None or step["job"] in self._kept

    async def _step_keep(self, step: dict[str, Any]) -> None:
        """The kernel undoes what fails; but those that could be stopped are wanted stopped although others could not.
        As the last step of the journal this is undone first, also after a crash, and then makes the others stay."""
        self._kept.add(step["job"])

    async def _undo_keep(self, step: dict[str, Any], _: object) -> None:
        self._kept.add(step["job"])


def _words(command: str | Sequence[str], *, shell: bool) -> list[str]:
    if not isinstance(command, str):
        if shell:
            raise Invalid("“shell” goes with a command that is a text.", field="shell")
        words = list(command)
    elif shell:
        words = ["/bin/sh", "-c", command]
    else:
        try:
            words = shlex.split(command)
        except ValueError as error:
            raise Invalid(f"The command cannot be split into words: {error}.", field="command") from None
    if not words or not words[0]:
        raise Invalid("The command is empty.", field="command")
    return words
