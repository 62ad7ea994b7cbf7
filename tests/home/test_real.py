"""The main paths over a real Docker Engine: what the engine in memory cannot vouch for."""

import asyncio
import hashlib
import tarfile
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest

from talome.core.errors import Conflict, Unavailable
from talome.engines.cgroups import CgroupSampler
from talome.engines.docker.engine import Docker
from tests.home.house import House, open_house, until
from tests.support.docker_engine import IMAGE, EngineDaemon

pytestmark = pytest.mark.docker
BUSY = ["sh", "-c", "trap 'exit 0' TERM; i=0; while :; do i=$((i+1)); done"]
CALM = ["sh", "-c", "trap 'exit 0' TERM; echo up; echo oops >&2; while :; do sleep 0.1; done"]


def known(house: House) -> dict[str, str]:
    return {entry.container.name: entry.container.state for entry in house.mirror.entries()}


async def prepared(daemon: EngineDaemon, argv: list[str], **options: Any) -> str:
    return await asyncio.to_thread(daemon.run, argv, **options)


async def test_containers_come_change_and_go(clean_daemon: EngineDaemon, real_house: House) -> None:
    id = await prepared(clean_daemon, CALM, name="web", environment={"DB_PASSWORD": "hunter2", "MODE": "x"})
    await until(lambda: known(real_house) == {"web": "running"})
    detail = await real_house.call("containers.get", id=id[:12])
    assert (detail.name, detail.image, detail.networks) == ("web", IMAGE, ["bridge"])
    assert {item.name: item.secret for item in detail.env}["DB_PASSWORD"]
    for action, state in (("stop", "exited"), ("start", "running"), ("pause", "paused"), ("unpause", "running")):
        shown = await real_house.call(f"containers.{action}", id="web")
        assert shown.state == state
        [listed] = await asyncio.to_thread(clean_daemon.api.containers, all=True)
        assert listed["State"] == state
        assert listed["Status"].split()[0] == shown.status.split()[0]
    assert (await real_house.call("containers.rename", id="web", name="www")).name == "www"
    result = await real_house.call("containers.exec", id="www", command="echo $((1+1)); exit 3", shell=True)
    assert (result.exit_code, result.stdout) == (3, "2\n")
    result = await real_house.call("containers.exec", id="www", command="sleep 60", timeoutS=0.5)
    assert (result.exit_code, result.timed_out) == (None, True)
    with pytest.raises(Conflict):
        await real_house.call("containers.remove", id="www")
    await real_house.call("containers.remove", id="www", force=True)
    assert await asyncio.to_thread(clean_daemon.api.containers, all=True) == []


async def test_usage_is_what_the_kernel_counts(clean_daemon: EngineDaemon, real_house: House) -> None:
    await prepared(clean_daemon, BUSY, name="busy", host={"mem_limit": 64 * 1024**2, "nano_cpus": 500_000_000})
    await prepared(clean_daemon, CALM, name="calm")
    async with aclosing(real_house.containers.follow()) as items:
        async for item in items:
            if item.type == "usage" and len(item.usage) == 2 and any(each.cpu_percent for each in item.usage.values()):
                break
    usage = {item.name: item.usage for item in await real_house.call("containers.list")}
    assert 5 < usage["busy"].cpu_percent <= 75
    assert usage["busy"].memory_limit_bytes == 64 * 1024**2
    assert 0 < usage["busy"].memory_bytes < 64 * 1024**2
    assert usage["calm"].cpu_percent < usage["busy"].cpu_percent
    assert usage["calm"].pids >= 1


async def test_logs_page_search_and_follow(clean_daemon: EngineDaemon, real_house: House) -> None:
    await prepared(clean_daemon, CALM, name="web")
    await until(lambda: "web" in known(real_house))
    texts: list[tuple[str, str]] = []
    async with aclosing(await real_house.call("containers.logs", id="web", follow=True, tail=10)) as batches:
        async for batch in batches:
            texts += [(line.stream, line.text) for line in batch.lines]
            if len(texts) == 2:
                break
    assert sorted(texts) == [("stderr", "oops"), ("stdout", "up")]
    page = await real_house.call("containers.logs", id="web", search="^o+ps$", regex=True, since="5m")
    assert [line.text for line in page.lines] == ["oops"]


async def test_bulk_over_a_real_engine(clean_daemon: EngineDaemon, real_house: House) -> None:
    for name in ("one", "two"):
        await prepared(clean_daemon, CALM, name=name)
    await until(lambda: known(real_house) == {"one": "running", "two": "running"})
    job = await real_house.call("containers.bulk", action="stop", ids=["one", "two"])
    assert (await real_house.ended(job.id)).state == "done"
    assert known(real_house) == {"one": "exited", "two": "exited"}


async def test_networks_and_images_over_a_real_engine(clean_daemon: EngineDaemon, real_house: House) -> None:
    network = await real_house.call("networks.create", name="photos")
    assert network.subnets
    await prepared(clean_daemon, CALM, name="web", host={"network_mode": "photos"}, start=False)
    await until(lambda: known(real_house) == {"web": "created"})
    with pytest.raises(Conflict, match="in use by web"):
        await real_house.call("networks.remove", id="photos")
    assert IMAGE not in [item.name for item in (await real_house.call("images.prune", all=True)).items]
    [image] = [one for one in await real_house.call("images.list") if IMAGE in one.tags]  # other tests leave theirs
    assert (image.tags, image.containers) == ([IMAGE], ["web"])
    await real_house.call("containers.remove", id="web")
    await real_house.call("networks.remove", id="photos")
    report = await real_house.call("images.prune", all=True)
    assert IMAGE in [item.name for item in report.items]


def digest(folder: Path) -> dict[str, tuple[int, int, int, str]]:
    """Every file of a folder: owner, mode, time and content."""
    return {
        str(path.relative_to(folder)): (
            path.stat().st_uid,
            path.stat().st_mode,
            path.stat().st_mtime_ns // 10**9,
            hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "",
        )
        for path in folder.rglob("*")
    }


FILL = (
    "mkdir -p /v/a/b; head -c 3000000 /dev/urandom > /v/a/b/data.bin; echo x > '/v/a name with spaces'; "
    "chown -R 1000:1000 /v/a; chmod 640 /v/a/b/data.bin; touch -d '2020-01-01 00:00:00' /v/a/b/data.bin"
)


class Obstinate:
    """A real engine's volumes, of which one cannot be removed."""

    def __init__(self, real: Any, name: str) -> None:
        self._real = real
        self._name = name

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    async def remove(self, name: str) -> None:
        if name == self._name:
            raise Unavailable("device busy", code="engine_failed")
        await self._real.remove(name)


async def test_a_real_volume_goes_to_the_trash_and_comes_back(
    clean_daemon: EngineDaemon, real_house: House, docker_engine: Docker
) -> None:
    for name in ("photos", "stuck"):
        await asyncio.to_thread(clean_daemon.api.create_volume, name, labels={"of": name})
    host = {"binds": ["photos:/v"], "auto_remove": False}
    id = await prepared(clean_daemon, ["sh", "-c", FILL], name="fill", host=host)
    assert (await asyncio.to_thread(clean_daemon.api.wait, id))["StatusCode"] == 0
    await until(lambda: known(real_house) == {"fill": "exited"})
    with pytest.raises(Conflict, match="“photos” by fill"):
        await real_house.call("volumes.prune", dryRun=False, names=["photos"])
    await real_house.call("containers.remove", id="fill")
    sizes = {volume.name: volume.size_bytes for volume in await real_house.call("volumes.list")}
    assert (sizes["photos"] or 0) > 3_000_000
    folder = Path((await asyncio.to_thread(clean_daemon.api.inspect_volume, "photos"))["Mountpoint"])
    before = digest(folder)

    real_house.volumes._engine = type("E", (), {})()  # the same engine, with one volume that cannot go
    for part in ("containers", "disk_usage"):
        setattr(real_house.volumes._engine, part, getattr(docker_engine, part))
    real_house.volumes._engine.volumes = Obstinate(docker_engine.volumes, "stuck")  # type: ignore[misc]
    job = await real_house.call("volumes.prune", dryRun=False, names=["photos", "stuck"])
    ended = await real_house.ended(job.job.id)
    assert (ended.state, ended.reason) == ("failed", "device busy")
    assert digest(folder) == before
    assert (await asyncio.to_thread(clean_daemon.api.inspect_volume, "photos"))["Labels"] == {"of": "photos"}

    real_house.volumes._engine = docker_engine
    job = await real_house.call("volumes.prune", dryRun=False, names=["photos", "stuck"])
    assert (await real_house.ended(job.job.id)).state == "done"
    assert (await asyncio.to_thread(clean_daemon.api.volumes))["Volumes"] in (None, [])
    tars = sorted((real_house.folder / "trash").rglob("photos*.tar"))
    assert len(tars) == 2, "each try kept its own copy"
    with tarfile.open(tars[-1]) as tar:
        assert {item.name.partition("/")[2] for item in tar} >= {"a/b/data.bin", "a name with spaces"}

    latest = next(kept for kept in await real_house.call("volumes.trash") if kept.name == "photos")
    job = await real_house.call("volumes.restore", id=latest.id)
    assert (await real_house.ended(job.id)).state == "done"
    assert digest(folder) == before
    assert latest.id not in {kept.id for kept in await real_house.call("volumes.trash")}


@pytest.mark.whole  # two restarts of Docker take twenty seconds
@pytest.mark.slow
async def test_the_mirror_outlives_a_restart_of_docker(docker_daemon: EngineDaemon, tmp_path: Path) -> None:
    engine = Docker(docker_daemon.host, timeout_s=3)
    try:
        await prepared(docker_daemon, CALM, name="web")
        async with open_house(engine, tmp_path, counters=CgroupSampler()) as house:
            await house.follows()
            assert known(house) == {"web": "running"}
            await asyncio.to_thread(docker_daemon.stop)
            await until(lambda: house.mirror.state.stale)
            [shown] = await house.call("containers.list")
            assert (shown.name, shown.stale) == ("web", True)
            with pytest.raises(Unavailable):
                await house.call("containers.start", id="web")
            await asyncio.to_thread(docker_daemon.start)
            await until(lambda: not house.mirror.state.stale)
            assert known(house) == {"web": "exited"}
            assert (await house.call("containers.start", id="web")).state == "running"
            await asyncio.to_thread(docker_daemon.freeze)
            with pytest.raises(Unavailable):
                await house.call("containers.restart", id="web", timeoutS=0)
            assert [item.name for item in await house.call("containers.list")] == ["web"]
            await asyncio.to_thread(docker_daemon.thaw)
            await until(lambda: not house.mirror.state.stale)
    finally:
        await engine.close()
        await asyncio.to_thread(docker_daemon.clean)
