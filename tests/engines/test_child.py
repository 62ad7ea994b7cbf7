"""Child processes whose caller goes away, who say more than anybody reads, or who leave others behind; and a module in
a process of its own: it ends with its caller, and what it says last is told."""

import asyncio
from asyncio.subprocess import PIPE
from pathlib import Path

import pytest

from talome.engines.child import Child, run_module, start

ENVIRONMENT = {"PATH": "/usr/bin:/bin"}
SLEEPER = "tests.engines.sleeper"


def is_running(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


async def test_how_it_ended_is_told() -> None:
    assert (await run_module("json.tool", b"{}", timeout_s=20)).code == 0
    ended = await run_module("json.tool", b"{", timeout_s=20)
    assert ended.code != 0
    assert "Expecting property name" in ended.said


async def test_it_is_ended_for_its_time_and_with_its_caller(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    work = asyncio.create_task(run_module(SLEEPER, str(note).encode(), timeout_s=60))
    async with asyncio.timeout(20):
        while not note.exists() or not note.read_text():
            await asyncio.sleep(0.01)
    pid = int(note.read_text())
    assert is_running(pid)
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert not is_running(pid)
    with pytest.raises(TimeoutError):
        await run_module(SLEEPER, str(note).encode(), timeout_s=0.2)


async def test_it_learns_nothing_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TALOME_SECRET", "5e" * 32)
    ended = await run_module("tests.engines.teller", b"", timeout_s=20)
    assert "TALOME_SECRET" not in ended.said
    assert "PATH" in ended.said


def living(word: str) -> list[str]:
    """Processes with this word among their arguments."""
    lines = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if path.exists()]
    return [line.decode() for line in lines if word.encode() in line.split(b"\0")]


@pytest.mark.parametrize("steps", range(12))
async def test_a_start_that_is_given_up_at_any_step_leaves_nothing(steps: int) -> None:
    starting = asyncio.create_task(
        start("sleep", f"7{steps}.25", env=ENVIRONMENT, stdin=PIPE, stdout=PIPE, stderr=PIPE)
    )
    for _ in range(steps):
        await asyncio.sleep(0)
    starting.cancel()
    done, _ = await asyncio.wait([starting], timeout=20)
    assert done, "what it had started already holds the pipes"
    if not starting.cancelled():
        await starting.result().end()
    assert living(f"7{steps}.25") == []


async def shell(script: str) -> Child:
    return await start("sh", "-c", script, env=ENVIRONMENT, stdin=PIPE, stdout=PIPE, stderr=PIPE)


async def test_it_is_ended_where_nobody_reads_what_it_says() -> None:
    process = await shell("yes & yes >&2")
    await asyncio.sleep(0.1)
    await process.end()
    assert process.returncode == -9


async def test_it_is_ended_where_a_daemon_of_it_keeps_the_pipes(tmp_path: Path) -> None:
    process = await shell(f"setsid sh -c 'echo $$ > {tmp_path}/pid; sleep 30' & sleep 30")
    while not (tmp_path / "pid").exists():
        await asyncio.sleep(0.01)
    if process.stdin is not None:
        process.stdin.write(b"x" * 1_000_000)
    await process.end()
    assert process.returncode == -9
    await (await shell(f"kill $(cat {tmp_path}/pid)")).wait()


async def test_one_that_was_heard_to_the_end_is_left_alone() -> None:
    process = await shell("echo word; echo wrong >&2; exit 3")
    assert await process.communicate() == (b"word\n", b"wrong\n")
    await process.end()
    assert process.returncode == 3
