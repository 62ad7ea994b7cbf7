"""Sends what is on the disk: a file by its open descriptor, with ranges and conditions (RFC 9110), handed to the socket
by the kernel; or what a thread writes, such as an archive, no faster than the reader takes it.
"""

import asyncio
import logging
import os
import re
import select
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Final
from urllib.parse import quote

from aiohttp import web

from talome.core.errors import TalomeError
from talome.core.http.connections import Connections, SessionEnded
from talome.core.http.respond import RESPONSE_HEADERS
from talome.core.http.server import CALLER

_RANGE: Final = re.compile(r"bytes=\s*(\d{0,19})-(\d{0,19})\s*", re.ASCII)
_FIRST_BYTES: Final = 256 * 1024
_STRETCH_BYTES: Final = 8 * 1024 * 1024
_PATIENCE_MS: Final = 200
_SHOWABLE: Final = re.compile(
    r"image/(jpeg|png|gif|webp|avif|bmp)|video/[\w.+-]+|audio/[\w.+-]+|application/pdf", re.ASCII
)
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Sent:
    """How a file is told of. `inline`: shown in the browser where its kind can do no harm there, else saved."""

    name: str
    content_type: str | None
    etag: str
    inline: bool = False


def headers_of(name: str, content_type: str | None, *, inline: bool) -> dict[str, str]:
    """What keeps a stranger's page, picture or script from running as a page of Talome's own."""
    shown = inline and content_type is not None and _SHOWABLE.fullmatch(content_type) is not None
    plain = re.sub(r"[^ !#-\[\]-~]|[%/\\]", "_", name)
    # Chromium shows no PDF in a sandbox; scripts in a PDF run in the viewer's own
    sandbox = "" if shown and content_type == "application/pdf" else "; sandbox"
    return {
        "Content-Type": content_type if shown and content_type else _harmless(content_type),
        "Content-Disposition": f'{"inline" if shown else "attachment"}; filename="{plain}"; '
        f"filename*=UTF-8''{quote(name, safe='', errors='replace')}",
        "Content-Security-Policy": f"default-src 'none'; frame-ancestors 'self'{sandbox}",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-cache",
    }


def _harmless(content_type: str | None) -> str:
    """What a browser would run is sent as nothing in particular, even to be saved."""
    if content_type is None or re.search(r"html|xml|svg|javascript|ecmascript|multipart|mht", content_type):
        return "application/octet-stream"
    return content_type


async def send_file(request: web.Request, connections: Connections, descriptor: int, sent: Sent) -> web.StreamResponse:
    """The file, or the part of it that was asked for. Closes the descriptor."""
    try:
        known = os.fstat(descriptor)
        modified = datetime.fromtimestamp(min(max(int(known.st_mtime), 0), 253_402_300_799), UTC)
        headers = {
            **headers_of(sent.name, sent.content_type, inline=sent.inline),
            "ETag": sent.etag,
            "Last-Modified": format_datetime(modified, usegmt=True),
            "Accept-Ranges": "bytes",
        }
        if (refused := _unmet(request, sent.etag, modified)) is not None:
            return web.Response(status=refused, headers=headers)
        start, end, status = 0, known.st_size, 200
        found = _range(request, known.st_size, sent.etag, modified)
        if found is not None:
            start, end = found
            status = 206
            if start >= end:
                headers = {"Content-Range": f"bytes */{known.st_size}", "Accept-Ranges": "bytes"}
                return web.Response(status=416, headers=headers)
            headers["Content-Range"] = f"bytes {start}-{end - 1}/{known.st_size}"
        response = _begun(request, status, headers)
        response.content_length = end - start
        await _send(request, connections, response, descriptor, (start, end))
        return response
    finally:
        os.close(descriptor)


def _begun(request: web.Request, status: int, headers: dict[str, str]) -> web.StreamResponse:
    response = web.StreamResponse(status=status, headers=headers)
    for name, value in request[RESPONSE_HEADERS].items():
        response.headers.setdefault(name, value)
    return response


async def _send(
    request: web.Request, connections: Connections, response: web.StreamResponse, descriptor: int,
    part: tuple[int, int],
) -> None:  # fmt: skip
    caller = request[CALLER]
    connections.admit(caller)
    start, end = part
    try:
        with connections.track(caller):
            await response.prepare(request)
            if request.method != "HEAD":
                await _by_the_kernel(request, descriptor, start, end)
            await response.write_eof()
    except SessionEnded:
        response.force_close()
        _hang_up(request)
    except (ConnectionError, _Shrunk):
        _hang_up(request)


class _Shrunk(Exception):
    """The file became shorter while it was sent."""


async def _by_the_kernel(request: web.Request, descriptor: int, start: int, end: int) -> None:
    """By turns: a stretch on the loop, then in a thread for as long as the reader keeps up, so that neither a slow disk
    holds up the server nor slow readers hold up the threads."""
    loop = asyncio.get_running_loop()
    with os.fdopen(os.dup(descriptor), "rb", buffering=0) as file:
        size = _FIRST_BYTES
        while start < end:
            if request.transport is None or request.transport.is_closing():
                raise ConnectionResetError
            wanted = min(size, end - start)
            with suppress(OSError):
                os.posix_fadvise(descriptor, start, 2 * wanted, os.POSIX_FADV_WILLNEED)
            done = await loop.sendfile(request.transport, file, start, wanted)
            if done < wanted:
                raise _Shrunk
            start += done
            if start < end:  # the transport holds nothing back now, so the socket may be written to directly
                start = await _LANES.send(request.transport, descriptor, start, end)
            size = _STRETCH_BYTES


class _Lanes:
    """A few threads that send."""

    def __init__(self, number: int) -> None:
        self._threads = ThreadPoolExecutor(number, thread_name_prefix="sending")
        self._free = number

    async def send(self, transport: asyncio.Transport, descriptor: int, start: int, end: int) -> int:
        """How far it came before the reader fell behind; not at all where all lanes are taken."""
        known = transport.get_extra_info("socket")
        if not self._free or known is None or transport.get_extra_info("sslcontext") is not None:
            return start
        self._free -= 1
        target, ending = os.dup(known.fileno()), threading.Event()
        sending = asyncio.get_running_loop().run_in_executor(
            self._threads, _send_on, target, descriptor, start, end, ending
        )
        try:
            return await asyncio.shield(sending)
        finally:
            ending.set()
            while not sending.done():
                with suppress(asyncio.CancelledError):
                    await asyncio.wait({sending})
            sending.exception()  # who was not cancelled is told of it by the shield
            os.close(target)
            self._free += 1


_LANES: Final = _Lanes(4)


def _send_on(target: int, descriptor: int, start: int, end: int, ending: threading.Event) -> int:
    """Blocking; the socket itself does not block."""
    ready = select.poll()
    ready.register(target, select.POLLOUT)
    while start < end and not ending.is_set():
        try:
            done = os.sendfile(target, descriptor, start, min(_STRETCH_BYTES, end - start))
        except BlockingIOError:
            if not ready.poll(_PATIENCE_MS):
                break
            continue
        if done == 0:
            raise _Shrunk
        start += done
    return start


def _hang_up(request: web.Request) -> None:
    """The reader must not take what came for the whole."""
    if request.transport is not None:
        request.transport.close()


def _unmet(request: web.Request, etag: str, modified: datetime) -> int | None:
    """The status of a condition that is not met, in the order of RFC 9110, 13.2.2."""
    headers = request.headers
    if (said := headers.get("If-Match")) is not None:
        if said.strip() != "*" and etag not in _tags(said):
            return 412
    elif (since := _date(headers.get("If-Unmodified-Since"))) is not None and modified > since:
        return 412
    if (said := headers.get("If-None-Match")) is not None:
        if said.strip() == "*" or etag in [tag.removeprefix("W/") for tag in _tags(said)]:
            return 304
    elif (since := _date(headers.get("If-Modified-Since"))) is not None and modified <= since:
        return 304
    return None


def _range(request: web.Request, size: int, etag: str, modified: datetime) -> tuple[int, int] | None:
    """What is asked for, up to but without the end; an empty one cannot be. None: all of it. Several ranges at once,
    and what is no range, are passed over, as the standard allows."""
    said = request.headers.get("Range")
    found = None if said is None else _RANGE.fullmatch(said)
    if found is None or not (found[1] or found[2]):
        return None
    if (condition := request.headers.get("If-Range")) is not None:
        by_date = _date(condition) if not condition.startswith(('"', "W/")) else None
        if condition.strip() != etag and by_date != modified:
            return None
    if not found[1]:
        return max(0, size - int(found[2])), size
    end = min(int(found[2]) + 1, size) if found[2] else size
    if found[2] and int(found[2]) < int(found[1]):
        return None
    return int(found[1]), end


def _tags(said: str) -> list[str]:
    return re.findall(r'(?:W/)?"[^"]*"', said)


def _date(said: str | None) -> datetime | None:
    if said is None:
        return None
    try:
        found = parsedate_to_datetime(said)
    except (ValueError, TypeError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


Produce = Callable[[Callable[[bytes], None]], None]


class _Pipe:
    """From a thread that writes to a task that reads, two pieces ahead at most."""

    def __init__(self, produce: Produce) -> None:
        self._loop = asyncio.get_running_loop()
        self._pieces: asyncio.Queue[bytes | None] = asyncio.Queue(2)
        self._gone = False
        self._produce = produce
        self._working = asyncio.ensure_future(asyncio.to_thread(self._run))

    def _run(self) -> None:
        try:
            self._produce(self._put)
        finally:
            self._put(None)

    def _put(self, piece: bytes | None) -> None:
        if not self._gone:
            asyncio.run_coroutine_threadsafe(self._pieces.put(piece), self._loop).result()
        elif piece is not None:
            raise ConnectionResetError

    async def read(self) -> bytes | None:
        """None at the end. Raises what the thread met."""
        if (piece := await self._pieces.get()) is None:
            await self._working
        return piece

    async def close(self) -> None:
        """Let the thread go, wherever it is."""
        self._gone = True
        while not self._working.done():
            while not self._pieces.empty():
                self._pieces.get_nowait()
            await asyncio.wait({self._working}, timeout=0.05)
        if not self._working.cancelled():
            self._working.exception()  # told already, or of no interest to whoever left


async def send_produced(
    request: web.Request, connections: Connections, produce: Produce, headers: dict[str, str]
) -> web.StreamResponse:
    """What `produce` writes in a thread. It waits where the reader is slow, and is told by `ConnectionError` where
    nobody reads any more. A failure before the first byte is an ordinary refusal; later the connection is cut."""
    caller = request[CALLER]
    connections.admit(caller)
    response = _begun(request, 200, headers)
    if request.method == "HEAD":
        await response.prepare(request)
        return response
    pipe = _Pipe(produce)
    try:
        with connections.track(caller):
            first = await pipe.read()
            await response.prepare(request)
            await _pass_on(response, first, pipe)
    except (SessionEnded, ConnectionError):
        _hang_up(request)
    except (TalomeError, OSError):
        if not response.prepared:
            raise
        _log.exception("What was being sent broke off")
        _hang_up(request)
    finally:
        await pipe.close()
    return response


async def _pass_on(response: web.StreamResponse, piece: bytes | None, pipe: _Pipe) -> None:
    while piece is not None:
        await response.write(piece)
        piece = await pipe.read()
    await response.write_eof()
