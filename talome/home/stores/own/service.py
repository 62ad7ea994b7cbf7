"""People's own apps: looked through like a stranger's, kept as files, offered by the store “Yours”."""

import asyncio
from pathlib import Path

import orjson

from talome.core.errors import Conflict, Forbidden, Invalid, NotFound
from talome.core.operations import Caller
from talome.home.manifest import AppManifest
from talome.home.stores.catalog import Catalog
from talome.home.stores.formats.found import BadManifest
from talome.home.stores.own.draft import make_draft
from talome.home.stores.own.export import export_zip
from talome.home.stores.own.files import OwnFiles
from talome.home.stores.own.models import Complaint, Draft, UserApp, UserAppFiles
from talome.home.stores.own.places import complaint
from talome.home.stores.reading import Order, read_store
from talome.home.stores.service import OWN, Stores

_MOST = 500


class UserApps:
    """`load` it at start."""

    def __init__(self, files: OwnFiles, stores: Stores, catalog: Catalog) -> None:
        self._files = files
        self._stores = stores
        self._catalog = catalog
        self._changing = asyncio.Lock()

    async def load(self) -> None:
        await asyncio.to_thread(self._files.load)

    async def all(self) -> list[UserApp]:
        """By id."""
        ids = await asyncio.to_thread(self._files.all)
        problems = {}
        if ids and await self._stores.has(OWN):
            problems = {one.path.rpartition("/")[2]: one.reason for one in await self._stores.problems(OWN)}
        return [await self._shown(id, problems.get(id)) for id in ids]

    async def _shown(self, id: str, problem: str | None) -> UserApp:
        at = await asyncio.to_thread(self._files.changed_at, id)
        try:
            summary = self._catalog.summary(f"{OWN}:{id}")
        except NotFound:
            summary = None
        name, version = (summary.name, summary.version) if summary else (id, "")
        return UserApp(id=id, name=name, version=version, app=summary, problem=problem, changed_at=at)

    async def get(self, id: str) -> UserAppFiles:
        return await asyncio.to_thread(self._files.read, id)

    async def draft(self, compose: str, id: str | None, name: str | None) -> Draft:
        """What becomes of a pasted Compose file; nothing is kept."""
        try:
            app, manifest, text, notes = await asyncio.to_thread(make_draft, compose, id, name)
        except BadManifest as error:
            found = complaint(str(error), "", compose)
            raise Invalid(found.message, field="compose", complaint=found.model_dump(by_alias=True)) from None
        place = await asyncio.to_thread(self._files.prepare, app, manifest, text)
        try:
            read = await self._read(place)
        finally:
            await asyncio.to_thread(self._files.drop, place)
        wrong = None if isinstance(read, AppManifest) else complaint(read, manifest, text)
        return Draft(id=app, manifest=manifest, compose=text, notes=notes, complaint=wrong)

    async def create(self, caller: Caller, id: str, manifest: str, compose: str) -> UserAppFiles:
        """Raises `Invalid` with the place of what is wrong, `Conflict` where some store has an app of this name."""
        _refuse_machines(caller)
        async with self._changing:
            ids = await asyncio.to_thread(self._files.all)
            if id in ids:
                raise Conflict(f"You have an app “{id}” already. Choose another name, or change that one.", field="id")
            if len(ids) >= _MOST:
                raise Conflict(f"There are {_MOST} apps of yours already. Throw one away first.")
            self._refuse_taken(id)
            return await self._keep(caller, id, manifest, compose)

    async def change(self, caller: Caller, id: str, manifest: str, compose: str, mark: str | None) -> UserAppFiles:
        """Raises `Conflict` where the files are not those any more that the change is based on."""
        _refuse_machines(caller)
        async with self._changing:
            there = await self.get(id)
            if mark is not None and mark != there.mark:
                raise Conflict("Somebody else has changed this app meanwhile. Load it again, then change it.")
            return await self._keep(caller, id, manifest, compose)

    async def remove(self, caller: Caller, id: str) -> None:
        """To the trash. What is installed from it stays as it is."""
        _refuse_machines(caller)
        async with self._changing:
            await asyncio.to_thread(self._files.throw_away, id)
            await self._stores.refresh_own(caller.name)

    async def export(self, id: str) -> bytes:
        """A ZIP: another Talome takes it for a store, and its folder runs with plain Compose."""
        files = await self.get(id)
        place = await asyncio.to_thread(self._files.prepare, id, files.manifest, files.compose)
        try:
            read = await self._read(place)
        finally:
            await asyncio.to_thread(self._files.drop, place)
        if not isinstance(read, AppManifest):
            raise Invalid(f"{id} cannot be read any more: {read} Correct it first.")
        return await asyncio.to_thread(export_zip, files, read)

    def _refuse_taken(self, id: str) -> None:
        try:
            taken = self._catalog.find(id)
        except NotFound:
            return
        raise Conflict(f"A store has an app “{id}” already: {taken.name}. Choose another name.", field="id")

    async def _keep(self, caller: Caller, id: str, manifest: str, compose: str) -> UserAppFiles:
        place = await asyncio.to_thread(self._files.prepare, id, manifest, compose)
        try:
            read = await self._read(place)
            if not isinstance(read, AppManifest):
                wrong = complaint(read, manifest, compose)
                raise Invalid(wrong.message, field=_field(wrong), complaint=wrong.model_dump(by_alias=True))
            await asyncio.to_thread(self._files.keep, place, id)
        finally:
            await asyncio.to_thread(self._files.drop, place)
        await self._stores.refresh_own(caller.name)
        return await self.get(id)

    async def _read(self, place: Path) -> AppManifest | str:
        """In a process of its own, as any store; the app, or what is wrong with it."""
        out = place / "read.jsonl"
        await read_store(Order("talome", place, OWN, "Yours", out))
        lines = (await asyncio.to_thread(out.read_bytes)).splitlines()
        told = orjson.loads(lines[0]) if lines else {"reason": "Nothing could be read."}
        if "manifest" not in told:
            return str(told["reason"])
        return await asyncio.to_thread(AppManifest.model_validate_json, told["manifest"])


def _field(wrong: Complaint) -> str:
    return "compose" if wrong.file == "compose.yml" else "manifest"


def _refuse_machines(caller: Caller) -> None:
    """What an app may do to the machine is up to people."""
    if caller.kind not in ("user", "key"):
        raise Forbidden("Only a person may write an app.")
