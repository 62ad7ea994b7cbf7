"""What is in files, opened to be sent."""

import os
import stat
from collections.abc import Callable
from dataclasses import dataclass

from talome.engines.beneath import said_plainly
from talome.engines.transfer import Progress
from talome.engines.zips import ZipWriter
from talome.home.files.ground import etag_of, plainly
from talome.home.files.listing import media_type
from talome.home.files.roots import Place
from talome.home.files.steps import pack


@dataclass(frozen=True, slots=True)
class Opened:
    """An ordinary file; whoever asked closes the descriptor."""

    descriptor: int
    media_type: str | None
    etag: str


async def opened(place: Place) -> Opened | None:
    """None where it is a folder."""
    return await plainly(place.name, lambda: _open(place))


def _open(place: Place) -> Opened | None:
    with place.open() as root:
        if stat.S_ISDIR(root.stat(place.parts).st_mode):
            return None
        descriptor = root.file(place.parts)
    return Opened(descriptor, media_type(place.parts[-1]), etag_of(os.fstat(descriptor)))


def packed(places: list[Place]) -> Callable[[Callable[[bytes], None]], None]:
    """Writes these into a ZIP as they are: on a home's network, packing takes longer than sending."""

    def produce(write: Callable[[bytes], None]) -> None:
        with ZipWriter(write, deflate=False) as zipped:
            for place in places:
                with said_plainly(place.name), place.open() as root:
                    pack(root, place.parts, zipped, Progress())
            zipped.finish()

    return produce
