"""What crosses the wire about terminals."""

from datetime import datetime
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from talome.core.models import Wire

Kind = Literal["host", "container", "logs", "compose"]
Size = Annotated[int, Field(ge=1, le=1000)]


class TerminalSession(Wire):
    """A terminal that runs, or that ended a few minutes ago. `container` is an id, `project` is Compose's; `mine` is
    false for what only an administrator sees; `recording` names a file in the folder of recordings."""

    id: str
    kind: Kind
    title: str
    container: str | None
    container_name: str | None
    project: str | None
    user: str | None
    cols: int
    rows: int
    created_at: datetime
    viewers: int
    exit_code: int | None
    recording: str | None
    owner: str
    mine: bool


class TerminalRecording(Wire):
    """A recording in asciicast v2; `GET /api/terminal/recordings/{name}` gives the file."""

    columns: ClassVar[tuple[str, ...]] = ("name", "title", "began_at", "size_bytes")

    name: str
    title: str
    began_at: datetime
    size_bytes: int


class TerminalTicket(Wire):
    """Lets one WebSocket in, once. `port`: where the terminal process listens; null where it could not."""

    ticket: str
    expires_in_s: int
    port: int | None
