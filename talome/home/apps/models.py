"""What crosses the wire about installed apps."""

from datetime import datetime
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from talome.core.models import Wire
from talome.home.apps.overrides import ExtraFolder, HostPath, Limits, Origin
from talome.home.apps.permissions_models import PermissionSheet, SheetDifference
from talome.home.jobs.models import Job
from talome.home.manifest import AppManifest, FormField

Answers = Annotated[dict[str, Annotated[str, Field(max_length=4096)]], Field(max_length=200)]
Ports = Annotated[dict[str, Annotated[int, Field(ge=1, le=65535)]], Field(max_length=200)]
LimitChanges = Annotated[dict[str, Limits | None], Field(max_length=100)]
FolderChanges = Annotated[dict[str, HostPath | None], Field(max_length=200)]
ExtraFolders = Annotated[list[ExtraFolder], Field(max_length=50)]
AppState = Literal["running", "partly", "stopped", "starting", "working", "unknown"]
UpdatePolicy = Literal["manual", "notify", "automatic"]


class InstalledApp(Wire):
    """An app of this machine. `state` is what its containers say; "working" while a job changes it, "unknown" while
    Docker does not answer."""

    columns: ClassVar[tuple[str, ...]] = ("id", "name", "state", "version", "update", "update_policy", "job", "url")

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


class AppFolder(Wire):
    """A folder of this machine that a part of an app mounts. `key` names it in `PUT /api/apps/{id}/settings`."""

    key: str
    source: str
    target: str
    read_only: bool
    own: bool
    """Whether it lies in the app's own folder."""
    moved: bool
    """Whether a person chose another place than the app's file says."""


class AppPart(Wire):
    """A service of an app. The limits are those that a person set."""

    service: str
    image: str
    limits: Limits
    folders: list[AppFolder]


class AppChange(Wire):
    """What is to be different in an installed app; null stays as it is. A limit or a folder that is null goes back to
    what the app's file says; `extra_folders` are all that there are to be."""

    env: Answers | None = None
    ports: Ports | None = None
    limits: LimitChanges | None = None
    folders: FolderChanges | None = None
    extra_folders: ExtraFolders | None = None


class Adoptee(Wire):
    """What runs on this machine without Talome, as Talome would have it. It holds secrets and never goes out."""

    app: str
    manifest: AppManifest
    answers: dict[str, str]
    images: dict[str, str]
    """The ids of what runs, by the names in the file."""
    published: dict[str, int]
    """Host ports as they are now, by `service/target/protocol`."""
    containers: list[str]
    """Their full ids."""
    running: bool
    maker: str
    folder: str
    volumes: list[str]
    anonymous: dict[str, dict[str, str]]
    """Volumes without a name, by service and path."""
    alone: bool
    """Whether it is a container that no Compose file made, which has to be made anew."""


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
    parts: list[AppPart]
    extra_folders: list[ExtraFolder]
    origin: Origin | None
    """Set where the app ran before Talome took it over."""


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

    columns: ClassVar[tuple[str, ...]] = ("id", "job", "error")

    id: str
    job: Job | None
    error: str | None


class BulkPlanned(Wire):
    """What would become of one of several apps, or why nothing would. `must_be_accepted`: it would have more rights,
    and is only updated where it is named in `accept_risks_of`."""

    id: str
    plan: Plan | None
    must_be_accepted: bool
    error: str | None


class BulkPlan(Wire):
    """Several updates at once; nothing has been done. `images_to_fetch` counts each image once, `snapshot_bytes` is
    what the copies of all their data take."""

    apps: list[BulkPlanned]
    images_to_fetch: int
    snapshot_bytes: int
    free_bytes: int
    room_is_enough: bool
