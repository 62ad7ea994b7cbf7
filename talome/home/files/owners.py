"""Whose files are, and who of the machine may read and write them: changed for what is named and all below, as a job.

What was before is written down first, into a file of Talome's own, so that a job that is cancelled or fails puts it
back. A thing is known again by its inode. Links and what is neither file nor folder are left as they are.
"""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import orjson

from talome.core.errors import Forbidden, Invalid
from talome.core.jobs.service import Job, JobKind, Jobs, Step
from talome.core.operations import Caller
from talome.engines.beneath import Beneath, Parts
from talome.engines.transfer import Progress
from talome.home.files import names
from talome.home.files.ground import AS_ROOT, Ground, plainly
from talome.home.files.roots import Place
from talome.home.files.steps import FileSteps, is_theirs
from talome.home.jobs.models import Job as ShownJob
from talome.home.jobs.service import for_person

_MOST: Final = 500_000
_SPECIAL_OF_FOLDERS: Final = stat.S_ISGID | stat.S_ISVTX


@dataclass(frozen=True, slots=True)
class Wish:
    """What is not None is set. `mode`: the nine bits of the files that are named. Those below a folder get the right to
    be run only where they had it, and a folder may be entered by whoever may read it."""

    uid: int | None
    gid: int | None
    mode: int | None


class Owners:
    """`folder` keeps what was before, as long as a job may still be undone."""

    def __init__(self, ground: Ground, steps: FileSteps, jobs: Jobs, folder: Path) -> None:
        self._ground = ground
        self._steps = steps
        self._jobs = jobs
        self._folder = folder
        kinds = {
            "files.note_owners": Step(self._note, self._forget),
            "files.change_owners": Step(self._change, self._put_back),
            "files.forget_owners": Step(self._forget),
        }
        jobs.register("files.owners", JobKind(run=self._run, steps=kinds))

    async def change(self, caller: Caller, paths: list[str], wish: Wish, *, below: bool) -> ShownJob:
        """For administrators: whoever gives files away could lock others out, or let them in."""
        if not await self._ground.roots.is_admin(caller):
            raise Forbidden("Only an administrator changes whose files are.")
        if wish == Wish(None, None, None):
            raise Invalid("Say what is to change: “uid”, “gid” or “mode”.")
        if not AS_ROOT and (wish.uid, wish.gid) != (None, None):
            raise Invalid("Talome does not run as root on this machine, so it cannot give files to others.")
        places = [await self._ground.roots.reach(caller, path, "write") for path in paths]
        for place in places:
            await plainly(place.name, lambda place=place: _require_there(place))  # type: ignore[misc]  # mypy: default
        what = f"“{places[0].name}”" if len(places) == 1 else f"{len(places)} items"
        arguments = {"paths": [place.path for place in places], "below": below, **asdict(wish)}
        title = f"Change the owner or the rights of {what}"
        row = await self._jobs.start("files.owners", title, arguments, scope=for_person(caller), by=caller.name)
        return ShownJob.of(row)

    async def _run(self, job: Job, arguments: dict[str, Any]) -> None:
        step = {"job": job.row.id, **arguments}
        try:
            await job.progress("Looking")
            found = await job.step("files.note_owners", **step)
            await job.progress("Changing", 0, found)
            await job.step("files.change_owners", **step)
            await job.step("files.forget_owners", **step)
        finally:
            self._steps.working.pop(job.row.id, None)

    # --- the steps ---

    def _notes(self, step: dict[str, Any]) -> Path:
        return self._folder / f"{step['job']}.owners"

    async def _note(self, step: dict[str, Any]) -> int:
        """How many there are."""
        places = [self._steps.at(path) for path in step["paths"]]
        return await self._steps.worked(step, places[0], lambda told: self._write_notes(step, places, told))

    def _write_notes(self, step: dict[str, Any], places: list[Place], progress: Progress) -> int:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        count = 0
        with self._notes(step).open("wb") as notes:
            for place in places:
                with place.open() as root:
                    for parts, known in _met(root, place.parts, below=step["below"]):
                        progress.check()
                        if (count := count + 1) > _MOST:
                            raise Invalid(f"There are more than {_MOST:,} files. Choose smaller folders.")
                        path = names.path_of(place.root.id, parts)
                        named = parts == place.parts
                        line = (path, known.st_ino, known.st_uid, known.st_gid, stat.S_IMODE(known.st_mode), named)
                        notes.write(orjson.dumps(line) + b"\n")
            notes.flush()
            os.fsync(notes.fileno())
        return count

    async def _change(self, step: dict[str, Any]) -> None:
        wish = Wish(step["uid"], step["gid"], step["mode"])
        place = self._steps.at(step["paths"][0])
        await self._steps.worked(step, place, lambda told: self._apply(step, wish, told))
        self._ground.changed(*(self._steps.at(path) for path in step["paths"]))

    def _apply(self, step: dict[str, Any], wish: Wish, progress: Progress) -> None:
        for place, (_, inode, _, _, _, named) in self._noted(step):
            progress.check()
            with _held(place, inode) as held:
                if held is not None:
                    _set(held, wish, named=named)

    async def _put_back(self, step: dict[str, Any], _: object) -> None:
        await plainly("", lambda: self._restore(step))

    def _restore(self, step: dict[str, Any]) -> None:
        for place, (_, inode, uid, gid, mode, _) in self._noted(step):
            with _held(place, inode) as held:
                if held is not None:
                    if AS_ROOT:
                        os.chown(held, uid, gid)
                    os.chmod(held, mode)  # noqa: PTH101 - a descriptor's path in /proc, no path of a file

    def _noted(self, step: dict[str, Any]) -> Iterator[tuple[Place, tuple[str, int, int, int, int, bool]]]:
        with suppress(FileNotFoundError), self._notes(step).open("rb") as notes:
            for line in notes:
                row = orjson.loads(line)
                yield self._steps.at(row[0]), row

    async def _forget(self, step: dict[str, Any], _: object = None) -> None:
        await plainly("", lambda: self._notes(step).unlink(missing_ok=True))


def _require_there(place: Place) -> None:
    if not place.parts:
        raise Invalid("A root itself cannot be changed here; choose what is in it.")
    with place.open() as root:
        if not _is_plain(root.stat(place.parts).st_mode):
            raise Invalid(f"“{place.name}” is neither a file nor a folder.", code="not_a_file")


def _is_plain(mode: int) -> bool:
    return stat.S_ISREG(mode) or stat.S_ISDIR(mode)


def _met(root: Beneath, parts: Parts, *, below: bool) -> Iterator[tuple[Parts, os.stat_result]]:
    known = root.stat(parts)
    if _is_plain(known.st_mode):
        yield parts, known
    if below and stat.S_ISDIR(known.st_mode):
        for met in root.walk(parts, is_theirs):
            if is_theirs(met) and _is_plain(met.known.st_mode):
                yield met.parts, met.known


@contextmanager
def _held(place: Place, inode: int) -> Iterator[str | None]:
    """A path by which the very thing is reached that was met before; None where it is another, or gone."""
    try:
        with place.open() as root:
            descriptor = root.open(place.parts, os.O_PATH)
    except (FileNotFoundError, NotADirectoryError):
        yield None
        return
    try:
        known = os.fstat(descriptor)
        yield f"/proc/self/fd/{descriptor}" if known.st_ino == inode and _is_plain(known.st_mode) else None
    finally:
        os.close(descriptor)


def _set(held: str, wish: Wish, *, named: bool) -> None:
    known = os.stat(held)  # noqa: PTH116 - a descriptor's path in /proc, no path of a file
    if wish.uid is not None or wish.gid is not None:
        os.chown(held, -1 if wish.uid is None else wish.uid, -1 if wish.gid is None else wish.gid)
    if wish.mode is not None:
        os.chmod(held, mode_of(wish, known.st_mode, named=named))  # noqa: PTH101 - a descriptor's path in /proc


def mode_of(wish: Wish, known: int, *, named: bool) -> int:
    """The bits that a file or folder gets; what only root may give (set-uid) goes, as the owner may be another."""
    wanted = wish.mode or 0
    if stat.S_ISDIR(known):
        return wanted | (wanted & 0o444) >> 2 | known & _SPECIAL_OF_FOLDERS
    if named:
        return wanted
    readers = (wanted & 0o444) >> 2
    return wanted & 0o666 | (readers if known & 0o111 else 0)
