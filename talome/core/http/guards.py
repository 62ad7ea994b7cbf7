"""What stands before every route: names this machine answers to, where a request comes from, its origin."""

import ipaddress
import re
import socket
import time
from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import urlsplit

import psutil
from aiohttp import web

from talome.core.errors import Forbidden, Misdirected
from talome.core.operations import Client

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_PRIVATE_SUFFIXES = ("", ".local", ".lan", ".home", ".home.arpa", ".internal", ".localdomain")
_FORWARDED = frozenset(
    {
        *("x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "x-forwarded-server", "forwarded", "x-real-ip"),
        *("true-client-ip", "x-client-ip", "cf-connecting-ip", "via"),
    }
)
_ADDRESSES_FRESH_S = 30.0
_HOST = re.compile(r"(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9._-]+))(?::\d{1,5})?")


class HostGuard:
    """Refuses requests for a name that is not this machine's, which stops DNS rebinding.

    Rebinding needs a name that the attacker owns, so literal private addresses are always fine; a public
    address must be this machine's own. `domains` are the further names that the household configured.
    """

    def __init__(self, domains: Iterable[str]) -> None:
        own = socket.gethostname().lower().rstrip(".")
        short = own.split(".")[0]
        self._names = {"localhost", own, *(short + suffix for suffix in _PRIVATE_SUFFIXES)}
        self._names |= {domain.lower().rstrip(".") for domain in domains}
        self._addresses: frozenset[str] = frozenset()
        self._read_at = -_ADDRESSES_FRESH_S
        self._known: dict[str, bool] = {}

    def check(self, host_header: str) -> None:
        allowed = self._known.get(host_header)
        if allowed is None or time.monotonic() - self._read_at > _ADDRESSES_FRESH_S:
            allowed = self._remember(host_header)
        if not allowed:
            raise Misdirected(
                "This name does not belong to this machine. Use its address, or add the name to TALOME_DOMAINS."
            )

    def _remember(self, host_header: str) -> bool:
        if time.monotonic() - self._read_at > _ADDRESSES_FRESH_S or len(self._known) > 1000:
            found = (address.address for each in psutil.net_if_addrs().values() for address in each)
            self._addresses = frozenset(address.partition("%")[0] for address in found)
            self._read_at = time.monotonic()
            self._known.clear()
        self._known[host_header] = allowed = self._allows(host_header)
        return allowed

    def _allows(self, host_header: str) -> bool:
        written = _HOST.fullmatch(host_header)
        if written is None:
            return False
        name = (written[1] or written[2]).lower().rstrip(".")
        try:
            address = ipaddress.ip_address(name)
        except ValueError:
            return name in self._names or (name.endswith(".local") and name != ".local")
        return address.is_private or address.is_loopback or str(address) in self._addresses


class ClientGuard:
    """Tells where a request comes from. Forwarded headers count only when a configured proxy sent them."""

    def __init__(self, trusted_proxies: Iterable[str]) -> None:
        self._proxies = [ipaddress.ip_network(item, strict=False) for item in trusted_proxies]

    def client(self, request: web.Request) -> Client:
        headers = request.headers
        peer = request.remote or ""
        agent = headers.get("User-Agent", "")[:300]
        origin, host = headers.get("Origin", ""), headers.get("Host", "")
        if not _FORWARDED.isdisjoint([name.lower() for name in headers]):
            if not self._is_proxy(peer):
                return Client(peer, agent, False, request.secure, origin, host)
            secure = headers.get("X-Forwarded-Proto", "") == "https"
            address = self._forwarded_for(headers.getall("X-Forwarded-For", []), peer)
            return Client(address, agent, False, secure, origin, host)
        return Client(peer, agent, _is_loopback(peer) and _names_loopback(host), request.secure, origin, host)

    def _forwarded_for(self, values: list[str], peer: str) -> str:
        """The right-most address that is not one of our proxies: everything left of it can be forged."""
        chain = [part.strip() for value in values for part in value.split(",")]
        for address in reversed(chain):
            try:
                ipaddress.ip_address(address)
            except ValueError:
                return peer
            if not self._is_proxy(address):
                return address
        return peer

    def _is_proxy(self, address: str) -> bool:
        try:
            parsed = ipaddress.ip_address(address)
        except ValueError:
            return False
        return any(parsed in network for network in self._proxies)


def check_origin(request: web.Request, *, by_cookie: bool) -> None:
    """Refuse what another site makes a browser do: unsafe verbs and WebSockets must come from our own origin.

    Browsers always name the origin there. A request that carries the cookie but no origin is no browser's,
    and scripts are to use a Bearer token.
    """
    upgrade = request.headers.get("Upgrade", "").lower() == "websocket"
    if request.method in SAFE_METHODS and not upgrade:
        return
    origin = request.headers.get("Origin")
    if origin is not None:
        if urlsplit(origin).netloc.lower() != request.headers.get("Host", "").lower() or "://" not in origin:
            raise Forbidden("This request comes from another site.", code="foreign_origin")
    elif request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise Forbidden("This request comes from another site.", code="foreign_origin")
    elif by_cookie and "Sec-Fetch-Site" not in request.headers:
        raise Forbidden("A request with the session cookie must name its Origin; scripts use a Bearer token.")


@lru_cache(maxsize=1024)
def _names_loopback(host: str) -> bool:
    """Whether the caller asked for this machine by a name that only means itself: a proxy on the same machine that
    adds no header, and a page of another name that points here, do not make their users sit at it."""
    written = _HOST.fullmatch(host)
    name = (written[1] or written[2]).lower().rstrip(".") if written else ""
    return name == "localhost" or _is_loopback(name)


@lru_cache(maxsize=1024)
def _is_loopback(address: str) -> bool:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = getattr(parsed, "ipv4_mapped", None)
    return bool((mapped or parsed).is_loopback)
