"""Runtipi: `apps/<id>/config.json`, a compose file in one of three dialects, and what lies in `data/`."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NoReturn

from pydantic import ValidationError

from talome.home.manifest import APP_ID, AppManifest, Category, Part, SharedFolder, Variable, Web
from talome.home.stores.formats.compose import long_form, names_in, read_yaml, replace_names
from talome.home.stores.formats.files import folders, has, is_plain, read_content, read_words, scaffold
from talome.home.stores.formats.found import BadApp, BadManifest, StoreSource
from talome.home.stores.formats.parts import Parts, text
from talome.home.stores.formats.runtipi_compose import Reading, read_dialect
from talome.home.stores.formats.runtipi_form import read_form, with_defaults
from talome.home.stores.formats.services import free_names, on_own_network, publish, with_own_files, without_literals
from talome.home.stores.formats.values import Values, link, mapped, sentence, words

DEEPEST: Final = 60
ROOT: Final = "/__runtipi__"
IN_ROOT: Final = re.compile(ROOT + r"(/[^:\s\"']*)?")
PRIVATE_LABELS: Final = ("traefik.", "runtipi.")
SOFT: Final = ("environment", "labels", "command", "entrypoint", "healthcheck")
ARCHITECTURES: Final = ("amd64", "arm64")
CATEGORIES: Final[dict[str, Category]] = {
    "network": "network",
    "media": "media",
    "development": "developer",
    "automation": "automation",
    "social": "social",
    "utilities": "other",
    "photography": "photos",
    "security": "security",
    "books": "books",
    "data": "files",
    "music": "media",
    "finance": "finance",
    "gaming": "games",
    "ai": "ai",
}


def read(folder: Path, source: StoreSource) -> Iterator[AppManifest | BadApp]:
    """Every app of the store, or why it cannot be read."""
    root = folder / "apps" if has(folder, "apps") else folder
    for app in folders(root):
        if not has(app, "config.json"):
            continue
        path = app.relative_to(folder).as_posix()
        try:
            yield _App(app, path, source).manifest()
        except BadManifest as error:
            yield BadApp(path, sentence(error))
        except ValidationError as error:
            first = error.errors()[0]
            yield BadApp(path, sentence(f"{'.'.join(map(str, first['loc']))}: {first['msg']}"))
        except Exception as error:  # whatever one app makes of us, the others must still be read
            yield BadApp(path, f"It has a form that nobody thought of ({type(error).__name__}).")


def read_json(content: bytes, what: str) -> Any:
    """JSON within limits of depth."""
    try:
        document = json.loads(content.decode(), parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise BadManifest(f"{what} is not JSON: {str(error)[:100]}") from None
    level = [document]
    for _ in range(DEEPEST):
        level = [
            child
            for value in level
            if isinstance(value, dict | list)
            for child in (value.values() if isinstance(value, dict) else value)
        ]
        if not level:
            return document
    raise BadManifest(f"{what} is nested too deeply")


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number")


class _App:
    """One app folder on its way to a manifest."""

    def __init__(self, folder: Path, path: str, source: StoreSource) -> None:
        self._folder = folder
        self._path = path
        self._source = source
        self._config = self._read_config()
        self._id = words(self._config.get("id"))
        if not re.fullmatch(APP_ID, self._id):
            raise BadManifest(f"its id {self._id[:80]!r} is not one that an app can have")
        if self._id != folder.name:
            raise BadManifest(f"its folder is called {folder.name[:80]}, but its id is {self._id}")
        port = self._config.get("port")
        self._port = port if isinstance(port, int) and not isinstance(port, bool) and 0 < port < 65536 else None
        self._lacks: dict[str, None] = {}
        self._warnings: dict[str, None] = {}
        self._folders: dict[str, SharedFolder] = {}

    def _read_config(self) -> dict[str, Any]:
        content = read_content(self._folder, "config.json")
        config = read_json(content or b"", "config.json")
        if not isinstance(config, dict):
            raise BadManifest("config.json is not an object")
        return config

    def manifest(self) -> AppManifest:
        """The whole app."""
        fields, form = read_form(self._config.get("form_fields"))
        reading = self._reading()
        self._warnings.update(dict.fromkeys(reading.warnings))
        values = Values({**self._known(reading), **form})
        compose = self._compose(reading, reading.document, values)
        by_architecture = {
            architecture: self._changed(reading, services, values, compose)
            for architecture, services in reading.overrides.items()
            if architecture in ARCHITECTURES
        }
        files, unlaid = scaffold(self._folder, below="data")
        self._warnings.update(dict.fromkeys(unlaid))
        self._tell()
        shared = [Variable(name=name, parts=[Part(folder=kind)]) for name, kind in self._folders.items()]
        if "APP_DATA_DIR" in names_in(compose):
            shared.append(Variable(name="APP_DATA_DIR", parts=[Part(fact="data")]))
        found = without_literals(compose, taken={*values.variables, *(v.name for v in shared)}, shown="", files=files)
        self._warnings.update(dict.fromkeys(found.warnings))
        return AppManifest(
            **self._words(),
            web=self._web(reading, found.compose),
            fields=with_defaults((field for field in fields if field.name in values.used), values.defaults),
            variables=[*values.variables.values(), *shared, *found.variables],
            scaffold=files,
            compose=found.compose,
            by_architecture={name: changed for name, changed in by_architecture.items() if changed},
            lacks=list(self._lacks),
            warnings=list(self._warnings),
        )

    def _words(self) -> dict[str, Any]:
        config = self._config
        supported = config.get("supported_architectures")
        uid, gid = config.get("uid"), config.get("gid")
        return {
            "id": self._id,
            "folder": self._path,
            "name": words(config.get("name")) or self._id,
            "version": words(config.get("version")) or words(config.get("tipi_version")),
            "tagline": words(config.get("short_desc")),
            "description": read_words(self._folder, "metadata/description.md") or words(config.get("description")),
            "category": _category(config.get("categories")),
            "icon": "metadata/logo.jpg" if is_plain(self._folder, "metadata/logo.jpg") else None,
            "developer": words(config.get("author")),
            "website": link(config.get("website")),
            "repository": link(config.get("source")),
            "architectures": [a for a in supported if isinstance(a, str)] if isinstance(supported, list) else [],
            "hidden": config.get("available") is False,
            "uid": uid if isinstance(uid, int) and 0 <= uid < 2**31 else None,
            "gid": gid if isinstance(gid, int) and 0 <= gid < 2**31 else None,
        }

    def _reading(self) -> Reading:
        """The compose file: the dynamic one if there is one, else YAML."""
        content = read_content(self._folder, "docker-compose.json")
        if content is not None:
            reading = read_dialect(read_json(content, "docker-compose.json"), dynamic=True)
        else:
            content = read_content(self._folder, "docker-compose.yml")
            if content is None:
                raise BadManifest("it has neither docker-compose.json nor docker-compose.yml")
            reading = read_dialect(read_yaml(content, "docker-compose.yml"), dynamic=False)
        port = words(reading.port)
        reading.port = int(port) if re.fullmatch(r"\d{1,5}", port) else None
        return reading

    def _known(self, reading: Reading) -> dict[str, Parts]:
        """What Runtipi gives every app."""
        service = reading.document.get("services", {}).get(reading.main) or {}
        leased = reading.main and reading.port and "network_mode" not in service
        port = (Part(port=f"{reading.main}/{reading.port}/tcp"),) if leased else text(str(self._port or ""))
        colon = (Part(text=":"),) if port else ()
        return {
            "APP_ID": (Part(fact="app_id"),),
            "RUNTIPI_APP_ID": (Part(fact="app_id"),),
            "APP_NAME": text(self._id),
            "APP_STORE_ID": text(self._source.store_id),
            "APP_URN": text(f"{self._id}:{self._source.store_id}"),
            "APP_DATA_DIR": text(f"{ROOT}/own"),
            "ROOT_FOLDER_HOST": text(ROOT),
            "APP_PORT": port,
            "APP_HOST": (Part(fact="address"),),
            "APP_DOMAIN": (Part(fact="address"), *colon, *port),
            "APP_LOCAL_DOMAIN": (Part(fact="domain"), *colon, *port),
            "APP_PROTOCOL": text("http"),
            "APP_EXPOSED": text("false"),
            "LOCAL_DOMAIN": (Part(fact="domain"),),
            "INTERNAL_IP": (Part(fact="address"),),
            "NETWORK_INTERFACE": text("0.0.0.0"),  # noqa: S104 - written into the app's file as Runtipi does, bound by nobody here
            "DNS_IP": (Part(fact="dns"),),
            "TZ": (Part(fact="timezone"),),
            "TIPI_UID": (Part(fact="uid"),),
            "TIPI_GID": (Part(fact="gid"),),
        }

    def _compose(self, reading: Reading, document: dict[str, Any], values: Values) -> dict[str, Any]:
        """The document in its long form, with values in the place of names, and the door published."""
        document = self._without_labels(document)
        document = mapped(document, lambda value: value.replace("{{RUNTIPI_APP_ID}}", "${RUNTIPI_APP_ID}"))
        document = self._with_wishes(document)
        document = with_own_files(replace_names(document, values.put), self._rooted)
        self._tell_missing(reading, values)
        try:
            compose: dict[str, Any] = mapped(long_form(document, project=self._id), self._rooted)
        except BadManifest:
            if not self._lacks:
                raise
            return {"name": self._id, "services": {}}
        free_names(compose["services"])
        door = compose["services"].get(reading.main)
        if door is not None and isinstance(reading.port, int) and (self._port or not self._no_gui):
            publish(door, reading.port, str(self._port or ""))
        return compose

    @property
    def _no_gui(self) -> bool:
        return self._config.get("no_gui") is True

    def _without_labels(self, document: dict[str, Any]) -> dict[str, Any]:
        """The document without what only Runtipi's own proxy reads."""
        services = {name: _without_labels(service) for name, service in document["services"].items()}
        return {**document, "services": services}

    def _with_wishes(self, document: dict[str, Any]) -> dict[str, Any]:
        """In a list of ports the app's own port is a wish, not what was leased."""
        wish = str(self._port or "")

        def put(name: str, operator: str | None, default: str) -> str:
            if name == "APP_PORT":
                return wish
            return f"${{{name}{operator or ''}{default if operator else ''}}}"

        services = {
            name: {**service, "ports": replace_names(service["ports"], put)}
            if isinstance(service, dict) and service.get("ports")
            else service
            for name, service in document["services"].items()
        }
        return {**document, "services": services}

    def _rooted(self, value: str) -> str:
        return IN_ROOT.sub(lambda found: self._place(found[1] or ""), value) if ROOT in value else value

    def _place(self, below: str) -> str:
        """A path of Runtipi's own folder, as it is called here."""
        steps = [step for step in below.split("/") if step]
        if ".." in steps:
            raise BadManifest("it mounts a path that leads out of Runtipi's folder")
        if steps[:1] == ["media"]:
            images = steps[1:3] == ["data", "images"]
            name = self._shared("photos" if images else "media")
            return "/".join([f"${{{name}}}", *steps[3 if images else 1 :]])
        if steps[:1] == ["own"]:
            return "/".join(["${APP_DATA_DIR}", *steps[1:]])
        if steps[:1] == ["app-data"] and self._id in steps[1:3]:
            return "/".join(["${APP_DATA_DIR}", *steps[steps.index(self._id, 1) + 1 :]])
        if steps[:1] == ["app-data"] and len(steps) > 1:
            self._lacks[f"It needs the data of the app {steps[-1][:60]}, which is another app's own here."] = None
        else:
            shown = "/".join(steps)[:80] or "whole folder"
            self._lacks[f"It needs Runtipi itself: it works on its {shown}."] = None
        return "${APP_DATA_DIR}"

    def _shared(self, kind: SharedFolder) -> str:
        name = f"{kind.upper()}_DIR"
        self._folders[name] = kind
        return name

    def _changed(
        self, reading: Reading, services: dict[str, Any], values: Values, compose: dict[str, Any]
    ) -> dict[str, Any]:
        """What is otherwise on one architecture, service by service."""
        base = reading.document["services"]
        merged = {**base, **{name: _merged(base.get(name), service) for name, service in services.items()}}
        other = self._compose(reading, {**reading.document, "services": merged}, values)
        changed = {
            name: {key: value for key, value in service.items() if compose["services"].get(name, {}).get(key) != value}
            for name, service in other["services"].items()
        }
        return {name: service for name, service in changed.items() if service}

    def _web(self, reading: Reading, compose: dict[str, Any]) -> Web | None:
        service = compose["services"].get(reading.main)
        if service is None or self._no_gui:
            return None
        port = reading.port if isinstance(reading.port, int) else None
        if port is None and not on_own_network(service):
            port = self._port
        if port is None:
            return None
        suffix = words(self._config.get("url_suffix"))
        return Web(
            service=str(reading.main),
            port=port,
            path=suffix if suffix.startswith("/") else f"/{suffix}",
            scheme="https" if self._config.get("https") is True else "http",
        )

    def _tell_missing(self, reading: Reading, values: Values) -> None:
        """Say what nothing gives a value to."""
        services = reading.document["services"].values()
        hard = names_in([{k: v for k, v in s.items() if k not in SOFT} for s in services if isinstance(s, dict)])
        for name in values.missing:
            if name.startswith("VAPID_"):
                self._lacks["It needs a pair of keys for push messages (VAPID), which Talome does not make."] = None
            elif name in hard:
                self._lacks[f"It needs a value for {name}, and nothing says where it comes from."] = None
            else:
                self._warnings[f"Nothing sets {name}: it is empty, as in its own store."] = None

    def _tell(self) -> None:
        """Say in words what is missing and what works otherwise."""
        config = self._config
        if config.get("deprecated") is True:
            self._warnings["Its store calls it deprecated: it may get no more updates."] = None
        if config.get("force_expose") is True:
            self._warnings["It wants a domain of its own, reached over HTTPS."] = None


def _without_labels(service: Any) -> Any:
    labels = service.get("labels") if isinstance(service, dict) else None
    if isinstance(labels, dict):
        return {**service, "labels": {key: value for key, value in labels.items() if not _private(key)}}
    if isinstance(labels, list):
        return {**service, "labels": [label for label in labels if not _private(label)]}
    return service


def _private(label: Any) -> bool:
    return isinstance(label, str) and label.startswith(PRIVATE_LABELS)


def _merged(base: Any, change: Any) -> Any:
    """Mappings are merged, everything else is replaced."""
    if not (isinstance(base, dict) and isinstance(change, dict)):
        return change
    return {**base, **{key: _merged(base.get(key), value) for key, value in change.items()}}


def _category(value: Any) -> Category:
    found = (
        [CATEGORIES[name] for name in value if isinstance(name, str) and name in CATEGORIES]
        if isinstance(value, list)
        else []
    )
    return next((name for name in found if name != "other"), "other")
