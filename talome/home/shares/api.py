"""Operations on shares."""

from datetime import datetime
from typing import Annotated

from pydantic import Field, SecretStr

from talome.core.models import Done
from talome.core.operations import Caller, operation
from talome.home.files.models import FilePath
from talome.home.shares.models import (
    Access,
    LinkId,
    LinkKind,
    LinkName,
    NewShareLink,
    ShareLink,
    SmbPassword,
    WebDavAccess,
)
from talome.home.shares.service import ShareLinks, Wish, changes_of
from talome.home.shares.smb import NetworkFolders

Password = Annotated[SecretStr, Field(min_length=4, max_length=256)]
MostDownloads = Annotated[int, Field(ge=1, le=1_000_000)]


class SharesApi:
    """Faces of `ShareLinks` and `NetworkFolders`."""

    def __init__(self, links: ShareLinks, folders: NetworkFolders) -> None:
        self._links = links
        self._folders = folders

    @operation("GET", "/api/shares/links", scope="shares:read", risk="read")
    async def links(self, caller: Caller) -> list[ShareLink]:
        """Your links, the latest first; an administrator sees everybody's."""
        return await self._links.of(caller)

    @operation("POST", "/api/shares/links", scope="shares:write", risk="modify", status=201)
    async def add_link(
        self,
        caller: Caller,
        path: FilePath,
        kind: LinkKind = "download",
        name: LinkName | None = None,
        password: Password | None = None,
        expires_at: datetime | None = None,
        most_downloads: MostDownloads | None = None,
    ) -> NewShareLink:
        """Make an address that opens a file or folder without an account (`download`), or takes files into a folder
        and shows nothing (`drop`). The address is told this once."""
        secret = password.get_secret_value() if password else None
        return await self._links.add(caller, Wish(path, kind, name, secret, expires_at, most_downloads))

    @operation("PATCH", "/api/shares/links/{id}", scope="shares:write", risk="modify")
    async def change_link(
        self,
        caller: Caller,
        id: LinkId,
        name: LinkName | None = None,
        password: Password | None = None,
        expires_at: datetime | None = None,
        most_downloads: MostDownloads | None = None,
        clear: Annotated[list[str], Field(max_length=3)] = [],  # noqa: B006 - pydantic copies it
    ) -> ShareLink:
        """Change what is given; `clear` takes away what it names of “password”, “expiresAt” and “mostDownloads”."""
        secret = password.get_secret_value() if password else None
        changes = changes_of(name, secret, expires_at, most_downloads, clear)
        return await self._links.change(caller, id, changes)

    @operation("DELETE", "/api/shares/links/{id}", scope="shares:write", risk="modify")
    async def revoke_link(self, caller: Caller, id: LinkId) -> Done:
        """End a link. From this moment its address leads nowhere."""
        await self._links.remove(caller, id)
        return Done()

    @operation("GET", "/api/shares/access", scope="shares:read", risk="read")
    async def access(self, caller: Caller) -> Access:
        """How other programs reach your files: WebDAV and network folders (SMB)."""
        dav = WebDavAccess(path="/dav/", username=caller.name)
        return Access(webdav=dav, smb=await self._folders.access(caller))

    @operation("POST", "/api/shares/smb/password", scope="shares:write", risk="modify")
    async def make_smb_password(self, caller: Caller) -> SmbPassword:
        """Make yourself a password for network folders, instead of an older one. It is told this once."""
        return await self._folders.make_password(caller)

    @operation("DELETE", "/api/shares/smb/password", scope="shares:write", risk="modify")
    async def remove_smb_password(self, caller: Caller) -> Done:
        """Take your password for network folders away, so that they no longer open for you."""
        await self._folders.remove_password(caller)
        return Done()
