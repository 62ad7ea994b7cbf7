"""Makes an app of what was found: its variables become the answers of a form, so that no value stands in its file."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from talome.home.adopt.inspected import Inspected
from talome.home.manifest import FormField, Part, Variable

_NOT_A_NAME: Final = re.compile(r"[^A-Za-z0-9_]")
_EVERYWHERE: Final = re.compile(
    r"(COMPOSE|DOCKER|LC|SSH|XDG)_.*|PATH|HOME|LANG|USER|LOGNAME|SHELL|TERM|PWD|OLDPWD|HOSTNAME|TZ|EDITOR|MAIL|UID"
)
"""Names that a shell has values for, which would go before those of the app's `.env`."""
_LONGEST_ANSWER: Final = 4096
_IN_FILE: Final = ("volumes", "networks", "configs", "secrets")


@dataclass(slots=True)
class Form:
    """The variables of an app's file, with the fields that ask for them and what they were found to be."""

    variables: list[Variable] = field(default_factory=list)
    fields: list[FormField] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)


def ask_for_variables(compose: Mapping[str, Any], secret: Collection[str]) -> Form:
    """Put a variable in the place of each value in the environment of the services of `compose`, which is changed.
    `secret` are the names of those that are not to be shown."""
    form = Form()
    for service, body in compose["services"].items():
        environment = body.get("environment") or {}
        for key, value in environment.items():
            if value is not None:
                environment[key] = f"${{{_variable(form, service, key, str(value).replace('$$', '$'), key in secret)}}}"
    return form


def _variable(form: Form, service: str, key: str, value: str, secret: bool) -> str:
    name = _free_name(form, service, key, value)
    if name in form.values:
        return name
    form.values[name] = value
    if len(value) > _LONGEST_ANSWER or any(character in value for character in "\r\n"):
        form.variables.append(Variable(name=name, parts=[Part(text=value)]))  # no field holds several lines
        return name
    kind = "password" if secret else "text"
    form.variables.append(Variable(name=name, parts=[Part(field=name)]))
    form.fields.append(FormField(name=name, label=key, help=f"Of “{service}”.", kind=kind, advanced=True))
    form.answers[name] = value
    return name


def _free_name(form: Form, service: str, key: str, value: str) -> str:
    """The same for the same value; and never a second meaning for a name."""
    plain = _NOT_A_NAME.sub("_", key)
    if _EVERYWHERE.fullmatch(plain) or plain[:1].isdigit():
        plain = f"APP_{plain}"
    long = f"{_NOT_A_NAME.sub('_', service).upper()}_{plain}"
    names = [plain, long, *(f"{long}_{number}" for number in range(2, 1000))]
    return next(name for name in names if form.values.get(name, value) == value)


def tidied(document: Mapping[str, Any], running: Collection[str]) -> dict[str, Any]:
    """Somebody's project as Compose resolved it, in the form of a manifest: what is only there for other occasions
    (profiles that do not run) goes, and what builds an image goes, since the image is there."""
    services = {}
    for name, body in (document.get("services") or {}).items():
        if body.get("profiles") and name not in running:
            continue
        kept = {key: value for key, value in body.items() if key not in ("build", "profiles", "develop")}
        kept = {key: value for key, value in kept.items() if not key.startswith("x-")}
        if kept.get("devices"):
            kept["devices"] = [_device(one) for one in kept["devices"]]
        services[name] = kept
    for body in services.values():
        needs = {name: how for name, how in (body.get("depends_on") or {}).items() if name in services}
        if "depends_on" in body:
            body["depends_on"] = needs
    return {"services": services, **{key: document[key] for key in _IN_FILE if document.get(key)}}


def put_in(compose: dict[str, Any], service: str, found: Inspected) -> None:
    """What runs, instead of what the file says of it; on whom it depends only the file knows."""
    needs = compose["services"].get(service, {}).get("depends_on")
    compose["services"][service] = {**found.service, **({"depends_on": needs} if needs else {})}
    for kind, definitions in (("volumes", found.volumes), ("networks", found.networks)):
        if definitions:
            compose.setdefault(kind, {}).update(definitions)


def _device(one: Any) -> str:
    if not isinstance(one, Mapping):
        return str(one)
    return f"{one['source']}:{one.get('target', one['source'])}:{one.get('permissions', 'rwm')}"
