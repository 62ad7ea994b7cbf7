"""Logs: bounded pages, times in three forms, searches that cannot hang the server, and streams that end."""

import asyncio
import time
from contextlib import aclosing
from pathlib import Path

import pytest

from talome.core.errors import Invalid, NotFound
from talome.home.containers.matching import Pattern, matcher
from tests.fakes.docker import FakeContainer, FakeEngine
from tests.home.house import House, until


@pytest.fixture
async def web(engine: FakeEngine, house: House) -> FakeContainer:
    box = engine.add_container("web", log=[("stdout", f"GET /{number}") for number in range(300)])
    engine.write_log(box.id, "Error: disk full", "stderr")
    await until(lambda: house.mirror.get(box.id) is not None)
    return box


async def test_a_page_is_the_latest_lines(house: House, web: FakeContainer) -> None:
    page = await house.call("containers.logs", id="web", tail=2)
    assert [line.text for line in page.lines] == ["GET /299", "Error: disk full"]
    assert [line.stream for line in page.lines] == ["stdout", "stderr"]
    assert page.lines[0].at <= page.lines[1].at
    assert len((await house.call("containers.logs", id="web")).lines) == 200
    with pytest.raises(NotFound):
        await house.call("containers.logs", id="nobody")


async def test_searches(house: House, web: FakeContainer) -> None:
    async def found(**arguments: object) -> list[str]:
        return [line.text for line in (await house.call("containers.logs", id="web", **arguments)).lines]

    assert await found(search="error") == ["Error: disk full"]
    assert await found(search="get /29", tail=3) == ["GET /297", "GET /298", "GET /299"]
    assert await found(search=r"^GET /1\d$", regex=True) == [f"GET /1{number}" for number in range(10)]
    assert await found(search="GET", tail=0) == []
    assert (await house.call("containers.logs", id="web", search="get", tail=3)).truncated
    with pytest.raises(Invalid, match="cannot be understood"):
        await found(search="(", regex=True)


async def test_a_catastrophic_pattern_does_not_hang_the_server(engine: FakeEngine, house: House) -> None:
    box = engine.add_container("evil", log=[("stdout", "a" * 60 + "!")])
    await until(lambda: house.mirror.get(box.id) is not None)
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            await asyncio.sleep(0.02)
            ticks += 1

    ticking = asyncio.create_task(tick())
    with pytest.raises(Invalid, match="too long"):
        await house.call("containers.logs", id="evil", search="(a+)+$", regex=True)
    assert ticks > 10, "the server went on meanwhile"
    ticking.cancel()


async def test_the_process_of_a_pattern_ends(house: House) -> None:
    pattern = await matcher("a+", regex=True)
    assert isinstance(pattern, Pattern)
    assert await pattern.pick(["b", "caat", "ä\n", "a"]) == [1, 3]
    pid = pattern._process.pid
    assert Path(f"/proc/{pid}").exists()
    await pattern.close()
    assert pattern._process.returncode is not None
    await pattern.close()


async def test_times(house: House, web: FakeContainer) -> None:
    middle = web.lines[100].at_ns / 1e9

    async def count(**arguments: object) -> int:
        return len((await house.call("containers.logs", id="web", tail=1000, **arguments)).lines)

    assert await count(since="10m") == 301
    assert await count(since="1h30m") == 301
    assert await count(until="10m") == 0
    assert await count(since=time.time() + 60) == 0
    assert await count(since="2020-01-01T00:00:00Z", until="2020-01-02") == 0
    assert 195 <= await count(since=str(middle)) <= 205
    for wrong in ("yesterday", "10x", "-5", "9" * 30, "2026-13-01"):
        with pytest.raises(Invalid, match="since"):
            await count(since=wrong)


async def test_following_goes_on_until_the_container_ends(engine: FakeEngine, house: House, web: FakeContainer) -> None:
    texts: list[str] = []

    async def watch() -> None:
        async with aclosing(await house.call("containers.logs", id="web", follow=True, tail=2)) as batches:
            async for batch in batches:
                texts.extend(line.text for line in batch.lines)

    watching = asyncio.create_task(watch())
    await until(lambda: texts == ["GET /299", "Error: disk full"])
    engine.write_log(web.id, "bye")
    await until(lambda: texts[-1] == "bye")
    engine.end_container(web.id)
    await asyncio.wait_for(watching, 5)
    assert not web.followers


async def test_a_followed_search_shows_only_matches(engine: FakeEngine, house: House, web: FakeContainer) -> None:
    for regex, search in ((False, "ERROR"), (True, "^E.*full$")):
        async with aclosing(
            await house.call("containers.logs", id="web", follow=True, search=search, regex=regex, tail=1)
        ) as batches:
            first = await anext(batches)
            assert [line.text for line in first.lines] == ["Error: disk full"]
            engine.write_log(web.id, "fine")
            engine.write_log(web.id, "Error: disk full")
            second = await anext(batches)
            assert [line.text for line in second.lines] == ["Error: disk full"]
        assert not web.followers


async def test_refusals_come_before_the_stream(house: House, web: FakeContainer) -> None:
    for wrong in ({"id": "nobody"}, {"id": "web", "until": "1m"}, {"id": "web", "search": "(", "regex": True}):
        with pytest.raises((Invalid, NotFound)):
            await house.call("containers.logs", follow=True, **wrong)


async def test_a_stream_that_is_never_read_lets_go(house: House, web: FakeContainer) -> None:
    stream = await house.call("containers.logs", id="web", follow=True)
    assert web.followers
    await stream.aclose()
    assert not web.followers


async def test_a_stretch_is_read_to_its_end_and_no_line_at_its_edge_is_lost(
    engine: FakeEngine, house: House, web: FakeContainer
) -> None:
    async def read(**arguments: object) -> list[str]:
        async with aclosing(await house.call("containers.read_logs", id="web", **arguments)) as batches:
            found = [batch async for batch in batches]
        assert all(len(batch.lines) <= 2000 and not batch.dropped for batch in found)
        return [line.text for batch in found for line in batch.lines]

    for number in range(5000):
        engine.write_log(web.id, f"more {number}")
    assert await read() == [line.text for line in web.lines]
    assert await read(tail=1) == ["more 4999"]
    page = await house.call("containers.logs", id="web", tail=10)
    edge = page.lines[0].at.isoformat()
    assert "more 4990" in await read(since=edge), "the time on the wire is never later than the line"
    assert "more 4989" in await read(until=edge)
    with pytest.raises(NotFound):
        await house.call("containers.read_logs", id="nobody")


async def test_a_line_that_was_cut_says_so(engine: FakeEngine, house: House, web: FakeContainer) -> None:
    engine.write_log(web.id, "x" * 10_000_000)
    [line] = (await house.call("containers.logs", id="web", tail=1)).lines
    assert (len(line.text), line.cut) == (64 * 1024, True)
