"""Talome's own format: a folder an app, with `app.yml`, a plain `compose.yml` and the pictures beside them.

It is read strictly: an unknown key, a variable that is missing or unused, or an image without a version is refused.
Besides its own variables a compose file may use those of `READY`.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from pydantic import Field, ValidationError

from talome.core.models import Wire
from talome.home.manifest import AppId, AppManifest, Category, FormField, Part, Probe, Scaffold, Variable, Web
from talome.home.stores.formats.compose import long_form, names_in, read_yaml, replace_names
from talome.home.stores.formats.files import folders, has, read_content
from talome.home.stores.formats.found import BadApp, BadManifest, StoreSource

READY: Final = {
    "APP_DATA_DIR": Part(fact="data"), "TZ": Part(fact="timezone"), "PUID": Part(fact="uid"), "PGID": Part(fact="gid"),
    "MEDIA_DIR": Part(folder="media"), "DOWNLOADS_DIR": Part(folder="downloads"), "PHOTOS_DIR": Part(folder="photos"),
    "DOCUMENTS_DIR": Part(folder="documents"), "FILES_DIR": Part(folder="files"),
}  # fmt: skip
ARCHITECTURES: Final = ("amd64", "arm64", "arm", "386", "ppc64le", "s390x", "riscv64")
_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]{0,80}")
_KINDS: Final = ("text", "fact", "secret", "field", "port", "folder")
_LINK = re.compile(r"https://[^\s\"'<>]{1,2000}")
_FILE = re.compile(r"[a-z0-9][a-z0-9._-]{0,100}\.(svg|png|jpg|webp)")


class _Told(Wire):
    """What `app.yml` may hold."""

    id: AppId
    name: str
    version: str
    tagline: str
    description: str
    category: Category
    developer: str = ""
    website: str | None = None
    repository: str | None = None
    support: str | None = None
    icon: str | None = None
    screenshots: list[str] = Field(default_factory=list)
    architectures: list[str] = Field(default_factory=list)
    notes: str = ""
    release_notes: str = ""
    username: str | None = None
    password: str | None = None
    password_variable: str | None = None
    requires: list[AppId] = Field(default_factory=list)
    web: Web | None = None
    probe: Probe = Probe()
    fields: list[FormField] = Field(default_factory=list)
    variables: list[Variable] = Field(default_factory=list)
    scaffold: list[Scaffold] = Field(default_factory=list)
    backup_exclude: list[str] = Field(default_factory=list)


def read(folder: Path, source: StoreSource) -> Iterator[AppManifest | BadApp]:  # noqa: ARG001 - all readers have one form
    """Every app of the store, or why it cannot be read."""
    for app in folders(folder / "apps" if has(folder, "apps") else folder):
        if not has(app, "app.yml"):
            continue
        path = app.relative_to(folder).as_posix()
        try:
            yield _manifest(app, path)
        except BadManifest as error:
            yield BadApp(path, str(error))
        except ValidationError as error:
            first = error.errors()[0]
            yield BadApp(path, f"app.yml: {'.'.join(map(str, first['loc']))}: {first['msg']}.")
        except Exception as error:  # whatever one app makes of us, the others must still be read
            yield BadApp(path, f"It has a form that nobody thought of ({type(error).__name__}).")


def _manifest(app: Path, path: str) -> AppManifest:
    told = _Told.model_validate(_document(app, "app.yml"))
    if told.id != app.name:
        raise BadManifest(f"Its folder must be named like its id, {told.id}.")
    document = _document(app, "compose.yml")
    compose = long_form(replace_names(document, _plain), project=told.id)
    used = names_in(compose).union(*(names_in(file.text) for file in told.scaffold if file.template))
    _check_variables(told, used)
    _check_fields(told)
    _check_services(told, compose["services"])
    _check_words(told)
    _check_paths(app, told)
    _check_volumes(compose["services"])
    ready = [Variable(name=name, parts=[part]) for name, part in READY.items() if name in used]
    values = {name: getattr(told, name) for name in type(told).model_fields if name != "variables"}
    return AppManifest(**values, folder=path, variables=[*ready, *told.variables], compose=compose)


def _document(app: Path, name: str) -> Any:
    content = read_content(app, name)
    if content is None:
        raise BadManifest(f"{name} is missing.")
    return read_yaml(content, name)


def _plain(name: str, operator: str | None, default: str) -> str:
    if operator:
        raise BadManifest(f"compose.yml: ${{{name}{operator}{default}}} has a default; say it as a field in app.yml.")
    return f"${{{name}}}"


def _check_variables(told: _Told, used: set[str]) -> None:
    names = [variable.name for variable in told.variables]
    for name in names:
        if not _VARIABLE.fullmatch(name) or name in READY or names.count(name) > 1:
            raise BadManifest(f"The variable {name!r} is there twice, is ready-made, or is not in capital letters.")
    if missing := used - set(names) - set(READY):
        raise BadManifest(f"The variable {min(missing)} is used, but app.yml does not define it.")
    if unused := set(names) - used:
        raise BadManifest(f"The variable {min(unused)} is defined, but not used.")
    if told.password_variable is not None and told.password_variable not in names:
        raise BadManifest(f"passwordVariable names {told.password_variable!r}, which is no variable.")
    for variable in told.variables:
        for part in variable.parts:
            if sum(getattr(part, kind) is not None for kind in _KINDS) != 1:
                raise BadManifest(f"Each part of {variable.name} must be exactly one of {', '.join(_KINDS)}.")


def _check_fields(told: _Told) -> None:
    names = [field.name for field in told.fields]
    asked = {part.field for variable in told.variables for part in variable.parts if part.field is not None}
    if len(set(names)) < len(names):
        raise BadManifest("Two fields have one name.")
    if odd := asked ^ set(names):
        raise BadManifest(f"The field {min(odd)!r} is not defined, or no variable uses it.")
    for field in told.fields:
        values = [value for value, _ in field.options]
        if (field.kind == "choice") != bool(values) or (values and field.default and field.default not in values):
            raise BadManifest(f"The field {field.name} is no choice between options, or its default is none of them.")


def _check_services(told: _Told, services: dict[str, Any]) -> None:
    for name, service in services.items():
        image = service["image"].partition("@")[0].rpartition("/")[2]
        if image.partition(":")[2] in ("", "latest") or names_in(service["image"]):
            raise BadManifest(f"The image of {name} has no version: {service['image'][:100]}.")
    published = {
        f"{name}/{port['target']}/{port['protocol']}"
        for name, service in services.items()
        for port in service.get("ports", [])
    }
    for variable in told.variables:
        for part in variable.parts:
            if part.port is not None and part.port not in published:
                raise BadManifest(f"{variable.name} names the port {part.port}, which is not published.")
    web = told.web
    if web is not None and f"{web.service}/{web.port}/tcp" not in published:
        service = services.get(web.service)
        if service is None or service.get("network_mode") != "host":
            raise BadManifest(f"web names {web.service}/{web.port}/tcp, which is not published.")


def _check_paths(app: Path, told: _Told) -> None:
    pictures = [*([told.icon] if told.icon is not None else []), *told.screenshots]
    for picture in pictures:
        if not _LINK.fullmatch(picture) and not (_FILE.fullmatch(picture) and read_content(app, picture)):
            raise BadManifest(f"The picture {picture[:80]!r} is neither an https address nor a file beside app.yml.")
    for path in [*(file.path for file in told.scaffold), *told.backup_exclude]:
        if path.startswith(("/", "~")) or "\\" in path or {"", ".", ".."} & set(path.split("/")):
            raise BadManifest(f"{path[:80]!r} is not a path below the app's own folder.")


def _check_volumes(services: dict[str, Any]) -> None:
    for name, service in services.items():
        for volume in service.get("volumes", []):
            source = volume.get("source", "")
            start, _, below = source.partition("}")
            starts_well = source.startswith("/") or (start[2:] in READY and (not below or below.startswith("/")))
            if volume["type"] == "bind" and (not starts_well or ".." in source.split("/")):
                raise BadManifest(
                    f"A volume of {name} must begin with ${{APP_DATA_DIR}} or another folder: {source[:80]}."
                )


def _check_words(told: _Told) -> None:
    for link in (told.website, told.repository, told.support):
        if link is not None and not _LINK.fullmatch(link):
            raise BadManifest(f"{link[:80]!r} is not an https address.")
    for name in told.architectures:
        if name not in ARCHITECTURES:
            raise BadManifest(f"{name[:40]!r} is not an architecture.")
