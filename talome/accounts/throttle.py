"""Delays guessing, and never locks anybody out: each wrong try makes the next wait longer, up to a minute.

Counted for an address with a user name, and more patiently for an address alone, so a stranger who guesses
at somebody's name delays himself and not its owner. IPv6 addresses count by their /64.
"""

import ipaddress
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from talome.core.errors import TooMany

FREE_TRIES: Final = 3
FREE_TRIES_OF_ADDRESS: Final = 15
LONGEST_WAIT_S: Final = 60
_FORGOTTEN_AFTER_S: Final = 900
_REMEMBERED: Final = 10_000


@dataclass(slots=True)
class _Tries:
    wrong: int = 0
    last_at: float = 0.0


class Throttle:
    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._tries: OrderedDict[str, _Tries] = OrderedDict()

    def attempt(self, ip: str, name: str) -> None:
        """`check`, and count the try as wrong until `succeeded` takes it back: tries made side by side all count."""
        self.check(ip, name)
        self.failed(ip, name)

    def check(self, ip: str, name: str) -> None:
        """Raise `TooMany`, with the seconds to wait, where it is too early for another try."""
        network = network_of(ip)
        wait = max(self._wait(f"{network} {name}", FREE_TRIES), self._wait(network, FREE_TRIES_OF_ADDRESS))
        if wait > 0:
            seconds = int(wait) + 1
            raise TooMany(f"Too many wrong tries. Wait {seconds} seconds and try again.", retry_after_s=seconds)

    def _wait(self, key: str, free: int) -> float:
        tries = self._tries.get(key)
        if tries is None or tries.wrong < free:
            return 0.0
        pause = min(LONGEST_WAIT_S, 1 << min(tries.wrong - free, 10))
        return tries.last_at + pause - self._clock()

    def failed(self, ip: str, name: str) -> None:
        network = network_of(ip)
        for key in (f"{network} {name}", network):
            tries = self._tries.setdefault(key, _Tries())
            if self._clock() - tries.last_at > _FORGOTTEN_AFTER_S:
                tries.wrong = 0
            tries.wrong += 1
            tries.last_at = self._clock()
            self._tries.move_to_end(key)
        while len(self._tries) > _REMEMBERED:
            self._tries.popitem(last=False)

    def succeeded(self, ip: str, name: str) -> None:
        network = network_of(ip)
        self._tries.pop(f"{network} {name}", None)
        if tries := self._tries.get(network):
            tries.wrong = max(0, tries.wrong - 1)


def network_of(ip: str) -> str:
    """What counts as one place: an IPv4 address, or the /64 of an IPv6 one."""
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return ip
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is None:
        return str(ipaddress.ip_network((address, 64), strict=False).network_address)
    return str(address)
