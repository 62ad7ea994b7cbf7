"""The shapes of stores and of the apps in them on the wire."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from talome.core.models import Wire
from talome.home.jobs.models import Job
from talome.home.manifest import Category, FormField, Web

StoreType = Literal["talome", "casaos", "casaos-static", "umbrel", "runtipi"]
STORE_ID = r"^[a-z0-9][a-z0-9-]{0,63}$"
StoreId = Annotated[str, Field(pattern=STORE_ID)]
AppRef = Annotated[str, Field(pattern=r"^([a-z0-9][a-z0-9-]{0,63}:)?[a-z0-9][a-z0-9_-]{0,63}$")]
"""`store:app`, or an app alone: then the first store that has it."""
PasswordKind = Literal["none", "fixed", "generated"]


class Store(Wire):
    """A source of apps. `type` is null until the first sync found it out. `failure` tells why the last sync failed; the
    catalog is then as it was at `synced_at`. The bundled store cannot be removed, only switched off."""

    columns: ClassVar[tuple[str, ...]] = ("id", "name", "type", "apps", "problems", "enabled", "synced_at", "failure")

    id: str
    name: str
    type: StoreType | None
    apps: int
    problems: int
    enabled: bool
    synced_at: datetime | None
    failure: str | None
    url: str
    branch: str
    has_token: bool
    bundled: bool
    job_id: str | None
    """The sync that goes on now."""


class StoreAdded(Wire):
    """A new store, and the job of its first sync."""

    store: Store
    job: Job


class StoreProblem(Wire):
    """An app of a store that cannot be read, and why."""

    path: str
    reason: str


class StoreSuggestion(Wire):
    """A well-known store that is not fetched before somebody adds it."""

    id: str
    name: str
    type: StoreType
    url: str
    branch: str
    added: bool


class StoresChecked(Wire):
    jobs: list[Job]


class AppSummary(Wire):
    """An app of a store. `lacks` says in words what keeps it from being installed, `incompatible` why this machine
    cannot run it. `installed` tells of the installed one, where there is one."""

    columns: ClassVar[tuple[str, ...]] = ("id", "name", "version", "category", "installed", "tagline")

    id: str
    app_id: str
    store: str
    store_name: str
    name: str
    tagline: str
    category: Category
    icon: str | None
    version: str
    developer: str
    compatible: bool
    incompatible: str | None
    lacks: list[str]
    warnings_count: int
    installed: str | None
    """The name it is installed by; null where it is not."""


class CategoryCount(Wire):
    name: Category
    count: int


class StoreCount(Wire):
    id: str
    name: str
    count: int


class AppPage(Wire):
    """One page. The counts of categories and stores are of all apps that the other filters let through."""

    apps: list[AppSummary]
    total: int
    page: int
    limit: int
    categories: list[CategoryCount]
    stores: list[StoreCount]


class AppDetail(AppSummary):
    """All that a store tells of an app. Texts are the store's, plain or Markdown, and never HTML."""

    description: str
    screenshots: list[str]
    website: str | None
    repository: str | None
    support: str | None
    notes: str
    release_notes: str
    username: str | None
    password_kind: PasswordKind
    requires: list[str]
    web: Web | None
    fields: list[FormField]
    architectures: list[str]
    warnings: list[str]
    images: list[str]
    compose: str
    """As YAML, before anything is filled in."""


@dataclass(frozen=True, slots=True)
class CatalogChanged:
    """The catalog shows this store as it is now, which is not as it was."""

    store_id: str


class SaidValue(Wire):
    """A value that a script worked out. What is made up at the installation stands in brackets."""

    name: str
    value: str


class ScriptsSaid(Wire):
    """What an app's scripts said in a throw-away container; nothing is used before it is taken by its `digest`."""

    app: str
    digest: str
    values: list[SaidValue]
    unset: list[str]
    """Names that they should have set and did not."""
    exit_code: int
    errors: list[str]
    """The last lines that they wrote to standard error."""
