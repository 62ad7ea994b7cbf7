"""Who listens on this machine: the ports of the kernel's own tables, and those that Docker publishes.

The tables are those of the network this process is in, which is the machine's own (Talome is never in a container's
network). Which program a listener of the kernel's tables is, is found out only when asked for: that looks into all
processes. Source: kernel.org/doc/Documentation/networking/proc_net_tcp.txt.
"""

from collections.abc import Callable, Iterable
from contextlib import suppress
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
        self,
        published: Callable[[], Iterable[Published]] = tuple,
        *,
        folder: Path = Path("/proc/net"),
        processes: Path = Path("/proc"),
    ) -> None:
        self._published = published
        self._folder = folder
        self._processes = processes

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
            for port, _ in _sockets(self._folder / table, state)
        }

    def program(self, port: int, protocol: Protocol) -> str | None:
        """The name of the program that listens there, as the kernel has it (15 characters); None where it is not ours
        to see. Blocks for some milliseconds."""
        tables = (_sockets(self._folder / table, _LISTENS[protocol]) for table in (protocol, f"{protocol}6"))
        wanted = {f"socket:[{inode}]" for table in tables for found, inode in table if found == port}
        for process in self._processes.iterdir() if wanted else ():
            if process.name.isdecimal() and wanted & _open_files(process):
                with suppress(OSError):
                    return (process / "comm").read_text().strip()
        return None


def _open_files(process: Path) -> set[str]:
    """What the links of its open files say. Another's cannot be seen without rights, and any may close meanwhile."""
    found = set()
    with suppress(OSError):
        for link in (process / "fd").iterdir():
            with suppress(OSError):
                found.add(str(link.readlink()))
    return found


def _sockets(table: Path, state: bytes) -> list[tuple[int, int]]:
    """Local port and inode of the rows in this state. A machine without IPv6 has no table of it."""
    try:
        lines = table.read_bytes().splitlines()[1:]
    except FileNotFoundError:
        return []
    found = []
    for line in lines:
        fields = line.split(
            None, 10
        )  # number, local, remote, state, queues, timer, retries, user, timeout, inode, rest
        if len(fields) > 9 and fields[3] == state:
            found.append((int(fields[1].rpartition(b":")[2], 16), int(fields[9])))
    return [(port, inode) for port, inode in found if port]
