"""Reads from a container how it was made, as a service of a Compose file."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from talome.engines.docker.models import ContainerInspection, ImageDetails, Volume

_ANONYMOUS: Final = re.compile(r"[0-9a-f]{64}")
_GIVEN_NAME: Final = re.compile(r"[-_]\d+$")
"""How a name ends that Compose made up."""
_USUAL_SHM: Final = 64 * 2**20
_COMPOSE: Final = "com.docker.compose."
_OWN: Final = ("talome.", "desktop.docker.io/")
_IF_SET: Final = (
    ("cap_add", "CapAdd"), ("cap_drop", "CapDrop"), ("dns", "Dns"), ("dns_search", "DnsSearch"),
    ("dns_opt", "DnsOptions"),
    ("extra_hosts", "ExtraHosts"), ("group_add", "GroupAdd"), ("security_opt", "SecurityOpt"), ("sysctls", "Sysctls"),
    ("privileged", "Privileged"), ("read_only", "ReadonlyRootfs"), ("init", "Init"), ("mem_limit", "Memory"),
    ("mem_reservation", "MemoryReservation"), ("cpu_shares", "CpuShares"), ("cpuset", "CpusetCpus"),
    ("userns_mode", "UsernsMode"), ("device_cgroup_rules", "DeviceCgroupRules"), ("storage_opt", "StorageOpt"),
)  # fmt: skip
"""Keys of a service by those of Docker's HostConfig, where empty means that nothing was said."""


@dataclass(slots=True)
class Inspected:
    """`volumes` and `networks` are the definitions that the service needs; `anonymous` are volumes without a name, by
    the path they are mounted at."""

    service: dict[str, Any]
    volumes: dict[str, Any] = field(default_factory=dict)
    networks: dict[str, Any] = field(default_factory=dict)
    anonymous: dict[str, str] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)
    """In words, what cannot be carried over."""


def read_container(
    seen: ContainerInspection,
    image: ImageDetails,
    volumes: Mapping[str, Volume],
    service_of: Callable[[str], str | None],
    *,
    cgroup_version: int,
) -> Inspected:
    """`service_of` gives the service of another container of the same project, by its id or name."""
    host: Mapping[str, Any] = seen.raw["HostConfig"]
    found = Inspected({"image": seen.image})
    body = found.service
    if not _GIVEN_NAME.search(seen.name):
        body["container_name"] = seen.name
    _process(body, seen, image)
    if host.get("CgroupnsMode") == "host" and cgroup_version > 1:  # with the first version it is what all have
        body["cgroup"] = "host"
    body |= {key: host[theirs] for key, theirs in _IF_SET if host.get(theirs)}
    _manners(body, seen.raw["Config"], host)
    _limits(body, host)
    _devices(body, host)
    _network(found, seen, host, service_of)
    _ports(body, host)
    _mounts(found, seen, volumes)
    if host.get("Tmpfs"):
        body["tmpfs"] = [f"{path}:{options}" if options else path for path, options in host["Tmpfs"].items()]
    if host.get("VolumesFrom"):
        found.lost.append("It takes over another container's volumes (--volumes-from).")
    if host.get("Links"):
        found.lost.append("It is linked to other containers (--link). They will not know each other by these names.")
    found.service = {key: _escaped(value) for key, value in body.items()}
    return found


def _process(body: dict[str, Any], seen: ContainerInspection, image: ImageDetails) -> None:
    """What is run, as far as it is not the image's own."""
    if seen.entrypoint != image.entrypoint:
        body["entrypoint"] = list(seen.entrypoint)
    if seen.command != image.command or "entrypoint" in body:
        body["command"] = list(seen.command)
    if seen.user != image.user:
        body["user"] = seen.user or "0"
    if seen.working_dir != image.working_dir and seen.working_dir:
        body["working_dir"] = seen.working_dir
    usual = set(image.env)
    own = [line.partition("=") for line in seen.env if line not in usual]
    if own:
        body["environment"] = {name: value for name, _, value in own}
    labels = {
        name: value
        for name, value in seen.labels.items()
        if image.labels.get(name) != value and not name.startswith((_COMPOSE, *_OWN))
    }
    if labels:
        body["labels"] = labels


def _manners(body: dict[str, Any], config: Mapping[str, Any], host: Mapping[str, Any]) -> None:
    """How it starts and ends, and what it shares with the machine."""
    policy = host.get("RestartPolicy") or {}
    retries = policy.get("MaximumRetryCount") or 0
    body["restart"] = f"{policy['Name']}:{retries}" if retries else policy.get("Name") or "no"
    for key, theirs in (("tty", "Tty"), ("stdin_open", "OpenStdin")):
        if config.get(theirs):
            body[key] = True
    for key, theirs in (("pid", "PidMode"), ("ipc", "IpcMode"), ("uts", "UTSMode")):
        if host.get(theirs) == "host":
            body[key] = "host"
    if config.get("StopTimeout") is not None:
        body["stop_grace_period"] = f"{config['StopTimeout']}s"
    if host.get("Runtime") not in (None, "", "runc"):
        body["runtime"] = host["Runtime"]
    log = host.get("LogConfig") or {}
    if log.get("Config") or log.get("Type") not in (None, "", "json-file"):
        body["logging"] = {"driver": log["Type"], "options": log.get("Config") or {}}


def _limits(body: dict[str, Any], host: Mapping[str, Any]) -> None:
    if host.get("NanoCpus"):
        body["cpus"] = host["NanoCpus"] / 1e9
    if (host.get("PidsLimit") or 0) > 0:
        body["pids_limit"] = host["PidsLimit"]
    if host.get("ShmSize") not in (None, 0, _USUAL_SHM):
        body["shm_size"] = host["ShmSize"]
    if host.get("Ulimits"):
        body["ulimits"] = {one["Name"]: {"soft": one["Soft"], "hard": one["Hard"]} for one in host["Ulimits"]}


def _devices(body: dict[str, Any], host: Mapping[str, Any]) -> None:
    if host.get("Devices"):
        keys = ("PathOnHost", "PathInContainer", "CgroupPermissions")
        body["devices"] = [":".join(str(one[key]) for key in keys) for one in host["Devices"]]
    if host.get("DeviceRequests"):
        asked = [_device_request(one) for one in host["DeviceRequests"]]
        body["deploy"] = {"resources": {"reservations": {"devices": asked}}}


def _device_request(one: Mapping[str, Any]) -> dict[str, Any]:
    capabilities = [name for group in one.get("Capabilities") or [] for name in group] or ["gpu"]
    request: dict[str, Any] = {"capabilities": capabilities}
    if one.get("Driver"):
        request["driver"] = one["Driver"]
    if one.get("DeviceIDs"):
        return {**request, "device_ids": one["DeviceIDs"]}
    return {**request, "count": "all" if one.get("Count") == -1 else one.get("Count") or 1}


def _network(
    found: Inspected, seen: ContainerInspection, host: Mapping[str, Any], service_of: Callable[[str], str | None]
) -> None:
    mode = str(host.get("NetworkMode") or "default")
    if mode.startswith("container:"):
        service = service_of(mode.partition(":")[2])
        found.service["network_mode"] = f"service:{service}" if service else mode
        return
    if mode in ("default", "bridge", "host", "none"):
        found.service["network_mode"] = "bridge" if mode == "default" else mode
    else:
        places = {}
        for name, one in (seen.raw["NetworkSettings"].get("Networks") or {}).items():
            aliases = {alias for alias in one.get("Aliases") or () if not seen.id.startswith(alias)}
            fixed = (one.get("IPAMConfig") or {}).get("IPv4Address")
            options = {"aliases": sorted(aliases | {seen.name})} | ({"ipv4_address": fixed} if fixed else {})
            places[name] = options
            found.networks[name] = {"name": name, "external": True}
        found.service["networks"] = places
    if mode != "host" and not seen.id.startswith(seen.hostname):
        found.service["hostname"] = seen.hostname


def _ports(body: dict[str, Any], host: Mapping[str, Any]) -> None:
    ports = []
    for place, bindings in (host.get("PortBindings") or {}).items():
        target, _, protocol = place.partition("/")
        for binding in bindings or []:
            port = {
                "target": int(target),
                "published": str(binding.get("HostPort") or ""),
                "protocol": protocol or "tcp",
            }
            address = binding.get("HostIp")
            ports.append(port | ({"host_ip": address} if address not in (None, "", "0.0.0.0") else {}))  # noqa: S104 - read, not bound
    if ports:
        body["ports"] = ports


def _mounts(found: Inspected, seen: ContainerInspection, volumes: Mapping[str, Volume]) -> None:
    mounts: list[dict[str, Any]] = []
    for mount in seen.mounts:
        options = {"read_only": True} if mount.read_only else {}
        if mount.kind == "bind":
            mounts.append({"type": "bind", "source": mount.source, "target": mount.target, **options})
        elif mount.kind == "volume" and mount.name is not None:
            if _ANONYMOUS.fullmatch(mount.name):
                found.anonymous[mount.target] = mount.name
                continue
            mounts.append({"type": "volume", "source": mount.name, "target": mount.target, **options})
            found.volumes[mount.name] = _definition(mount.name, volumes.get(mount.name))
    if mounts:
        found.service["volumes"] = mounts


def _definition(name: str, volume: Volume | None) -> dict[str, Any]:
    """One that points elsewhere is written out, so that the permission sheet sees where."""
    if volume is not None and volume.options:
        return {"name": name, "driver": volume.driver, "driver_opts": dict(volume.options)}
    return {"name": name, "external": True}


def _escaped(value: Any) -> Any:
    """As it stands in a Compose file, where a dollar begins a variable."""
    if isinstance(value, str):
        return value.replace("$", "$$")
    if isinstance(value, dict):
        return {key: _escaped(item) for key, item in value.items()}
    return [_escaped(item) for item in value] if isinstance(value, list) else value
