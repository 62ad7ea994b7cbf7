"""The named volumes of an app: kept beside its snapshot as tars, put back from there, or thrown into the trash."""

import asyncio
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from typing import Any

import orjson

from talome.core.errors import NotFound
from talome.engines.docker.models import Volume
from talome.engines.docker.protocol import ContainerEngine
from talome.home.apps.verdict import PROJECT
from talome.home.volumes.service import VolumeTrash, lives_elsewhere


class AppVolumes:
    """Volumes that carry the label of the app's Compose project. One that only points at a folder or a share is left
    alone, since Docker keeps nothing in it."""

    def __init__(self, engine: ContainerEngine, trash: VolumeTrash) -> None:
        self._engine = engine
        self._trash = trash

    async def of(self, app: str) -> list[Volume]:
        """Those with content of their own."""
        found = await self._engine.volumes.all()
        return [one for one in found if one.labels.get(PROJECT) == app and not lives_elsewhere(one.options)]

    async def keep(self, app: str, place: Path) -> None:
        """A tar of each below `place`. What is there whole already is kept as it is."""
        kept = VolumeTrash(place)
        for volume in await self.of(app):
            name = f"volumes/{volume.name}.tar"
            if kept.size(name) is None:
                await kept.describe(name, _recipe(volume), app)
                async with await self._engine.volumes.archive(volume.name) as content:
                    await kept.keep(name, content)

    async def put_back(self, app: str, place: Path) -> None:
        """Each volume is made anew from its tar. No container of the app may be there. A volume that came into being
        since is removed, since the older app does not know it and a newer one makes it again."""
        kept = VolumeTrash(place)
        recipes = await asyncio.to_thread(_recipes, place)
        for volume in await self.of(app):
            if recipes and volume.name not in recipes:
                await self._engine.volumes.remove(volume.name)
        for name, recipe in recipes.items():
            with suppress(NotFound):  # an earlier try got so far
                await self._engine.volumes.remove(name)
            await self._engine.volumes.create(
                name, driver=recipe["driver"], options=recipe["options"], labels=recipe["labels"]
            )
            await self._engine.volumes.restore(name, kept.read(f"volumes/{name}.tar"))

    async def throw_away(self, app: str, job: str, spare: Collection[str] = ()) -> None:
        """Each is kept in the trash of volumes, from where it can be brought back, and then removed; those to `spare`
        were there before the app was Talome's."""
        for volume in [one for one in await self.of(app) if one.name not in spare]:
            place = self._trash.place(volume.name, job)
            await self._trash.describe(place, _recipe(volume), job)
            async with await self._engine.volumes.archive(volume.name) as content:
                await self._trash.keep(place, content)
            await self._engine.volumes.remove(volume.name)


def _recipe(volume: Volume) -> dict[str, Any]:
    return {
        "volume": volume.name,
        "driver": volume.driver,
        "options": dict(volume.options),
        "labels": dict(volume.labels),
    }


def _recipes(place: Path) -> dict[str, dict[str, Any]]:
    """By volume, of the tars that are whole."""
    found = {}
    for path in sorted((place / "volumes").glob("*.tar")):
        note = path.with_name(f"{path.name}.json")
        found[path.name.removesuffix(".tar")] = orjson.loads(note.read_bytes())["recipe"]
    return found
