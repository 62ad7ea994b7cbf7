"""Who listens on this machine: the ports of the kernel's own tables, and those that Docker publishes.

The tables are those of the network this process is in, which is the machine's own (Talome is never in a container's
network). No process is looked into, so a listener of the kernel's tables has no name.
Source: kernel.org/doc/Documentation/networking/proc_net_tcp.txt.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

Protocol = Literal["tcp", "udp"]
HostPort = tuple[int, Protocol]
_LISTENS: Final[dict[Protocol, bytes]] = {"tcp": b"0A", "udp": b"07"}
"""States. A connected UDP socket (01) is somebody's question that waits for its answer, not a service."""


@dataclass(frozen=True, slots=True)
class Published:
    """A host port that Docker publishes, for the container `name` of the Compose project `project`."""

    port: int
    protocol: Protocol
    name: str
    project: str | None = None


@dataclass(frozen=True, slots=True)
class Holder:
    """Who has a port. `name` is the container's; None for a program of the machine."""

    name: str | None = None
    project: str | None = None


class Listeners:
    """`published` tells what Docker publishes: its own helper listens there, or nobody does where there is none."""

    def __init__(
        self, published: Callable[[], Iterable[Published]] = tuple, *, folder: Path = Path("/proc/net")
    ) -> None:
        self._published = published
        self._folder = folder

    def held(self) -> dict[HostPort, Holder]:
        """All that are taken now. Blocks for a millisecond or two."""
        held: dict[HostPort, Holder] = dict.fromkeys(self.listening(), Holder())
        for item in self._published():
            held[item.port, item.protocol] = Holder(item.name, item.project)
        return held

    def listening(self) -> set[HostPort]:
        """What the kernel says, on whatever address."""
        return {
            (port, protocol)
            for protocol, state in _LISTENS.items()
            for table in (protocol, f"{protocol}6")
            for port in _ports(self._folder / table, state)
        }


def _ports(table: Path, state: bytes) -> set[int]:
    """The local ports of the rows in this state. A machine without IPv6 has no table of it."""
    try:
        lines = table.read_bytes().splitlines()[1:]
    except FileNotFoundError:
        return set()
    ports = set()
    for line in lines:
        fields = line.split(None, 4)  # number, local address, remote address, state, the rest
        if len(fields) > 3 and fields[3] == state:
            ports.add(int(fields[1].rpartition(b":")[2], 16))
    return ports - {0}
