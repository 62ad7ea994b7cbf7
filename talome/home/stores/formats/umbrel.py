"""Umbrel: a folder an app with `umbrel-app.yml` and `docker-compose.yml`; the official store, or a community's."""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from talome.home.manifest import APP_ID, AppManifest
from talome.home.stores.formats.compose import read_yaml
from talome.home.stores.formats.files import folders, has, read_content
from talome.home.stores.formats.found import BadApp, BadManifest, StoreSource, Told
from talome.home.stores.formats.umbrel_app import App, Known
from talome.home.stores.formats.umbrel_exports import BadExports, Exports, evaluate
from talome.home.stores.formats.umbrel_facts import SYSTEM, for_exports, shims
from talome.home.stores.formats.umbrel_scripts import AppScripts
from talome.home.stores.formats.values import sentence, words

MANIFEST: Final = "umbrel-app.yml"
COMMUNITY: Final = "umbrel-app-store.yml"
MOST_NEEDED: Final = 40


def read(folder: Path, source: StoreSource) -> Iterator[AppManifest | BadApp]:
    """Every app of the store, or why it cannot be read."""
    try:
        store = _Store(folder, source.told)
    except BadManifest as error:
        yield BadApp(COMMUNITY, sentence(error))
        return
    for app in folders(folder):
        if not has(app, MANIFEST):
            continue
        try:
            yield store.app(app)
        except BadManifest as error:
            yield BadApp(app.name, sentence(error))
        except ValidationError as error:
            first = error.errors()[0]
            yield BadApp(app.name, sentence(f"{'.'.join(map(str, first['loc']))}: {first['msg']}"))
        except Exception as error:  # whatever one app makes of us, the others must still be read
            yield BadApp(app.name, f"It has a form that nobody thought of ({type(error).__name__}).")


def scripts_of(folder: Path, app_id: str) -> AppScripts:
    """The scripts that an app's values come from. Raises `BadManifest`."""
    return _Store(folder, {}).scripts(app_id)


class _Store:
    """What the apps of one store share: whose it is, and each other's exports."""

    def __init__(self, folder: Path, told: Mapping[str, Told]) -> None:
        self._folder = folder
        self._told = told
        self._prefix = self._community()
        self._settings: dict[str, dict[str, Any]] = {}

    def _community(self) -> str | None:
        """The id that every app of a community store begins with."""
        content = read_content(self._folder, COMMUNITY)
        if content is None:
            return None
        store = read_yaml(content, COMMUNITY)
        store_id = words(store.get("id")) if isinstance(store, dict) else ""
        if not store_id:
            raise BadManifest(f"{COMMUNITY} does not name the store's id")
        return store_id

    def app(self, folder: Path) -> AppManifest:
        """One app."""
        settings = self._read(folder.name)
        app_id = words(settings.get("id"))
        if not re.fullmatch(APP_ID, app_id):
            raise BadManifest(f"its id {app_id[:80]!r} is not one that an app can have")
        if app_id != folder.name:
            raise BadManifest(f"its folder is called {folder.name[:80]}, but its id is {app_id}")
        if self._prefix and not app_id.startswith(f"{self._prefix}-"):
            raise BadManifest(f"its id does not begin with the store's, {self._prefix}-")
        return App(folder, app_id, settings, self._known(app_id), official=self._prefix is None).manifest()

    def _read(self, name: str) -> dict[str, Any]:
        """The manifest of an app as it is written."""
        if name not in self._settings:
            settings = read_yaml(read_content(self._folder, f"{name}/{MANIFEST}") or b"", MANIFEST)
            if not isinstance(settings, dict):
                raise BadManifest(f"{MANIFEST} is not a mapping")
            self._settings[name] = settings
        return self._settings[name]

    def _known(self, app_id: str) -> Known:
        """What an app's exports lead to, after those of all the apps that it needs."""
        needed: list[str] = []
        absent: list[str] = []
        self._collect(app_id, needed, absent, ())
        known = Known(Exports(dict(SYSTEM)), requires=_ids(self._read(app_id).get("dependencies")), absent=absent)
        for name in needed:
            try:
                content = read_content(self._folder, f"{name}/exports.sh") or b""
                exports = Exports(
                    {**known.exports.values, **for_exports(name)},
                    known.exports.unknown,
                    known.exports.uncertain,
                    known.exports.open_at,
                )
                after = evaluate(content, exports)
            except (BadManifest, BadExports) as error:
                known.problems.append(f"exports.sh of {name}: {error}")
                continue
            for variable, parts in shims(name).items():
                if after.values.get(variable) is None:
                    after.values[variable] = parts
                    after.unknown.pop(variable, None)
            known.learn(name, exports, after, own=name == app_id)
        self._fill(app_id, needed, known)
        return known

    def _fill(self, app_id: str, needed: Iterable[str], known: Known) -> None:
        """What only a shell can tell, as one told it once of just these scripts."""
        told = self._told.get(app_id)
        if told is None or AppScripts(app_id, {}, self._texts(needed)).digest != told.digest:
            return
        for name in known.exports.unknown.keys() & told.values.keys():
            known.exports.values[name] = told.values[name]
            del known.exports.unknown[name]

    def _texts(self, needed: Iterable[str]) -> tuple[tuple[str, str], ...]:
        found = ((name, read_content(self._folder, f"{name}/exports.sh") or b"") for name in needed)
        return tuple((name, content.decode(errors="replace")) for name, content in found if content)

    def scripts(self, app_id: str) -> AppScripts:
        """Those of the app and of what it needs."""
        needed: list[str] = []
        self._collect(app_id, needed, [], ())
        return AppScripts(app_id, dict(self._known(app_id).exports.unknown), self._texts(needed))

    def _collect(self, name: str, needed: list[str], absent: list[str], above: tuple[str, ...]) -> None:
        """The apps needed, those first that others need; circles end where they began."""
        if name in needed or name in above or len(needed) + len(above) > MOST_NEEDED:
            return
        try:
            settings = self._read(name) if has(self._folder / name, MANIFEST) else None
        except BadManifest:
            settings = None
        if settings is None:
            absent.append(name)
            return
        for other in _ids(settings.get("dependencies")):
            self._collect(other, needed, absent, (*above, name))
        needed.append(name)


def _ids(value: Any) -> list[str]:
    found = [words(item) for item in value] if isinstance(value, list) else []
    return list(dict.fromkeys(name for name in found if re.fullmatch(APP_ID, name)))
