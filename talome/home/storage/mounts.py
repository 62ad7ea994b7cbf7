"""Disks and network shares that people have mounted: kept with how it is done, mounted and unmounted as jobs."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from talome.core import ids
from talome.core.background import Background
from talome.core.clock import now_ms
from talome.core.errors import Conflict, Invalid, NotFound, TalomeError
from talome.core.jobs.service import Job, JobKind, Jobs, Step
from talome.core.secrets import Secrets
from talome.engines.blocks import Block
from talome.engines.mounting import Mounter, Mounting
from talome.engines.probe import answers_tcp
from talome.home.jobs.models import Job as ShownJob
from talome.home.storage.models import MountedPlace, NewDeviceMount, NewNetworkMount
from talome.home.storage.service import is_mountable
from talome.home.storage.store import MountRow, MountsStore

MOUNT: Final = "storage.mount"
UNMOUNT: Final = "storage.unmount"
FORGET: Final = "storage.forget"
PLACE: Final = Path("/mnt/talome")
"""Outside Talome's data folder: whoever deletes that must not reach into somebody's disk."""
VISIBLE_TO: Final = "storage:read"
_PURPOSE: Final = "storage.mounts"
_FIRST_TRY_S: Final = 5.0
_LONGEST_PAUSE_S: Final = 3600.0
_NFS: Final = ("soft", "timeo=150", "retrans=3")
_CIFS: Final = ("iocharset=utf8", "soft", "nosharesock")
_VERSIONS: Final = {"nfs": ("3", "4", "4.1", "4.2"), "cifs": ("2.1", "3.0", "3.1.1")}
_PORTS: Final = {"nfs": 2049, "cifs": 445}
_BY_ITSELF: Final = "Talome"
_log = logging.getLogger(__name__)
Blocks = Callable[[], Awaitable[list[Block]]]


class Mounts(Background):
    """Enter it to have what is to be mounted at the start mounted, and tried again while its disk or server is away."""

    def __init__(
        self, store: MountsStore, jobs: Jobs, secrets: Secrets, mounter: Mounter, *, blocks: Blocks, place: Path = PLACE
    ) -> None:
        self._store = store
        self._jobs = jobs
        self._secrets = secrets
        self._mounter = mounter
        self._blocks = blocks
        self._place = place
        self._at_work: dict[str, str] = {}
        self._let_go: set[str] = set()
        mount, unmount = Step(self._mount, self._unmount_again), Step(self._unmount, self._mount_again)
        keep, forget = Step(self._keep, self._drop), Step(self._forget)
        jobs.register(MOUNT, JobKind(run=self._run_mount, steps={"storage.keep": keep, "storage.mount": mount}))
        jobs.register(UNMOUNT, JobKind(run=self._run_unmount, steps={"storage.unmount": unmount}))
        steps = {"storage.unmount": unmount, "storage.forget": forget}
        jobs.register(FORGET, JobKind(run=self._run_forget, steps=steps))

    async def all(self) -> list[MountedPlace]:
        """By name."""
        mounted = await asyncio.to_thread(self._mounter.mounted)
        return [await self._shown(row, mounted) for row in await self._store.all()]

    async def add(self, wanted: NewDeviceMount | NewNetworkMount, by: str) -> MountedPlace:
        """Keep it and begin to mount it; where that fails, nothing stays. Raises `Conflict` for a taken name."""
        row = await self._device(wanted, by) if isinstance(wanted, NewDeviceMount) else self._network(wanted, by)
        async with self._store.db.write() as tx:
            if await self._store.by_name(tx, row.name) is not None:
                raise Conflict(f"There is a mount “{row.name}” already. Take another name.", field="name")
            await self._store.add(tx, row)
        await self._begin(MOUNT, f"Mount {row.name}", row, by, new=True)
        return await self._shown(row, await asyncio.to_thread(self._mounter.mounted))

    async def mount(self, id: str, by: str) -> ShownJob:
        row = await self._row(id)
        self._let_go.discard(id)
        return await self._begin(MOUNT, f"Mount {row.name}", row, by, new=False)

    async def unmount(self, id: str, by: str) -> ShownJob:
        row = await self._row(id)
        self._let_go.add(id)
        return await self._begin(UNMOUNT, f"Unmount {row.name}", row, by)

    async def forget(self, id: str, by: str) -> ShownJob:
        row = await self._row(id)
        return await self._begin(FORGET, f"Unmount and forget {row.name}", row, by)

    # --- what to mount ---

    async def _device(self, wanted: NewDeviceMount, by: str) -> MountRow:
        block = await self._block(wanted.uuid)
        if not is_mountable(block):
            why = f"it is mounted on {block.mounts[0]}" if block.mounts else f"“{block.fs}” is not a file system for it"
            raise Conflict(f"{block.path} cannot be mounted: {why}.", field="uuid")
        return _new_row(wanted, by, source=wanted.uuid)

    async def _block(self, uuid: str) -> Block:
        for drive in await self._blocks():
            for block in (drive, *drive.below()):
                if block.uuid == uuid and not block.children:
                    return block
        raise NotFound("There is no such disk at this machine now. Plug it in, then try again.")

    def _network(self, wanted: NewNetworkMount, by: str) -> MountRow:
        share = wanted.share.strip("/") if wanted.type == "cifs" else wanted.share
        if any(not one.isprintable() or one == "\\" for one in share) or ".." in share.split("/") or not share:
            raise Invalid("This is no name of a share. Take it as the other machine shows it.", field="share")
        if wanted.type == "nfs" and not share.startswith("/"):
            raise Invalid("An NFS export is a path of the other machine and begins with “/”.", field="share")
        if wanted.version is not None and wanted.version not in _VERSIONS[wanted.type]:
            known = ", ".join(_VERSIONS[wanted.type])
            raise Invalid(f"Of this protocol there are the versions {known}.", field="version")
        if wanted.type == "nfs" and (wanted.username or wanted.password):
            raise Invalid("NFS knows no passwords: the other machine goes by this one's address.", field="username")
        if wanted.password is not None and not wanted.username:
            raise Invalid("A password needs its user name.", field="username")
        source = f"{wanted.host}:{share}" if wanted.type == "nfs" else f"//{wanted.host}/{share}"
        row = _new_row(wanted, by, source=source)
        if wanted.password is None:
            return row
        password = wanted.password.get_secret_value()
        if not password.isprintable():
            raise Invalid("A password has no line breaks or other control characters.", field="password")
        return replace(row, sealed=self._secrets.seal(password, purpose=_PURPOSE, row=row.id))

    async def _mounting(self, row: MountRow) -> Mounting:
        target, read_only = self._place / row.name, bool(row.read_only)
        if row.kind == "device":
            block = await self._block(row.source)
            return Mounting(block.fs or "", block.path, target, read_only)
        version = (f"vers={row.version}",) if row.version else ()
        if row.kind == "nfs":
            return Mounting("nfs", row.source, target, read_only, (*_NFS, *version))
        password = self._secrets.open(row.sealed, purpose=_PURPOSE, row=row.id) if row.sealed else ""
        return Mounting(
            "cifs", row.source, target, read_only, (*_CIFS, *version), row.username, password, row.domain
        )  # fmt: skip

    # --- the jobs ---

    async def _begin(self, kind: str, title: str, row: MountRow, by: str, **more: Any) -> ShownJob:
        if (busy := self._at_work.get(row.id)) and (await self._jobs.get(busy)).finished_at is None:
            raise Conflict(f"A job is working on “{row.name}”. Wait until it has ended.")
        arguments = {"id": row.id, "name": row.name, **more}
        subject = f"mount:{row.name}"
        begun = await self._jobs.start(kind, title, arguments, scope=VISIBLE_TO, by=by, subject=subject)
        self._at_work[row.id] = begun.id
        return ShownJob.of(begun)

    async def _run_mount(self, job: Job, arguments: dict[str, Any]) -> None:
        await job.progress("Mounting", 0, 1)
        if arguments["new"]:
            await job.step("storage.keep", id=arguments["id"])
        await job.step("storage.mount", id=arguments["id"], name=arguments["name"])
        await job.log(f"It is mounted on {self._place / arguments['name']}.")
        await job.progress("Done", 1, 1)

    async def _run_unmount(self, job: Job, arguments: dict[str, Any]) -> None:
        await job.progress("Writing out what is in memory, and unmounting", 0, 1)
        await job.step("storage.unmount", id=arguments["id"], name=arguments["name"])
        await job.progress("Done", 1, 1)

    async def _run_forget(self, job: Job, arguments: dict[str, Any]) -> None:
        await job.progress("Unmounting", 0, 2)
        await job.step("storage.unmount", id=arguments["id"], name=arguments["name"])
        await job.progress("Forgetting", 1, 2)
        await job.step("storage.forget", id=arguments["id"])
        await job.progress("Done", 2, 2)

    async def _keep(self, step: dict[str, Any]) -> None:
        """The row was kept with the request, as its password is not for the journal; undoing takes it away again."""
        await self._row(step["id"])

    async def _drop(self, step: dict[str, Any], _: object) -> None:
        await self._store.delete(step["id"])

    async def _mount(self, step: dict[str, Any]) -> None:
        await self._mounter.mount(await self._mounting(await self._row(step["id"])))

    async def _unmount_again(self, step: dict[str, Any], _: object) -> None:
        await self._mounter.unmount(self._place / step["name"])

    async def _unmount(self, step: dict[str, Any]) -> bool:
        """Whether it was mounted, so that undoing brings back what was and no more."""
        target = self._place / step["name"]
        was = str(target) in await asyncio.to_thread(self._mounter.mounted)
        await self._mounter.unmount(target)
        return was

    async def _mount_again(self, step: dict[str, Any], was: object) -> None:
        if was:
            await self._mount(step)

    async def _forget(self, step: dict[str, Any]) -> None:
        await self._store.delete(step["id"])

    async def _row(self, id: str) -> MountRow:
        row = await self._store.get(id)
        if row is None:
            raise NotFound("There is no such mount any more.")
        return row

    async def _shown(self, row: MountRow, mounted: dict[str, Any]) -> MountedPlace:
        path, job = str(self._place / row.name), None
        if begun := self._at_work.get(row.id):
            known = await self._jobs.get(begun)
            job = ShownJob.of(known) if known.finished_at is None else None
        return MountedPlace.model_validate(
            {
                "id": row.id,
                "name": row.name,
                "kind": row.kind,
                "source": row.source,
                "path": path,
                "read_only": bool(row.read_only),
                "at_start": bool(row.at_start),
                "username": row.username or None,
                "has_password": bool(row.sealed),
                "mounted": path in mounted,
                "job": job,
            }
        )

    # --- at the start ---

    async def _work(self) -> None:
        pause_s = _FIRST_TRY_S
        while True:
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 4, _LONGEST_PAUSE_S)
            try:
                await self.bring_back()
            except (TalomeError, OSError):
                _log.exception("What is to be mounted at the start could not be looked at")

    async def bring_back(self) -> None:
        """Only what can be there: a disk that is not plugged in and a server that is off are no failed jobs."""
        mounted = await asyncio.to_thread(self._mounter.mounted)
        for row in await self._store.all():
            if not row.at_start or row.id in self._let_go or str(self._place / row.name) in mounted:
                continue
            try:
                await self._require_there(row)
                await self._begin(MOUNT, f"Mount {row.name}", row, _BY_ITSELF, new=False)
            except (NotFound, Conflict) as error:
                _log.info("%s is not mounted: %s", row.name, error.message)

    async def _require_there(self, row: MountRow) -> None:
        """Raises `NotFound`."""
        if row.kind == "device":
            await self._block(row.source)
            return
        host = row.source.removeprefix("//").replace(":/", "/").partition("/")[0]
        if not await answers_tcp(_PORTS[row.kind], host=host):
            raise NotFound(f"{host} does not answer.")


def _new_row(wanted: NewDeviceMount | NewNetworkMount, by: str, *, source: str) -> MountRow:
    network = wanted if isinstance(wanted, NewNetworkMount) else None
    return MountRow(
        id=ids.new_id("mnt"),
        name=wanted.name,
        kind=wanted.type,
        source=source,
        version=(network.version if network else None) or "",
        username=(network.username if network else None) or "",
        domain=(network.domain if network else None) or "",
        sealed="",
        read_only=int(wanted.read_only),
        at_start=int(wanted.at_start),
        added_by=by,
        added_at=now_ms(),
    )
