"""The shapes of shares on the wire."""

from datetime import datetime
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from talome.core.models import Identifier, Wire

LinkKind = Literal["download", "drop"]
LinkId = Identifier
LinkName = Annotated[str, Field(min_length=1, max_length=120, pattern=r"^[^\x00-\x1f\x7f]+$")]


class ShareLink(Wire):
    """An address that opens without an account. `download` shows a file or folder, `drop` takes files in and shows
    nothing. `works` is false once it expired, is used up, or its maker may not reach the path any more (`reason`)."""

    columns: ClassVar[tuple[str, ...]] = ("id", "name", "path", "kind", "expires_at", "downloads", "works")

    id: str
    name: str
    path: str
    kind: LinkKind
    made_by: str
    has_password: bool
    expires_at: datetime | None
    most_downloads: int | None
    downloads: int
    uploads: int
    created_at: datetime
    last_used_at: datetime | None
    works: bool
    reason: str | None


class NewShareLink(Wire):
    """`url` is told this once: only a digest of it is kept. It is a path on this server."""

    link: ShareLink
    url: str


class WebDavAccess(Wire):
    """How to mount the house: `path` on this server, with the user name and an API key as the password."""

    path: str
    username: str


class SmbAccess(Wire):
    """Network folders. `available` false: this machine cannot serve them, `reason` says why. `address` is what
    another computer opens; `has_password`: the caller has one for them."""

    available: bool
    running: bool
    reason: str | None
    address: str | None
    username: str | None
    has_password: bool
    shares: list[str]


class Access(Wire):
    """The ways into the caller's files from other programs."""

    webdav: WebDavAccess
    smb: SmbAccess


class SmbPassword(Wire):
    """A password for network folders, told this once."""

    username: str
    password: str
