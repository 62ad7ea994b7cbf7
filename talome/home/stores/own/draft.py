"""From a Compose file that somebody pasted to an app in Talome's format, as far as that can be told without them."""

import re
import unicodedata
from dataclasses import dataclass, field
from typing import Any, Final

from talome.home.plain_yaml import plain_yaml
from talome.home.stores.formats.compose import read_yaml, replace_names
from talome.home.stores.formats.found import BadManifest
from talome.home.stores.formats.talome import READY

_SECRET: Final = re.compile(r"PASS|SECRET|TOKEN|(^|_)KEY(_|$)|CREDENTIAL")
_RELATIVE: Final = re.compile(r"\.{1,2}(/|$)")
_LITERAL: Final = ("image", "ports", "volumes", "devices", "container_name", "hostname")
"""Where a variable of the file becomes its default at once: a form that asks for them would help nobody."""


@dataclass
class _Making:
    fields: dict[str, dict[str, Any]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def make_draft(text: str, id: str | None, name: str | None) -> tuple[str, str, str, list[str]]:
    """The id, `app.yml`, `compose.yml` and what was changed or left out. Raises `BadManifest`."""
    document = read_yaml(text.encode(), "compose.yml")
    services = document.get("services") if isinstance(document, dict) else None
    if not isinstance(services, dict) or not services or not all(isinstance(one, dict) for one in services.values()):
        raise BadManifest("compose.yml has no services. Paste a whole Compose file.")
    making = _Making()
    found = {str(key): _service(str(key), body, making) for key, body in services.items()}
    app = id or _slug(str(name or document.get("name") or next(iter(found))))
    compose: dict[str, Any] = {"services": found}
    for key in ("volumes", "networks", "configs", "secrets"):
        if document.get(key):
            compose[key] = replace_names(document[key], _default_of)
    return app, plain_yaml(_told(app, name, found, making)), plain_yaml(compose), making.notes


def _service(name: str, body: dict[str, Any], making: _Making) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key, value in body.items():
        if key == "container_name":
            continue  # Talome gives the containers their names, and the others find them by the service's
        if key == "env_file":
            making.notes.append(f"{name}: env_file is left out. Put its lines below “environment”.")
        elif key in _LITERAL:
            result[key] = replace_names(value, _default_of)
        else:
            result[str(key)] = replace_names(value, lambda *used: _variable(*used, making=making))
    if isinstance(result.get("volumes"), list):
        result["volumes"] = [_volume(name, one, making) for one in result["volumes"]]
    image = str(result.get("image", ""))
    if ":" not in image.rpartition("/")[2].partition("@")[0] or image.endswith(":latest"):
        making.notes.append(f"{name}: write the version that you want behind the image, such as :1.2.3.")
    return result


def _default_of(name: str, operator: str | None, default: str) -> str | None:
    return f"${{{name}}}" if name in READY else default if operator in ("-", ":-") else ""


def _variable(name: str, operator: str | None, default: str, *, making: _Making) -> str:
    plain = name.upper()
    if plain not in READY:
        value = default if operator in ("-", ":-") else ""
        secret = bool(_SECRET.search(plain))
        asked: dict[str, Any] = {"name": plain.lower(), "label": plain.replace("_", " ").capitalize()}
        asked |= {"kind": "password"} if secret else {}
        asked |= {"default": value} if value and not secret else {"required": True}
        making.fields.setdefault(plain, asked)
    return f"${{{plain}}}"


def _volume(name: str, volume: Any, making: _Making) -> Any:
    if isinstance(volume, str):
        source, separator, rest = volume.partition(":")
        return f"{_source(name, source, making)}{separator}{rest}" if separator else volume
    if isinstance(volume, dict) and isinstance(volume.get("source"), str):
        return {**volume, "source": _source(name, volume["source"], making)}
    return volume


def _source(name: str, source: str, making: _Making) -> str:
    if source.startswith("~"):
        making.notes.append(
            f"{name}: the folder {source[:80]} is in somebody's home. Write a folder from / on instead."
        )
        return source
    if not _RELATIVE.match(source):
        return source
    below = "/".join(part for part in source.split("/") if part not in ("", ".", ".."))
    return f"${{APP_DATA_DIR}}/{below or 'files'}"


def _told(app: str, name: str | None, services: dict[str, Any], making: _Making) -> dict[str, Any]:
    first = next(iter(services.values()))
    tag = str(first.get("image", "")).partition("@")[0].rpartition("/")[2].partition(":")[2]
    told: dict[str, Any] = {
        "id": app, "name": name or app.replace("-", " ").capitalize(), "version": tag.removeprefix("v") or "1.0",
        "tagline": "An app of our own", "description": "What it is for, in your own words.", "category": "other",
    }  # fmt: skip
    if web := _web(services):
        told["web"] = web
    if making.fields:
        told["fields"] = list(making.fields.values())
        told["variables"] = [
            {"name": variable, "parts": [{"field": asked["name"]}]} for variable, asked in making.fields.items()
        ]
    return told


def _web(services: dict[str, Any]) -> dict[str, Any] | None:
    """The first TCP port that is published; a person corrects it where it is another one."""
    for name, body in services.items():
        ports = body.get("ports")
        for port in ports if isinstance(ports, list) else ():
            target = port.get("target") if isinstance(port, dict) else str(port).rpartition(":")[2]
            if str(target).removesuffix("/tcp").isdecimal():
                return {"service": name, "port": int(str(target).removesuffix("/tcp")), "path": "/"}
    return None


def _slug(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60].strip("-") or "my-app"
