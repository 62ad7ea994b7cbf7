"""The contract suite, over the fake engine and the real one: logs and commands in containers."""

from __future__ import annotations

import asyncio
import time

import pytest

from talome.core.errors import Conflict
from talome.engines.docker.models import LogLine
from talome.engines.docker.protocol import ContainerEngine
from tests.engines.bench import Bench, eventually


def texts(lines: tuple[LogLine, ...]) -> list[str]:
    return [line.text for line in lines]


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


async def test_a_log_is_read_whole_however_long_and_ends(bench: Bench) -> None:
    told = [f"{number:05}" for number in range(150)]
    id = await bench.run("web", log=[("stdout", text) for text in told])
    read = bench.engine.containers.read_logs

    async def all_of(**arguments: int) -> list[LogLine]:
        async with await read(id, **arguments) as batches:
            found = [batch async for batch in batches]
        assert not any(batch.dropped for batch in found)
        return [line for batch in found for line in batch.lines]

    lines = await all_of()
    assert [line.text for line in lines] == told
    middle = await all_of(since_ns=lines[10].at_ns, until_ns=lines[12].at_ns)
    assert [line.text for line in middle] == ["00010", "00011", "00012"]
    assert [line.text for line in await all_of(tail=2)] == ["00148", "00149"]
    assert await all_of(since_ns=lines[-1].at_ns + 3600 * 10**9) == []


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
