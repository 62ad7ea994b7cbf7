"""What can be found, a finder each. Names stay within the rights of who asks."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from textwrap import shorten
from typing import Final
from urllib.parse import quote, urlencode

from talome.core.operations import Caller
from talome.core.settings.service import Settings
from talome.home.apps.service import Apps
from talome.home.containers.service import Containers
from talome.home.files.service import Roots, path_of
from talome.home.search.index import FileIndex, FoundFile
from talome.home.search.indexer import Indexer, SearchedRoot
from talome.home.search.models import SearchHit, SearchKind
from talome.home.search.wanted import Wanted
from talome.home.stores.models import AppSummary

_STORE_NEAR: Final = 0.7
_STORE_STEP: Final = 0.02
_NOTE_NEAR: Final = 0.5
_NOTE_STEP: Final = 0.01
_LONGEST_EXCERPT: Final = 120


class AppsFinder:
    """The installed apps."""

    kinds: frozenset[SearchKind] = frozenset({"app"})
    scope = "apps:read"

    def __init__(self, apps: Apps) -> None:
        self._apps = apps

    async def find(self, _caller: Caller, wanted: Wanted, limit: int) -> list[SearchHit]:
        hits = [
            SearchHit(
                kind="app", id=app.id, title=app.name, detail=app.state, link=f"/apps/{app.id}", icon=app.icon,
                score=wanted.closeness(app.name, f"{app.id} {app.store}"), modified_at=app.updated_at,
            )
            for app in await self._apps.all()
        ]  # fmt: skip
        return _best(hits, limit)


class StoreFinder:
    """The apps of the stores that are not installed; their catalog has its own search, which forgives slips."""

    kinds: frozenset[SearchKind] = frozenset({"store_app"})
    scope = "apps:read"

    def __init__(self, search: Callable[[str, int], Sequence[AppSummary]]) -> None:
        self._search = search

    async def find(self, _caller: Caller, wanted: Wanted, limit: int) -> list[SearchHit]:
        found = [app for app in self._search(wanted.text, limit) if app.installed is None]
        return [
            SearchHit(
                kind="store_app", id=app.id, title=app.name, detail=app.store_name, link=f"/store/{app.id}",
                icon=app.icon,
                score=max(wanted.closeness(app.name), _STORE_NEAR - (number + 1) * _STORE_STEP),
            )
            for number, app in enumerate(found)
        ]  # fmt: skip


class ContainersFinder:
    """The containers of the machine, by name, image, project and service."""

    kinds: frozenset[SearchKind] = frozenset({"container"})
    scope = "containers:read"

    def __init__(self, containers: Containers) -> None:
        self._containers = containers

    async def find(self, _caller: Caller, wanted: Wanted, limit: int) -> list[SearchHit]:
        hits = [
            SearchHit(
                kind="container", id=it.id, title=it.name, detail=it.image, link=f"/containers/{it.id[:12]}",
                score=wanted.closeness(it.name, f"{it.image} {it.project or ''} {it.service or ''}"),
            )
            for it in await self._containers.all()
        ]  # fmt: skip
        return _best(hits, limit)


class SettingsFinder:
    """What can be set, by title, help and key; never by value."""

    kinds: frozenset[SearchKind] = frozenset({"setting"})
    scope = "settings:read"

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    async def find(self, _caller: Caller, wanted: Wanted, limit: int) -> list[SearchHit]:
        hits = [
            SearchHit(
                kind="setting", id=it.key, title=it.title, detail=it.help, link=f"/settings#{it.key}",
                score=wanted.closeness(it.title, f"{it.key} {it.help}"),
            )
            for it in self._settings.declared.values()
        ]  # fmt: skip
        return _best(hits, limit)


class FilesFinder:
    """Files and folders of the roots that the caller may read."""

    kinds: frozenset[SearchKind] = frozenset({"file", "folder"})
    scope = "files:read"

    def __init__(self, index: FileIndex, indexer: Indexer, roots: Roots) -> None:
        self._index = index
        self._indexer = indexer
        self._roots = roots

    async def find(self, caller: Caller, wanted: Wanted, limit: int) -> list[SearchHit]:
        readable = await self._roots.readable(caller)
        numbers = self._indexer.numbers(frozenset(readable))
        return [_file(it, numbers[it.root]) for it in await self._index.find(wanted, numbers, limit)]


def _file(found: FoundFile, root: SearchedRoot) -> SearchHit:
    path, folder = path_of(root.id, (*found.folders, found.name)), path_of(root.id, found.folders)
    shown = {"path": path} if found.is_folder else {"path": folder, "select": path.rpartition("/")[2]}
    return SearchHit(
        kind="folder" if found.is_folder else "file",
        id=path,
        title=path.rpartition("/")[2],
        detail=root.name + folder.removeprefix(f"/{root.id}").replace("/", " / "),
        link=f"/files?{urlencode(shown, quote_via=quote)}",
        score=found.score,
        excerpt=found.excerpt,
        modified_at=datetime.fromtimestamp(found.modified_ms / 1000, UTC),
    )


@dataclass(frozen=True, slots=True)
class FoundNote:
    """A note that answers, as far as the search shows it."""

    id: str
    title: str
    text: str
    changed_at: datetime


class NotesFinder:
    """The notes of the caller's memory. The memory is beside the home, so `search` is given from above."""

    kinds: frozenset[SearchKind] = frozenset({"note"})
    scope = "memory:read"

    def __init__(self, search: Callable[[Caller, str, int], Awaitable[Sequence[FoundNote]]]) -> None:
        self._search = search

    async def find(self, caller: Caller, wanted: Wanted, limit: int) -> list[SearchHit]:
        return [
            SearchHit(
                kind="note", id=note.id, title=note.title or _shortened(note.text), detail="",
                link=f"/memory/notes/{quote(note.id, safe='')}", modified_at=note.changed_at,
                score=max(wanted.closeness(note.title, note.text), _NOTE_NEAR - number * _NOTE_STEP),
                excerpt=_shortened(note.text) if note.title else None,
            )
            for number, note in enumerate(await self._search(caller, wanted.text, limit))
        ]  # fmt: skip


def _shortened(text: str) -> str:
    return shorten(text, _LONGEST_EXCERPT, placeholder="…")


def _best(hits: list[SearchHit], limit: int) -> list[SearchHit]:
    return sorted((hit for hit in hits if hit.score > 0), key=lambda hit: -hit.score)[:limit]
