"""Small changes to services in their long form."""

from collections.abc import Callable, Iterable
from typing import Any

from talome.home.manifest import Scaffold
from talome.home.stores.formats.secrets import SecretsFound, replace_secrets
from talome.home.stores.formats.values import mapped


def on_own_network(service: dict[str, Any]) -> bool:
    """Whether it has networks and ports of its own, and not those of the host or of another service."""
    return "network_mode" not in service


def add_alias(service: dict[str, Any], alias: str) -> None:
    """Let the app's other services reach it by another name, too."""
    if not on_own_network(service):
        return
    networks = service.setdefault("networks", {"default": {}})
    for name in networks:
        network = networks[name] = dict(networks[name] or {})
        aliases = network.get("aliases") or []
        if alias not in aliases:
            network["aliases"] = [*aliases, alias]


def publish(service: dict[str, Any], target: int, published: str) -> None:
    """Publish the port behind the app's door, unless it is already."""
    if not on_own_network(service):
        return
    ports = service.setdefault("ports", [])
    if not any(port["target"] == target and port.get("protocol", "tcp") == "tcp" for port in ports):
        ports.append({"target": target, "published": published, "protocol": "tcp"})


def free_names(services: dict[str, Any]) -> None:
    """Container names become aliases: on a machine each can be there only once, on a network it disturbs nobody."""
    for service in services.values():
        name = service.pop("container_name", None)
        if isinstance(name, str) and name and "$" not in name:
            add_alias(service, name)


def without_literals(
    compose: dict[str, Any], *, taken: set[str], shown: str, files: Iterable[Scaffold]
) -> SecretsFound:
    """Secrets for literal passwords, unless people are told one (`shown`) or a file that is laid out has it, too."""
    found = replace_secrets(compose, taken=taken)
    gone = {
        value
        for name, service in compose["services"].items()
        for key, value in service.get("environment", {}).items()
        if value and found.compose["services"][name]["environment"][key] != value
    }
    if shown in gone or any(value in file.text for value in gone for file in files):
        return SecretsFound(compose, [], ["It has a password that is the same in every installation: change it there."])
    return found


def with_own_files(document: dict[str, Any], place: Callable[[str], str]) -> dict[str, Any]:
    """The document as it is written, with those paths put right that must lie in the app's own folder."""
    result = dict(document)
    for kind in ("configs", "secrets"):
        if kind in result:
            result[kind] = mapped(result[kind], place)
    result["services"] = {
        name: {**service, "env_file": mapped(service["env_file"], place)}
        if isinstance(service, dict) and "env_file" in service
        else service
        for name, service in document["services"].items()
    }
    return result
