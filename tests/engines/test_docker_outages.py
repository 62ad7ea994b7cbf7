"""The real engine stopped, restarted, frozen, and read too slowly: our client recovers by itself and never hangs."""

from __future__ import annotations

import asyncio
import select
import socket
import socketserver
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from talome.core.errors import Conflict, TalomeError, Unavailable
from talome.engines.docker.engine import Docker
from tests.engines.bench import eventually
from tests.support.docker_engine import EngineDaemon

pytestmark = pytest.mark.docker


@pytest.fixture
def fragile(clean_daemon: EngineDaemon) -> Iterator[EngineDaemon]:
    """A daemon that the test may stop or freeze; it runs again afterwards."""
    yield clean_daemon
    if clean_daemon.stopped:
        clean_daemon.start()
    else:
        clean_daemon.thaw()


@pytest.fixture
async def engine(fragile: EngineDaemon) -> AsyncIterator[Docker]:
    made = Docker(fragile.host, timeout_s=2)
    yield made
    await made.close()


def waiter(daemon: EngineDaemon, script: str = "") -> str:
    return daemon.run(["sh", "-c", f"trap 'exit 0' TERM; {script} sleep 600 & wait"], host={"network_mode": "none"})


async def test_nothing_is_connected_before_the_first_call(tmp_path: Path) -> None:
    engine = Docker(f"unix://{tmp_path}/absent.sock")
    with pytest.raises(Unavailable, match="is not running") as caught:
        await engine.ping()
    assert caught.value.error_code == "engine_unreachable"
    await engine.close()


async def test_restart_of_the_daemon(engine: Docker, fragile: EngineDaemon) -> None:
    id = waiter(fragile)
    assert len(await engine.containers.all()) == 1
    events, batches = await engine.events(), await engine.containers.follow_logs(id)
    await asyncio.to_thread(fragile.stop)
    with pytest.raises(Unavailable, match="was lost"):
        async for _ in events:
            pass
    with pytest.raises((Unavailable, StopAsyncIteration)):
        await anext(batches)
    for call in (engine.containers.all, engine.ping, engine.events, engine.volumes.all):
        with pytest.raises(Unavailable, match="not running"):
            await call()
    await events.aclose()
    await batches.aclose()
    await asyncio.to_thread(fragile.start)
    assert [row.state for row in await engine.containers.all()] == ["exited"]
    async with await engine.events() as again:
        await engine.containers.start(id)
        seen = await asyncio.wait_for(anext(again), 5)
        while seen.action != "start":
            seen = await asyncio.wait_for(anext(again), 5)


async def test_a_killed_daemon(engine: Docker, fragile: EngineDaemon) -> None:
    async with await engine.events() as events:
        await asyncio.to_thread(fragile.stop, kill=True)
        with pytest.raises(Unavailable, match="was lost"):
            await asyncio.wait_for(anext(events), 5)


async def test_a_frozen_daemon(engine: Docker, fragile: EngineDaemon) -> None:
    id = waiter(fragile)
    async with await engine.containers.follow_logs(id) as batches:
        fragile.freeze()
        started = time.monotonic()
        with pytest.raises(Unavailable, match="did not answer") as caught:
            await engine.ping(timeout_s=0.3)
        assert time.monotonic() - started < 2
        assert caught.value.error_code == "engine_unreachable"
        # Many callers at once all get their answer in time, although they outnumber the threads.
        calls = [engine.containers.all() for _ in range(30)] + [engine.containers.follow_logs(id)]
        answers = await asyncio.gather(*calls, return_exceptions=True)
        assert all(isinstance(answer, Unavailable) for answer in answers)
        assert time.monotonic() - started < 15
        fragile.thaw()
        await eventually(lambda: answering(engine), "the daemon to thaw")
        assert [row.state for row in await engine.containers.all()] == ["running"]
        await engine.containers.exec(id, ["sh", "-c", "echo back > /proc/1/fd/1"])
        assert (await asyncio.wait_for(anext(batches), 5)).lines[0].text == "back"


async def answering(engine: Docker) -> bool:
    try:
        await engine.ping()
    except TalomeError:
        return False
    return True


async def test_closing_with_calls_under_way(fragile: EngineDaemon) -> None:
    engine = Docker(fragile.host, timeout_s=2)
    await engine.ping()
    events = await engine.events()
    waiting = asyncio.ensure_future(anext(events))
    fragile.freeze()
    call = asyncio.ensure_future(engine.containers.all())
    await asyncio.sleep(0)
    started = time.monotonic()
    await engine.close()
    assert time.monotonic() - started < 1
    with pytest.raises((Unavailable, StopAsyncIteration)):
        await asyncio.wait_for(waiting, 3)
    with pytest.raises(Unavailable):
        await asyncio.wait_for(call, 8)
    await events.aclose()


async def test_streams_are_bounded_in_number(engine: Docker, fragile: EngineDaemon) -> None:
    id = waiter(fragile)
    opened = [await engine.containers.follow_logs(id) for _ in range(30)]
    with pytest.raises(Unavailable, match="Too many"):
        await engine.containers.follow_logs(id)
    async with await engine.events():
        pass  # Talome itself is never kept from seeing what happens
    assert len(await engine.containers.all()) == 1  # calls have threads of their own
    started = time.monotonic()
    await asyncio.gather(*(batches.aclose() for batches in opened))
    assert time.monotonic() - started < 2
    async with await engine.events():
        pass


async def test_a_slow_reader_of_a_chatty_container(engine: Docker, fragile: EngineDaemon) -> None:
    total = 8000
    script = f"seq 1 {total} | sed \"s/$/ $(head -c 500 /dev/zero | tr '\\0' x)/\"; sleep 600"
    # It goes on running: once a container has ended, Docker itself cuts short what a slow reader has not taken yet.
    id = fragile.run(["sh", "-c", script], host={"network_mode": "none"})
    batches = await engine.containers.follow_logs(id, tail=None)

    async def lost_some() -> bool:
        return batches._mailbox._dropped > 0

    await eventually(lost_some, "the stream to run out of room and of patience", 30)
    seen = dropped = last = 0
    while last < total:
        batch = await asyncio.wait_for(anext(batches), 20)
        assert sum(len(line.text) for line in batch.lines) <= 2 * 1024 * 1024
        dropped += batch.dropped
        seen += len(batch.lines)
        last = int(batch.lines[-1].text.split()[0])
    await batches.aclose()
    assert dropped > 0
    assert (seen + dropped, last) == (total, total)


async def test_a_cancelled_exec_is_killed_in_the_container(engine: Docker, fragile: EngineDaemon) -> None:
    id = waiter(fragile)
    running = asyncio.ensure_future(engine.containers.exec(id, ["sh", "-c", "sleep 4242 & sleep 4242; echo"]))

    async def asleep() -> int:
        listing = await engine.containers.exec(id, ["ps", "-o", "args"])
        return listing.stdout.decode().splitlines().count("sleep 4242")

    async def count_is(number: int) -> bool:
        return await asleep() == number

    await eventually(lambda: count_is(2), "the command to run")
    running.cancel()
    await eventually(lambda: count_is(0), "the command to be killed")


async def test_stops_do_not_hold_up_quick_calls(engine: Docker, fragile: EngineDaemon) -> None:
    create = [asyncio.to_thread(fragile.run, ["sleep", "600"], host={"network_mode": "none"}) for _ in range(9)]
    stubborn = await asyncio.gather(*create)
    stops = [asyncio.ensure_future(engine.containers.stop(id, timeout_s=1)) for id in stubborn]
    await asyncio.sleep(0.2)
    started = time.monotonic()
    await engine.containers.all()
    assert time.monotonic() - started < 1
    await asyncio.gather(*stops)


async def test_a_taken_port_is_a_conflict(engine: Docker, fragile: EngineDaemon) -> None:
    options = {"port_bindings": {80: ("127.0.0.1", 18080)}}
    fragile.run(["sleep", "600"], ports=[80], host=dict(options))
    second = fragile.run(["sleep", "600"], ports=[80], host=dict(options), start=False)
    with pytest.raises(Conflict, match="port is already allocated"):
        await engine.containers.start(second)


async def test_what_an_interrupted_archive_left_does_not_block_the_volume(
    engine: Docker, fragile: EngineDaemon
) -> None:
    await engine.volumes.create("data")
    other = Docker(fragile.host)
    await other.volumes.archive("data")  # its process "died" here: nobody closes the stream
    await other.close()
    assert len(fragile.api.containers(all=True)) == 1
    assert await engine.containers.all() == []
    await engine.volumes.remove("data")
    assert fragile.api.containers(all=True) == []


@contextmanager
def over_tcp(path: Path) -> Iterator[str]:
    """The unix socket at `path` as a TCP address."""

    class Forward(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with socket.socket(socket.AF_UNIX) as inner:
                inner.connect(str(path))
                other = {inner: self.request, self.request: inner}
                while True:
                    for ready in select.select(list(other), [], [])[0]:
                        data = ready.recv(65536)
                        if not data:
                            return
                        other[ready].sendall(data)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Forward) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"tcp://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


async def test_an_engine_over_tcp(fragile: EngineDaemon) -> None:
    with over_tcp(fragile.socket) as address:
        engine = Docker(address)
        id = await asyncio.to_thread(waiter, fragile)
        async with await engine.events() as events, await engine.containers.follow_logs(id) as batches:
            result = await engine.containers.exec(id, ["sh", "-c", "echo seen > /proc/1/fd/1; echo out"])
            assert result.stdout == b"out\n"
            assert (await asyncio.wait_for(anext(batches), 5)).lines[0].text == "seen"
            await engine.containers.kill(id)
            assert (await asyncio.wait_for(anext(events), 5)).action == "kill"
        await engine.close()
