"""What it means that an app gets a path of this machine, in words and in points of the rating."""

import posixpath
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from talome.home.apps.permissions_models import Severity

OWNS: Final = 7
"""Points that leave the lowest rating, whatever else is well."""
SOCKETS: Final = (
    "/run/docker.sock", "/run/containerd/containerd.sock", "/run/podman/podman.sock", "/run/crio/crio.sock",
    "/run/k3s/containerd/containerd.sock", "/run/user/0/docker.sock", "/run/user/0/podman/podman.sock",
    "/var/snap/docker/common/run/docker.sock", "/run/systemd/private",
)  # fmt: skip
_SOCKET_NAME: Final = re.compile(r"(docker|containerd|podman|crio|cri-dockerd|dockershim)\.sock(et)?")
_SOCKET_FOLDER: Final = re.compile(r"/run/((docker|containerd|podman|crio|k3s)(/.*)?|user(/[^/]+(/podman)?)?)")
_DISK: Final = re.compile(
    r"/dev/(sd|hd|vd|xvd|nvme\d|mmcblk|md|dm-|mapper|disk|loop|zd|nbd|bcache|zvol|block|mem$|kmem$|port$)"
)
_TIME_FILES: Final = {"/etc/localtime", "/etc/timezone", "/etc/os-release", "/etc/hostname", "/etc/machine-id"}
_SECRET_ETC: Final = re.compile(r"/etc(/(shadow|gshadow|sudoers|ssh|ssl/private|wireguard|NetworkManager)\b.*)?")
_PROGRAMS: Final = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/boot", "/snap")
_ALL_DISKS: Final = (
    "/mnt",
    "/media",
    "/opt",
    "/srv",
    "/home",
    "/data",
    "/DATA",
    "/storage",
    "/var",
    "/Users",
    "/Volumes",
)
_DOCKER_STATE: Final = ("/var/lib/docker", "/var/lib/containerd", "/var/lib/containers", "/var/snap/docker")
_RUNS_BY_ITSELF: Final = ("/var/lib", "/var/spool", "/var/spool/cron", "/var/lib/systemd")


@dataclass(frozen=True, slots=True)
class Grade:
    severity: Severity
    points: int
    title: str
    detail: str


@dataclass(frozen=True, slots=True)
class Folders:
    """The app's own folder; those that the house shares with apps; Talome's own, which holds all apps and accounts; the
    one of the Compose file, from which relative paths count."""

    own: str
    shared: Sequence[str] = field(default=())
    talome: str = ""
    base: str = ""


def normal(path: str, base: str = "/") -> str:
    """Absolute, without `.`, `..`, doubled or trailing slashes, and by the one name of what has two."""
    path = posixpath.normpath(posixpath.join("/", base, path.replace("$$", "$")))
    path = "/" + path.lstrip("/")
    for other, real in (("/var/run", "/run"), ("/var/lock", "/run/lock")):
        if within(path, other):
            path = real + path[len(other) :]
    return path


def within(path: str, folder: str) -> bool:
    """Whether a normal path is the folder or lies in it."""
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def grade(path: str, *, read_only: bool, folders: Folders) -> Grade | None:
    """None for what lies in the app's own folder. `path` is normal."""
    own, talome = normal(folders.own), normal(folders.talome) if folders.talome else ""
    if within(path, own):
        return None
    verb = "Reads" if read_only else "Reads and changes"
    if path == "/":
        return Grade("danger", OWNS, "The whole machine", f"{verb} every file of this machine, everybody's included.")
    if is_socket(path):
        return Grade(
            "danger", OWNS, "Control over all containers",
            f"Can control every container and with it this whole machine, by way of {path}. It makes no difference "
            "whether that is read-only.",
        )  # fmt: skip
    holds_ours = within(own, path) or bool(talome and within(talome, path))
    inside_ours = bool(talome) and within(path, talome)
    shared = [normal(folder) for folder in folders.shared]
    if not holds_ours and any(within(path, one) and (not inside_ours or within(one, talome)) for one in shared):
        return Grade("info", 0, "Shared folder", f"{verb} the shared folder {path}.")
    if holds_ours or inside_ours:
        points = 4 if read_only else OWNS
        return Grade("danger", points, "Talome's own files", f"{verb} {path}, where other apps and Talome keep theirs.")
    return _of_system(path, read_only, verb) or _elsewhere(path, read_only, verb)


def is_socket(path: str) -> bool:
    """The socket of a container engine or of the system, or a folder with one in it. `path` is normal."""
    if _SOCKET_NAME.fullmatch(posixpath.basename(path)) or _SOCKET_FOLDER.fullmatch(path):
        return True
    return any(within(socket, path) for socket in SOCKETS)


def is_disk(path: str) -> bool:
    """A device through which every file of a disk, or the memory, is read. `path` is normal."""
    return path == "/dev" or bool(_DISK.match(path))


def _of_system(path: str, read_only: bool, verb: str) -> Grade | None:
    """What belongs to the operating system."""
    if within(path, "/proc") or within(path, "/sys"):
        seen = Grade("warning", 1, "Looks into the system", f"Sees what runs on this machine, through {path}.")
        taken = f"Can take over this machine by writing to {path}."
        return seen if read_only else Grade("danger", OWNS, "Controls the system", taken)
    if within(path, "/dev"):
        return _of_devices(path)
    if within(path, "/etc"):
        return _of_etc(path, read_only, verb)
    if within(path, "/root"):
        text = f"{verb} {path}: what the administrator of this machine keeps, keys and passwords included."
        return Grade("danger", 3 if read_only else OWNS, "The administrator's folder", text)
    if any(within(path, state) for state in _DOCKER_STATE):
        text = f"{verb} {path}: the data of all containers."
        return Grade("danger", 3 if read_only else OWNS, "The data of all containers", text)
    if path == "/run/dbus" or path.startswith("/run/dbus/"):
        text = f"Can talk to the services of this machine, Bluetooth for one, and may restart or change them ({path})."
        return Grade("danger", 3, "The services of this machine", text)
    if not any(within(path, folder) for folder in _PROGRAMS) and path not in _RUNS_BY_ITSELF:
        return None
    changes = f"Can change what this machine runs, in {path}."
    reads = Grade("info", 0, "Reads programs of the system", f"Reads {path}.")
    return reads if read_only else Grade("danger", OWNS, "Changes the system", changes)


def _of_devices(path: str) -> Grade:
    if path == "/dev/shm" or path.startswith("/dev/shm/"):  # noqa: S108  a path that is judged, nothing is written
        return Grade("warning", 1, "Shares memory", "Shares memory with programs outside its container.")
    if is_disk(path):
        return Grade("danger", 3, "Disks and devices", f"Sees the devices in {path}, disks among them.")
    return Grade("warning", 1, "A device", f"Uses the device {path}.")


def _of_etc(path: str, read_only: bool, verb: str) -> Grade:
    if not read_only:
        harmless = path in _TIME_FILES
        text = f"{verb} {path}: how this machine is set up, its passwords and start-up included."
        small = f"{verb} {path}, a small setting of this machine."
        return Grade("warning", 1, "A setting", small) if harmless else Grade("danger", OWNS, "The settings", text)
    if path in _TIME_FILES:
        return Grade("info", 0, "Reads a setting", f"Reads {path}, such as the time zone.")
    if _SECRET_ETC.fullmatch(path):
        return Grade("danger", 3, "Passwords and keys", f"Reads {path}: passwords and keys of this machine.")
    return Grade("warning", 1, "Reads settings", f"Reads {path}: how this machine is set up.")


def _elsewhere(path: str, read_only: bool, verb: str) -> Grade:
    """People's files and disks."""
    if path in _ALL_DISKS or path == "/run":
        text = f"{verb} all that lies in {path}: every disk or person's files there."
        return Grade("danger", 1 if read_only else 3, "All files in one place", text)
    home = re.fullmatch(r"/(home|Users)/[^/]+(/\.[^/]+)?(/.*)?", path)
    if home and (path.count("/") == 2 or home[2]):
        text = f"{verb} {path}: a person's own files, keys and settings."
        return Grade("danger", 2 if read_only else 4, "A person's folder", text)
    if read_only:
        return Grade("warning", 0, "Files outside its folder", f"Reads {path}.")
    return Grade("warning", 1, "Files outside its folder", f"Reads, changes and may delete what is in {path}.")
