"""The trash of volumes: what lies in it, what comes back and how, what is deleted and when."""

import asyncio
import os
import time
from pathlib import Path
from typing import Any

import pytest

from talome.core.errors import Conflict, Forbidden, NotFound, Unavailable
from talome.engines.docker.models import Mount
from talome.home.volumes.service import TRASH_DAYS
from tests.fakes.docker import FakeEngine
from tests.fakes.docker_objects import FakeVolumes
from tests.home.house import READER, House, open_house, until
from tests.home.test_objects import content, put

LABELS = {"com.docker.compose.volume": "db"}


@pytest.fixture
async def emptied(engine: FakeEngine, house: House) -> House:
    """The volumes “photos” and “old” lie in the trash."""
    for name in ("photos", "old"):
        await engine.volumes.create(name, options={"type": "none"}, labels=LABELS)
        put(engine, name, "./data.bin", name.encode() * 1000)
    report = await house.call("volumes.prune", dryRun=False, names=["photos", "old"])
    assert (await house.ended(report.job.id)).state == "done"
    return house


async def in_trash(house: House) -> dict[str, Any]:
    return {item.name: item for item in await house.call("volumes.trash")}


def age(house: House, days: float, name: str) -> None:
    [tar] = (house.folder / "trash").rglob(f"{name}.tar")
    os.utime(tar, (time.time() - days * 86_400,) * 2)


async def test_the_trash_says_what_lies_in_it_and_until_when(engine: FakeEngine, emptied: House) -> None:
    found = await in_trash(emptied)
    assert set(found) == {"photos", "old"}
    photos = found["photos"]
    assert photos.size_bytes > 6000
    assert (photos.expires_at - photos.removed_at).days == 30
    assert (photos.name_taken, photos.job_id) == (False, (await emptied.call("jobs.list"))[0].id)
    await emptied.settings.update({TRASH_DAYS: 7}, by="ada")
    await engine.volumes.create("photos")
    photos = (await in_trash(emptied))["photos"]
    assert (photos.expires_at - photos.removed_at).days == 7
    assert photos.name_taken
    engine.outage("refused")
    assert set(await in_trash(emptied)) == {"photos", "old"}, "the trash does not need Docker"


async def test_a_volume_comes_back_as_it_was(engine: FakeEngine, emptied: House) -> None:
    item = (await in_trash(emptied))["photos"]
    job = await emptied.call("volumes.restore", id=item.id)
    assert (await emptied.ended(job.id)).state == "done"
    assert content(engine, "photos") == {"./data.bin": (b"photos" * 1000, 1000, 0o640)}
    volume = engine.volumes.kept["photos"].volume
    assert volume.options == {"type": "none"}
    assert volume.labels.items() >= LABELS.items()
    assert set(await in_trash(emptied)) == {"old"}
    assert not list((emptied.folder / "trash").rglob("photos*"))
    with pytest.raises(NotFound):
        await emptied.call("volumes.restore", id=item.id)


async def test_a_folder_that_a_volume_points_at_is_never_written_over(engine: FakeEngine, house: House) -> None:
    await engine.volumes.create("nas", options={"type": "nfs", "device": ":/films", "o": "addr=10.0.0.2"})
    put(engine, "nas", "./film.bin", b"as it was")
    report = await house.call("volumes.prune", dryRun=False, names=["nas"])
    assert (await house.ended(report.job.id)).state == "done"
    job = await house.call("volumes.restore", id=(await in_trash(house))["nas"].id)
    assert (await house.ended(job.id)).state == "done"
    assert (await engine.volumes.inspect("nas")).options["device"] == ":/films"
    assert content(engine, "nas") == {}, "the share holds what it holds"
    assert "nas" in await in_trash(house)


async def test_nothing_is_written_over(engine: FakeEngine, emptied: House) -> None:
    await engine.volumes.create("photos")
    put(engine, "photos", "./data.bin", b"newer")
    item = (await in_trash(emptied))["photos"]
    with pytest.raises(Conflict, match="There is a volume “photos” again"):
        await emptied.call("volumes.restore", id=item.id)
    assert content(engine, "photos")["./data.bin"][0] == b"newer"
    assert "photos" in await in_trash(emptied)


async def test_deleting_takes_exactly_what_was_named(emptied: House) -> None:
    found = await in_trash(emptied)
    with pytest.raises(NotFound, match="Nothing was deleted"):
        await emptied.call("volumes.empty", ids=[found["old"].id, "f" * 32])
    with pytest.raises(Forbidden):
        await emptied.call("volumes.delete", READER, id=found["old"].id)
    assert set(await in_trash(emptied)) == {"photos", "old"}
    done = await emptied.call("volumes.delete", id=found["old"].id)
    assert (done.deleted, done.freed_bytes) == (1, found["old"].size_bytes)
    done = await emptied.call("volumes.empty", ids=[found["photos"].id])
    assert done.deleted == 1
    assert list((emptied.folder / "trash").iterdir()) == []


async def test_the_sweep_takes_what_is_too_old(emptied: House, monkeypatch: pytest.MonkeyPatch) -> None:
    age(emptied, 29, "photos")
    age(emptied, 31, "old")
    await emptied.trashed.sweep()
    assert set(await in_trash(emptied)) == {"photos"}
    await emptied.settings.update({TRASH_DAYS: 10}, by="ada")
    moved = time.time() + 20 * 86_400
    with monkeypatch.context() as patch:
        patch.setattr(time, "time", lambda: moved)
        await emptied.trashed.sweep()
    assert set(await in_trash(emptied)) == {"photos"}, "the clock was moved, so ages mean nothing"
    await emptied.trashed.sweep()
    assert set(await in_trash(emptied)) == {"photos"}, "and it was moved back"
    await emptied.trashed.sweep()
    assert set(await in_trash(emptied)) == set()


async def test_copies_of_other_releases_and_broken_notes(engine: FakeEngine, emptied: House) -> None:
    [photos] = (emptied.folder / "trash").rglob("photos.tar")
    photos.with_name("photos.tar.json").write_text("{broken")
    [old] = (emptied.folder / "trash").rglob("old.tar")
    old.with_name("old.tar.json").unlink()
    old.rename(old.with_name("old.job_01abc.tar"))
    assert set(await in_trash(emptied)) == {"photos", "old"}
    job = await emptied.call("volumes.restore", id=(await in_trash(emptied))["old"].id)
    assert (await emptied.ended(job.id)).state == "done"
    assert engine.volumes.kept["old"].volume.driver == "local"


class Halting(FakeVolumes):
    """Filling a volume stops in the middle: forever, or with a failure."""

    failing = False

    def __init__(self, engine: FakeEngine) -> None:
        super().__init__(engine)
        self.halts = True
        self.reached = asyncio.Event()

    async def restore(self, name: str, tar: Any) -> None:
        if self.halts:
            put(self._engine, name, "./half.bin", b"half")
            self.reached.set()
            if self.failing:
                raise Unavailable("the disk failed", code="engine_failed")
            await asyncio.Event().wait()
        await super().restore(name, tar)


@pytest.fixture
def halting(engine: FakeEngine) -> Halting:
    engine.volumes = volumes = Halting(engine)
    return volumes


async def begin(engine: FakeEngine, house: House) -> str:
    """A restoring of “photos” that has reached its middle; the id of its job."""
    await engine.volumes.create("photos", labels=LABELS)
    put(engine, "photos", "./data.bin", b"p" * 5000)
    await house.ended((await house.call("volumes.prune", dryRun=False, names=["photos"])).job.id)
    job = await house.call("volumes.restore", id=(await in_trash(house))["photos"].id)
    await asyncio.wait_for(engine.volumes.reached.wait(), 5)
    return str(job.id)


async def test_restoring_goes_on_after_a_kill(engine: FakeEngine, halting: Halting, tmp_path: Path) -> None:
    async with open_house(engine, tmp_path) as house:
        await house.follows()
        job_id = await begin(engine, house)
    halting.halts = False
    async with open_house(engine, tmp_path) as house:
        await house.follows()
        assert (await house.ended(job_id)).state == "done"
        assert content(engine, "photos")["./data.bin"][0] == b"p" * 5000
        assert await in_trash(house) == {}


async def test_a_cancelled_or_failed_restoring_leaves_the_copy_and_no_volume(
    engine: FakeEngine, halting: Halting, house: House
) -> None:
    job_id = await begin(engine, house)
    item = (await in_trash(house))["photos"]
    for call in ("volumes.delete", "volumes.restore"):
        with pytest.raises(Conflict, match="A job is working"):
            await house.call(call, id=item.id)
    age(house, 99, "photos")
    await house.trashed.sweep()
    await house.call("jobs.cancel", id=job_id)
    assert (await house.ended(job_id)).state == "cancelled"
    assert set(halting.kept) == set()
    halting.failing = True
    job = await house.ended((await house.call("volumes.restore", id=item.id)).id)
    assert (job.state, job.reason) == ("failed", "the disk failed")
    assert set(halting.kept) == set()
    assert set(await in_trash(house)) == {"photos"}


async def test_a_volume_that_somebody_began_to_use_is_left(engine: FakeEngine, halting: Halting, house: House) -> None:
    job_id = await begin(engine, house)
    engine.add_container("db", mounts=(Mount("volume", "/x", "/data", False, "photos"),))
    await until(lambda: len(list(house.mirror.entries())) == 1)
    await house.call("jobs.cancel", id=job_id)
    await house.ended(job_id)
    assert set(halting.kept) == {"photos"}
    assert "is used by db now" in await house.log_of(job_id)
