"""What a link opens: `/s/<token>`, without account and scripts. The token in the address is the credential."""

import asyncio
import os
import stat
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final

from aiohttp import BodyPartReader, web

from talome.core.errors import Forbidden, Invalid, NotFound, TalomeError, TooMany
from talome.core.http.connections import Connections
from talome.core.http.sending import Sent, headers_of, send_file, send_produced
from talome.core.http.server import CALLER
from talome.engines.beneath import said_plainly
from talome.home.files.models import FilesChanged
from talome.home.files.service import OWN, Place, checked, opened, packed, shown
from talome.home.shares import page
from talome.home.shares.incoming import receive
from talome.home.shares.page import Item
from talome.home.shares.service import UNLOCKED_S, ShareLinks
from talome.home.shares.store import LinkRow

_MOST_LISTED: Final = 5000
_MOST_FILES: Final = 200
_FIELD_BYTES: Final = 1024
_HEADERS: Final = {
    "Content-Security-Policy": page.POLICY,
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",  # with none at all, browsers name no origin when a form is sent
    "X-Robots-Tag": "noindex, nofollow",
}

Work = Callable[[web.Request, str, LinkRow], Awaitable[web.StreamResponse]]


class SharePages:
    """`changed` is told of the folders into which files were dropped."""

    def __init__(self, links: ShareLinks, connections: Connections, changed: Callable[[FilesChanged], None]) -> None:
        self._links = links
        self._connections = connections
        self._changed = changed

    async def show(self, request: web.Request) -> web.StreamResponse:
        """The page: a list, a file, a form for files, or a form for the password."""
        return await self._guarded(request, self._show)

    async def unlock(self, request: web.Request) -> web.StreamResponse:
        """Takes the password; right, it is remembered for an hour in a cookie that only this address gets."""
        return await self._guarded(request, self._unlock, locked=True)

    async def file(self, request: web.Request) -> web.StreamResponse:
        return await self._guarded(request, self._file)

    async def zip(self, request: web.Request) -> web.StreamResponse:
        return await self._guarded(request, self._zip)

    async def upload(self, request: web.Request) -> web.StreamResponse:
        return await self._guarded(request, self._upload)

    async def _guarded(self, request: web.Request, work: Work, *, locked: bool = False) -> web.StreamResponse:
        token = request.match_info["token"]
        try:
            row = await self._links.open(token)
            if not locked and not self._links.is_unlocked(row, request.cookies.get(_cookie(row), "")):
                return _page(page.password_page(token), 403 if request.method == "POST" else 200)
            return await work(request, token, row)
        except (NotFound, Invalid, Forbidden) as error:
            if isinstance(error, Forbidden) and error.error_code == "wrong_password":
                return _page(page.password_page(token, error.message), error.status)
            return _page(page.problem_page(error.message), error.status)

    async def _show(self, request: web.Request, token: str, row: LinkRow) -> web.Response:
        path = request.query.get("path", "") if row.kind == "download" else ""
        place = await self._links.place(row, path)
        if row.kind == "drop":
            await asyncio.to_thread(_listed, place, "", 0)
            return _page(page.drop_page(token, row.name))
        items, size_bytes, complete = await asyncio.to_thread(_listed, place, path, _MOST_LISTED)
        if items is None:
            return _page(page.file_page(token, row.name, size_bytes))
        return _page(page.folder_page(token, row.name, path.strip("/"), items, complete=complete))

    async def _unlock(self, request: web.Request, token: str, row: LinkRow) -> web.Response:
        form = await request.post()
        given = form.get("password")
        password = given if isinstance(given, str) and len(given) <= _FIELD_BYTES else ""
        try:
            proof = await self._links.unlock(row, password, request[CALLER].client.ip)
        except TooMany as error:
            answer = _page(page.password_page(token, error.message), error.status)
            answer.headers["Retry-After"] = str(error.retry_after_s)
            return answer
        answer = web.Response(status=303, headers={"Location": f"/s/{token}", **_HEADERS})
        answer.set_cookie(
            _cookie(row), proof, path=f"/s/{token}", max_age=UNLOCKED_S, httponly=True, samesite="Strict",
            secure=request[CALLER].client.secure,
        )  # fmt: skip
        return answer

    async def _file(self, request: web.Request, _: str, row: LinkRow) -> web.StreamResponse:
        place = await self._readable(request, row)
        file = await opened(place)
        if file is None:
            raise Invalid("This is a folder. Download it as a zip.")
        try:
            if request.method == "GET" and (row.most_downloads is not None or _is_begun(request)):
                await self._links.count_download(row)
        except BaseException:
            os.close(file.descriptor)
            raise
        sent = Sent(place.name, file.media_type, file.etag)
        return await send_file(request, self._connections, file.descriptor, sent)

    async def _zip(self, request: web.Request, _: str, row: LinkRow) -> web.StreamResponse:
        place = await self._readable(request, row)
        if request.method == "GET":
            await self._links.count_download(row)

        headers = headers_of(f"{place.name}.zip", "application/zip", inline=False)
        return await send_produced(request, self._connections, packed([place]), headers)

    async def _readable(self, request: web.Request, row: LinkRow) -> Place:
        """Raises `NotFound` for a drop box, which gives nothing away."""
        if row.kind != "download":
            raise NotFound("There is nothing to download here.")
        return await self._links.place(row, request.query.get("path", ""))

    async def _upload(self, request: web.Request, token: str, row: LinkRow) -> web.Response:
        if row.kind != "drop":
            raise NotFound("Nothing can be sent here.")
        place, taken = await self._links.place(row), list[str]()
        try:
            await self._take_in(request, place, taken)
        except TalomeError as error:
            return _page(page.drop_page(token, row.name, taken=taken, problem=error.message), error.status)
        finally:
            if taken:
                await self._links.count_uploads(row, len(taken))
                self._changed(FilesChanged(place.root.id, place.path))
        return _page(page.drop_page(token, row.name, taken=taken))

    async def _take_in(self, request: web.Request, place: Place, taken: list[str]) -> None:
        """Every file of the form under a name that is free, as long as nobody ends the link meanwhile."""
        if not request.content_type.startswith("multipart/"):
            raise Invalid("Send a form with files.")
        reader = await request.multipart()
        while (part := await reader.next()) is not None:
            if not isinstance(part, BodyPartReader):
                raise Invalid("Send a form with files.")
            name = (part.filename or "").replace("\\", "/").rpartition("/")[2]
            if part.name != "files" or not name:
                continue
            if len(taken) >= _MOST_FILES:
                raise Invalid(f"Up to {_MOST_FILES} files at a time. Those before were taken in.")
            written, _, _ = await receive(place.below(*checked([name])), _content(part), replace=False)
            taken.append(written.name)


async def _content(part: BodyPartReader) -> AsyncIterator[bytes]:
    while chunk := await part.read_chunk(65_536):
        yield chunk


def _is_begun(request: web.Request) -> bool:
    """What is resumed is one download; of a link with a limit every part counts, or all but a byte would be free."""
    return request.headers.get("Range", "bytes=0-").startswith("bytes=0-")


def _cookie(row: LinkRow) -> str:
    return f"talome_share_{row.id[-8:]}"


def _page(text: str, status: int = 200) -> web.Response:
    return web.Response(text=text, status=status, content_type="text/html", charset="utf-8", headers=_HEADERS)


def _listed(place: Place, path: str, most: int) -> tuple[list[Item] | None, int, bool]:
    """What is in a folder, folders first; None and the size of a file; and whether that is all."""
    with said_plainly(place.name), place.open() as root:
        known = root.stat(place.parts)
        if not stat.S_ISDIR(known.st_mode):
            return None, known.st_size, True
        found, complete = list[Item](), True
        above = f"{path.strip('/')}/" if path.strip("/") else ""
        with root.scan(place.parts) as entries:
            for entry in entries:
                if len(found) >= most:
                    complete = False
                    break
                is_folder = entry.is_dir(follow_symlinks=False)
                if entry.name.startswith(OWN) or not (is_folder or entry.is_file(follow_symlinks=False)):
                    continue
                name, size = shown(entry.name), None if is_folder else entry.stat(follow_symlinks=False).st_size
                found.append(Item(name, f"{above}{name}", is_folder, size))
    return sorted(found, key=lambda item: (not item.is_folder, item.name.casefold())), 0, complete
