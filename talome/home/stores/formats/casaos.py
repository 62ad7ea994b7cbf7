"""Stores of CasaOS, ZimaOS and Big-Bear: a compose file an app, with `x-casaos` at its top and in its services."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from talome.home.manifest import AppManifest, Category, Probe, Web
from talome.home.stores.formats.casaos_compose import DEFAULT_PASSWORD, CasaCompose
from talome.home.stores.formats.compose import read_yaml, replace_names, text_of, unescape
from talome.home.stores.formats.files import folders, has, read_content
from talome.home.stores.formats.found import BadApp, BadManifest, StoreSource
from talome.home.stores.formats.values import link, words

FILES: Final = ("docker-compose.yml", "docker-compose.yaml")
ARCHITECTURES: Final = ("amd64", "arm64", "arm", "386", "ppc64le", "s390x", "riscv64")
CATEGORIES: Final[dict[str, Category]] = {
    "ai": "ai", "automation": "automation", "backup": "files", "books": "books", "chat": "social", "cloud": "files",
    "developer": "developer", "documents": "documents", "download": "media", "downloader": "media", "files": "files",
    "entertainment": "media", "finance": "finance", "gallery": "photos", "game": "games", "games": "games",
    "home": "home", "home automation": "home", "media": "media", "monitoring": "monitoring", "network": "network",
    "networking": "network", "photos": "photos", "productivity": "productivity", "security": "security",
    "social": "social",
}  # fmt: skip
_LOCALES: Final = ("en_us", "en_gb", "en")
_ID = re.compile(r"[^a-z0-9_-]+")


def read(folder: Path, source: StoreSource) -> Iterator[AppManifest | BadApp]:  # noqa: ARG001 - all readers have one form
    """Every app of the store, or why it cannot be read."""
    seen: dict[str, str] = {}
    for app in folders(folder / "Apps"):
        file = next((name for name in FILES if has(app, name)), None)
        if file is None:
            continue
        path = app.relative_to(folder).as_posix()
        try:
            manifest = _manifest(read_yaml(read_content(app, file) or b"", file), app.name, path)
            if manifest.id in seen:
                raise BadManifest(f"Its name {manifest.id} is that of {seen[manifest.id]}, too.")
            seen[manifest.id] = path
            yield manifest
        except BadManifest as error:
            yield BadApp(path, str(error))
        except ValidationError as error:
            first = error.errors()[0]
            yield BadApp(path, f"{'.'.join(map(str, first['loc']))}: {first['msg']}")
        except Exception as error:  # whatever one app makes of us, the others must still be read
            yield BadApp(path, f"It has a form that nobody thought of ({type(error).__name__}).")


def _manifest(document: Any, folder: str, path: str) -> AppManifest:
    if not isinstance(document, dict):
        raise BadManifest("Its compose file is not a map.")
    told = document.get("x-casaos")
    if not isinstance(told, dict):
        raise BadManifest("Its compose file has no x-casaos, which tells what the app is.")
    app = _app_id(document, told, folder)
    wish = _port_map(told)
    casa = CasaCompose(document, app, wish)
    web = _web(casa.compose["services"], told, wish)
    for service, key, text in _described(document["services"]):
        casa.label(service, key, *_label(key, text))
    variables = casa.variables(_leased(casa.compose["services"], web))
    images = [service["image"] for service in casa.compose["services"].values()]
    main = casa.compose["services"][web.service]["image"] if web else images[0]
    icon = link(told.get("icon"))
    return AppManifest(
        id=app,
        folder=path,
        name=(localized(told.get("title")) or app.replace("-", " ").replace("_", " ").title())[:100],
        version=_version(told, main),
        tagline=localized(told.get("tagline"))[:300],
        description=localized(told.get("description"))[:20_000],
        category=CATEGORIES.get(words(told.get("category")).lower(), "other"),
        icon=icon if icon and icon.startswith("https://") else None,
        screenshots=_screenshots(told.get("screenshot_link")),
        developer=words(told.get("developer") or told.get("author"))[:200],
        website=link(told.get("website")),
        repository=link(told.get("repo")),
        support=link(told.get("support")) or link(told.get("docs")),
        release_notes=localized(told.get("release_notes") or told.get("release_note"))[:20_000],
        notes=_notes(told.get("tips")),
        architectures=_architectures(told.get("architectures")),
        username="admin" if casa.uses_default_user else None,
        password_variable=DEFAULT_PASSWORD if casa.uses_default_password else None,
        web=web,
        probe=Probe(path=web.path if web else "/"),
        fields=list(casa.fields.values()),
        variables=variables,
        compose=casa.compose,
        warnings=list(dict.fromkeys(casa.warnings)),
    )


def localized(value: Any) -> str:
    """The English text of a map of languages, else any; a plain text is itself."""
    if not isinstance(value, dict):
        return words(value)
    texts = {str(key).lower().replace("-", "_"): words(text) for key, text in value.items()}
    english = [texts.get(locale, "") for locale in _LOCALES]
    return next((text for text in (*english, *texts.values()) if text), "")


def _app_id(document: dict[str, Any], told: dict[str, Any], folder: str) -> str:
    name = document.get("name")
    if name is not None:
        return words(name)
    # The built files of a store have their folder named after the identifier, such as org.example.notes.
    return _ID.sub("-", (words(told.get("store_app_id")) or folder.rpartition(".")[2]).lower()).strip("-_")[:63]


def _port_map(told: dict[str, Any]) -> str:
    """The wished port of the door, in digits, or nothing."""
    text = str(replace_names(text_of(_plain(told.get("port_map"))), lambda _name, _operator, default: default))
    return text.strip() if text.strip().isdecimal() else ""


def _plain(value: Any) -> Any:
    return None if isinstance(value, dict | list) else value


def _web(services: dict[str, Any], told: dict[str, Any], wish: str) -> Web | None:
    main = _main(services, words(told.get("main")), wish)
    order = [main, *(name for name in services if name != main)]
    ports = [(name, port) for name in order for port in services[name].get("ports", []) if port["protocol"] == "tcp"]
    fitting = [(name, port) for name, port in ports if wish and port["published"] == wish]
    fitting += [(name, port) for name, port in ports if wish and str(port["target"]) == wish]
    fitting += [(name, port) for name, port in ports if name == main]
    path = unescape(words(told.get("index"))) or "/"
    path = path if path.startswith("/") else f"/{path}"
    if re.search(r"[\s\\<>\"'\x00-\x1f]", path):
        path = "/"
    scheme = words(told.get("scheme")).lower()
    if fitting:
        service, number = fitting[0][0], int(fitting[0][1]["target"])
    elif wish and 0 < int(wish) < 65536 and _behind(services, main).get("network_mode") == "host":
        service, number = main, int(wish)
    else:
        return None
    return Web(service=service, port=number, path=path[:500], scheme="https" if scheme == "https" else "http")


def _behind(services: dict[str, Any], name: str) -> dict[str, Any]:
    """The service whose network it uses, or itself."""
    mode = services[name].get("network_mode", "")
    found: dict[str, Any] = services[mode.removeprefix("service:") if mode.startswith("service:") else name]
    return found


def _main(services: dict[str, Any], named: str, wish: str) -> str:
    """CasaOS takes any service where none is named; here it is the one with the door."""
    if named in services:
        return named
    with_ports = [name for name, service in services.items() if service.get("ports")]
    fitting = [name for name in with_ports if wish and any(p["published"] == wish for p in services[name]["ports"])]
    return next(iter([*fitting, *(list(services) if len(services) == 1 else with_ports), *services]))


def _leased(services: dict[str, Any], web: Web | None) -> str | None:
    """The main port as a lease is named, if there is one."""
    if web is None or not any(port["target"] == web.port for port in services[web.service].get("ports", [])):
        return None
    return f"{web.service}/{web.port}/tcp"


def _described(services: Any) -> Iterator[tuple[str, str, str]]:
    """Variables of the environment that the store describes."""
    for name, service in services.items():
        told = service.get("x-casaos") if isinstance(service, dict) else None
        entries = told.get("envs") if isinstance(told, dict) else None
        for entry in entries if isinstance(entries, list) else []:
            if isinstance(entry, dict):
                yield str(name), words(entry.get("container")), localized(entry.get("description"))


def _label(key: str, text: str) -> tuple[str, str]:
    """A short description is a label, a long one is a help."""
    plain = " ".join(text.split()).rstrip(".")
    if plain and len(plain) <= 60:
        return plain, ""
    return key.replace("_", " ").capitalize(), plain[:500]


def _version(told: dict[str, Any], image: str) -> str:
    version = text_of(_plain(told.get("version"))).strip()
    if version:
        return version[:80]
    name = image.partition("@")[0].rpartition("/")[2]
    tag = name.partition(":")[2]
    return "" if tag == "latest" or "$" in tag else tag[:80]


def _screenshots(value: Any) -> list[str]:
    links = [link(each) for each in (value if isinstance(value, list) else [value])]
    return [each for each in links if each and each.startswith("https://")][:20]


def _architectures(value: Any) -> list[str]:
    names = [words(each).lower() for each in value] if isinstance(value, list) else []
    return [name for name in dict.fromkeys(names) if name in ARCHITECTURES]


def _notes(tips: Any) -> str:
    if not isinstance(tips, dict):
        return localized(tips)[:10_000]
    texts = [localized(tips.get("before_install")), localized(tips.get("custom"))]
    return "\n\n".join(dict.fromkeys(text for text in texts if text))[:10_000]
