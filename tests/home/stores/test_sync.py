"""The sync: only what changed is read, a failure keeps the old catalog, and a crash leaves the old one or the new."""

import asyncio
import errno
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from talome.core.clock import now_ms
from talome.core.errors import Unavailable
from talome.core.jobs.service import Job as RunningJob
from talome.home.stores import folders
from talome.home.stores.models import CatalogChanged, StoreType
from talome.home.stores.reading import Order, read_store
from tests.support.git_http import commit
from tests.support.store_house import StoreHouse, casaos_app, casaos_store, open_stores, write

NOTES = 8
"""Four steps, each noted before and after."""


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[StoreHouse]:
    (tmp_path / "bundled").mkdir()
    async with open_stores(tmp_path / "home", tmp_path / "bundled") as opened:
        yield opened


async def test_one_app_of_two_hundred(shop: StoreHouse, tmp_path: Path) -> None:
    repository = tmp_path / "repo"
    commit(repository, casaos_store(200))
    with shop.events.subscribe(CatalogChanged) as changes:
        id, job = await shop.add(f"file://{repository}")
        assert changes.pending() == [CatalogChanged(id)]
    assert "200 apps: 200 read, 0 gone, 0 that cannot" in await shop.log_of(job)
    started = time.process_time()
    assert "Nothing is new" in await shop.log_of(await shop.sync(id))
    assert time.process_time() - started < 1
    commit(repository, {"Apps/app7/docker-compose.yml": casaos_app("app7", version="2.0"), "README.md": "new"})
    assert "200 apps: 1 read, 0 gone" in await shop.log_of(await shop.sync(id))
    assert (await shop.call("catalog.get", id="app7")).version == "2.0"
    (repository / "Apps/app8/docker-compose.yml").unlink()
    commit(repository, {"Apps/new/docker-compose.yml": casaos_app("new")})
    assert "200 apps: 1 read, 1 gone" in await shop.log_of(await shop.sync(id))
    names = await shop.names()
    assert "repo:new" in names
    assert "repo:app8" not in names
    assert len(list((shop.home / "stores" / id).iterdir())) == 1
    assert [part.name for part in next((shop.home / "stores" / id).iterdir()).iterdir()] == ["files"]


async def test_a_broken_app_hides_no_other(shop: StoreHouse, tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        **casaos_store(3),
        "Apps/bomb/docker-compose.yml": "a: &a [x,x,x,x,x,x,x,x,x]\n"
        + "".join(f"{chr(98 + n)}: &{chr(98 + n)} [{','.join(['*' + chr(97 + n)] * 9)}]\n" for n in range(9)),
        "Apps/latin/docker-compose.yml": b"name: caf\xe9\n",
        "Apps/empty/docker-compose.yml": "",
        "Apps/tag/docker-compose.yml": "!!python/object/apply:os.system [touch /tmp/x]\n",
        "Apps/dots/docker-compose.yml": casaos_app("..", title="Dots"),
        "Apps/double/docker-compose.yml": casaos_app("app1"),
    }
    id, job = await shop.add(str(write(tmp_path / "mine", files)))
    assert job.state == "done"
    assert await shop.names() == ["mine:app0", "mine:app1", "mine:app2"]
    problems = {item.path: item.reason for item in await shop.call("stores.problems", id=id)}
    assert set(problems) == {f"Apps/{name}" for name in ("bomb", "latin", "empty", "tag", "dots", "double")}
    assert "app1" in problems["Apps/double"]
    assert all(reason.strip() for reason in problems.values())
    store = await shop.call("stores.get", id=id)
    assert (store.apps, store.problems) == (3, 6)
    (tmp_path / "mine/Apps/app1/docker-compose.yml").unlink()
    await shop.sync(id)
    assert await shop.names() == ["mine:app0", "mine:app1", "mine:app2"]
    write(tmp_path / "mine", {"Apps/app2/docker-compose.yml": casaos_app("app0", version="2.0")})
    await shop.sync(id)
    assert await shop.names() == ["mine:app0", "mine:app1"]
    problems = {item.path: item.reason for item in await shop.call("stores.problems", id=id)}
    assert "same name" in problems["Apps/app2"]
    assert (await shop.call("catalog.get", id="app0")).version == "1.0"


async def test_a_failed_sync_keeps_the_catalog(shop: StoreHouse, tmp_path: Path) -> None:
    repository = tmp_path / "repo"
    commit(repository, casaos_store(2))
    id, _ = await shop.add(f"file://{repository}")
    repository.rename(tmp_path / "away")
    job = await shop.sync(id)
    assert job.state == "failed"
    store = await shop.call("stores.get", id=id)
    assert store.failure == job.reason
    assert store.apps == 2
    assert len(await shop.names()) == 2
    (tmp_path / "away").rename(repository)
    await shop.sync(id)
    assert (await shop.call("stores.get", id=id)).failure is None


async def test_a_full_disk(shop: StoreHouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    id, _ = await shop.add(str(write(tmp_path / "mine", casaos_store(1))))

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(shutil, "copyfile", full)
    job = await shop.sync(id)
    assert job.state == "failed"
    assert "disk is full" in str(job.reason)
    assert (await shop.call("stores.get", id=id)).failure == job.reason
    assert await shop.names() == ["mine:app0"]
    assert len(list((shop.home / "stores" / id).iterdir())) == 1


class Killed(BaseException):
    """Nothing catches it, so nothing is undone, as when the process is killed."""


async def broken_off_at(shop: StoreHouse, id: str, note: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sync that dies when it writes its note of this number."""
    whole, counted = RunningJob._note, 0

    async def noting(self: RunningJob, step: Any) -> None:
        nonlocal counted
        counted += 1
        if counted > note:
            raise Killed
        await whole(self, step)

    with monkeypatch.context() as patched:
        patched.setattr(RunningJob, "_note", noting)
        job = await shop.call("stores.sync", id=id)
        async with asyncio.timeout(20):
            while job.id in shop.jobs._running:
                await asyncio.sleep(0.005)
        assert counted == note + 1


async def test_a_crash_at_each_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, home = tmp_path / "mine", tmp_path / "home"
    (tmp_path / "bundled").mkdir()
    write(folder, casaos_store(2))
    async with open_stores(home, tmp_path / "bundled") as shop:
        id, _ = await shop.add(str(folder))
    outcomes, old = set(), "1.0"
    for note in range(NOTES):
        new = f"2.{note}"
        async with open_stores(home, tmp_path / "bundled") as shop:
            write(folder, {"Apps/app0/docker-compose.yml": casaos_app("app0", version=new)})
            await broken_off_at(shop, id, note, monkeypatch)
        async with open_stores(home, tmp_path / "bundled") as shop:
            async with asyncio.timeout(10):
                while shop.jobs.running:
                    await asyncio.sleep(0.005)
            version = (await shop.call("catalog.get", id="app0")).version
            assert version in (old, new)
            outcomes.add(version == new)
            assert len(await shop.names()) == 2
            row = await shop.store.get(id)
            assert row is not None
            assert row.folder is not None
            content = (home / "stores" / id / row.folder / "Apps/app0/docker-compose.yml").read_text()
            assert f":{version}" in content
            assert [part.name for part in (home / "stores" / id).iterdir()] == [row.folder.partition("/")[0]]
            if version == new:
                old = new
    async with open_stores(home, tmp_path / "bundled") as shop:
        assert (await shop.sync(id)).state == "done"
        assert (await shop.call("catalog.get", id="app0")).version == new
    assert outcomes == {True, False}


KILLED_IN_THE_SWAP = """
import asyncio, os, signal, sys
from pathlib import Path
from talome.home.stores.store import StoresStore
from tests.support.store_house import open_stores

async def update(self, tx, row):
    os.kill(os.getpid(), signal.SIGKILL)

async def main():
    async with open_stores(Path(sys.argv[1]), Path(sys.argv[2])) as shop:
        StoresStore.update = update
        await shop.sync("mine")

asyncio.run(main())
"""


async def test_killed_inside_the_swap(tmp_path: Path) -> None:
    home, bundled = tmp_path / "home", tmp_path / "bundled"
    bundled.mkdir()
    folder = write(tmp_path / "mine", casaos_store(2))
    async with open_stores(home, bundled) as shop:
        await shop.add(str(folder))
    write(folder, {"Apps/app0/docker-compose.yml": casaos_app("app0", version="9")})
    root = str(Path(__file__).parents[3])
    environment = {"PYTHONPATH": root, "PATH": os.defpath}
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", KILLED_IN_THE_SWAP, home, bundled],
        env=environment,
        cwd=root,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL
    assert len(list((home / "stores/mine").iterdir())) == 2
    async with open_stores(home, bundled) as shop:
        assert (await shop.call("catalog.get", id="app0")).version == "1.0"
        assert len(list((home / "stores/mine").iterdir())) == 1
        assert (await shop.sync("mine")).state == "done"
        assert (await shop.call("catalog.get", id="app0")).version == "9"


async def test_cancelled(shop: StoreHouse, tmp_path: Path) -> None:
    id, _ = await shop.add(str(write(tmp_path / "mine", casaos_store(50))))
    write(tmp_path / "mine", {"Apps/app0/docker-compose.yml": casaos_app("app0", version="9")})
    job = await shop.call("stores.sync", id=id)
    assert (await shop.call("stores.sync", id=id)).id == job.id
    assert (await shop.call("stores.get", id=id)).job_id == job.id
    await shop.jobs.cancel(job.id)
    assert (await shop.ended(job)).state == "cancelled"
    assert (await shop.call("catalog.get", id="app0")).version == "1.0"
    assert len(list((shop.home / "stores" / id).iterdir())) == 1


async def test_the_schedule(shop: StoreHouse, tmp_path: Path) -> None:
    await shop.call("stores.change", id="talome", enabled=False)
    id, _ = await shop.add(str(write(tmp_path / "mine", casaos_store(1))))
    hour = 3_600_000
    for hours, passed, due in ((12, 10, False), (12, 14, True), (0, 1000, False)):
        await shop.settings.update({"stores.sync_hours": hours}, "ada")
        before = (await shop.store.get(id)).synced_at  # type: ignore[union-attr]  # it is there
        await shop.stores.sync_due(now_ms() + passed * hour)
        assert ((await shop.call("stores.get", id=id)).job_id is not None) is due
        async with asyncio.timeout(10):
            while shop.jobs.running:
                await asyncio.sleep(0.005)
        assert ((await shop.store.get(id)).synced_at != before) is due  # type: ignore[union-attr]  # it is there


async def test_the_loop_goes_on_while_a_store_is_read(shop: StoreHouse, tmp_path: Path) -> None:
    longest = 0.0

    async def watch() -> None:
        nonlocal longest
        while True:
            started = time.thread_time()
            await asyncio.sleep(0)
            longest = max(longest, time.thread_time() - started)

    folder = write(tmp_path / "mine", casaos_store(100))
    watching = asyncio.create_task(watch())
    await shop.add(str(folder))
    watching.cancel()
    assert longest < 0.05


@pytest.mark.parametrize(
    ("files", "kind"),
    [
        (["Apps/X/docker-compose.yml"], "casaos"),
        (["deep/Apps/X/docker-compose.yaml"], "casaos"),
        (["x/umbrel-app.yml", "x/docker-compose.yml"], "umbrel"),
        (["apps/x/config.json", "apps/x/docker-compose.yml"], "runtipi"),
        (["x/app.yml", ".github/x"], "talome"),
        (["apps/x/app.yml"], "talome"),
    ],
)
def test_kinds_are_found_out(tmp_path: Path, files: list[str], kind: StoreType) -> None:
    root, found = folders.find_root(write(tmp_path / "s", dict.fromkeys(files, "x")), None)
    assert found == kind
    assert len(list(folders.app_folders(root, found))) == 1


def test_a_view_has_what_is_asked_for(tmp_path: Path) -> None:
    root = write(tmp_path / "s", {**casaos_store(3), "store-config.json": "{}", "Apps/app1/data/file": "x"})
    folders.make_view(root, tmp_path / "view", ["Apps/app1"])
    found = (path.relative_to(tmp_path / "view") for path in (tmp_path / "view").rglob("*") if path.is_file())
    assert sorted(map(str, found)) == ["Apps/app1/data/file", "Apps/app1/docker-compose.yml", "store-config.json"]


def test_digests_tell_names_and_bytes_apart(tmp_path: Path) -> None:
    seen = set()
    for files in ({"a": "bc"}, {"ab": "c"}, {"a": "b", "c": ""}, {"a": "b"}, {"d/a": "b"}):
        root = tmp_path / str(len(seen))
        write(root / "Apps/x", {"docker-compose.yml": "x", **files})
        seen.add(folders.contents_of(root, "casaos").apps["Apps/x"])
    assert len(seen) == 5


async def test_a_process_that_dies_is_told_of(tmp_path: Path) -> None:
    """Its memory, its time and its faults are its own."""
    order = Order("casaos", tmp_path, "x", "X", tmp_path / "there")
    (tmp_path / "there").write_text("a file that must not be there yet")
    with pytest.raises(Unavailable, match="could not be read: FileExistsError"):
        await read_store(order)
