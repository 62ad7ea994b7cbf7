"""Leases of host ports: each port of an app has a number that stays the same for as long as the app is installed, that
no other app has, and that nothing else on this machine held when it was given out."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from talome.core.db import Transaction
from talome.core.errors import Conflict, Invalid, NotFound
from talome.engines.listeners import Holder, HostPort, Listeners, Protocol
from talome.home.apps.known_ports import why_not_moved
from talome.home.apps.store import LeaseRow, LeasesStore

FIRST_UNPRIVILEGED: Final = 1024
_FIRST_EPHEMERAL: Final = 32768
"""From here on Linux takes ports for outgoing connections, so none is given out that nobody asked for."""
_BLOCK: Final = 10_000
_LAST_RESORT: Final = range(20_000, 32_001)
_PRIVILEGED_SHIFT: Final = 8000


@dataclass(frozen=True, slots=True)
class PortWish:
    """`key` is `service/target/protocol`; a second host port of the same one has a key such as `web/80/tcp#2`. What is
    not `movable` gets the wished number or none."""

    key: str
    port: int
    protocol: str = "tcp"
    movable: bool = True


@dataclass(frozen=True, slots=True)
class PortLease:
    """`reason` says in words why it is not the wished one, when it was chosen just now."""

    port: int
    protocol: Protocol
    app: str
    key: str
    wished: int
    reason: str = ""


def reserved_ports(own: int, terminal: int) -> dict[int, str]:
    """What no app gets, with who has it in words. Those below 1024 are for apps that ask for just that one."""
    return {
        22: "signing in to this machine (SSH)",
        80: "the house's own web addresses",
        443: "the house's own web addresses",
        2019: "the gateway's control",
        own: "Talome",
        terminal: "Talome's terminal",
    }


class PortLeases:
    def __init__(self, store: LeasesStore, listeners: Listeners, reserved: Mapping[int, str]) -> None:
        self._store = store
        self._listeners = listeners
        self._reserved = reserved

    async def all(self) -> list[PortLease]:
        """By number."""
        return [_lease(row) for row in await self._store.all()]

    async def of(self, app: str) -> dict[str, int]:
        """The app's ports by their keys."""
        return {row.key: row.port for row in await self._store.all() if row.app == app}

    async def plan(self, app: str, wishes: Sequence[PortWish]) -> list[PortLease]:
        """A port for each wish, in their order: the one the app has; else the wished one where it is free; else the
        nearest free one. Writes nothing."""
        held = await asyncio.to_thread(self._listeners.held)
        return await asyncio.to_thread(self._choose, app, wishes, await self._store.all(), held)

    async def choose(
        self, app: str, wishes: Sequence[PortWish], asked: Mapping[str, int], promised: Sequence[LeaseRow] = ()
    ) -> dict[str, int]:
        """As `plan`, by key; but what a person asked for is given as asked, or refused by `Conflict` naming who has
        it. `promised` are leases of apps that are to be installed before. Writes nothing."""
        held = await asyncio.to_thread(self._listeners.held)
        rows = [*await self._store.all(), *promised]
        mine = {row.key: row for row in rows if row.app == app}
        fixed = [wish for wish in wishes if wish.key in asked]
        for wish in fixed:
            port, kept = asked[wish.key], mine.get(wish.key)
            if not 0 < port < 65536:
                raise Invalid("A port is a number from 1 to 65535.", field="ports")
            if (kept is None or kept.port != port) and (who := self._who(app, port, protocol_of(wish.key), rows, held)):
                raise _refused(port, who, field="ports", key=wish.key)
        given = [LeaseRow(asked[wish.key], protocol_of(wish.key), app, wish.key, wish.port) for wish in fixed]
        if len({(row.port, row.protocol) for row in given}) != len(given):
            raise Invalid("Two ports of the app cannot have the same number.", field="ports")
        clashing = {(row.port, row.protocol) for row in given}
        others = [row for row in rows if row.app != app or row.key not in asked]
        others = [row for row in others if (row.port, row.protocol) not in clashing]
        chosen = await asyncio.to_thread(self._choose, app, wishes, [*given, *others], held)
        return {lease.key: lease.port for lease in chosen}

    async def reserve(self, app: str, wishes: Sequence[PortWish]) -> list[PortLease]:
        """Plan and take in one: whoever plans at the same time gets other ports."""
        held = await asyncio.to_thread(self._listeners.held)
        async with self._store.db.write() as tx:
            leases = await asyncio.to_thread(self._choose, app, wishes, await self._store.all(tx), held)
            await self.take(leases, tx)
        return leases

    async def take(self, leases: Sequence[PortLease], tx: Transaction | None = None) -> None:
        """Keep what was planned, all or nothing; taking it again changes nothing. `Conflict` names who was quicker:
        then plan anew."""
        if tx is None:
            async with self._store.db.write() as own:
                return await self.take(leases, own)
        for app in {lease.app for lease in leases}:
            await self._store.delete(tx, app, {lease.key for lease in leases if lease.app == app})
        taken = {(row.port, row.protocol): row for row in await self._store.all(tx)}
        for lease in leases:
            if (row := taken.get((lease.port, lease.protocol))) is not None:
                raise _refused(lease.port, f"the app “{row.app}”")
        rows = [LeaseRow(lease.port, lease.protocol, lease.app, lease.key, lease.wished) for lease in leases]
        await self._store.put(tx, rows)
        return None

    async def set(self, app: str, ports: Mapping[str, int]) -> None:
        """Let the app have just these, by their keys; what it wished for is kept where it is known."""
        async with self._store.db.write() as tx:
            wished = {row.key: row.wished for row in await self._store.all(tx) if row.app == app}
            await self._store.delete(tx, app)
            leases = [PortLease(port, protocol_of(key), app, key, wished.get(key, port)) for key, port in ports.items()]
            await self.take(leases, tx)

    async def release(self, app: str, keys: Sequence[str] | None = None) -> None:
        """All of the app's, or those of the given keys."""
        async with self._store.db.write() as tx:
            await self._store.delete(tx, app, keys)

    async def move(self, app: str, key: str, port: int) -> PortLease:
        """Another number for a port that the app has. `Conflict` names who has it."""
        if not 0 < port < 65536:
            raise Invalid("A port is a number from 1 to 65535.", field="port")
        held = await asyncio.to_thread(self._listeners.held)
        async with self._store.db.write() as tx:
            rows = await self._store.all(tx)
            mine = next((row for row in rows if (row.app, row.key) == (app, key)), None)
            if mine is None:
                raise NotFound(f"The app “{app}” has no port {key}.")
            lease = PortLease(port, protocol_of(key), app, key, mine.wished)
            if port != mine.port and (who := self._who(app, port, lease.protocol, rows, held)):
                raise _refused(port, who)
            await self.take([lease], tx)
        return lease

    async def blocked(self, app: str, ports: Mapping[str, int]) -> dict[str, str]:
        """Those of the ports, by key, that the app cannot have right now, each with who has it in words."""
        held = await asyncio.to_thread(self._listeners.held)
        rows = await self._store.all()
        whose = {key: self._who(app, port, protocol_of(key), rows, held) for key, port in ports.items()}
        return {key: who for key, who in whose.items() if who}

    # --- choosing ---

    def _meant(self, app: str, wish: PortWish, rows: Sequence[LeaseRow], held: Mapping[HostPort, Holder]) -> Conflict:
        protocol = protocol_of(wish.key)
        who = self._who(app, wish.port, protocol, rows, held)
        ours = who is None or (wish.port, protocol) not in held or held[wish.port, protocol].name is not None
        program = None if ours else self._listeners.program(wish.port, protocol)
        words = why_not_moved(wish.port, wish.protocol, who or "the same app, for something else", program)
        return Conflict(words, field="ports", port=wish.port, key=wish.key)

    def _who(
        self, app: str, port: int, protocol: Protocol, rows: Sequence[LeaseRow], held: Mapping[HostPort, Holder]
    ) -> str | None:
        """In words, who but the app itself has a port."""
        if port in self._reserved:
            return self._reserved[port]
        for row in rows:
            if (row.port, row.protocol) == (port, protocol) and row.app != app:
                return f"the app “{row.app}”"
        holder = held.get((port, protocol))
        if holder is None or holder.project == app:
            return None
        return f"the container “{holder.name}”" if holder.name else "another program on this machine"

    def _choose(
        self, app: str, wishes: Sequence[PortWish], rows: Sequence[LeaseRow], held: Mapping[HostPort, Holder]
    ) -> list[PortLease]:
        _check(wishes)
        had = {row.key: row for row in rows if row.app == app}
        taken = _taken(app, rows, held)
        chosen = {wish.key: _lease(had[wish.key]) for wish in wishes if wish.key in had}
        for group in _groups(wishes):
            new = [wish for wish in group if wish.key not in had]
            if not new:
                continue
            beside = next((had[wish.key].port for wish in group if wish.key in had), new[0].port)
            port = _find(beside, {protocol_of(wish.key) for wish in new}, taken, self._reserved)
            for wish in new:
                protocol = protocol_of(wish.key)
                if port != wish.port and not wish.movable:
                    raise self._meant(app, next(one for one in new if not one.movable), rows, held)
                who = self._who(app, wish.port, protocol, rows, held) if port != wish.port else None
                reason = f"Port {wish.port} is used by {who}." if who else ""
                chosen[wish.key] = PortLease(port, protocol, app, wish.key, wish.port, reason)
                taken.add((port, protocol))
        return [chosen[wish.key] for wish in wishes]


def protocol_of(key: str) -> Protocol:
    """Of a key such as `web/53/udp`, or `web/80/tcp#2`."""
    protocol = key.rpartition("/")[2].partition("#")[0]
    if protocol == "tcp":
        return "tcp"
    if protocol == "udp":
        return "udp"
    raise Invalid(f"The port {key} can have no lease: only TCP and UDP ports of this machine can.")


def _taken(app: str, rows: Sequence[LeaseRow], held: Mapping[HostPort, Holder]) -> set[HostPort]:
    """By leases, or by somebody who is not the app itself."""
    leased: set[HostPort] = {(row.port, protocol_of(row.key)) for row in rows}
    return leased | {place for place, holder in held.items() if holder.project != app}


def _find(wished: int, protocols: set[Protocol], taken: set[HostPort], reserved: Mapping[int, str]) -> int:
    for port in _nearest(wished):
        if port not in reserved and not any((port, protocol) in taken for protocol in protocols):
            return port
    raise Conflict("No port of this machine is free any more. Uninstall an app that is not needed, then try again.")


def _nearest(wished: int) -> Iterator[int]:
    """The wished one; then those above it in its ten thousand (above 8000 more, where it is for administrators only);
    then from 20000 to 32000. Always the same ones, so that two machines end up alike."""
    yield wished
    start = wished + 1 if wished >= FIRST_UNPRIVILEGED else wished + _PRIVILEGED_SHIFT
    yield from range(start, min((start // _BLOCK + 1) * _BLOCK, _FIRST_EPHEMERAL))
    yield from _LAST_RESORT


def _groups(wishes: Sequence[PortWish]) -> list[list[PortWish]]:
    """TCP and UDP of one port of a service that want the same number keep to the same number."""
    groups: dict[tuple[str, int], list[PortWish]] = {}
    for wish in wishes:
        groups.setdefault((wish.key.rpartition("/")[0], wish.port), []).append(wish)
    return [part for group in groups.values() for part in _apart(group)]


def _apart(group: list[PortWish]) -> list[list[PortWish]]:
    """No two of the same protocol can be on one number."""
    protocols = [protocol_of(wish.key) for wish in group]
    return [group] if len(set(protocols)) == len(group) else [[wish] for wish in group]


def _check(wishes: Sequence[PortWish]) -> None:
    if len({wish.key for wish in wishes}) != len(wishes):
        raise Invalid("A port of a service is published twice under the same name.")
    for wish in wishes:
        if not 0 < wish.port < 65536:
            raise Invalid(f"{wish.port} is no port: they go from 1 to 65535.")
        if protocol_of(wish.key) != wish.protocol:
            raise Invalid(f"The port {wish.key} can have no lease: only TCP and UDP ports of this machine can.")


def _lease(row: LeaseRow) -> PortLease:
    return PortLease(row.port, protocol_of(row.key), row.app, row.key, row.wished)


def _refused(port: int, who: str, **more: str) -> Conflict:
    return Conflict(f"Port {port} is used by {who}. Choose another one.", port=port, holder=who, **more)
