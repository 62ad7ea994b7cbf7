"""What the apps of a stack are told about each other: ports and variables of one, put into the answers of another."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from talome.core.errors import Invalid
from talome.home.apps.models import AppPort
from talome.home.apps.service import Inside
from talome.home.manifest import STACK_PLACEHOLDER, AppManifest, Part, Variable

NOT_YET: Final = "known-when-installed"
_HIDDEN: Final = "kept secret"


@dataclass(frozen=True, slots=True)
class Known:
    """Of one app, what others may be told. A variable is None while only the installation can tell it."""

    name: str
    ports: Mapping[str, int]
    variables: Mapping[str, str | None] = field(repr=False)
    secret: frozenset[str] = frozenset()


def known_inside(manifest: AppManifest, inside: Inside) -> Known:
    return Known(manifest.name, inside.ports, dict(inside.variables), _secret_names(manifest))


def known_planned(manifest: AppManifest, ports: list[AppPort], answers: Mapping[str, str]) -> Known:
    variables = {variable.name: _foreseen(variable, manifest, answers) for variable in manifest.variables}
    return Known(manifest.name, {port.key: port.port for port in ports}, variables, _secret_names(manifest))


def filled(text: str, known: Mapping[str, Known]) -> str:
    """The text with what is known; raises `Invalid` for a port or a variable that an app does not have."""
    return STACK_PLACEHOLDER.sub(lambda found: _value(known, found[1], found[2]), text)


def shown(text: str, known: Mapping[str, Known]) -> str:
    """The same for a person to read, without secrets."""

    def told(found: re.Match[str]) -> str:
        one = known.get(found[1])
        return _HIDDEN if one is None or found[2] in one.secret else _value(known, found[1], found[2])

    return STACK_PLACEHOLDER.sub(told, text).replace(NOT_YET, "…")


def sources(texts: Mapping[str, str]) -> set[str]:
    """The apps that these texts are about."""
    return {found[0] for text in texts.values() for found in STACK_PLACEHOLDER.findall(text)}


def _value(known: Mapping[str, Known], app: str, what: str) -> str:
    one = known.get(app)
    if one is None:
        raise Invalid(f"It is told about “{app}”, which is not installed and cannot be as it stands.")
    if what.isdecimal():
        found = [port for key, port in one.ports.items() if key.endswith(f"/{what}/tcp")]
        if not found:
            raise Invalid(f"{one.name} has no port {what}.")
        return str(found[0])
    if what not in one.variables:
        raise Invalid(f"{one.name} has nothing by the name {what}.")
    value = one.variables[what]
    return NOT_YET if value is None else value


def _secret_names(manifest: AppManifest) -> frozenset[str]:
    passwords = {one.name for one in manifest.fields if one.kind == "password"}
    return _named(manifest, lambda part: part.secret is not None or part.field in passwords)


def _named(manifest: AppManifest, fits: Callable[[Part], bool]) -> frozenset[str]:
    return frozenset(one.name for one in manifest.variables if any(fits(part) for part in one.parts))


def _foreseen(variable: Variable, manifest: AppManifest, answers: Mapping[str, str]) -> str | None:
    defaults = {one.name: one.default for one in manifest.fields}
    texts = [
        part.text
        if part.text is not None
        else answers.get(part.field, defaults.get(part.field))
        if part.field
        else None
        for part in variable.parts
    ]
    return None if None in texts else "".join(text or "" for text in texts)
