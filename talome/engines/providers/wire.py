"""One session for all endpoints: addresses, credentials, time limits, and what a bad answer means.

A request that was sent over a kept connection which the other side had closed meanwhile is sent once more, and only if
not a byte of an answer had come.
"""

import asyncio
import ipaddress
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from types import SimpleNamespace
from typing import Any, Final, Self

import aiohttp
import orjson
from yarl import URL

from talome.core.clock import retry_after_s
from talome.core.errors import Invalid
from talome.core.nesting import is_too_deep
from talome.engines.fetch import CheckedResolver, check_address, parse_url
from talome.engines.providers.models import Endpoint, Json, UpstreamError
from talome.engines.providers.refusals import error_of_status

_CONNECT_S: Final = 5.0
_ERROR_BYTES: Final = 64_000
_ERROR_READ_S: Final = 5.0
_UNREACHABLE: Final = "The model's endpoint cannot be reached."
_ROOTS: Final = {"anthropic": "/v1", "google": "/v1beta"}
_HEADERS: Final = {"Accept-Encoding": "identity", "User-Agent": "Talome"}


@dataclass(frozen=True, slots=True)
class _Target:
    """Where a path of an endpoint lies: one URL for each pinned address, or the one that names are looked up for."""

    urls: tuple[URL, ...]
    host: str = ""
    server_name: str | None = None


@lru_cache(maxsize=512)
def _target(base_url: str, provider: str, addresses: tuple[str, ...] | None, path: str) -> _Target:
    """`addresses` are None where names are looked up each time."""
    try:
        base = parse_url(base_url)
    except Invalid as error:
        raise UpstreamError("unreachable", error.message) from None
    if base.path in ("", "/"):
        base = base.with_path(_ROOTS.get(provider, "/v1"))
    url = base.with_path(f"{base.path.rstrip('/')}{path.partition('?')[0]}", encoded=True)
    url = url.with_query(path.partition("?")[2] or None)
    if not addresses:
        if addresses is not None and not _is_address(base.host or ""):
            raise UpstreamError("unreachable", "The endpoint's name was never looked up. Check the endpoint again.")
        return _Target((_checked(url),))
    return _Target(
        tuple(_checked(url.with_host(address)) for address in addresses),
        host=url.host_port_subcomponent or "",
        server_name=base.host if url.scheme == "https" else None,
    )


def _checked(url: URL) -> URL:
    """An address in numbers is asked of no resolver, so it is looked at here."""
    host = url.host or ""
    if _is_address(host):
        try:
            check_address(ipaddress.ip_address(host), host, allow_private=True)
        except OSError:
            raise UpstreamError("unreachable", "The endpoint is where Talome never sends anything.") from None
    return url


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


class Wire:
    """Sends, and gives back only answers that are good."""

    def __init__(self, read_s: float, whole_s: float) -> None:
        self._piecewise = aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_S, sock_read=read_s)
        self._whole = aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_S, sock_read=whole_s)
        self._open: aiohttp.ClientSession | None = None
        self._anew: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        traces = aiohttp.TraceConfig()
        traces.on_connection_reuseconn.append(_note_reuse)
        self._open = _session({"keepalive_timeout": 15}, traces)
        self._anew = _session({"force_close": True})
        return self

    async def __aexit__(self, *_: object) -> None:
        for session in (self._open, self._anew):
            if session is not None:
                await session.close()

    async def post(
        self, endpoint: Endpoint, path: str, body: Json, headers: Mapping[str, str], *, stream: bool = False
    ) -> aiohttp.ClientResponse:
        """The answer's head, with a status of 200; its body is still to be read."""
        # A model at home may think long about a long question before its first word.
        limits = self._piecewise if stream and not endpoint.local else self._whole
        sent = {**headers, "Content-Type": "application/json"}
        return await self.request(endpoint, "POST", path, orjson.dumps(body), sent, limits=limits)

    async def request(
        self,
        endpoint: Endpoint,
        method: str,
        path: str,
        data: Any,
        headers: Mapping[str, str],
        *,
        limits: aiohttp.ClientTimeout | None = None,
    ) -> aiohttp.ClientResponse:
        """Raises `UpstreamError` for every status but 2xx, and where nothing answers."""
        addresses = endpoint.addresses if endpoint.local else endpoint.addresses or None
        target = _target(endpoint.base_url, endpoint.provider, addresses, path)
        sent = {**dict(endpoint.headers), **headers}
        if target.host:
            sent["Host"] = target.host
        options: dict[str, Any] = {"headers": sent, "data": data, "timeout": limits or self._whole}
        if target.server_name:
            options["server_hostname"] = target.server_name
        response = await self._first_that_connects(method, target.urls, options)
        if 200 <= response.status < 300:
            if response.headers.get("Content-Encoding", "identity").lower() != "identity":
                response.close()
                raise UpstreamError("malformed", "The model's endpoint sent a packed answer although asked not to.")
            return response
        raise await _error_of(response)

    async def _first_that_connects(
        self, method: str, urls: tuple[URL, ...], options: dict[str, Any]
    ) -> aiohttp.ClientResponse:
        for url in urls[:-1]:
            try:
                return await self._send(method, url, options)
            except UpstreamError as error:
                if error.code != "no_connection":
                    raise
        return await self._send(method, urls[-1], options)

    async def _send(self, method: str, url: URL, options: dict[str, Any]) -> aiohttp.ClientResponse:
        if self._open is None or self._anew is None:
            raise RuntimeError("The providers are not open.")
        reuse = SimpleNamespace(happened=False)
        with told_apart():
            try:
                return await self._open.request(method, url, allow_redirects=False, trace_request_ctx=reuse, **options)
            except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError) as error:
                # A form that was read to its end cannot be sent a second time.
                repeatable = isinstance(options["data"], bytes | None)
                if isinstance(error, aiohttp.ClientConnectorError) or not reuse.happened or not repeatable:
                    raise
            return await self._anew.request(method, url, allow_redirects=False, **options)


def _session(connector: dict[str, Any], *traces: aiohttp.TraceConfig) -> aiohttp.ClientSession:
    resolver = CheckedResolver(allow_private=True)
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, resolver=resolver, ttl_dns_cache=60, **connector),
        headers=_HEADERS,
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        trace_configs=list(traces),
    )


async def _note_reuse(_session: aiohttp.ClientSession, context: SimpleNamespace, _params: object) -> None:
    context.trace_request_ctx.happened = True


@contextmanager
def told_apart(*, started: bool = False) -> Iterator[None]:
    """What the HTTP client raises, as an `UpstreamError` of ours."""
    try:
        yield
    except TimeoutError:  # the client's own are of this kind too
        words = "The model's endpoint was silent for too long." if started else "The model's endpoint did not answer."
        raise UpstreamError("timeout", words, started=started) from None
    except aiohttp.ClientConnectorError:
        raise UpstreamError("unreachable", _UNREACHABLE, code="no_connection") from None
    except aiohttp.ClientPayloadError:
        raise UpstreamError("cut", "The model's endpoint broke off in the middle.", started=started) from None
    except aiohttp.ClientResponseError:
        words = "The endpoint does not answer as a web server does."
        raise UpstreamError("malformed", words, started=started) from None
    except (aiohttp.ClientError, OSError, ValueError):
        if started:
            raise UpstreamError("cut", "The model's endpoint broke off in the middle.", started=True) from None
        raise UpstreamError("unreachable", _UNREACHABLE) from None


async def read_json(response: aiohttp.ClientResponse, limit_bytes: int) -> Json:
    """The whole answer, which must be an object."""
    raw = await read_bytes(response, limit_bytes)
    try:
        body = orjson.loads(raw)
    except orjson.JSONDecodeError:
        body = None
    if not isinstance(body, dict) or is_too_deep(raw, body):
        raise UpstreamError("malformed", "The model's endpoint answered with something else than JSON.")
    return body


async def read_bytes(response: aiohttp.ClientResponse, limit_bytes: int) -> bytes:
    """The whole answer; the connection is free again afterwards."""
    try:
        with told_apart():
            if (response.content_length or 0) <= limit_bytes:
                parts, size = [], 0
                while size <= limit_bytes and (part := await response.content.readany()):
                    parts.append(part)
                    size += len(part)
                if size <= limit_bytes:
                    return b"".join(parts)
        raise UpstreamError("too_large", "The answer of the model's endpoint is too large.")
    except BaseException:
        response.close()
        raise
    finally:
        response.release()


async def _error_of(response: aiohttp.ClientResponse) -> UpstreamError:
    """What the status and the body mean. Of the body no word is passed on."""
    raw = b""
    with suppress(UpstreamError, TimeoutError):
        async with asyncio.timeout(_ERROR_READ_S):
            raw = await read_bytes(response, _ERROR_BYTES)
    response.close()
    return error_of_status(response.status, retry_after_s(response.headers.get("Retry-After")), raw)
