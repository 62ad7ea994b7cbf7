"""Docker's JSON as our shapes. Missing and null are the same to the engine's authors, and so they are here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, cast, get_args

from talome.engines.docker.models import (
    Attachment,
    ContainerInspection,
    ContainerState,
    ContainerSummary,
    EngineEvent,
    EngineInfo,
    EngineVersion,
    Health,
    HealthProbe,
    Image,
    ImageDetails,
    Mount,
    Network,
    Port,
    Volume,
)

Json = Mapping[str, Any]
_STATES: frozenset[str] = frozenset(get_args(ContainerState))
_HEALTHS: frozenset[str] = frozenset(get_args(Health))
_EXIT = re.compile(r"Exited \((\d+)\)")
_HEALTH = re.compile(r"\((?:health: )?(starting|healthy|unhealthy)\)")
_TIME = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)")
_ANONYMOUS = re.compile(r"[a-f0-9]{64}")


def moment(text: str | None) -> datetime | None:
    """Docker's time with up to nine decimals; its zero time ("0001-01-01T00:00:00Z") means never."""
    match = _TIME.fullmatch(text or "")
    if match is None or match[1] == "0001":
        return None
    micros = (match[7] or "").ljust(6, "0")[:6]
    zone = "+00:00" if match[8] == "Z" else match[8]
    return datetime.fromisoformat(
        f"{match[1]}-{match[2]}-{match[3]}T{match[4]}:{match[5]}:{match[6]}.{micros}{zone}"
    ).astimezone(UTC)


def _moment(text: str | None) -> datetime:
    return moment(text) or datetime.fromtimestamp(0, UTC)


def version(said: Json, api: str) -> EngineVersion:
    return EngineVersion(
        version=str(said.get("Version", "")),
        api=api,
        min_api=str(said.get("MinAPIVersion", "")),
        os=str(said.get("Os", "")),
        arch=str(said.get("Arch", "")),
        kernel=str(said.get("KernelVersion", "")),
        platform=str((said.get("Platform") or {}).get("Name") or "Docker Engine"),
    )


def info(said: Json) -> EngineInfo:
    return EngineInfo(
        id=str(said.get("ID", "")),
        name=str(said.get("Name", "")),
        server_version=str(said.get("ServerVersion", "")),
        operating_system=str(said.get("OperatingSystem", "")),
        kernel=str(said.get("KernelVersion", "")),
        architecture=str(said.get("Architecture", "")),
        cpus=int(said.get("NCPU") or 0),
        memory_bytes=int(said.get("MemTotal") or 0),
        cgroup_version=2 if str(said.get("CgroupVersion")) == "2" else 1,
        storage_driver=str(said.get("Driver", "")),
        root_dir=str(said.get("DockerRootDir", "")),
        swarm_active=(said.get("Swarm") or {}).get("LocalNodeState") == "active",
        raw=said,
    )


def summary(row: Json) -> ContainerSummary:
    status = str(row.get("Status") or "")
    ended, health = _EXIT.match(status), _HEALTH.search(status)
    networks = (row.get("NetworkSettings") or {}).get("Networks") or {}
    return ContainerSummary(
        id=str(row["Id"]),
        name=_own_name(row.get("Names") or ()),
        image=str(row.get("Image", "")),
        image_id=str(row.get("ImageID", "")),
        command=str(row.get("Command") or ""),
        created_at=datetime.fromtimestamp(int(row.get("Created") or 0), UTC),
        state=_state(row.get("State")),
        status=status,
        health=cast("Health", health[1]) if health else "none",
        exit_code=int(ended[1]) if ended else None,
        ports=_sorted_ports(_listed_port(port) for port in row.get("Ports") or ()),
        labels=dict(row.get("Labels") or {}),
        networks=tuple(_attachment(name, found) for name, found in sorted(networks.items())),
        mounts=tuple(_mount(found) for found in row.get("Mounts") or ()),
    )


def _own_name(names: Iterable[str]) -> str:
    """A linked container has further names such as /other/alias; its own has one slash."""
    plain = [name.lstrip("/") for name in names if name.count("/") <= 1]
    return plain[0] if plain else ""


def _state(text: Any) -> ContainerState:
    return cast("ContainerState", text) if text in _STATES else "dead"


def _listed_port(port: Json) -> Port:
    return Port(
        container=int(port["PrivatePort"]),
        protocol=str(port.get("Type") or "tcp"),
        host=int(port["PublicPort"]) if port.get("PublicPort") else None,
        address=port.get("IP") or None,
    )


def _sorted_ports(ports: Iterable[Port]) -> tuple[Port, ...]:
    return tuple(
        sorted(set(ports), key=lambda port: (port.container, port.protocol, port.host or 0, port.address or ""))
    )


def _inspected_ports(found: Mapping[str, list[Json] | None]) -> tuple[Port, ...]:
    ports: list[Port] = []
    for key, bindings in found.items():
        number, _, protocol = key.partition("/")
        container = int(number)
        if not bindings:
            ports.append(Port(container, protocol or "tcp"))
        for binding in bindings or ():
            host = str(binding.get("HostPort") or "")
            ports.append(
                Port(container, protocol or "tcp", int(host) if host.isdigit() else None, binding.get("HostIp") or None)
            )
    return _sorted_ports(ports)


def _mount(found: Json) -> Mount:
    return Mount(
        kind=str(found.get("Type") or "bind"),
        source=str(found.get("Source") or ""),
        target=str(found.get("Destination") or ""),
        read_only=not found.get("RW", True),
        name=found.get("Name") or None,
    )


def _attachment(name: str, found: Json) -> Attachment:
    return Attachment(
        name=name,
        network_id=str(found.get("NetworkID") or ""),
        ip=found.get("IPAddress") or found.get("GlobalIPv6Address") or None,
        mac=found.get("MacAddress") or None,
        aliases=tuple(found.get("Aliases") or ()),
    )


def inspection(said: Json) -> ContainerInspection:
    state, config, host = said["State"], said["Config"], said["HostConfig"]
    health = state.get("Health") or {}
    settings = said.get("NetworkSettings") or {}
    status = _state(state.get("Status"))
    cpus = float(host.get("NanoCpus") or 0) / 1e9
    if not cpus and (host.get("CpuQuota") or 0) > 0:
        cpus = host["CpuQuota"] / (host.get("CpuPeriod") or 100_000)
    return ContainerInspection(
        id=str(said["Id"]),
        name=str(said.get("Name") or "").lstrip("/"),
        image=str(config.get("Image") or ""),
        image_id=str(said.get("Image") or ""),
        state=status,
        health=health["Status"] if health.get("Status") in _HEALTHS else "none",
        health_log=tuple(_probe(entry) for entry in health.get("Log") or ()),
        exit_code=int(state.get("ExitCode") or 0) if status in ("exited", "dead", "restarting") else None,
        error=state.get("Error") or None,
        oom_killed=bool(state.get("OOMKilled")),
        pid=int(state.get("Pid") or 0) or None,
        created_at=_moment(said.get("Created")),
        started_at=moment(state.get("StartedAt")),
        finished_at=moment(state.get("FinishedAt")),
        command=tuple(config.get("Cmd") or ()),
        entrypoint=tuple(config.get("Entrypoint") or ()),
        env=tuple(config.get("Env") or ()),
        labels=dict(config.get("Labels") or {}),
        tty=bool(config.get("Tty")),
        user=config.get("User") or None,
        working_dir=config.get("WorkingDir") or None,
        hostname=str(config.get("Hostname") or ""),
        ports=_inspected_ports(settings.get("Ports") or {}),
        mounts=tuple(_mount(found) for found in said.get("Mounts") or ()),
        networks=tuple(_attachment(name, found) for name, found in sorted((settings.get("Networks") or {}).items())),
        network_mode=str(host.get("NetworkMode") or ""),
        restart_policy=str((host.get("RestartPolicy") or {}).get("Name") or "no"),
        restart_count=int(said.get("RestartCount") or 0),
        memory_limit_bytes=int(host.get("Memory") or 0) or None,
        cpu_limit=cpus or None,
        privileged=bool(host.get("Privileged")),
        raw=said,
    )


def _probe(entry: Json) -> HealthProbe:
    return HealthProbe(
        at=_moment(entry.get("End") or entry.get("Start")),
        exit_code=int(entry.get("ExitCode") or 0),
        output=str(entry.get("Output") or ""),
    )


def event(said: Json) -> EngineEvent:
    actor = said.get("Actor") or {}
    action, _, detail = str(said.get("Action") or said.get("status") or "").partition(": ")
    return EngineEvent(
        kind=str(said.get("Type") or ""),
        action=action,
        detail=detail,
        id=str(actor.get("ID") or said.get("id") or ""),
        at_ns=int(said.get("timeNano") or 0),
        attributes=dict(actor.get("Attributes") or {}),
    )


def network(said: Json) -> Network:
    members = said.get("Containers")
    return Network(
        id=str(said["Id"]),
        name=str(said["Name"]),
        driver=str(said.get("Driver") or ""),
        scope=str(said.get("Scope") or ""),
        internal=bool(said.get("Internal")),
        created_at=moment(said.get("Created")),
        subnets=tuple(
            str(pool["Subnet"]) for pool in (said.get("IPAM") or {}).get("Config") or () if pool.get("Subnet")
        ),
        labels=dict(said.get("Labels") or {}),
        members=None if members is None else {id: str(found.get("Name") or "") for id, found in members.items()},
    )


def image(said: Json) -> Image:
    created, used_by = said.get("Created"), said.get("Containers", -1)
    return Image(
        id=str(said["Id"]),
        tags=tuple(tag for tag in said.get("RepoTags") or () if tag != "<none>:<none>"),
        digests=tuple(digest for digest in said.get("RepoDigests") or () if not digest.startswith("<none>")),
        size_bytes=int(said.get("Size") or 0),
        created_at=datetime.fromtimestamp(created, UTC) if isinstance(created, int) else _moment(created),
        labels=dict(said.get("Labels") or {}),
        containers=used_by if used_by >= 0 else None,
    )


def image_details(said: Json) -> ImageDetails:
    listed, config = image(said), said.get("Config") or {}
    test = (config.get("Healthcheck") or {}).get("Test") or []
    return ImageDetails(
        id=listed.id,
        tags=listed.tags,
        repo_digests=listed.digests,
        size_bytes=listed.size_bytes,
        architecture=str(said.get("Architecture") or ""),
        os=str(said.get("Os") or ""),
        exposed_ports=_inspected_ports(dict.fromkeys(config.get("ExposedPorts") or {})),
        volumes=tuple(sorted(config.get("Volumes") or {})),
        user=config.get("User") or None,
        created_at=listed.created_at,
        has_healthcheck=bool(test) and test[0] != "NONE",
        env=tuple(config.get("Env") or ()),
        labels=dict(config.get("Labels") or {}),
        command=tuple(config.get("Cmd") or ()),
        entrypoint=tuple(config.get("Entrypoint") or ()),
        working_dir=config.get("WorkingDir") or None,
    )


def volume(said: Json) -> Volume:
    name, labels = str(said["Name"]), dict(said.get("Labels") or {})
    usage = said.get("UsageData") or {}
    size, references = usage.get("Size", -1), usage.get("RefCount", -1)
    return Volume(
        name=name,
        driver=str(said.get("Driver") or ""),
        mountpoint=str(said.get("Mountpoint") or ""),
        scope=str(said.get("Scope") or ""),
        created_at=moment(said.get("CreatedAt")),
        labels=labels,
        options=dict(said.get("Options") or {}),
        anonymous="com.docker.volume.anonymous" in labels or (not labels and bool(_ANONYMOUS.fullmatch(name))),
        size_bytes=size if size >= 0 else None,
        references=references if references >= 0 else None,
    )
