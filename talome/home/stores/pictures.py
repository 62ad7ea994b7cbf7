"""Icons and screenshots of apps, from the store's folder or fetched once and kept. What comes is looked at: a picture
is known by its first bytes, whatever it is called.
"""

import asyncio
import hashlib
import time
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from yarl import URL

from talome.core.errors import NotFound, TalomeError
from talome.engines.fetch import Wish, fetch
from talome.home.stores.catalog import Catalog
from talome.home.stores.formats.files import read_content
from talome.home.stores.formats.found import BadManifest
from talome.home.stores.places import Places
from talome.home.stores.store import StoreRow, StoresStore

LARGEST_BYTES: Final = 2 * 1024**2
_CACHE_BYTES: Final = 256 * 1024**2
_SWEEP_EVERY: Final = 500
_TIMEOUT_S: Final = 15.0
_AT_ONCE: Final = 6
_MISSING_S: Final = 900.0
_MOST_MISSING: Final = 5000
_HEAD_BYTES: Final = 1024


@dataclass(frozen=True, slots=True)
class Picture:
    content: bytes
    content_type: str
    etag: str


class Pictures:
    """`cache` holds what was fetched, under the digest of its address. One that cannot be had is not asked for again
    for a quarter of an hour, and several who ask at once share one request."""

    def __init__(self, store: StoresStore, catalog: Catalog, places: Places, cache: Path) -> None:
        self._store = store
        self._catalog = catalog
        self._places = places
        self._cache = cache
        self._slots = asyncio.Semaphore(_AT_ONCE)
        self._missing: OrderedDict[str, float] = OrderedDict()
        self._fetching: dict[str, asyncio.Task[bytes]] = {}
        self._kept = 0

    async def icon(self, id: str) -> Picture:
        """Raises `NotFound`."""
        entry, path, app = await self._catalog.manifest(id)
        if app.icon is None:
            raise _no_picture()
        return await self._picture(entry.store, path, app.icon)

    async def screenshot(self, id: str, number: int) -> Picture:
        """Raises `NotFound`."""
        entry, path, app = await self._catalog.manifest(id)
        if not 0 <= number < len(app.screenshots):
            raise _no_picture()
        return await self._picture(entry.store, path, app.screenshots[number])

    async def _picture(self, store_id: str, app_folder: str, told: str) -> Picture:
        row = await self._store.get(store_id)
        if row is None:
            raise _no_picture()
        if told.startswith(("http://", "https://")):
            content = await self._fetched(told, allow_private=_same_host(told, row))
        else:
            content = await asyncio.to_thread(_from_folder, self._places.root(row), app_folder, told)
        kind = picture_type(content)
        if kind is None:
            raise _no_picture()
        return Picture(content, kind, hashlib.blake2b(content, digest_size=12).hexdigest())

    async def _fetched(self, url: str, *, allow_private: bool) -> bytes:
        key = hashlib.sha256(url.encode(errors="replace")).hexdigest()
        kept = await asyncio.to_thread(_read, self._cache / key)
        if kept is not None:
            return kept
        until = self._missing.get(key)
        if until is not None and time.monotonic() < until:
            raise _no_picture()
        task = self._fetching.get(key)
        if task is None:
            task = asyncio.create_task(self._fetch(url, key, allow_private=allow_private))
            self._fetching[key] = task
            task.add_done_callback(lambda done: self._fetch_ended(key, done))
        return await asyncio.shield(task)

    def _fetch_ended(self, key: str, task: asyncio.Task[bytes]) -> None:
        self._fetching.pop(key, None)
        if not task.cancelled():
            task.exception()  # seen, also where all who asked went away

    async def _fetch(self, url: str, key: str, *, allow_private: bool) -> bytes:
        async with self._slots:
            try:
                fetched = await fetch(url, Wish(LARGEST_BYTES, _TIMEOUT_S, allow_private=allow_private))
            except TalomeError:
                fetched = None
        content = (fetched.body or b"") if fetched is not None else b""
        if picture_type(content) is None:
            self._missing[key] = time.monotonic() + _MISSING_S
            self._missing.move_to_end(key)
            while len(self._missing) > _MOST_MISSING:
                self._missing.popitem(last=False)
            raise _no_picture()
        if self._kept % _SWEEP_EVERY == 0:
            await asyncio.to_thread(_make_room, self._cache)
        self._kept += 1
        await asyncio.to_thread(_write, self._cache / key, content)
        return content

    async def close(self) -> None:
        tasks = tuple(self._fetching.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def picture_type(content: bytes) -> str | None:
    """By its first bytes; None for what is no picture that browsers show."""
    head = content[:_HEAD_BYTES]
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text.startswith((b"<svg", b"<?xml", b"<!--", b"<!DOCTYPE svg")) and b"<svg" in content[: 16 * _HEAD_BYTES]:
        return "image/svg+xml"
    return None


def _same_host(url: str, row: StoreRow) -> bool:
    """A store in the own network may have its pictures beside it."""
    try:
        return bool(row.url.startswith("http")) and URL(url).origin() == URL(row.url).origin()
    except ValueError:
        return False


def _from_folder(root: Path | None, app_folder: str, relative: str) -> bytes:
    parts = relative.removeprefix("./").split("/")
    if root is None or any(part in ("", ".", "..") for part in parts):
        raise _no_picture()
    try:
        content = read_content(root, f"{app_folder}/{'/'.join(parts)}", limit=LARGEST_BYTES)
    except (BadManifest, ValueError):
        content = None
    if content is None:
        raise _no_picture()
    return content


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = path.with_name(f"{path.name}.part")
    part.write_bytes(content)
    part.replace(path)


def _make_room(cache: Path) -> None:
    """The oldest go, where there is more than is allowed."""
    if not cache.is_dir():
        return
    files = sorted(((file.stat(), file) for file in cache.iterdir()), key=lambda item: item[0].st_mtime, reverse=True)
    total = 0
    for found, file in files:
        total += found.st_size
        if total > _CACHE_BYTES:
            file.unlink(missing_ok=True)


def _no_picture() -> NotFound:
    return NotFound("There is no such picture.")
