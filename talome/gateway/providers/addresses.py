"""What an address must be like before a key or a prompt is ever sent there: http or https, not this machine's own
doors, no metadata service; its name looked up once, and kept."""

import asyncio
import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import psutil
from yarl import URL

from talome.core.errors import Invalid
from talome.engines.fetch import checked_addresses, parse_url, unwrapped

CLOSED_PORTS: Final = frozenset({22, 25, 2019, 2375, 2376, 2377, 5432, 6379})
"""Of this machine: administration of Docker, Caddy and databases, which trust whoever reaches them."""


@dataclass(frozen=True, slots=True)
class Place:
    """`base_url` is what paths are added to; `addresses` is what the name meant when it was looked up. They are empty
    for a name on the internet, whose addresses may change."""

    url: str
    base_url: str
    addresses: tuple[str, ...]


async def look_up(text: str, own_ports: Iterable[int], *, pin_public: bool) -> Place:
    """Raises `Invalid`, or `Unavailable` for a name that is not known."""
    url = normal(text)
    addresses = await checked_addresses(URL(url), allow_private=True)
    port = URL(url).port
    if port in CLOSED_PORTS.union(own_ports) and await asyncio.to_thread(_is_own, addresses):
        raise Invalid("This is a port of this machine that is not for models.", field="url")
    public = all(ipaddress.ip_address(one).is_global for one in addresses)
    # A certificate ties a name to its owner, so only then may it move: else it could come to mean something inside.
    moves = public and not pin_public and URL(url).scheme == "https"
    return Place(url, base_of(url), () if moves else tuple(addresses))


def normal(text: str) -> str:
    """The address in one spelling, without an end that says nothing. Raises `Invalid`."""
    url = parse_url(text)
    if url.query_string or url.fragment:
        raise Invalid("The address must end before “?” and “#”.", field="url")
    return str(url.with_path(url.path.rstrip("/"))).rstrip("/")


def base_of(url: str) -> str:
    """Where the OpenAI-shaped routes are: under `/v1`, unless the address names a path."""
    return url if URL(url).path not in ("", "/") else f"{url}/v1"


def _is_own(addresses: Iterable[str]) -> bool:
    own = {entry.address.partition("%")[0] for entries in psutil.net_if_addrs().values() for entry in entries}
    found = [unwrapped(ipaddress.ip_address(one)) for one in addresses]
    return any(str(one) in own or one.is_loopback for one in found)
