"""The compose file of a CasaOS app: its magic values, its paths and what a person may change in it."""

import posixpath
import re
from typing import Any, Final

from talome.home.manifest import FieldKind, FormField, Part, SharedFolder, Variable
from talome.home.stores.formats.compose import escape, long_form, names_in, replace_names, unescape
from talome.home.stores.formats.found import BadManifest
from talome.home.stores.formats.secrets import is_secret_name, replace_secrets
from talome.home.stores.formats.services import free_names

DEFAULT_PASSWORD: Final = "DEFAULT_PASSWORD"  # noqa: S105 - the name of a variable
_READY: Final = {
    "APP_DATA_DIR": Part(fact="data"), "TZ": Part(fact="timezone"), "PUID": Part(fact="uid"), "PGID": Part(fact="gid"),
    "MEDIA_DIR": Part(folder="media"), "DOWNLOADS_DIR": Part(folder="downloads"), "PHOTOS_DIR": Part(folder="photos"),
    "DOCUMENTS_DIR": Part(folder="documents"), "FILES_DIR": Part(folder="files"),
    DEFAULT_PASSWORD: Part(secret=DEFAULT_PASSWORD, length=20),
}  # fmt: skip
_SHARED: Final[dict[str, SharedFolder]] = {
    "Media": "media",
    "Downloads": "downloads",
    "Gallery": "photos",
    "Documents": "documents",
}
_FIELD_NAME = re.compile(r"[A-Z][A-Z0-9_]{0,80}")
_ZONE = re.compile(r"[A-Z][A-Za-z_]+(/[A-Za-z0-9_+-]+){1,2}|UTC|GMT")
_PLAIN: Final = ("include", "volumes", "networks", "configs", "secrets")
_WIRING = re.compile(r"^WEBUI_PORT$|(^|_)(DB|DATABASE|POSTGRES\w*|MYSQL|MARIADB|MONGO\w*|REDIS)(_|$)")
"""Settings that two services of an app must agree on."""
_CHANGEABLE = re.compile(r"[^/\x00-\x1f$][^\x00-\x1f$]{0,199}")


class CasaCompose:
    """Rewrites one document; what came of it is in its attributes."""

    def __init__(self, document: dict[str, Any], app: str, port_map: str) -> None:
        self.app = app
        self.fields: dict[str, FormField] = {}
        self.warnings: list[str] = []
        self.uses_default_password = False
        self.uses_default_user = False
        self._port_map = port_map
        self._web_port = False
        self._extra: dict[str, Variable] = {}
        services = document.get("services")
        if not isinstance(services, dict):
            raise BadManifest("Its compose file has no services.")
        plain = {key: replace_names(value, self._value) for key, value in document.items() if key in _PLAIN}
        plain["services"] = {name: self._raw_service(service) for name, service in services.items()}
        self.compose = long_form(plain, project=app)
        for service in self.compose["services"].values():
            self._service(service)
        self._own_files()
        free_names(self.compose["services"])
        found = replace_secrets(self.compose, taken={*_READY, *self.fields})
        self.compose = found.compose
        self.warnings += found.warnings
        self._extra |= {variable.name: variable for variable in found.variables}

    def label(self, service: str, key: str, label: str, help: str) -> None:
        """Make a variable of the environment, which the store describes, one that a person may change."""
        environment = self.compose["services"].get(service, {}).get("environment", {})
        value = environment.get(key)
        if key in self.fields and names_in(value or "") == {key}:
            self.fields[key] = self.fields[key].model_copy(update={"label": label, "help": help})
        if not self._may_change(key, value):
            return
        self.fields[key] = FormField(
            name=key,
            label=label,
            help=help,
            kind=self._kind(key, unescape(value)),
            default=unescape(value),
            advanced=True,
        )
        environment[key] = f"${{{key}}}"

    def variables(self, web: str | None) -> list[Variable]:
        """What the document uses in the end; `web` is the main port, for `WEBUI_PORT`."""
        if self._web_port and web is None:
            number = escape(self._port_map)
            self.compose = replace_names(self.compose, lambda n, _o, _d: number if n == "WEBUI_PORT" else f"${{{n}}}")
        result = []
        used = names_in(self.compose)
        self.fields = {name: field for name, field in self.fields.items() if name in used}
        for name in sorted(used):
            if name in _READY:
                result.append(Variable(name=name, parts=[_READY[name]]))
            elif name in self._extra:
                result.append(self._extra[name])
            elif name == "WEBUI_PORT":
                result.append(Variable(name=name, parts=[Part(port=web)]))
            else:
                result.append(Variable(name=name, parts=[Part(field=name)]))
        return result

    def _raw_service(self, service: Any) -> Any:
        if not isinstance(service, dict):
            return service
        replaced = {}
        for key, value in service.items():
            if key == "x-casaos":
                continue
            known = {"ports": self._port, "volumes": self._folder}.get(key, self._value)
            replaced[key] = replace_names(value, known)
        return replaced

    def _port(self, name: str, operator: str | None, default: str) -> str | None:
        """A literal: which port of the machine it is in the end is decided where ports are leased."""
        if operator and "-" in operator and default:
            return str(replace_names(default, self._port))
        return self._port_map if name == "WEBUI_PORT" else ""

    def _folder(self, name: str, operator: str | None, default: str) -> str | None:
        if operator and "-" in operator and default:
            return str(replace_names(default, self._folder))
        new = self._value(name, operator, default)
        if name in self.fields:
            self.fields[name] = self.fields[name].model_copy(update={"kind": "folder", "required": True})
        return new

    def _value(self, name: str, operator: str | None, default: str) -> str | None:
        if name == "AppID":
            return self.app
        if name == "DefaultUserName":
            self.uses_default_user = True
            return "admin"
        if name == "DefaultPassword":
            self.uses_default_password = True
            return f"${{{DEFAULT_PASSWORD}}}"
        if name == "WEBUI_PORT":
            self._web_port = True
        elif name not in _READY:
            if not _FIELD_NAME.fullmatch(name):
                return None  # a dollar inside a password, or a placeholder of the app's own
            self._ask(name, operator or "", default)
        return f"${{{name}}}"

    def _ask(self, name: str, operator: str, default: str) -> None:
        text = unescape(str(replace_names(default, lambda _n, _o, d: d))) if "-" in operator else ""
        required = "?" in operator
        if name not in self.fields or (required and not self.fields[name].required):
            self.fields[name] = FormField(
                name=name,
                label=name.replace("_", " ").capitalize(),
                help=unescape(default)[:300] if required else "",
                kind=self._kind(name, text),
                default=text,
                required=required,
            )

    def _service(self, service: dict[str, Any]) -> None:
        for volume in service.get("volumes", []):
            if volume["type"] == "bind":
                volume["source"] = self._place(volume["source"])
        environment = service.get("environment", {})
        for key, value in environment.items():
            if value is None:
                environment[key] = self._value(key, "", "") if _FIELD_NAME.fullmatch(key) else ""
            elif (key in ("PUID", "PGID") and value.isdecimal()) or (key == "TZ" and _ZONE.fullmatch(value)):
                environment[key] = f"${{{key}}}"
            elif value in ('""', "''"):  # quotes in a list of KEY=value are part of the value, which nobody means
                environment[key] = ""

    def _own_files(self) -> None:
        """CasaOS takes nothing from a store but the compose file: what that names is the person's to put there."""
        named = [file for service in self.compose["services"].values() for file in service.get("env_file", [])]
        for file in named:
            file.update(path=self._own(file["path"]), required=False)
        for kind in ("configs", "secrets"):
            for definition in self.compose.get(kind, {}).values():
                if "file" in definition:
                    definition["file"] = self._own(definition["file"])

    def _own(self, path: str) -> str:
        if path.startswith("$"):
            return path
        place = "${APP_DATA_DIR}/" + posixpath.normpath(path)
        self.warnings.append(f"It looks for a file that its store does not bring: {path[:100]}.")
        return place

    def _place(self, source: str) -> str:
        """Where on this machine the path of a CasaOS machine is."""
        if source.startswith("${"):
            return source
        if source.startswith("~"):
            self.warnings.append(f"{source} becomes a folder of the app's own: an app has no home folder here.")
            source = "/DATA/" + source.lstrip("~/")
        elif not source.startswith("/"):
            source = f"/DATA/AppData/{self.app}/{source}"
        path = posixpath.normpath("/" + source.lstrip("/"))
        if path == "/DATA":
            self.warnings.append("It sees the shared files instead of everything that CasaOS keeps in /DATA.")
            return "${FILES_DIR}"
        _, top, *rest = path.split("/")
        if top != "DATA":
            return path
        folder, *below = rest
        if folder in _SHARED:
            return posixpath.join(f"${{{_SHARED[folder].upper()}_DIR}}", *below)
        if folder != "AppData":
            return posixpath.join("${APP_DATA_DIR}", folder, *below)
        if not below or below[0] != self.app:
            self.warnings.append(f"{path} is a folder of this app alone here, and not shared with other apps.")
            return posixpath.join("${APP_DATA_DIR}", *below)
        return posixpath.join("${APP_DATA_DIR}", *below[1:])

    def _may_change(self, key: str, value: str | None) -> bool:
        """A literal that is not wired to another service of the app."""
        if key in _READY or key in self.fields or key in self._extra or not _FIELD_NAME.fullmatch(key):
            return False
        if value is None or (value and not _CHANGEABLE.fullmatch(value)) or _WIRING.search(key) or "@" in value:
            return False
        if value in ("", "true", "false"):
            return True
        services = self.compose["services"]
        hosts = {*services, *(str(service.get("hostname")) for service in services.values())}
        values = [text for service in services.values() for text in service.get("environment", {}).values() if text]
        word = rf"(?<![\w-]){re.escape(value)}(?![\w-])"
        wired = any(re.search(rf"(?<![\w-]){re.escape(host)}(?![\w-])", value) for host in hosts)
        return not wired and sum(bool(re.search(word, text)) for text in values) == 1

    @staticmethod
    def _kind(name: str, value: str) -> FieldKind:
        if is_secret_name(name):
            return "password"
        return "boolean" if value in ("true", "false") else "text"
