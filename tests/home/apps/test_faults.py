"""Registries that refuse, break off or say nothing, and a disk that is full: the old version answers on, untouched."""

import asyncio
import os
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from tests.home.apps.shop import Apps, Shop
from tests.support.docker_engine import EngineDaemon
from tests.support.house import open_house
from tests.support.registry import Front, Registry

pytestmark = [pytest.mark.docker, pytest.mark.timeout(120)]
_SMALL_MIB = 48


async def _until(done: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not done():
            await asyncio.sleep(0.02)


async def _runs_untouched(apps: Apps) -> None:
    """It was not even stopped."""
    assert await apps.page() == "1.0"
    assert (apps.data() / "state" / "starts").read_text() == "1.0\n"
    assert sorted(path.name for path in (apps.home / "apps/shop/revisions").iterdir()) == ["1"]


@pytest.fixture
async def through(apps: Apps, shop: Shop, front: Front) -> AsyncIterator[Front]:
    """Before the registry of an installed app, for which there is an update with a layer of its own."""
    assert (await apps.install())["state"] == "done"
    await asyncio.to_thread(shop.push, "2.0", files={"noise": os.urandom(300_000)})
    shop.release("2.0", via=front.address)
    await apps.sync(apps.store)
    yield front
    front.let_through.set()
    front.answers.set()


@pytest.mark.whole  # twelve seconds of real containers
async def test_a_registry_that_refuses_or_says_nothing_leaves_the_old_version_answering(
    apps: Apps, shop: Shop, through: Front
) -> None:
    def lock() -> None:
        through.password = ("mara", "a password")

    def limit() -> None:
        through.password, through.limited = None, "retry-after: 7s, allowed: 100/hour"

    def lose() -> None:
        through.limited = None
        shop.release("2.0", tag="never-pushed", via=through.address)

    for spoil, words in ((lock, "user name and password"), (limit, "no more downloads"), (lose, "no such image")):
        spoil()
        await apps.sync(apps.store)
        failed = await apps.ended(await apps.person.post("/api/apps/shop/update"))
        assert failed["state"] == "failed"
        assert words in failed["reason"]
        await _runs_untouched(apps)

    shop.release("2.0", via=through.address)
    await apps.sync(apps.store)
    through.let_through.clear()
    job = (await apps.person.post("/api/apps/shop/update")).json["id"]
    await _until(lambda: through.waiting > 0)
    assert (await apps.person.post(f"/api/jobs/{job}/cancel")).status == 200
    assert (await apps.end_of(job))["state"] == "cancelled"
    await _runs_untouched(apps)

    through.let_through.set()
    assert (await apps.ended(await apps.person.post("/api/apps/shop/update")))["state"] == "done"
    assert await apps.page() == "2.0"


@pytest.mark.whole  # the engine waits five seconds before it asks again
@pytest.mark.slow
async def test_a_layer_that_breaks_off_is_fetched_again(apps: Apps, through: Front) -> None:
    through.let_through.clear()
    through.cut = True
    job = (await apps.person.post("/api/apps/shop/update")).json["id"]
    await _until(lambda: through.waiting > 0)
    through.let_through.set()
    await _until(lambda: through.waiting == 0)
    through.cut = False
    ended = await apps.end_of(job)
    assert ended["state"] == "done", ended
    assert await apps.page() == "2.0"


@pytest.fixture
def small_daemon() -> Iterator[EngineDaemon]:
    """An engine with little room."""
    root = Path(tempfile.mkdtemp(prefix="tlms"))
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={_SMALL_MIB}m", "tmpfs", str(root)], check=True)
    daemon = EngineDaemon(root, "--bridge", "none")  # docker0 belongs to the other one
    try:
        daemon.start()
        yield daemon
    finally:
        daemon.destroy()
        subprocess.run(["umount", "-l", str(root)], check=False)
        shutil.rmtree(root, ignore_errors=True)


@pytest.mark.whole  # it starts an engine of its own
@pytest.mark.slow
async def test_a_full_disk_in_the_middle_of_a_pull(
    tmp_path: Path, shop: Shop, registry: Registry, small_daemon: EngineDaemon
) -> None:
    await asyncio.to_thread(shop.push, "large", files={"ballast": bytes(2 * _SMALL_MIB * 1024 * 1024)})
    async with open_house(tmp_path / "home", None, docker_host=small_daemon.host, start_terminal=False) as house:
        apps = Apps(house)
        apps.store = await apps.add_store(shop.folder)
        assert (await apps.install())["state"] == "done"
        shop.release("2.0", tag="large")
        await apps.sync(apps.store)
        failed = await apps.ended(await apps.person.post("/api/apps/shop/update"))
        assert failed["state"] == "failed"
        assert "disk of the Docker engine is full" in failed["reason"]
        await _runs_untouched(apps)

        await asyncio.to_thread(shop.push, "small", mark="small")
        shop.release("3.0", tag="small")
        await apps.sync(apps.store)
        assert (await apps.ended(await apps.person.post("/api/apps/shop/update")))["state"] == "done"
        assert await apps.page() == "small"
