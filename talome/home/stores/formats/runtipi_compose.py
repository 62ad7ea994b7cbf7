"""Runtipi's three dialects of compose brought to one: plain Compose, and where its door is."""

from dataclasses import dataclass, field
from typing import Any, Final

from talome.home.stores.formats.found import BadManifest

SAME: Final = (
    "image", "command", "entrypoint", "ulimits", "sysctls", "deploy", "hostname", "devices", "pid", "privileged", "tty",
    "user", "logging", "dns", "labels", "init", "ipc", "runtime",
)  # fmt: skip
RENAMED: Final = {
    "networkMode": "network_mode",
    "extraHosts": "extra_hosts",
    "capAdd": "cap_add",
    "capDrop": "cap_drop",
    "workingDir": "working_dir",
    "shmSize": "shm_size",
    "readOnly": "read_only",
    "securityOpt": "security_opt",
    "stopSignal": "stop_signal",
    "stopGracePeriod": "stop_grace_period",
    "stdinOpen": "stdin_open",
    "extraLabels": "labels",
    "dependsOn": "depends_on",
    "groupAdd": "group_add",
}
CHECK: Final = {"startInterval": "start_interval", "startPeriod": "start_period"}
OURS: Final = {
    "name",
    "isMain",
    "internalPort",
    "addToMainNetwork",
    "addPorts",
    "environment",
    "volumes",
    "healthCheck",
}
MAIN_NETWORK: Final = "tipi_main_network"


@dataclass(slots=True)
class Reading:
    """A compose document, and what the dialect says beside it."""

    document: dict[str, Any]
    main: str | None = None
    port: int | str | None = None
    """Where the main service listens."""
    overrides: dict[str, dict[str, Any]] = field(default_factory=dict)
    """For an architecture, services with the keys that replace others."""
    warnings: list[str] = field(default_factory=list)


def read_dialect(document: Any, *, dynamic: bool) -> Reading:
    """Tell the dialect of `document` and bring it to plain Compose."""
    if not isinstance(document, dict):
        raise BadManifest("its compose file is not a mapping")
    if dynamic:
        return _dynamic(document)
    services = document.get("services")
    if not isinstance(services, dict) or not all(isinstance(service, dict) for service in services.values()):
        raise BadManifest("its compose file has no services")
    mark = document.get("x-runtipi")
    marked = isinstance(mark, dict) or any("x-runtipi" in service for service in services.values())
    return _marked(document, services) if marked else _legacy(document, services)


def _dynamic(document: dict[str, Any]) -> Reading:
    reading = Reading({})
    services = _services(document.get("services"), reading, "services")
    reading.document = {"services": services}
    volumes = {
        mount["source"] for service in services.values() for mount in service.get("volumes", []) if _named(mount)
    }
    if volumes:
        reading.document["volumes"] = {name: {} for name in sorted(volumes)}
    for item in _list(document.get("overrides"), "overrides"):
        architecture = item.get("architecture") if isinstance(item, dict) else None
        if not isinstance(architecture, str):
            raise BadManifest("an override does not name its architecture")
        changed = _services(item.get("services"), Reading({}), "overrides")
        reading.overrides[architecture] = {name: _unset(service) for name, service in changed.items()}
    return reading


def _unset(service: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in service.items() if key != "restart"}


def _services(value: Any, reading: Reading, what: str) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for service in _list(value, what):
        name = service.get("name") if isinstance(service, dict) else None
        if not isinstance(name, str) or not name:
            raise BadManifest("a service of its compose file has no name")
        if name in result:
            raise BadManifest(f"its service {name[:60]} is there twice")
        result[name] = _service(name, service, reading)
        if service.get("isMain") is True or (reading.main is None and service.get("internalPort") is not None):
            reading.main, reading.port = name, service.get("internalPort", reading.port)
    return result


def _service(name: str, service: dict[str, Any], reading: Reading) -> dict[str, Any]:
    result: dict[str, Any] = {"restart": "unless-stopped"}
    for key, value in service.items():
        if value is None:
            continue
        if key in SAME:
            result[key] = value
        elif key in RENAMED:
            result[RENAMED[key]] = value
        elif key not in OURS:
            reading.warnings.append(f"The service {name[:60]} has a key that is not known here: {str(key)[:60]}.")
    result.update(_shaped(service))
    if "deploy" in result:
        result["deploy"] = _deploy(result["deploy"])
    return result


def _shaped(service: dict[str, Any]) -> dict[str, Any]:
    """The keys whose values have another shape there."""
    result: dict[str, Any] = {}
    if environment := _environment(service.get("environment")):
        result["environment"] = environment
    if isinstance(check := service.get("healthCheck"), dict):
        result["healthcheck"] = {CHECK.get(key, key): value for key, value in check.items()}
    if mounts := [_mount(item) for item in _list(service.get("volumes"), "volumes")]:
        result["volumes"] = mounts
    if ports := [port for item in _list(service.get("addPorts"), "addPorts") for port in _ports(item)]:
        result["ports"] = ports
    return result


def _list(value: Any, what: str) -> list[Any]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise BadManifest(f"{what} in its compose file is not a list")
    return value


def _environment(value: Any) -> Any:
    """A mapping, or since schema 2 a list of keys and values."""
    if not isinstance(value, list):
        return value
    result = {}
    for item in value:
        if not isinstance(item, dict) or not isinstance(item.get("key"), str):
            raise BadManifest("environment in its compose file is a list of something else than keys and values")
        result[item["key"]] = item.get("value")
    return result


def _mount(item: Any) -> dict[str, Any]:
    source = item.get("hostPath") if isinstance(item, dict) else None
    target = item.get("containerPath") if isinstance(item, dict) else None
    if not isinstance(source, str) or not isinstance(target, str):
        raise BadManifest("a volume of its compose file lacks hostPath or containerPath")
    source = source.removesuffix(f":{target}")  # some packages give the short form here
    mount: dict[str, Any] = {"type": "bind", "source": source, "target": target}
    if "/" not in source and "$" not in source and not source.startswith((".", "~")):
        mount["type"] = "volume"
    if item.get("readOnly"):
        mount["read_only"] = True
    if mount["type"] == "bind" and (item.get("shared") or item.get("private")):
        mount["bind"] = {"propagation": "shared" if item.get("shared") else "private"}
    return mount


def _named(mount: dict[str, Any]) -> bool:
    return bool(mount["type"] == "volume")


def _ports(item: Any) -> list[dict[str, Any]]:
    if not isinstance(item, dict) or item.get("containerPort") is None:
        raise BadManifest("a port of its compose file lacks containerPort")
    protocols = [name for name in ("tcp", "udp") if item.get(name)] or ["tcp"]
    published = item.get("hostPort")
    port = {"target": item["containerPort"], "published": "" if published is None else str(published)}
    if isinstance(item.get("interface"), str) and item["interface"]:
        port["host_ip"] = item["interface"]
    return [{**port, "protocol": protocol} for protocol in protocols]


def _deploy(value: Any) -> Any:
    """The one key below `deploy` that is written otherwise there."""
    if isinstance(value, dict):
        return {"device_ids" if key == "deviceIds" else key: _deploy(item) for key, item in value.items()}
    return [_deploy(item) for item in value] if isinstance(value, list) else value


def _marked(document: dict[str, Any], services: dict[str, Any]) -> Reading:
    reading = Reading(document)
    for name, service in services.items():
        mark = service.get("x-runtipi")
        service.setdefault("restart", "unless-stopped")
        if isinstance(mark, dict) and (mark.get("is_main") or (reading.main is None and mark.get("internal_port"))):
            reading.main, reading.port = str(name), mark.get("internal_port", reading.port)
        _leave_main_network(service)
    top = document.get("x-runtipi")
    for item in _list(top.get("overrides") if isinstance(top, dict) else None, "overrides"):
        architecture = item.get("architecture") if isinstance(item, dict) else None
        changed = item.get("services") if isinstance(item, dict) else None
        if not isinstance(architecture, str) or not isinstance(changed, dict):
            raise BadManifest("an override lacks its architecture or its services")
        reading.overrides[architecture] = changed
    _drop_main_network(document)
    return reading


def _legacy(document: dict[str, Any], services: dict[str, Any]) -> Reading:
    reading = Reading(document)
    for name, service in services.items():
        ports = service.get("ports")
        for port in ports if isinstance(ports, list) else []:
            door, target = _door(port)
            if door and reading.main is None:
                reading.main, reading.port = str(name), target
        _leave_main_network(service)
    _drop_main_network(document)
    return reading


def _door(port: Any) -> tuple[bool, int | str | None]:
    """Whether the app's own port is published here, and what stands behind it."""
    if isinstance(port, dict):
        return "APP_PORT" in str(port.get("published")), port.get("target")
    published, _, target = str(port).rpartition(":")
    return "APP_PORT" in published, target.removesuffix("/tcp")


def _leave_main_network(service: dict[str, Any]) -> None:
    """The main network was also the way to the app's own other services: their default network is that now."""
    networks = service.get("networks")
    if isinstance(networks, list):
        networks = ["default" if name == MAIN_NETWORK else name for name in networks]
    elif isinstance(networks, dict):
        networks = {"default" if name == MAIN_NETWORK else name: value for name, value in networks.items()}
    if networks and list(networks) != ["default"]:
        service["networks"] = networks
    elif isinstance(networks, list) or (isinstance(networks, dict) and not any(networks.values())):
        service.pop("networks", None)


def _drop_main_network(document: dict[str, Any]) -> None:
    networks = document.get("networks")
    if isinstance(networks, dict):
        document["networks"] = {name: value for name, value in networks.items() if name != MAIN_NETWORK}
        if not document["networks"]:
            del document["networks"]
