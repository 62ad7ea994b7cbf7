"""Operations on files."""

from typing import Annotated

from pydantic import Field, PlainSerializer

from talome.core.models import Done, Identifier
from talome.core.operations import Caller, operation
from talome.home.files.models import (
    Access,
    Entry,
    Favourite,
    FileInfo,
    FileMode,
    FilePath,
    FilePaths,
    FolderSize,
    Found,
    Listing,
    OnConflict,
    Recent,
    Root,
    RootGrant,
    RootId,
    Sort,
    TextFile,
    Ticket,
    TrashChange,
    Trashed,
    TrashId,
    UnixId,
    Upload,
)
from talome.home.files.owners import Owners, Wish
from talome.home.files.personal import Personal
from talome.home.files.roots import Roots
from talome.home.files.service import Files
from talome.home.files.tasks import FileTasks
from talome.home.files.tickets import Tickets
from talome.home.files.trash import Trash
from talome.home.files.uploads.service import Uploads
from talome.home.jobs.models import Job

FileText = Annotated[
    str, Field(max_length=500_000), PlainSerializer(lambda text: f"{len(text)} characters", when_used="json")
]
"""What somebody writes is theirs: the audit log tells how much it was, not what."""
Limit = Annotated[int, Field(ge=1, le=10_000)]
Title = Annotated[str, Field(min_length=1, max_length=100)]
Folder = Annotated[str, Field(min_length=2, max_length=4096, pattern=r"^/[^\x00]+$")]
Grants = Annotated[list[RootGrant], Field(max_length=500)]


class FilesApi:
    """Faces of `Files`, `FileTasks`, `Owners`, `Trash`, `Personal`, `Tickets` and `Uploads`."""

    def __init__(
        self, files: Files, tasks: FileTasks, trash: Trash,
        *, owners: Owners, personal: Personal, tickets: Tickets, uploads: Uploads,
    ) -> None:  # fmt: skip
        self._files = files
        self._tasks = tasks
        self._trash = trash
        self._owners = owners
        self._personal = personal
        self._tickets = tickets
        self._uploads = uploads

    @operation("GET", "/api/files", scope="files:read", risk="read")
    async def list_(
        self,
        caller: Caller,
        path: FilePath = "/",
        sort: Sort = "name",
        offset: Annotated[int, Field(ge=0)] = 0,
        limit: Limit = 1000,
        hidden: bool = True,
    ) -> Listing:
        """List a folder a page at a time, folders first; `/` lists the roots. `hidden` false leaves dot files out."""
        return await self._files.list_(caller, path, sort, offset=offset, limit=limit, hidden=hidden)

    @operation("GET", "/api/files/info", scope="files:read", risk="read")
    async def info(self, caller: Caller, path: FilePath) -> FileInfo:
        """Show all that is known of a file or folder."""
        return await self._files.info(caller, path)

    @operation("GET", "/api/files/size", scope="files:read", risk="read")
    async def size(self, caller: Caller, path: FilePath) -> FolderSize:
        """Count what a folder holds with everything below it; stops after some seconds."""
        return await self._files.size(caller, path)

    @operation("GET", "/api/files/search", scope="files:read", risk="read")
    async def search(
        self,
        caller: Caller,
        query: Annotated[str, Field(min_length=1, max_length=200)],
        path: FilePath = "/",
        limit: Annotated[int, Field(ge=1, le=1000)] = 100,
    ) -> Found:
        """Find files and folders below a folder by a part of their name; letters' case and accents do not matter."""
        return await self._files.search(caller, query, path, limit)

    @operation("POST", "/api/files/mkdir", scope="files:write", risk="modify")
    async def mkdir(self, caller: Caller, path: FilePath, parents: bool = False) -> Entry:
        """Make a folder. With `parents` also those above it, and one that is there already is no error."""
        return await self._files.mkdir(caller, path, parents=parents)

    @operation("POST", "/api/files/rename", scope="files:write", risk="modify")
    async def rename(self, caller: Caller, from_: Annotated[FilePath, Field(alias="from")], to: FilePath) -> Entry:
        """Rename or move a file or folder to a name that is free, on the same disk. Between disks: `move`."""
        return await self._files.rename(caller, from_, to)

    @operation("DELETE", "/api/files", scope="files:write", risk="modify")
    async def delete(self, caller: Caller, path: FilePath) -> Trashed:
        """Move a file or folder into the trash, from where it can come back for a while."""
        return (await self._trash.put(caller, [path]))[0]

    @operation("POST", "/api/files/delete", scope="files:write", risk="modify")
    async def delete_many(self, caller: Caller, paths: FilePaths) -> list[Trashed]:
        """Move several files and folders into the trash. Where one cannot go, the answer tells why and those before it
        are there already."""
        return await self._trash.put(caller, paths)

    @operation("POST", "/api/files/copy", scope="files:write", risk="modify")
    async def copy(self, caller: Caller, paths: FilePaths, to: FilePath, on_conflict: OnConflict = "fail") -> Job:
        """Copy files and folders into the folder `to`, as a job that can be cancelled and then leaves no trace."""
        return await self._tasks.copy(caller, paths, to, on_conflict)

    @operation("POST", "/api/files/move", scope="files:write", risk="modify")
    async def move(self, caller: Caller, paths: FilePaths, to: FilePath, on_conflict: OnConflict = "fail") -> Job:
        """Move files and folders into the folder `to`, between disks too, as a job that can be cancelled."""
        return await self._tasks.move(caller, paths, to, on_conflict)

    @operation("POST", "/api/files/zip", scope="files:write", risk="modify")
    async def zip(self, caller: Caller, paths: FilePaths, to: FilePath, on_conflict: OnConflict = "fail") -> Job:
        """Pack files and folders into the new ZIP file `to`, as a job. Links and devices are left out."""
        return await self._tasks.zip(caller, paths, to, on_conflict)

    @operation("POST", "/api/files/unzip", scope="files:write", risk="modify")
    async def unzip(self, caller: Caller, path: FilePath, to: FilePath, on_conflict: OnConflict = "fail") -> Job:
        """Unpack a ZIP or tar file into the new folder `to`, as a job. Hostile archives are refused whole."""
        return await self._tasks.unzip(caller, path, to, on_conflict)

    @operation("POST", "/api/files/owners", scope="files:write", risk="modify")
    async def owners(
        self,
        caller: Caller,
        paths: FilePaths,
        uid: UnixId | None = None,
        gid: UnixId | None = None,
        mode: FileMode | None = None,
        below: bool = True,
    ) -> Job:
        """Change whose files and folders are, or what owner, group and others may do (`mode`, such as 664), as a job;
        administrators only. `below`: with everything in folders, where files keep whether they may be run."""
        wish = Wish(uid, gid, None if mode is None else int(mode, 8))
        return await self._owners.change(caller, paths, wish, below=below)

    @operation("GET", "/api/files/text", scope="files:read", risk="read")
    async def read_text(self, caller: Caller, path: FilePath) -> TextFile:
        """Read a text file of up to 500,000 bytes."""
        return await self._files.read_text(caller, path)

    @operation("PUT", "/api/files/text", scope="files:write", risk="modify")
    async def write_text(
        self,
        caller: Caller,
        path: FilePath,
        text: FileText,
        etag: Annotated[str, Field(max_length=100)] | None = None,
    ) -> TextFile:
        """Write a text file. With the `etag` that reading gave only if nobody changed it since; without one only if
        there is no such file yet."""
        return await self._files.write_text(caller, path, text, etag)

    @operation("GET", "/api/files/trash", scope="files:read", risk="read")
    async def trash(self, caller: Caller) -> list[Trashed]:
        """Show what is in the trash of the roots that the caller may write, the latest first."""
        return await self._trash.all(caller)

    @operation("POST", "/api/files/trash/{id}/restore", scope="files:write", risk="modify")
    async def restore(
        self, caller: Caller, id: TrashId, on_conflict: OnConflict = "fail", to: FilePath | None = None
    ) -> Entry:
        """Bring something back from the trash to where it lay, or to the path `to` in the same root."""
        return await self._trash.restore(caller, id, on_conflict, to)

    @operation("DELETE", "/api/files/trash/{id}", scope="files:write", risk="destructive")
    async def purge(self, caller: Caller, id: TrashId) -> TrashChange:
        """Delete something in the trash for good."""
        return await self._trash.purge(caller, [id])

    @operation("POST", "/api/files/trash/empty", scope="files:write", risk="destructive")
    async def empty_trash(
        self, caller: Caller, ids: Annotated[list[TrashId], Field(min_length=1, max_length=10_000)]
    ) -> TrashChange:
        """Delete exactly these things in the trash for good."""
        return await self._trash.purge(caller, ids)

    @operation("GET", "/api/files/favourites", scope="files:read", risk="read")
    async def favourites(self, caller: Caller) -> list[Favourite]:
        """Show the caller's favourite folders and files."""
        return await self._personal.favourites(caller)

    @operation("POST", "/api/files/favourites", scope="files:read", risk="modify")
    async def add_favourite(self, caller: Caller, path: FilePath) -> Done:
        """Make a folder or file a favourite of the caller."""
        return await self._personal.add_favourite(caller, path)

    @operation("DELETE", "/api/files/favourites", scope="files:read", risk="modify")
    async def remove_favourite(self, caller: Caller, path: FilePath) -> Done:
        """Take a folder or file from the caller's favourites."""
        return await self._personal.remove_favourite(caller, path)

    @operation("GET", "/api/files/recents", scope="files:read", risk="read")
    async def recents(self, caller: Caller, limit: Annotated[int, Field(ge=1, le=200)] = 50) -> list[Recent]:
        """Show what the caller opened, changed or uploaded of late, the latest first."""
        return await self._personal.recents(caller, limit)

    @operation("DELETE", "/api/files/recents", scope="files:read", risk="modify")
    async def forget_recents(self, caller: Caller) -> Done:
        """Forget what the caller opened of late."""
        return await self._personal.forget_recents(caller)

    @operation("POST", "/api/files/tickets", scope="files:read", risk="modify")
    async def ticket(self, caller: Caller, paths: FilePaths, inline: bool = False) -> Ticket:
        """Get an address to read these by without a header: a file as it is, a folder or several as a ZIP. `inline`
        shows pictures, films, sound and PDF in place of saving them; nothing else is ever shown inline."""
        return await self._tickets.issue(caller, paths, inline=inline)

    @operation("GET", "/api/files/uploads", scope="files:write", risk="read")
    async def uploads(self, caller: Caller) -> list[Upload]:
        """Show the caller's uploads that are not whole yet, to go on with them."""
        return await self._uploads.all(caller)


class FileRootsApi:
    """Faces of `Roots`."""

    def __init__(self, roots: Roots) -> None:
        self._roots = roots

    @operation("GET", "/api/files/roots", scope="files:read", risk="read")
    async def list_(self, caller: Caller) -> list[Root]:
        """Show the folders that are open to the caller."""
        return await self._roots.list_(caller)

    @operation("POST", "/api/files/roots", scope="settings:write", risk="modify")
    async def add(
        self,
        caller: Caller,
        name: Title,
        folder: Folder,
        id: RootId | None = None,
        everyone: Access = "none",
        grants: Grants | None = None,
        uid: UnixId | None = None,
        gid: UnixId | None = None,
    ) -> Root:
        """Open a folder of this machine to people; administrators only. It must be there, and hold nothing of
        Talome's own."""
        return await self._roots.add(
            caller, id, name=name, folder=folder, everyone=everyone, grants=grants or [], uid=uid, gid=gid
        )

    @operation("PATCH", "/api/files/roots/{id}", scope="settings:write", risk="modify")
    async def change(
        self,
        caller: Caller,
        id: Identifier,
        name: Title | None = None,
        everyone: Access | None = None,
        grants: Grants | None = None,
        uid: UnixId | None = None,
        gid: UnixId | None = None,
    ) -> Root:
        """Change the name of a root, who may use it, or whose new files are. What is not given stays."""
        return await self._roots.change(caller, id, name=name, everyone=everyone, grants=grants, uid=uid, gid=gid)

    @operation("DELETE", "/api/files/roots/{id}", scope="settings:write", risk="modify")
    async def remove(self, caller: Caller, id: Identifier) -> Done:
        """Close a folder to people again. Nothing in it is deleted."""
        return await self._roots.remove(caller, id)
