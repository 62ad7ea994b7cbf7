"""A module in a process of its own: it ends with its caller, and what it says last is told."""

import asyncio
from pathlib import Path

import pytest

from talome.engines.child import run_module

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
