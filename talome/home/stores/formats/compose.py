"""Compose files of strangers, brought into their long forms, or refused with the reason. Shared by all readers.

What would reach outside the app's folder, build code or take over another file (include, extends, build, env_file and
the like) is refused here; what an app may do to the machine is told by the permission sheet. A reader replaces what it
knows with `replace_names` before it calls `long_form`, so that a port's target is a number by then; services that are
no containers, such as Umbrel's app_proxy, are taken out by their reader first.
"""

import re
from collections.abc import Callable
from typing import Any, Final

from talome.home.stores.formats.found import BadManifest
from talome.home.stores.formats.names import Replace, escape, names_in, replace_names, split_outside, unescape
from talome.home.stores.formats.ports import long_ports
from talome.home.stores.formats.volumes import is_host_path, long_volumes
from talome.home.stores.formats.yaml import read_yaml, text_of

__all__ = [
    "Replace", "escape", "is_host_path", "long_form", "names_in", "read_yaml", "replace_names", "split_outside",
    "text_of", "unescape",
]  # fmt: skip

MOST_SERVICES: Final = 60
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,100}")
_PROJECT = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
_VARIABLE_KEY = re.compile(r"[^=\s\0]{1,256}")
_CONDITIONS: Final = ("service_started", "service_healthy", "service_completed_successfully")
_TOP: Final = {"name", "version", "services", "volumes", "networks", "configs", "secrets"}
_REFUSED: Final = {
    "build": "builds its image; only ready-made images are installed",
    "extends": "takes over a service of another file (extends)",
    "develop": "is meant for development (develop)",
    "volumes_from": "takes over another container's volumes (volumes_from)",
    "label_file": "reads labels from a file of the machine (label_file)",
    "credential_spec": "reads a credential of the machine (credential_spec)",
    "provider": "is run by a program of the machine (provider)",
    "external_links": "reaches into containers of other apps (external_links)",
    "use_api_socket": "asks for the Docker socket in a hidden way (use_api_socket)",
    "models": "uses models of Docker's own runner (models)",
    "post_start": "runs commands after its start (post_start)",
    "pre_stop": "runs commands before its stop (pre_stop)",
}
_TEXTS: Final = {
    "image", "hostname", "domainname", "restart", "network_mode", "pid", "ipc", "uts", "userns_mode", "cgroup",
    "cgroup_parent", "working_dir", "platform", "pull_policy", "stop_signal", "runtime", "mac_address", "isolation",
    "container_name",
}  # fmt: skip
_NUMBERS: Final = {
    "user", "stop_grace_period", "scale", "cpu_count", "cpu_percent", "cpu_shares", "cpu_period", "cpu_quota", "cpus",
    "cpuset", "cpu_rt_period", "cpu_rt_runtime", "mem_limit", "mem_reservation", "mem_swappiness", "memswap_limit",
    "oom_score_adj", "pids_limit", "shm_size",
}  # fmt: skip
_FLAGS: Final = {"privileged", "read_only", "init", "tty", "stdin_open", "oom_kill_disable", "attach"}
_LISTS: Final = {
    "cap_add", "cap_drop", "dns", "dns_search", "dns_opt", "expose", "device_cgroup_rules", "security_opt", "group_add",
    "tmpfs", "links", "profiles",
}  # fmt: skip
_MAPS: Final = {"healthcheck", "deploy", "logging", "ulimits", "blkio_config", "storage_opt"}


def long_form(document: Any, *, project: str) -> dict[str, Any]:
    """The document in its long forms, named `project`; nothing in it is shared with `document`."""
    top = _map(document, "the file")
    if not _PROJECT.fullmatch(project):
        raise BadManifest(f"{project[:80]!r} cannot name an app.")
    for key in top:
        if key not in _TOP and not str(key).startswith("x-"):
            raise BadManifest(f"The compose file has {str(key)[:60]!r}, which is not taken from a store.")
    services = _map(top.get("services"), "services")
    if not 1 <= len(services) <= MOST_SERVICES:
        raise BadManifest(f"An app has 1 to {MOST_SERVICES} services; this one has {len(services)}.")
    result: dict[str, Any] = {"name": project, "services": {}}
    for name, service in services.items():
        result["services"][_name(name, "a service")] = _service(service, f"service {name}")
    for kind in ("volumes", "networks", "configs", "secrets"):
        if top.get(kind):
            result[kind] = _definitions(kind, top[kind])
    _check_references(result)
    return result


def _service(value: Any, where: str) -> dict[str, Any]:
    service = _map(value, where)
    result: dict[str, Any] = {}
    for key, item in service.items():
        if str(key).startswith("x-") or item is None:
            continue
        if key in _REFUSED:
            raise BadManifest(f"{where} {_REFUSED[key]}.")
        result[key] = _item(key, item, where)
    if not result.get("image"):
        raise BadManifest(f"{where} has no image.")
    return result


def _item(key: str, item: Any, where: str) -> Any:
    label = f"{where}: {key}"
    if key in _TEXTS or key in _NUMBERS:
        allowed = str if key in _TEXTS else str | int | float
        if isinstance(item, bool) or not isinstance(item, allowed):
            raise BadManifest(f"{label} is not a text or a number.")
        return item
    if key in _FLAGS:
        return _flag(item, label)
    if key in _LISTS:
        texts = [text_of(_scalar(each, label)) for each in (item if isinstance(item, list) else [item])]
        return [each.upper() for each in texts] if key in ("cap_add", "cap_drop") else texts
    if key in _MAPS:
        return _copied(_map(item, label))
    if key not in _OWN:
        raise BadManifest(f"{where} has the unknown key {str(key)[:60]!r}.")
    return _OWN[key](item, label if key not in ("ports", "volumes") else where)


def _environment(value: Any, label: str) -> dict[str, str | None]:
    result: dict[str, str | None] = {}
    for key, item in _pairs(value, "=", label):
        if not _VARIABLE_KEY.fullmatch(key):
            raise BadManifest(f"{label} has {key[:60]!r}, which cannot name a variable.")
        result[key] = item
    return result


def _texts(value: Any, label: str) -> dict[str, str]:
    return {key: item or "" for key, item in _pairs(value, "=", label)}


def _hosts(value: Any, label: str) -> list[str]:
    if isinstance(value, dict):
        addresses = {key: item if isinstance(item, list) else [item] for key, item in value.items()}
        return [f"{key}:{text_of(_scalar(each, label))}" for key, items in addresses.items() for each in items]
    return [text_of(_scalar(each, label)) for each in _list(value, label)]


def _pairs(value: Any, separator: str, label: str) -> list[tuple[str, str | None]]:
    """Of a map or a list of `key=value`; None for a key without a value."""
    if isinstance(value, dict):
        items = [(str(key), _scalar(item, label)) for key, item in value.items()]
        return [(key, None if item is None else text_of(item)) for key, item in items]
    pairs: list[tuple[str, str | None]] = []
    for item in _list(value, label):
        key, found, text = text_of(_scalar(item, label)).partition(separator)
        pairs.append((key, text if found else None))
    return pairs


def _command(value: Any, label: str) -> str | list[str]:
    if isinstance(value, str):
        return value
    return [text_of(_scalar(each, label)) for each in _list(value, label)]


def _depends_on(value: Any, label: str) -> dict[str, dict[str, Any]]:
    if isinstance(value, list):
        return {_name(each, label): {"condition": "service_started"} for each in value}
    result: dict[str, dict[str, Any]] = {}
    for name, item in _map(value, label).items():
        options = _map(item or {}, label)
        condition = options.get("condition", "service_started")
        if condition not in _CONDITIONS or set(options) - {"condition", "restart", "required"}:
            raise BadManifest(f"{label} has an unknown key or condition for {str(name)[:60]!r}.")
        result[_name(name, label)] = {"condition": condition} | {
            key: _flag(options[key], label) for key in ("restart", "required") if key in options
        }
    return result


def _networks(value: Any, label: str) -> dict[str, dict[str, Any]]:
    if isinstance(value, list):
        return {_name(each, label): {} for each in value}
    return {_name(name, label): _copied(_map(item or {}, label)) for name, item in _map(value, label).items()}


def _devices(value: Any, label: str) -> list[str]:
    devices = []
    for each in _list(value, label):
        if isinstance(each, dict):
            parts = [each.get("source"), each.get("target", each.get("source")), each.get("permissions", "rwm")]
            devices.append(":".join(text_of(_scalar(part, label)) for part in parts))
        else:
            devices.append(text_of(_scalar(each, label)))
    return devices


def _env_files(value: Any, label: str) -> list[dict[str, Any]]:
    files = []
    for each in value if isinstance(value, list) else [value]:
        entry = each if isinstance(each, dict) else {"path": each}
        if set(entry) - {"path", "required", "format"} or not isinstance(entry.get("path"), str):
            raise BadManifest(f"{label} is neither a path nor a map with one.")
        if entry.get("format") not in (None, "raw"):
            raise BadManifest(f"{label} has an unknown format.")
        options = {"format": "raw"} if entry.get("format") else {}
        files.append(
            {"path": _own_path(entry["path"], label), "required": _flag(entry.get("required", True), label)} | options
        )
    return files


def _grants(value: Any, label: str) -> list[dict[str, Any]]:
    """Configs and secrets that a service is given."""
    return [_copied(each) if isinstance(each, dict) else {"source": _name(each, label)} for each in _list(value, label)]


def _gpus(value: Any, label: str) -> Any:
    return value if value == "all" else [_copied(_map(each, label)) for each in _list(value, label)]


_OWN: Final[dict[str, Callable[[Any, str], Any]]] = {
    "environment": _environment, "labels": _texts, "annotations": _texts, "sysctls": _texts, "extra_hosts": _hosts,
    "command": _command, "entrypoint": _command, "ports": long_ports, "volumes": long_volumes, "networks": _networks,
    "depends_on": _depends_on, "devices": _devices, "env_file": _env_files, "configs": _grants, "secrets": _grants,
    "gpus": _gpus,
}  # fmt: skip


def _definitions(kind: str, value: Any) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for name, item in _map(value, kind).items():
        definition = _copied(_map(item or {}, f"{kind}: {name}"))
        if kind in ("configs", "secrets"):
            if "environment" in definition:
                raise BadManifest(f"{kind}: {name} is read from the environment of the machine.")
            if "file" in definition:
                _own_path(definition["file"], f"{kind}: {name}")
        result[_name(name, kind)] = definition
    return result


def _own_path(value: Any, label: str) -> str:
    """A path inside the app's folder: relative, or below `${APP_DATA_DIR}`."""
    path = value if isinstance(value, str) else ""
    inside = re.sub(r"^\$(APP_DATA_DIR(?=/)|\{APP_DATA_DIR\}/)", "", path)
    relative = inside != path or not path.startswith(("/", "~"))
    if not path or not relative or "\\" in inside or names_in(inside) or ".." in inside.split("/"):
        raise BadManifest(f"{label} names a file outside the app's folder: {path[:80]!r}.")
    return path


def _check_references(compose: dict[str, Any]) -> None:
    services = compose["services"]
    for name, service in services.items():
        where = f"service {name}"
        depends = service.get("depends_on", {})
        for other in [each for each in depends if each not in services and depends[each].get("required") is False]:
            del depends[other]
        others = [*depends, *(link.partition(":")[0] for link in service.get("links", []))]
        mode = service.get("network_mode", "")
        others += [mode.removeprefix("service:")] if mode.startswith("service:") else []
        _known(others, services, f"{where} needs the service")
        volumes = [v["source"] for v in service.get("volumes", []) if v["type"] == "volume" and "source" in v]
        _known(volumes, compose.get("volumes", {}), f"{where} uses the volume")
        networks = {"default": None, **compose.get("networks", {})}
        _known(service.get("networks", {}), networks, f"{where} is on the network")
        if mode and service.get("networks"):
            raise BadManifest(f"{where} has both networks and a network_mode.")
        for kind in ("configs", "secrets"):
            sources = [each.get("source") for each in service.get(kind, [])]
            _known(sources, compose.get(kind, {}), f"{where} is given the {kind[:-1]}")
    _check_circles({name: list(service.get("depends_on", {})) for name, service in services.items()})


def _known(names: Any, defined: Any, sentence: str) -> None:
    for name in names:
        if name not in defined:
            raise BadManifest(f"{sentence} {str(name)[:60]!r}, which is not defined.")


def _check_circles(needs: dict[str, list[str]]) -> None:
    while needs:
        free = [name for name, others in needs.items() if not any(other in needs for other in others)]
        if not free:
            raise BadManifest(f"The services {', '.join(sorted(needs))[:100]} depend on each other in a circle.")
        needs = {name: others for name, others in needs.items() if name not in free}


def _map(value: Any, label: str) -> dict[Any, Any]:
    if not isinstance(value, dict):
        raise BadManifest(f"{label} must be a map.")
    return value


def _list(value: Any, label: str) -> list[Any]:
    if not isinstance(value, list):
        raise BadManifest(f"{label} must be a list.")
    return value


def _scalar(value: Any, label: str) -> Any:
    if isinstance(value, dict | list):
        raise BadManifest(f"{label} holds a map or a list where a text is expected.")
    return value


def _name(value: Any, label: str) -> str:
    if not isinstance(value, str | int) or isinstance(value, bool) or not _NAME.fullmatch(str(value)):
        raise BadManifest(f"{label}: {str(value)[:60]!r} is not a name that Compose takes.")
    return str(value)


def _flag(value: Any, label: str) -> Any:
    if isinstance(value, bool) or (isinstance(value, str) and names_in(value)):
        return value
    if value in ("true", "false"):
        return value == "true"
    raise BadManifest(f"{label} is neither true nor false.")


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _copied(item) for key, item in value.items() if not str(key).startswith("x-")}
    return [_copied(item) for item in value] if isinstance(value, list) else value
