"""What a person changed of an app beyond its form, and where an app comes from that ran before Talome had it. Both are
kept with each revision, so that they outlast updates."""

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, Final

from pydantic import Field

from talome.core.errors import Invalid
from talome.core.models import Wire
from talome.home.manifest import AppManifest

_SMALLEST_MEMORY: Final = 16 * 2**20
HostPath = Annotated[str, Field(min_length=1, max_length=1024)]


class Limits(Wire):
    """The most that a part of an app may use; null leaves it to what the app's own file says."""

    memory_bytes: Annotated[int, Field(ge=_SMALLEST_MEMORY, le=2**50)] | None = None
    cpus: Annotated[float, Field(ge=0.05, le=1024)] | None = None


class ExtraFolder(Wire):
    """A folder of this machine that a part of an app gets besides its own. `target` is where the app sees it."""

    service: Annotated[str, Field(max_length=128)]
    source: HostPath
    target: HostPath
    read_only: bool = True


class Overrides(Wire):
    """`limits` by the app's part; `folders` are other places for what it mounts, by `part:/path/inside`."""

    limits: Annotated[dict[str, Limits], Field(max_length=100)] = Field(default_factory=dict)
    folders: Annotated[dict[str, HostPath], Field(max_length=200)] = Field(default_factory=dict)
    extra: Annotated[list[ExtraFolder], Field(max_length=50)] = Field(default_factory=list)


class Origin(Wire):
    """Of an app that ran before Talome took it over. Its volumes are its owner's and are never thrown away."""

    maker: str
    folder: str
    """Where its Compose file lies; empty where none was found."""
    as_found: bool
    """Whether this revision says just what was found, so that Compose has no reason to make any container anew."""
    volumes: list[str] = Field(default_factory=list)
    anonymous: dict[str, dict[str, str]] = Field(default_factory=dict)
    """Volumes without a name of their own, by part and path: a new container would begin with empty ones."""


def settled(origin: Origin | None) -> Origin | None:
    """Of a revision that Talome renders as any other."""
    return None if origin is None else origin.model_copy(update={"as_found": False})


def merged(
    now: Overrides,
    limits: Mapping[str, Limits | None] | None,
    folders: Mapping[str, str | None] | None,
    extra: Sequence[ExtraFolder] | None,
) -> Overrides:
    """What is not named stays, and what is named with nothing goes."""
    of_parts = {**now.limits, **(limits or {})}
    places = {**now.folders, **(folders or {})}
    return Overrides(
        limits={name: one for name, one in of_parts.items() if one is not None and one != Limits()},
        folders={key: place for key, place in places.items() if place},
        extra=now.extra if extra is None else list(extra),
    )


def mount_key(service: str, target: str) -> str:
    return f"{service}:{target}"


def bind_mounts(compose: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """What services mount of the machine's folders: the service, and the mount in its long form."""
    for name, body in compose.get("services", {}).items():
        for volume in body.get("volumes") or []:
            if volume.get("type") == "bind":
                yield name, volume


def apply(compose: dict[str, Any], overrides: Overrides) -> None:
    """Change the document. What is about a part that it does not have any more is left out."""
    for name, volume in bind_mounts(compose):
        if (place := overrides.folders.get(mount_key(name, volume["target"]))) is not None:
            volume["source"] = _escaped(place)
    services = compose.get("services", {})
    for extra in overrides.extra:
        if extra.service in services:
            mounts = services[extra.service].setdefault("volumes", [])
            if all(mount.get("target") != extra.target for mount in mounts):
                mounts.append(_mount(extra))
    for name, limits in overrides.limits.items():
        if name in services:
            _limit(services[name], limits)


def check(overrides: Overrides, manifest: AppManifest) -> None:
    """Raise `Invalid` where they do not fit the app or this machine."""
    services = manifest.compose.get("services", {})
    for name, limits in overrides.limits.items():
        if name not in services:
            raise Invalid(f"{manifest.name} has no part “{name}”.", field="limits")
        if limits.cpus is not None and limits.cpus > (cores := os.cpu_count() or 1):
            raise Invalid(f"This machine has {cores} processor cores; {limits.cpus:g} are too many.", field="limits")
    known = {mount_key(name, volume["target"]) for name, volume in bind_mounts(manifest.compose)}
    for key, place in overrides.folders.items():
        if key not in known:
            raise Invalid(f"{manifest.name} mounts no folder as “{key}”.", field="folders")
        _check_place(place)
    for extra in overrides.extra:
        if extra.service not in services:
            raise Invalid(f"{manifest.name} has no part “{extra.service}”.", field="extraFolders")
        _check_place(extra.source)
        _check_target(extra, services[extra.service])
    places = [(extra.service, extra.target) for extra in overrides.extra]
    if len(set(places)) < len(places):
        raise Invalid("Two folders cannot be in the same place inside the app.", field="extraFolders")


def _check_place(path: str) -> None:
    if not _is_plain(path):
        raise Invalid(f"“{path[:200]}” is no folder: give its whole path, such as /srv/media.", field="folders")
    if not Path(path).exists():
        raise Invalid(f"There is no folder {path} on this machine. Make it first, then try again.", field="folders")


def _check_target(extra: ExtraFolder, body: Mapping[str, Any]) -> None:
    if not _is_plain(extra.target):
        raise Invalid(f"“{extra.target[:200]}” is no path inside the app, such as /films.", field="extraFolders")
    if any(str(mount.get("target")).rstrip("/") == extra.target for mount in body.get("volumes") or []):
        raise Invalid(f"“{extra.service}” has something at {extra.target} already.", field="extraFolders")


def _is_plain(path: str) -> bool:
    """Absolute, below the root, and written in the one way that there is."""
    return path.isprintable() and path.startswith("/") and path != "/" and path == _normal(path)


def _normal(path: str) -> str:
    return "" if ".." in path.split("/") else "/" + PurePosixPath(path).as_posix().lstrip("/")


def _mount(extra: ExtraFolder) -> dict[str, Any]:
    mount = {"type": "bind", "source": _escaped(extra.source), "target": _escaped(extra.target)}
    return {**mount, "read_only": extra.read_only, "bind": {"create_host_path": False}}


def _limit(body: dict[str, Any], limits: Limits) -> None:
    """Compose refuses a limit that is said twice and differently, and Docker one that is below what is reserved."""
    deploy = body["deploy"] = {**(body.get("deploy") or {})}
    resources = deploy["resources"] = {**(deploy.get("resources") or {})}
    most = resources["limits"] = {**(resources.get("limits") or {})}
    reserved = resources["reservations"] = {**(resources.get("reservations") or {})}
    if limits.memory_bytes is not None:
        for key in ("mem_limit", "memswap_limit", "mem_reservation"):
            body.pop(key, None)
        reserved.pop("memory", None)
        most["memory"] = str(limits.memory_bytes)
    if limits.cpus is not None:
        for key in ("cpus", "cpu_quota", "cpu_period", "cpu_count", "cpu_percent"):
            body.pop(key, None)
        reserved.pop("cpus", None)
        most["cpus"] = f"{limits.cpus:g}"
    for folder, key in ((resources, "limits"), (resources, "reservations"), (deploy, "resources"), (body, "deploy")):
        if not folder[key]:
            del folder[key]


def _escaped(text: str) -> str:
    """As it stands in a Compose file."""
    return text.replace("$", "$$")
