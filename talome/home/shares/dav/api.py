"""The verbs of WebDAV that change files as operations, so that they are admitted and recorded like all others.

No document of Talome's tells of them: clients know them from RFC 4918.
"""

from collections.abc import AsyncIterable
from typing import Annotated

from pydantic import Field

from talome.core.operations import Caller, operation
from talome.home.files.models import FilePath
from talome.home.shares.dav.service import Dav

Tokens = Annotated[frozenset[str], Field(exclude=True)]
"""Of locks that the client holds; nobody else is told of them."""
Content = Annotated[AsyncIterable[bytes], Field(exclude=True)]


class DavApi:
    """Faces of `Dav`. Deleting is `files.delete`, which it asks for itself."""

    def __init__(self, dav: Dav) -> None:
        self._dav = dav

    @operation("PUT", "/dav/{path}", scope="files:write", risk="modify", status=201)
    async def put(self, caller: Caller, path: FilePath, tokens: Tokens, content: Content) -> bool:
        """Write a file by WebDAV; whether it is new."""
        return await self._dav.put(caller, path, tokens, content)

    @operation("POST", "/dav/{path}", scope="files:write", risk="modify", status=201)
    async def mkcol(self, caller: Caller, path: FilePath, tokens: Tokens) -> None:
        """Make a folder by WebDAV."""
        await self._dav.mkcol(caller, path, tokens)

    @operation("POST", "/dav/{path}", scope="files:write", risk="modify", status=201)
    async def copy(
        self, caller: Caller, path: FilePath, to: FilePath, tokens: Tokens, overwrite: bool, deep: bool
    ) -> bool:
        """Copy a file or folder by WebDAV; whether the place was free."""
        return await self._dav.copy(caller, path, to, tokens, overwrite=overwrite, deep=deep)

    @operation("POST", "/dav/{path}", scope="files:write", risk="modify", status=201)
    async def move(self, caller: Caller, path: FilePath, to: FilePath, tokens: Tokens, overwrite: bool) -> bool:
        """Move or rename a file or folder by WebDAV; whether the place was free."""
        return await self._dav.move(caller, path, to, tokens, overwrite=overwrite)
