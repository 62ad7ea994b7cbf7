"""The verbs of WebDAV over HTTP: `/dav/` lists the roots, `/dav/<root>/…` is what lies in them."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final
from urllib.parse import quote, unquote, urlsplit
from xml.sax.saxutils import escape

from aiohttp import web

from talome.core.errors import Forbidden, Invalid, MethodNotAllowed, NotFound, TalomeError, TooLarge
from talome.core.http.connections import Connections
from talome.core.http.respond import RESPONSE_HEADERS, error_response
from talome.core.http.sending import Sent, send_file
from talome.core.http.server import CALLER, DAV
from talome.core.operations import Operation
from talome.home.files.service import etag_of
from talome.home.shares.dav import xml
from talome.home.shares.dav.locks import LONGEST_S, IfHeader, Locked, PreconditionFailed, parse_if
from talome.home.shares.dav.places import Met
from talome.home.shares.dav.service import READ, Dav
from talome.home.shares.dav.telling import LIVE, active, propstat, told

ALLOW: Final = (
    *("OPTIONS", "GET", "HEAD", "PUT", "DELETE", "MKCOL", "COPY", "MOVE"),
    *("PROPFIND", "PROPPATCH", "LOCK", "UNLOCK"),
)
_XML: Final = 'application/xml; charset="utf-8"'
_LARGEST_BODY: Final = 262_144
_AHEAD_BYTES: Final = 512 * 1024
"""So much may wait to be written before the sender is asked to pause."""
_DEFAULT_LOCK_S: Final = 600
_TIMEOUT: Final = re.compile(r"Second-(\d{1,10})")
Verb = Callable[[web.Request, str], Awaitable[web.StreamResponse]]


class WebDav:
    """Serves every method below `/dav`; `changes` are the operations of `DavApi` by their verbs."""

    def __init__(self, dav: Dav, changes: Mapping[str, Operation], connections: Connections) -> None:
        self._dav = dav
        self._changes = changes
        self._connections = connections
        self._verbs: dict[str, Verb] = {
            "OPTIONS": self._options, "GET": self._get, "HEAD": self._get, "PUT": self._put, "DELETE": self._delete,
            "MKCOL": self._mkcol, "COPY": self._copy, "MOVE": self._move, "PROPFIND": self._propfind,
            "PROPPATCH": self._proppatch, "LOCK": self._lock, "UNLOCK": self._unlock,
        }  # fmt: skip

    async def handle(self, request: web.Request) -> web.StreamResponse:
        verb = self._verbs.get(request.method)
        if verb is None:
            raise MethodNotAllowed(f"This address does not take {request.method}.", allow=list(ALLOW))
        if "#" in request.raw_path:
            raise Invalid("An address with “#” in it means a part of something, which cannot be worked with.")
        try:
            path = _path(request.rel_url.raw_path)
            if verb != self._options:
                header = _if_header(request)
                await self._dav.admit(request[CALLER], path, header, lambda address: _address(request, address))
            return await verb(request, path)
        except (Locked, PreconditionFailed, Forbidden) as error:
            return _refused(error, request)

    # --- looking and reading ---

    async def _options(self, _: web.Request, __: str) -> web.Response:
        headers = {"DAV": "1, 2", "MS-Author-Via": "DAV", "Allow": ", ".join(ALLOW)}
        return web.Response(status=204, headers=headers)

    async def _get(self, request: web.Request, path: str) -> web.StreamResponse:
        met = await self._dav.look(request[CALLER], path)
        if met.is_folder:
            raise MethodNotAllowed("This is a folder. Open it with a WebDAV client.", allow=["PROPFIND", "OPTIONS"])
        name, file = await self._dav.open(request[CALLER], path)
        sent = Sent(name, file.media_type, file.etag)
        return await send_file(request, self._connections, file.descriptor, sent)

    async def _propfind(self, request: web.Request, path: str) -> web.StreamResponse:
        depth = request.headers.get("Depth", "infinity").strip().lower()
        if depth not in ("0", "1"):
            raise FiniteDepth("Ask for one folder at a time: Depth 0 or 1.")
        body = await _body(request)
        wanted, names_only = _wanted(xml.parse(body) if body.strip() else None)
        met = await self._dav.look(request[CALLER], path)
        answer = web.StreamResponse(status=207, headers={"Content-Type": _XML})
        for name, value in request[RESPONSE_HEADERS].items():
            answer.headers.setdefault(name, value)
        await answer.prepare(request)
        await answer.write(f'{xml.HEAD}<D:multistatus xmlns:D="DAV:">'.encode())
        own = await asyncio.to_thread(told, self._dav.locks, met, wanted, names_only=names_only)
        await answer.write(own.encode())
        if depth == "1" and met.is_folder:
            await self._tell_inside(request, answer, met, wanted, names_only=names_only)
        await answer.write(b"</D:multistatus>")
        await answer.write_eof()
        return answer

    async def _tell_inside(
        self, request: web.Request, answer: web.StreamResponse, met: Met, wanted: list[str] | None, *, names_only: bool
    ) -> None:
        batches = await self._dav.inside(request[CALLER], met)

        def next_part() -> str | None:
            batch = next(batches, None)
            if batch is None:
                return None
            return "".join(told(self._dav.locks, one, wanted, names_only=names_only) for one in batch)

        try:
            while (text := await asyncio.to_thread(next_part)) is not None:
                await answer.write(text.encode())
        finally:
            close = getattr(batches, "close", None)
            if close is not None:
                await asyncio.to_thread(close)

    # --- changing ---

    async def _change(self, request: web.Request, verb: str, path: str, **values: Any) -> Any:
        operation = self._changes[verb]
        values = {"path": path, "tokens": _tokens(request), **values}
        return await operation.call(request[CALLER], lambda: operation.arguments_model.model_construct(None, **values))

    async def _put(self, request: web.Request, path: str) -> web.Response:
        if "Content-Range" in request.headers:
            raise Invalid("A part of a file cannot be put. Send the whole file.")
        await self._require_etag(request, path)
        request.content.set_read_chunk_size(_AHEAD_BYTES)
        is_new = await self._change(request, "put", path, content=request.content.iter_any())
        met = await self._dav.look(request[CALLER], path) if request[CALLER].may(READ) else None
        headers = {"ETag": etag_of(met.known)} if met is not None and met.known is not None else {}
        return web.Response(status=201 if is_new else 204, headers=headers)

    async def _require_etag(self, request: web.Request, path: str) -> None:
        if "If-Match" not in request.headers and "If-None-Match" not in request.headers:
            return
        try:
            known = (await self._dav.look(request[CALLER], path)).known
        except NotFound:
            known = None
        etag = None if known is None else etag_of(known)
        if not _any_match(request.headers.get("If-Match"), etag, default=True):
            raise PreconditionFailed("It is not as it was.")
        if _any_match(request.headers.get("If-None-Match"), etag, default=False):
            raise PreconditionFailed("It is there already.")

    async def _delete(self, request: web.Request, path: str) -> web.Response:
        await self._dav.delete(request[CALLER], path, _tokens(request))
        return web.Response(status=204)

    async def _mkcol(self, request: web.Request, path: str) -> web.Response:
        if await _body(request):
            return web.Response(status=415)
        await self._change(request, "mkcol", path)
        return web.Response(status=201)

    async def _copy(self, request: web.Request, path: str) -> web.Response:
        deep = request.headers.get("Depth", "infinity").strip().lower() != "0"
        to, overwrite = _destination(request), _overwrite(request)
        is_new = await self._change(request, "copy", path, to=to, overwrite=overwrite, deep=deep)
        return web.Response(status=201 if is_new else 204)

    async def _move(self, request: web.Request, path: str) -> web.Response:
        to, overwrite = _destination(request), _overwrite(request)
        is_new = await self._change(request, "move", path, to=to, overwrite=overwrite)
        return web.Response(status=201 if is_new else 204)

    async def _proppatch(self, request: web.Request, path: str) -> web.Response:
        """All or nothing, in the order of the document."""
        update = xml.parse(await _body(request))
        changes: dict[str, str | None] = {}
        for part in update.children:
            if part.name not in (xml.dav("set"), xml.dav("remove")):
                continue
            for holder in part.all("prop"):
                for one in holder.children:
                    changes[one.name] = xml.written(one) if part.name == xml.dav("set") else None
        if not changes:
            raise Invalid("The body says nothing to set or remove.", field="body")
        protected = [name for name in changes if name in LIVE]
        if not protected:
            await self._dav.change_properties(request[CALLER], path, _tokens(request), changes)
            parts = propstat("".join(map(xml.empty, changes)), "200 OK")
        else:
            await self._dav.look(request[CALLER], path)
            others = "".join(xml.empty(name) for name in changes if name not in LIVE)
            parts = propstat("".join(map(xml.empty, protected)), "403 Forbidden")
            parts += propstat(others, "424 Failed Dependency") if others else ""
        href = escape(quote(request.path))
        return _multistatus(f"<D:response><D:href>{href}</D:href>{parts}</D:response>")

    # --- locks ---

    async def _lock(self, request: web.Request, path: str) -> web.Response:
        body, timeout_s = await _body(request), _timeout(request)
        if not body.strip():
            lock, is_new = await self._dav.refresh(request[CALLER], path, _tokens(request), timeout_s), False
        else:
            depth = request.headers.get("Depth", "infinity").strip().lower()
            if depth not in ("0", "infinity"):
                raise Invalid("A lock is of depth 0 or infinity.")
            exclusive, owner = _lock_wish(xml.parse(body))
            lock, is_new = await self._dav.lock(
                request[CALLER], path, _tokens(request),
                deep=depth == "infinity", exclusive=exclusive, owner=owner, timeout_s=timeout_s,
            )  # fmt: skip
        held = f"<D:lockdiscovery>{active(lock)}</D:lockdiscovery>"
        text = f'{xml.HEAD}<D:prop xmlns:D="DAV:">{held}</D:prop>'
        headers = {"Lock-Token": f"<{lock.token}>", "Content-Type": _XML} if body.strip() else {"Content-Type": _XML}
        return web.Response(status=201 if is_new else 200, body=text.encode(), headers=headers)

    async def _unlock(self, request: web.Request, path: str) -> web.Response:
        token = request.headers.get("Lock-Token", "").strip()
        if not (token.startswith("<") and token.endswith(">")):
            raise Invalid("The Lock-Token header is missing.")
        await self._dav.unlock(request[CALLER], path, token[1:-1])
        return web.Response(status=204)


class FiniteDepth(Forbidden):
    """A PROPFIND of everything at once."""


class OtherServer(TalomeError):
    status, code = 502, "other_server"


def _path(raw: str) -> str:
    """The path of files, as on the wire, of a path below `/dav`."""
    try:
        text = unquote(raw.removeprefix(DAV), errors="strict")
    except UnicodeDecodeError:
        raise Invalid("The path is not valid Unicode.", field="path") from None
    return f"/{text.strip('/')}"


def _address(request: web.Request, address: str) -> str | None:
    """Of an address in a header, the path of files where it is on this server and below `/dav`."""
    parts = urlsplit(address)
    if parts.netloc and parts.netloc.lower() != request.headers.get("Host", "").lower():
        return None
    below = parts.path == DAV or parts.path.startswith(f"{DAV}/")
    return _path(parts.path) if below else None


def _destination(request: web.Request) -> str:
    address = request.headers.get("Destination", "")
    if not address:
        raise Invalid("The Destination header is missing.")
    if (path := _address(request, address)) is None:
        raise OtherServer("The destination is not on this server's drive.")
    return path


def _overwrite(request: web.Request) -> bool:
    return request.headers.get("Overwrite", "T").strip().upper() != "F"


def _if_header(request: web.Request) -> IfHeader | None:
    text = request.headers.get("If")
    return None if text is None else parse_if(text)


def _tokens(request: web.Request) -> frozenset[str]:
    header = _if_header(request)
    return frozenset() if header is None else header.tokens


def _timeout(request: web.Request) -> int:
    for one in request.headers.get("Timeout", "").split(","):
        if found := _TIMEOUT.fullmatch(one.strip()):
            return max(1, min(int(found[1]), LONGEST_S))
        if one.strip() == "Infinite":
            return LONGEST_S
    return _DEFAULT_LOCK_S


def _lock_wish(info: xml.Element) -> tuple[bool, str]:
    scope = info.find("lockscope")
    if info.name != xml.dav("lockinfo") or scope is None or not scope.children:
        raise Invalid("The body does not say which lock is wanted.", field="body")
    exclusive = scope.children[0].name == xml.dav("exclusive")
    owner = info.find("owner")
    text = "" if owner is None else xml.written(owner)
    if len(text) > 4096:
        raise TooLarge("The owner of a lock is told in up to 4,096 characters.")
    return exclusive, text


def _wanted(body: xml.Element | None) -> tuple[list[str] | None, bool]:
    """The names that a PROPFIND asks for, None for all; and whether it only wants names."""
    if body is None or body.find("allprop") is not None:
        return None, False
    if body.name != xml.dav("propfind"):
        raise Invalid("The body is no propfind.", field="body")
    if body.find("propname") is not None:
        return None, True
    holder = body.find("prop")
    if holder is None:
        raise Invalid("The body does not say what is asked for.", field="body")
    return list(dict.fromkeys(one.name for one in holder.children)), False


def _any_match(header: str | None, etag: str | None, *, default: bool) -> bool:
    if header is None:
        return default
    if header.strip() == "*":
        return etag is not None
    return etag is not None and any(one.strip() == etag for one in header.split(","))


async def _body(request: web.Request) -> bytes:
    """At most so much: what WebDAV has to say is short."""
    body = bytearray()
    async for chunk in request.content.iter_any():
        body += chunk
        if len(body) > _LARGEST_BODY:
            raise TooLarge("The body is too large.", field="body")
    return bytes(body)


def _multistatus(content: str) -> web.Response:
    text = f'{xml.HEAD}<D:multistatus xmlns:D="DAV:">{content}</D:multistatus>'
    return web.Response(status=207, body=text.encode(), headers={"Content-Type": _XML})


def _refused(error: TalomeError, request: web.Request) -> web.StreamResponse:
    """In XML where WebDAV has a word for it, so that clients understand."""
    word = "lock-token-submitted" if isinstance(error, Locked) else ""
    word = "propfind-finite-depth" if isinstance(error, FiniteDepth) else word
    if not word:
        return error_response(error, request)
    text = f'{xml.HEAD}<D:error xmlns:D="DAV:"><D:{word}/></D:error>'
    return web.Response(status=error.status, body=text.encode(), headers={"Content-Type": _XML})
