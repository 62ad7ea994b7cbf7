"""Keeps the index of files up: a walk at the start and each night; and folders that changed, as soon as it is told.

One folder is read at a time, and then it rests for longer than that took. What a walk has read it notes at the folder,
so that after a stop it goes on where it was.
"""

import asyncio
import logging
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, Protocol

from talome.core.background import Background
from talome.core.clock import now_ms
from talome.core.settings.service import Setting, Settings
from talome.engines.inotify import FolderWatch
from talome.engines.mounts import unreal_devices
from talome.home.search.pdfs import read_pdfs
from talome.home.search.reading import Places, RootAway, Seen, look_into, parts_below, read_texts, words_of
from talome.home.search.store import EntryRow, FolderRow, NewEntry, RootRow, TreeStore
from talome.home.search.turns import Turns

TEXTS: Final = "search.texts"
MOST_ENTRIES: Final = "search.most_entries"
MOST_TEXT: Final = "search.most_text_mb"
SETTINGS: Final[tuple[Setting, ...]] = (
    Setting(
        key=TEXTS,
        kind="boolean",
        default=True,
        title="Search the text of documents",
        help="Text files, tables, office documents and PDFs. Off: only names are searched.",
        feature="search",
    ),
    Setting(
        key=MOST_ENTRIES,
        kind="number",
        default=300_000,
        title="Most files that are searched",
        help="What is beyond is left out of the search. 100,000 files take about 40 MB on the disk.",
        feature="search",
        minimum=1000,
        maximum=1_000_000,
        unit="files",
    ),
    Setting(
        key=MOST_TEXT,
        kind="number",
        default=200,
        title="Most text that is searched",
        help="The index takes about three times as much on the disk.",
        feature="search",
        minimum=0,
        maximum=10_000,
        unit="MB",
    ),
)
MOST_WATCHED: Final = 20_000
DELAY_S = 5.0
"""The start of the house comes first."""
_BATCH: Final = 500
_NIGHT_HOUR: Final = 3
SETTLE_S = 1.0
AROUND_S = 600.0
_AROUND: Final = 500
"""So many folders that the kernel tells nothing of are looked at in these ten minutes."""
_LONGEST_REST_S: Final = 2.0
_COST_FACTOR: Final = 20.0
_MINUTE_MS: Final = 60_000
_log = logging.getLogger(__name__)


class SearchedRoot(Protocol):
    """A folder of the machine whose files can be found, by those who may read it."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def folder(self) -> str: ...


class SearchedRoots(Protocol):
    """Which roots there are now."""

    def all(self) -> Sequence[SearchedRoot]: ...


@dataclass
class _Progress:
    """What is known of the roots only while it runs."""

    away: set[int] = field(default_factory=set)
    resumed: set[int] = field(default_factory=set)
    entries: int = 0
    text_bytes: int = 0
    full: bool = False
    grown: set[int] = field(default_factory=set)
    """Roots with folders that are new since they were walked."""


class Indexer(Background):
    """Runs while it is open. `pace`: how many times as long as it worked it rests."""

    def __init__(
        self, store: TreeStore, roots: SearchedRoots, settings: Settings, own_folder: Path,
        *, pace: float = 2.0,
    ) -> None:  # fmt: skip
        self._store = store
        self._roots = roots
        self._settings = settings
        self._own_folder = own_folder
        self._pace = pace
        self._watch = FolderWatch(MOST_WATCHED, self._changed, self._lost)
        self._folder_of: dict[int, int] = {}
        self._unwatched = Turns()
        self._due: dict[int, float] = {}
        self._rested_until: dict[int, float] = {}
        self._wake = asyncio.Event()
        self._again = True
        self._idle = False
        self._progress = _Progress()
        self._folders: dict[int, SearchedRoot] = {}
        self._rows: list[RootRow] = []

    # --- what others see ---

    def look_again(self, _: object = None) -> None:
        """The roots, or rights to them, changed; or somebody wants it walked now."""
        self._again = True
        self._wake.set()

    def numbers(self, ids: frozenset[str]) -> dict[int, SearchedRoot]:
        """The roots of these ids by their numbers in the index."""
        return {number: root for number, root in self._folders.items() if root.id in ids}

    @property
    def progress(self) -> _Progress:
        return self._progress

    @property
    def rows(self) -> Sequence[RootRow]:
        return self._rows

    @property
    def watched(self) -> tuple[int, int]:
        """How many folders are watched, and how many are not."""
        return len(self._watch), len(self._unwatched)

    @property
    def busy(self) -> bool:
        """Whether anything waits to be read."""
        return not self._idle or self._again or bool(self._due)

    # --- the loop ---

    async def _work(self) -> None:
        await asyncio.sleep(DELAY_S)
        self._progress.entries, self._progress.text_bytes = await self._store.totals()
        self._places = await asyncio.to_thread(_places, self._own_folder)
        with self._watch:
            while True:
                self._wake.clear()
                if self._again:
                    self._again = False
                    await self._take_roots()
                if not await self._step():
                    self._idle = True
                    await self._rest()
                    self._idle = False

    async def _take_roots(self) -> None:
        """Forget roots that are gone or elsewhere, learn the new ones, and walk all."""
        wanted = {root.id: root for root in self._roots.all()}
        for row in await self._store.roots():
            if row.id not in wanted or os.fsencode(wanted[row.id].folder) != row.path:
                await self._forget_at(row.number, b"")
                await self._store.remove_root(row.number)
        known = {row.id for row in await self._store.roots()}
        for root in wanted.values():
            if root.id not in known:
                await self._store.add_root(root.id, os.fsencode(root.folder))
        for row in await self._store.roots():
            if row.ended_at is None and row.number not in self._folders:
                self._progress.resumed.add(row.number)
            elif row.ended_at is not None:
                await self._store.begin_walk(row.number, now_ms())
        self._rows = await self._store.roots()
        self._folders = {row.number: wanted[row.id] for row in self._rows}

    async def _step(self) -> bool:
        """Do a little; False where there is nothing to do now."""
        now = time.monotonic()
        due = next((folder for folder, at in self._due.items() if at <= now), None)
        if due is not None:
            del self._due[due]
            if (folder := await self._store.folder(due)) is not None:
                await self._read_and_rest(folder)
            return True
        for row in self._rows:
            if row.ended_at is None or row.number in self._progress.grown:
                await self._walk_on(row)
                return True
        return False

    async def _walk_on(self, row: RootRow) -> None:
        folders = await self._store.to_walk(row.number, row.walk, 20)
        for folder in folders:
            await self._read_and_rest(folder)
            await self._store.mark_walked([(row.walk, folder.id)])
            if self._again or any(at <= time.monotonic() for at in self._due.values()):
                return
        if folders:
            return
        self._progress.grown.discard(row.number)
        if row.ended_at is None:
            await self._store.end_walk(row.number, now_ms())
            if row.number in self._progress.resumed:  # what it had read before the stop is neither watched nor new
                self._progress.resumed.discard(row.number)
                await self._store.begin_walk(row.number, now_ms())
            self._rows = await self._store.roots()

    async def _rest(self) -> None:
        """Until something is due, a root changes, or the night comes."""
        waits = [at - time.monotonic() for at in self._due.values()]
        night_s = _seconds_until_night()
        around = [AROUND_S] if self._unwatched else []
        try:
            async with asyncio.timeout(max(0.01, min([*waits, night_s, *around]))):
                await self._wake.wait()
        except TimeoutError:
            self._again |= not waits and _seconds_until_night() > night_s
            if not waits:
                self._due |= dict.fromkeys(self._unwatched.take(_AROUND), time.monotonic())

    async def _read_and_rest(self, folder: FolderRow) -> None:
        began = time.monotonic()
        try:
            await self._read(folder)
        except OSError as error:
            _log.debug("A folder could not be read for the search: %s", error.strerror)
        took_s = time.monotonic() - began
        self._rested_until[folder.id] = time.monotonic() + took_s * _COST_FACTOR
        if len(self._rested_until) > MOST_WATCHED:
            self._rested_until.clear()
        await asyncio.sleep(min(took_s * self._pace, _LONGEST_REST_S))

    # --- one folder ---

    async def _read(self, folder: FolderRow) -> None:
        root = self._folders.get(folder.root)
        if root is None:
            return
        try:
            number, seen = await asyncio.to_thread(
                look_into, Path(root.folder), folder.path, self._places, self._watch.add
            )
        except RootAway:
            self._progress.away.add(folder.root)
            return
        except (FileNotFoundError, NotADirectoryError):
            await self._forget(folder)
            return
        self._note_watch(folder.id, number)
        known = await self._store.content(folder.id)
        if not folder.path:
            self._progress.away.discard(folder.root)
            if known and not seen:  # a disk that is not mounted looks like this
                self._progress.away.add(folder.root)
                return
        await self._bring_up_to_date(root, folder, known, seen)

    async def _bring_up_to_date(
        self, root: SearchedRoot, folder: FolderRow, known: dict[bytes, EntryRow], seen: list[Seen]
    ) -> None:
        new, gone = _difference(known, seen)
        for row in gone:
            if row.is_folder:
                await self._forget_at(folder.root, folder.path + b"/" + row.name if folder.path else row.name)
        for at in range(0, len(gone), _BATCH):
            batch = gone[at : at + _BATCH]
            await self._store.remove([row.id for row in batch])
            self._count(-len(batch), -sum(row.text_bytes for row in batch))
        room = int(self._settings.number(MOST_ENTRIES)) - self._progress.entries
        self._progress.full |= len(new) > room
        for at in range(0, min(len(new), max(0, room)), _BATCH):
            await self._add(root, folder, new[at : min(at + _BATCH, room)])

    async def _add(self, root: SearchedRoot, folder: FolderRow, batch: list[Seen]) -> None:
        texts: dict[str, str] = {}
        if self._settings.get(TEXTS):
            room = int(self._settings.number(MOST_TEXT) * 1_000_000) - self._progress.text_bytes
            self._progress.full |= room <= 0
            texts = await asyncio.to_thread(read_texts, Path(root.folder), folder.path, batch, room)
            left = room - sum(map(len, texts.values()))
            texts |= await read_pdfs(Path(root.folder), folder.path, batch, left)
        above = " ".join(dict.fromkeys(" ".join(words_of(part) for part in parts_below(folder.path)).split()))
        latest = now_ms()
        entries = [
            NewEntry(
                os.fsencode(it.name), it.is_folder, it.size_bytes, min(it.modified_ms, latest),
                words_of(it.name), above, texts.get(it.name, ""), it.enter,
            )
            for it in batch
        ]  # fmt: skip
        await self._store.add(folder, entries, root_word(folder.root))
        if any(entry.enter for entry in entries):
            self._progress.grown.add(folder.root)
        self._count(len(entries), sum(len(entry.text) for entry in entries))

    async def _forget_at(self, root: int, path: bytes) -> None:
        if (folder := await self._store.folder_at(root, path)) is not None:
            await self._forget(folder)

    async def _forget(self, folder: FolderRow) -> None:
        """Forget a folder with everything below it, a little at a time."""
        while True:
            folders = await self._store.folders_below(folder, _BATCH)
            for each in folders:
                while removed := await self._store.remove_folder(each.id, _BATCH):
                    self._count(-removed, 0)
                self._note_watch(each.id, None, gone=True)
            if len(folders) < _BATCH:
                break
        _, self._progress.text_bytes = await self._store.totals()

    def _count(self, entries: int, text_bytes: int) -> None:
        self._progress.entries += entries
        self._progress.text_bytes += text_bytes
        if entries < 0 or text_bytes < 0:
            self._progress.full = False

    # --- what the kernel tells ---

    def _note_watch(self, folder: int, number: int | None, *, gone: bool = False) -> None:
        for old in [known for known, of in self._folder_of.items() if of == folder and known != number] if gone else ():
            del self._folder_of[old]
            self._watch.remove(old)
        if number is not None:
            self._folder_of[number] = folder
        if gone or number is not None:
            self._unwatched.discard(folder)
        else:
            self._unwatched.add(folder)

    def _changed(self, numbers: set[int]) -> None:
        """A folder is read again when it has been quiet for a second, and the less often the longer that takes."""
        at = time.monotonic() + SETTLE_S
        for number in numbers:
            if (folder := self._folder_of.get(number)) is not None:
                self._due[folder] = max(at, self._rested_until.get(folder, 0.0))
        self._wake.set()

    def _lost(self) -> None:
        _log.info("More changed at once than the kernel keeps: the folders are walked again")
        self.look_again()


def root_word(number: int) -> str:
    """Stands for a root among the words of an index, which have no letters for private use."""
    return chr(0xE000 + number % 6000) * 3


def _difference(known: dict[bytes, EntryRow], seen: Sequence[Seen]) -> tuple[list[Seen], list[EntryRow]]:
    """What is new or changed, and what is known of it or gone. A folder's own date does not matter."""
    left = dict(known)
    new = []
    for it in seen:
        name = os.fsencode(it.name)
        row = left.get(name)
        if row is not None and row.is_folder == it.is_folder and (it.is_folder or _is_same(row, it)):
            del left[name]
        else:
            new.append(it)
    return new, list(left.values())


def _is_same(row: EntryRow, it: Seen) -> bool:
    if row.size_bytes != it.size_bytes:
        return False
    return row.modified_ms == it.modified_ms or (it.modified_ms > row.modified_ms and it.modified_ms > now_ms())


def _places(own: Path) -> Places:
    known = own.stat()
    return Places((known.st_dev, known.st_ino), unreal_devices(Path("/proc/self/mountinfo")))


def _seconds_until_night() -> float:
    now = datetime.now().astimezone()
    night = now.replace(hour=_NIGHT_HOUR, minute=30, second=0, microsecond=0)
    return ((night if night > now else night + timedelta(days=1)) - now).total_seconds()
