"""Gives own apps to others, and keeps note of it."""

import asyncio
import shutil
from pathlib import Path
from typing import Any, Final

from talome.core import ids
from talome.core.clock import from_ms, now, now_ms
from talome.core.errors import Conflict, Forbidden, Invalid, NotFound, TalomeError
from talome.core.jobs.service import Job, JobKind, Jobs, Step
from talome.core.jobs.store import JobRow
from talome.core.operations import Caller
from talome.home.stores.catalog import Catalog
from talome.home.stores.community.models import AppPatch, CommunitySource, PublishPlan, Submission
from talome.home.stores.community.patch import patch
from talome.home.stores.community.store import CommunityStore, SubmissionRow
from talome.home.stores.own.files import COMPOSE, MANIFEST
from talome.home.stores.own.models import UserAppFiles
from talome.home.stores.own.service import UserApps
from talome.home.stores.service import OWN, Stores

_PUBLISH: Final = "community.publish"
_SCOPE: Final = "stores:read"
_SHOWN: Final = 200


class Community:
    """`apps` are the house's own."""

    def __init__(self, store: CommunityStore, jobs: Jobs, apps: UserApps, stores: Stores, catalog: Catalog) -> None:
        self._store = store
        self._jobs = jobs
        self._apps = apps
        self._stores = stores
        self._catalog = catalog
        steps = {
            "community.lay": Step(self._lay, self._forget),
            "community.swap": Step(self._swap, self._swap_back),
            "community.note": Step(self._note),
            "community.tidy": Step(self._tidy),
        }
        jobs.register(_PUBLISH, JobKind(run=self._run, steps=steps))

    async def sources(self) -> list[CommunitySource]:
        """The stores in Talome's format that are not our own."""
        return [
            CommunitySource(id=one.id, name=one.name, url=one.url, folder=one.url.startswith("/"))
            for one in await self._stores.all()
            if not one.bundled and one.type in ("talome", None)
        ]

    async def submissions(self) -> list[Submission]:
        """The latest first."""
        return [
            Submission(
                id=row.id, app_id=row.app, name=row.name, version=row.version, store=row.store, by=row.given_by,
                how="folder" if row.how == "folder" else "patch", at=from_ms(row.at),
            )
            for row in await self._store.all(_SHOWN)
        ]  # fmt: skip

    async def plan(self, caller: Caller, app: str, store: str) -> PublishPlan:
        source = await self._folder_of(caller, store)
        name, version, _ = self._offered(app)
        place = await asyncio.to_thread(_place, Path(source.url), app)
        return PublishPlan(
            app_id=app, name=name, version=version, store=store, replaces=self._version_in(store, app),
            files=[str(place / one) for one in (MANIFEST, COMPOSE)],
        )  # fmt: skip

    async def publish(self, caller: Caller, app: str, store: str, *, replace: bool) -> JobRow:
        """Put the app's folder into a store that lies on this machine. Raises `Conflict` where it has one already and
        that is not to be replaced."""
        plan = await self.plan(caller, app, store)
        source = await self._folder_of(caller, store)
        place = await asyncio.to_thread(_place, Path(source.url), app)
        if place.exists() and not replace:
            raise Conflict(f"{source.name} has an app “{app}” already. Say that it is to be replaced.", field="replace")
        token = ids.new_id("sub")
        row = {
            "id": token, "app": app, "name": plan.name, "version": plan.version, "store": store, "how": "folder",
            "given_by": caller.name, "at": now_ms(),
        }  # fmt: skip
        arguments = {"app": app, "root": source.url, "place": str(place), "token": token, "row": row}
        title = f"Publish {plan.name} to {source.name}"
        return await self._jobs.start(_PUBLISH, title, arguments, scope=_SCOPE, by=caller.name, subject=f"app:{app}")

    async def patch(self, caller: Caller, app: str, store: str | None) -> AppPatch:
        """The app as a patch, against what the store has where one is named."""
        if caller.kind not in ("user", "key"):
            raise Forbidden("Only a person may give an app away.")
        files, (name, version, tagline) = await self._apps.get(app), self._offered(app)
        folder, old = f"apps/{app}", dict[str, str]()
        if store is not None:
            folder, old = await self._stores.files_of(store, app, (MANIFEST, COMPOSE))
        new = {MANIFEST: files.manifest, COMPOSE: files.compose}
        changes = {f"{folder}/{name}": (old.get(name), text) for name, text in new.items()}
        if all(before == after for before, after in changes.values()):
            raise Conflict("The store has this app exactly like that already.")
        replaces = self._version_in(store, app) if store else None
        subject = f"Add {name} {version}" if not old else f"Update {name} to {version}"
        text = patch(subject, tagline, caller.name, now(), changes)
        row = SubmissionRow(ids.new_id("sub"), app, name, version, store, "patch", caller.name, now_ms())
        await self._store.add(row)
        return AppPatch(name=f"{app}-{version}.patch", text=text, replaces=replaces)

    def _offered(self, app: str) -> tuple[str, str, str]:
        """Name, version and tagline, as the catalog has them."""
        try:
            entry = self._catalog.find(f"{OWN}:{app}")
        except NotFound:
            raise NotFound(f"There is no app “{app}” of yours that can be read.") from None
        return entry.name, entry.version, entry.tagline

    def _version_in(self, store: str, app: str) -> str | None:
        try:
            return self._catalog.find(f"{store}:{app}").version
        except NotFound:
            return None

    async def _folder_of(self, caller: Caller, store: str) -> CommunitySource:
        if caller.kind != "user" or "*" not in caller.scopes:
            raise Forbidden("Only an administrator may write into a folder of this machine.")
        for source in await self.sources():
            if source.id == store:
                if not source.folder:
                    raise Invalid(f"{source.name} does not lie on this machine. Make a patch for it.", field="store")
                return source
        raise NotFound("There is no such store in Talome's format.")

    # --- the job ---

    async def _run(self, job: Job, arguments: dict[str, Any]) -> None:
        await job.progress("Writing", 0, 3)
        await job.step("community.lay", **arguments)
        await job.progress("Putting it in its place", 1, 3)
        await job.step("community.swap", **arguments)
        await job.step("community.note", **arguments)
        await job.progress("Tidying up", 2, 3)
        await job.step("community.tidy", **arguments)
        await job.log(f"Published to {arguments['place']}.")
        try:
            await self._stores.sync(arguments["row"]["store"], arguments["row"]["given_by"])
        except TalomeError as error:
            await job.log(f"The store was not read again: {error.message}")
        await job.progress("Done", 3, 3)

    async def _lay(self, step: dict[str, Any]) -> None:
        files = await self._apps.get(step["app"])
        await asyncio.to_thread(_lay, Path(step["root"]), step["token"], files)

    async def _forget(self, step: dict[str, Any], _: object) -> None:
        await asyncio.to_thread(shutil.rmtree, _staged(step), ignore_errors=True)

    async def _swap(self, step: dict[str, Any]) -> None:
        await asyncio.to_thread(_swap, _staged(step), Path(step["place"]))

    async def _swap_back(self, step: dict[str, Any], _: object) -> None:
        await asyncio.to_thread(_swap_back, _staged(step), Path(step["place"]))

    async def _note(self, step: dict[str, Any]) -> None:
        await self._store.add(SubmissionRow(**step["row"]))

    async def _tidy(self, step: dict[str, Any]) -> None:
        await self._forget(step, None)


def _staged(step: dict[str, Any]) -> Path:
    return Path(step["root"]) / f".talome-{step['token']}"


def _place(root: Path, app: str) -> Path:
    """Where the app belongs: `apps/<id>`, or beside the others where they lie at the top."""
    if not root.is_dir():
        raise NotFound("The folder of this store is not there.")
    at_the_top = not (root / "apps").exists() and any(root.glob(f"*/{MANIFEST}"))
    place = root / app if at_the_top else root / "apps" / app
    if place.is_symlink() or place.parent.is_symlink():
        raise Invalid("A link stands where the app is to lie. Put a folder in its place.")
    return place


def _lay(root: Path, token: str, files: UserAppFiles) -> None:
    new = root / f".talome-{token}" / "new"
    if new.parent.exists():
        shutil.rmtree(new.parent)
    new.mkdir(parents=True)
    (new / MANIFEST).write_text(files.manifest)
    (new / COMPOSE).write_text(files.compose)


def _swap(staged: Path, place: Path) -> None:
    if not (staged / "new").exists():
        return  # it was done already
    if place.exists():
        place.rename(staged / "before")
    place.parent.mkdir(exist_ok=True)
    (staged / "new").rename(place)


def _swap_back(staged: Path, place: Path) -> None:
    if not (staged / "new").exists() and place.exists():
        place.rename(staged / "new")
    if (staged / "before").exists() and not place.exists():
        (staged / "before").rename(place)
