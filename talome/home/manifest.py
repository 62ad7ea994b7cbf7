"""One app in one form, whichever store it comes from. The readers in `formats` make it; `apps` renders it."""

import re
from typing import Annotated, Any, Final, Literal

from pydantic import Field

from talome.core.models import Wire

APP_ID: Final = r"^[a-z0-9][a-z0-9_-]{0,62}$"
AppId = Annotated[str, Field(pattern=APP_ID)]
SafeName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_:-]{0,127}$")]
"""What may be the name of something that is there, and can be a part of no path but its last."""
Reference = Annotated[str, Field(pattern=r"^([a-z0-9][a-z0-9-]{0,63}:)?[a-z0-9][a-z0-9_-]{0,127}$")]
"""Something of a store: `store:name`, or the name alone."""


def is_app_id(text: str) -> bool:
    """Whether it may name an app, and so a folder."""
    return re.fullmatch(APP_ID, text) is not None and not text.endswith("\n")


Category = Literal[
    "ai", "automation", "books", "developer", "documents", "files", "finance", "games", "home", "media", "monitoring",
    "network", "other", "photos", "productivity", "security", "social",
]  # fmt: skip
FieldKind = Literal["text", "password", "number", "boolean", "choice", "email", "url", "ip", "domain", "folder"]
SharedFolder = Literal["media", "downloads", "photos", "documents", "files"]
Fact = Literal[
    "app_id",       # the installed app's name, also its Compose project
    "data",         # its own folder, where all it keeps lies
    "timezone", "uid", "gid",
    "hostname", "domain", "address",  # of this machine: box, box.local, 192.168.1.5
    "architecture",  # amd64, arm64
    "dns",          # the machine's name server
    "network", "interface",  # its own network in CIDR, and the interface it is on
]  # fmt: skip


class Part(Wire):
    """A piece of a value: exactly one of these is set."""

    text: str | None = None
    fact: Fact | None = None
    secret: str | None = None
    """The name a secret is derived for: the same for ever in one installed app, different in any other."""
    length: int | None = None
    """Of the secret, in characters of its encoding; the whole 64 hex characters unless given."""
    encoding: Literal["hex", "base64"] = "hex"
    field: str | None = None
    """The answer to the form's field of this name."""
    port: str | None = None
    """The leased host port of `service/target/protocol`, such as "web/8080/tcp"."""
    folder: SharedFolder | None = None
    """Where the house keeps such files, outside the app's own folder."""


class Variable(Wire):
    """What `${name}` in the compose file stands for: the parts, one after another."""

    name: str
    parts: list[Part]


class FormField(Wire):
    """Something that a person is asked, or may change."""

    name: str
    label: str
    help: str = ""
    kind: FieldKind = "text"
    default: str = ""
    required: bool = False
    options: list[tuple[str, str]] = Field(default_factory=list)
    """Value and label, for a choice."""
    minimum: float | None = None
    maximum: float | None = None
    """Of a number, or of a text's length."""
    pattern: str | None = None
    pattern_help: str = ""
    advanced: bool = False


class Web(Wire):
    """The door that "Open" leads to."""

    service: str
    port: int
    """Inside the container."""
    path: str = "/"
    scheme: Literal["http", "https"] = "http"


class Probe(Wire):
    """How it is seen that the app works, where Docker has no health check: any answer below 500 counts."""

    path: str = "/"
    patience_s: int = 120


class Scaffold(Wire):
    """A file that is there before the first start, below the app's own folder."""

    path: str
    text: str = ""
    """Its variables in the form `${name}` are filled in when `template` is set."""
    template: bool = False
    executable: bool = False


class AppManifest(Wire):
    """An app of a store. `compose` is a Compose file in its long forms (see `formats/compose.py`), whose only variables
    are those in `variables`; host ports in it are wishes, and its own folder is `${APP_DATA_DIR}`."""

    id: AppId
    folder: str = ""
    """Where it lies in its store, such as `Apps/Jellyfin`; every reader tells it."""
    name: str
    version: str = ""
    tagline: str = ""
    description: str = ""
    category: Category = "other"
    icon: str | None = None
    """An https address, or a path inside the app's folder of the store."""
    screenshots: list[str] = Field(default_factory=list)
    developer: str = ""
    website: str | None = None
    repository: str | None = None
    support: str | None = None
    release_notes: str = ""
    notes: str = ""
    """What to know before installing."""
    architectures: list[str] = Field(default_factory=list)
    """None means any."""
    username: str | None = None
    password: str | None = None
    """Of the first sign-in, as far as the store tells; a password that is generated is in `password_variable`."""
    password_variable: str | None = None
    requires: list[AppId] = Field(default_factory=list)
    implements: list[AppId] = Field(default_factory=list)
    web: Web | None = None
    probe: Probe = Probe()
    fields: list[FormField] = Field(default_factory=list)
    variables: list[Variable] = Field(default_factory=list)
    scaffold: list[Scaffold] = Field(default_factory=list)
    compose: dict[str, Any] = Field(default_factory=dict)
    by_architecture: dict[str, dict[str, Any]] = Field(default_factory=dict)
    """For an architecture, the keys of services that replace those of `compose`: {service: {key: value}}."""
    uid: int | None = None
    """Whom its own folder is to belong to, where the store says so."""
    gid: int | None = None
    backup_exclude: list[str] = Field(default_factory=list)
    """Paths below the app's own folder that need no backup."""
    hidden: bool = False
    """Withdrawn by its store: known where it is installed, offered to nobody."""
    lacks: list[str] = Field(default_factory=list)
    """In words, what keeps it from being installed."""
    warnings: list[str] = Field(default_factory=list)
    """In words, what works otherwise than in its own store."""


STACK_PLACEHOLDER: Final = re.compile(r"\{([a-z0-9][a-z0-9_-]{0,62}):([0-9]{1,5}|[A-Z][A-Z0-9_]{0,80})\}")
"""`{ollama:11434}`, the host port of that port of the app; `{mosquitto:MQTT_USER}`, the value of its variable."""


class StackApp(Wire):
    """An app of a stack, and what it is for there."""

    app: AppId
    why: Annotated[str, Field(min_length=1, max_length=300)]


class StackWire(Wire):
    """What makes two apps of a stack work together: a step for a person, or with `set` answers to the form of the first
    that Talome gives when it installs it. `{ollama:11434}` in them is a host port of an app that was installed before,
    `{mosquitto:MQTT_USER}` the value of one of its variables."""

    app: AppId = Field(alias="from")
    to: AppId
    what: Annotated[str, Field(min_length=1, max_length=500)]
    set: Annotated[dict[str, Annotated[str, Field(max_length=1000)]], Field(max_length=20)] = Field(
        default_factory=dict
    )


class StackFile(Wire):
    """A curated bundle of apps of one store, in the order in which they are installed."""

    id: AppId
    name: Annotated[str, Field(min_length=1, max_length=80)]
    tagline: Annotated[str, Field(max_length=200)] = ""
    description: Annotated[str, Field(max_length=5000)] = ""
    icon: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,40}$")] = "stack"
    apps: Annotated[list[StackApp], Field(min_length=1, max_length=20)]
    wiring: Annotated[list[StackWire], Field(max_length=100)] = Field(default_factory=list)
