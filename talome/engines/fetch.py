"""Gets a file from an address that somebody else wrote: http and https only, bounded in time and size, and never from
where it must not go. A name is looked up once, the answer is checked, and the connection is made to that very answer;
each redirect is checked anew. So neither a rebinding name nor a redirect leads inside. What is posted follows the same
rules and no redirect at all.
"""

import asyncio
import ipaddress
import socket
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from talome.core.clock import retry_after_s
from talome.core.errors import Invalid, NotFound, TalomeError, TooLarge, Unavailable

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
MOST_REDIRECTS: Final = 5
LONGEST_URL: Final = 2000
_CONNECT_S: Final = 10.0
_CHUNK_BYTES: Final = 65_536
_NEVER: Final = tuple(
    ipaddress.ip_network(text)
    for text in (
        "0.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4", "240.0.0.0/4",
        "100.100.100.200/32", "192.0.0.192/32",  # metadata of two clouds that is not link-local
        "::/128", "fe80::/10", "ff00::/8", "fd00:ec2::254/128",
    )
)  # fmt: skip
"""Metadata of clouds, link-local, multicast and no address at all: nothing that a household would ask for is there."""
_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")


@dataclass(frozen=True, slots=True)
class Wish:
    """How to fetch. `allow_private` lets it go into the own network, for addresses that an administrator wrote.
    `etag` and `last_modified` are those of the last time; `authorization` goes to the first server only."""

    limit_bytes: int
    timeout_s: float = 30.0
    allow_private: bool = False
    etag: str = ""
    last_modified: str = ""
    authorization: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Fetched:
    """`body` is None where nothing changed since the last time, and empty where it went into a file."""

    url: str
    body: bytes | None
    content_type: str = ""
    etag: str = ""
    last_modified: str = ""


@dataclass(frozen=True, slots=True)
class Posted:
    """What was answered to a message. `excerpt` is its beginning as text; `retry_after_s` where it asks for a pause."""

    status: int
    retry_after_s: float | None
    excerpt: str


class _Refused(OSError):
    """An address that may not be reached. An OSError, so that it comes through the HTTP client as it is."""


class CheckedResolver(AbstractResolver):
    """For an HTTP client: names lead only where a connection is allowed."""

    def __init__(self, *, allow_private: bool) -> None:
        self._allow_private = allow_private

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        found = await _look_up(host, port, family)
        for address in found:
            check_address(address, host, allow_private=self._allow_private)
        return [
            ResolveResult(
                hostname=host,
                host=str(address),
                port=port,
                family=socket.AF_INET if address.version == 4 else socket.AF_INET6,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
            for address in found
        ]

    async def close(self) -> None:
        return None


async def _look_up(host: str, port: int, family: int) -> list[IpAddress]:
    infos = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM, family=family)
    return [ipaddress.ip_address(str(info[4][0]).partition("%")[0]) for info in infos]


def check_address(address: IpAddress, host: str, *, allow_private: bool) -> None:
    """Raise `_Refused`, an OSError with a sentence, where a connection to it is not allowed."""
    inner = unwrapped(address)
    for one in {address, inner}:
        if any(one.version == network.version and one in network for network in _NEVER):
            raise _Refused(f"{host} is at an address that Talome never fetches from.")
    if not allow_private and not (inner.is_global and address.is_global):
        raise _Refused(f"{host} is inside a private network, where this must not lead.")


def unwrapped(address: IpAddress) -> IpAddress:
    """The IPv4 address that an IPv6 one stands for, if it does."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else address)


def parse_url(text: str) -> URL:
    """An http or https address that holds no credentials. Raises `Invalid`."""
    try:
        url = URL(text)
        host, port = url.host, url.port
    except ValueError:
        raise Invalid("This is not an address.", field="url") from None
    if len(text) > LONGEST_URL or any(ord(character) < 33 for character in text):
        raise Invalid("This is not an address.", field="url")
    if url.scheme not in ("http", "https") or not host or not port:
        raise Invalid("The address must begin with https:// or http://.", field="url")
    if url.raw_user or url.raw_password:
        raise Invalid("Leave user and password out of the address; a token has its own field.", field="url")
    if not _is_name(host) and not _is_canonical(host):
        raise Invalid(
            "Write the machine in the address by its name or in the usual form of an IP address.", field="url"
        )
    return url


def _is_name(host: str) -> bool:
    """Not `2130706433`, `0x7f.1` or `127.1`, which mean an address too."""
    last = host.rstrip(".").rpartition(".")[2]
    return ":" not in host and not last.isdecimal() and not last.lower().startswith("0x")


def _is_canonical(host: str) -> bool:
    try:
        return str(ipaddress.ip_address(host)) == host.lower() or ":" in host
    except ValueError:
        return False


async def checked_addresses(url: URL, *, allow_private: bool) -> list[str]:
    """Where a program of its own may connect to for this address. Raises `Unavailable` or `Invalid`."""
    try:
        found = await _look_up(url.host or "", url.port or 443, socket.AF_UNSPEC)
        for address in found:
            check_address(address, url.host or "", allow_private=allow_private)
    except _Refused as error:
        raise Invalid(str(error), field="url") from None
    except OSError:
        raise Unavailable(
            f"The name {url.host} is not known. Check the address, and that the internet is there."
        ) from None
    return list(dict.fromkeys(map(str, found)))


async def fetch(url: str, wish: Wish) -> Fetched:
    """The content, in memory. Raises `Invalid`, `NotFound`, `TooLarge` or `Unavailable`, each with a sentence."""
    async with _opened(url, wish) as response:
        if response.status == 304:
            return _described(response, None)
        parts = [chunk async for chunk in _chunks(response, wish.limit_bytes)]
        return _described(response, b"".join(parts))


async def download(url: str, target: Path, wish: Wish) -> Fetched:
    """The content, into a file that must not be there yet; with an error no file is left."""
    async with _opened(url, wish) as response:
        if response.status == 304:
            return _described(response, None)
        try:
            with target.open("xb") as file:
                async for chunk in _chunks(response, wish.limit_bytes):
                    await asyncio.to_thread(file.write, chunk)
        except FileExistsError:
            raise
        except BaseException:
            await asyncio.to_thread(target.unlink, missing_ok=True)
            raise
        return _described(response, b"")


class Line:
    """Messages to one server, over one connection while it is kept."""

    def __init__(self, session: aiohttp.ClientSession, url: URL, wish: Wish) -> None:
        self._session = session
        self._url = url
        self._wish = wish

    async def post(self, body: bytes, headers: Mapping[str, str]) -> Posted:
        """Whatever the status. Raises `Invalid` where it must not go there, `Unavailable` where nobody answers."""
        with _telling(self._url, self._wish):
            _check_literal(self._url, self._wish)
            sent = {**_headers(self._wish, first_server=True), **headers}
            async with self._session.post(self._url, data=body, headers=sent, allow_redirects=False) as response:
                start = await response.content.read(self._wish.limit_bytes)
                excerpt = "".join(one if one.isprintable() else " " for one in start.decode(errors="replace"))
                return Posted(response.status, retry_after_s(response.headers.get("Retry-After")), excerpt.strip())


@asynccontextmanager
async def line(url: str, wish: Wish) -> AsyncIterator[Line]:
    """For posting to an address; `limit_bytes` of the wish is how much of each answer is looked at."""
    target = parse_url(url)
    async with _session(wish, keep=True) as session:
        yield Line(session, target, wish)


def _session(wish: Wish, *, keep: bool) -> aiohttp.ClientSession:
    connector = aiohttp.TCPConnector(
        resolver=CheckedResolver(allow_private=wish.allow_private), use_dns_cache=False, force_close=not keep
    )
    return aiohttp.ClientSession(
        connector=connector,
        timeout=aiohttp.ClientTimeout(total=wish.timeout_s, sock_connect=_CONNECT_S),
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
    )


@contextmanager
def _telling(url: URL, wish: Wish) -> Iterator[None]:
    """Turns what can go wrong on the way into sentences."""
    try:
        yield
    except _Refused as error:
        raise Invalid(str(error), field="url") from None
    except TimeoutError:
        raise Unavailable(f"{url.host} did not answer within {wish.timeout_s:g} seconds.") from None
    except (aiohttp.ClientError, OSError, ValueError) as error:
        raise _told(error, url) from None


@asynccontextmanager
async def _opened(text: str, wish: Wish) -> AsyncIterator[aiohttp.ClientResponse]:
    """The answer after all redirects, with status 200 or 304."""
    url = parse_url(text)
    origin = url.origin()
    async with _session(wish, keep=False) as session:
        for _ in range(MOST_REDIRECTS + 1):
            headers = _headers(wish, first_server=url.origin() == origin)
            with _telling(url, wish):
                async with await _get(session, url, headers, wish) as response:
                    if response.status not in (301, 302, 303, 307, 308):
                        _check_status(response)
                        yield response
                        return
                    url = _redirected(url, response)
        raise Unavailable(f"{origin} redirects too often.")


async def _get(
    session: aiohttp.ClientSession, url: URL, headers: Mapping[str, str], wish: Wish
) -> aiohttp.ClientResponse:
    _check_literal(url, wish)
    return await session.get(url, headers=headers, allow_redirects=False)


def _check_literal(url: URL, wish: Wish) -> None:
    host = url.host or ""
    if _is_canonical(host):  # the client asks no resolver for these
        check_address(ipaddress.ip_address(host), host, allow_private=wish.allow_private)


def _headers(wish: Wish, *, first_server: bool) -> dict[str, str]:
    headers = {"User-Agent": "Talome", "Accept-Encoding": "identity"}
    given = {"If-None-Match": wish.etag, "If-Modified-Since": wish.last_modified}
    if first_server:
        given["Authorization"] = wish.authorization
    return headers | {name: value for name, value in given.items() if value}


def _redirected(url: URL, response: aiohttp.ClientResponse) -> URL:
    target = url.join(URL(response.headers.get("Location", "")))
    if url.scheme == "https" and target.scheme == "http":
        raise Unavailable(f"{url.host} redirects from https to http, which Talome does not follow.")
    return parse_url(str(target))


def _check_status(response: aiohttp.ClientResponse) -> None:
    host, status = response.url.host, response.status
    if status in (200, 304):
        if response.headers.get("Content-Encoding", "identity").lower() != "identity":
            raise Unavailable(f"{host} sends the file packed although it was asked not to.")
        return
    if status in (404, 410):
        raise NotFound(f"{host} has nothing at this address.")
    if status in (401, 403):
        raise Unavailable(f"{host} does not let Talome in (status {status}). A token may be needed, or another one.")
    if status == 429:
        raise Unavailable(f"{host} was asked too often and wants a pause. Try again later.")
    raise Unavailable(f"{host} answered with status {status}.")


async def _chunks(response: aiohttp.ClientResponse, limit_bytes: int) -> AsyncIterator[bytes]:
    too_large = f"The file of {response.url.host} is larger than {limit_bytes // 1_000_000 or 1} MB."
    if (response.content_length or 0) > limit_bytes:
        raise TooLarge(too_large)
    size = 0
    async for chunk in response.content.iter_chunked(_CHUNK_BYTES):
        size += len(chunk)
        if size > limit_bytes:
            raise TooLarge(too_large)
        yield chunk


def _described(response: aiohttp.ClientResponse, body: bytes | None) -> Fetched:
    headers = response.headers
    return Fetched(
        url=str(response.url),
        body=body,
        content_type=response.content_type,
        etag=headers.get("ETag", "")[:200],
        last_modified=headers.get("Last-Modified", "")[:100],
    )


def _told(error: Exception, url: URL) -> TalomeError:
    cause = error.__cause__ or getattr(error, "os_error", None)
    for one in (cause, error):
        if isinstance(one, _Refused):
            return Invalid(str(one), field="url")
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return Unavailable(f"The name {url.host} is not known. Check the address, and that the internet is there.")
    if isinstance(error, aiohttp.ClientSSLError):
        return Unavailable(f"{url.host} has no certificate that this machine trusts.")
    if isinstance(error, aiohttp.InvalidURL | ValueError):
        return Unavailable(f"{url.host} redirects to what is not an address.")
    return Unavailable(f"{url.host} cannot be reached, or broke off.")
