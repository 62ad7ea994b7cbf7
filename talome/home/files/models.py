"""The shapes of files and folders on the wire."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from talome.core.models import Identifier, Wire

Access = Literal["none", "read", "write"]
Kind = Literal["folder", "file", "link", "fifo", "socket", "device"]
Sort = Literal["name", "-name", "modified", "-modified", "size", "-size", "type", "-type"]
OnConflict = Literal["fail", "keep_both", "replace", "skip"]
"""What becomes of a name that is taken: the whole refused, another name, the older one into the trash, or left out."""
FilePath = Annotated[str, Field(min_length=1, max_length=8192)]
"""`/<root>/<folder>/<name>`. What a name holds that is no UTF-8 stands in it as U+F780 to U+F7FF, a byte each."""
FilePaths = Annotated[list[FilePath], Field(min_length=1, max_length=1000)]
RootId = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")]
TrashId = Identifier
FileMode = Annotated[str, Field(pattern=r"^[0-7]{3}$")]
"""What owner, group and others may do, in octal."""
UnixId = Annotated[int, Field(ge=0, le=2**31 - 1)]


class RootGrant(Wire):
    """What one person may do in a root, beyond what everyone may."""

    user_id: Annotated[str, Field(max_length=100)]
    access: Literal["read", "write"]


class Root(Wire):
    """A folder of the machine that is open to people, named by `path` (`/<id>`). `access` is the caller's. `folder`,
    `everyone`, `grants`, `uid` and `gid` are told to administrators only. `uid` and `gid`: whose new files are; null:
    the folder's own owner. `available` is false while the folder is not there, such as an unplugged disk."""

    columns: ClassVar[tuple[str, ...]] = ("id", "name", "folder", "access", "free_bytes", "available")

    id: str
    name: str
    path: str
    access: Access
    available: bool
    free_bytes: int | None
    total_bytes: int | None
    folder: str | None = None
    everyone: Access | None = None
    grants: list[RootGrant] | None = None
    uid: int | None = None
    gid: int | None = None


class Entry(Wire):
    """What lies in a folder. `size_bytes` is null of what has none; FIFOs, sockets and devices are shown and never
    opened, links are shown and never followed. `thumbnail`: a picture of it can be asked for."""

    columns: ClassVar[tuple[str, ...]] = ("name", "kind", "size_bytes", "modified_at")

    name: str
    path: str
    kind: Kind
    size_bytes: int | None
    modified_at: datetime
    media_type: str | None
    thumbnail: bool


class Listing(Wire):
    """A page of a folder. `next_offset` is null on the last one. `revision` changes with the folder's content: where
    it does between two pages, begin anew. `path` of the list of roots is `/`."""

    path: str
    entries: list[Entry]
    total: int
    next_offset: int | None
    revision: str
    access: Access


class FileInfo(Wire):
    """All that is known of one thing. `etag` names this state of a file. `link_target` as it is written."""

    name: str
    path: str
    kind: Kind
    size_bytes: int | None
    disk_bytes: int
    modified_at: datetime
    media_type: str | None
    thumbnail: bool
    mode: str
    uid: int
    gid: int
    owner: str | None
    group: str | None
    etag: str | None
    link_target: str | None
    favourite: bool
    access: Access


class FolderSize(Wire):
    """What a folder holds; `complete` is false where counting took too long and stopped."""

    path: str
    bytes: int
    files: int
    folders: int
    complete: bool


class TextFile(Wire):
    """The text of a small file. Send `etag` with the change, so that nobody's work is written over."""

    path: str
    text: str
    etag: str
    size_bytes: int
    access: Access


class Trashed(Wire):
    """Something in the trash, until `expires_at`. `path` is where it lay."""

    columns: ClassVar[tuple[str, ...]] = ("id", "path", "size_bytes", "deleted_at", "expires_at")

    id: str
    name: str
    path: str
    kind: Kind
    size_bytes: int | None
    deleted_at: datetime
    deleted_by: str
    expires_at: datetime


class TrashChange(Wire):
    """`freed_bytes` as far as the sizes of what went are known."""

    deleted: int
    freed_bytes: int


class Favourite(Wire):
    """`available` is false where it is gone or may no longer be read."""

    path: str
    name: str
    kind: Kind | None
    available: bool


class Recent(Wire):
    """Something that the caller opened or changed of late."""

    entry: Entry
    at: datetime
    action: Literal["opened", "changed", "uploaded"]


class Ticket(Wire):
    """An address that opens without a header until `expires_at`, for this session only, and reads nothing else."""

    url: str
    expires_at: datetime


class Upload(Wire):
    """An upload that is not whole yet; `PATCH` its `url` from `offset` on, as tus 1.0 says."""

    id: str
    url: str
    path: str
    name: str
    size_bytes: int
    offset: int
    expires_at: datetime


class Found(Wire):
    """`complete` is false where there was more than could be looked through in the time."""

    entries: list[Entry]
    complete: bool


# --- events ---


@dataclass(frozen=True, slots=True)
class RootsChanged:
    """Roots, or who may use them, are no longer what they were."""


@dataclass(frozen=True, slots=True)
class FilesChanged:
    """Something in this folder of this root changed through Talome; `folder` is a path as on the wire."""

    root: str
    folder: str
