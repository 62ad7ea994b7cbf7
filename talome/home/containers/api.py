"""Operations on containers.

Rights: `containers:read` sees lists, figures and logs; `containers:write` acts; `containers:exec` runs commands inside,
which is as good as owning what the container holds. Values of secret variables are shown only to a person who may
write, never to keys, agents and automations: what they read ends in prompts and logs.
"""

from collections.abc import AsyncGenerator
from typing import Annotated

from pydantic import Field

from talome.core.models import Done
from talome.core.operations import Caller, operation
from talome.home.containers.actions import ContainerActions
from talome.home.containers.logs import ContainerLogs, LogQuery
from talome.home.containers.models import (
    BulkAction,
    Container,
    ContainerDetail,
    ContainerEvent,
    ContainersItem,
    ExecOutput,
    Inspection,
    LogBatch,
    LogPage,
    State,
    Usage,
)
from talome.home.containers.service import Containers
from talome.home.jobs.models import Job

Name = Annotated[str, Field(pattern=r"^[a-zA-Z0-9][a-zA-Z0-9_.-]{1,127}$")]
Reference = Annotated[
    str,
    Field(pattern=r"^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}$", description="Id, its first 12 digits or more, or name."),
]
TimeoutS = Annotated[int, Field(ge=0, le=600, description="Seconds until it is killed.")]
Instant = Annotated[
    str | float | None, Field(description="ISO time, seconds since 1970, or a time ago such as 10m, 2h or 1d.")
]


def _reveals(caller: Caller) -> bool:
    return caller.kind == "user" and caller.may("containers:write")


class ContainersApi:
    """Faces of `Containers`, `ContainerActions` and `ContainerLogs`."""

    def __init__(self, containers: Containers, actions: ContainerActions, logs: ContainerLogs) -> None:
        self._containers = containers
        self._actions = actions
        self._logs = logs

    @operation("GET", "/api/containers", scope="containers:read", risk="read")
    async def list_(
        self,
        caller: Caller,
        state: list[State] | None = None,
        search: Annotated[str | None, Field(max_length=200)] = None,
        project: Annotated[str | None, Field(max_length=200)] = None,
    ) -> list[Container]:
        """All containers by name, with what they use. `search` looks at names, images and projects."""
        return await self._containers.all(state or (), search, project)

    @operation("GET", "/api/containers/stream", scope="containers:read", risk="read")
    async def stream(self, caller: Caller) -> AsyncGenerator[ContainersItem, None]:
        """Follow all containers: a snapshot, then changes and usage, at most four times a second."""
        return self._containers.follow()

    @operation("POST", "/api/containers/bulk", scope="containers:write", risk="modify")
    async def bulk(
        self, caller: Caller, action: BulkAction, ids: Annotated[list[Reference], Field(min_length=1, max_length=200)]
    ) -> Job:
        """Start, stop or restart several containers as a job. Those that fail are named; the others stay as wanted.
        Cancelling puts back what was done."""
        return await self._actions.bulk(action, ids, by=caller.name)

    @operation("GET", "/api/containers/{id}", scope="containers:read", risk="read")
    async def get(self, caller: Caller, id: Reference) -> ContainerDetail:
        """One container with all its particulars. Secret values show only to a person who may write."""
        return await self._containers.get(id, reveal=_reveals(caller))

    @operation("POST", "/api/containers/{id}/start", scope="containers:write", risk="modify")
    async def start(self, caller: Caller, id: Reference) -> Container:
        """Start a container; one that runs already stays as it is."""
        return await self._actions.start(id)

    @operation("POST", "/api/containers/{id}/stop", scope="containers:write", risk="modify")
    async def stop(self, caller: Caller, id: Reference, timeout_s: TimeoutS = 10) -> Container:
        """Stop a container, waiting up to `timeout_s` before it is killed."""
        return await self._actions.stop(id, timeout_s)

    @operation("POST", "/api/containers/{id}/restart", scope="containers:write", risk="modify")
    async def restart(self, caller: Caller, id: Reference, timeout_s: TimeoutS = 10) -> Container:
        """Stop a container and start it again."""
        return await self._actions.restart(id, timeout_s)

    @operation("POST", "/api/containers/{id}/pause", scope="containers:write", risk="modify")
    async def pause(self, caller: Caller, id: Reference) -> Container:
        """Freeze all processes of a container."""
        return await self._actions.pause(id)

    @operation("POST", "/api/containers/{id}/unpause", scope="containers:write", risk="modify")
    async def unpause(self, caller: Caller, id: Reference) -> Container:
        """Let a paused container go on."""
        return await self._actions.unpause(id)

    @operation("POST", "/api/containers/{id}/rename", scope="containers:write", risk="modify")
    async def rename(self, caller: Caller, id: Reference, name: Name) -> Container:
        """Give a container another name."""
        return await self._actions.rename(id, name)

    @operation("DELETE", "/api/containers/{id}", scope="containers:write", risk="destructive")
    async def remove(self, caller: Caller, id: Reference, force: bool = False) -> Done:
        """Remove a container; `force` kills it first if it runs. Its volumes always stay."""
        await self._actions.remove(id, force=force)
        return Done()

    @operation("GET", "/api/containers/{id}/logs", scope="containers:read", risk="read")
    async def logs(
        self,
        caller: Caller,
        id: Reference,
        tail: Annotated[int, Field(ge=0, le=10_000)] = 200,
        since: Instant = None,
        until: Instant = None,
        search: Annotated[str | None, Field(max_length=500)] = None,
        regex: bool = False,
        follow: bool = False,
    ) -> LogPage | AsyncGenerator[LogBatch, None]:
        """The latest `tail` lines, oldest first; with `follow`, a stream that goes on with new ones.
        `search` is plain text in any case, or with `regex` a pattern, which may take two seconds at most."""
        query = LogQuery(tail, since, until, search, regex)
        return await self._logs.follow(id, query) if follow else await self._logs.page(id, query)

    @operation("GET", "/api/containers/{id}/logs/read", scope="containers:read", risk="read")
    async def read_logs(
        self,
        caller: Caller,
        id: Reference,
        tail: Annotated[int | None, Field(ge=0, le=1_000_000)] = None,
        since: Instant = None,
        until: Instant = None,
    ) -> AsyncGenerator[LogBatch, None]:
        """A stream of the whole log between two instants, or of its latest `tail` lines, oldest first. It ends with the
        newest line there was."""
        return await self._logs.read(id, tail, since, until)

    @operation("GET", "/api/containers/{id}/events", scope="containers:read", risk="read")
    async def events(self, caller: Caller, id: Reference) -> list[ContainerEvent]:
        """What Docker did with a container lately, newest first: at most 100 events, as far back as is known."""
        return await self._containers.events(id)

    @operation("GET", "/api/containers/{id}/stats", scope="containers:read", risk="read")
    async def stats(self, caller: Caller, id: Reference) -> Usage:
        """What a running container uses, as of the latest reading."""
        return await self._containers.usage(id)

    @operation("GET", "/api/containers/{id}/inspect", scope="containers:write", risk="read")
    async def inspect(self, caller: Caller, id: Reference) -> Inspection:
        """Docker's own JSON. It needs the right to write, since it tells much about the machine; values of secret
        variables show only to people."""
        return await self._containers.inspect(id, reveal=_reveals(caller))

    @operation("POST", "/api/containers/{id}/exec", scope="containers:exec", risk="destructive")
    async def exec(
        self,
        caller: Caller,
        id: Reference,
        command: Annotated[str, Field(max_length=32_000)] | Annotated[list[str], Field(max_length=1000)],
        shell: bool = False,
        timeout_s: Annotated[float, Field(gt=0, le=600)] = 30,
        user: Annotated[str | None, Field(pattern=r"^[\w.-]{1,64}(:[\w.-]{1,64})?$")] = None,
        workdir: Annotated[str | None, Field(pattern=r"^/[^\x00]{0,1023}$")] = None,
    ) -> ExecOutput:
        """Run a command inside a running container, up to `timeout_s`, and keep 1 MiB of its output. A text is split
        into words, and run by `/bin/sh -c` only with `shell`; a list is run as it is."""
        return await self._actions.exec(id, command, shell=shell, timeout_s=timeout_s, user=user, workdir=workdir)
