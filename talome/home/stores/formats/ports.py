"""The short and long forms of a Compose service's ports."""

import re
from collections.abc import Iterator
from typing import Any, Final

from talome.home.stores.formats.found import BadManifest
from talome.home.stores.formats.names import names_in, split_outside

MOST_PORTS: Final = 2_000
"""Of one service, after ranges are unrolled."""
_PROTOCOLS: Final = ("tcp", "udp", "sctp")
_RANGE = re.compile(r"([0-9]{1,5})(?:-([0-9]{1,5}))?")


def long_ports(value: Any, where: str) -> list[dict[str, Any]]:
    """Each as {target, published, protocol, host_ip?}; the same one twice is kept once."""
    if not isinstance(value, list):
        raise BadManifest(f"{where}: ports must be a list.")
    ports: dict[tuple[object, ...], dict[str, Any]] = {}
    for entry in value:
        for port in _from_map(entry, where) if isinstance(entry, dict) else _from_text(entry, where):
            ports[tuple(port.values())] = port
            if len(ports) > MOST_PORTS:
                raise BadManifest(f"{where}: more than {MOST_PORTS} ports.")
    return list(ports.values())


def _from_text(entry: Any, where: str) -> Iterator[dict[str, Any]]:
    if isinstance(entry, bool) or not isinstance(entry, str | int):
        raise BadManifest(f"{where}: a port is neither a text, a number nor a map.")
    text, _, protocol = str(entry).partition("/")
    address, published, target = _pieces(text, where)
    yield from _unrolled(published, target, protocol or "tcp", address, where)


def _pieces(text: str, where: str) -> tuple[str, str, str]:
    if text.startswith("["):
        address, closed, rest = text[1:].partition("]:")
        pieces = split_outside(rest, ":")
        if closed and len(pieces) == 2:
            return address, pieces[0], pieces[1]
    pieces = split_outside(text, ":")
    if not 1 <= len(pieces) <= 3:
        raise BadManifest(f"{where}: {text[:60]!r} is not a port.")
    return (*([""] * (3 - len(pieces))), *pieces)  # type: ignore[return-value]  # always three


def _from_map(entry: dict[Any, Any], where: str) -> Iterator[dict[str, Any]]:
    unknown = set(entry) - {"target", "published", "protocol", "host_ip", "mode", "name", "app_protocol"}
    unknown = {key for key in unknown if not str(key).startswith("x-")}
    if unknown:
        raise BadManifest(f"{where}: a port has the unknown key {min(map(str, unknown))[:60]!r}.")
    texts = {}
    for key in ("target", "published", "protocol", "host_ip"):
        value = entry.get(key)
        if isinstance(value, bool | float | dict | list):
            raise BadManifest(f"{where}: a port's {key} is neither a text nor a whole number.")
        texts[key] = "" if value is None else str(value)
    yield from _unrolled(texts["published"], texts["target"], texts["protocol"] or "tcp", texts["host_ip"], where)


def _unrolled(published: str, target: str, protocol: str, address: str, where: str) -> Iterator[dict[str, Any]]:
    protocol = protocol.strip().lower()
    if protocol not in _PROTOCOLS:
        raise BadManifest(f"{where}: {protocol[:30]!r} is not a port's protocol.")
    inside = _range(target.strip(), where)
    outside: list[str]
    if names_in(published):
        if len(inside) > 1:
            raise BadManifest(f"{where}: a range of ports is published on the variable {published[:60]!r}.")
        outside = [published.strip()]
    elif published.strip():
        numbers = _range(published.strip(), where)
        # Several host ports for one inside means "any of them".
        outside = [str(number) for number in (numbers if len(inside) > 1 else numbers[:1])]
    else:
        outside = [""] * len(inside)
    if len(outside) != len(inside):
        raise BadManifest(f"{where}: the ranges {published[:30]!r} and {target[:30]!r} differ in length.")
    for number, wish in zip(inside, outside, strict=True):
        port = {"target": number, "published": wish, "protocol": protocol}
        yield {**port, "host_ip": address.strip()} if address.strip() else port


def _range(text: str, where: str) -> range:
    if names_in(text):
        raise BadManifest(f"{where}: the port inside the container is {text[:60]!r}, a variable without a value.")
    found = _RANGE.fullmatch(text)
    first = int(found[1]) if found else 0
    last = int(found[2] or found[1]) if found else 0
    if not 1 <= first <= last <= 65535 or last - first >= MOST_PORTS:
        raise BadManifest(f"{where}: {text[:60]!r} is not a port, or too long a range of them.")
    return range(first, last + 1)
