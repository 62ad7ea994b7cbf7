"""Which real file systems are mounted: one row a device, without the kernel's own, containers' layers and images."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_REAL = {"ext2", "ext3", "ext4", "xfs", "btrfs", "zfs", "f2fs", "bcachefs", "jfs", "reiserfs", "ubifs"}
_REAL |= {"vfat", "msdos", "exfat", "ntfs", "ntfs3", "hfsplus", "fuseblk"}
_REAL |= {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "ceph", "virtiofs"}
_REAL_FUSE = ("fuse.mergerfs", "fuse.sshfs", "fuse.rclone", "fuse.glusterfs", "fuse.s3fs", "fuse.unionfs", "fuse.zfs")
_UNREAL = {"proc", "sysfs", "devtmpfs", "devpts", "tracefs", "debugfs", "cgroup", "cgroup2", "securityfs", "pstore"}
_UNREAL |= {"bpf", "configfs", "fusectl", "mqueue", "hugetlbfs", "nsfs", "autofs", "efivarfs", "rpc_pipefs"}


@dataclass(frozen=True, slots=True)
class MountedDisk:
    mount: str
    device: str
    fs: str


def all_mounts(mountinfo: Path) -> Iterator[MountedDisk]:
    """Everything that is mounted, in the order in which it was; what lies on top of another comes later."""
    for line in mountinfo.read_text(errors="surrogateescape").splitlines():
        if (disk := _parse(line)) is not None:
            yield disk


def real_disks(mountinfo: Path) -> list[MountedDisk]:
    """Sorted by mount point. Bind mounts and subvolumes fold into the shortest mount point of their device. Where
    there is no real file system at all (inside a container) the root stands for it."""
    chosen: dict[str, MountedDisk] = {}
    root: MountedDisk | None = None
    for disk in all_mounts(mountinfo):
        if disk.mount == "/":
            root = disk
        if disk.fs not in _REAL and disk.fs not in _REAL_FUSE:
            continue
        known = chosen.get(disk.device)
        if known is None or len(disk.mount) < len(known.mount):
            chosen[disk.device] = disk
    if not chosen and root is not None:
        return [root]
    return sorted(chosen.values(), key=lambda disk: disk.mount)


def unreal_devices(mountinfo: Path) -> frozenset[int]:
    """The device numbers (`st_dev`) of what the kernel makes up and no disk holds."""
    found = set()
    for line in mountinfo.read_text(errors="surrogateescape").splitlines():
        left, _, right = line.partition(" - ")
        fields = left.split(" ")
        if right.split(" ")[0] in _UNREAL and len(fields) > 2:
            major, _, minor = fields[2].partition(":")
            found.add(os.makedev(int(major), int(minor)))
    return frozenset(found)


def _parse(line: str) -> MountedDisk | None:
    left, separator, right = line.partition(" - ")
    fields, kind = left.split(" "), right.split(" ")
    if not separator or len(fields) < 5 or len(kind) < 2:
        return None
    return MountedDisk(mount=_unescape(fields[4]), device=_unescape(kind[1]), fs=kind[0])


def _unescape(text: str) -> str:
    """mountinfo writes space, tab, newline and backslash as three octal digits."""
    for code, character in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        text = text.replace(code, character)
    return text
