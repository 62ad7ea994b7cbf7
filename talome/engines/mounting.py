"""Mounts and unmounts by util-linux, with options from a short list: nothing mounted here brings programs that run with
another's rights, or devices."""

import asyncio
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from talome.core.errors import Conflict, Invalid, Unavailable
from talome.engines.mounts import MountedDisk, all_mounts
from talome.engines.programs import Programs

MOUNTABLE: Final = frozenset(
    {"ext2", "ext3", "ext4", "xfs", "btrfs", "f2fs", "vfat", "exfat", "ntfs", "ntfs3", "hfsplus"}
)
"""What of a disk is ever mounted: a stranger's USB stick does not choose the driver beyond these."""
_FORCED: Final = "nosuid,nodev"
_NO_OWNERS: Final = frozenset({"vfat", "exfat", "ntfs", "ntfs3"})
_TIMEOUT_S: Final = 60.0
_BUSY: Final = ("busy", "in use")


@dataclass(frozen=True, slots=True)
class Mounting:
    """What to mount where. `source` is a device, `host:/export` or `//host/share`; the password is shown nowhere."""

    fs: str
    source: str
    target: Path
    read_only: bool
    options: tuple[str, ...] = ()
    username: str = ""
    password: str = field(default="", repr=False)
    domain: str = ""


class Mounter:
    """`mountinfo` tells what is mounted; every call may be made again, since each brings about a state."""

    def __init__(self, programs: Programs, mountinfo: Path = Path("/proc/self/mountinfo")) -> None:
        self._programs = programs
        self._mountinfo = mountinfo

    def mounted(self) -> dict[str, MountedDisk]:
        """By mount point; of several on one, the topmost."""
        return {disk.mount: disk for disk in all_mounts(self._mountinfo)}

    async def mount(self, wanted: Mounting) -> None:
        """Mount it; nothing to do where it is there. Raises `Conflict` where something else is mounted there, or the
        folder is not empty, and `Unavailable` with the words of `mount`."""
        there = (await asyncio.to_thread(self.mounted)).get(str(wanted.target))
        if there is not None:
            if await asyncio.to_thread(_same, there.device, wanted.source):
                return
            raise Conflict(f"Something else is mounted on {wanted.target} already.")
        await asyncio.to_thread(_prepare, wanted.target)
        with _credentials(wanted) as (options, descriptors):
            argv = ["mount", "-t", wanted.fs, "-o", ",".join((*_options(wanted), *options))]
            ran = await self._programs.run(
                [*argv, "--", wanted.source, str(wanted.target)], timeout_s=_TIMEOUT_S, keep=descriptors
            )
        if ran.code != 0:
            await asyncio.to_thread(_tidy, wanted.target)
            raise Unavailable(f"It could not be mounted: {_explained(ran.last_words, wanted.fs)}")

    async def unmount(self, target: Path) -> None:
        """Unmount and take the empty folder away; nothing to do where nothing is mounted there. Raises `Conflict`
        while something uses it."""
        if str(target) in await asyncio.to_thread(self.mounted):
            ran = await self._programs.run(["umount", "--", str(target)], timeout_s=_TIMEOUT_S)
            if ran.code != 0:
                if any(word in ran.last_words for word in _BUSY):
                    raise Conflict("It is in use. Stop the apps that work with it, then unmount it again.")
                raise Unavailable(f"It could not be unmounted: {ran.last_words}")
        await asyncio.to_thread(_tidy, target)


def _options(wanted: Mounting) -> Iterator[str]:
    yield "ro" if wanted.read_only else "rw"
    yield _FORCED
    if wanted.fs in _NO_OWNERS:
        yield f"uid={os.geteuid()},gid={os.getegid()},umask=022"
    yield from wanted.options


@contextmanager
def _credentials(wanted: Mounting) -> Iterator[tuple[tuple[str, ...], Sequence[int]]]:
    """For a Windows share: name and password in an unnamed file in memory, which only the mounting process gets."""
    if wanted.fs != "cifs":
        yield (), ()
        return
    if not wanted.username:
        yield ("guest",), ()
        return
    lines = [f"username={wanted.username}", f"password={wanted.password}"]
    lines += [f"domain={wanted.domain}"] if wanted.domain else []
    if any("\n" in line or "\0" in line for line in lines):
        raise Invalid("A user name, password or domain has no line breaks.", field="password")
    descriptor = os.memfd_create("talome", 0)
    try:
        os.write(descriptor, "\n".join([*lines, ""]).encode())
        os.lseek(descriptor, 0, os.SEEK_SET)
        yield (f"credentials=/proc/self/fd/{descriptor}",), (descriptor,)
    finally:
        os.close(descriptor)


def _prepare(target: Path) -> None:
    target.mkdir(mode=0o755, parents=True, exist_ok=True)
    if target.is_symlink() or any(target.iterdir()):
        raise Conflict(f"{target} is not an empty folder, so nothing is mounted over it.")


def _tidy(target: Path) -> None:
    try:
        target.rmdir()
    except OSError:
        return  # gone, or there is something in it, which is not ours to remove


def _same(one: str, other: str) -> bool:
    return one == other or (one.startswith("/dev/") and os.path.realpath(one) == os.path.realpath(other))


def _explained(words: str, fs: str) -> str:
    lowered = words.lower()
    if "bad usage" in lowered or "helper program" in lowered or "need a helper" in lowered:
        package = {"cifs": "cifs-utils", "nfs": "nfs-common"}.get(fs, "the tools of this file system")
        return f"a program is missing. Install it: apt install {package}."
    if "permission denied" in lowered or "error(13)" in lowered:
        return "the other side, or this machine, refuses it. Check the user name, the password and the rights."
    return f"{words.rstrip('.') or 'mount does not say why'}."
