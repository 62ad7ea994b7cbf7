"""The machine's disks and partitions, by util-linux's `lsblk` and, where that knows too little, `blkid`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import orjson

from talome.core.errors import Unavailable
from talome.engines.programs import Programs

_COLUMNS: Final = (
    "NAME,PATH,TYPE,SIZE,MODEL,SERIAL,VENDOR,TRAN,ROTA,RM,HOTPLUG,RO,FSTYPE,LABEL,PARTLABEL,UUID,FSUSED,FSAVAIL,"
    "MOUNTPOINTS"
)
_DEEPEST: Final = 12


@dataclass(frozen=True, slots=True)
class Block:
    """One block device with those on top of it; `kind` is disk, part, crypt, lvm, raid1, loop, rom …"""

    name: str
    path: str
    kind: str
    size_bytes: int
    model: str | None
    serial: str | None
    vendor: str | None
    transport: str | None
    rotational: bool
    removable: bool
    read_only: bool
    fs: str | None
    label: str | None
    uuid: str | None
    used_bytes: int | None
    free_bytes: int | None
    mounts: tuple[str, ...]
    children: tuple[Block, ...]

    def below(self) -> Iterator[Block]:
        """What lies on it, at any depth; a partition before what is inside it."""
        for child in self.children:
            yield child
            yield from child.below()


async def read_blocks(programs: Programs) -> list[Block]:
    """All of them. Raises `Unavailable` where `lsblk` is missing or says nothing sensible."""
    ran = await programs.run(["lsblk", "--json", "--bytes", "--output", _COLUMNS])
    try:
        found = [_block(item, 0) for item in orjson.loads(ran.out)["blockdevices"]]
    except (orjson.JSONDecodeError, AttributeError, KeyError, TypeError, ValueError):
        raise Unavailable(f"lsblk gives no list of disks here. {ran.last_words}".strip()) from None
    if any(block.fs for one in found for block in (one, *one.below())):
        return found
    known = await _looked_into(programs)
    return [_completed(block, known) for block in found]


async def _looked_into(programs: Programs) -> dict[str, dict[str, str]]:
    """By path, what `blkid` reads from the devices themselves: without udev's notes, as in a container, lsblk knows
    of no file system."""
    try:
        ran = await programs.run(["blkid", "--cache-file", "/dev/null", "--output", "export"])
    except Unavailable:
        return {}
    found = {}
    for part in ran.out.decode(errors="replace").split("\n\n"):
        fields = dict(line.split("=", 1) for line in part.splitlines() if "=" in line)
        found[fields.get("DEVNAME", "")] = {key: value.replace("\\", "") for key, value in fields.items()}
    return found


def _completed(block: Block, known: Mapping[str, Mapping[str, str]]) -> Block:
    fields = known.get(block.path, {})
    return replace(
        block,
        fs=fields.get("TYPE"),
        uuid=fields.get("UUID"),
        label=block.label or fields.get("LABEL"),
        children=tuple(_completed(child, known) for child in block.children),
    )


def _block(item: Mapping[str, Any], depth: int) -> Block:
    if depth > _DEEPEST:
        raise ValueError("nested too deeply")
    mounts = item.get("mountpoints") or [item.get("mountpoint")]
    return Block(
        name=str(item["name"]),
        path=_text(item.get("path")) or f"/dev/{item['name']}",
        kind=str(item.get("type") or "disk"),
        size_bytes=_number(item.get("size")) or 0,
        model=_text(item.get("model")),
        serial=_text(item.get("serial")),
        vendor=_text(item.get("vendor")),
        transport=_text(item.get("tran")),
        rotational=_yes(item.get("rota")),
        removable=_yes(item.get("rm")) or _yes(item.get("hotplug")),
        read_only=_yes(item.get("ro")),
        fs=_text(item.get("fstype")),
        label=_text(item.get("label")) or _text(item.get("partlabel")),
        uuid=_text(item.get("uuid")),
        used_bytes=_number(item.get("fsused")),
        free_bytes=_number(item.get("fsavail")),
        mounts=tuple(mount for mount in mounts if isinstance(mount, str) and mount.startswith("/")),
        children=tuple(_block(child, depth + 1) for child in item.get("children") or ()),
    )


def _text(value: object) -> str | None:
    text = str(value).strip() if value is not None else ""
    return text or None


def _number(value: object) -> int | None:
    """Older releases write numbers as text."""
    try:
        return int(str(value)) if value is not None else None
    except ValueError:
        return None


def _yes(value: object) -> bool:
    return value in (True, "1", 1)
