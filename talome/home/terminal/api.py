"""Operations on terminals.

Rights: `terminal:read` lists them, `terminal:write` opens and closes them, and on top of it what the terminal shows is
asked for: `terminal:host` for a shell on the machine, `containers:exec` for one in a container, `containers:read` for
logs. What gives somebody a shell counts as destructive, so that no agent ever does it by itself.
"""

from typing import Annotated

from pydantic import Field

from talome.core.models import Done
from talome.core.operations import Caller, operation
from talome.home.terminal.models import Kind, Size, TerminalRecording, TerminalSession, TerminalTicket
from talome.home.terminal.service import Terminals

Id = Annotated[str, Field(max_length=100, description="Id of a terminal.")]
RecordingName = Annotated[str, Field(max_length=100, description="Name of a recording.")]
Title = Annotated[str, Field(min_length=1, max_length=100)]
Reference = Annotated[
    str, Field(pattern=r"^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}$", description="Id or name of a container.")
]
Project = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,127}$", description="Name of a Compose project.")]
User = Annotated[str, Field(pattern=r"^[\w.][\w.-]{0,63}(:[\w.][\w.-]{0,63})?$")]


class TerminalsApi:
    """Faces of `Terminals`. The WebSocket itself is in `http`."""

    def __init__(self, terminals: Terminals) -> None:
        self._terminals = terminals

    @operation("GET", "/api/terminal/sessions", scope="terminal:read", risk="read")
    async def list_(self, caller: Caller) -> list[TerminalSession]:
        """Your terminals, the oldest first; an administrator sees everybody's."""
        return await self._terminals.all(caller)

    @operation("POST", "/api/terminal/sessions", scope="terminal:write", risk="destructive", status=201)
    async def create(
        self,
        caller: Caller,
        kind: Kind,
        container: Reference | None = None,
        project: Project | None = None,
        title: Title | None = None,
        cols: Size = 80,
        rows: Size = 24,
        user: User | None = None,
        record: bool = False,
    ) -> TerminalSession:
        """Open a login shell on this machine (`host`) or in a running container, or follow the log of one (`logs`) or
        of all containers of a Compose project (`compose`). `record` keeps what it shows as an asciicast file in the
        folder of recordings."""
        return await self._terminals.create(
            caller,
            kind,
            container=container,
            project=project,
            title=title,
            user=user,
            cols=cols,
            rows=rows,
            record=record,
        )

    @operation("PUT", "/api/terminal/sessions/{id}", scope="terminal:write", risk="modify")
    async def rename(self, caller: Caller, id: Id, title: Title) -> TerminalSession:
        """Give a terminal another title."""
        return await self._terminals.rename(caller, id, title)

    @operation("DELETE", "/api/terminal/sessions/{id}", scope="terminal:write", risk="destructive")
    async def close(self, caller: Caller, id: Id) -> Done:
        """Close a terminal and end everything that runs in it."""
        await self._terminals.close(caller, id)
        return Done()

    @operation("POST", "/api/terminal/sessions/{id}/resize", scope="terminal:write", risk="modify")
    async def resize(self, caller: Caller, id: Id, cols: Size, rows: Size) -> TerminalSession:
        """Tell the programs in a terminal how large it is."""
        return await self._terminals.resize(caller, id, cols, rows)

    @operation("POST", "/api/terminal/sessions/{id}/recording", scope="terminal:write", risk="modify")
    async def record(self, caller: Caller, id: Id, on: bool) -> TerminalSession:
        """Begin or end a recording of what a terminal shows."""
        return await self._terminals.record(caller, id, on=on)

    @operation("GET", "/api/terminal/recordings", scope="terminal:write", risk="read")
    async def recordings(self, caller: Caller) -> list[TerminalRecording]:
        """Your recordings, the latest first; an administrator sees everybody's."""
        return await self._terminals.recordings.all(caller)

    @operation("DELETE", "/api/terminal/recordings/{name}", scope="terminal:write", risk="destructive")
    async def delete_recording(self, caller: Caller, name: RecordingName) -> Done:
        """Delete a recording for good."""
        await self._terminals.recordings.remove(caller, name)
        return Done()

    @operation("POST", "/api/terminal/sessions/{id}/ticket", scope="terminal:write", risk="destructive")
    async def ticket(self, caller: Caller, id: Id) -> TerminalTicket:
        """A ticket for one WebSocket to a terminal, good for half a minute, from this origin only."""
        return await self._terminals.ticket(caller, id)
