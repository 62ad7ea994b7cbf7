"""From an app's manifest and a person's answers to a Compose file and its `.env`, which run without Talome."""

import base64
import binascii
import copy
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from talome.core.errors import Invalid
from talome.home.apps.answers import check_answer
from talome.home.apps.known_ports import has_meaning
from talome.home.apps.overrides import Origin, Overrides, apply
from talome.home.apps.ports import PortWish
from talome.home.containers.models import LABEL_SECRETS
from talome.home.manifest import AppManifest, Part, Variable
from talome.home.plain_yaml import plain_yaml

DATA: Final = "./data"
"""The app's own folder as the Compose file names it: relative, so that the folder may be moved as a whole."""
LABEL_APP: Final = "talome.app"
LABEL_REVISION: Final = "talome.revision"
_VARIABLE: Final = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_NOT_A_NAME: Final = re.compile(r"[^a-zA-Z0-9]+")
_HEADER: Final = "# {name} {version}, from {store}. Written by Talome; runs without it: docker compose up -d\n"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a rendering needs to know of the house. `facts` are by the names of `manifest.Fact`, `folders` by those of
    `manifest.SharedFolder` (absolute paths), `ports` are leased host ports by `service/target/protocol`, `secret` gives
    32 bytes for the name of a secret."""

    app_id: str
    store: str
    revision: int
    facts: Mapping[str, str]
    folders: Mapping[str, str]
    ports: Mapping[str, int]
    secret: Callable[[str], bytes]
    overrides: Overrides = field(default_factory=Overrides)
    origin: Origin | None = None


@dataclass(frozen=True, slots=True)
class PulledImage:
    """An image that is on this machine: its name with the digest, and the folders it declares as volumes."""

    pinned: str
    volumes: Sequence[str]


@dataclass(frozen=True, slots=True)
class Rendered:
    """Texts of the files by their path below the app's folder; `.env` and `values` hold secrets."""

    compose: dict[str, Any]
    values: dict[str, str]
    files: dict[str, str]


def keyed_ports(service: str, body: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The ports of a service with the names of their leases: `web/8080/tcp`, and where the same one is published again
    `web/8080/tcp#2`."""
    seen: Counter[str] = Counter()
    for port in body.get("ports") or []:
        key = f"{service}/{port['target']}/{port.get('protocol') or 'tcp'}"
        seen[key] += 1
        yield (key if seen[key] == 1 else f"{key}#{seen[key]}"), port


def port_wishes(manifest: AppManifest) -> list[PortWish]:
    """The host ports that the app would like to have, in the order of its file. Its own page may be anywhere, and so
    may what the file leaves open."""
    defaults = {field.name: field.default for field in manifest.fields}
    variables = {variable.name: variable for variable in manifest.variables}
    wishes = []
    for service, body in manifest.compose.get("services", {}).items():
        for key, port in keyed_ports(service, body):
            published, protocol = str(port.get("published") or ""), port.get("protocol") or "tcp"
            number = _wished(published, variables, defaults) or int(port["target"])
            door = manifest.web is not None and key == f"{manifest.web.service}/{manifest.web.port}/tcp"
            movable = door or published.startswith("${") or not has_meaning(number, protocol)
            wishes.append(PortWish(key=key, port=number, protocol=protocol, movable=movable))
    return wishes


def _wished(published: str, variables: Mapping[str, Variable], defaults: Mapping[str, str]) -> int | None:
    if published.startswith("${") and (variable := variables.get(published[2:-1])) is not None:
        texts = [part.text if part.text is not None else defaults.get(part.field or "", "") for part in variable.parts]
        published = "".join(texts)
    return int(published) if published.isdecimal() and 0 < int(published) < 65536 else None


def render(
    manifest: AppManifest, answers: Mapping[str, str], house: Surroundings, images: Mapping[str, PulledImage]
) -> Rendered:
    """Raises `Invalid` naming the answer that is missing or wrong. `images` are by the manifest's names of them."""
    values = variable_values(manifest, answers, house)
    compose = {"name": house.app_id, **copy.deepcopy(manifest.compose)}
    for name, keys in manifest.by_architecture.get(house.facts.get("architecture", ""), {}).items():
        compose["services"][name].update(copy.deepcopy(keys))
    if house.origin is None or not house.origin.as_found:
        _make_ours(compose, house, images)
        _name_secrets(compose, manifest)
    header = _HEADER.format(name=_line(manifest.name), version=_line(manifest.version), store=house.store)
    files = {
        "compose.yml": header + plain_yaml(compose),
        ".env": "".join(f"{name}={quoted(value)}\n" for name, value in sorted(values.items())),
    }
    for scaffold in manifest.scaffold:
        text = _filled(scaffold.text, values) if scaffold.template else scaffold.text
        files[f"data/{scaffold.path}"] = text
    return Rendered(compose, values, files)


def _make_ours(compose: dict[str, Any], house: Surroundings, images: Mapping[str, PulledImage]) -> None:
    """All that Talome settles in an app's file."""
    apply(compose, house.overrides)
    once = _run_once(compose)
    for name, body in compose.get("services", {}).items():
        _settle(name, body, house)
        if house.origin is None:  # what ran before goes on as its owner had it
            body.setdefault("restart", "no" if name in once else "unless-stopped")
        _keep_anonymous(body, compose, house.origin.anonymous.get(name, {}) if house.origin else {})
        if (image := images.get(str(body.get("image")))) is not None:
            body["image"] = image.pinned
            _keep_volumes(name, body, compose, image.volumes)


def _name_secrets(compose: dict[str, Any], manifest: AppManifest) -> None:
    """Whoever shows the containers learns by a label which variables hold secrets, whatever they are called."""
    asked = {field.name for field in manifest.fields if field.kind == "password"}
    secret = [
        f"${{{variable.name}}}"
        for variable in manifest.variables
        if any(part.secret is not None or part.field in asked for part in variable.parts)
    ]
    for body in compose.get("services", {}).values():
        environment = body.get("environment") or {}
        if names := sorted(name for name, value in environment.items() if any(one in str(value) for one in secret)):
            body["labels"][LABEL_SECRETS] = ",".join(names)


def variable_values(manifest: AppManifest, answers: Mapping[str, str], house: Surroundings) -> dict[str, str]:
    """Every variable's value."""
    fields = {field.name: field for field in manifest.fields}
    if unknown := sorted(answers.keys() - fields.keys()):
        raise Invalid(f"{manifest.name} asks nothing by the name “{unknown[0]}”.", field=unknown[0])
    given = {name: check_answer(field, answers.get(name)) for name, field in fields.items()}
    return {
        variable.name: "".join(_part_value(part, given, house) for part in variable.parts)
        for variable in manifest.variables
    }


def secret_values(manifest: AppManifest, answers: Mapping[str, str], house: Surroundings) -> set[str]:
    """What was made up for the app or answered as a password."""
    fields = {field.name: field for field in manifest.fields}
    given = {name: check_answer(field, answers.get(name)) for name, field in fields.items() if field.kind == "password"}
    parts = (part for variable in manifest.variables for part in variable.parts if part.secret is not None)
    return {value for value in (*given.values(), *(_part_value(part, {}, house) for part in parts)) if value}


def _part_value(part: Part, given: Mapping[str, str], house: Surroundings) -> str:
    if part.text is not None:
        return part.text
    if part.field is not None:
        return given.get(part.field, "")
    if part.secret is not None:
        return _secret_text(house.secret(part.secret), part)
    if part.port is not None:
        return str(house.ports.get(part.port, ""))
    if part.folder is not None:
        return house.folders[part.folder]
    if part.fact == "data":
        return DATA
    if part.fact == "app_id":
        return house.app_id
    return house.facts.get(part.fact or "", "")


def _secret_text(secret: bytes, part: Part) -> str:
    if part.encoding == "base64":
        return base64.b64encode(secret[: part.length or 32]).decode()
    return binascii.hexlify(secret).decode()[: part.length or 64]


def _settle(name: str, body: dict[str, Any], house: Surroundings) -> None:
    """What Talome sets in every service: leased ports, labels, and no name that another container may have."""
    for key, port in keyed_ports(name, body):
        port["published"] = str(house.ports[key])
    body["labels"] = {**(body.get("labels") or {}), LABEL_APP: house.app_id, LABEL_REVISION: str(house.revision)}
    if house.origin is not None:
        return  # its people and their scripts know its containers by their names
    known_as = body.pop("container_name", None)
    if known_as and "network_mode" not in body:
        networks = body.setdefault("networks", {"default": None})
        for network, options in networks.items():
            aliases: Sequence[str] = (options or {}).get("aliases") or []
            networks[network] = {**(options or {}), "aliases": sorted({*aliases, known_as})}


def _run_once(compose: Mapping[str, Any]) -> set[str]:
    """Services that others wait for until they have ended, such as migrations."""
    return {
        name
        for body in compose.get("services", {}).values()
        for name, how in (body.get("depends_on") or {}).items()
        if (how or {}).get("condition") == "service_completed_successfully"
    }


def _keep_anonymous(body: dict[str, Any], compose: dict[str, Any], found: Mapping[str, str]) -> None:
    """Anonymous volumes of before Talome had the app are mounted by their names from now on."""
    mounted = {str(volume["target"]).rstrip("/") for volume in body.get("volumes") or []}
    for target, volume in found.items():
        if target.rstrip("/") not in mounted:
            body.setdefault("volumes", []).append({"type": "volume", "source": volume, "target": target})
            compose.setdefault("volumes", {})[volume] = {"name": volume, "external": True}


def _keep_volumes(name: str, body: dict[str, Any], compose: dict[str, Any], paths: Sequence[str]) -> None:
    """What an image declares as a volume and the app mounts nothing on would be an anonymous one, which every new
    container leaves behind. It gets a name, so that updates, copies and backups know it."""
    mounted = {str(volume["target"]).rstrip("/") for volume in body.get("volumes") or []}
    mounted |= {str(path).rstrip("/") for path in body.get("tmpfs") or []}
    for path in paths:
        if path.rstrip("/") not in mounted:
            volume = f"{name}{_NOT_A_NAME.sub('-', path)}".strip("-")
            body.setdefault("volumes", []).append({"type": "volume", "source": volume, "target": path})
            compose.setdefault("volumes", {}).setdefault(volume, None)


def quoted(value: str) -> str:
    """A value for `.env`, so that Compose reads exactly it. Raises `Invalid` for what no line can hold."""
    if "\0" in value:
        raise Invalid("A value may not hold the character zero.")
    # Compose takes a backslash before the closing one for an escape.
    if not any(character in value for character in "'\\\r\n"):
        return f"'{value}'"
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("$", "\\$")
    escaped = escaped.replace("\n", "\\n").replace("\r", "\\r")
    return f'"{escaped}"'


def _line(text: str) -> str:
    """A store's text as part of a comment."""
    return " ".join("".join(character if character.isprintable() else " " for character in text).split())


def _filled(text: str, values: Mapping[str, str]) -> str:
    """In one pass, so that an answer which looks like a variable stays what it is."""
    return _VARIABLE.sub(lambda found: values.get(found[1], found[0]), text)
