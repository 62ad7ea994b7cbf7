"""The sources of apps: added, changed and removed by people, synced by jobs, by hand or on a schedule."""

import asyncio
import logging
import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Final
from zlib import crc32

from talome.core.background import Background
from talome.core.clock import from_ms, now_ms
from talome.core.errors import Conflict, Forbidden, Invalid, NotFound, TalomeError
from talome.core.operations import Caller
from talome.core.secrets import Secrets
from talome.core.settings.service import Setting, Settings
from talome.home.jobs.models import Job
from talome.home.manifest import StackFile
from talome.home.stores.catalog import Catalog
from talome.home.stores.folders import contents_of
from talome.home.stores.formats.files import read_words
from talome.home.stores.formats.found import BadApp, BadManifest
from talome.home.stores.formats.stacks import read_stacks
from talome.home.stores.models import Store, StoreAdded, StoreProblem, StoresChecked, StoreSuggestion, StoreType
from talome.home.stores.places import Places, remove
from talome.home.stores.sources import Source, check_source
from talome.home.stores.store import StoreRow, StoresStore
from talome.home.stores.sync import TOKEN_PURPOSE, StoreSync

BUNDLED: Final = "talome"
OWN: Final = "yours"
"""The store of the apps that people of this house wrote; it is there once there is one."""
SYNC_HOURS: Final = "stores.sync_hours"
SETTINGS: Final[tuple[Setting, ...]] = (
    Setting(
        key=SYNC_HOURS,
        kind="number",
        default=12,
        title="Hours between syncs of the app stores",
        help="Then it is looked whether they have new apps and versions. 0: only when somebody asks for it.",
        feature="stores",
        maximum=720,
        unit="hours",
    ),
)
_KNOWN: Final[tuple[tuple[str, str, StoreType, str], ...]] = (
    ("casaos", "CasaOS", "casaos", "https://github.com/IceWhaleTech/CasaOS-AppStore"),
    ("big-bear", "Big Bear", "casaos", "https://github.com/bigbeartechworld/big-bear-casaos"),
    ("umbrel", "Umbrel", "umbrel", "https://github.com/getumbrel/umbrel-apps"),
    ("runtipi", "Runtipi", "runtipi", "https://github.com/runtipi/runtipi-appstore"),
)
_LOOK_S: Final = 300.0
_JITTER: Final = 0.1
_MOST_STORES: Final = 50
_log = logging.getLogger(__name__)


class Stores(Background):
    """`load` it, and enter it to have stores synced on schedule. `bundled` is the folder of the store that came with
    this release."""

    def __init__(
        self, store: StoresStore, sync: StoreSync, catalog: Catalog, *,
        places: Places, secrets: Secrets, settings: Settings, bundled: Path, own: Path, first_look_s: float = 3.0,
    ) -> None:  # fmt: skip
        self._store = store
        self._sync = sync
        self._catalog = catalog
        self._places = places
        self._secrets = secrets
        self._settings = settings
        self._bundled = bundled
        self._own = own
        self._adding = asyncio.Lock()
        self._first_look_s = first_look_s
        self._looked_at: set[str] = set()

    async def load(self) -> None:
        """Once, at start: what broken syncs left behind is swept, and the catalog is there."""
        await self._keep_bundled()
        rows = await self._store.all()
        await asyncio.to_thread(self._places.sweep, rows)
        await self._sync.offer()

    async def _keep_bundled(self) -> None:
        """The bundled store is always there, and where this release has it."""
        await self._keep_at(BUNDLED, "Talome", self._bundled)
        if await self.has(OWN):
            await self._keep_at(OWN, "Yours", self._own)

    async def _keep_at(self, id: str, name: str, folder: Path) -> None:
        async with self._store.db.write() as tx:
            row = await self._store.get_in(tx, id)
            if row is None:
                await self._store.add(tx, _new_row(id, name, str(folder), kind="talome", bundled=True))
            elif row.url != str(folder):
                await self._store.update(tx, row.changed(url=str(folder), tried_at=None))

    async def has(self, id: str) -> bool:
        return await self._store.get(id) is not None

    async def refresh_own(self, by: str) -> None:
        """Have the catalog show the house's own apps as they are now. Raises `Unavailable` where that fails."""
        await self._keep_at(OWN, "Yours", self._own)
        await self._sync.sync_now(await self._row(OWN), by)

    # --- reading ---

    async def all(self) -> list[Store]:
        """In the order in which they count where two have the same app."""
        problems = await self._store.apps.problem_counts()
        return [await self._shown(row, problems.get(row.id, 0)) for row in await self._store.all()]

    async def get(self, id: str) -> Store:
        return await self._shown(await self._row(id), (await self._store.apps.problem_counts()).get(id, 0))

    async def problems(self, id: str) -> list[StoreProblem]:
        row = await self._row(id)
        found = [*await self._store.apps.problems(id), *(await self._stacks_of(row))[1]]
        return [StoreProblem(path=path, reason=reason) for path, reason in found]

    async def stacks(self) -> list[tuple[str, StackFile]]:
        """The bundles of apps in all stores that are switched on, each with its store's id."""
        rows = [row for row in await self._store.all() if row.enabled]
        return [(row.id, stack) for row in rows for stack in (await self._stacks_of(row))[0]]

    async def _stacks_of(self, row: StoreRow) -> tuple[list[StackFile], list[tuple[str, str]]]:
        """Those that can be read, and path and reason of the others. Only Talome's own format has any."""
        root = await asyncio.to_thread(self._places.root, row) if row.kind == "talome" else None
        if root is None:
            return [], []
        found = await asyncio.to_thread(lambda: list(read_stacks(root)))
        return (
            [one for one in found if isinstance(one, StackFile)],
            [(one.path, one.reason) for one in found if isinstance(one, BadApp)],
        )

    async def files_of(self, id: str, app: str, names: Sequence[str]) -> tuple[str, dict[str, str]]:
        """The app's folder in a store, and the texts of those names that are there; `apps/<id>` and nothing where the
        store does not have it. Raises `NotFound` without the store."""
        row = await self._row(id)
        root = await asyncio.to_thread(self._places.root, row)
        kept = await self._store.apps.manifest(id, app)
        if root is None or kept is None:
            return f"apps/{app}", {}
        try:
            found = {name: await asyncio.to_thread(read_words, root / kept[0], name) for name in names}
        except BadManifest:
            return kept[0], {}
        return kept[0], {name: text for name, text in found.items() if text is not None}

    async def suggestions(self) -> list[StoreSuggestion]:
        urls = {_bare(row.url) for row in await self._store.all()}
        return [
            StoreSuggestion(id=id, name=name, type=type, url=url, branch="", added=_bare(url) in urls)
            for id, name, type, url in _KNOWN
        ]

    async def _shown(self, row: StoreRow, problems: int) -> Store:
        type: StoreType | None = row.kind  # type: ignore[assignment]  # kept by us, from a value of that type
        return Store(
            id=row.id,
            name=row.name,
            type=type,
            apps=self._catalog.count(row.id) if row.enabled else 0,
            problems=problems,
            enabled=bool(row.enabled),
            synced_at=None if row.synced_at is None else from_ms(row.synced_at),
            failure=row.failure,
            url="" if row.bundled else row.url,
            branch=row.branch,
            has_token=row.sealed is not None,
            bundled=bool(row.bundled),
            job_id=await self._sync.job_id(row.id),
        )

    async def _row(self, id: str) -> StoreRow:
        row = await self._store.get(id)
        if row is None:
            raise NotFound("There is no such store.")
        return row

    # --- changing ---

    async def add(
        self, caller: Caller, url: str, *, type: StoreType | None, name: str, branch: str, token: str
    ) -> StoreAdded:
        """Keep a new source and begin its first sync. Raises `Invalid`, `Conflict` or `Forbidden`."""
        known = next((one for one in _KNOWN if _bare(one[3]) == _bare(url)), None)
        if known is not None:
            type, name = type or known[2], name or known[1]
        source = Source(url, branch, type, bundled=False, upstream="", current=None)
        _refuse_strangers(caller, source)
        await asyncio.to_thread(check_source, source, self._places.folder.parent)
        if source.way == "static":
            type = "casaos-static"
        name = _tidy_name(name or _bare(url).rpartition("/")[2])
        async with self._adding:
            rows = await self._store.all()
            if any(_bare(row.url) == _bare(url) and row.branch == branch for row in rows):
                raise Conflict("This store is there already.", field="url")
            if len(rows) >= _MOST_STORES:
                raise Conflict(f"There are {_MOST_STORES} stores already. Remove one first.")
            id = known[0] if known is not None else _slug(name)
            row = _new_row(_free(id, {OWN, *(one.id for one in rows)}), name, url, kind=type, branch=branch)
            row = row.changed(sealed=self._seal(row.id, token))
            async with self._store.db.write() as tx:
                await self._store.add(tx, row)
        await self._sync.offer()
        job = await self._sync.start(row, caller.name)
        return StoreAdded(store=await self.get(row.id), job=Job.of(job))

    async def change(
        self, id: str, *, name: str | None, enabled: bool | None, branch: str | None, token: str | None
    ) -> Store:
        """What is None stays; an empty token removes it. Another branch or token counts from the next sync on."""
        row = await self._row(id)
        if row.bundled and (name, branch, token) != (None, None, None):
            raise Invalid("The bundled store can only be switched on and off.")
        await self._sync.refuse_running(id)
        if branch is not None and branch != row.branch:
            source = Source(row.url, branch, None, bundled=False, upstream="", current=None)
            await asyncio.to_thread(check_source, source, self._places.folder.parent)
            row = row.changed(branch=branch, upstream="")
        if token is not None:
            row = row.changed(sealed=self._seal(id, token))
        if enabled is not None:
            row = row.changed(enabled=int(enabled))
        if name is not None:
            row = row.changed(name=_tidy_name(name))
        async with self._store.db.write() as tx:
            await self._store.update(tx, row)
        await self._sync.offer(id)
        return await self.get(id)

    async def remove(self, id: str) -> None:
        """Its apps are offered no more; those that are installed stay. Raises `Conflict` while it is synced."""
        row = await self._row(id)
        if row.bundled:
            raise Conflict("The bundled store stays; it can be switched off.")
        await self._sync.refuse_running(id)
        async with self._store.db.write() as tx:
            await self._store.delete(tx, id)
        await self._sync.offer(id)
        await asyncio.to_thread(remove, self._places.folder / id)

    def _seal(self, id: str, token: str) -> str | None:
        if not token:
            return None
        return self._secrets.seal(token, purpose=TOKEN_PURPOSE, row=id)

    # --- syncing ---

    async def sync(self, id: str, by: str) -> Job:
        row = await self._row(id)
        if not row.enabled:
            raise Conflict("This store is switched off. Switch it on first.")
        return Job.of(await self._sync.start(row, by))

    async def sync_all(self, by: str) -> StoresChecked:
        rows = [row for row in await self._store.all() if row.enabled]
        return StoresChecked(jobs=[Job.of(await self._sync.start(row, by)) for row in rows])

    async def _work(self) -> None:
        await asyncio.sleep(self._first_look_s)  # a server that starts has better things to do
        while True:
            try:
                await self.sync_due(now_ms())
            except TalomeError:
                _log.exception("The stores could not be synced on schedule")
            await asyncio.sleep(_LOOK_S)

    async def sync_due(self, at_ms: int) -> None:
        """Sync what is due. The bundled store changes with the release only, so that is looked at once."""
        hours = self._settings.number(SYNC_HOURS)
        for row in await self._store.all():
            if row.bundled:
                due = row.id not in self._looked_at and await self._bundled_is_new(row)
                self._looked_at.add(row.id)
            else:
                due = _is_due(row, at_ms, hours)
            if due and row.enabled:
                await self._sync.start(row, "Talome")

    async def _bundled_is_new(self, row: StoreRow) -> bool:
        root = await asyncio.to_thread(self._places.root, row)
        if root is None:
            return True
        contents = await asyncio.to_thread(contents_of, root, "talome")
        return contents.reading != row.reading or dict(contents.apps) != await self._store.apps.hashes(row.id)


def one_address(url: str | None, git_url: str | None) -> str:
    """Of a store, which has one."""
    if (address := url or git_url) is None or (url is not None and git_url is not None):
        raise Invalid("Give the store's address, as `url` or as `gitUrl`.", field="url")
    return address


def _is_due(row: StoreRow, at_ms: int, hours: float) -> bool:
    if not hours:
        return False
    if row.tried_at is None:
        return True
    sway = 1 + _JITTER * (crc32(row.id.encode()) % 200 - 100) / 100  # so that not all boxes and stores come at once
    return at_ms - row.tried_at > hours * sway * 3_600_000


def _new_row(
    id: str, name: str, url: str, *, kind: StoreType | None, branch: str = "", bundled: bool = False
) -> StoreRow:
    return StoreRow(
        id=id, kind=kind, name=name, url=url, branch=branch, sealed=None, enabled=1, bundled=int(bundled), position=0,
        folder=None, upstream="", reading="", tried_at=None, synced_at=None, failure=None, created_at=now_ms(),
    )  # fmt: skip


def _refuse_strangers(caller: Caller, source: Source) -> None:
    """What a store may read is up to those who own the machine."""
    if caller.kind not in ("user", "key"):
        raise Forbidden("Only a person may add a store.")
    if (source.way == "folder" or source.url.startswith("file:")) and "*" not in caller.scopes:
        raise Forbidden("Only an administrator may add a folder of this machine as a store.")


def _bare(url: str) -> str:
    """Without what does not make it another address."""
    return url.strip().rstrip("/").removesuffix(".git").removesuffix("/index.json")


def _tidy_name(name: str) -> str:
    tidy = " ".join("".join(character if character.isprintable() else " " for character in name).split())[:80]
    if not tidy:
        raise Invalid("Give the store a name.", field="name")
    return tidy


def _slug(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain.removesuffix(".zip")).strip("-")[:40].strip("-") or "store"


def _free(id: str, taken: set[str]) -> str:
    candidates = (id if number == 1 else f"{id}-{number}" for number in range(1, _MOST_STORES + 2))
    return next(one for one in candidates if one not in taken)
