"""What crosses the wire about people's own apps."""

from datetime import datetime
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from talome.core.models import Wire
from talome.home.manifest import AppId
from talome.home.stores.models import AppSummary

FileText = Annotated[str, Field(max_length=256 * 1024)]
Mark = Annotated[str, Field(max_length=64)]


class UserApp(Wire):
    """An app of this house. `app` is how the catalog shows it; null until the store “Yours” has been read again, or
    where `problem` says why it cannot be."""

    columns: ClassVar[tuple[str, ...]] = ("id", "name", "version", "changed_at", "problem")

    id: AppId
    name: str
    version: str
    app: AppSummary | None
    problem: str | None
    changed_at: datetime


class UserAppFiles(Wire):
    """The two files of an app. `mark` names this state of them: a change that is based on another one is refused."""

    id: AppId
    manifest: str
    compose: str
    mark: str
    changed_at: datetime


class Draft(Wire):
    """An app made of a pasted Compose file, not kept yet. `notes` tell what was changed or left out."""

    id: AppId
    manifest: str
    compose: str
    notes: list[str]
    complaint: "Complaint | None"


class Complaint(Wire):
    """What is wrong with an app's files, and as far as it can be told, where."""

    message: str
    file: Literal["app.yml", "compose.yml"] | None
    line: int | None
