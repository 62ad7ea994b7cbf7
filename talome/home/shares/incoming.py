"""A file that comes in: written beside its place under a name that nobody sees, and put there whole or not at all."""

import asyncio
import os
import secrets
import shutil
import stat
import threading
from collections.abc import AsyncIterable
from contextlib import suppress
from typing import Final

from talome.core.errors import Conflict, Invalid, StorageFull, Unavailable
from talome.engines.beneath import Beneath, said_plainly
from talome.home.files.service import PART, Place, numbered, owner_of_new, require_new

_GATHERED_BYTES: Final = 1024 * 1024
_SPARE_BYTES: Final = 256 * 1024 * 1024
_LOOK_EVERY_BYTES: Final = 64 * 1024 * 1024
_MOST_NAMES: Final = 1000


async def receive(place: Place, content: AsyncIterable[bytes], *, replace: bool) -> tuple[Place, os.stat_result, bool]:
    """Write the content to the place; without `replace` to the next free name. Where it is, what it is, and whether it
    is new. Memory is bounded, the disk keeps a reserve, and a broken upload leaves nothing."""
    part = await asyncio.to_thread(_Part.begin, place)
    try:
        gathered = bytearray()
        async for chunk in content:
            gathered += chunk
            if len(gathered) >= _GATHERED_BYTES:
                await asyncio.to_thread(part.write, bytes(gathered))
                gathered.clear()
        await asyncio.to_thread(part.write, bytes(gathered))
        return await asyncio.to_thread(part.commit, replace)
    finally:
        await asyncio.to_thread(part.close)


class _Part:
    """Blocking; holds the root's folder and the file. One thing at a time: whoever gives up while a thread still
    writes must not have its descriptor closed under it, and perhaps be another file's by then."""

    def __init__(self, place: Place, root: Beneath) -> None:
        self._place = place
        self._root = root
        self._parts = (*place.parts[:-1], f"{PART}{secrets.token_hex(8)}")
        nameless = root.make_nameless(place.parts[:-1])
        self._descriptor = root.make(self._parts) if nameless is None else nameless
        self._is_named = nameless is None
        self._written = 0
        self._looked_at = 0
        self._closed = False
        self._lock = threading.Lock()

    @staticmethod
    def begin(place: Place) -> "_Part":
        with said_plainly(place.name):
            root = place.open()
            try:
                if not root.exists(place.parts):
                    require_new(place.name)
                return _Part(place, root)
            except BaseException:
                os.close(root.descriptor)
                raise

    def write(self, data: bytes) -> None:
        with self._lock:
            if not self._closed:
                self._write(data)

    def _write(self, data: bytes) -> None:
        if self._written - self._looked_at >= _LOOK_EVERY_BYTES or not self._written:
            self._looked_at = self._written
            if shutil.disk_usage(self._descriptor).free < _SPARE_BYTES:
                raise StorageFull("There is no room left on the disk. Make some, then try again.")
        view = memoryview(data)
        with said_plainly(self._place.name):
            while view:
                view = view[os.write(self._descriptor, view) :]
        self._written += len(data)

    def commit(self, replace: bool) -> tuple[Place, os.stat_result, bool]:
        with self._lock, said_plainly(self._place.name):
            if self._closed:
                raise Unavailable("The upload was given up.")
            known = self._known() if replace else None
            self._dress(known)
            os.fsync(self._descriptor)
            if not self._is_named:
                self._root.name(self._descriptor, self._parts)
                self._is_named = True
            if replace:
                self._root.rename(self._parts, self._root, self._place.parts, replace=True)
                place = self._place
            else:
                place = self._put_beside()
            self._is_named = False
            return place, os.fstat(self._descriptor), known is None

    def _known(self) -> os.stat_result | None:
        try:
            known = self._root.stat(self._place.parts)
        except FileNotFoundError:
            return None
        if stat.S_ISDIR(known.st_mode):
            raise Conflict(f"“{self._place.name}” is a folder.", code="is_a_folder")
        if not stat.S_ISREG(known.st_mode):
            raise Invalid(f"“{self._place.name}” is no ordinary file.", code="not_a_file")
        return known

    def _dress(self, known: os.stat_result | None) -> None:
        """Owner and mode of the file that it takes the place of, or of a new one."""
        if known is not None:
            with suppress(PermissionError):
                os.fchown(self._descriptor, known.st_uid, known.st_gid)
            os.fchmod(self._descriptor, stat.S_IMODE(known.st_mode) & 0o777)
        elif (owner := owner_of_new(self._place.root, self._root)) is not None:
            os.fchown(self._descriptor, *owner)

    def _put_beside(self) -> Place:
        for number in range(1, _MOST_NAMES):
            name = self._place.parts[-1]
            name = name if number == 1 else numbered(name, number, folder=False)
            with suppress(FileExistsError):
                self._root.rename(self._parts, self._root, (*self._place.parts[:-1], name))
                return self._place.above.below(name)
        raise Conflict(f"There are too many files that are called like “{self._place.name}”.")

    def close(self) -> None:
        with self._lock:
            self._closed = True
            os.close(self._descriptor)
            try:
                if self._is_named:
                    self._root.remove(self._parts)
            finally:
                os.close(self._root.descriptor)
