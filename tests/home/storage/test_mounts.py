"""Mounting: a real file system on a loop device, and what `mount` is told for network shares."""

import asyncio
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from talome.core.db import Database
from talome.core.errors import Conflict, Invalid, NotFound
from talome.core.events import Events
from talome.core.jobs.service import Jobs
from talome.core.jobs.store import JobsStore
from talome.core.migrations import find_migrations
from talome.core.secrets import Secrets
from talome.engines.blocks import read_blocks
from talome.engines.mounting import Mounter
from talome.engines.programs import Programs
from talome.home.storage.models import NewDeviceMount, NewNetworkMount
from talome.home.storage.mounts import Mounts
from talome.home.storage.store import MountsStore
from tests.engines.test_disks import stand_in

SECRET = "open, sesame = yes"


@dataclass
class Place:
    """The mounts of a house, with what they stand on."""

    mounts: Mounts
    jobs: Jobs
    store: MountsStore
    database: Database
    mounter: Mounter
    path: Path

    async def end(self, id: str) -> Any:
        return await self.jobs.ended(id)


@asynccontextmanager
async def open_place(folder: Path, programs: Programs) -> AsyncIterator[Place]:
    database = Database(folder / "talome.db", Events())
    await database.open(find_migrations("talome.core.jobs", "talome.home.storage"))
    jobs, store = Jobs(JobsStore(database)), MountsStore(database)
    mounter = Mounter(programs)
    mounts = Mounts(
        store, jobs, Secrets(b"k" * 32), mounter, blocks=lambda: read_blocks(Programs()), place=folder / "mnt"
    )
    try:
        yield Place(mounts, jobs, store, database, mounter, folder / "mnt")
    finally:
        await jobs.stop()
        await database.close()


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    async with open_place(tmp_path, Programs()) as opened:
        yield opened


@pytest.fixture
async def disk(tmp_path: Path) -> AsyncIterator[str]:
    """The UUID of an ext4 on a loop device, with a file that belongs to root and one that runs as root."""
    image, uuid = tmp_path / "disk.img", "7d0b9c2e-3c1e-4a0f-9a58-6a8a3f0c1d2e"
    await asyncio.to_thread(_make, image, uuid)
    try:
        device = await asyncio.to_thread(_loop, image)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("no loop devices for this user here")
    yield uuid
    await asyncio.to_thread(subprocess.run, ["umount", "-q", "-A", device], check=False)
    await asyncio.to_thread(subprocess.run, ["losetup", "-d", device], check=True)


def _make(image: Path, uuid: str) -> None:
    with image.open("wb") as file:
        file.truncate(16 * 1024 * 1024)
    subprocess.run(["mkfs.ext4", "-q", "-U", uuid, "-L", "PHOTOS", str(image)], check=True)


def _loop(image: Path) -> str:
    return subprocess.run(
        ["losetup", "-f", "--show", str(image)], check=True, capture_output=True, text=True
    ).stdout.strip()


async def test_a_disk_is_mounted_used_and_taken_out(place: Place, disk: str) -> None:
    shown = await place.mounts.add(NewDeviceMount(uuid=disk, name="photos"), by="ada")
    assert shown.job is not None
    row = await place.end(shown.job.id)
    assert row.state == "done", row.reason
    [shown] = await place.mounts.all()
    assert (shown.mounted, shown.path) == (True, str(place.path / "photos"))
    options = place.path.joinpath("photos")
    told = next(line for line in Path("/proc/self/mountinfo").read_text().splitlines() if f" {options} " in line)
    assert "nosuid" in told
    assert "nodev" in told
    again = await place.end((await place.mounts.mount(shown.id, by="ada")).id)
    assert again.state == "done"
    with pytest.raises(Conflict, match="it is mounted on"):
        await place.mounts.add(NewDeviceMount(uuid=disk, name="again"), by="ada")
    with (options / "open").open("w"):
        busy = await place.end((await place.mounts.unmount(shown.id, by="ada")).id)
    assert (busy.state, busy.reason) == (
        "failed", "It is in use. Stop the apps that work with it, then unmount it again.",
    )  # fmt: skip
    assert (await place.end((await place.mounts.unmount(shown.id, by="ada")).id)).state == "done"
    assert not options.exists()
    assert (await place.end((await place.mounts.forget(shown.id, by="ada")).id)).state == "done"
    assert await place.mounts.all() == []


async def test_what_cannot_be_mounted_leaves_nothing_and_hides_nothing(place: Place, disk: str) -> None:
    with pytest.raises(NotFound, match="Plug it in"):
        await place.mounts.add(NewDeviceMount(uuid="00000000-nothing", name="none"), by="ada")
    full = place.path / "full"
    full.mkdir(parents=True)
    (full / "precious").write_text("mine")
    shown = await place.mounts.add(NewDeviceMount(uuid=disk, name="full"), by="ada")
    assert shown.job is not None
    row = await place.end(shown.job.id)
    assert (row.state, (full / "precious").read_text()) == ("failed", "mine")
    assert await place.mounts.all() == []


async def test_a_mount_that_the_server_did_not_survive_is_carried_through(tmp_path: Path, disk: str) -> None:
    """Each moment at which a kill can fall: before the mount, and between it and the note of it."""
    for mounted_before in (False, True):
        folder = tmp_path / str(mounted_before)
        folder.mkdir()
        async with open_place(folder, Programs()) as first:
            await first.jobs.stop()  # the row is kept, and the job never begins
            with pytest.raises(Exception, match="stopping"):
                await first.mounts.add(NewDeviceMount(uuid=disk, name="photos"), by="ada")
            [row] = await first.store.all()
            if mounted_before:
                await first.mounts._mount({"id": row.id})
        async with open_place(folder, Programs()) as second:
            assert (await second.end((await second.mounts.mount(row.id, by="ada")).id)).state == "done"
            assert str(second.path / "photos") in second.mounter.mounted()
            assert (await second.end((await second.mounts.forget(row.id, by="ada")).id)).state == "done"
            assert str(second.path / "photos") not in second.mounter.mounted()


async def test_what_is_mounted_at_the_start_comes_back_unless_it_was_taken_out(tmp_path: Path, disk: str) -> None:
    async with open_place(tmp_path, Programs()) as first:
        shown = await first.mounts.add(NewDeviceMount(uuid=disk, name="photos", at_start=True), by="ada")
        assert shown.job is not None
        assert (await first.end(shown.job.id)).state == "done"
        await first.mounter.unmount(first.path / "photos")  # as a restart of the machine does
    async with open_place(tmp_path, Programs()) as second:
        await second.mounts.bring_back()
        [shown] = await second.mounts.all()
        assert shown.job is not None
        assert (await second.end(shown.job.id)).state == "done"
        assert (await second.end((await second.mounts.unmount(shown.id, by="ada")).id)).state == "done"
        await second.mounts.bring_back()
        assert [(one.mounted, one.job) for one in await second.mounts.all()] == [(False, None)]


async def test_a_password_is_in_no_argument_no_row_and_no_journal(tmp_path: Path) -> None:
    script = (
        f'echo "$@" > {tmp_path}/argv\n'
        f'for o in "$@"; do case $o in *credentials=*) cat "${{o##*credentials=}}" > {tmp_path}/given;; esac; done'
    )
    async with open_place(tmp_path, stand_in(tmp_path, "mount", script)) as place:
        wanted = NewNetworkMount(
            type="cifs", host="nas.lan", share="/media/films", name="films", username="ada",
            password=SecretStr(SECRET), version="3.1.1", read_only=True,
        )  # fmt: skip
        shown = await place.mounts.add(wanted, by="ada")
        assert shown.job is not None
        assert (await place.end(shown.job.id)).state == "done"
        argv = (tmp_path / "argv").read_text()
        assert argv.startswith("-t cifs -o ro,nosuid,nodev,")
        assert "vers=3.1.1" in argv
        assert argv.rstrip().endswith(f"-- //nas.lan/media/films {place.path}/films")
        assert (tmp_path / "given").read_text() == f"username=ada\npassword={SECRET}\n"
        kept = (tmp_path / "talome.db").read_bytes() + (tmp_path / "talome.db-wal").read_bytes()
        assert SECRET not in argv
        assert SECRET.encode() not in kept
        assert SECRET not in shown.model_dump_json()
        assert shown.has_password


@pytest.mark.parametrize(
    ("wanted", "problem"),
    [
        ({"type": "nfs", "share": "export"}, "begins with"),
        ({"type": "nfs", "share": "/a\n/b"}, "no name of a share"),
        ({"type": "nfs", "share": "/a/../../etc"}, "no name of a share"),
        ({"type": "nfs", "share": "/a", "username": "ada"}, "knows no passwords"),
        ({"type": "nfs", "share": "/a", "version": "3.1.1"}, "the versions"),
        ({"type": "cifs", "share": "a\\b"}, "no name of a share"),
        ({"type": "cifs", "share": "a", "password": SecretStr("x")}, "needs its user name"),
        ({"type": "cifs", "share": "a", "username": "a", "password": SecretStr("x\ny")}, "line breaks"),
    ],
)
async def test_shares_that_are_none_are_refused(place: Place, wanted: dict[str, Any], problem: str) -> None:
    with pytest.raises(Invalid, match=problem):
        await place.mounts.add(NewNetworkMount(host="nas", name="films", **wanted), by="ada")
    assert await place.store.all() == []


def test_hosts_names_and_options_have_a_form() -> None:
    for host in ("-o", "a b", "a,b", "a/b", "a\n", ""):
        with pytest.raises(ValueError, match="host"):
            NewNetworkMount(type="nfs", host=host, share="/a", name="a")
    for name in ("../a", "a/b", "", "-a", "a b"):
        with pytest.raises(ValueError, match="name"):
            NewDeviceMount(uuid="abcd", name=name)
    with pytest.raises(ValueError, match="username"):
        NewNetworkMount(type="cifs", host="a", share="a", name="a", username="a,uid=0")
