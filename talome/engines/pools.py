"""Disks that stand together: Linux RAID from /proc/mdstat, Btrfs by `btrfs`, ZFS by `zpool`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import orjson

from talome.core.errors import Unavailable
from talome.engines.programs import Programs

PoolKind = Literal["mdraid", "btrfs", "zfs"]
PoolState = Literal["healthy", "rebuilding", "degraded", "failed", "unknown"]
_MD_HEAD: Final = re.compile(r"^(md\S*) : (active|inactive)\s*(?:\((?:auto-)?read-only\)\s*)?(.*)$")
_MD_MEMBER: Final = re.compile(r"(\S+?)\[\d+\]((?:\([A-Z]\))*)")
_MD_COUNT: Final = re.compile(r"\[(\d+)/(\d+)\]")
_MD_WORK: Final = re.compile(r"(recovery|resync|reshape|check|repair)\s*=\s*([\d.]+)%")
_ZFS_DONE: Final = re.compile(r"([\d.]+)% done")
_ZFS_STATE: Final[Mapping[str, PoolState]] = {
    "ONLINE": "healthy", "DEGRADED": "degraded", "FAULTED": "failed", "UNAVAIL": "failed", "SUSPENDED": "failed",
    "OFFLINE": "failed", "REMOVED": "failed",
}  # fmt: skip
_ZFS_GROUPS: Final = ("mirror", "raidz", "draid", "spare", "replacing", "logs", "cache", "special", "dedup", "spares")


@dataclass(frozen=True, slots=True)
class Member:
    name: str
    state: str


@dataclass(frozen=True, slots=True)
class Pool:
    """One array, file system or pool. `progress_percent` is of a rebuild or a check that goes on."""

    kind: PoolKind
    name: str
    level: str | None
    state: PoolState
    detail: str
    progress_percent: float | None
    errors: int
    members: tuple[Member, ...]


def read_mdstat(path: Path = Path("/proc/mdstat")) -> list[Pool]:
    """Nothing where the kernel knows no RAID."""
    try:
        return list(parse_mdstat(path.read_text(errors="replace")))
    except (FileNotFoundError, PermissionError):
        return []


def parse_mdstat(text: str) -> Iterator[Pool]:
    """Each array with the lines that belong to it: those below its first that are indented."""
    lines = text.splitlines()
    for number, line in enumerate(lines):
        if head := _MD_HEAD.match(line):
            below = []
            for following in lines[number + 1 :]:
                if not following.startswith((" ", "\t")):
                    break
                below.append(following.strip())
            yield _md(head[1], head[2] == "active", head[3], " ".join(below))


def _md(name: str, active: bool, rest: str, below: str) -> Pool:
    words = rest.split()
    level = words[0] if words and "[" not in words[0] else None
    members = tuple(Member(found[1], _md_member(found[2])) for found in _MD_MEMBER.finditer(rest))
    count, work = _MD_COUNT.search(below), _MD_WORK.search(below)
    missing = int(count[1]) - int(count[2]) if count else 0
    progress = float(work[2]) if work else None
    failed = sum(member.state == "failed" for member in members)
    if not active:
        state: PoolState = "failed"
        detail = "The array is not running."
    elif missing:
        rebuilds = work is not None and work[1] in ("recovery", "reshape")
        state = "rebuilding" if rebuilds else "degraded"
        detail = f"{missing} of {count[1] if count else '?'} disks are missing" + (
            ", and the data is copied onto another." if rebuilds else ". Replace it before another fails."
        )
    else:
        state = "rebuilding" if work is not None and work[1] in ("recovery", "resync", "reshape") else "healthy"
        detail = f"A {work[1]} is going on." if work else "All disks are there."
    return Pool("mdraid", name, level, state, detail, progress, failed, members)


def _md_member(marks: str) -> str:
    return "failed" if "(F)" in marks else "spare" if "(S)" in marks else "active"


async def read_btrfs(programs: Programs, mounts: Iterable[str]) -> list[Pool]:
    """One for each mount point of a Btrfs. Raises `Unavailable` where btrfs-progs are missing."""
    return [await _btrfs(programs, mount) for mount in mounts]


async def _btrfs(programs: Programs, mount: str) -> Pool:
    stats = await programs.run(["btrfs", "--format", "json", "device", "stats", "--", mount])
    shown = await programs.run(["btrfs", "filesystem", "show", "--", mount])
    try:
        devices = orjson.loads(stats.out)["device-stats"]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        raise Unavailable(f"btrfs does not tell of “{mount}”. {stats.last_words}".strip()) from None
    return understand_btrfs(mount, devices, shown.out.decode(errors="replace"))


def understand_btrfs(mount: str, devices: list[Mapping[str, Any]], shown: str) -> Pool:
    """`devices` is the list of `device stats`, `shown` the text of `filesystem show`."""
    by_name: Counter[str] = Counter()
    for device in devices:
        name = str(device.get("device", "?"))
        by_name[name] += sum(int(value) for key, value in device.items() if key.endswith("_errs"))
    total = re.search(r"Total devices\s+(\d+)", shown)
    missing = "missing" in shown.lower() or (total is not None and int(total[1]) > len(by_name))
    errors = sum(by_name.values())
    detail = "A disk is missing. Replace it before another fails." if missing else "All disks are there."
    if errors:
        detail += f" {errors} errors were counted so far."
    members = tuple(Member(name, "errors" if count else "active") for name, count in by_name.items())
    state: PoolState = "degraded" if missing else "healthy"
    return Pool("btrfs", mount, None, state, detail, None, errors, members)


async def read_zfs(programs: Programs) -> list[Pool]:
    """Nothing where there is no pool. Raises `Missing` where ZFS is not installed."""
    listed = await programs.run(["zpool", "list", "-H", "-p", "-o", "name,health"])
    names = [line.split("\t")[0] for line in listed.out.decode(errors="replace").splitlines() if line]
    pools = []
    for name in names:
        status = await programs.run(["zpool", "status", "-p", "--", name])
        pools.append(parse_zpool(name, status.out.decode(errors="replace")))
    return pools


def parse_zpool(name: str, text: str) -> Pool:
    """From the text of `zpool status -p`: its state, what goes on, and the table of its disks."""
    fields = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in text.splitlines())}
    told = fields.get("state", "")
    scan, done = fields.get("scan", ""), _ZFS_DONE.search(text)
    members, level, errors = [], None, 0
    for row in _zfs_rows(text):
        if row[0] == name:
            continue
        if row[0].startswith(_ZFS_GROUPS):
            level = level or re.sub(r"-\d+$", "", row[0])
            continue
        counts = [int(value) for value in row[2:5] if value.isdecimal()]
        errors += sum(counts)
        members.append(Member(row[0], row[1].lower() if len(row) > 1 else "active"))
    busy = done is not None and "in progress" in scan
    state = _ZFS_STATE.get(told, "unknown")
    if busy and "resilver" in scan and state != "failed":
        state = "rebuilding"
    detail = fields.get("status") or ("All disks are there." if state == "healthy" else f"The pool is {told.lower()}.")
    return Pool(
        "zfs", name, level, state, detail[:300], float(done[1]) if done and busy else None, errors, tuple(members)
    )


def _zfs_rows(text: str) -> Iterator[list[str]]:
    """The words of each line of the table, which begins below NAME STATE and ends at an empty line."""
    inside = False
    for line in text.splitlines():
        words = line.split()
        if words[:2] == ["NAME", "STATE"]:
            inside = True
        elif inside and not words:
            return
        elif inside:
            yield words
