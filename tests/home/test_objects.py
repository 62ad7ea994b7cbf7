"""Networks, images and volumes: who uses what, and removals that take nothing that is needed and lose nothing."""

import asyncio
import io
import stat
import tarfile
from collections.abc import AsyncIterable, AsyncIterator
from pathlib import Path

import pytest

from talome.core.errors import Conflict, Forbidden, Invalid, NotFound, StorageFull, Unavailable
from talome.engines.docker.models import Mount
from talome.home.volumes.trash import VolumeTrash
from tests.fakes.docker import FakeEngine
from tests.fakes.docker_objects import FakeVolumes
from tests.home.house import READER, House, open_house, until


async def known(house: House, count: int) -> None:
    await until(lambda: len(list(house.mirror.entries())) == count)


# --- networks ---


async def test_networks_say_who_is_on_them(engine: FakeEngine, house: House) -> None:
    made = await house.call("networks.create", name="photos", internal=True)
    assert (made.name, made.driver, made.internal, made.builtin, made.containers) == (
        "photos", "bridge", True, False, [],
    )  # fmt: skip
    engine.add_container("web", networks=("photos",))
    engine.add_container("db", networks=("photos",), state="exited")
    await known(house, 2)
    listed = {network.name: network for network in await house.call("networks.list")}
    assert listed["photos"].containers == ["db", "web"]
    assert listed["bridge"].builtin
    assert next(iter(listed)) == "photos"


async def test_networks_that_are_needed_stay(engine: FakeEngine, house: House) -> None:
    await house.call("networks.create", name="photos")
    engine.add_container("db", networks=("photos",), state="exited")
    await known(house, 1)
    with pytest.raises(Conflict, match="in use by db"):
        await house.call("networks.remove", id="photos")
    for name in ("bridge", "host", "none"):
        with pytest.raises(Conflict, match="own"):
            await house.call("networks.remove", id=name)
    with pytest.raises(Conflict):
        await house.call("networks.create", name="photos")
    with pytest.raises(Invalid):
        await house.call("networks.create", name="../photos")
    await house.call("containers.remove", id="db")
    assert (await house.call("networks.remove", id="photos")).ok
    with pytest.raises(NotFound):
        await house.call("networks.remove", id="photos")


# --- images ---


async def test_images_are_removed_as_the_dry_run_lists_them(engine: FakeEngine, house: House) -> None:
    used = engine.images.require("talome-test/busybox:1")
    engine.add_container("web")
    dangling, tagged = engine.images.add(), engine.images.add("old:1", "old:2")
    await known(house, 1)
    listed = {image.id: image for image in await house.call("images.list")}
    assert listed[used.id].containers == ["web"]
    assert listed[dangling.id].dangling
    report = await house.call("images.prune")
    assert ([item.id for item in report.items], report.dry_run, report.job) == ([dangling.id], True, None)
    assert report.reclaimable_bytes == dangling.size_bytes
    report = await house.call("images.prune", all=True)
    assert {item.id for item in report.items} == {dangling.id, tagged.id}
    assert len(engine.images.kept) == 3
    report = await house.call("images.prune", all=True, dryRun=False)
    assert (await house.ended(report.job.id)).state == "done"
    assert set(engine.images.kept) == {used.id}
    assert (await house.call("images.prune", dryRun=False)).job is None


async def test_chosen_images_go_and_no_others(engine: FakeEngine, house: House) -> None:
    used = engine.images.require("talome-test/busybox:1")
    engine.add_container("web")
    dangling, tagged, other = engine.images.add(), engine.images.add("old:1", "old:2"), engine.images.add("other:1")
    await known(house, 1)
    chosen = [dangling.id, tagged.id.removeprefix("sha256:"), tagged.id]
    report = await house.call("images.prune", ids=chosen)
    assert ([item.name for item in report.items], report.dry_run) == ([dangling.id[7:19], "old:1, old:2"], True)
    for call in ({}, {"dryRun": False}):
        with pytest.raises(Conflict, match=r"“talome-test/busybox:1” by web\. Nothing was removed"):
            await house.call("images.prune", ids=[tagged.id, used.id], **call)
        with pytest.raises(NotFound, match="Nothing was removed"):
            await house.call("images.prune", ids=[tagged.id, "f" * 64], **call)
    report = await house.call("images.prune", dryRun=False, ids=chosen)
    assert (await house.ended(report.job.id)).state == "done"
    assert set(engine.images.kept) == {used.id, other.id}


async def test_one_image(engine: FakeEngine, house: House) -> None:
    used, tagged = engine.images.require("talome-test/busybox:1"), engine.images.add("old:1", "old:2")
    engine.add_container("web", state="exited")
    await known(house, 1)
    detail = await house.call("images.get", id=used.id)
    assert (detail.tags, detail.containers, detail.digests) == (["talome-test/busybox:1"], ["web"], [])
    with pytest.raises(Conflict, match="a container stands on it"):
        await house.call("images.remove", id=used.id)
    await house.call("images.remove", id=tagged.id)
    with pytest.raises(NotFound):
        await house.call("images.get", id=tagged.id)
    with pytest.raises(Invalid):
        await house.call("images.remove", id="../../containers")
    assert set(engine.images.kept) == {used.id}


# --- volumes ---


def put(engine: FakeEngine, name: str, path: str, data: bytes) -> None:
    header = tarfile.TarInfo(path)
    header.size, header.uid, header.mode = len(data), 1000, 0o640
    engine.volumes.kept[name].files[path] = (header, data)


def content(engine: FakeEngine, name: str) -> dict[str, tuple[bytes, int, int]]:
    files = engine.volumes.kept[name].files
    return {path: (data, header.uid, header.mode) for path, (header, data) in files.items()}


@pytest.fixture
async def stocked(engine: FakeEngine, house: House) -> House:
    """“used” by a stopped container, “old” and “older” by none."""
    for name in ("used", "old", "older"):
        await engine.volumes.create(name, labels={"of": name})
        put(engine, name, "./data.bin", name.encode() * 1000)
    engine.add_container("db", mounts=(Mount("volume", "/x", "/data", False, "used"),), state="exited")
    await known(house, 1)
    return house


async def test_volumes_have_sizes_and_users(stocked: House) -> None:
    listed = {volume.name: volume for volume in await stocked.call("volumes.list")}
    assert {name: (item.size_bytes, item.used_by) for name, item in listed.items()} == {
        "used": (4000, ["db"]),
        "old": (3000, []),
        "older": (5000, []),
    }


async def test_pruning_volumes_begins_dry_and_by_name(engine: FakeEngine, stocked: House) -> None:
    report = await stocked.call("volumes.prune")
    assert ([item.name for item in report.items], report.reclaimable_bytes) == (["old", "older"], 8000)
    for names in (None, []):
        with pytest.raises(Invalid, match="by name"):
            await stocked.call("volumes.prune", dryRun=False, names=names)
    with pytest.raises(Conflict, match="“used” by db"):
        await stocked.call("volumes.prune", dryRun=False, names=["old", "used"])
    with pytest.raises(NotFound):
        await stocked.call("volumes.prune", dryRun=False, names=["old", "nothing"])
    with pytest.raises(Invalid):
        await stocked.call("volumes.prune", dryRun=False, names=["../old"])
    with pytest.raises(Forbidden):
        await stocked.call("volumes.prune", READER, dryRun=False, names=["old"])
    assert set(engine.volumes.kept) == {"used", "old", "older"}


async def test_a_removed_volume_lies_in_the_trash(engine: FakeEngine, stocked: House) -> None:
    report = await stocked.call("volumes.prune", dryRun=False, names=["old"])
    job = await stocked.ended(report.job.id)
    assert (job.state, job.reason) == ("done", None)
    assert set(engine.volumes.kept) == {"used", "older"}
    [tar] = (stocked.folder / "trash").rglob("*.tar")
    assert tar.parent.name == "volumes"
    assert stat.S_IMODE(tar.stat().st_mode) == 0o600
    with tarfile.open(tar) as opened:
        file = opened.extractfile("./data.bin")
        assert file is not None
        assert file.read() == b"old" * 1000
    assert not list((stocked.folder / "trash").rglob("*.part"))
    assert "is kept as" in await stocked.log_of(job.id)


class Delayed(FakeVolumes):
    """Removing one volume takes for ever; removing another fails; one archive is cut short."""

    def __init__(self, engine: FakeEngine) -> None:
        super().__init__(engine)
        self.slow = self.failing = self.cut = ""
        self.reached = asyncio.Event()

    async def remove(self, name: str) -> None:
        if name == self.failing:
            raise Unavailable("the storage driver failed", code="engine_failed")
        await super().remove(name)
        if name == self.slow:
            self.reached.set()
            await asyncio.Event().wait()


@pytest.fixture
async def delayed(tmp_path: Path) -> AsyncIterator[tuple[House, FakeEngine, Delayed]]:
    engine = FakeEngine()
    engine.volumes = volumes = Delayed(engine)
    for name in ("a", "b", "c"):
        await volumes.create(name, labels={"of": name})
        put(engine, name, "./data.bin", name.encode() * 5000)
    async with open_house(engine, tmp_path) as house:
        await house.follows()
        yield house, engine, volumes


async def test_cancelling_puts_volumes_back(delayed: tuple[House, FakeEngine, Delayed]) -> None:
    house, engine, volumes = delayed
    before = {name: content(engine, name) for name in "abc"}
    volumes.slow = "b"
    report = await house.call("volumes.prune", dryRun=False, names=["a", "b", "c"])
    await asyncio.wait_for(volumes.reached.wait(), 5)
    assert set(volumes.kept) == {"c"}
    await house.call("jobs.cancel", id=report.job.id)
    assert (await house.ended(report.job.id)).state == "cancelled"
    assert {name: content(engine, name) for name in "abc"} == before
    assert volumes.kept["a"].volume.labels == {"of": "a"}


async def test_a_failure_puts_the_others_back(delayed: tuple[House, FakeEngine, Delayed]) -> None:
    house, engine, volumes = delayed
    before = {name: content(engine, name) for name in "abc"}
    volumes.failing = "b"
    job = await house.ended((await house.call("volumes.prune", dryRun=False, names=["a", "b"])).job.id)
    assert (job.state, job.reason) == ("failed", "the storage driver failed")
    assert {name: content(engine, name) for name in "abc"} == before


async def test_a_volume_that_came_into_use_is_not_touched(delayed: tuple[House, FakeEngine, Delayed]) -> None:
    house, engine, volumes = delayed
    volumes.slow = "a"
    report = await house.call("volumes.prune", dryRun=False, names=["a"])
    await asyncio.wait_for(volumes.reached.wait(), 5)
    await volumes.create("a")
    put(engine, "a", "./data.bin", b"somebody's new data")
    engine.add_container("db", mounts=(Mount("volume", "/x", "/data", False, "a"),))
    await house.call("jobs.cancel", id=report.job.id)
    await house.ended(report.job.id)
    assert content(engine, "a")["./data.bin"][0] == b"somebody's new data"
    assert "in use again" in await house.log_of(report.job.id)


async def test_the_job_goes_on_after_a_restart(engine: FakeEngine, tmp_path: Path) -> None:
    engine.volumes = volumes = Delayed(engine)
    for name in ("a", "b"):
        await volumes.create(name)
        put(engine, name, "./data.bin", b"x" * 100)
    volumes.slow = "a"
    async with open_house(engine, tmp_path) as house:
        await house.follows()
        job_id = (await house.call("volumes.prune", dryRun=False, names=["a", "b"])).job.id
        await asyncio.wait_for(volumes.reached.wait(), 5)
    volumes.slow = ""
    engine.outage("refused")  # after a power failure Docker is up later than we are
    async with open_house(engine, tmp_path) as house:
        await until(lambda: "not running" in str(house.mirror.state.reason))
        assert (await house.call("jobs.get", id=job_id)).finished_at is None
        engine.outage(None)
        assert (await house.ended(job_id)).state == "done"
    assert volumes.kept == {}
    assert len(list((tmp_path / "trash").rglob("*.tar"))) == 2


# --- the trash ---


async def pieces(*parts: bytes) -> AsyncIterable[bytes]:
    for part in parts:
        yield part


def tar_of(size: int) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        header = tarfile.TarInfo("./big")
        header.size = size
        tar.addfile(header, io.BytesIO(b"x" * size))
    return packed.getvalue()


async def test_a_copy_that_is_not_whole_is_no_copy(tmp_path: Path) -> None:
    trash = VolumeTrash(tmp_path)
    whole = tar_of(3_000_000)
    for broken in (whole[:1_500_000], whole[:3_000_832], b"", b"no tar at all"):
        with pytest.raises(Unavailable):
            await trash.keep(trash.place("v", "job_1"), pieces(broken))
        assert not [path for path in tmp_path.rglob("*") if path.is_file()]
    place = trash.place("v", "job_1")
    assert await trash.keep(place, pieces(whole[:10], whole[10:])) == len(whole) == trash.size(place)
    assert b"".join([piece async for piece in trash.read(place)]) == whole
    assert trash.place("v", "job_1") != place


async def test_a_full_disk_is_said_plainly(tmp_path: Path) -> None:
    trash = VolumeTrash(tmp_path)
    with pytest.raises(StorageFull, match="no room"):
        await trash.require_room(10**18)
    await trash.require_room(0)
