"""Copying, moving, packing and unpacking: checked here, and carried through as journalled jobs."""

import asyncio
import errno
import os
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from talome.core import ids
from talome.core.errors import Conflict, Forbidden, Invalid, NotFound
from talome.core.jobs.service import Job, JobKind, Jobs
from talome.core.operations import Caller
from talome.engines.beneath import said_plainly
from talome.engines.transfer import Progress, Stopped
from talome.home.files import names
from talome.home.files.ground import Ground, plainly
from talome.home.files.models import OnConflict
from talome.home.files.roots import Place
from talome.home.files.steps import FileSteps
from talome.home.jobs.models import Job as ShownJob
from talome.home.jobs.service import for_person

_TELL_S: Final = 0.5
_ARCHIVES: Final = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2")


class FileTasks:
    def __init__(self, ground: Ground, steps: FileSteps, jobs: Jobs) -> None:
        self._roots = ground.roots
        self._steps = steps
        self._jobs = jobs
        for name, run in {"copy": self._copy, "move": self._move, "zip": self._zip, "unzip": self._unzip}.items():
            jobs.register(f"files.{name}", JobKind(run=run, steps=steps.kinds))

    # --- checking ---

    async def copy(self, caller: Caller, paths: list[str], to: str, on_conflict: OnConflict) -> ShownJob:
        sources = [await self._roots.reach(caller, path, "read") for path in paths]
        return await self._begin(caller, "copy", sources, to, on_conflict)

    async def move(self, caller: Caller, paths: list[str], to: str, on_conflict: OnConflict) -> ShownJob:
        sources = [await self._roots.reach(caller, path, "write") for path in paths]
        return await self._begin(caller, "move", sources, to, on_conflict)

    async def _begin(
        self, caller: Caller, verb: str, sources: list[Place], to: str, on_conflict: OnConflict
    ) -> ShownJob:
        folder = await self._roots.reach(caller, to, "write")
        items = await plainly(folder.name, lambda: _items(sources, folder, verb, on_conflict))
        needed = [(place.root.id, "read" if verb == "copy" else "write") for place in sources]
        arguments = {
            "items": items, "to": folder.path, "on_conflict": on_conflict, "by": caller.name,
            **_rights(caller, needed, folder),
        }  # fmt: skip
        return await self._start(caller, verb, [place.name for place in sources], arguments)

    async def zip(self, caller: Caller, paths: list[str], to: str, on_conflict: OnConflict) -> ShownJob:
        sources = [await self._roots.reach(caller, path, "read") for path in paths]
        target = await self._new(caller, to, on_conflict)
        await plainly("", lambda: [_inode(source) for source in sources])
        if len({source.name for source in sources}) != len(sources):
            raise Invalid("Two of these have one name; pack their folders, or one after the other.")
        needed = [(source.root.id, "read") for source in sources]
        arguments = {
            "sources": [source.path for source in sources],
            **_new_arguments(target, on_conflict, caller),
            **_rights(caller, needed, target),
        }
        return await self._start(caller, "zip", [target.name], arguments)

    async def unzip(self, caller: Caller, path: str, to: str, on_conflict: OnConflict) -> ShownJob:
        source = await self._roots.reach(caller, path, "read")
        if not source.name.lower().endswith(_ARCHIVES):
            raise Invalid(f"“{source.name}” is none of {', '.join(_ARCHIVES)}.", code="no_archive")
        target = await self._new(caller, to, on_conflict)
        await plainly(source.name, lambda: _inode(source))
        arguments = {
            "source": source.path,
            **_new_arguments(target, on_conflict, caller),
            **_rights(caller, [(source.root.id, "read")], target),
        }
        return await self._start(caller, "unzip", [source.name], arguments)

    async def _new(self, caller: Caller, path: str, on_conflict: OnConflict) -> Place:
        target = await self._roots.reach(caller, path, "write")
        if not target.parts:
            raise Conflict(f"“{target.name}” is there already.", code="exists", conflicts=[target.name])
        names.require_new(target.name)

        def check() -> None:
            with target.open() as root:
                if not stat.S_ISDIR(root.stat(target.above.parts).st_mode):
                    raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
                if on_conflict in ("fail", "skip") and root.exists(target.parts):
                    raise FileExistsError

        await plainly(target.name, check)
        return target

    async def _start(self, caller: Caller, verb: str, what: list[str], arguments: dict[str, Any]) -> ShownJob:
        title = f"{_TITLES[verb]} “{what[0]}”" if len(what) == 1 else f"{_TITLES[verb]} {len(what)} items"
        row = await self._jobs.start(f"files.{verb}", title, arguments, scope=for_person(caller), by=caller.name)
        return ShownJob.of(row)

    # --- carrying through ---

    @asynccontextmanager
    async def _told(self, job: Job, stage: str, arguments: dict[str, Any]) -> AsyncIterator[Progress]:
        """Progress is told while it goes on, and it ends when whoever began it may not do that any more."""
        progress = self._steps.working[job.row.id] = Progress()
        await self._require_rights(arguments)

        async def tell() -> None:
            while True:
                await job.progress(stage, progress.done_bytes, progress.total_bytes or None, "bytes")
                await asyncio.sleep(_TELL_S)
                await self._require_rights(arguments)

        telling = asyncio.create_task(tell())
        telling.add_done_callback(lambda _: progress.stop())
        try:
            yield progress
        except Stopped:
            if telling.done():
                telling.result()
            raise
        finally:
            telling.cancel()
            await asyncio.gather(telling, return_exceptions=True)
            del self._steps.working[job.row.id]
        for name in progress.left_out:
            await job.log(f"“{name}” is no file or folder and was left out.")

    async def _require_rights(self, arguments: dict[str, Any]) -> None:
        """Nothing is asked where nobody is named, as when the house itself does it."""
        if not (user := arguments.get("user")):
            return
        try:
            for root_id, need in arguments["needed"]:
                await self._roots.reach_as(user, f"/{root_id}", need)
        except (Forbidden, NotFound):
            raise Forbidden("Whoever began this may not do it any more.", code="rights_ended") from None

    async def _copy(self, job: Job, arguments: dict[str, Any]) -> None:
        async with self._told(job, "Copying", arguments) as progress:
            for number, item in enumerate(arguments["items"]):
                progress.check()
                await self._copy_one(job, arguments, item, number, keep_owner=False)

    async def _copy_one(
        self, job: Job, arguments: dict[str, Any], item: dict[str, Any], number: int, *, keep_owner: bool
    ) -> str | None:
        part, to = f"{names.PART}{job.row.id}-{number}", arguments["to"]
        inode = await job.step(
            "files.copy_part", job=job.row.id, source=item["source"], to=to, part=part, keep_owner=keep_owner
        )
        return await self._place(job, arguments, {**item, "inode": inode}, part)

    async def _place(self, job: Job, arguments: dict[str, Any], item: dict[str, Any], part: str) -> str | None:
        if arguments["on_conflict"] == "replace":
            await self._put_aside(job, f"{arguments['to']}/{item['name']}", item["trash"], arguments["by"])
        placed: str | None = await job.step(
            "files.place", to=arguments["to"], part=part, on_conflict=arguments["on_conflict"], **_known(item)
        )
        return placed

    @staticmethod
    async def _put_aside(job: Job, path: str, trash: str, by: str) -> None:
        await job.step("files.put_aside", path=path, trash=trash, by=by)

    async def _move(self, job: Job, arguments: dict[str, Any]) -> None:
        """Within a disk by renaming. Between disks by copying; the originals wait in their trash until all is done."""
        gone: list[str] = []
        async with self._told(job, "Moving", arguments) as progress:
            for number, item in enumerate(arguments["items"]):
                progress.check()
                if arguments["on_conflict"] == "replace":
                    await self._put_aside(job, f"{arguments['to']}/{item['name']}", item["trash"], arguments["by"])
                moved = await job.step(
                    "files.move_one", source=item["source"], to=arguments["to"],
                    on_conflict=arguments["on_conflict"], **_known(item),
                )  # fmt: skip
                if moved is False and await self._across(job, arguments, item, number):
                    gone.append(item["trash_source"])
            if gone:
                await job.step("files.let_go", to=arguments["to"], trash=gone)

    async def _across(self, job: Job, arguments: dict[str, Any], item: dict[str, Any], number: int) -> bool:
        within = {
            **arguments,
            "on_conflict": "fail" if arguments["on_conflict"] == "replace" else arguments["on_conflict"],
        }
        if await self._copy_one(job, within, item, number, keep_owner=True) is None:
            return False
        await self._put_aside(job, item["source"], item["trash_source"], arguments["by"])
        return True

    async def _zip(self, job: Job, arguments: dict[str, Any]) -> None:
        part = f"{names.PART}{job.row.id}"
        async with self._told(job, "Packing", arguments):
            inode = await job.step(
                "files.zip_part", job=job.row.id, sources=arguments["sources"], to=arguments["to"], part=part
            )
            await self._place(job, arguments, {**arguments["item"], "inode": inode}, part)

    async def _unzip(self, job: Job, arguments: dict[str, Any]) -> None:
        part = f"{names.PART}{job.row.id}"
        async with self._told(job, "Unpacking", arguments):
            inode = await job.step(
                "files.unzip_part", job=job.row.id, source=arguments["source"], to=arguments["to"], part=part
            )
            await self._place(job, arguments, {**arguments["item"], "folder": True, "inode": inode}, part)


_TITLES: Final = {"copy": "Copy", "move": "Move", "zip": "Pack", "unzip": "Unpack"}


def _rights(caller: Caller, needed: list[tuple[str, str]], target: Place) -> dict[str, Any]:
    """What whoever begins a job has to have until it ends."""
    return {"user": caller.user_id, "needed": sorted({*needed, (target.root.id, "write")})}


def _known(item: dict[str, Any]) -> dict[str, Any]:
    return {name: item[name] for name in ("name", "folder", "inode")}


def _new_arguments(target: Place, on_conflict: OnConflict, caller: Caller) -> dict[str, Any]:
    item = {"name": target.name, "folder": False, "trash": ids.new_id("trs")}
    return {"to": target.above.path, "item": item, "on_conflict": on_conflict, "by": caller.name}


def _inode(place: Place) -> int:
    with place.open() as root:
        return root.stat(place.parts).st_ino


def _items(sources: list[Place], folder: Place, verb: str, on_conflict: OnConflict) -> list[dict[str, Any]]:
    """What is to be done with each; the whole is refused where a name is taken and nothing was said about that."""
    items: list[dict[str, Any]] = []
    taken: list[str] = []
    coming: set[str] = set()
    with folder.open() as there:
        if not stat.S_ISDIR(there.stat(folder.parts).st_mode):
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
        for source in sources:
            with said_plainly(source.name):
                known = _checked(source, folder, verb, on_conflict)
            name = source.parts[-1]
            if there.exists((*folder.parts, name)) or name in coming:
                taken.append(source.name)
                if on_conflict == "skip":
                    continue
            coming.add(name)
            items.append(
                {
                    "source": source.path,
                    "name": source.name,
                    "folder": known[0],
                    "inode": known[1],
                    "trash": ids.new_id("trs"),
                    "trash_source": ids.new_id("trs"),
                }
            )
    if taken and on_conflict == "fail":
        words = f"“{taken[0]}” is" if len(taken) == 1 else f"“{taken[0]}” and {len(taken) - 1} more are"
        raise Conflict(f"{words} in “{folder.name}” already.", code="exists", conflicts=taken[:1000])
    return items


def _checked(source: Place, folder: Place, verb: str, on_conflict: OnConflict) -> tuple[bool, int]:
    """Whether it is a folder, and its inode."""
    if not source.parts:
        raise Invalid("A root cannot be copied or moved as a whole; choose what is in it.")
    with source.open() as root:
        known = root.stat(source.parts)
    here = source.root.id == folder.root.id
    if here and folder.parts[: len(source.parts)] == source.parts:
        raise Invalid(f"“{source.name}” cannot be put into itself.")
    if here and source.parts[:-1] == folder.parts and (verb == "move" or on_conflict == "replace"):
        raise Conflict(f"“{source.name}” is there already.", code="exists", conflicts=[source.name])
    return stat.S_ISDIR(known.st_mode), known.st_ino
