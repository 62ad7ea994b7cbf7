"""The catalog of all stores, in memory: lists, filters and search. Whole manifests stay in the database."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson
import yaml

from talome.core.errors import NotFound
from talome.home.manifest import AppManifest, Category
from talome.home.stores.models import AppDetail, AppPage, AppSummary, CategoryCount, PasswordKind, StoreCount
from talome.home.stores.search import SearchIndex
from talome.home.stores.store import StoresStore

Installed = Callable[[], Mapping[str, str]]
"""By catalog id (`store:app`), the name that an installed app has."""
MOST_ON_A_PAGE: Final = 200


@dataclass(frozen=True, slots=True)
class Entry:
    """What a list needs of an app."""

    id: str
    app_id: str
    store: str
    name: str
    tagline: str
    category: Category
    version: str
    developer: str
    icon: bool
    architectures: tuple[str, ...]
    lacks: tuple[str, ...]
    warnings: int
    hidden: bool


@dataclass(frozen=True, slots=True)
class Filters:
    search: str = ""
    category: Category | None = None
    store: str | None = None
    installed: bool | None = None
    compatible: bool | None = None


@dataclass(frozen=True, slots=True)
class Shelf:
    """A store's entries, by app id, in the order of their names."""

    name: str
    entries: Mapping[str, Entry]


class Catalog:
    """`show` and `hide` stores; then look. `architecture` is the machine's, such as amd64."""

    def __init__(self, store: StoresStore, architecture: str, installed: Installed) -> None:
        self._store = store
        self._architecture = architecture
        self._installed = installed
        self._shelves: dict[str, Shelf] = {}
        self._offered: list[Entry] = []
        self._index = SearchIndex([])

    async def show(self, order: Iterable[tuple[str, str]], *, fresh: Iterable[str]) -> None:
        """Offer exactly these stores (id and name), in this order; those in `fresh` are read from the database anew."""
        shelves: dict[str, Shelf] = {}
        again = set(fresh)
        for id, name in order:
            known = self._shelves.get(id)
            if known is None or id in again:
                texts = await self._store.apps.summaries(id)
                shelves[id] = Shelf(name, await asyncio.to_thread(_entries, id, texts))
            else:
                shelves[id] = Shelf(name, known.entries)
        offered = [entry for shelf in shelves.values() for entry in shelf.entries.values() if not entry.hidden]
        index = await asyncio.to_thread(SearchIndex, [(one.name, one.tagline, one.category) for one in offered])
        self._shelves, self._offered, self._index = shelves, offered, index

    def count(self, store: str) -> int:
        """How many apps of a store are on offer."""
        shelf = self._shelves.get(store)
        return sum(not one.hidden for one in shelf.entries.values()) if shelf else 0

    def page(self, filters: Filters, page: int, limit: int) -> AppPage:
        """Without a search by store and name, with one by how well it fits."""
        installed = self._installed()
        found = self._found(filters, installed)
        in_store = [one for one in found if filters.store in (None, one.store)]
        in_category = [one for one in found if filters.category in (None, one.category)]
        chosen = [one for one in in_store if filters.category in (None, one.category)]
        categories = Counter(one.category for one in in_store)
        stores = Counter(one.store for one in in_category)
        return AppPage(
            apps=[self._summary(one, installed) for one in chosen[(page - 1) * limit : page * limit]],
            total=len(chosen),
            page=page,
            limit=limit,
            categories=_category_counts(categories),
            stores=[StoreCount(id=id, name=self._shelves[id].name, count=stores[id]) for id in self._shelves],
        )

    def search(self, words: str, most: int) -> list[AppSummary]:
        """The best fits among all that is offered."""
        return self.page(Filters(search=words), 1, most).apps if words.strip() else []

    def categories(self) -> list[CategoryCount]:
        return _category_counts(Counter(one.category for one in self._offered))

    def _found(self, filters: Filters, installed: Mapping[str, str]) -> list[Entry]:
        words = filters.search.strip()
        found = [self._offered[number] for number in self._index.find(words)] if words else self._offered
        if filters.installed is not None:
            found = [one for one in found if (one.id in installed) is filters.installed]
        if filters.compatible is not None:
            found = [one for one in found if self._fits(one.architectures) is filters.compatible]
        return found

    def _fits(self, architectures: tuple[str, ...]) -> bool:
        return not architectures or self._architecture in architectures

    def _summary(self, entry: Entry, installed: Mapping[str, str]) -> AppSummary:
        return AppSummary(**self._fields(entry, installed))

    def _fields(self, entry: Entry, installed: Mapping[str, str]) -> dict[str, Any]:
        fits = self._fits(entry.architectures)
        made_for = ", ".join(entry.architectures)
        return {
            "id": entry.id,
            "app_id": entry.app_id,
            "store": entry.store,
            "store_name": self._shelves[entry.store].name,
            "name": entry.name,
            "tagline": entry.tagline,
            "category": entry.category,
            "icon": f"/api/apps/{entry.id}/icon" if entry.icon else None,
            "version": entry.version,
            "developer": entry.developer,
            "compatible": fits,
            "incompatible": None if fits else f"It is made for {made_for}; this machine is {self._architecture}.",
            "lacks": list(entry.lacks),
            "warnings_count": entry.warnings,
            "installed": installed.get(entry.id),
        }

    def find(self, id: str) -> Entry:
        """By `store:app`, or by the app alone: then of the first store that has it. Raises `NotFound`."""
        store, _, app = id.rpartition(":")
        shelves = [self._shelves[store]] if store in self._shelves else [] if store else list(self._shelves.values())
        for shelf in shelves:
            if entry := shelf.entries.get(app):
                return entry
        raise NotFound("No store has an app of this name.")

    def summary(self, id: str) -> AppSummary:
        """What a list shows of it. Raises `NotFound`."""
        return self._summary(self.find(id), self._installed())

    async def manifest(self, id: str) -> tuple[Entry, str, AppManifest]:
        """The entry, the app's folder in its store, and all that is known of it. Raises `NotFound`."""
        entry = self.find(id)
        kept = await self._store.apps.manifest(entry.store, entry.app_id)
        if kept is None:
            raise NotFound("No store has an app of this name.")
        return entry, kept[0], await asyncio.to_thread(AppManifest.model_validate_json, kept[1])

    async def detail(self, id: str) -> AppDetail:
        entry, _, app = await self.manifest(id)
        pictures = range(len(app.screenshots))
        return AppDetail(
            **self._fields(entry, self._installed()),
            description=app.description,
            screenshots=[f"/api/apps/{entry.id}/screenshots/{number}" for number in pictures],
            website=app.website,
            repository=app.repository,
            support=app.support,
            notes=app.notes,
            release_notes=app.release_notes,
            username=app.username,
            password_kind=_password_kind(app),
            requires=list(app.requires),
            web=app.web,
            fields=app.fields,
            architectures=app.architectures,
            warnings=app.warnings,
            images=_images(app),
            compose=await asyncio.to_thread(_as_yaml, app.compose),
        )


def _entries(store: str, texts: list[str]) -> dict[str, Entry]:
    found: list[Entry] = []
    for text in texts:
        told = orjson.loads(text)
        app_id = told.pop("id")
        told["architectures"], told["lacks"] = tuple(told["architectures"]), tuple(told["lacks"])
        found.append(Entry(id=f"{store}:{app_id}", app_id=app_id, store=store, **told))
    found.sort(key=lambda entry: (entry.name.casefold(), entry.app_id))
    return {entry.app_id: entry for entry in found}


def _category_counts(counts: Mapping[Category, int]) -> list[CategoryCount]:
    return [CategoryCount(name=name, count=count) for name, count in sorted(counts.items())]


def _password_kind(app: AppManifest) -> PasswordKind:
    if app.password_variable is not None:
        return "generated"
    return "none" if app.password is None else "fixed"


def _images(app: AppManifest) -> list[str]:
    services = app.compose.get("services", {})
    return list(dict.fromkeys(str(one["image"]) for one in services.values() if one.get("image")))


def _as_yaml(compose: dict[str, Any]) -> str:
    text: str = yaml.dump(compose, Dumper=yaml.CSafeDumper, sort_keys=False, allow_unicode=True, width=120)
    return text
