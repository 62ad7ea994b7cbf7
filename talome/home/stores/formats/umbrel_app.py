"""One Umbrel app on its way to a manifest."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from talome.home.manifest import AppManifest, Part, Scaffold, Variable, Web
from talome.home.stores.formats.compose import long_form, names_in, read_yaml, replace_names
from talome.home.stores.formats.files import is_plain, read_content, scaffold
from talome.home.stores.formats.found import BadManifest
from talome.home.stores.formats.parts import Parts, as_text, text
from talome.home.stores.formats.services import (
    add_alias,
    free_names,
    on_own_network,
    publish,
    with_own_files,
    without_literals,
)
from talome.home.stores.formats.umbrel_compose import (
    Places,
    Proxy,
    Remarks,
    services_of,
    take_addresses,
    take_proxy,
)
from talome.home.stores.formats.umbrel_exports import Exports
from talome.home.stores.formats.umbrel_facts import ADDRESS, CATEGORIES, GALLERY, ROOT, SEED, for_compose
from talome.home.stores.formats.values import Values, link, mapped, words

COMPOSE: Final = "docker-compose.yml"
NOT_LAID_OUT: Final = ("umbrel-app.yml", COMPOSE, "exports.sh", "hooks")
PICTURE: Final = re.compile(r"The file [^/]+\.(?:png|jpe?g|gif|webp|svg|ico) ", re.IGNORECASE)
TEMPLATE_NAME: Final = re.compile(r"\$(?:([A-Za-z_][A-Za-z0-9_]*)|\{([A-Za-z_][A-Za-z0-9_]*)\})")
BACKUP_PATH: Final = re.compile(r"[-a-zA-Z0-9._*]+(?:/[-a-zA-Z0-9._*]+)*")
LINKED_PORT: Final = re.compile(r"(\$\{(?:DEVICE_DOMAIN_NAME|DEVICE_HOSTNAME|APP_DOMAIN)\}):(\d{2,5})(?!\d)")
OWN_FILE: Final = re.compile(r"\$\{APP_DATA_DIR\}/(.+)")
FILE_NAME: Final = re.compile(r"[^/]+\.(?:conf|cfg|ini|ya?ml|json|toml|sh|py|env|sql|xml|txt|html|properties|js|php)")
SOFT: Final = ("environment", "labels", "command", "entrypoint", "healthcheck")


@dataclass(slots=True)
class Known:
    """What is known before the compose file is read."""

    exports: Exports
    requires: list[str]
    absent: list[str]
    """Apps that are needed and that the store does not have."""
    addresses: dict[str, str] = field(default_factory=dict)
    """Fixed addresses of other apps, by address."""
    origin: dict[str, str] = field(default_factory=dict)
    """Which app's script set, or failed to set, a name."""
    problems: list[str] = field(default_factory=list)

    def learn(self, app: str, before: Exports, after: Exports, *, own: bool) -> None:
        """Take over what the script of `app` set."""
        for name, parts in after.values.items():
            if before.values.get(name) != parts:
                self.origin[name] = app
                found = ADDRESS.fullmatch(as_text(parts) or "")
                if found and not own:
                    self.addresses.setdefault(found[1], app)
        for name in after.unknown:
            self.origin.setdefault(name, app)
        self.exports = after


class App:
    """The folder of an app, and what its exports lead to."""

    def __init__(self, folder: Path, app_id: str, settings: dict[str, Any], known: Known, *, official: bool) -> None:
        self._folder = folder
        self._id = app_id
        self._settings = settings
        self._known = known
        self._official = official
        self._remarks = Remarks()
        self._version = words(settings.get("version"))
        port = settings.get("port")
        self._port = port if isinstance(port, int) and not isinstance(port, bool) and 0 < port < 65536 else None

    def manifest(self) -> AppManifest:
        """The whole app."""
        document = read_yaml(read_content(self._folder, COMPOSE) or b"", COMPOSE)
        services = services_of(document)
        document = {key: value for key, value in document.items() if not str(key).startswith("x-")}
        proxy_settings = take_proxy(services)
        door, proxy = self._door(services, proxy_settings)
        values = Values({**self._known.exports.values, **for_compose(self._id, self._version, self._leased(door))})
        hard = names_in([{k: v for k, v in service.items() if k not in SOFT} for service in services.values()])
        document = replace_names(document, values.put)
        own = take_addresses(document)
        places = Places(self._id, own, self._known.addresses, self._known.requires, self._remarks)
        self._tell_missing(values, hard)
        compose = self._long(document, places)
        self._open(compose["services"], door)
        files = self._files(compose, values, places)
        self._tell(values, proxy)
        linked = self._with_leases(compose)
        shared = [Variable(name=name, parts=[Part(folder=kind)]) for name, kind in places.folders.items()]
        variables = [*values.variables.values(), *shared, *linked]
        told = words(self._settings.get("defaultPassword"))
        found = without_literals(compose, taken={variable.name for variable in variables}, shown=told, files=files)
        compose = found.compose
        self._remarks.warnings.update(dict.fromkeys(found.warnings))
        variables += found.variables
        return AppManifest(
            **self._words(),
            web=self._web(compose["services"], door),
            variables=self._complete(variables, compose),
            scaffold=files,
            compose=compose,
            lacks=list(self._remarks.lacks),
            warnings=list(self._remarks.warnings),
        )

    def _long(self, document: dict[str, Any], places: Places) -> dict[str, Any]:
        """The long form. Where a value is missing that has no long form, what is lacking says enough."""
        try:
            return dict(mapped(long_form(with_own_files(document, places), project=self._id), places))
        except BadManifest:
            if not self._remarks.lacks:
                raise
            return {"name": self._id, "services": {}}

    def _words(self) -> dict[str, Any]:
        settings = self._settings
        pictures = settings.get("gallery")
        ignored = settings.get("backupIgnore")
        implements = settings.get("implements")
        return {
            "id": self._id,
            "folder": self._folder.name,
            "name": words(settings.get("name")) or self._id,
            "version": self._version,
            "tagline": words(settings.get("tagline")),
            "description": words(settings.get("description")),
            "category": CATEGORIES.get(words(settings.get("category")), "other"),
            "icon": self._picture("icon.svg") if self._official else self._picture(settings.get("icon")),
            "screenshots": [
                url
                for url in map(self._picture, pictures[:20] if isinstance(pictures, list) else [])
                if url is not None
            ],
            "developer": words(settings.get("developer")),
            "website": link(settings.get("website")),
            "repository": link(settings.get("repo")),
            "support": link(settings.get("support")),
            "release_notes": words(settings.get("releaseNotes")),
            "username": words(settings.get("defaultUsername")) or None,
            "password": words(settings.get("defaultPassword")) or None,
            "password_variable": "APP_PASSWORD" if settings.get("deterministicPassword") is True else None,
            "requires": self._known.requires,
            "implements": [words(name) for name in implements if words(name)] if isinstance(implements, list) else [],
            "backup_exclude": [
                words(path)
                for path in (ignored if isinstance(ignored, list) else [])
                if BACKUP_PATH.fullmatch(words(path)) and ".." not in words(path).split("/")
            ],
            "hidden": settings.get("disabled") is True,
        }

    def _picture(self, value: Any) -> str | None:
        """An https address, or a file of the app's folder; the official store keeps its pictures elsewhere."""
        name = words(value)
        if url := link(name):
            return url if url.startswith("https://") else None
        if not re.fullmatch(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}", name):
            return None
        if self._official:
            return f"{GALLERY}/{self._id}/{name}"
        return name if is_plain(self._folder, name) else None

    def _door(
        self, services: Mapping[str, dict[str, Any]], settings: dict[str, str] | None
    ) -> tuple[tuple[str, int] | None, Proxy | None]:
        """The service and port that "Open" leads to."""
        values = Values({**self._known.exports.values, **for_compose(self._id, self._version, ())})
        if settings is None:
            return self._door_without_proxy(services, values), None
        proxy = Proxy(
            host=str(replace_names(settings.get("APP_HOST", ""), values.put)),
            port=str(replace_names(settings.get("APP_PORT", ""), values.put)),
            sign_in=settings.get("PROXY_AUTH_ADD", "true").lower() != "false",
        )
        name = self._named(services, proxy.host, values)
        if name is None or not re.fullmatch(r"\d{1,5}", proxy.port):
            self._tell_missing(values, frozenset(values.missing))
            if not values.missing:
                shown = f"{proxy.host}:{proxy.port}"[:100]
                self._remarks.warn(f"It is opened at {shown}, which is none of its services: it has no page here.")
            return None, proxy
        return (name, int(proxy.port)), proxy

    def _named(self, services: Mapping[str, dict[str, Any]], host: str, values: Values) -> str | None:
        """The service that answers to `host`."""
        for name, service in services.items():
            networks = service.get("networks")
            fixed = (
                [n.get("ipv4_address") for n in networks.values() if isinstance(n, dict)]
                if isinstance(networks, dict)
                else []
            )
            addresses = {str(replace_names(words(address), values.put)) for address in fixed}
            if host in {name, f"{self._id}_{name}_1", words(service.get("container_name")), *(addresses - {""})}:
                return str(name)
        on_host = [str(name) for name, service in services.items() if service.get("network_mode") == "host"]
        if on_host and (host.startswith("${") or host in ("host.docker.internal", "10.21.0.1", "172.17.0.1")):
            return on_host[0]
        return None

    def _door_without_proxy(self, services: Mapping[str, dict[str, Any]], values: Values) -> tuple[str, int] | None:
        if self._port is None:
            return None
        for name, service in services.items():
            ports = service.get("ports")
            for port in ports if isinstance(ports, list) else []:
                published, _, target = str(replace_names(port, values.put)).removesuffix("/tcp").rpartition(":")
                if published.rpartition(":")[2] == str(self._port) and target.isdigit():
                    return str(name), int(target)
        on_host = next((str(n) for n, service in services.items() if service.get("network_mode") == "host"), None)
        return (on_host, self._port) if on_host else None

    def _leased(self, door: tuple[str, int] | None) -> Parts:
        return (Part(port=f"{door[0]}/{door[1]}/tcp"),) if door else text(str(self._port or ""))

    def _open(self, services: dict[str, Any], door: tuple[str, int] | None) -> None:
        """Names by which Umbrel's services call each other, and the port of the door."""
        free_names(services)
        for name, service in services.items():
            add_alias(service, f"{self._id}_{name}_1")
        seen: set[str] = set()
        name = door[0] if door else ""
        while name in services and name not in seen:
            seen.add(name)
            if on_own_network(services[name]):
                publish(services[name], door[1] if door else 0, str(self._port or ""))
                return
            name = str(services[name]["network_mode"]).removeprefix("service:")

    def _web(self, services: Mapping[str, Any], door: tuple[str, int] | None) -> Web | None:
        if door is None or door[0] not in services:
            return None
        path = words(self._settings.get("path"))
        return Web(service=door[0], port=door[1], path=path if path.startswith("/") else f"/{path}")

    def _with_leases(self, compose: dict[str, Any]) -> list[Variable]:
        """Links to one of its own ports follow what was leased for it."""
        leased = {
            port["published"]: f"{name}/{port['target']}/{port.get('protocol', 'tcp')}"
            for name, service in compose["services"].items()
            for port in service.get("ports", [])
            if port.get("published", "").isdigit() and port.get("protocol", "tcp") == "tcp"
        }
        variables: dict[str, Variable] = {}

        def follow(found: re.Match[str]) -> str:
            where = leased.get(found[2])
            if where is None:
                return found[0]
            name = f"PORT_{found[2]}"
            variables[name] = Variable(name=name, parts=[Part(port=where)])
            return f"{found[1]}:${{{name}}}"

        for service in compose["services"].values():
            environment = service.get("environment") or {}
            for key, value in environment.items():
                if isinstance(value, str):
                    environment[key] = LINKED_PORT.sub(follow, value)
        return list(variables.values())

    def _files(self, compose: dict[str, Any], values: Values, places: Places) -> list[Scaffold]:
        """What lies in the app's folder before its first start."""
        files, unlaid = scaffold(self._folder, skip=NOT_LAID_OUT)
        for warning in unlaid:
            if not PICTURE.match(warning):
                self._remarks.warn(warning)
        result = {}
        for file in files:
            if "/" not in file.path and file.path.endswith(".template"):
                filled = places(TEMPLATE_NAME.sub(lambda found: _filled(found[1] or found[2], values), file.text))
                result[file.path.removesuffix(".template")] = file.model_copy(
                    update={"path": file.path.removesuffix(".template"), "text": filled, "template": True}
                )
            else:
                result.setdefault(file.path, file)
        for service in compose["services"].values():
            for path in _env_files(service):
                result.setdefault(path, Scaffold(path=path))
            self._tell_files(service, result)
        return [result[path] for path in sorted(result)]

    def _tell_files(self, service: Mapping[str, Any], files: Mapping[str, Scaffold]) -> None:
        for mount in service.get("volumes", []):
            found = OWN_FILE.fullmatch(str(mount.get("source", ""))) if mount.get("type") == "bind" else None
            looks_like_one = found and FILE_NAME.fullmatch(str(mount.get("target", "")).rpartition("/")[2])
            if found and looks_like_one and found[1] not in files:
                self._remarks.warn(f"It wants the file {found[1][:100]}, which is not in the store.")

    def _tell(self, values: Values, proxy: Proxy | None) -> None:
        """Say in words what is missing and what works otherwise."""
        for name in self._known.absent:
            self._remarks.lack(f"It needs the app {name}, which its store does not have.")
        for variable in values.variables.values():
            self._tell_foreign(variable)
        self._tell_exports(values)
        self._tell_settings()
        if proxy and proxy.sign_in:
            self._remarks.warn(
                "Umbrel asks for a sign-in before it; here it is open to everybody who reaches its port."
            )
        hooks = sorted(
            path.name for path in (self._folder / "hooks").glob("*") if path.name.startswith(("pre-", "post-"))
        )
        if hooks:
            self._remarks.warn(f"Its own scripts are not run: {', '.join(hooks)[:200]}.")

    def _tell_exports(self, values: Values) -> None:
        remarks = self._remarks
        for name in values.used:
            if name in self._known.exports.uncertain:
                remarks.warn(
                    f"{name} may be another value: line {self._known.exports.uncertain[name]} of exports.sh decides."
                )
        for problem in self._known.problems:
            remarks.lack(f"What it is set to cannot be worked out: {problem}.")

    def _tell_settings(self) -> None:
        settings, remarks = self._settings, self._remarks
        if settings.get("torOnly") is True:
            remarks.lack("It is reached through Tor only, which is not here.")
        if settings.get("requiresHttps") is True:
            remarks.warn("It wants to be opened over HTTPS.")
        permissions = settings.get("permissions")
        if isinstance(permissions, list) and "GPU" in permissions:
            remarks.warn("It can use the graphics chip: give it the device /dev/dri for that.")

    def _tell_missing(self, values: Values, hard: set[str] | frozenset[str]) -> None:
        exports = self._known.exports
        for name in values.missing:
            whose = self._known.origin.get(name, self._id)
            script = "exports.sh" if whose == self._id else f"exports.sh of {whose}"
            if name in exports.unknown:
                line = exports.unknown[name]
                self._remarks.lack(f"It needs {name}, which line {line} of {script} works out with a shell.")
            elif exports.open_at is not None or self._known.absent or name in hard:
                self._remarks.lack(f"It needs a value for {name}, and nothing that can be read says which.")
            else:
                self._remarks.warn(f"Nothing sets {name}: it is empty, as in its own store.")

    def _tell_foreign(self, variable: Variable) -> None:
        for part in variable.parts:
            owner = SEED.match((part.secret or "").removeprefix("env-"))
            if owner and owner[1] != self._id:
                self._remarks.lack(f"It needs a password of the app {owner[1]}, which only that app knows.")
            if part.text and (ROOT in part.text or "10.21." in part.text):
                self._remarks.lack(f"It needs Umbrel itself: {variable.name} names a place of its system.")

    def _complete(self, variables: list[Variable], compose: dict[str, Any]) -> list[Variable]:
        """With its own folder and the password that people are shown."""
        named = {variable.name for variable in variables}
        if "APP_DATA_DIR" in names_in(compose) and "APP_DATA_DIR" not in named:
            variables = [Variable(name="APP_DATA_DIR", parts=[Part(fact="data")]), *variables]
        if self._settings.get("deterministicPassword") is True and "APP_PASSWORD" not in named:
            variables = [*variables, Variable(name="APP_PASSWORD", parts=[Part(secret="APP_PASSWORD")])]  # noqa: S106 - a name
        return variables


def _filled(name: str, values: Values) -> str:
    """A name in a template; what nothing sets is empty there."""
    return values.put(name, "", "").replace("$$", "$")


def _env_files(service: Mapping[str, Any]) -> list[str]:
    """The files of variables in the app's own folder."""
    value = service.get("env_file") or []
    items = [
        item.get("path") if isinstance(item, dict) else item for item in (value if isinstance(value, list) else [value])
    ]
    found = [OWN_FILE.fullmatch(str(item)) for item in items]
    return [match[1] for match in found if match and ".." not in match[1].split("/")]
