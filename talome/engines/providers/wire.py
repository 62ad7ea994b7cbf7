"""One session for all endpoints: addresses, credentials, time limits, and what a bad answer means.

A request that was sent over a kept connection which the other side had closed meanwhile is sent once more, and only if
not a byte of an answer had come.
"""

import asyncio
import ipaddress
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Self

import orjson
from yarl import URL

from talome.core.clock import retry_after_s
from talome.core.errors import Invalid
from talome.core.nesting import is_too_deep
from talome.engines.fetch import CheckedResolver, check_address, parse_url
from talome.engines.http1.client import Client, NotConnected, Place, head_of
from talome.engines.http1.response import BrokenOff, NotHttp, Response
from talome.engines.providers.models import Endpoint, Json, UpstreamError
from talome.engines.providers.refusals import error_of_status

_CONNECT_S: Final = 5.0
_ERROR_BYTES: Final = 64_000
_ERROR_READ_S: Final = 5.0
_UNREACHABLE: Final = "The model's endpoint cannot be reached."
_ROOTS: Final = {"anthropic": "/v1", "google": "/v1beta"}
_HEADERS: Final = {"Accept": "*/*", "Accept-Encoding": "identity", "User-Agent": "Talome"}
CLIENT_ERRORS: Final = (OSError, ValueError)
"""All that the HTTP client raises; its timeouts are of the first kind."""


@dataclass(frozen=True, slots=True)
class _Target:
    """Where a path of an endpoint lies: one place for each pinned address, or the one that names are looked up for."""

    places: tuple[Place, ...]
    host: str
    path: str


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
        return _Target((Place.of(_checked(url)),), url.host_port_subcomponent or "", url.raw_path_qs)
    places = tuple(Place.of(_checked(url.with_host(address)), base.host) for address in addresses)
    return _Target(places, url.host_port_subcomponent or "", url.raw_path_qs)


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
        self._read_s = read_s
        self._whole_s = whole_s
        self._client: Client | None = None

    async def __aenter__(self) -> Self:
        self._client = await Client(CheckedResolver(allow_private=True), _CONNECT_S).__aenter__()
        return self

    async def __aexit__(self, *problem: object) -> None:
        if self._client is not None:
            await self._client.__aexit__(*problem)

    async def post(
        self, endpoint: Endpoint, path: str, body: Json, headers: Mapping[str, str], *, stream: bool = False
    ) -> Response:
        """The answer's head, with a status of 200; its body is still to be read."""
        # A model at home may think long about a long question before its first word.
        read_s = self._read_s if stream and not endpoint.local else self._whole_s
        sent = {**headers, "Content-Type": "application/json"}
        return await self.request(endpoint, "POST", path, orjson.dumps(body), sent, read_s=read_s)

    async def request(
        self,
        endpoint: Endpoint,
        method: str,
        path: str,
        body: bytes | None,
        headers: Mapping[str, str],
        *,
        read_s: float | None = None,
    ) -> Response:
        """Raises `UpstreamError` for every status but 2xx, and where nothing answers."""
        addresses = endpoint.addresses if endpoint.local else endpoint.addresses or None
        target = _target(endpoint.base_url, endpoint.provider, addresses, path)
        sent = {**_HEADERS, "Host": target.host, **dict(endpoint.headers), **headers}
        try:
            head = head_of(method, target.path, sent, body)
            response = await self._first_that_connects(target.places, head, body or b"", read_s or self._whole_s)
        except CLIENT_ERRORS as error:
            raise upstream_error(error) from None
        if 200 <= response.status < 300:
            if response.headers.get("content-encoding", "identity").lower() != "identity":
                response.close()
                raise UpstreamError("malformed", "The model's endpoint sent a packed answer although asked not to.")
            return response
        raise await _error_of(response)

    async def _first_that_connects(
        self, places: tuple[Place, ...], head: bytes, body: bytes, read_s: float
    ) -> Response:
        if self._client is None:
            raise RuntimeError("The providers are not open.")
        for place in places[:-1]:
            try:
                return await self._client.request(place, head, body, read_s)
            except NotConnected:
                continue
        return await self._client.request(places[-1], head, body, read_s)


def upstream_error(error: Exception, *, started: bool = False) -> UpstreamError:
    """What one of the HTTP client's `CLIENT_ERRORS` means."""
    if isinstance(error, TimeoutError):
        words = "The model's endpoint was silent for too long." if started else "The model's endpoint did not answer."
        return UpstreamError("timeout", words, started=started)
    if isinstance(error, NotConnected):
        return UpstreamError("unreachable", _UNREACHABLE, code="no_connection")
    if isinstance(error, NotHttp):
        return UpstreamError("malformed", "The endpoint does not answer as a web server does.", started=started)
    if started or (isinstance(error, BrokenOff) and not error.nothing_came):
        return UpstreamError("cut", "The model's endpoint broke off in the middle.", started=started)
    return UpstreamError("unreachable", _UNREACHABLE)


async def read_json(response: Response, limit_bytes: int) -> Json:
    """The whole answer, which must be an object."""
    raw = await read_bytes(response, limit_bytes)
    try:
        body = orjson.loads(raw)
    except orjson.JSONDecodeError:
        body = None
    if not isinstance(body, dict) or is_too_deep(raw, body):
        raise UpstreamError("malformed", "The model's endpoint answered with something else than JSON.")
    return body


async def read_bytes(response: Response, limit_bytes: int) -> bytes:
    """The whole answer; the connection is free again afterwards."""
    try:
        if response.content_length <= limit_bytes:
            parts, size = [], 0
            while size <= limit_bytes and (part := await response.readany()):
                parts.append(part)
                size += len(part)
            if size <= limit_bytes:
                return b"".join(parts)
        raise UpstreamError("too_large", "The answer of the model's endpoint is too large.")
    except CLIENT_ERRORS as error:
        raise upstream_error(error) from None
    finally:
        response.close()


async def _error_of(response: Response) -> UpstreamError:
    """What the status and the body mean. Of the body no word is passed on."""
    raw = b""
    with suppress(UpstreamError, TimeoutError):
        async with asyncio.timeout(_ERROR_READ_S):
            raw = await read_bytes(response, _ERROR_BYTES)
    response.close()
    return error_of_status(response.status, retry_after_s(response.headers.get("retry-after")), raw)
