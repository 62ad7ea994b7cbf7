"""The permission sheet: what an app may do on this machine, read from its Compose file alone.

The rating, in the spirit of Home Assistant's (https://developers.home-assistant.io/docs/add-ons/presentation):

    start                                                                              6
    every service has a user of its own that is not the administrator                 +1
    every service has a root file system that is read-only, or drops all rights       +1
    owns the machine: full rights, control over containers (docker.sock), the whole
      machine's files (/), system folders it may write to, disks, a Talome folder,
      the rights ALL and SYS_MODULE, something that cannot be seen              lowest: 1
    SYS_ADMIN, SYS_RAWIO, DAC_READ_SEARCH, a person's whole folder                    -4
    passwords and keys, the data of all containers, BPF, D-Bus, all disks             -3
    all programs (host PID), SYS_PTRACE, seccomp off, folders of other containers     -2
    host network, NET_ADMIN, AppArmor off, cameras, microphones, a folder elsewhere
      that it may change, a volume of others, an image built here                     -1

Each rule counts once, however many services it applies to. The result is between 1 and 8. The sheet looks at no
disk, so it cannot see where a link leads.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any, Final

from talome.home.apps.permission_paths import OWNS, Folders
from talome.home.apps.permission_rules import Finding, is_bound, is_root, listed, rights, table, yes
from talome.home.apps.permission_volumes import mounts, networks
from talome.home.apps.permissions_models import PermissionSheet, SheetDifference, SheetImage, SheetItem

_START: Final = 6
_GRAVITY: Final = {"danger": 0, "warning": 1, "info": 2}
_LONGEST: Final = 300
_NOT_SHOWN: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
"""Control characters, and those that turn the direction of what follows."""
_DIGEST: Final = re.compile(r"@sha256:[0-9a-f]{64}$")
_WORDS: Final = {
    1: "As powerful as whoever owns this machine",
    2: "Very powerful: install it only if you trust its makers with everything here",
    3: "Powerful: it reaches far outside its own folder",
    4: "Reaches well outside its own folder",
    5: "Reaches a little outside its own folder",
    6: "Keeps to its own folder",
    7: "Keeps to its own folder, with fewer rights than usual",
    8: "Kept apart from the rest of this machine in every way",
}


def sheet(
    compose: Mapping[str, Any],
    *,
    data_folder: str,
    shared_folders: Sequence[str] = (),
    talome_folder: str = "",
    project_folder: str = "",
) -> PermissionSheet:
    """Of a document whose variables are filled in. `data_folder` is the app's own; `talome_folder` holds the data of
    all apps and accounts; relative paths count from `project_folder`, or else from the app's own folder."""
    folders = Folders(data_folder, tuple(shared_folders), talome_folder, project_folder)
    findings = list(_findings(compose, folders))
    rating = _rating(table(compose.get("services")), findings)
    items = {item.id: item for item in map(_item, findings)}
    return PermissionSheet(
        rating=rating,
        rating_words=_WORDS[rating],
        items=sorted(items.values(), key=lambda item: (_GRAVITY[item.severity], item.service, item.id)),
        images=list(_images(compose)),
        needs_typed_confirmation=rating <= 2,
    )


def difference(before: PermissionSheet, after: PermissionSheet) -> SheetDifference:
    """What `after` allows and `before` does not, and the other way round; words alone are no difference."""
    old = {(item.id, item.severity) for item in before.items}
    new = {(item.id, item.severity) for item in after.items}
    return SheetDifference(
        added=[item for item in after.items if (item.id, item.severity) not in old],
        removed=[item for item in before.items if (item.id, item.severity) not in new],
        rating_before=before.rating,
        rating_after=after.rating,
    )


def _findings(compose: Mapping[str, Any], folders: Folders) -> Iterator[Finding]:
    if compose.get("include") is not None:
        text = "Takes more from other files (“include”), which were not looked at."
        yield Finding("unseen", "danger", OWNS, "", "Not all of it can be seen", text, "include")
    for name, body in table(compose.get("services")).items():
        yield from rights(name, table(body))
        yield from _image_findings(name, str(table(body).get("image") or ""))
    yield from mounts(compose, folders)
    yield from networks(compose)


def _image_findings(name: str, image: str) -> Iterator[Finding]:
    if not image or _DIGEST.search(image):
        return
    tag = image.rpartition("/")[2].partition("@")[0].partition(":")[2]
    if tag in ("", "latest"):
        text = f"The image {image} is whatever its makers call the latest; each download may bring another one."
        yield Finding("image-latest", "info", 0, name, "No fixed version", text)
    else:
        text = f"The image {image} has a version, but its makers can put another one behind that name."
        yield Finding("image-tag", "info", 0, name, "Not pinned", text)


def _images(compose: Mapping[str, Any]) -> Iterator[SheetImage]:
    for name, body in table(compose.get("services")).items():
        if image := str(table(body).get("image") or ""):
            yield SheetImage(service=_shown(name), image=_shown(image), pinned=bool(_DIGEST.search(image)))


def _rating(services: Mapping[str, Any], findings: Sequence[Finding]) -> int:
    points: dict[str, int] = {}
    for finding in findings:
        points[finding.rule] = max(points.get(finding.rule, 0), finding.points)
    if max(points.values(), default=0) >= OWNS:
        return 1
    bodies = [table(body) for body in services.values()]
    own_user = bool(bodies) and all(body.get("user") is not None and not is_root(body["user"]) for body in bodies)
    bound = bool(bodies) and all(
        yes(body.get("read_only")) or is_bound(listed(body.get("cap_drop"))) for body in bodies
    )
    return max(1, min(8, _START + own_user + bound - sum(points.values())))


def _item(finding: Finding) -> SheetItem:
    return SheetItem(
        id=_id(finding),
        severity=finding.severity,
        service=_shown(finding.service),
        title=finding.title,
        detail=_shown(finding.detail),
    )


def _id(finding: Finding) -> str:
    """Cleaned or cut where it must be, and then still different from every other one."""
    whole = f"{finding.rule}:{finding.service}:{finding.subject}".rstrip(":")
    clean = _NOT_SHOWN.sub("", whole)[:120]
    return clean if clean == whole else f"{clean}#{sha256(whole.encode(errors='surrogatepass')).hexdigest()[:12]}"


def _shown(text: str) -> str:
    """A store's text in a sentence of ours: one line, of a length that can be read."""
    text = _NOT_SHOWN.sub("\ufffd", text)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
