"""Literal passwords and keys that a store gives to everybody who installs an app.

Where the same literal stands on both sides (a database and what signs in to it), one derived secret takes its place.
Where it stands alone it is left, because the app may know it from elsewhere too, and a warning tells of it.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from talome.home.manifest import Part, Variable
from talome.home.stores.formats.compose import names_in

_WORD = re.compile(
    r"(^|_|-)(PASS|PASSWD|PASSWORD|PASSPHRASE|PWD|SECRET|SECRETS|TOKEN|SALT|APIKEY|ROOTPASS|"
    r"(API|APP|AUTH|ENCRYPTION|ENCRYPT|JWT|MASTER|PRIVATE|SECRET|SIGNING|SESSION|ACCESS|STORAGE)_?KEYS?(_BASE)?)(_|-|$)"
)
_GLUED = re.compile(r"(PASSWORD|SECRET|PASSWD)$")
_OTHERWISE = re.compile(
    r"(FILE|PATH|DIR|URL|URI|ENABLED?|DISABLED?|ALLOW|REQUIRED?|LENGTH|MIN|MAX|EXPIR\w*|TTL|TIMEOUT|LIFETIME|DAYS|HOURS|"
    r"MINUTES|SECONDS|ROUNDS|COST|ALGORITHM|ALGO|TYPE|ISSUER|AUDIENCE|HEADER|NAME|USER|ID|RESET|LOGIN|AGE)$"
)
_NO_SECRET: Final = {"", "true", "false", "yes", "no", "none", "null", "0", "1", "on", "off"}
_REPLACEABLE = re.compile(r"[A-Za-z0-9._~!@#%^&*+=,-]{1,200}")
_FLAG = re.compile(r"(^|\s)(--(requirepass|password|pass|auth)[= ]|-a |-p ?)[\"']?$")
_NAMING = re.compile(r"(^|\s)(--(user|username|dbname|database)[= ]|-[UuDdhH] ?)[\"']?$")
"""Where the same word is the name of a user, a database or a host."""
_SHORTEST: Final = 16
_LENGTH: Final = 32


@dataclass(slots=True)
class SecretsFound:
    """What `replace_secrets` made of a compose document."""

    compose: dict[str, Any]
    variables: list[Variable] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def is_secret_name(name: str) -> bool:
    """Whether a variable of this name usually holds a password or a key."""
    upper = name.upper()
    return bool(_WORD.search(upper) or _GLUED.search(upper)) and not _OTHERWISE.search(upper)


def replace_secrets(compose: dict[str, Any], *, taken: set[str]) -> SecretsFound:
    """Of a document in its long form. `taken` are names of variables that it has already."""
    found = SecretsFound({**compose, "services": dict(compose["services"])})
    for literal, places in _literals(compose).items():
        services = {service for service, _ in places}
        if len(services) > 1 and _REPLACEABLE.fullmatch(literal) and not _stands_elsewhere(compose, literal):
            name = _free(f"SECRET_{_capital(places[0][1])}", taken)
            taken.add(name)
            length = min(max(len(literal), _SHORTEST), 64) if len(literal) >= _SHORTEST else _LENGTH
            found.variables.append(Variable(name=name, parts=[Part(secret=name, length=length)]))
            replaced = {key: _replaced(each, literal, name) for key, each in found.compose["services"].items()}
            found.compose["services"] = replaced
        else:
            told = ", ".join(sorted({key for _, key in places})[:4])
            found.warnings.append(f"Everybody who installs this app gets the same {told}: change it after the start.")
    return found


def _literals(compose: dict[str, Any]) -> dict[str, list[tuple[str, str]]]:
    """Each literal secret with the services and keys where it stands, in addresses with a password in them too."""
    places: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for service, key, value in _environment(compose):
        if is_secret_name(key) and _is_literal(value):
            places[value].append((service, key))
    for literal, known in places.items():
        addresses = [(s, k) for s, k, v in _environment(compose) if not is_secret_name(k) and f":{literal}@" in v]
        known.extend(addresses)
    return places


def _environment(compose: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    for name, service in compose["services"].items():
        for key, value in service.get("environment", {}).items():
            if value is not None:
                yield name, key, value


def _is_literal(value: str) -> bool:
    plain = value.strip().lower()
    return (
        plain not in _NO_SECRET
        and not plain.isdecimal()
        and not names_in(value)
        and not plain.startswith(("/", "http"))
    )


def _stands_elsewhere(compose: dict[str, Any], literal: str) -> bool:
    """In a command or a health check, where it cannot be told what it means."""
    for service in compose["services"].values():
        for text in _command_texts(service):
            for match in re.finditer(re.escape(literal), text):
                before = text[: match.start()][-40:]
                inside = bool(re.search(r"[\w-]$", before) or re.match(r"[\w-]", text[match.end() :][:1]))
                if not (inside and not before.endswith("-p")) and not (_FLAG.search(before) or _NAMING.search(before)):
                    return True
    return False


def _command_texts(service: dict[str, Any]) -> Iterator[str]:
    for value in (service.get("command"), service.get("entrypoint"), service.get("healthcheck", {}).get("test")):
        yield " ".join(map(str, value)) if isinstance(value, list) else str(value or "")


def _replaced(service: dict[str, Any], literal: str, name: str) -> dict[str, Any]:
    variable = f"${{{name}}}"
    result = dict(service)
    if "environment" in service:
        result["environment"] = {
            key: variable
            if is_secret_name(key) and value == literal
            else value and value.replace(f":{literal}@", f":{variable}@")
            for key, value in service["environment"].items()
        }
    for key in ("command", "entrypoint"):
        if key in service:
            result[key] = _in_command(service[key], literal, variable)
    if "test" in service.get("healthcheck", {}):
        test = _in_command(service["healthcheck"]["test"], literal, variable)
        result["healthcheck"] = {**service["healthcheck"], "test": test}
    return result


def _in_command(value: Any, literal: str, variable: str) -> Any:
    """With the variable behind each flag that takes a password."""
    if isinstance(value, list):
        texts = []
        for position, item in enumerate(value):
            before = f"{value[position - 1]} " if position else ""
            texts.append(variable if item == literal and _FLAG.search(before) else _in_command(item, literal, variable))
        return texts
    if not isinstance(value, str):
        return value
    result, position = "", 0
    for match in re.finditer(re.escape(literal), value):
        whole = not re.match(r"[\w-]", value[match.end() :][:1])
        new = variable if whole and _FLAG.search(value[: match.start()]) else literal
        result, position = result + value[position : match.start()] + new, match.end()
    return result + value[position:]


def _capital(key: str) -> str:
    return re.sub(r"\W", "_", key.upper())[:60]


def _free(name: str, taken: set[str]) -> str:
    number = 2
    candidate = name
    while candidate in taken:
        candidate, number = f"{name}_{number}", number + 1
    return candidate
