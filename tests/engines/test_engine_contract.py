"""One suite over the fake engine and the real one: what passes here is what the rest of the house may rely on."""

from __future__ import annotations

import asyncio
import io
import tarfile
import time
from collections.abc import AsyncIterator

import pytest

from talome.core.errors import Conflict, Forbidden, Invalid, NotFound, TalomeError, Unavailable
from talome.engines.docker.models import EngineEvent, LogLine
from talome.engines.docker.protocol import ContainerEngine, EngineStream
from tests.engines.bench import ENDS_WITH, IMAGE, STOPS_WITH, Bench, eventually, gone

BAD_IDS = [
    "",
    "../images/json?",
    "x/../../images/json?all=1#",
    "a b",
    "-x",
    "x" * 129,
    "ä",
    "a\n",
    "%2e%2e",
    "?",
    "a/b",
]
ABSENT = "f" * 64


def texts(lines: tuple[LogLine, ...]) -> list[str]:
    return [line.text for line in lines]


async def test_version_and_info(bench: Bench) -> None:
    await bench.engine.ping()
    version = await bench.engine.version()
    assert version.version
    assert tuple(map(int, version.api.split("."))) >= (1, 24)
    info = await bench.engine.info()
    assert info.cpus >= 1
    assert info.cgroup_version in (1, 2)
    assert info.root_dir.startswith("/")


async def test_list_and_inspect_tell_the_same(bench: Bench) -> None:
    id = await bench.run("web", labels={"com.docker.compose.project": "shop"}, network="bridge")
    ended = await bench.run("job", ended=True)
    rows = {row.name: row for row in await bench.engine.containers.all()}
    assert rows.keys() == {"web", "job"}
    web = rows["web"]
    assert (web.id, web.state, web.image, web.health, web.exit_code) == (id, "running", IMAGE, "none", None)
    assert web.labels == {"com.docker.compose.project": "shop"}
    assert [network.name for network in web.networks] == ["bridge"]
    assert (rows["job"].state, rows["job"].exit_code) == ("exited", ENDS_WITH)
    detail = await bench.engine.containers.inspect("web")
    assert (detail.id, detail.name, detail.image_id) == (web.id, web.name, web.image_id)
    assert detail.pid is not None
    assert detail.started_at is not None
    assert detail.exit_code is None
    done = await bench.engine.containers.inspect(ended[:12])
    assert (done.exit_code, done.pid) == (ENDS_WITH, None)
    assert done.finished_at is not None


async def test_lifecycle(bench: Bench) -> None:
    containers = bench.engine.containers
    id = await bench.run("web")

    async def state() -> str:
        return (await containers.inspect(id)).state

    await containers.start(id)  # runs already: no error
    await containers.pause(id)
    assert await state() == "paused"
    with pytest.raises(Conflict):
        await containers.pause(id)
    await containers.unpause(id)
    with pytest.raises(Conflict):
        await containers.unpause(id)
    await containers.stop(id, timeout_s=5)
    assert await state() == "exited"
    assert (await containers.inspect(id)).exit_code == STOPS_WITH
    await containers.stop(id)  # stopped already: no error
    with pytest.raises(Conflict):
        await containers.pause(id)
    with pytest.raises(Conflict):
        await containers.kill(id)
    await containers.restart(id)  # also starts a stopped one
    assert await state() == "running"
    before = (await containers.inspect(id)).started_at
    await containers.restart(id, timeout_s=5)
    after = (await containers.inspect(id)).started_at
    assert before is not None
    assert after is not None
    assert after > before
    await containers.kill(id)
    assert (await containers.inspect(id)).exit_code == 137
    await containers.start(id)
    with pytest.raises(Invalid):
        await containers.kill(id, signal="SIGNOTHING")


async def test_rename(bench: Bench) -> None:
    containers = bench.engine.containers
    id = await bench.run("web")
    await bench.run("db")
    await containers.rename(id, "shop.web-1_a")
    assert (await containers.inspect("shop.web-1_a")).id == id
    with pytest.raises(Conflict):
        await containers.rename(id, "db")
    with pytest.raises(Invalid):
        await containers.rename(id, "shop.web-1_a")
    for name in ("../x", "a b", "", "-a", "x" * 200):
        with pytest.raises(Invalid):
            await containers.rename(id, name)


async def test_remove(bench: Bench) -> None:
    containers = bench.engine.containers
    running, ended = await bench.run("web"), await bench.run("job", ended=True)
    with pytest.raises(Conflict):
        await containers.remove(running)
    await containers.remove(ended)
    await containers.remove(running, force=True)
    assert await containers.all() == []
    with pytest.raises(NotFound):
        await containers.remove(running)


async def test_many_at_once(bench: Bench) -> None:
    ids = await asyncio.gather(*(bench.run(f"c{number}") for number in range(6)))
    await asyncio.gather(*(bench.engine.containers.stop(id, timeout_s=5) for id in ids))
    assert {row.state for row in await bench.engine.containers.all()} == {"exited"}
    await asyncio.gather(*(bench.engine.containers.start(id) for id in ids))
    assert {row.state for row in await bench.engine.containers.all()} == {"running"}


# --- logs ---


async def test_logs_keep_streams_order_and_time(bench: Bench) -> None:
    before = time.time_ns()
    id = await bench.run("web", log=[("stdout", "one"), ("stdout", "zwei ü €"), ("stdout", "")])
    await bench.write(id, "bad", "stderr")
    await eventually(lambda: logged(bench.engine, id, 4), "the line")
    page = await bench.engine.containers.logs(id)
    assert texts(page.lines) == ["one", "zwei ü €", "", "bad"]
    assert [line.stream for line in page.lines] == ["stdout", "stdout", "stdout", "stderr"]
    stamps = [line.at_ns for line in page.lines]
    assert stamps == sorted(stamps)
    assert len(set(stamps)) == 4
    assert before <= stamps[0] <= stamps[-1] <= time.time_ns()
    assert not page.truncated


async def logged(engine: ContainerEngine, id: str, count: int) -> bool:
    return len((await engine.containers.logs(id, tail=None)).lines) >= count


async def test_logs_tail_since_until(bench: Bench) -> None:
    id = await bench.run("web", log=[("stdout", str(number)) for number in range(20)], ended=True)
    logs = bench.engine.containers.logs
    every = (await logs(id, tail=None)).lines
    assert texts(every) == [str(number) for number in range(20)]
    assert texts((await logs(id, tail=3)).lines) == ["17", "18", "19"]
    assert (await logs(id, tail=0)).lines == ()
    assert texts((await logs(id, tail=None, since_ns=every[15].at_ns)).lines) == ["15", "16", "17", "18", "19"]
    assert texts((await logs(id, tail=None, until_ns=every[2].at_ns)).lines) == ["0", "1", "2"]
    middle = await logs(id, tail=None, since_ns=every[5].at_ns, until_ns=every[7].at_ns)
    assert texts(middle.lines) == ["5", "6", "7"]


async def test_logs_are_bounded_in_bytes(bench: Bench) -> None:
    id = await bench.run("web", log=[("stdout", f"{number:03}" + "x" * 97) for number in range(50)], ended=True)
    page = await bench.engine.containers.logs(id, tail=None, limit_bytes=1000)
    assert page.truncated
    assert [line.text[:3] for line in page.lines] == [f"{number:03}" for number in range(40, 50)]


@pytest.mark.parametrize("tty", [False, True])
async def test_a_long_line_stays_whole_and_a_huge_one_is_cut(bench: Bench, tty: bool) -> None:
    long, huge = "a" * 40_000, "b" * 100_000
    id = await bench.run("web", log=[("stdout", long), ("stdout", huge), ("stdout", "after")], tty=tty, ended=True)
    lines = (await bench.engine.containers.logs(id)).lines
    assert texts(lines) == [long, huge[: 64 * 1024], "after"]
    assert [line.cut for line in lines] == [False, True, False]


async def test_logs_of_a_terminal(bench: Bench) -> None:
    id = await bench.run("web", log=[("stdout", "one"), ("stderr", "two")], tty=True)
    lines = (await bench.engine.containers.logs(id)).lines
    assert texts(lines) == ["one", "two"]
    assert {line.stream for line in lines} == {"stdout"}
    async with await bench.engine.containers.follow_logs(id, tail=1) as batches:
        assert texts((await anext(batches)).lines) == ["two"]
        await bench.write(id, "three")
        assert texts((await asyncio.wait_for(anext(batches), 10)).lines) == ["three"]


async def test_follow_sees_new_lines_and_ends_with_the_container(bench: Bench) -> None:
    id = await bench.run("web", log=[("stdout", "old"), ("stdout", "last")])
    seen: list[str] = []
    async with await bench.engine.containers.follow_logs(id, tail=1) as batches:

        async def follow() -> None:
            async for batch in batches:
                seen.extend(texts(batch.lines))
                assert batch.dropped == 0

        reader = asyncio.create_task(follow())
        await bench.write(id, "new")
        await bench.write(id, "wrong", "stderr")
        await bench.end(id)
        await asyncio.wait_for(reader, 15)
    assert seen == ["last", "new", "wrong"]


async def test_follow_of_an_ended_container_ends(bench: Bench) -> None:
    id = await bench.run("job", log=[("stdout", "done")], ended=True)
    async with await bench.engine.containers.follow_logs(id) as batches:
        assert [text async for batch in batches for text in texts(batch.lines)] == ["done"]


async def test_follow_since(bench: Bench) -> None:
    id = await bench.run("web", log=[("stdout", "old"), ("stdout", "last")])
    last = (await bench.engine.containers.logs(id)).lines[-1]
    async with await bench.engine.containers.follow_logs(id, tail=None, since_ns=last.at_ns) as batches:
        assert texts((await anext(batches)).lines) == ["last"]


async def test_a_waiting_follow_is_closed_at_once(bench: Bench) -> None:
    id = await bench.run("web")
    batches = await bench.engine.containers.follow_logs(id)
    waiting = asyncio.ensure_future(anext(batches))
    await asyncio.sleep(0)
    started = time.monotonic()
    waiting.cancel()
    await batches.aclose()
    await batches.aclose()
    assert time.monotonic() - started < 2


async def test_a_cancelled_read_loses_nothing(bench: Bench) -> None:
    id = await bench.run("web")
    async with await bench.engine.containers.follow_logs(id) as batches:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(anext(batches), 0.05)
        await bench.write(id, "kept")
        assert texts((await asyncio.wait_for(anext(batches), 10)).lines) == ["kept"]


# --- exec ---


async def test_exec(bench: Bench) -> None:
    id = await bench.run("web")
    run = bench.engine.containers.exec
    result = await run(id, ["echo", "a b", "$HOME"])
    assert (result.exit_code, result.stdout, result.stderr) == (0, b"a b $HOME\n", b"")
    assert (result.timed_out, result.truncated, result.killed) == (False, False, False)
    result = await run(id, ["sh", "-c", "echo out; echo err >&2; exit 3"])
    assert (result.exit_code, result.stdout, result.stderr) == (3, b"out\n", b"err\n")
    assert (await run(id, ["false"])).exit_code == 1
    assert (await run(id, ["pwd"], workdir="/etc")).stdout == b"/etc\n"
    assert (await run(id, ["whoami"], user="guest")).stdout == b"guest\n"
    assert b"COLOUR=blue\n" in (await run(id, ["env"], env={"COLOUR": "blue"})).stdout
    absent = await run(id, ["no-such-command"])
    assert absent.exit_code in (126, 127)
    assert b"no-such-command" in absent.stdout


async def test_exec_output_is_bounded(bench: Bench) -> None:
    id = await bench.run("web")
    result = await bench.engine.containers.exec(id, ["head", "-c", "3000000", "/dev/zero"], output_limit_bytes=1000)
    assert (result.exit_code, result.truncated, len(result.stdout)) == (0, True, 1000)


async def test_exec_time_limit(bench: Bench) -> None:
    id = await bench.run("web")
    started = time.monotonic()
    result = await bench.engine.containers.exec(id, ["sleep", "300"], timeout_s=0.3)
    assert time.monotonic() - started < 5
    assert (result.exit_code, result.timed_out, result.killed) == (None, True, True)


async def test_exec_needs_a_running_container(bench: Bench) -> None:
    id = await bench.run("job", ended=True)
    with pytest.raises(Conflict):
        await bench.engine.containers.exec(id, ["true"])
    paused = await bench.run("web")
    await bench.engine.containers.pause(paused)
    with pytest.raises(Conflict):
        await bench.engine.containers.exec(paused, ["true"])


# --- ids ---


@pytest.mark.parametrize("id", BAD_IDS)
async def test_bad_ids_never_reach_the_engine(bench: Bench, id: str) -> None:
    engine = bench.engine
    for call in (
        engine.containers.inspect,
        engine.containers.start,
        engine.containers.stop,
        engine.containers.remove,
        engine.containers.logs,
        engine.containers.follow_logs,
        engine.networks.inspect,
        engine.networks.remove,
        engine.volumes.inspect,
        engine.volumes.remove,
        engine.volumes.archive,
    ):
        with pytest.raises(Invalid):
            await call(id)
    with pytest.raises(Invalid):
        await engine.containers.exec(id, ["true"])


@pytest.mark.parametrize("id", ["", "../x", "a//b", "a/../b", "x?force=1", "x#", "a b", ":1", "x:", "x@sha256:12"])
async def test_bad_image_references(bench: Bench, id: str) -> None:
    with pytest.raises(Invalid):
        await bench.engine.images.remove(id)


@pytest.mark.parametrize("id", [ABSENT, ABSENT[:12], "absent"])
async def test_absent_things(bench: Bench, id: str) -> None:
    engine = bench.engine
    for call in (
        engine.containers.inspect,
        engine.containers.start,
        engine.containers.stop,
        engine.containers.restart,
        engine.containers.pause,
        engine.containers.kill,
        engine.containers.remove,
        engine.containers.logs,
        engine.containers.follow_logs,
        engine.networks.inspect,
        engine.networks.remove,
        engine.images.remove,
        engine.volumes.inspect,
        engine.volumes.remove,
        engine.volumes.archive,
    ):
        with pytest.raises(NotFound):
            await call(id)
    with pytest.raises(NotFound):
        await engine.containers.rename(id, "other")
    with pytest.raises(NotFound):
        await engine.containers.exec(id, ["true"])


# --- events ---


async def take(events: EngineStream[EngineEvent], count: int) -> list[EngineEvent]:
    return [await asyncio.wait_for(anext(events), 10) for _ in range(count)]


async def test_events_come_in_order(bench: Bench) -> None:
    containers = bench.engine.containers
    async with await bench.engine.events() as events:
        id = await bench.run("web")
        await containers.pause(id)
        await containers.unpause(id)
        await containers.exec(id, ["true"])
        await containers.rename(id, "shop")
        await containers.stop(id, timeout_s=5)
        await containers.start(id)
        await bench.end(id)
        await eventually(lambda: ended(bench.engine, id), "the end")
        await containers.remove(id)
        seen: list[EngineEvent] = []
        while not seen or seen[-1].action != "destroy":
            seen += [event for event in await take(events, 1) if event.kind == "container"]
    assert {event.id for event in seen} == {id}
    actions = [event.action for event in seen if event.action != "kill"]
    assert actions == [
        "create", "start", "pause", "unpause", "rename", "die", "stop", "start", "die", "destroy"
    ]  # fmt: skip
    assert [event.at_ns for event in seen] == sorted(event.at_ns for event in seen)
    dies = [event for event in seen if event.action == "die"]
    assert [event.attributes["exitCode"] for event in dies] == [str(STOPS_WITH), str(ENDS_WITH)]
    assert seen[-1].attributes["name"] == "shop"


async def ended(engine: ContainerEngine, id: str) -> bool:
    return (await engine.containers.inspect(id)).state == "exited"


async def test_events_since(bench: Bench) -> None:
    async with await bench.engine.events() as events:
        await bench.engine.networks.create("n1")
        first = (await take(events, 1))[0]
    await bench.engine.networks.remove("n1")
    async with await bench.engine.events(since_ns=first.at_ns + 1) as events:
        later = (await take(events, 1))[0]
    assert (first.kind, first.action, first.attributes["name"]) == ("network", "create", "n1")
    assert (later.action, later.id) == ("destroy", first.id)


async def test_events_of_networks_volumes_and_images(bench: Bench) -> None:
    async with await bench.engine.events() as events:
        network = await bench.engine.networks.create("n1")
        await bench.engine.networks.remove("n1")
        await bench.engine.volumes.create("v1")
        await bench.engine.volumes.remove("v1")
        seen = [(event.kind, event.action, event.id) for event in await take(events, 4)]
    assert seen == [
        ("network", "create", network.id),
        ("network", "destroy", network.id),
        ("volume", "create", "v1"),
        ("volume", "destroy", "v1"),
    ]


# --- networks, images ---


async def test_networks(bench: Bench) -> None:
    networks = bench.engine.networks
    assert {"bridge", "host", "none"} <= {network.name for network in await networks.all() if network.builtin}
    made = await networks.create("shop", internal=True, labels={"a": "b"})
    assert (made.name, made.driver, made.internal, made.labels, made.builtin) == (
        "shop",
        "bridge",
        True,
        {"a": "b"},
        False,
    )
    assert len(made.subnets) == 1
    assert made.members == {}
    with pytest.raises(Conflict):
        await networks.create("shop")
    with pytest.raises(Invalid):
        await networks.create("a/b")
    id = await bench.run("web", network="shop")
    assert (await networks.inspect("shop")).members == {id: "web"}
    with pytest.raises(Conflict, match="web"):
        await networks.remove("shop")
    with pytest.raises(Forbidden):
        await networks.remove("bridge")
    await bench.engine.containers.remove(id, force=True)
    await networks.remove(made.id)
    assert "shop" not in {network.name for network in await networks.all()}


async def test_images(bench: Bench) -> None:
    images = bench.engine.images
    await bench.add_image("talome-test/other:1")
    id = await bench.run("web")
    known = {image.tags: image for image in await images.all()}
    assert {(IMAGE,), ("talome-test/other:1",)} <= known.keys()
    assert known[(IMAGE,)].size_bytes > 1_000_000
    assert not known[(IMAGE,)].dangling
    with pytest.raises(Conflict):
        await images.remove(IMAGE)
    await images.remove("talome-test/other:1")
    with pytest.raises(NotFound):
        await images.remove("talome-test/other:1")
    usage = await bench.engine.disk_usage()
    assert usage.layers_bytes > 1_000_000
    assert [image.containers for image in usage.images if image.tags == (IMAGE,)] == [1]
    assert id in usage.container_bytes


# --- volumes ---


def sample_tar() -> bytes:
    """A database's folder as it is found in the wild: another owner, closed, links, old times, awkward names."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as tar:

        def add(name: str, kind: bytes, mode: int, data: bytes = b"", link: str = "") -> None:
            header = tarfile.TarInfo(name)
            header.type, header.mode, header.size, header.linkname = kind, mode, len(data), link
            header.uid, header.gid, header.mtime = 999, 998, 1_600_000_000
            tar.addfile(header, io.BytesIO(data))

        add("volume", tarfile.DIRTYPE, 0o700)
        add("volume/data", tarfile.DIRTYPE, 0o2750)
        add("volume/data/big.bin", tarfile.REGTYPE, 0o600, bytes(range(256)) * 8192)
        add("volume/data/ünïcode name.txt", tarfile.REGTYPE, 0o644, b"hello")
        add("volume/" + "long" * 40, tarfile.REGTYPE, 0o640, b"")
        add("volume/link", tarfile.SYMTYPE, 0o777, link="data/big.bin")
        add("volume/run.sh", tarfile.REGTYPE, 0o4755, b"#!/bin/sh\n")
    return packed.getvalue()


def contents(tar: bytes) -> dict[str, tuple[object, ...]]:
    found: dict[str, tuple[object, ...]] = {}
    with tarfile.open(fileobj=io.BytesIO(tar)) as opened:
        for entry in opened:
            data = opened.extractfile(entry) if entry.isfile() else None
            found[entry.name] = (
                entry.type, entry.mode & 0o7777, entry.uid, entry.gid, int(entry.mtime), entry.linkname,
                data.read() if data else b"",
            )  # fmt: skip
    return found


async def pieces(tar: bytes, size: int = 10_000) -> AsyncIterator[bytes]:
    for start in range(0, len(tar), size):
        yield tar[start : start + size]
        yield b""


async def archived(engine: ContainerEngine, name: str) -> bytes:
    async with await engine.volumes.archive(name) as chunks:
        return b"".join([chunk async for chunk in chunks])


async def test_volumes(bench: Bench) -> None:
    volumes = bench.engine.volumes
    made = await volumes.create("data", labels={"a": "b"})
    assert (made.name, made.driver, made.labels, made.anonymous) == ("data", "local", {"a": "b"}, False)
    assert await volumes.create("data") == made  # as Docker does: the one there is
    assert [volume.name for volume in await volumes.all()] == ["data"]
    id = await bench.run("web", volume="data")
    detail = await bench.engine.containers.inspect(id)
    assert [(mount.kind, mount.name, mount.target) for mount in detail.mounts] == [("volume", "data", "/data")]
    with pytest.raises(Conflict):
        await volumes.remove("data")
    usage = await bench.engine.disk_usage()
    assert [(volume.name, volume.references) for volume in usage.volumes] == [("data", 1)]
    await bench.engine.containers.remove(id, force=True)
    await volumes.remove("data")
    assert await volumes.all() == []


async def test_a_volume_comes_back_byte_for_byte(bench: Bench) -> None:
    volumes = bench.engine.volumes
    sample = sample_tar()
    await volumes.create("data")
    await volumes.restore("data", pieces(sample))
    kept = await archived(bench.engine, "data")
    assert contents(kept) == contents(sample)
    await volumes.remove("data")
    await volumes.create("data")
    await volumes.restore("data", pieces(kept, 512))
    assert await archived(bench.engine, "data") == kept
    assert await bench.engine.containers.all() == []
    await volumes.remove("data")


async def test_archive_of_a_volume_in_use_and_abandoned_half_way(bench: Bench) -> None:
    volumes = bench.engine.volumes
    await volumes.create("data")
    await volumes.restore("data", pieces(sample_tar()))
    id = await bench.run("web", volume="data")
    async with await volumes.archive("data") as chunks:
        assert await anext(chunks)
    assert contents(await archived(bench.engine, "data")) == contents(sample_tar())
    await bench.engine.containers.remove(id, force=True)
    assert await gone(bench.engine, id)
    await volumes.remove("data")


async def test_restore_tells_of_a_broken_source(bench: Bench) -> None:
    volumes = bench.engine.volumes
    await volumes.create("data")

    async def broken() -> AsyncIterator[bytes]:
        yield sample_tar()[:5000]
        raise Conflict("the disk with the trash was pulled out")

    with pytest.raises(Conflict, match="pulled out"):
        await volumes.restore("data", broken())
    with pytest.raises(TalomeError):
        await volumes.restore("data", pieces(b"this is not a tar" * 100))
    with pytest.raises(NotFound):
        await volumes.restore("absent", pieces(sample_tar()))
    assert [volume.name for volume in await volumes.all()] == ["data"]
    await volumes.remove("data")


async def test_after_close(bench: Bench) -> None:
    await bench.engine.close()
    with pytest.raises(Unavailable):
        await bench.engine.containers.all()
