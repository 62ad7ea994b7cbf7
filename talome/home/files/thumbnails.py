"""Small pictures of pictures and films, made once each by `engines/pictures` and kept on the disk, within a bound."""

import asyncio
import hashlib
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from talome.core.errors import Invalid, NotFound
from talome.engines.pictures import picture_of
from talome.home.files.content import opened
from talome.home.files.listing import pictured
from talome.home.files.roots import Place

_SIZES: Final = {"256": 256, "768": 768}
_KEPT_BYTES: Final = 512 * 1024 * 1024
_KEPT_FILES: Final = 20_000
_AT_ONCE: Final = 2


@dataclass(frozen=True, slots=True)
class Picture:
    """`content` is empty where none can be made."""

    content: bytes
    etag: str


class Thumbnails:
    """`folder` holds one file a picture, named by what it was made of; nothing else may lie there."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._few = asyncio.Semaphore(_AT_ONCE)
        self._made = 0

    async def get(self, place: Place, size: str) -> Picture:
        if size not in _SIZES:
            raise Invalid(f"“size” is one of {', '.join(_SIZES)}.", field="size")
        found = await opened(place)
        if found is None or not pictured(found.media_type):
            if found is not None:
                os.close(found.descriptor)
            raise NotFound("There is no picture of this.", code="no_picture")
        try:
            device = os.fstat(found.descriptor).st_dev
            name = hashlib.sha256(f"{device} {found.etag} {size}".encode()).hexdigest()[:40]
            content = await asyncio.to_thread(self._kept, name)
            if content is None:
                async with self._few:
                    is_film = (found.media_type or "").startswith("video/")
                    content = await picture_of(found.descriptor, _SIZES[size], film=is_film)
                await asyncio.to_thread(self._keep, name, content)
        finally:
            os.close(found.descriptor)
        return Picture(content, f'"{name}"')

    def _kept(self, name: str) -> bytes | None:
        """Empty where it is known that none can be made."""
        path = self._folder / name
        with suppress(OSError):
            content = path.read_bytes()
            os.utime(path)
            return content
        return None

    def _keep(self, name: str, content: bytes) -> None:
        with suppress(OSError):  # a full disk costs the next look, not this one
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            part = self._folder / f".{name}.part"
            part.write_bytes(content)
            part.rename(self._folder / name)
            self._made += 1
            if self._made % 200 == 1:
                self._forget_old()

    def _forget_old(self) -> None:
        """What was not looked at for longest goes first."""
        with os.scandir(self._folder) as entries:
            known = [(entry.stat().st_mtime, entry.stat().st_size, entry.path) for entry in entries]
        known.sort(reverse=True)
        total = 0
        for number, (_, size, path) in enumerate(known):
            total += size
            if total > _KEPT_BYTES or number >= _KEPT_FILES:
                Path(path).unlink(missing_ok=True)
