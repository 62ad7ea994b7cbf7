"""Who may have which terminal. The terminals themselves belong to the terminal process.

A shell on the machine needs the right `terminal:host`, which only administrators have; a shell in a container needs
`containers:exec`, a log `containers:read`. Everybody has their own terminals; who may have a shell on the machine
could look into all of them anyway, and sees them.
"""

import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlsplit

from talome.core.errors import Conflict, Forbidden, Invalid, NotFound, TalomeError, Unavailable
from talome.core.operations import Caller
from talome.core.settings.service import Setting, Settings
from talome.home.containers.models import Container
from talome.home.containers.service import Containers
from talome.home.terminal import wire
from talome.home.terminal.link import TerminalLink
from talome.home.terminal.models import Kind, TerminalSession, TerminalTicket
from talome.home.terminal.recordings import Recordings

HOST_SCOPE: Final = "terminal:host"
LOG_SCOPE: Final = "containers:read"
IDLE_HOURS: Final = "terminal.idle_hours"
SETTINGS: Final[tuple[Setting, ...]] = (
    Setting(
        key=IDLE_HOURS,
        kind="number",
        default=12,
        title="Close a forgotten terminal after",
        help="Counted from the last output or input while nobody has it open. It applies to terminals opened later.",
        feature="terminal",
        minimum=1,
        maximum=720,
        unit="hours",
    ),
)
_ID: Final = re.compile(r"term_[0-9a-f]{24}")
_NEEDED: Final[dict[str, str]] = {
    "host": HOST_SCOPE,
    "container": "containers:exec",
    "logs": LOG_SCOPE,
    "compose": LOG_SCOPE,
}
IsCurrent = Callable[[Caller], Awaitable[bool]]


class Terminals:
    """Raises `Unavailable` from everything while the terminal process does not run."""

    def __init__(self, link: TerminalLink, containers: Containers, settings: Settings, recordings: Recordings) -> None:
        self.link = link
        self.recordings = recordings
        self._containers = containers
        self._settings = settings

    async def all(self, caller: Caller) -> list[TerminalSession]:
        """Those the caller may use, the oldest first."""
        rows = await self.link.call("list")
        return [self._shown(row, caller) for row in rows if _may_see(row, caller)]

    async def create(
        self,
        caller: Caller,
        kind: Kind,
        *,
        container: str | None,
        project: str | None = None,
        title: str | None,
        user: str | None,
        cols: int,
        rows: int,
        record: bool,
    ) -> TerminalSession:
        """Raises `Forbidden`, `NotFound` and `Conflict` (the container does not run)."""
        _check(kind, caller)
        found = self._container(kind, container)
        await self._check_project(kind, project)
        if user and _NEEDED[kind] == LOG_SCOPE:
            raise Invalid("A log has no user.", field="user")
        row = await self.link.call(
            "create",
            kind=kind,
            container=found.id if found else None,
            project=project,
            user=user,
            cols=cols,
            rows=rows,
            title=title or (found.name if found else project or "This machine"),
            owner=caller.user_id,
            ownerName=caller.name,
            idleS=self._settings.number(IDLE_HOURS) * 3600,
            record=record,
        )
        return self._shown(row, caller)

    def _container(self, kind: Kind, reference: str | None) -> Container | None:
        if kind in ("host", "compose"):
            if reference is not None:
                raise Invalid("A terminal of this kind has no container.", field="container")
            return None
        if reference is None:
            raise Invalid("Which container?", field="container")
        found = self._containers.find(reference)
        if kind == "container" and found.state != "running":
            raise Conflict(f"The container “{found.name}” does not run. Start it first.")
        return found

    async def _check_project(self, kind: Kind, project: str | None) -> None:
        if (project is not None) != (kind == "compose"):
            raise Invalid("The logs of which project? Only “compose” has one, and needs it.", field="project")
        if project is not None and not await self._containers.all(project=project):
            raise NotFound(f"No container belongs to “{project}”.")

    async def close(self, caller: Caller, id: str) -> None:
        await self._own(caller, id)
        await self.link.call("close", id=id)

    async def rename(self, caller: Caller, id: str, title: str) -> TerminalSession:
        await self._own(caller, id)
        return self._shown(await self.link.call("rename", id=id, title=title), caller)

    async def resize(self, caller: Caller, id: str, cols: int, rows: int) -> TerminalSession:
        await self._own(caller, id)
        return self._shown(await self.link.call("resize", id=id, cols=cols, rows=rows), caller)

    async def record(self, caller: Caller, id: str, *, on: bool) -> TerminalSession:
        await self._own(caller, id)
        return self._shown(await self.link.call("record", id=id, on=on), caller)

    async def ticket(self, caller: Caller, id: str) -> TerminalTicket:
        """For one WebSocket, from the origin and to the name of this machine that the caller uses now."""
        row = await self._own(caller, id)
        _check(row["kind"], caller)
        client = caller.client
        given = await self.link.call(
            "ticket", id=id, caller=_described(caller), origin=client.origin or None, host=_host_name(client.host)
        )
        return TerminalTicket(ticket=given["ticket"], expires_in_s=given["expiresInS"], port=given["port"])

    async def recheck(self, is_current: IsCurrent) -> None:
        """Show everybody out who looks at a terminal and would not be let in now."""
        try:
            for described in _distinct(await self.link.call("callers")):
                if not await is_current(_caller(described)):
                    await self.link.call("end", caller=described)
        except Unavailable:
            return  # where no process runs, nobody looks

    async def check_version(self) -> None:
        """Raise `Unavailable` where the process is of another release that this server cannot speak with."""
        said = await self.link.call("hello")
        if said.get("version") != wire.VERSION:
            raise Unavailable(
                "The terminal process is of another release. Close its terminals and restart it.", code="terminal_down"
            )

    async def _own(self, caller: Caller, id: str) -> dict[str, Any]:
        rows = await self.link.call("list") if _ID.fullmatch(id) else ()
        for row in rows:
            if row["id"] == id and _may_see(row, caller):
                found: dict[str, Any] = row
                return found
        raise NotFound("There is no such terminal.")

    def _shown(self, row: dict[str, Any], caller: Caller) -> TerminalSession:
        return TerminalSession(
            id=row["id"],
            kind=row["kind"],
            title=row["title"],
            container=row["container"],
            container_name=self._name(row["container"]),
            project=row.get("project"),  # a process that outlived its update does not say so
            user=row["user"],
            cols=row["cols"],
            rows=row["rows"],
            created_at=datetime.fromtimestamp(row["createdAt"], UTC),
            viewers=row["viewers"],
            exit_code=row["exitCode"],
            recording=row["recording"],
            owner=row["ownerName"],
            mine=row["owner"] == caller.user_id,
        )

    def _name(self, container: str | None) -> str | None:
        try:
            return self._containers.find(container).name if container else None
        except TalomeError:
            return None


def _check(kind: str, caller: Caller) -> None:
    scope = _NEEDED[kind]
    if not caller.may(scope):
        raise Forbidden(f"This needs the right “{scope}”, which you do not have.", scope=scope)


def _may_see(row: dict[str, Any], caller: Caller) -> bool:
    return row["owner"] == caller.user_id or caller.may(HOST_SCOPE)


def _described(caller: Caller) -> dict[str, Any]:
    return {
        "userId": caller.user_id,
        "name": caller.name,
        "kind": caller.kind,
        "scopes": sorted(caller.scopes),
        "sessionId": caller.session_id,
        "keyId": caller.key_id,
        "workspace": caller.workspace,
    }


def _caller(row: dict[str, Any]) -> Caller:
    return Caller(
        user_id=row["userId"],
        name=row["name"],
        kind=row["kind"],
        scopes=frozenset(row["scopes"]),
        session_id=row["sessionId"],
        key_id=row["keyId"],
        workspace=row["workspace"],
    )


def _distinct(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for row in rows:
        if row not in found:
            found.append(row)
    return found


def _host_name(host: str) -> str | None:
    return (urlsplit(f"//{host}").hostname or "").rstrip(".") or None
