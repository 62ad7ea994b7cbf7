"""The terminal process (`process`) and a house that uses it (`house`)."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fakes.docker import FakeEngine
from tests.home.terminals import Process, start_process
from tests.support.house import House, open_house


@pytest.fixture
async def process(tmp_path: Path) -> AsyncIterator[Process]:
    started = await start_process(tmp_path / "home")
    yield started
    assert started.stop() == 0


@pytest.fixture
async def house(process: Process) -> AsyncIterator[House]:
    async with open_house(process.home, FakeEngine()) as opened:
        yield opened
