"""What crosses the wire about installed apps."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from talome.core.models import Wire
from talome.home.apps.permissions_models import PermissionSheet, SheetDifference
from talome.home.jobs.models import Job
from talome.home.manifest import FormField

Answers = Annotated[dict[str, Annotated[str, Field(max_length=4096)]], Field(max_length=200)]
Ports = Annotated[dict[str, Annotated[int, Field(ge=1, le=65535)]], Field(max_length=200)]
AppState = Literal["running", "partly", "stopped", "starting", "working", "unknown"]
UpdatePolicy = Literal["manual", "notify", "automatic"]


class InstalledApp(Wire):
    """An app of this machine. `state` is what its containers say; "working" while a job changes it, "unknown" while
    Docker does not answer."""

    id: str
    name: str
    store: str
    """Of the catalog, as `<store>:<app>`."""
    icon: str | None
    version: str
    revision: int
    state: AppState
    url: str | None
    """Where its own page is, with `{host}` for the name that the person came by; None where it has none."""
    job: str | None
    update: str | None
    """The version that the store offers, or "a newer image", where there is something newer."""
    update_policy: UpdatePolicy
    containers: list[str]
    installed_at: datetime
    updated_at: datetime


class AppPort(Wire):
    """A host port of an app, leased for good; `key` is `service/target/protocol`."""

    key: str
    port: int
    protocol: Literal["tcp", "udp"]


class AppRevision(Wire):
    """A rendering that can be gone back to."""

    number: int
    version: str
    made_at: str
    current: bool
    has_data: bool
    """Whether a copy of the data from just before the following change is kept."""


class AppSettings(Wire):
    """What an installed app was asked and what was answered; secret answers are not told."""

    fields: list[FormField]
    answers: dict[str, str]
    ports: list[AppPort]
    revisions: list[AppRevision]
    compose: str
    sheet: PermissionSheet


class PlannedImage(Wire):
    """An image that the change needs."""

    service: str
    image: str
    present: bool


class Plan(Wire):
    """What an installation or a change would do; nothing has been done."""

    app: str
    name: str
    version: str
    images: list[PlannedImage]
    ports: list[AppPort]
    volumes: list[str]
    folders: list[str]
    sheet: PermissionSheet
    difference: SheetDifference | None
    """Against what is installed."""
    changes: list[str]
    """In words, what differs from what is installed."""
    snapshot_bytes: int | None
    """What a copy of the data takes; None where none is made, 0 where the file system shares blocks."""
    free_bytes: int
    warnings: list[str]
    compose: str


class NewApp(Wire):
    """What to install and how. `app_id` and `store_id` name it in the catalog; `name_as` is what it is called here."""

    app_id: str
    store_id: str | None = None
    name_as: str | None = None
    env: Answers = Field(default_factory=dict)
    ports: Ports = Field(default_factory=dict)
    """Wished host ports by `service/target/protocol`, or by the wished one of the manifest."""
    accept_risks: bool = False
    """Needed where the permission sheet asks for it."""


class BulkResult(Wire):
    """What became of one of several apps: its job, or the reason why there is none."""

    id: str
    job: Job | None
    error: str | None
