"""Which folders, shares and networks a Compose document reaches beyond the app's own."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from talome.home.apps.permission_paths import OWNS, Folders, grade, is_disk, normal
from talome.home.apps.permission_rules import OWN_NETWORK, Finding, listed, table, yes

_NETWORK_KINDS: Final = ("nfs", "nfs4", "cifs", "smb", "smb3", "smbfs", "sshfs", "davfs", "9p")
_VARIABLE: Final = re.compile(r"(?<!\$)(\$\$)*\$(?!\$)")


def mounts(compose: Mapping[str, Any], folders: Folders) -> Iterator[Finding]:
    """Of all services, then volumes that no service names."""
    volumes, services = table(compose.get("volumes")), table(compose.get("services"))
    used: set[str] = set()
    for name, body in services.items():
        for item in listed(table(body).get("volumes")):
            mount = _long(item)
            source = str(mount.get("source") or "")
            if _is_path(source) or mount.get("type") == "bind":
                yield from _bind(name, mount, folders)
            elif mount.get("type") != "tmpfs" and source:
                used.add(source)
                yield from _volume(name, source, table(volumes.get(source)), yes(mount.get("read_only")), folders)
        yield from _beside(name, table(body))
    for source in sorted(volumes.keys() - used):
        yield from _volume("", source, table(volumes[source]), False, folders)
    yield from _files(compose, folders)


def _long(item: Any) -> dict[str, Any]:
    """A volume in its long form; `source:target:options` otherwise."""
    if isinstance(item, Mapping):
        return table(item)
    source, _, rest = str(item).partition(":")
    target, _, options = rest.rpartition(":") if not rest.rpartition(":")[2].startswith("/") else (rest, "", "")
    if not rest:
        return {"type": "volume", "target": source}
    words = options.split(",")
    shared = [word for word in words if "shared" in word or "slave" in word]
    return {
        "type": "bind" if _is_path(source) else "volume",
        "source": source,
        "target": target or rest,
        "read_only": "ro" in words,
        "bind": {"propagation": shared[0]} if shared else {},
    }


def _is_path(source: str) -> bool:
    return source.startswith(("/", ".", "~", "$"))


def _bind(name: str, mount: Mapping[str, Any], folders: Folders) -> Iterator[Finding]:
    source, target = str(mount.get("source") or ""), str(mount.get("target") or "")
    read_only = yes(mount.get("read_only"))
    yield from _path(name, source, folders, read_only=read_only, target=target)
    if str(table(mount.get("bind")).get("propagation") or "").endswith("shared"):
        text = f"Disks that it attaches below {source} appear on this machine, too."
        yield Finding("propagation", "warning", 1, name, "Attaches disks", text, source)


def _path(name: str, source: str, folders: Folders, *, read_only: bool, target: str = "") -> Iterator[Finding]:
    if _VARIABLE.search(source) or "\0" in source:
        text = f"Gets the path {source}, of which it cannot be said where it leads."
        yield Finding("unknown-path", "danger", OWNS, name, "An unknown path", text, source)
        return
    path = normal("/root" + source[1:]) if source.startswith("~") else normal(source, folders.base or folders.own)
    found = grade(path, read_only=read_only, folders=folders)
    if found is not None and target.endswith(".sock") and found.points < OWNS:
        again = grade(normal(target), read_only=read_only, folders=folders)
        found = again if again is not None and again.points == OWNS else found
    if found is not None:
        rule = {OWNS: "path-owns"}.get(found.points, f"path-{found.title.lower().replace(' ', '-')}")
        mode = "ro" if read_only else "rw"
        yield Finding(rule, found.severity, found.points, name, found.title, found.detail, f"{path}:{mode}")


def _volume(name: str, source: str, body: Mapping[str, Any], read_only: bool, folders: Folders) -> Iterator[Finding]:
    driver, options = str(body.get("driver") or "local"), table(body.get("driver_opts"))
    if yes(body.get("external")):
        text = f"Uses the volume “{body.get('name') or source}”, which is not its own: others may keep data there."
        yield Finding("external-volume", "warning", 1, name, "A volume of others", text, source)
    if driver != "local":
        text = f"Keeps the volume “{source}” by way of the plugin “{driver}”."
        yield Finding("volume-driver", "warning", 1, name, "Stored by a plugin", text, source)
    if options:
        yield from _options(name, source, options, read_only, folders)


def _options(
    name: str, source: str, options: Mapping[str, Any], read_only: bool, folders: Folders
) -> Iterator[Finding]:
    """A volume of driver `local` with options is whatever `mount` can attach."""
    kind = str(options.get("type") or "none").strip().lower()
    device = str(options.get("device") or "")
    words = [word.strip() for word in str(options.get("o") or "").split(",")]
    if kind == "tmpfs":
        return
    if kind in _NETWORK_KINDS:
        text = f"Attaches the network share {device} as the volume “{source}”."
        yield Finding("share", "warning", 0, name, "A share on the network", text, source)
    elif {"bind", "rbind"} & set(words) or (kind == "none" and device.startswith("/") and not is_disk(normal(device))):
        yield from _path(name, device, folders, read_only=read_only or "ro" in words)
    else:
        text = f"Attaches {device or 'a file system'} ({kind}) of this machine as the volume “{source}”."
        yield Finding("attached", "danger", OWNS, name, "Attaches a disk", text, source)


def _beside(name: str, body: Mapping[str, Any]) -> Iterator[Finding]:
    for other in (str(item) for item in listed(body.get("volumes_from"))):
        if other.startswith("container:"):
            text = f"Gets all folders of the container “{other.split(':')[1]}”, which is no part of this app."
            yield Finding("volumes-from", "danger", 2, name, "Folders of another container", text, other)
    for item in listed(body.get("tmpfs")):
        if "exec" in str(item).partition(":")[2].split(","):
            text = f"May run programs from memory, in {str(item).partition(':')[0]}."
            yield Finding("tmpfs-exec", "info", 0, name, "Programs in memory", text, str(item))


def _files(compose: Mapping[str, Any], folders: Folders) -> Iterator[Finding]:
    """Files that Compose itself reads for the app."""
    for kind in ("configs", "secrets"):
        for source in table(compose.get(kind)).values():
            if (file := table(source).get("file")) is not None:
                yield from _path("", str(file), folders, read_only=True)
    for name, body in table(compose.get("services")).items():
        files = table(body).get("env_file")
        for item in [files] if isinstance(files, Mapping) else listed(files):
            path = table(item).get("path") if isinstance(item, Mapping) else item
            yield from _path(name, str(path), folders, read_only=True)


def networks(compose: Mapping[str, Any]) -> Iterator[Finding]:
    project = str(compose.get("name") or "")
    declared = table(compose.get("networks"))
    users = {
        key: [name for name, body in table(compose.get("services")).items() if key in _joined(table(body))]
        for key in declared
    }
    for key, body in ((key, table(item)) for key, item in declared.items()):
        called = str(body.get("name") or table(body.get("external")).get("name") or key)
        service = users[key][0] if users[key] else ""
        outside = yes(body.get("external"))
        if called == "host" and (outside or body.get("name")):
            yield Finding("host-network", "warning", 1, service, "The machine's own network", OWN_NETWORK)
        elif outside or (body.get("name") and project and not called.startswith(f"{project}_")):
            text = f"Is in the network “{called}” and reaches the containers of others there."
            yield Finding("other-network", "info", 0, service, "A network of others", text, called)
        if str(body.get("driver") or "bridge") in ("macvlan", "ipvlan"):
            text = "Appears in the house's network as a device of its own."
            yield Finding("own-device", "warning", 1, service, "A device in the house's network", text, key)
        elif str(body.get("driver") or "bridge") == "host":
            yield Finding("host-network", "warning", 1, service, "The machine's own network", OWN_NETWORK)


def _joined(body: Mapping[str, Any]) -> set[str]:
    """The networks of a service: `default` where it says nothing."""
    joined = body.get("networks")
    names = set(table(joined)) if isinstance(joined, Mapping) else {str(item) for item in listed(joined)}
    return names or ({"default"} if not body.get("network_mode") else set())
