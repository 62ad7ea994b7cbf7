"""What was recorded, to look at elsewhere and to delete. A recording is whoever's made it; an administrator sees all.

What is in the folder may have been put there by a hand, so nothing of it is believed: names are of one form, links are
not followed, and of the first line only so much is read.
"""

import asyncio
import os
import re
import stat
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import orjson

from talome.core.errors import NotFound
from talome.core.operations import Caller
from talome.home.terminal.models import TerminalRecording

SEE_ALL_SCOPE: Final = "terminal:host"
_NAME: Final = re.compile(r"\d{8}-\d{6}-term_[0-9a-f]{24}\.cast")
_HEAD_BYTES: Final = 4096
_MOST: Final = 1000


class Recordings:
    """`folder` is where the terminal process writes them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def all(self, caller: Caller) -> list[TerminalRecording]:
        """The caller's own, the latest first; for an administrator everybody's."""
        found = await asyncio.to_thread(self._all)
        return [shown for owner, shown in found if _may_see(owner, caller)]

    def _all(self) -> list[tuple[str | None, TerminalRecording]]:
        try:
            names = sorted(filter(_NAME.fullmatch, (path.name for path in self._folder.iterdir())), reverse=True)
        except FileNotFoundError:
            return []
        found = []
        for name in names[:_MOST]:
            with suppress(OSError):
                found.append(self._look(name))
        return found

    def _look(self, name: str) -> tuple[str | None, TerminalRecording]:
        descriptor = self._opened(name)
        try:
            head, known = _head(os.read(descriptor, _HEAD_BYTES)), os.fstat(descriptor)
        finally:
            os.close(descriptor)
        owner, title = head.get("owner"), head.get("title")
        began = datetime.strptime(name[:15], "%Y%m%d-%H%M%S").replace(tzinfo=UTC)
        shown = TerminalRecording(
            name=name,
            title=title[:200] if isinstance(title, str) else name,
            began_at=began,
            size_bytes=known.st_size,
        )
        return owner if isinstance(owner, str) else None, shown

    def _opened(self, name: str) -> int:
        descriptor = os.open(self._folder / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise FileNotFoundError(name)
        return descriptor

    async def open(self, caller: Caller, name: str) -> int:
        """A descriptor to read it by, for whoever closes it."""
        await self._require(caller, name)
        return await asyncio.to_thread(self._opened, name)

    async def remove(self, caller: Caller, name: str) -> None:
        await self._require(caller, name)
        await asyncio.to_thread((self._folder / name).unlink, missing_ok=True)

    async def _require(self, caller: Caller, name: str) -> None:
        with suppress(OSError, ValueError):
            if _NAME.fullmatch(name) and _may_see((await asyncio.to_thread(self._look, name))[0], caller):
                return
        raise NotFound("There is no such recording.")


def _may_see(owner: str | None, caller: Caller) -> bool:
    return owner == caller.user_id or caller.may(SEE_ALL_SCOPE)


def _head(text: bytes) -> dict[str, Any]:
    try:
        found = orjson.loads(text.partition(b"\n")[0])
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
